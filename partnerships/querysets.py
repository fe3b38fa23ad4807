"""Readings of the partnerships tables, in the words of the field.

Every reading begins with a function of the last part: ``agreements().published().involving(in_countries(["ML"]))``.
What counts (DESIGN, section 6):

- ``country``, ``zone``, ``territory``, ``level``, ``town`` and ``network`` are conditions on a *party*, and
  all hold for the same one; the functions ``in_countries`` … ``is_town`` make them, ``&`` joins them,
  `AgreementQuerySet.involving` takes them. An organisation's country and territory are its own; it has no
  level.
- ``partner`` is a condition on *another* party. The two sets may overlap: ``country=FR,DE&partner=FR`` asks
  for a party in France or Germany and a second one in France, so France–Germany and France–France–Mali are
  in, Germany–Mali is out.
- A party that left counts only in the past, and so does an agreement that ended.
- An agreement all of whose counted parties lie in one country is domestic. A party whose country is not
  known (an international organisation, as a rule) lies in none, so it makes an agreement international.
"""

import datetime
from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Concat, Left
from django.utils import timezone
from pghistory.models import Context

from core.date_conditions import over
from core.dates import fresh_from
from core.history import events_of, referring
from core.lists.text_search import has_word, misspelt, words

from . import search
from .choices import FormalStatus, Freshness, Publication
from .derived_states import current_status, has_ended, has_left, suspension_state, term
from .models import (
    Agreement,
    AgreementTheme,
    Country,
    FundingContribution,
    GazetteerPlace,
    Organisation,
    Party,
    PublicRecord,
    Source,
    Town,
    ZoneCountry,
)
from .party_conditions import PARTY_COUNTRY
from .territory_querysets import territories

DECADE = Concat(Left("signed", 3), Value("0"), output_field=CharField())
"""SQL: the decade of signature by its first year; “0” where the signature is not known."""


class PartyQuerySet(QuerySet[Party]):
    """Parties to agreements."""

    def present(self, today: datetime.date | None = None) -> Self:
        """Parties that have not left."""
        return self.exclude(has_left(today))

    def counted(self, *, past: bool) -> Self:
        """Parties that count: in the past all, else those that have not left."""
        return self.all() if past else self.present()

    def beside(self, partner: Q) -> Self:
        """Parties with *another* counted party that fulfils the condition; call it on what `counted` gave."""
        others = self.all().filter(partner, agreement=OuterRef("agreement")).exclude(pk=OuterRef("pk"))
        return self.filter(Exists(others))


class RecordQuerySet(QuerySet):
    """Records with an editorial state."""

    def published(self) -> Self:
        """Published records: those that visitors may see."""
        return self.filter(publication=Publication.PUBLISHED)

    def known_to_all(self) -> Self:
        """Records whose address tells everybody something: published ones, and those withdrawn after they were public.

        The same rule in Python is ``PublicRecord.known_to_all``; whom the others are shown to, ``permissions`` says.
        """
        withdrawn = Q(publication=Publication.WITHDRAWN, published_at__isnull=False)
        return self.filter(Q(publication=Publication.PUBLISHED) | withdrawn)


class SourceQuerySet(QuerySet[Source]):
    """Sources. They have no editorial state of their own: they are as public as what cites them."""

    def public(self) -> Self:
        """Sources that something published cites; one that only drafts cite would tell of them."""
        cited = Q()
        for column in referring(Source):
            rows = column.model._default_manager.filter(of_published(column.model))
            cited |= Q(Exists(rows.filter(**{column.name: OuterRef("pk")})))
        return self.filter(cited)


def of_published(model: type[models.Model], path: str = "") -> Q:
    """Condition on rows of a table: every record with an editorial state that they tell of is published."""
    condition = Q()
    for column in model._meta.local_fields:
        if not isinstance(column, models.ForeignKey):
            continue
        if issubclass(column.related_model, PublicRecord):
            owner = f"{path}{column.name}"
            condition &= Q(**{owner: None}) | Q(**{f"{owner}__publication": Publication.PUBLISHED})
        elif column.remote_field.on_delete is models.CASCADE:  # a row of a row
            condition &= of_published(column.related_model, f"{path}{column.name}__")
    return condition


class SearchedQuerySet(RecordQuerySet):
    """Records that are found by words; `has` and `resembles` say how one word is."""

    def has(self, word: str) -> Q:
        """Condition: the word is found as it stands."""
        raise NotImplementedError

    def resembles(self, word: str) -> Q:
        """Condition: the word is found as it stands, or but for a typo or two."""
        raise NotImplementedError

    def having(self, text: str) -> Self:
        """Records in which each word of the text is found as it stands. A text without a word finds nothing."""
        asked = words(text)
        return self.filter(*(self.has(word) for word in asked)) if asked else self.none()

    def resembling(self, text: str) -> Self:
        """Records in which each word of the text is found, typos forgiven. A text without a word finds nothing."""
        asked = words(text)
        forgiven = misspelt(asked)
        conditions = [self.resembles(word) if word in forgiven else self.has(word) for word in asked]
        return self.filter(*conditions) if asked else self.none()

    def search(self, text: str) -> Self:
        """Records in which each word of the text is found; typos are forgiven only where nothing is found without.

        Call it before other filters, or what they leave out would turn an exact search into one for typos.
        """
        exact = self.having(text)
        return exact if exact.exists() else self.resembling(text)


class AgreementQuerySet(SearchedQuerySet):
    """Agreements. They are found by the names of their parties, their description and their reference."""

    def current(self, today: datetime.date | None = None) -> Self:
        """Leave out what has ended: by its date of end, its activity, or because it was terminated."""
        return self.exclude(has_ended(today))

    def with_domestic(self, *, past: bool = False) -> Self:
        """Annotate ``domestic``: the counted parties all lie in one country."""
        return self.annotate(domestic=_all_in_one_country(past))

    def international(self, *, past: bool = False) -> Self:
        """Leave out agreements whose counted parties all lie in one country."""
        return self.exclude(_all_in_one_country(past))

    def involving(self, party: Q = Q(), *, partner: Q | None = None, past: bool = False) -> Self:  # noqa: B008
        """Agreements with a counted party that fulfils the condition `party`, and another that fulfils `partner`."""
        involved = parties().counted(past=past)
        if partner is not None:
            involved = involved.beside(partner)
        return self.filter(Exists(involved.filter(party, agreement=OuterRef("pk"))))

    def with_parties(self) -> Self:
        """Read the parties in their order, with all that a list shows of them, and the themes: in two queries."""
        shown = Party.objects.order_by("position", "id").select_related("town__country", "organisation__country")
        return self.prefetch_related(Prefetch("parties", shown), "themes")

    def with_statuses(self, today: datetime.date | None = None) -> Self:
        """Annotate what is derived: ``current_status`` (the formal status, or *expired*) and ``suspension``."""
        return self.alias(term=term()).annotate(
            current_status=current_status(today), suspension=suspension_state(today)
        )

    def expiring(self, within: datetime.timedelta, today: datetime.date | None = None) -> Self:
        """Agreements that expire within a time, the nearest first, and are not renewed tacitly. Annotates ``term``."""
        today = today or timezone.localdate()
        found = self.annotate(term=term()).filter(over("term", today + within), tacit_renewal=False)
        without = Q(formal_status__in=[FormalStatus.DRAFT, FormalStatus.TERMINATED])
        return found.exclude(over("term", today) | without).order_by("term", "pk")

    def with_freshness(self, today: datetime.date | None = None) -> Self:
        """Annotate ``freshness``: whether the last verification is at most 24 months old."""
        state = Case(
            When(verified_on=None, then=Value(Freshness.NEVER.value)),
            When(verified_on__gte=fresh_from(today or timezone.localdate()), then=Value(Freshness.FRESH.value)),
            default=Value(Freshness.STALE.value),
            output_field=CharField(),
        )
        return self.annotate(freshness=state)

    def signed_in_decades(self, decades: Iterable[str]) -> Self:
        """Agreements signed in one of the decades, which are given by their first year."""
        return self.annotate(decade=DECADE).filter(decade__in=list(decades))

    def on_themes(self, codes: Iterable[str]) -> Self:
        """Agreements on one of the themes."""
        on = AgreementTheme.objects.filter(agreement=OuterRef("pk"), theme__in=list(codes))
        return self.filter(Exists(on))

    def funded_by(self, codes: Iterable[str]) -> Self:
        """Agreements funded by one of the sources, in any year."""
        by = FundingContribution.objects.filter(agreement=OuterRef("pk"), funding__in=list(codes))
        return self.filter(Exists(by))

    def of_batch(self, *references: str) -> Self:
        """Agreements written by one of the imports: by history, it touched the agreement or one of its parties."""
        contexts = (
            Context.objects.annotate(batch=KeyTextTransform("batch", "metadata"))
            .filter(batch__in=references)
            .values("pk")
        )
        written = events_of(Agreement).filter(pgh_context__in=contexts)
        with_party = events_of(Party).filter(pgh_context__in=contexts)
        return self.filter(Q(pk__in=written.values("pgh_obj")) | Q(pk__in=with_party.values("agreement")))

    def has(self, word: str) -> Q:
        return self._mentioning(word, [search.town_has(word)], [search.organisation_has(word)])

    def resembles(self, word: str) -> Q:
        return self._mentioning(
            word,
            [search.town_has(word), search.town_resembles(word)],
            [search.organisation_has(word), search.organisation_resembles(word)],
        )

    @staticmethod
    def _mentioning(word: str, town: Iterable[Q], organisation: Iterable[Q]) -> Q:
        """Condition: one of the parties fulfils one of its conditions, or the description or the reference has the
        word."""
        # A SELECT for each way to be found: the database looks each up by an index, where an OR reads whole tables.
        named: list[models.QuerySet[Any]]
        named = [Party.objects.filter(town__in=Town.objects.filter(one).order_by().values("pk")) for one in town]
        named += [
            Party.objects.filter(organisation__in=Organisation.objects.filter(one).order_by().values("pk"))
            for one in organisation
        ]
        first, *others = [queryset.order_by().values("agreement") for queryset in named]
        described = Agreement.objects.exclude(described="").filter(has_word(word, "described"))
        own: list[models.QuerySet[Any]] = [described, Agreement.objects.filter(reference=word.upper())]
        others += [queryset.order_by().values("pk") for queryset in own]
        return Q(pk__in=first.union(*others))


class TownQuerySet(SearchedQuerySet):
    """Towns."""

    def has(self, word: str) -> Q:
        return search.town_has(word) | Q(reference=word.upper())

    def resembles(self, word: str) -> Q:
        return self.has(word) | search.town_resembles(word)

    def inside(self, codes: Iterable[str]) -> Self:
        """Towns in one of the territories or in something inside, and the authorities that govern one of these."""
        inside = territories().inside(codes)
        return self.filter(Q(territory__in=inside) | Q(governs__in=inside))

    def partnered_with(self, partner: Q) -> Self:
        """Towns with a current published agreement in which another party fulfils the condition."""
        shared = parties().present().beside(partner).filter(agreement__in=agreements().published().current())
        return self.filter(pk__in=shared.values("town"))

    def taking_part(self) -> Self:
        """Towns that are party to an agreement that lists and totals count."""
        counting = agreements().published().current().international()
        return self.filter(pk__in=parties().present().filter(agreement__in=counting).values("town"))

    def recognised(self) -> Self:
        """Towns that the reference lists know: a gazetteer place of the same level, by INSEE code or GeoNames id, or a
        territory that counts (`TerritoryQuerySet.standing`), which the town governs."""
        return self.filter(
            Exists(_places_of_town()) | Q(governs__in=territories().standing(), level=F("governs__level"))
        )

    def larger_than(self, population: int) -> Self:
        """Towns with more inhabitants: by the gazetteer, or, where it does not know the town, as entered."""
        known = _places_of_town().filter(population__isnull=False)
        return self.filter(
            Exists(known.filter(population__gt=population)) | (~Exists(known) & Q(population__gt=population))
        )

    def located(self) -> Self:
        """Towns with coordinates."""
        return self.filter(latitude__isnull=False)

    def with_agreement_counts(self) -> Self:
        """Annotate ``agreement_count``: current published agreements of the town, those within its country too."""
        return self.annotate(agreement_count=_number_of_agreements(town=OuterRef("pk")))


class OrganisationQuerySet(SearchedQuerySet):
    """Organisations."""

    def has(self, word: str) -> Q:
        return search.organisation_has(word) | Q(reference=word.upper())

    def resembles(self, word: str) -> Q:
        return self.has(word) | search.organisation_resembles(word)

    def inside(self, codes: Iterable[str]) -> Self:
        """Organisations in one of the territories or in something inside."""
        return self.filter(territory__in=territories().inside(codes))

    def with_agreement_counts(self) -> Self:
        """Annotate ``agreement_count``: current published agreements of the organisation."""
        return self.annotate(agreement_count=_number_of_agreements(organisation=OuterRef("pk")))


class CountryQuerySet(QuerySet[Country]):
    """Countries."""

    def in_zones(self, codes: Iterable[str]) -> Self:
        """Countries of one of the cooperation zones."""
        return self.filter(pk__in=ZoneCountry.objects.filter(zone__in=list(codes)).values("country"))


def _all_in_one_country(past: bool) -> Exists:
    """SQL: the counted parties of the outer agreement all lie in one and the same known country.

    Grouping, the database asks it of each agreement that is left after the other conditions were applied; as a join of
    parties with parties it would be worked out for all agreements at once, even for a list of fifty.
    """
    counted = parties().counted(past=past).filter(agreement=OuterRef("pk")).annotate(country=PARTY_COUNTRY)
    by_agreement = counted.order_by().values("agreement")
    return Exists(
        by_agreement.annotate(
            first=Min("country"), last=Max("country"), located=Count("country"), total=Count("pk")
        ).filter(first=F("last"), located=F("total"))
    )


def _places_of_town() -> QuerySet[GazetteerPlace]:
    """The gazetteer's place of the outer town. A place with an INSEE code is found by that alone, so that no two towns
    share it."""
    return GazetteerPlace.objects.filter(
        Q(insee=OuterRef("insee")) | Q(insee=None, geonames=OuterRef("geonames")), level=OuterRef("level")
    )


def _number_of_agreements(**party: OuterRef) -> Coalesce:
    """SQL: of how many current published agreements the outer row is a party that has not left."""
    counted = parties().present().filter(agreement__in=agreements().published().current(), **party)
    number = counted.order_by().values(*party).annotate(number=Count("agreement")).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)


# Where every reading begins


def agreements() -> AgreementQuerySet:
    """All agreements, whatever their publication."""
    return AgreementQuerySet(Agreement)


def parties() -> PartyQuerySet:
    """All parties."""
    return PartyQuerySet(Party)


def towns() -> TownQuerySet:
    """All towns, whatever their publication."""
    return TownQuerySet(Town)


def organisations() -> OrganisationQuerySet:
    """All organisations, whatever their publication."""
    return OrganisationQuerySet(Organisation)


def sources() -> SourceQuerySet:
    """All sources, whatever cites them."""
    return SourceQuerySet(Source)


def countries() -> CountryQuerySet:
    """All countries."""
    return CountryQuerySet(Country)
