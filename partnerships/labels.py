"""The names of codes, in both languages: read once, and kept until one of them changes."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Model
from django.utils.translation import get_language

from core.facets.live_index import LiveValue
from core.text import normalise

from .models import CooperationZone, Country, FundingSource, Territory, Theme
from .models.base import in_language

_LABEL_MODELS: dict[str, type[Model]] = {
    "country": Country,
    "zone": CooperationZone,
    "theme": Theme,
    "funding": FundingSource,
}
"""Tables with names in two languages."""


def _read() -> dict[tuple[str, str], dict[str, str]]:
    """Labels by table and language, in the order in which that language is read: accents and case aside;
    territories have one name."""
    labels: dict[tuple[str, str], dict[str, str]] = {}
    for name, model in _LABEL_MODELS.items():
        records = list(model._default_manager.all())
        for language, _name in settings.LANGUAGES:
            pairs = [(record.pk, in_language(record, "name", language)) for record in records]
            labels[name, language] = dict(sorted(pairs, key=lambda pair: normalise(pair[1])))
    labels["territory", ""] = dict(Territory.objects.values_list("code", "name"))
    return labels


LIVE_LABELS = LiveValue("labels", _read)
"""Cached names for `labels` and `territory_names`; its version moves with every name."""


def labels(name: str) -> dict[str, str]:
    """The names of all countries, zones, themes or funding sources by code, in the active language."""
    return LIVE_LABELS.get()[name, (get_language() or "en")[:2]]


def country_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of countries by code, in the active language; a code that is none is its own name."""
    names = labels("country")
    return {code: names.get(code, code) for code in codes}


def territory_names(codes: Iterable[str]) -> dict[str, str]:
    """The names of territories by code; a code that is none is its own name."""
    names = LIVE_LABELS.get()["territory", ""]
    return {code: names.get(code, code) for code in codes}
