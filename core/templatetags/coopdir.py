"""Template tags and filters of all apps: addresses of records, languages, dates and numbers in words."""

import datetime
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from babel import Locale
from django import template
from django.conf import settings
from django.core.paginator import Page
from django.db import models
from django.http import HttpRequest
from django.template.context import RequestContext
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import iri_to_uri
from django.utils.formats import date_format, number_format
from django.utils.safestring import mark_safe
from django.utils.translation import get_language, get_language_info, pgettext
from django.utils.translation import gettext as _

from core.addresses import absolute
from core.dates import PartialDate, fresh_from

register = template.Library()

_LICENCE_NAMES = {"CC0-1.0": "CC0 1.0", "CC-BY-4.0": "CC BY 4.0", "etalab-2.0": "Licence Ouverte 2.0"}
IDENTIFIERS = {
    "insee": "https://www.insee.fr/fr/metadonnees/geographie/commune/{}",
    "geonames": "https://www.geonames.org/{}/",
    "wikidata": "https://www.wikidata.org/wiki/{}",
}


@register.filter
def licence(identifier: str) -> str:
    """Common name of a licence, from its SPDX identifier; unknown identifiers are returned as they are."""
    return _LICENCE_NAMES.get(identifier, identifier)


@register.filter
def url(record: models.Model) -> str:
    """The address of a record's page in the active language; the URL's name is the model's."""
    return reverse(record._meta.model_name, args=[_address(record)])


@register.filter
def history_url(record: models.Model) -> str:
    """Address of a public record's history page."""
    return reverse(f"{record._meta.model_name}_history", args=[_address(record)])


def _address(record: models.Model) -> str:
    match record._meta.model_name:
        case "country":
            return str(record.pk).lower()
        case "territory":
            return str(record.pk)
    return str(getattr(record, "address"))  # noqa: B009


def _in_words(text: str, day_known: bool) -> str:
    """A date as the language writes it; in French the first day of a month is an ordinal, which Django leaves out."""
    if day_known and text.startswith("1 ") and get_language() == "fr":
        return f"1er{text[1:]}"
    return text


@register.filter(name="partial")
def partial_date(value: str | None) -> str:
    """A date known to the year, the month or the day, in words and no more precise than that."""
    return _in_words(PartialDate(value).localised(), len(value) == 10) if value else ""


@register.filter
def year(value: str | None) -> str:
    """The year of a partial date."""
    return value[:4] if value else ""


@register.simple_tag
def period(since: str | None, until: str | None) -> str:
    """Two partial dates in words; empty where neither is known. Some languages say "since" otherwise with a day."""
    if since and until:
        return f"{partial_date(since)} – {partial_date(until)}"
    if since:
        phrase = pgettext("day", "since %(date)s") if len(since) == 10 else pgettext("month or year", "since %(date)s")
        return phrase % {"date": partial_date(since)}
    if until:
        phrase = pgettext("day", "until %(date)s") if len(until) == 10 else pgettext("month or year", "until %(date)s")
        return phrase % {"date": partial_date(until)}
    return ""


@register.filter
def number(value: object) -> str:
    """A number as the active language writes it, its thousands set apart."""
    return "" if value is None else _grouped(value, get_language())


@lru_cache(maxsize=10_000, typed=True)
def _grouped(value: Any, language: str | None) -> str:
    """A number in the active language, which `language` is: a list shows a hundred, the same ones again and again."""
    return number_format(value, force_grouping=True)


@register.filter
def coordinate(value: float, axis: str) -> str:
    """A latitude or longitude in degrees with its side of the world; `axis` is "latitude" or "longitude"."""
    if axis == "latitude":
        sides = pgettext("north", "N"), pgettext("south", "S")
    else:
        sides = pgettext("east", "E"), pgettext("west", "W")
    return f"{number_format(round(abs(value), 4), 4)}° {sides[value < 0]}"


@register.filter
def language_name(code: str) -> str:
    """A language's name in the active language; the code itself where CLDR does not know it."""
    names: Mapping[str, str] = Locale.parse(get_language() or "en", sep="-").languages
    return names.get(code.replace("-", "_"), code)


@register.filter
def identifier_url(value: object, scheme: str) -> str:
    """Address of a place at the issuer of its identifier (insee, geonames, wikidata)."""
    return IDENTIFIERS[scheme].format(value)


@register.filter
def bare_url(address: str) -> str:
    """A web address as people write it: without its scheme and a bare slash at the end."""
    return address.partition("://")[2].removeprefix("www.").rstrip("/") or address


@register.filter
def counterpart(code: str) -> str:
    """Name of the counterpart of a State's relations: a country, or "EU" in words."""
    if code == "EU":
        return _("European Union")
    locale = Locale.parse(get_language() or "en", sep="-")
    names: Mapping[str, str] = locale.territories
    return names.get(code, code)


@register.filter
def is_stale(verified_on: datetime.date) -> bool:
    """True if the last verification is more than 24 months old."""
    return verified_on < fresh_from(timezone.localdate())


@register.filter
def day(value: datetime.date | datetime.datetime) -> str:
    """A day in words; of a moment, the day that it is here."""
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value)
    return _in_words(date_format(value, "DATE_FORMAT"), day_known=True)


def _path_in(request: HttpRequest, language: str) -> str:
    """The same page in another language; the home page where the path has no language."""
    current, _slash, rest = request.path.lstrip("/").partition("/")
    return f"/{language}/{rest}" if current in dict(settings.LANGUAGES) else f"/{language}/"


@register.simple_tag(takes_context=True)
def languages(context: RequestContext) -> list[dict[str, Any]]:
    """The site's languages, each with its own name and the address of this page in it, the query kept."""
    request = context.get("request")
    query = f"?{request.GET.urlencode()}" if request and request.GET else ""
    found = []
    for code, _name in settings.LANGUAGES:
        path = _path_in(request, code) if request else f"/{code}/"
        found.append(
            {
                "code": code,
                "name": get_language_info(code)["name_local"].capitalize(),
                "active": code == (get_language() or "en")[:2],
                "path": path + query,
                "absolute": absolute(iri_to_uri(path)),
            }
        )
    return found


@register.simple_tag(takes_context=True)
def canonical(context: RequestContext) -> str:
    """Canonical URL of the page, without its filters, sort and other choices; pages of a list keep their number.

    At the site's own name, whatever host was asked for: it is the one under which others are to know the page.
    """
    request = context.get("request")
    if not request:
        return ""
    page = request.GET.get("page", "")
    query = f"?page={page}" if page.isdecimal() and page != "1" else ""
    return absolute(iri_to_uri(request.path) + query)


@register.simple_tag(takes_context=True)
def here(context: RequestContext, name: str) -> str:
    """`aria-current` for a link of the navigation: "page" on the page itself, "true" below it, else empty."""
    request = context.get("request")
    target = reverse(name)
    if not request or not request.path.startswith(target):
        return ""
    return "page" if request.path == target else "true"


@register.simple_tag
def share(part: int, whole: int) -> int:
    """A part of a whole in per cent, at least one where there is anything, for the length of a bar."""
    return max(1, round(100 * part / whole)) if part and whole else 0


@register.simple_tag
def pages(page: Page[models.Model]) -> list[int | str]:
    """The numbers that a pager shows: the first, the last and those around the page, with an ellipsis between."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1))


class EmptyState(template.Node):
    """Box in place of a list that has nothing in it: a heading, and what leads on from there."""

    child_nodelists = ("heading", "hints")

    def __init__(self, heading: template.NodeList, hints: template.NodeList) -> None:
        self.heading = heading
        self.hints = hints

    def render(self, context: template.Context) -> str:
        slots = {name: getattr(self, name).render(context).strip() for name in self.child_nodelists}
        return render_to_string("parts/empty.html", {name: mark_safe(text) for name, text in slots.items()})  # noqa: S308 (rendered)


@register.tag
def empty_state(parser: template.base.Parser, token: template.base.Token) -> EmptyState:
    """``{% empty_state %}`` heading ``{% hints %}`` paragraphs or lists ``{% endempty_state %}``."""
    heading = parser.parse(("hints",))
    parser.delete_first_token()
    hints = parser.parse(("endempty_state",))
    parser.delete_first_token()
    return EmptyState(heading, hints)
