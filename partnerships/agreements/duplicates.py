"""Agreements that are probably the same, by who takes part."""

from collections.abc import Collection

from django.db.models import Count, Exists, OuterRef, Q

from ..choices import Publication
from ..places.party_refs import PartyKind, PartyRef, keys_among, party_key
from ..querysets import AgreementQuerySet, agreements, parties


def between(actors: Collection[PartyRef], *, but: int | None = None) -> AgreementQuerySet:
    """Published and submitted agreements to which at least two of the actors are parties, closest first.

    `but` is the key of an agreement to leave out. Annotates ``shared``, the number of parties in common.
    """
    condition = Q()
    for actor in set(actors):
        condition |= Q(**actor.columns)
    if not condition:
        return agreements().none()
    shared = (
        parties().filter(condition).order_by().values("agreement").annotate(number=Count("pk")).filter(number__gte=2)
    )
    found = agreements().filter(
        pk__in=shared.values("agreement"), publication__in=[Publication.PUBLISHED, Publication.SUBMITTED]
    )
    in_common = Count("parties", filter=_on_parties(actors))
    return found.exclude(pk=but).annotate(shared=in_common).order_by("-shared", "pk")


def _on_parties(actors: Collection[PartyRef]) -> Q:
    towns, organisations = (keys_among(kind, actors) for kind in (PartyKind.TOWN, PartyKind.ORGANISATION))
    return Q(parties__town__in=towns) | Q(parties__organisation__in=organisations)


def of_same_parties(actors: Collection[PartyRef], *, but: int | None = None) -> AgreementQuerySet:
    """Published agreements of exactly these parties, whatever their kind and start: likely duplicates."""
    key = party_key(actors)
    found = agreements().published().filter(party_key=key) if key else agreements().none()
    return found.exclude(pk=but)


def suspected(among: AgreementQuerySet) -> AgreementQuerySet:
    """Agreements, among some given, that are published and share all their parties with another published one, side by
    side."""
    twin = agreements().published().filter(party_key=OuterRef("party_key")).exclude(pk=OuterRef("pk"))
    found = among.published().exclude(party_key="").filter(Exists(twin))
    return found.order_by("party_key", "signed", "pk")
