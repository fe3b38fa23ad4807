"""Load the directory's own content, by the same way as an uploaded file."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from core.imports import apply
from core.imports.layouts import StrictResource
from core.imports.mapping import WrongHeaders
from core.imports.models import ImportBatch
from core.imports.readers.limits import Unreadable
from core.imports.registry import resources

FIXTURES = settings.BASE_DIR / "fixtures"


class Command(BaseCommand):
    """`manage.py load_fixtures`."""

    help = "Load fixtures/*.csv: all of it or, if any row is refused, nothing. A file loaded before is left alone."

    def handle(self, *args: object, **options: object) -> None:
        source = {"source_title": "CoopDir fact sheet", "source_licence": "CC-BY-4.0"}
        with transaction.atomic():
            for name, resource in resources().items():
                for path in sorted([*FIXTURES.glob(f"{name}.csv"), *FIXTURES.glob(f"{name}_*.csv")]):
                    if path.stem != name and path.stem in resources():
                        continue  # zone_countries.csv is no second file of zones
                    self._load(resource(), path, source)

    def _load(self, resource: StrictResource, path: Path, source: dict[str, str]) -> None:
        content = path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if ImportBatch.objects.filter(resource=resource.name, sha256=digest).exists():
            return  # again would undo what people have changed since
        try:
            imported = apply.import_file(
                resource, content, source=source, file_name=path.name, options={"all_or_nothing": True}, keep=False
            )
        except (WrongHeaders, Unreadable) as error:
            raise CommandError(f"{path.name}: {error}") from None
        if imported.refused:
            lines = [
                f"{path.name}, line {row.line}, {fault.column} “{fault.value}”: {fault.reason}"
                for row in imported.refused
                for fault in row.faults
            ]
            raise CommandError("\n".join(lines))
        counts = ", ".join(f"{count} {outcome}" for outcome, count in imported.batch.counts.items() if count)
        self.stdout.write(f"{path.name}: {counts}")
