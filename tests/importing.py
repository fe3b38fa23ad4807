"""Short ways for tests to import a table and to see what became of its rows."""

import csv
import io
from collections import Counter
from typing import Any

from django.db.models import Model

from core.imports.apply import Imported, import_file
from core.imports.layouts import StrictResource
from core.imports.models import ImportRow
from core.imports.readers.tables import Sheet, stream
from core.imports.registry import resources
from core.imports.rows import Fault

SOURCE = {"source_title": "A test file", "source_licence": "CC0-1.0"}


def table(*rows: dict[str, Any]) -> bytes:
    """A CSV file of rows, with every column that any of them has."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def read_sheet(content: bytes, **options: Any) -> Sheet:
    """The bytes of a file read at once, the rows in a list."""
    sheet = stream(io.BytesIO(content), **options)
    return Sheet(sheet.headers, list(sheet.rows))


class Told:
    """A kept row of an import, with its faults and its record as objects."""

    def __init__(self, row: ImportRow, model: type[Model]) -> None:
        self.line, self.outcome, self.twin = row.line, row.outcome, row.twin
        self.faults = [Fault(*fault) for fault in row.faults]
        self.changes = {name: (before, after) for name, before, after in row.changes}
        self._key, self._model = row.record, model

    @property
    def record(self) -> Any:
        """The record that the row is about, as it is now."""
        return None if self._key is None else self._model.objects.get(pk=self._key)


class Report:
    """What became of a file, row by row."""

    def __init__(self, imported: Imported, model: type[Model]) -> None:
        self.batch, self.ignored = imported.batch, imported.ignored
        self.rows = [Told(row, model) for row in imported.rows]

    @property
    def refused(self) -> list[Told]:
        """The rows that did not come in."""
        return [row for row in self.rows if row.outcome in ("refused", "question")]


def load(resource: str | StrictResource, *rows: dict[str, Any], **options: Any) -> Report:
    """Import rows. `source`, `file_name`, `user` are those of `import_file`; others are options of the batch."""
    return load_file(resource, table(*rows), **options)


def load_file(resource: str | StrictResource, content: bytes, **options: Any) -> Report:
    """Import the bytes of a file; checks that every row has one outcome and that the counts add up."""
    if isinstance(resource, str):
        resource = resources()[resource]()
    told = {name: options.pop(name) for name in ("user", "progress") if name in options}
    source, file_name = options.pop("source", SOURCE), options.pop("file_name", "test.csv")
    found = import_file(resource, content, source=source, file_name=file_name, options=options, **told)
    imported = Report(found, resource.model)
    counts = Counter(str(row.outcome) for row in imported.rows)
    assert {outcome: count for outcome, count in imported.batch.counts.items() if count} == counts
    assert all(bool(row.faults) == (row in imported.refused) for row in imported.rows)
    return imported


def outcomes(imported: Report) -> list[str]:
    """The outcome of each row, in the order of the file."""
    return [str(row.outcome) for row in imported.rows]


def faults(imported: Report) -> list[tuple[int, str, str, str]]:
    """Line, column, value and reason of every fault."""
    return [(row.line, f.column, f.value, f.reason) for row in imported.refused for f in row.faults]


def reasons(imported: Report) -> str:
    """All the reasons of refused rows, in one text."""
    return "\n".join(str(fault[3]) for fault in faults(imported))


def rows_of(resource: str | StrictResource) -> list[dict[str, str]]:
    """The export of a resource, a dictionary a row."""
    if isinstance(resource, str):
        resource = resources()[resource]()
    return list(csv.DictReader(io.StringIO(resource.export().export("csv"), newline="")))
