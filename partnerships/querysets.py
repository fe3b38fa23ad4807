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
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any, Self

from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    Expression,
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
from django.db.models.lookups import GreaterThanOrEqual
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from django.utils.translation import pgettext_lazy
from pghistory.models import Context

from core.dates import InOrder, PartialDate
from core.history import events_of, referring
from core.lists.text_search import has_word, misspelt, words

from . import search
from .choices import Activity, FormalStatus, Freshness, Publication, SuspensionState, TerritoryLevel
from .models import (
    Agreement,
    AgreementTheme,
    Country,
    FundingContribution,
    GazetteerPlace,
    Organisation,
    Party,
    PublicRecord,
    Renewal,
    Source,
    Suspension,
    Territory,
    TerritoryParent,
    Town,
    ZoneCountry,
)

EXPIRED = "expired"
CURRENT_STATUSES = [*FormalStatus.choices, (EXPIRED, pgettext_lazy("formal status", "expired"))]
"""Values of ``current_status``: the formal statuses, and the one that is derived from them."""

# Dates in words of conditions. A partial date sorts as text before every day that it may mean.


class Today(Expression):
    """SQL: today as text (2026-11-24), or as much of it as `length` takes.

    Asked for when a query runs: a view may keep its queryset for as long as the process lives.
    """

    def __init__(self, length: int = 10) -> None:
        super().__init__(output_field=CharField())
        self.length = length

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str, ...]]:
        return "%s", (timezone.localdate().isoformat()[: self.length],)


def begun(field: str, today: datetime.date | None = None) -> Q:
    """Condition: the earliest day that the date may mean is not after `today`; what has no date has not begun."""
    return Q(**{f"{field}__lte": today.isoformat() if today else Today()})


def over(field: str, today: datetime.date | None = None) -> Q:
    """Condition: the last day that the date may mean is before `today`: 2026 lasts to the end of 2026."""
    lengths = (10, 7, 4)
    day, month, year = (today.isoformat()[:n] for n in lengths) if today else (Today(n) for n in lengths)
    return Q(**{f"{field}__lt": day}) & ~Q(**{f"{field}__in": [month, year]})


def dated_from(field: str, date: PartialDate) -> Q:
    """Condition: on or after a date, as far as both are known: what is of 1986 may be of May 1986. What has no date is
    out."""
    return Q(InOrder(Value(date), F(field)), **{f"{field}__gte": date[:4]})


def dated_to(field: str, date: PartialDate) -> Q:
    """Condition: on or before a date, which counts to its end: 1986 is all of 1986. What has no date is out."""
    return Q(InOrder(F(field), Value(date)), **{f"{field}__lte": f"{date[:4]}-12-31"})


PARTY_COUNTRY = Coalesce("town__country", "organisation__country")
"""SQL: where a party lies."""

# Conditions on a party


def in_countries(codes: Iterable[str]) -> Q:
    """Condition: the party lies in one of the countries."""
    codes = list(codes)
    return Q(town__country__in=codes) | Q(organisation__country__in=codes)


def in_zones(codes: Iterable[str]) -> Q:
    """Condition: the party lies in a country of one of the cooperation zones."""
    countries = Country.objects.filter(zones__in=list(codes)).values("code")
    return Q(town__country__in=countries) | Q(organisation__country__in=countries)


def in_territories(codes: Iterable[str]) -> Q:
    """Condition: the party lies in one of the territories or in something inside, or is an authority governing one of
    these."""
    inside = territories().inside(codes)
    return Q(town__territory__in=inside) | Q(town__governs__in=inside) | Q(organisation__territory__in=inside)


def at_levels(levels: Iterable[str]) -> Q:
    """Condition: the party is a local authority of one of the levels."""
    return Q(town__level__in=list(levels))


def is_town(*towns: Town) -> Q:
    """Condition: the party is one of the towns."""
    return Q(town__in=towns)


def is_organisation(*organisations: Organisation) -> Q:
    """Condition: the party is one of the organisations."""
    return Q(organisation__in=organisations)


DECADE = Concat(Left("signed", 3), Value("0"), output_field=CharField())
"""SQL: the decade of signature by its first year; “0” where the signature is not known."""


def fresh_from(today: datetime.date) -> datetime.date:
    """The day from which on a verification is fresh: 24 months back."""
    day = min(today.day, 28) if today.month == 2 else today.day
    return today.replace(year=today.year - 2, day=day)


class PartyQuerySet(QuerySet[Party]):
    """Parties to agreements."""

    def present(self, today: datetime.date | None = None) -> Self:
        """Parties that have not left."""
        return self.exclude(begun("left", today))

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
        ended = begun("ended", today)
        return self.exclude(ended | Q(activity=Activity.ENDED) | Q(formal_status=FormalStatus.TERMINATED))

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
        """Annotate what is derived: ``current_status`` (the formal status, or *expired*) and ``suspension``.

        Expired is what was signed, in force or renewed, is not renewed tacitly, and whose term is over. The
        term is that of the latest renewal, if there is one: a renewal without a term leaves the agreement
        open. Suspension looks at parties that have not left: ``partial`` if one is suspended, ``whole`` if
        fewer than two are not.
        """
        latest = Renewal.objects.filter(agreement=OuterRef("pk")).order_by("-renewed", "-pk")
        running = [FormalStatus.SIGNED, FormalStatus.IN_FORCE, FormalStatus.RENEWED]
        present = parties().present(today).filter(agreement=OuterRef("pk"))
        suspended = Exists(
            Suspension.objects.filter(party=OuterRef("pk"))
            .filter(Q(since=None) | begun("since", today))
            .exclude(over("until", today))
        )
        unsuspended = (
            present.exclude(suspended).order_by().values("agreement").annotate(number=Count("pk")).values("number")
        )
        return self.alias(
            renewals_exist=Exists(latest),
            renewed_until=Subquery(latest.values("valid_until")[:1]),
        ).annotate(
            current_status=Case(
                When(
                    (Q(renewals_exist=True) & over("renewed_until", today))
                    | (Q(renewals_exist=False) & over("valid_until", today)),
                    formal_status__in=running,
                    tacit_renewal=False,
                    then=Value(EXPIRED),
                ),
                default=F("formal_status"),
                output_field=CharField(),
            ),
            suspension=Case(
                When(~Exists(present.filter(suspended)), then=Value(SuspensionState.NONE.value)),
                When(
                    GreaterThanOrEqual(Coalesce(Subquery(unsuspended), 0), 2),
                    then=Value(SuspensionState.PARTIAL.value),
                ),
                default=Value(SuspensionState.WHOLE.value),
                output_field=CharField(),
            ),
        )

    def expiring(self, within: datetime.timedelta, today: datetime.date | None = None) -> Self:
        """Agreements that expire within a time, the nearest first, and are not renewed tacitly. Annotates ``term``.

        The term is that of the latest renewal, if there is one, as in `with_statuses`.
        """
        today = today or timezone.localdate()
        latest = Renewal.objects.filter(agreement=OuterRef("pk")).order_by("-renewed", "-pk")
        term = Case(When(Exists(latest), then=Subquery(latest.values("valid_until")[:1])), default=F("valid_until"))
        found = self.annotate(term=term).filter(over("term", today + within), tacit_renewal=False)
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

    def agreement_counts(self) -> dict[str, int]:
        """Number of current published international agreements that involve each country; one counts once for a
        country.

        Countries without any are left out. One pass over all parties, where an annotation would be one a
        country.
        """
        counted = (
            parties()
            .present()
            .filter(agreement__in=agreements().published().current().international())
            .annotate(country=PARTY_COUNTRY)
            .filter(country__in=self.values("pk"))
        )
        numbers = counted.order_by().values("country").annotate(number=Count("agreement", distinct=True))
        return dict(numbers.values_list("country", "number"))


class TerritoryQuerySet(QuerySet[Territory]):
    """Territories."""

    def inside(self, codes: Iterable[str]) -> list[str]:
        """The codes of the territories and of all that lies or lay inside them.

        Inside a territory are those that have or had it as parent and those that it succeeded, and what is
        inside these: Bourgogne-Franche-Comté covers Bourgogne, which was dissolved into it, and the
        departments of both.
        """
        return self._reached(codes, "outer_code", "inner_code")

    def around(self, codes: Iterable[str]) -> list[str]:
        """The codes of the territories and of all in which they lie or lay: parents, successors and theirs."""
        return self._reached(codes, "inner_code", "outer_code")

    def standing(self) -> Self:
        """Territories that exist and have a place in the order of regions and departments.

        A department lies in a region; the French overseas collectivities, which ISO 3166-2 gives the same rank, lie in
        none and are left out.
        """
        inside = TerritoryParent.objects.filter(territory=OuterRef("pk")).exclude(over("until"))
        return self.filter(Q(level=TerritoryLevel.REGION) | Exists(inside)).exclude(over("dissolved_on"))

    def closures(self) -> dict[str, set[str]]:
        """For every territory that lies or lay in another: itself and all of those `around` it."""
        outer = defaultdict(set)
        for code, successor in self.exclude(successor=None).values_list("code", "successor"):
            outer[code].add(successor)
        for code, parent in TerritoryParent.objects.values_list("territory", "parent"):
            outer[code].add(parent)
        closures: dict[str, set[str]] = {}
        for code in outer:
            closures[code], waiting = {code}, [code]
            while waiting:
                new = outer.get(waiting.pop(), set()) - closures[code]
                closures[code] |= new
                waiting += new
        return closures

    @staticmethod
    def _reached(codes: Iterable[str], start: str, end: str) -> list[str]:
        # The parts of the statement are the two column names above; UNION drops repetitions, which ends circles too.
        statement = f"""
            WITH RECURSIVE lies_in (inner_code, outer_code) AS (
                SELECT territory_id, parent_id FROM partnerships_territoryparent
                UNION ALL
                SELECT code, successor_id FROM partnerships_territory WHERE successor_id IS NOT NULL
            ), reached (code) AS (
                SELECT unnest(%s::text[])
                UNION
                SELECT lies_in.{end}::text FROM reached JOIN lies_in ON lies_in.{start} = reached.code
            )
            SELECT code FROM reached ORDER BY code
        """  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(codes)])
            return [code for (code,) in cursor.fetchall()]


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


def numbers_by(records: QuerySet, column: str) -> dict[str, int]:
    """Number of records for each value of a column; those without a value are left out."""
    whole = records.model._default_manager.filter(pk__in=records.order_by().values("pk")).order_by()
    numbers = whole.exclude(**{column: None}).values_list(column).annotate(Count("pk"))
    return dict(numbers)


def numbers_by_territory(records: QuerySet, *columns: str) -> dict[str, int]:
    """Number of records in each territory, or in something inside: `columns` say where a record is."""
    around = territories().closures()
    whole = records.model._default_manager.filter(pk__in=records.order_by().values("pk")).order_by()
    numbers: Counter[str] = Counter()
    for *codes, number in whole.values_list(*columns).annotate(number=Count("pk")):
        for code in set().union(*(around.get(code, {code}) for code in codes if code)):
            numbers[code] += number
    return numbers


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


def territories() -> TerritoryQuerySet:
    """All territories, the dissolved ones too."""
    return TerritoryQuerySet(Territory)
