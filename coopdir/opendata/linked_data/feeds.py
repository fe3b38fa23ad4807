"""Feeds: who follows a question hears of new agreements (`/agreements.atom`) and of changes (`/changes.atom`).

They take the parameters of `/agreements/` and `/changes/`. Atom is RFC 4287, written by Django's feed generator; an
entry's id is the record's permanent address, so that no reader shows an agreement twice.
"""

import datetime
from itertools import chain
from typing import Any, ClassVar

from django.http import HttpResponseBase
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from pyroaring import BitMap

from coopdir.changes import PUBLISHED, Changes, ChangesFilter
from core.addresses import absolute
from core.dates import PartialDate
from core.history import data_version
from core.lists.filtersets import ListingFilterSet
from core.lists.formats import LICENCE_NAME, LICENCE_URL, PUBLISHER
from core.text import clean
from partnerships.agreements.facets import INDEX, AgreementFacets
from partnerships.agreements.filters import AgreementFilter
from partnerships.models import Agreement
from partnerships.querysets import agreements

from ..question_view import QuestionView, conditional, in_words

ENTRIES = 50
"""Entries of a feed: who asks once a day misses none of what people enter; an import shows its last ones."""


class Atom(Atom1Feed):
    """Django's Atom generator, with characters that XML cannot hold removed, where Django's would fail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **_legible(kwargs))

    def add_item(self, *args: Any, **kwargs: Any) -> None:
        super().add_item(*args, **_legible(kwargs))


def _legible(values: dict[str, Any]) -> dict[str, Any]:
    return {name: clean(value) if isinstance(value, str) else value for name, value in values.items()}


class Feed(QuestionView):
    """A question as an Atom feed. Subclasses name the list (`page`) and add the entries."""

    page: ClassVar[str]

    def title(self) -> str:
        """Title of the feed."""
        raise NotImplementedError

    def fill(self, feed: Atom, question: Any) -> None:
        """Add the entries, the newest first."""
        raise NotImplementedError

    def answer(self, question: ListingFilterSet, language: str) -> HttpResponseBase:
        asked = question.querystring()
        narrowed = in_words(question)
        address = absolute(self.request.get_full_path())
        feed = Atom(
            title=" · ".join(filter(None, [PUBLISHER, self.title(), narrowed])),
            link=absolute(reverse(self.page)) + (f"?{asked}" if asked else ""),
            description="",
            subtitle=_(
                "The open directory of decentralised cooperation: which towns work together, since when and on what."
            ),
            language=language,
            author_name=PUBLISHER,
            author_link=absolute("/"),
            feed_url=address,
            feed_guid=address,
            feed_copyright=f"{LICENCE_NAME} {LICENCE_URL}",
        )
        self.fill(feed, question)
        if not feed.items:
            # Otherwise an empty feed would have changed at each request.
            feed.latest_post_date = data_version  # type: ignore[method-assign]  # of this feed alone
        return conditional(self.request, feed.writeString("utf-8").encode(), feed.content_type, feed.latest_post_date())


class NewAgreements(Feed):
    """`/agreements.atom`: the agreements of a list, by when they were published."""

    page = "agreements"
    left_aside = ("sort", "page", "view", "more")

    def title(self) -> str:
        return _("New agreements")

    def fill(self, feed: Atom, question: AgreementFilter) -> None:
        with INDEX.reading() as index:
            asked = BitMap(AgreementFacets(question, index).records)
        found = list(Changes(lambda keys: keys & asked, (PUBLISHED,)).agreements(ENTRIES))
        known = agreements().published().with_parties().in_bulk([key for _when, key in found])
        for when, key in found:
            if agreement := known.get(key):
                add(feed, agreement, when)


def add(feed: Atom, agreement: Agreement, when: datetime.datetime) -> None:
    """An entry about an agreement."""
    countries = dict.fromkeys(
        str(party.actor.country) for party in agreement.parties.all() if party.actor.country_id is not None
    )
    signed = [PartialDate(agreement.signed).localised()] if agreement.signed else []
    themes = ", ".join(str(theme) for theme in agreement.themes.all())
    told = filter(None, [agreement.get_kind_display().capitalize(), " – ".join(countries), *signed, themes])
    feed.add_item(
        title=str(agreement),
        link=absolute(reverse("agreement", args=[agreement.address])),
        description=". ".join(chain(told, filter(None, [agreement.description]))),
        unique_id=absolute(reverse("record", args=[agreement.reference])),
        pubdate=when,
        updateddate=when,
        categories=[theme.code for theme in agreement.themes.all()],
    )


class ChangedAgreements(Feed):
    """`/changes.atom`: what the page of changes shows, a line an entry; an import is one."""

    page = "changes"
    filterset_class = ChangesFilter
    left_aside = ("before",)

    def records(self) -> Any:
        return agreements().known_to_all()

    def title(self) -> str:
        return _("What changed")

    def fill(self, feed: Atom, question: ChangesFilter) -> None:
        lines, _older = Changes.asked_by(question).page(None)
        for line in lines[:ENTRIES]:
            names = ", ".join(str(agreement) for agreement in line.agreements)
            if line.batch:
                title = line.author.text
                link = f"{reverse('agreements')}?batch={line.batch.reference}&past=1&domestic=1"
            else:
                title = f"{names} …" if line.others else names
                link = reverse("agreement_history", args=[line.agreements[0].address])
            number = _("%(number)s agreements") % {"number": line.number} if line.number > 1 else ""
            feed.add_item(
                title=f"{title}: {line.word}",
                link=absolute(link),
                description=". ".join(filter(None, [number, line.author.text, line.reason])),
                unique_id=absolute(f"/changes.atom#{line.key}"),
                pubdate=line.when,
                updateddate=line.when,
                categories=[line.what],
            )
