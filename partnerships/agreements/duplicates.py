"""Agreements that are probably the same, by who takes part."""

from collections.abc import Collection

from django.db.models import Count, Exists, OuterRef, Q

from ..choices import Publication
from ..editing.snapshot import actor_of
from ..querysets import AgreementQuerySet, agreements, parties


def between(actors: Collection[str], *, but: int | None = None) -> AgreementQuerySet:
    """Published and submitted agreements to which at least two of the actors (“t12”, “o3”) are parties, closest first.

    `but` is the key of an agreement to leave out. Annotates ``shared``, the number of parties in common.
    """
    condition = Q()
    for actor in set(actors):
        condition |= Q(**actor_of(actor))
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


def _on_parties(actors: Collection[str]) -> Q:
    towns = [int(key[1:]) for key in actors if key[0] == "t"]
    organisations = [int(key[1:]) for key in actors if key[0] == "o"]
    return Q(parties__town__in=towns) | Q(parties__organisation__in=organisations)


def of_same_parties(actors: Collection[str], *, but: int | None = None) -> AgreementQuerySet:
    """Published agreements of exactly these parties, whatever their kind and start: likely duplicates."""
    key = party_key(actors)
    found = agreements().published().filter(party_key=key) if key else agreements().none()
    return found.exclude(pk=but)


def party_key(actors: Collection[str]) -> str:
    """The key that the database keeps of a set of parties: towns before organisations, by number."""
    return ",".join(sorted(set(actors), key=lambda key: (key[0] == "o", int(key[1:]))))


def suspected(among: AgreementQuerySet) -> AgreementQuerySet:
    """Agreements, among some given, that are published and share all their parties with another published one, side by
    side."""
    twin = agreements().published().filter(party_key=OuterRef("party_key")).exclude(pk=OuterRef("pk"))
    found = among.published().exclude(party_key="").filter(Exists(twin))
    return found.order_by("party_key", "signed", "pk")
