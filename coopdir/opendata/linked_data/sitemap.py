"""Sitemap and robots.txt for crawlers: `/sitemap.xml` names every public page in both languages, `/robots.txt` keeps
them to those.

The index names parts of 5,000 records each, cut by primary key: a part costs the same wherever it lies, and keeps its
address when records are added. The format is that of sitemaps.org, alternates as Google describes them (``xhtml:link``
with ``hreflang``).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from xml.sax.saxutils import escape, quoteattr

from django.conf import settings
from django.db.models import Count, F, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe

from core.addresses import absolute
from networks.querysets import networks, support_bodies
from partnerships.models import Party
from partnerships.models.base import address_of
from partnerships.querysets import agreements, countries, organisations, towns
from partnerships.territory_querysets import territories

KEYS_PER_SITEMAP = 5_000
"""Primary keys that one file spans: ten thousand addresses in two languages, of 50,000 that a file may have."""
STATIC_PAGES = (
    "home",
    "agreements",
    "map",
    "countries",
    "towns",
    "networks",
    "support_bodies",
    "organisations",
    "statistics",
    "milestones",
    "links",
    "changes",
    "data",
    "api_reference",
    "layouts",
    "about",
    "accessibility",
    "privacy",
)
"""The pages that are no record's, by the names of their addresses."""

_XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
XML = "application/xml; charset=utf-8"

_NamedUrl = tuple[str, list[str]]
"""The name of an address and its arguments."""


def _agreements(records: QuerySet) -> Iterator[_NamedUrl]:
    called = (
        Party.objects.filter(agreement__in=records.values("pk"))
        .order_by("agreement", "position", "id")
        .values_list("agreement", "agreement__reference", Coalesce("town__name", "organisation__name"))
    )
    for (_key, reference), parties in groupby(called.iterator(chunk_size=5_000), key=itemgetter(0, 1)):
        yield "agreement", [address_of(reference, " – ".join(name for _pk, _reference, name in parties))]


def _named(kind: str, *called: str) -> Callable[[QuerySet], Iterator[_NamedUrl]]:
    """Records that are called by a column, or the next one where that is blank."""

    def addresses(records: QuerySet) -> Iterator[_NamedUrl]:
        columns = [NullIf(column, Value("")) for column in called]
        name = Coalesce(*columns) if len(columns) > 1 else F(called[0])
        for reference, text in records.values_list("reference", name):
            yield kind, [address_of(reference, text or "")]

    return addresses


@dataclass(frozen=True)
class Section:
    """Records of one kind, and the addresses of some of them."""

    records: Callable[[], QuerySet]
    addresses: Callable[[QuerySet], Iterable[_NamedUrl]]


SECTIONS = {
    "agreements": Section(lambda: agreements().published(), _agreements),
    "towns": Section(lambda: towns().published(), _named("town", "name")),
    "organisations": Section(lambda: organisations().published(), _named("organisation", "name")),
    "networks": Section(lambda: networks().published(), _named("network", "acronym", "name_en")),
    "support-bodies": Section(lambda: support_bodies().published(), _named("supportbody", "acronym", "name")),
}
"""The kinds of records that grow without end."""


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """`/sitemap.xml`: where the parts are."""
    parts = [reverse("sitemap_pages")]
    for name, section in SECTIONS.items():
        numbers = section.records().order_by().values_list((F("pk") - 1) / KEYS_PER_SITEMAP).annotate(Count("pk"))
        parts += [reverse("sitemap_part", args=[name, number]) for number, _count in sorted(numbers)]
    lines = "".join(f"<sitemap><loc>{escape(absolute(part))}</loc></sitemap>\n" for part in parts)
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return HttpResponse(f'{_XML_DECLARATION}<sitemapindex xmlns="{space}">\n{lines}</sitemapindex>\n', content_type=XML)


def _entries(addresses: Iterable[_NamedUrl]) -> Iterator[str]:
    languages = [code for code, _name in settings.LANGUAGES]
    yield _XML_DECLARATION + URLSET
    for name, arguments in addresses:
        found = {}
        for code in languages:
            with override(code):
                found[code] = absolute(reverse(name, args=arguments))
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href={quoteattr(found[code])}/>' for code in languages
        )
        for address in found.values():
            yield f"<url><loc>{escape(address)}</loc>{others}</url>\n"
    yield "</urlset>\n"


@require_safe
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    """`/sitemap-pages.xml`: the lists and other pages, countries and territories."""
    addresses: list[_NamedUrl] = [(name, []) for name in STATIC_PAGES]
    addresses += [("country", [code.lower()]) for code in countries().values_list("pk", flat=True)]
    addresses += [("territory", [code]) for code in territories().values_list("pk", flat=True)]
    return HttpResponse("".join(_entries(addresses)), content_type=XML)


@require_safe
def sitemap_part(request: HttpRequest, section: str, number: int) -> StreamingHttpResponse:
    """`/sitemap-<kind>-<number>.xml`: the records of a span of primary keys."""
    if section not in SECTIONS or number > 10**6:
        raise Http404
    found = (
        SECTIONS[section]
        .records()
        .filter(pk__gt=number * KEYS_PER_SITEMAP, pk__lte=(number + 1) * KEYS_PER_SITEMAP)
        .order_by("pk")
    )
    return StreamingHttpResponse(_entries(SECTIONS[section].addresses(found)), content_type=XML)


ROBOTS = """\
# Every record and list has one address without a question mark: those are for you, and the site map names them all.
# Filters, orders and files multiply without end; who wants the data finds them whole at {data}.
User-agent: *
Allow: /*?page=
Disallow: /*?page=*&
Disallow: /*?
Disallow: /id/
Disallow: /map.json
Disallow: /*/my/
Disallow: /*/account/
Disallow: /*/admin/
Disallow: /*/search/
Disallow: /*/suggest/
Disallow: /*/propose/
Disallow: /*/proposals/
Disallow: /*/confirm/
Disallow: /*/embed/
Disallow: /*/history/

Sitemap: {sitemap}
"""


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """`/robots.txt` (RFC 9309)."""
    content = ROBOTS.format(data=absolute(reverse("data")), sitemap=absolute(reverse("sitemap")))
    return HttpResponse(content, content_type="text/plain; charset=utf-8")
