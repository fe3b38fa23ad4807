"""Name questions of an import: names in files to be matched with places, answered many at a time."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from core.imports import batches, jobs
from core.imports.errors import ImportRefused
from core.imports.models import Decision, ImportName, ImportStatus, MatchVerdict
from core.text import normalise
from partnerships import permissions
from partnerships.choices import Level
from partnerships.imports.verdicts import InForce, VerdictsInForce, Weight, verdict_ref
from partnerships.models import Country, Territory
from partnerships.places.party_refs import PartyRef
from partnerships.querysets import towns

from .base import UnappliedBatchPage
from .name_facts import NameCandidate, kilometres_away, map_points, said_facts, told_apart, town_addresses

QUESTIONS_PER_PAGE = 50
"""Questions of a page."""
_BULK_DECISIONS = (Decision.NEW, Decision.OTHER, Decision.SKIP)
"""Answers that can be given to many names at once."""


@dataclass(frozen=True)
class NameQuestion:
    """A name that may mean several things: what the file says of it, what it may mean, and what was answered."""

    name: ImportName
    said: list[tuple[str, str]]
    candidates: list[NameCandidate]
    answer: str
    answered: str
    by: str
    points: str

    @property
    def located(self) -> bool:
        """True if the distance of any candidate from the file's coordinates is known."""
        return any(candidate.away is not None for candidate in self.candidates)


class NamesPage(UnappliedBatchPage, TemplateView):
    """The open questions of a batch, one for each name, answered in one form."""

    template_name = "imports/names.html"
    step = "names"

    @cached_property
    def in_force(self) -> dict[int, InForce]:
        """The verdicts that count in this file, by the key of the question."""
        names = self.batch.names.filter(question=True).values_list("pk", "said")
        keys = {pk: self.resource.verdict_key(said) for pk, said in names}
        known = VerdictsInForce(self.batch.user).on(keys.values())
        return {pk: known[key] for pk, key in keys.items() if key in known}

    @cached_property
    def verdicts(self) -> dict[int, MatchVerdict]:
        """Verdicts given since the plan, by the key of the question."""
        return {pk: one.decided for pk, one in self.in_force.items() if one.decided}

    @property
    def mine(self) -> bool:
        """True if the visitor uploaded the file: then their own verdict decides in it."""
        return self.batch.user_id == self.request.user.pk

    @property
    def of_others(self) -> QuerySet[ImportName]:
        """The names of the file that somebody else decided on."""
        found = self.batch.names.exclude(verdict=None).exclude(verdict__user=self.batch.user_id)
        return found.select_related("verdict__user").order_by("-rows", "normalised", "pk")

    @property
    def asked(self) -> str:
        """Search text of the request (``q``)."""
        return self.request.GET.get("q", "").replace("\0", " ").strip()[:100]

    def _open(self) -> list[int]:
        """The keys of the questions: those that are not answered first, then those of most rows."""
        found = self.batch.names.filter(question=True)
        if self.asked:
            found = found.filter(normalised__contains=normalise(self.asked))
        order = found.values_list("pk", "rows", "normalised")
        return [pk for pk, *_rest in sorted(order, key=lambda row: (row[0] in self.verdicts, -row[1], row[2], row[0]))]

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        pks = self._open()
        page = _page_of(pks, self.request.GET.get("page", ""))
        names = self.batch.names.in_bulk(list(page.object_list))
        question = self.request.GET.copy()
        question.pop("page", None)
        return super().get_context_data(
            questions=self._questions([names[pk] for pk in page.object_list if pk in names]),
            page_obj=page,
            paginator=page.paginator,
            querystring=question.urlencode(),
            asked=self.asked,
            total=self.batch.names.filter(question=True).count(),
            answered=len(self.verdicts),
            found=len(pks),
            of_others=self.of_others[:QUESTIONS_PER_PAGE] if self.batch.status == ImportStatus.PLANNED else [],
            mine=self.mine,
            **kwargs,
        )

    def _questions(self, names: list[ImportName]) -> list[NameQuestion]:
        given = [candidate for name in names for candidate in name.candidates]
        countries = Country.objects.in_bulk({candidate["country"] for candidate in given})
        countries |= Country.objects.in_bulk({name.said.get("country") for name in names} - {None})
        codes = {candidate["territory"] for candidate in given} | {name.said.get("territory") for name in names}
        territories = Territory.objects.in_bulk(codes - {None})
        addresses = town_addresses({PartyRef.parse(candidate["target"]) for candidate in given})
        levels = dict(Level.choices)
        found = []
        for name in names:
            verdict = self.verdicts.get(name.pk)
            answer = _answer_of(verdict)
            candidates = [
                NameCandidate(
                    ref,
                    candidate["name"],
                    str(levels.get(candidate["level"], "")),
                    str(countries.get(candidate["country"], candidate["country"] or "")),
                    str(territories.get(candidate["territory"], candidate["territory"] or "")),
                    candidate["population"],
                    candidate["latitude"],
                    candidate["longitude"],
                    kilometres_away(name.said, candidate),
                    addresses.get(ref, ""),
                    str(ref) == answer,
                )
                for candidate in name.candidates
                for ref in [PartyRef.parse(candidate["target"])]
            ]
            candidates.sort(key=lambda one: (one.away is None, one.away or 0))  # else as the matcher has them
            found.append(
                NameQuestion(
                    name,
                    said_facts(name.said, countries, territories, levels),
                    candidates,
                    answer,
                    str(verdict) if verdict else "",
                    verdict.by if verdict and verdict.user_id != self.request.user.pk else "",
                    map_points(name, candidates),
                )
            )
        return found

    # Answering

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Remember the answers, or plan again with those that were given."""
        here = request.get_full_path()
        if request.POST.get("do") == "ask":
            asked = self.of_others.filter(pk__in=_numbers(request.POST.getlist("ask"))) if self.mine else ()
            if not asked:
                messages.warning(request, _("Mark the names that you want to decide on yourself."))
                return redirect(here)
            batches.decide(asked, Decision.ASK, by=request.user, scope=())
        if request.POST.get("do") in ("plan", "ask"):
            try:
                jobs.enqueue_step(self.batch, "plan", by=request.user)
            except ImportRefused as error:
                messages.error(request, str(error))
                return redirect(here)
            return redirect("import_progress", self.batch.reference)
        reopened = self._reopen(request.POST)
        number, faults = self._decide(request.POST)
        for fault in faults:
            messages.error(request, fault)
        if reopened:
            told = ngettext("%(number)d name is open again.", "%(number)d names are open again.", reopened)
            messages.success(request, told % {"number": reopened})
        if number:
            told = ngettext("%(number)d name is answered.", "%(number)d names are answered.", number)
            messages.success(request, told % {"number": number})
        elif not faults and not reopened:
            messages.warning(request, _("Nothing is answered yet: choose what at least one of the names stands for."))
        return redirect(here)

    def _reopen(self, sent: QueryDict) -> int:
        """Revoke the answers to names that are said to be not decided, or have them asked whatever others answered;
        gives their number.

        Only answers that the page showed (“was”): those given since on another page stay.
        """
        verdicts = {
            pk: verdict
            for pk, verdict in self.verdicts.items()
            if sent.get(f"n{pk}") == "" and sent.get(f"was{pk}") == _answer_of(verdict)
            if not sent.get(f"other{pk}", "").strip()
        }
        own = {pk: verdict for pk, verdict in verdicts.items() if verdict.user_id == self.request.user.pk}
        for verdict in own.values():
            batches.revoke_verdict(verdict)
        asked = self.batch.names.filter(pk__in=verdicts.keys() - own.keys()) if self.mine else ()
        if asked:
            batches.decide(asked, Decision.ASK, by=self.request.user, scope=())
        return len(own) + len(asked)

    def _decide(self, sent: QueryDict) -> tuple[int, list[str]]:
        """Remember what is said of each name; gives the number of answers, and what is wrong with others."""
        faults = []
        shown = _numbers(sent.getlist("name"))[:QUESTIONS_PER_PAGE]
        if "everywhere" in sent and sent.get("rest") in _BULK_DECISIONS:
            shown += [pk for pk in self._open() if pk not in shown]
        names = {name.pk: name for name in self.batch.names.filter(question=True, pk__in=shown).select_related("batch")}
        rest = sent.get("rest", "")
        done: dict[tuple[str, str, str], list[ImportName]] = {}
        for pk in dict.fromkeys(shown):
            if pk not in names:
                continue
            answer = sent.get(f"n{pk}", "")
            other = sent.get(f"other{pk}", "").strip()
            if other:  # whatever was chosen before
                town = towns().published().filter(reference__iexact=other[:20]).first()
                if town is None:
                    faults.append(
                        _("%(name)s: there is no town with the reference “%(value)s”. References stand on the pages of"
                          " towns, such as T12.") % {"name": names[pk].said["name"], "value": other[:20]}
                    )  # fmt: skip
                    continue
                title = told_apart(town.name, town.territory_id or town.country_id)
                done.setdefault((Decision.RECORD, str(PartyRef.of(town)), title), []).append(names[pk])
                continue
            if not answer and pk not in self.verdicts and rest in _BULK_DECISIONS:
                answer = rest
            decided = _decision(answer, names[pk])
            if decided and answer != _answer_of(self.verdicts.get(pk)):
                done.setdefault(decided, []).append(names[pk])
        reach = permissions.reach_of_verdicts(self.request.user)
        number = 0
        for (decision, target, title), chosen in done.items():
            outweighed = {name.pk: fault for name in chosen if (fault := self._outweighed(name))}
            faults += outweighed.values()
            heeded = [name for name in chosen if name.pk not in outweighed]
            batches.decide(heeded, decision, by=self.request.user, scope=reach, target=target, title=title)
            number += len(heeded)
        return number, faults

    def _outweighed(self, name: ImportName) -> str:
        """Reason why an answer would have no effect in somebody else's file (closer verdicts decide in it); empty if it
        would."""
        found = self.in_force.get(name.pk)
        if found is None or self.mine or found.weight == Weight.EVERYWHERE:
            return ""
        return _("%(name)s: in this file, what %(people)s decided counts before your answer: revoke it first.") % {
            "name": name.said["name"], "people": ", ".join(verdict.by for verdict in found.verdicts),
        }  # fmt: skip


def _numbers(sent: list[str]) -> list[int]:
    """The keys that a form sends, without what is none."""
    return [int(pk[:18]) for pk in sent if pk.isdecimal()]


def _page_of(pks: list[int], asked: str) -> Page:
    paginator = Paginator(pks, QUESTIONS_PER_PAGE)
    return paginator.get_page(asked if asked.isdecimal() and len(asked) < 10 else 1)


def _answer_of(verdict: MatchVerdict | None) -> str:
    """The choice of the form that a verdict is."""
    if verdict is None:
        return ""
    return str(verdict_ref(verdict) or verdict.decision)


def _decision(answer: str, name: ImportName) -> tuple[str, str, str] | None:
    """Decision, target and title that a choice of the form means; None for none, or for what was not offered."""
    if answer in _BULK_DECISIONS:
        return answer, "", ""
    try:
        ref = PartyRef.parse(answer)
    except ValueError:
        return None
    for candidate in name.candidates:
        if PartyRef.parse(candidate["target"]) == ref:
            decision = Decision.RECORD if ref.is_stored else Decision.PLACE
            return decision, str(ref), told_apart(candidate["name"], candidate["territory"] or candidate["country"])
    return None
