"""Embeds for other sites: a map or a list of any question, in a frame or as a few lines of HTML.

`/embed/map/` and `/embed/list/` take the parameters of `/agreements/`. They alone may be shown in frames, on the sites
that `settings.EMBED_ORIGINS` names; every other page refuses. Nothing in them asks for a click that could be stolen:
they hold links and a map, no form, and they know no session. `/embed/snippet/` is HTML without scripts and styles, five
kilobytes at most, for editors that take no frames.
"""

from collections.abc import Callable
from html import escape
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.generic import View

from core.addresses import absolute
from core.lists.formats import LICENCE_NAME, PUBLISHER
from partnerships.agreements.cards import AgreementCard, read_cards
from partnerships.agreements.facets import INDEX, AgreementFacets
from partnerships.agreements.filters import AgreementFilter
from partnerships.querysets import agreements

from .question_view import bad_query, in_words

_MAX_LISTED = 12
"""Agreements that a list in a frame names."""
SNIPPET = 5_000
"""Bytes that a snippet may have."""

FRAMED: list[Callable[..., Any]] = [
    xframe_options_exempt,
    csp_replace({"frame-ancestors": settings.EMBED_ORIGINS}),
]


class EmbedQuery:
    """A question of `/agreements/` for a page of somebody else: what is wrong, how many there are, the first."""

    def __init__(self, request: HttpRequest) -> None:
        self.filter = AgreementFilter(request.GET, agreements().published(), request=request)
        self.errors = self.filter.messages
        self.querystring = self.filter.querystring()
        self.total, self.cards = 0, list[AgreementCard]()

    def read(self, most: int) -> None:
        """Read the first agreements, and how many there are."""
        if self.errors:
            return
        with INDEX.reading() as index:
            facets = AgreementFacets(self.filter, index)
            self.total = len(facets.records)
            self.cards = read_cards(facets.page(0, most), facets.derived) if most else []

    @property
    def address(self) -> str:
        """The list itself."""
        return absolute(reverse("agreements")) + (f"?{self.querystring}" if self.querystring else "")

    @property
    def title(self) -> str:
        """Title of the question: its filters in words."""
        return in_words(self.filter) or _("All agreements")

    @property
    def number(self) -> str:
        """Number of agreements, in words."""
        return ngettext("%(number)s agreement", "%(number)s agreements", self.total) % {"number": f"{self.total:,}"}


@method_decorator(FRAMED, name="dispatch")
class EmbeddedPage(View):
    """A page for a frame. Subclasses name the template."""

    template_name = ""
    most = 0

    def get(self, request: HttpRequest) -> HttpResponse:
        """The page; a question that is wrong is said to whoever sets the frame up."""
        question = EmbedQuery(request)
        question.read(self.most)
        status = 400 if question.errors else 200
        return render(request, self.template_name, {"question": question}, status=status)


class EmbeddedList(EmbeddedPage):
    """`/embed/list/`: the first agreements of a question."""

    template_name = "embed/list.html"
    most = _MAX_LISTED


class EmbeddedMap(EmbeddedPage):
    """`/embed/map/`: the map of a question."""

    template_name = "embed/map.html"


class Snippet(View):
    """`/embed/snippet/`: as many of the first agreements as five kilobytes of plain HTML hold."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The fragment, to be copied or fetched into another page."""
        question = EmbedQuery(request)
        question.read(60)
        if question.errors:
            return bad_query(question.errors)
        response = HttpResponse(snippet(question), content_type="text/html; charset=utf-8")
        response["X-Robots-Tag"] = "noindex"
        return response


def snippet(question: EmbedQuery) -> str:
    """A question as a few lines of HTML without scripts and styles."""
    head = f'<section class="coopdir" lang="{get_language()}">\n<h2>{escape(question.title)}</h2>\n<ul>\n'
    more = _("%(agreements)s in %(directory)s") % {"agreements": question.number, "directory": PUBLISHER}
    foot = f'</ul>\n<p><a href="{escape(question.address)}">{escape(more)}</a> · {LICENCE_NAME}</p>\n</section>\n'
    left = SNIPPET - len((head + foot).encode())
    lines = []
    for card in question.cards:
        line = _line(card)
        left -= len(line.encode())
        if left < 0:
            break
        lines.append(line)
    return head + "".join(lines) + foot


def _line(card: AgreementCard) -> str:
    parties = " – ".join(name for name, _country in card.parties) or card.reference
    facts = ", ".join(filter(None, [card.kind, card.year]))
    return f'<li><a href="{escape(absolute(card.url))}">{escape(parties)}</a> ({escape(facts)})</li>\n'


_EMBED_QUERIES = {
    "town": "town={}&past=1&domestic=1",
    "country": "country={}",
    "territory": "territory={}",
    "network": "network={}",
}


def question_of(page: Any) -> str | None:
    """The question that a public page (`page_metadata.PublicPage`) is about; None where it is about none."""
    if page.name in ("agreements", "map"):
        return str(page.question)
    if page.record is not None and (form := _EMBED_QUERIES.get(page.name)):
        return form.format(getattr(page.record, "reference", page.record.pk))
    return None


def code(name: str, question: str, title: str, height: int) -> str:
    """The HTML that shows a question in a frame."""
    address = absolute(reverse(name)) + (f"?{question}" if question else "")
    return (
        f'<iframe src="{escape(address)}" title="{escape(title)}" width="100%" height="{height}" loading="lazy"'
        ' style="border: 0"></iframe>'
    )
