"""Columns of import layouts that look something up."""

from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from coopdir.imports.widgets import Lookup

from .countries import country_code, is_followed_by_several, nearest_country
from .models import Country


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


class CountryLookup(Lookup):
    """A country of the directory, by its ISO code or its name in any language."""

    format = gettext_lazy("ISO 3166-1 code, or the country’s name")

    def __init__(self) -> None:
        super().__init__(Country, "code")

    def clean(self, value: str, row: Any = None, **kwargs: Any) -> str:
        return super().clean(_read_country(value))


def a_country() -> CountryLookup:
    """Widget: a country."""
    return CountryLookup()
