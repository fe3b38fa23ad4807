"""The tables of a dump: the layouts that imports read, each with what of it is public and what its columns mean.

A schema is a Table Schema (frictionlessdata.io, version 1), as the data packages of national portals have it. Dates
that are known to the year or the month are texts: Table Schema's own dates have a day.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils.translation import override

from core.imports import cells as imports_cells
from core.imports.columns import Column
from core.imports.layouts import StrictResource
from core.imports.registry import resources
from networks.layouts import MemberLookup
from networks.querysets import networks, support_bodies
from partnerships.models import Party
from partnerships.querysets import agreements, organisations, sources, towns


def _shown(*paths: str) -> Q:
    """Condition on rows: every record that a row names is published; one may be missing."""
    condition = Q()
    for path in paths:
        condition &= Q(**{path: None}) | Q(**{f"{path}__publication": "published"})
    return condition


@dataclass(frozen=True)
class PublicPart:
    """Public part of a layout: the condition and the order of its records; by default the order an import keeps."""

    condition: Q = field(default_factory=Q)
    order: tuple[str, ...] = ("pk",)


def _of(*paths: str) -> PublicPart:
    return PublicPart(_shown(*paths), (*paths[:1], "pk"))


OWN = PublicPart(Q(publication="published"))
_CITED_SOURCES = PublicPart(Q(pk__in=sources().public().order_by().values("pk")))

PUBLIC_PARTS: dict[str, PublicPart] = {
    "sources": _CITED_SOURCES,
    "countries": PublicPart(),
    "zones": PublicPart(),
    "zone_countries": PublicPart(order=("zone", "country")),
    "state_relations": PublicPart(),
    "territories": PublicPart(),
    "territory_parents": PublicPart(order=("territory", "parent", "pk")),
    "themes": PublicPart(),
    "funding_sources": PublicPart(),
    "towns": OWN,
    "town_names": _of("town"),
    "organisations": OWN,
    "organisation_names": _of("organisation"),
    "agreements": OWN,
    "agreement_sources": _of("agreement"),
    "suspensions": _of("party__agreement"),
    "renewals": _of("agreement"),
    "contributions": PublicPart(_shown("agreement"), ("agreement", "funding", "year", "pk")),
    "documents": _of("agreement"),
    "claims": PublicPart(_shown("town", "agreement")),
    "networks": OWN,
    "network_names": _of("network"),
    "network_links": _of("network", "other"),
    "support_bodies": OWN,
    "served_territories": _of("support_body"),
    "memberships": _of("network", "town", "organisation", "member_network", "support_body"),
    "network_claims": PublicPart(_shown("network", "support_body")),
    "milestones": PublicPart(_shown("network")),
    "web_links": PublicPart(_shown("network", "support_body")),
}
"""The tables, in the order in which they can be loaded. None of them holds personal data: contacts, mailboxes, people,
what they sent and what they were sent are in no layout."""

TYPES: dict[type, str] = {
    imports_cells.NumberCell: "integer",
    imports_cells.DegreesCell: "number",
    imports_cells.AmountCell: "number",
    imports_cells.YesNoCell: "boolean",
}
_PARTIAL_DATE_PATTERN = "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"


def type_of(column: Column) -> str:
    """The type of a column's cells in Table Schema."""
    return next((name for widget, name in TYPES.items() if isinstance(column.widget, widget)), "string")


def is_list(column: Column) -> bool:
    """True if the column's cells hold several values, separated by bars."""
    return isinstance(column.widget, imports_cells.ListCell)


def value_of(kind: str, cell: str) -> Any:
    """A cell as a value of its type; None where it is blank."""
    if cell == "":
        return None
    match kind:
        case "integer":
            return int(cell)
        case "number":
            return float(cell)
        case "boolean":
            return cell == "1"
        case _:
            return cell


class DumpTable:
    """A table of a dump."""

    def __init__(self, name: str, hidden: set[str]) -> None:
        """`hidden` are the references of records that are not public: no cell holds one."""
        self.name = name
        self.part = PUBLIC_PARTS[name]
        layout = resources()[name]
        self.resource: StrictResource = layout(parties=_most_parties()) if name == "agreements" else layout()
        fields: dict[str, Column] = self.resource.fields
        self.columns = fields
        self.types = {name: type_of(column) for name, column in fields.items()}
        self.hidden = hidden
        names = (imports_cells.LookupCell, MemberLookup)
        self._naming = [place for place, column in enumerate(fields.values()) if isinstance(column.widget, names)]

    def rows(self) -> Iterator[list[str]]:
        """The cells of the public records, read from the database a few thousand at a time."""
        records: QuerySet = self.resource.model._default_manager.filter(self.part.condition)
        records = self.resource.filter_export(records.order_by(*self.part.order))
        self.resource.before_export(records)
        for record in self.resource.iter_queryset(records):
            cells = self.resource.export_resource(record)
            for place in self._naming:
                if cells[place] in self.hidden:
                    cells[place] = ""
            yield cells

    def schema(self, language: str = "en") -> dict[str, Any]:
        """The table as a Table Schema, its meanings in a language."""
        with override(language):
            fields = [self._field(name, column) for name, column in self.columns.items()]
        schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
        key = self.resource.identities[0] if self.resource.identities else ("reference",)
        if len(key) == 1 and key[0] in self.columns:
            schema["primaryKey"] = key[0]
        if keys := list(self._foreign_keys()):
            schema["foreignKeys"] = keys
        return schema

    def _field(self, name: str, column: Column) -> dict[str, Any]:
        widget = column.widget
        told: dict[str, Any] = {"name": name, "type": self.types[name], "description": str(column.meaning)}
        constraints: dict[str, Any] = {}
        if column.required:
            constraints["required"] = True
        if isinstance(widget, imports_cells.ChoiceCell):
            constraints["enum"] = list(widget.choices.values)
        if isinstance(widget, imports_cells.DateCell):
            constraints["pattern"] = _PARTIAL_DATE_PATTERN
        if isinstance(widget, imports_cells.DayCell):
            told["type"] = "date"
        if isinstance(widget, imports_cells.UrlCell):
            told["format"] = "uri"
        if self.types[name] == "boolean":
            told |= {"trueValues": ["1"], "falseValues": ["0"]}
        if is_list(column):
            told["description"] += " Several are separated by a bar (|)."
        if constraints:
            told["constraints"] = constraints
        return told

    def _foreign_keys(self) -> Iterator[dict[str, Any]]:
        tables = {layout.model: name for name, layout in resources().items() if name in PUBLIC_PARTS}
        for name, column in self.columns.items():
            widget = column.widget
            if isinstance(widget, imports_cells.LookupCell) and widget.model in tables:
                yield {"fields": name, "reference": {"resource": tables[widget.model], "fields": widget.by[0]}}


def _most_parties() -> int:
    """Largest number of parties of a public agreement."""
    counted = Party.objects.filter(agreement__publication="published").order_by().values("agreement")
    return counted.annotate(number=Count("pk")).aggregate(most=Max("number"))["most"] or 2


_RECORD_QUERYSETS: tuple[Callable[[], QuerySet], ...] = (agreements, towns, organisations, networks, support_bodies)


def hidden() -> set[str]:
    """References of all records that are not public."""
    found: set[str] = set()
    for records in _RECORD_QUERYSETS:
        found.update(records().exclude(publication="published").order_by().values_list("reference", flat=True))
    return found


def dump_tables() -> list[DumpTable]:
    """All tables, in the order in which they can be loaded."""
    secret = hidden()
    return [DumpTable(name, secret) for name in PUBLIC_PARTS]
