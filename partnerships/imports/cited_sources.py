"""Sources that the rows of a file cite: the file's own, and those that rows name."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import QuerySet

from core.imports.models import ImportBatch
from core.imports.rows import Row

from ..models import Source

SourceKey = tuple[str, str]
"""Title and address of a source."""


class CitedSources:
    """The sources of a file of agreements: those that are there, and those that it makes."""

    def __init__(self, batch: ImportBatch, seen: QuerySet[Source]) -> None:
        """`seen` are the sources that exist for whose file it is."""
        self.own: SourceKey = (batch.source_title, batch.source_url)
        """The batch's own."""
        self._batch = batch
        self._found = {(source.title, source.url): source for source in seen.order_by("-pk")}
        self._addresses: dict[str, list[str]] = defaultdict(list)
        for title, url in self._found:
            self._addresses[title].append(url)
        self._made: list[int] = []

    def key_of(self, row: Row) -> SourceKey:
        """The source of a row: its own, or the batch's. A title alone means the one source known by it."""
        if "source" not in row.values:
            return self.own
        title, url = row.values["source"], row.values.get("source_url", "")
        addresses = self._addresses.get(title, ())
        return title, addresses[0] if not url and len(addresses) == 1 else url

    def __getitem__(self, key: SourceKey) -> Source:
        return self._found[key]

    def make(self, keys: Iterable[SourceKey]) -> None:
        """Make the sources that are not there; the batch's own with all the batch says of it."""
        made = {key: Source(title=key[0], url=key[1]) for key in sorted(set(keys) - self._found.keys())}
        if own := made.get(self.own):
            own.publisher, own.date = self._batch.source_publisher, self._batch.source_date
            own.licence = self._batch.source_licence
        # What is there, and was not to be told of, is the same one only if all of it is the same.
        found = Source.objects.filter(title__in={title for title, _url in made}) if made else ()
        there = {source.citation: source for source in found}
        new = [source for source in made.values() if source.citation not in there]
        Source.objects.bulk_create(new)
        self._made += [source.pk for source in new]
        self._found |= {key: there.get(source.citation, source) for key, source in made.items()}

    def delete_uncited(self) -> None:
        """Delete those made for rows that the database then refused."""
        Source.objects.filter(pk__in=self._made, agreements=None, towns=None, organisations=None).delete()
