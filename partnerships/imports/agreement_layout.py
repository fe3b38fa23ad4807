"""Import and export layout of agreements, one row each, with the columns of as many parties as there are."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any, NamedTuple

from django.db.models import Count, Max, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy
from tablib import Dataset

from core.imports.cells import SEPARATOR, ListCell, LookupCell, TextCell, UrlCell
from core.imports.columns import Column, RowStatement
from core.imports.mapping import KEY
from core.imports.models import ImportBatch

from ..agreements.fields import FieldSection, import_columns
from ..choices import Publication
from ..models import Agreement, FundingSource, Party, Theme
from . import header_aliases
from .agreement_rows import AgreementImport
from .party_columns import PARTY_COLUMN, PARTY_PARTS, PartyColumn


def _codes(column: str, table: str) -> str:
    """SQL expression: the codes that a table links to an agreement, separated by bars."""
    of = f'SELECT DISTINCT {column} COLLATE "C" FROM {table} WHERE agreement_id = partnerships_agreement.id'  # noqa: S608
    return f"array_to_string(ARRAY({of} ORDER BY 1), '{SEPARATOR}')"


FIRST_SOURCE = """
    (SELECT source.{} FROM partnerships_agreementsource AS link JOIN partnerships_source AS source
        ON source.id = link.source_id WHERE link.agreement_id = partnerships_agreement.id ORDER BY link.id LIMIT 1)
"""
"""In SQL: a column of the source that an agreement cites first."""


PARTY_CELLS = """
    ARRAY(
        SELECT ARRAY[{parts}] FROM partnerships_party AS party
        LEFT JOIN partnerships_town AS town ON town.id = party.town_id
        LEFT JOIN partnerships_organisation AS organisation ON organisation.id = party.organisation_id
        WHERE party.agreement_id = partnerships_agreement.id ORDER BY party.position, party.id
    )
"""


class AgreementRow(NamedTuple):
    """An agreement as a row of a file."""

    pk: int
    cells: list[str]


def _agreement_columns() -> dict[str, Column]:
    """Columns of the layout of agreements, in their order: the agreement's own, and those of other tables between them;
    the parties' are added by number."""
    return {
        "reference": Column(
            TextCell(16), gettext_lazy("Reference; given by the directory when left blank."), example="A1"
        ),
        **import_columns(FieldSection.KIND, FieldSection.DATES, FieldSection.STATE),
        "themes": Column(
            ListCell(LookupCell(Theme, "code", "name_en", "name_fr", fold=True), "|;\n"),
            gettext_lazy("Codes of its fields of work, by bars."),
            example="water-sanitation|health",
            sql=_codes("theme_id", "partnerships_agreementtheme"),
        ),
        "funding": Column(
            ListCell(LookupCell(FundingSource, "code", "name_en", "name_fr", fold=True), "|;\n"),
            gettext_lazy("Codes of its funding sources, by bars."),
            sql=_codes("funding_id", "partnerships_fundingcontribution"),
        ),
        **import_columns(FieldSection.TEXTS),
        "source": Column(
            TextCell(300),
            gettext_lazy("Title of the source; the file's own if blank."),
            sql=FIRST_SOURCE.format("title"),
        ),
        "source_url": Column(UrlCell(500), gettext_lazy("Address of the source."), sql=FIRST_SOURCE.format("url")),
        **import_columns(FieldSection.RECORD),
    }


class AgreementResource(AgreementImport):
    """Agreements, one row each, with as many parties as there are."""

    vars().update(_agreement_columns())

    profiles = (
        ("Wikidata", header_aliases.WIKIDATA_HEADERS, header_aliases.WIKIDATA_OPTIONS),
        ("Wikidata (fetch_wikidata)", header_aliases.FETCHED_HEADERS, header_aliases.FETCHED_OPTIONS),
    )

    def __init__(self, *, create_towns: bool = False, parties: int = 2, **kwargs: Any) -> None:
        """`create_towns` lets rows make towns and organisations that the directory and the gazetteer lack; `parties` is
        how many an agreement of an export has at most."""
        super().__init__(**kwargs)
        self.create_towns = create_towns
        self._widen(max(parties, 2))

    # The columns

    def _widen(self, parties: int) -> None:
        """Add the columns for this many parties."""
        for number in range(1, parties + 1):
            for part in PARTY_PARTS:
                self.fields.setdefault(f"{part}_{number}", PartyColumn(part, number))

    def has_column(self, name: str) -> bool:
        if match := PARTY_COLUMN.fullmatch(name):
            self._widen(int(match[2]))
        return super().has_column(name)

    @classmethod
    def of(cls, batch: ImportBatch) -> "AgreementResource":
        resource = super().of(batch)
        resource.create_towns = bool(batch.options.get("create"))
        return resource

    def aliases(self, *, grouped: bool = False) -> Iterator[tuple[str, str]]:
        """Columns and their usual names in foreign files; without a number, those of the first and the second party."""
        for column, names in header_aliases.AGREEMENT_ALIASES.items():
            yield from ((column, name) for name in names)
        for part, names in header_aliases.PARTY_ALIASES.items():
            for name in names:
                if grouped:
                    yield (part, name)
                else:
                    yield (f"{part}_1", name)
                    yield from ((f"{part}_{number}", f"{name} {number}") for number in (1, 2, 3))
                    yield from ((f"{part}_2", form.format(name)) for form in header_aliases.OF_THE_PARTNER)
                    yield from ((f"{part}_1", form.format(name)) for form in header_aliases.OF_THE_FIRST)

    def arranged(self, found: dict[str, tuple[str, str]], headers: list[str]) -> dict[str, tuple[str, str]]:
        """Map a lone country column to the party whose name precedes it: national lists give the partner's only."""
        columns = {column: header for header, (column, _reason) in found.items()}
        lone = columns.get("country_1")
        if (
            lone is None
            or found[lone][1] == "exact"
            or "country_2" in columns
            or not {"party_1", "party_2"} <= set(columns)
        ):
            return found
        places = {number: headers.index(columns[f"party_{number}"]) for number in (1, 2)}
        before = [number for number in places if places[number] < headers.index(lone)]
        nearest = max(before, key=places.__getitem__) if before else min(places, key=places.__getitem__)
        return found | {lone: (f"country_{nearest}", found[lone][1])}

    @property
    def columns_of_members(self) -> list[str]:
        own = [name for name in self.fields if not PARTY_COLUMN.fullmatch(name)]
        return [KEY, *PARTY_PARTS, *own]

    def member_column(self, name: str, number: int) -> str:
        if name not in PARTY_PARTS:
            return name
        column = f"{name}_{number}"
        self.has_column(column)
        return column

    def missing_columns(self, given: set[str]) -> list[str]:
        missing = super().missing_columns(given)
        if "reference" not in given:
            missing += [f"party_{n}" for n in (1, 2) if not given & {f"party_{n}", f"code_{n}"}]
        return missing

    # Export

    def export(self, queryset: QuerySet[Agreement] | None = None, **kwargs: Any) -> Dataset:
        """Every agreement of the queryset (all published ones by default), with the columns of all its parties."""
        if queryset is None:
            queryset = Agreement.objects.filter(publication=Publication.PUBLISHED)
        parties = Party.objects.filter(agreement__in=queryset.order_by().values("pk")).order_by()
        most = parties.values("agreement").annotate(number=Count("pk")).aggregate(most=Max("number"))["most"]
        self._widen(most or 2)
        if kwargs.get("export_fields"):
            kwargs["export_fields"] = [
                *kwargs["export_fields"],
                *(n for n in self.fields if PARTY_COLUMN.fullmatch(n)),
            ]
        return super().export(queryset, **kwargs)

    def written(self, statement: RowStatement) -> None:
        """The cells of the parties, each party's row numbered within its agreement."""
        parts = ", ".join(f'{part[-1]} AS "{name}"' for name, part in PARTY_PARTS.items())
        statement.tables["numbered"] = f"""
            SELECT party.agreement_id AS of,
                row_number() OVER (PARTITION BY party.agreement_id ORDER BY party.position, party.id) AS number, {parts}
            FROM asked JOIN partnerships_party AS party ON party.agreement_id = asked.key
            LEFT JOIN partnerships_town AS town ON town.id = party.town_id
            LEFT JOIN partnerships_organisation AS organisation ON organisation.id = party.organisation_id
        """  # noqa: S608 (columns of ours)
        for name in statement.cells:
            if match := PARTY_COLUMN.fullmatch(name):
                part, number = match.groups()
                statement.cells[name] = f'party_{number}."{part}"'
                join = f"LEFT JOIN numbered AS party_{number} ON party_{number}.of = asked.key"
                if part == "party":
                    statement.joins.append(f"{join} AND party_{number}.number = {number}")

    def filter_export(self, queryset: QuerySet[Agreement], **kwargs: Any) -> QuerySet:
        """The agreements as PostgreSQL writes them: their own cells, and those of each party."""
        own = [
            column.sql or f'partnerships_agreement."{column.target}"'
            for column in self.fields.values()
            if not isinstance(column, PartyColumn)
        ]
        parts = [part[-1] for part in PARTY_PARTS.values()]
        # Nothing in them comes from outside.
        cells = (f"ARRAY[{_texts(own)}]", PARTY_CELLS.format(parts=_texts(parts)))
        return queryset.values_list("pk", *(RawSQL(sql, []) for sql in cells))  # noqa: S611

    def before_export(self, queryset: QuerySet[Agreement], **kwargs: Any) -> None:
        chosen = [self.get_field_name(field) for field in self.get_export_fields(kwargs.get("export_fields"))]
        self._shown_cells = [self.known_columns.index(name) for name in chosen]

    def iter_queryset(self, queryset: QuerySet) -> Iterator[AgreementRow]:
        width = len(self.known_columns)
        for pk, own, parties in queryset.iterator(chunk_size=2000):
            cells = [*own, *chain.from_iterable(parties)]
            yield AgreementRow(pk, cells + [""] * (width - len(cells)))

    def export_resource(self, instance: AgreementRow, selected_fields: Any = None, **kwargs: Any) -> list[str]:
        return [instance.cells[place] for place in self._shown_cells]


def _texts(expressions: Iterable[str]) -> str:
    """Expressions in SQL as texts, blank where there is nothing."""
    return ", ".join(f"coalesce(({expression})::text, '')" for expression in expressions)
