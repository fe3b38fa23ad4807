"""Columns of import layouts that look something up."""

from collections import defaultdict
from functools import lru_cache
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.imports.cells import CodeCell, LookupCell
from core.text import normalise

from ..models import Country, Source, Territory
from ..places.country_names import country_code, is_followed_by_several, nearest_country

INSEE = "[0-9][0-9AB][0-9]{3}"
"""The form of the INSEE code of a commune."""


@lru_cache(maxsize=4096)
def _read_country(text: str) -> str:
    code = country_code(text)
    if code is None and is_followed_by_several(text):
        raise ValueError(_("Several countries followed this State: write the one in which the place lies today."))
    if code is None:
        message = _("This country is not known: write its ISO code, such as FR, or its name today.")
        near = nearest_country(text)
        raise ValueError(f"{message} {_('Is “%s” meant?') % near}" if near else message)
    return code


class CountryLookup(LookupCell):
    """A country of the directory, by its ISO code or its name in any language."""

    format = gettext_lazy("ISO 3166-1 code, or the country’s name")

    def __init__(self) -> None:
        super().__init__(Country, "code")

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        code: str = super().clean(_read_country(value))
        return code


class TerritoryLookup(LookupCell):
    """A territory, by its ISO 3166-2 code or its name; where its row tells the country, also by the code's second part,
    as national lists have it (21, BW)."""

    of_its_row = True

    def __init__(self, country_column: str = "country") -> None:
        super().__init__(Territory, "code", "name", fold=True)
        self.country_column = country_column
        self._within: dict[tuple[str, str], list[str]] | None = None

    def forget(self) -> None:
        super().forget()
        self._within = None

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        known: str | None = self.tables()[0].get(self._fold(value))
        if known is not None:
            return known
        if self._within is None:
            self._within = defaultdict(list)
            for code, country, name in Territory.objects.filter(dissolved_on=None).values_list("pk", "country", "name"):
                for key in {normalise(code.partition("-")[2]).lstrip("0"), normalise(name)}:
                    self._within[country, key].append(code)
                    self._within["", key].append(code)
        told = row.cells.get(self.country_column) if row else None
        said = normalise(value).lstrip("0")
        found = self._within.get((country_code(told) or "" if told else "", said), [])
        pk: str = found[0] if len(found) == 1 or (found and row is None) else super().clean(value)
        return pk


class Insee(CodeCell):
    """An INSEE code of a commune; the zero with which it may begin, and which spreadsheets drop, is put back."""

    def __init__(self) -> None:
        super().__init__(INSEE, "21515")

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        return super().clean(value.upper().zfill(5) if len(value) == 4 else value.upper())


def a_territory() -> TerritoryLookup:
    """Widget: a territory."""
    return TerritoryLookup()


def a_country() -> CountryLookup:
    """Widget: a country."""
    return CountryLookup()


def a_slug() -> CodeCell:
    """Widget: a code of our own, as it stands in addresses."""
    return CodeCell("[a-z0-9][a-z0-9-]{0,39}", "water-and-soil")


def a_source() -> LookupCell:
    """Widget: a source by its title or reference."""
    return LookupCell(Source, "title", "reference")


def references(model: type[models.Model], **options: Any) -> LookupCell:
    """Widget: a record by its reference."""
    return LookupCell(model, "reference", fold=True, **options)
