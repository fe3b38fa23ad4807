"""Cards of agreements in lists, in words and ready for a template.

A list of fifty would make four hundred records of models, and ask each for a dozen things by name; one statement reads
the cards, which Django need not put together each time, and each is worked out once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from django.db import connection
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ..choices import Activity, FormalStatus, Kind, SuspensionState
from ..derived_states import CURRENT_STATUSES
from ..labels import labels
from ..models import Agreement
from ..models.base import address_of
from ..review.proposals import Mark, confirmed_now


@dataclass(slots=True)
class AgreementCard:
    """An agreement in a list: ``parties`` are names and countries, ``statuses`` codes and words."""

    reference: str
    url: str
    year: str
    parties: list[tuple[str, str]]
    kind: str
    domestic: bool
    themes: str
    statuses: list[tuple[str, str]]


CARDS = """
    SELECT agreement.id, agreement.reference, agreement.kind, agreement.signed, agreement.activity,
        ARRAY(
            SELECT ARRAY[coalesce(town.name, organisation.name),
                coalesce(CASE WHEN town.id IS NULL THEN organisation.country_id ELSE town.country_id END, '')]
            FROM partnerships_party AS party
            LEFT JOIN partnerships_town AS town ON town.id = party.town_id
            LEFT JOIN partnerships_organisation AS organisation ON organisation.id = party.organisation_id
            WHERE party.agreement_id = agreement.id ORDER BY party.position, party.id
        )::text[],
        ARRAY(
            SELECT theme_id FROM partnerships_agreementtheme WHERE agreement_id = agreement.id ORDER BY theme_id
        )::text[],
        EXISTS (
            SELECT FROM partnerships_party AS party JOIN partnerships_confirmation AS asked ON asked.party_id = party.id
            WHERE party.agreement_id = agreement.id AND asked.answer = 'yes'
        )
    FROM unnest(%s::bigint[]) WITH ORDINALITY AS asked (id, place) JOIN partnerships_agreement AS agreement USING (id)
    ORDER BY place
"""
"""Key, reference, kind, start and activity; the names and countries of the parties; the codes of the themes;
whether a partner has once confirmed it."""


def status_labels(current: str, activity: str, suspension: str) -> list[tuple[str, str]]:
    """The three statuses as far as they are known, each with its code and in words."""
    found = []
    if current != FormalStatus.UNKNOWN:
        found.append((current, str(dict(CURRENT_STATUSES)[current])))
    if activity != Activity.UNKNOWN:
        found.append((activity, str(Activity(activity).label)))
    if suspension == SuspensionState.PARTIAL:
        found.append(("suspended", _("suspended for some of its parties")))
    elif suspension == SuspensionState.WHOLE:
        found.append(("suspended", _("suspended")))
    return found


def _mark(mark: Mark | None) -> list[tuple[str, str]]:
    """Mark of confirmation as one more status: by whom an agreement was confirmed; empty if it was not."""
    if mark is None:
        return []
    date = {"date": date_format(mark.day, "DATE_FORMAT")}
    if mark.by_partner:
        return [("confirmed", _("confirmed by both sides, %(date)s") % date)]
    return [("handed-on", _("confirmed through the officer who asked, %(date)s") % date)]


def card_of(agreement: Agreement) -> AgreementCard:
    """The card of a record that was read ``with_parties`` and ``with_statuses``."""
    actors = [party.actor for party in agreement.parties.all()]
    return AgreementCard(
        reference=agreement.reference,
        url=reverse("agreement", args=[agreement.address]),
        year=(agreement.signed or "")[:4],
        parties=[(actor.name, actor.country.name if actor.country else "") for actor in actors],
        kind=agreement.get_kind_display(),
        domestic=getattr(agreement, "domestic", False),
        themes=", ".join(theme.name for theme in agreement.themes.all()),
        statuses=status_labels(agreement.current_status, agreement.activity, agreement.suspension),
    )


def read_cards(keys: Sequence[int], derived: Callable[[int], tuple[str, str, bool]]) -> list[AgreementCard]:
    """The cards of agreements by primary key, in their order; what is gone meanwhile is left out.

    `derived` tells of each what its row does not: the current formal status, the suspension, whether it is domestic.
    """
    countries, themes = labels("country"), labels("theme")
    kinds = {kind: str(label) for kind, label in Kind.choices}
    said = cache(status_labels)  # few combinations, in the active language
    before, after = reverse("agreement", args=["X0"]).split("X0")  # fifty times the same work otherwise
    cards = []
    with connection.cursor() as cursor:
        cursor.execute(CARDS, [list(keys)])
        rows = cursor.fetchall()
        once = [key for key, *_rest, asked in rows if asked]
        confirmed = confirmed_now(once) if once else {}
        for key, reference, kind, signed, activity, parties, about, _once in rows:
            current, suspension, domestic = derived(key)
            called = " – ".join(name for name, _country in parties) or reference
            cards.append(
                AgreementCard(
                    reference=reference,
                    url=f"{before}{address_of(reference, called)}{after}",
                    year=(signed or "")[:4],
                    parties=[(name, countries[country] if country else "") for name, country in parties],
                    kind=kinds[kind],
                    domestic=domestic,
                    themes=", ".join(themes[theme] for theme in about),
                    statuses=said(current, activity, suspension) + _mark(confirmed.get(key)),
                )
            )
    return cards
