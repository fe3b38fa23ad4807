"""Columns of the parties in files of agreements: one set for each party, numbered."""

import re
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.cells import ChoiceCell, ComputedCell, DateCell, DegreesCell, ListCell, NumberCell, TextCell
from core.imports.columns import Column

from ..choices import Level, PartyRole
from .header_aliases import LEVELS
from .lookups import INSEE, TerritoryLookup, a_country, a_territory

WIKIDATA_ID_PATTERN = "Q[1-9][0-9]{0,14}"


class PartyColumn(Column):
    """A column of the N-th party of an agreement."""

    def __init__(self, part: str, number: int) -> None:
        widget, meaning, example, sql = PARTY_PARTS[part]
        cell = widget()
        if isinstance(cell, TerritoryLookup):
            cell.country_column = f"country_{number}"
        super().__init__(cell, meaning, example=example, sql=sql)
        self.column_name = f"{part}_{number}"


def _read_code(text: str) -> tuple[str, str]:
    scheme, colon, code = text.partition(":")
    if not colon and re.fullmatch("[TO][0-9]+", text.upper()):
        return ("reference", text.upper())
    scheme, code = scheme.strip().lower(), code.strip().upper()
    if scheme == "geonames" and code.isascii() and code.isdigit() and len(code) <= 9:
        return (scheme, str(int(code)))
    if scheme == "insee" and len(code) == 4:
        code = code.zfill(5)
    if (scheme == "insee" and re.fullmatch(INSEE, code)) or (
        scheme == "wikidata" and re.fullmatch(WIKIDATA_ID_PATTERN, code)
    ):
        return (scheme, code)
    raise ValueError(_("Write a code with its list, as in insee:21515, geonames:2984805 or wikidata:Q90."))


class _Code(ComputedCell):
    """An identifier with its scheme, or a reference of the directory."""

    def __init__(self) -> None:
        super().__init__(_read_code, gettext_lazy("insee:…, geonames:…, wikidata:… or a reference"))


def _read_type(text: str) -> str:
    if text.lower() not in ("town", "organisation"):
        raise ValueError(_("Write town or organisation."))
    return text.lower()


DEGREES_SQL = "{0}::text || CASE WHEN {0} = trunc({0}) THEN '.0' ELSE '' END"
"""A coordinate as Python writes it, with a decimal always."""

PARTY_PARTS: dict[str, tuple[Any, Any, str, str]] = {
    "party": (
        lambda: TextCell(200),
        gettext_lazy("Name of the party."),
        "Quetigny",
        "coalesce(town.name, organisation.name)",
    ),
    "type": (
        lambda: ComputedCell(_read_type, gettext_lazy("town or organisation")),
        gettext_lazy("town (if blank) or organisation."),
        "town",
        "CASE WHEN town.id IS NULL THEN 'organisation' ELSE 'town' END",
    ),
    "level": (
        lambda: ChoiceCell(Level, LEVELS),
        gettext_lazy("Kind of local authority."),
        "municipality",
        "town.level",
    ),
    "country": (a_country, gettext_lazy("Its country."), "FR", "coalesce(town.country_id, organisation.country_id)"),
    "territory": (
        a_territory,
        gettext_lazy("ISO 3166-2 code or name of where it lies."),
        "FR-21",
        "coalesce(town.territory_id, organisation.territory_id)",
    ),
    "code": (
        lambda: ListCell(_Code(), "|;,\n"),
        gettext_lazy("Its identifiers."),
        "insee:21515",
        "coalesce(town.reference, organisation.reference)",
    ),
    "lat": (lambda: DegreesCell(90), gettext_lazy("Its latitude."), "47.3167", DEGREES_SQL.format("town.latitude")),
    "lon": (lambda: DegreesCell(180), gettext_lazy("Its longitude."), "5.1", DEGREES_SQL.format("town.longitude")),
    "population": (lambda: NumberCell(unit=True), gettext_lazy("Its population."), "9464", "town.population"),
    "role": (
        lambda: ChoiceCell(PartyRole),
        gettext_lazy("Its part in the agreement; partner if blank."),
        "partner",
        "party.role",
    ),
    "joined": (DateCell, gettext_lazy("When it joined, if later than the signature."), "1989", "party.joined"),
    "left": (DateCell, gettext_lazy("When it left."), "", 'party."left"'),
}
"""The columns that each party has: widget, meaning, example, and the cell in SQL, out of ``party`` and the ``town`` or
``organisation`` that it is."""

PARTY_COLUMN = re.compile(rf"({'|'.join(PARTY_PARTS)})_([1-9]\d?)")

OWN_PARTS = ("role", "joined", "left")
"""The parts that are the party's own; the others say who it is."""
