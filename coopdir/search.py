"""The search of the home page: the few records, of every kind, that a text most probably means."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from django.db.models import Case, F, IntegerField, Min, OuterRef, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce, Least
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rapidfuzz.distance import OSA

from core.lists.text_search import typos_allowed, words
from core.text import normalise
from networks.models import Network, SupportBody
from networks.querysets import networks, support_bodies
from partnerships.models import Agreement, Country, Organisation, OrganisationName, Town, TownName
from partnerships.querysets import agreements, countries, organisations, towns

_EXACT, _BEGINS, _BEGINS_A_WORD, _ELSEWHERE = range(4)
"""Ranks of a match by its place in the name: the whole name, its beginning, the beginning of a later word, or
otherwise."""

MOST_AGREEMENTS = 5
"""Agreements that may be proposed: their towns stand above them, and lead to all the others."""


@dataclass(frozen=True)
class Suggestion:
    """A record that the text may mean.

    `kind` is the name of the model and of its page's URL: town, country, network, supportbody, organisation, agreement.
    `argument` is what the URL takes: a country's code, else the record's address.
    """

    kind: str
    title: str
    detail: str
    rank: int
    argument: dict[str, str]

    @property
    def url(self) -> str:
        """The address of the record's page, in the active language."""
        return reverse(self.kind, kwargs=self.argument)


def suggest_records(text: str, limit: int = 10) -> list[Suggestion]:
    """The records that `text` most probably means, best first, at most `limit`.

    Names that are or begin with the text come first; where two are alike in that, countries and networks come
    before towns, large towns before small ones. An alternative name counts in full only if it is the text, and is told
    where the record's own name would not say why it stands here. Typos are forgiven only where no kind of record has
    the words as they stand. Agreements are proposed for a reference or for two words and more (“Quetigny Koulikoro”).
    """
    if not words(text):
        return []
    for found in (_having, _resembling):
        best = sorted(_suggestions(text, limit, found), key=lambda suggestion: suggestion.rank)
        if best:
            return best[:limit]
    return []


class Searched(Protocol):
    """Records that are found by a word of theirs."""

    def having(self, text: str) -> Any:
        """Those with all words of a text."""

    def resembling(self, text: str) -> Any:
        """Those with words like them."""


_Matcher = Callable[[Searched, str], Any]


def _having(records: Searched, text: str) -> Any:
    return records.having(text)


def _resembling(records: Searched, text: str) -> Any:
    return records.resembling(text)


def _suggestions(text: str, limit: int, found: _Matcher) -> Iterator[Suggestion]:
    """Suggestions of every kind, not yet in order of rank."""
    wanted = normalise(text)
    yield from _countries(wanted, typos=found is _resembling)
    for network in found(networks().published(), text)[:limit]:
        names = (network.acronym, network.name_en, network.name_fr)
        yield _of_record(network, _best(names, wanted), network.name if network.acronym else network.get_kind_display())
    ranked = _ranked(found(towns().published(), text), TownName, "town", wanted)
    largest = F("population").desc(nulls_last=True)
    found_towns = list(ranked.select_related("country", "territory").order_by("rank", largest, "pk")[:limit])
    known_as = _known_as(found_towns, TownName, "town", wanted)
    for town in found_towns:
        yield _of_record(town, town.rank, known_as.get(town.pk), town.get_level_display(), town.territory, town.country)
    for body in found(support_bodies().published(), text)[:limit]:
        detail = body.name if body.acronym else _("regional support body")
        yield _of_record(body, _best((body.acronym, body.name), wanted), detail)
    ranked = _ranked(found(organisations().published(), text), OrganisationName, "organisation", wanted)
    found_organisations = list(ranked.select_related("country").order_by("rank", "normalised", "pk")[:limit])
    known_as = _known_as(found_organisations, OrganisationName, "organisation", wanted)
    for organisation in found_organisations:
        details = known_as.get(organisation.pk), organisation.get_kind_display(), organisation.country
        yield _of_record(organisation, organisation.rank, *details)
    published = agreements().published()
    reference = text.strip().upper()
    meant = found(published, text) if len(words(text)) > 1 else published.filter(reference=reference)
    for agreement in meant.with_parties()[:MOST_AGREEMENTS]:
        rank = _EXACT if agreement.reference == reference else _ELSEWHERE
        signed = agreement.signed.localised() if agreement.signed else None
        yield _of_record(agreement, rank, agreement.get_kind_display(), signed)


def _of_record(
    record: Agreement | Network | Organisation | SupportBody | Town, rank: int, *details: object
) -> Suggestion:
    """The suggestion of a public record."""
    detail = " · ".join(str(part) for part in details if part)
    return Suggestion(str(record._meta.model_name), str(record), detail, rank, {"address": record.address})


def _countries(wanted: str, *, typos: bool) -> Iterator[Suggestion]:
    """Countries, by their names and codes; there are few enough to look at all."""
    for country in countries():
        names = [normalise(name) for name in (country.name_en, country.name_fr)]
        codes = (country.code.lower(), country.alpha3.lower())
        if typos:
            allowed = typos_allowed(wanted)
            hit = allowed and any(OSA.distance(wanted, name, score_cutoff=allowed) <= allowed for name in names)
        else:
            hit = wanted in codes or any(f" {wanted}" in f" {name}" for name in names)
        if hit:
            yield _of_country(country, _best((*names, *codes), wanted))


def _of_country(country: Country, rank: int) -> Suggestion:
    code = country.code.lower()
    return Suggestion("country", country.name, str(country.get_continent_display()), rank, {"code": code})


def _best(names: Iterable[str], wanted: str) -> int:
    """The best rank among names."""
    return min(_rank(normalise(name), wanted) for name in names)


def _rank(name: str, wanted: str) -> int:
    if name == wanted:
        return _EXACT
    if name.startswith(wanted):
        return _BEGINS
    return _BEGINS_A_WORD if f" {wanted}" in name else _ELSEWHERE


def _ranked(records: QuerySet[Any], names: type[TownName | OrganisationName], owner: str, wanted: str) -> QuerySet[Any]:
    """Annotate ``own``, the rank of the record's own name as `_rank` has it, and ``rank``: of alternative names, one
    that is the text is as good as an own name, one that begins with it as one with a later word that does."""

    def rank(begins: int) -> Case:
        return Case(
            When(normalised=wanted, then=Value(_EXACT)),
            When(normalised__startswith=wanted, then=Value(begins)),
            When(normalised__contains=f" {wanted}", then=Value(_BEGINS_A_WORD)),
            default=Value(_ELSEWHERE),
            output_field=IntegerField(),
        )

    others = names.objects.filter(**{owner: OuterRef("pk")}).order_by().values(owner)
    best = Subquery(others.annotate(best=Min(rank(_BEGINS_A_WORD))).values("best"))
    own: QuerySet[Any] = records.annotate(own=rank(_BEGINS))
    ranked: QuerySet[Any] = own.annotate(rank=Least("own", Coalesce(best, Value(_ELSEWHERE))))
    return ranked


def _known_as(
    records: Iterable[Any], names: type[TownName | OrganisationName], owner: str, wanted: str
) -> dict[int, str]:
    """The alternative name by which each record was found, in words, where its own name does not have the text."""
    asked = [record.pk for record in records if record.rank < record.own == _ELSEWHERE]
    found: dict[int, tuple[int, str]] = {}
    for name in names.objects.filter(**{f"{owner}__in": asked}) if asked else ():
        key, entry = getattr(name, f"{owner}_id"), (_rank(name.normalised, wanted), name.name)
        found[key] = min(entry, found.get(key, entry))
    return {key: gettext("also “%(name)s”") % {"name": name} for key, (_best, name) in found.items()}
