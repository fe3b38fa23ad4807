"""What a list shows of an agreement, in words and ready for a template.

A list of fifty would make four hundred records of models, and ask each for a dozen things by name; a card is read in
three short queries and worked out once.
"""

from collections import defaultdict
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from .choices import Activity, FormalStatus, Kind, SuspensionState
from .labels import labels
from .models import Agreement, AgreementTheme, Party
from .models.base import address_of
from .querysets import CURRENT_STATUSES


@dataclass(slots=True)
class Card:
    """An agreement in a list: ``parties`` are names and countries, ``statuses`` codes and words."""

    reference: str
    url: str
    year: str
    parties: list[tuple[str, str]]
    kind: str
    domestic: bool
    themes: str
    statuses: list[tuple[str, str]]


def statuses(current: str, activity: str, suspension: str) -> list[tuple[str, str]]:
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


def card_of(agreement: Agreement) -> Card:
    """The card of a record that was read ``with_parties`` and ``with_statuses``."""
    actors = [party.actor for party in agreement.parties.all()]
    return Card(
        reference=agreement.reference,
        url=reverse("agreement", args=[agreement.address]),
        year=(agreement.signed or "")[:4],
        parties=[(actor.name, actor.country.name if actor.country_id else "") for actor in actors],
        kind=agreement.get_kind_display(),
        domestic=getattr(agreement, "domestic", False),
        themes=", ".join(theme.name for theme in agreement.themes.all()),
        statuses=statuses(agreement.current_status, agreement.activity, agreement.suspension),
    )


def read_cards(keys: Collection[int], derived: Callable[[int], tuple[str, str, bool]]) -> list[Card]:
    """The cards of agreements by primary key, in their order; what is gone meanwhile is left out.

    `derived` tells of each what its row does not: the current formal status, the suspension, whether it is domestic.
    """
    countries, themes, kinds = labels("country"), labels("theme"), dict(Kind.choices)
    parties, about = defaultdict(list), defaultdict(list)
    columns = ["agreement", "town__name", "town__country", "organisation__name", "organisation__country"]
    for key, *town, name, country in (
        Party.objects.filter(agreement__in=keys).order_by("position", "id").values_list(*columns)
    ):
        # A party is a town or an organisation; an organisation may lie nowhere.
        name, country = town if town[0] is not None else (name, country)
        parties[key].append((name, countries[country] if country else ""))
    for key, theme in (
        AgreementTheme.objects.filter(agreement__in=keys).order_by("theme").values_list("agreement", "theme")
    ):
        about[key].append(themes[theme])
    before, after = reverse("agreement", args=["X"]).split("X")  # fifty times the same work otherwise
    cards = {}
    own = ["pk", "reference", "kind", "signed", "activity"]
    for key, reference, kind, signed, activity in Agreement.objects.filter(pk__in=keys).values_list(*own).order_by():
        current, suspension, domestic = derived(key)
        called = " – ".join(name for name, _country in parties[key]) or reference
        cards[key] = Card(
            reference=reference,
            url=f"{before}{address_of(reference, called)}{after}",
            year=(signed or "")[:4],
            parties=parties[key],
            kind=str(kinds[kind]),
            domestic=domestic,
            themes=", ".join(about[key]),
            statuses=statuses(current, activity, suspension),
        )
    return [cards[key] for key in keys if key in cards]
