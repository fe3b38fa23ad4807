"""The rule book: what makes the content of an agreement valid, and whether two contents are the same agreement.

Form, actions, API and import ask it alike, so that one content has one answer through every door. Each rule stands here
once: the columns without which there is nothing to ask, how severe a breach is, the fields it is shown at, and the
message with value and remedy. What the database can hold by constraints it holds too.

A content (see ``snapshot``) may be partial: a row of a file brings what it says, and what is not there is not asked.
Besides what a content has, `verified_on` and `suspensions` (``since``, ``until``) are judged where they are given.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.dates import PartialDate
from core.imports.cells import TEXT_TOO_LONG

from ..agreements.fields import CONTENT_FIELDS
from ..choices import Activity, FormalStatus
from ..places.party_refs import party_key
from .snapshot import refs_in

RULED_COLUMNS = frozenset({"signed", "valid_until", "ended", "formal_status", "activity", "verified_on"})
"""The agreement's own columns that rules speak of."""

MAX_LENGTHS = {name: own.value.max_length for name, own in CONTENT_FIELDS.items() if own.value.max_length}
"""Characters that each of the agreement's own texts may have."""

EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
"""Years in which money may have been given."""

AMOUNT_PATTERN = r"^\d{1,12}(\.\d\d?)?$"
"""Pattern of an amount in a content, in digits of ASCII; people may write it otherwise."""
AMOUNT_REMEDY = gettext_lazy(
    "An amount is not negative, and has at most twelve digits and two decimals: write it as in 12500.00."
)
CURRENCY_REMEDY = gettext_lazy("A currency is written by its ISO 4217 code, such as EUR.")
YEAR_REMEDY = gettext_lazy("The year lies between 1900 and 2100.")


class Severity(StrEnum):
    """Severity of a breach: impossible in a draft too, or only in what is to be public."""

    FAULT = "fault"
    PUBLISHING = "publishing"


class Breach(NamedTuple):
    """Breach of a rule: its code, the fields it speaks of (it is shown at the first that there is), the message.

    Fields of rows are named as in the form: “parties-0-left”.
    """

    code: str
    fields: tuple[str, ...]
    message: str


Told = Iterator[tuple[tuple[str, ...], str]]
Ask = Callable[[Mapping[str, Any], str], Told]


@dataclass(frozen=True, slots=True)
class Rule:
    """Rule of the book: asked where all columns that it needs are filled, with the content and the day of today."""

    code: str
    needs: tuple[str, ...]
    severity: Severity
    ask: Ask


RULES: list[Rule] = []
"""The rules, in the order in which their messages are told."""


def _rule(code: str, *needs: str, severity: Severity = Severity.FAULT) -> Callable[[Ask], Ask]:
    """Decorator: enters a function in the book."""

    def enter(ask: Ask) -> Ask:
        RULES.append(Rule(code, needs, severity, ask))
        return ask

    return enter


# Asking


def breaches(content: Mapping[str, Any], *, publishing: bool, today: str = "") -> list[Breach]:
    """Breaches of rules by a content, in the order of the book; those of what is only missing, or not yet so, where it
    is to be published. `today` spares who asks for thousands of contents the clock."""
    today = today or timezone.localdate().isoformat()
    found = []
    for rule in RULES:
        for name in rule.needs:
            if not content.get(name):
                break
        else:
            if publishing or rule.severity is Severity.FAULT:
                found += [Breach(rule.code, *told) for told in rule.ask(content, today)]
    return found


def faults(content: Mapping[str, Any], *, publishing: bool) -> dict[str, list[str]]:
    """Messages of a content's breaches, by the field of the form: “parties”, “signed”, “parties-0-left” …"""
    found: dict[str, list[str]] = {}
    for breach in breaches(content, publishing=publishing):
        found.setdefault(breach.fields[0], []).append(breach.message)
    return found


# The agreement's own dates


@_rule("end-before-signature", "signed", "ended")
def _end_follows_signature(content: Mapping[str, Any], today: str) -> Told:
    if not dates_in_order(content["signed"], content["ended"]):
        message = _("The end lies before the signature (%(date)s): correct one of the two.")
        yield ("ended", "signed"), message % _date(content["signed"])


@_rule("term-before-signature", "signed", "valid_until")
def _term_follows_signature(content: Mapping[str, Any], today: str) -> Told:
    if not dates_in_order(content["signed"], content["valid_until"]):
        message = _("The term ends before the signature (%(date)s): correct one of the two.")
        yield ("valid_until", "signed"), message % _date(content["signed"])


@_rule("signed-in-future", "signed", severity=Severity.PUBLISHING)
def _is_signed(content: Mapping[str, Any], today: str) -> Told:
    if _is_ahead(content["signed"], today):
        message = _("The signature lies in the future (%(date)s): until then the agreement can only be a draft.")
        yield ("signed",), message % _date(content["signed"])


@_rule("ended-in-future", "ended")
def _has_ended(content: Mapping[str, Any], today: str) -> Told:
    """An end that is to come is none yet; until when the agreement holds is another date."""
    if _is_ahead(content["ended"], today):
        message = _("The end lies in the future (%(date)s): enter it as the date until which the agreement is valid.")
        yield ("ended",), message % _date(content["ended"])


@_rule("active-though-ended", "ended", "activity")
def _ended_is_not_active(content: Mapping[str, Any], today: str) -> Told:
    """Not so “dormant”, by which files say “inactive” of what is over; and what the papers say is another fact: a
    twinning may have ended though nobody denounced it."""
    if content["activity"] == Activity.ACTIVE and not _is_ahead(content["ended"], today):
        message = _("It ended (%(date)s) and is “active” all the same: say “ended”, or remove the date of the end.")
        yield ("activity", "ended"), message % _date(content["ended"])


@_rule("draft-though-signed", "signed", "formal_status")
def _signed_is_no_draft(content: Mapping[str, Any], today: str) -> Told:
    """Planned papers may be signed later in the year that goes on."""
    if content["formal_status"] == FormalStatus.DRAFT and _is_over(content["signed"], today):
        message = _("It was signed (%(date)s) and its papers are a “draft” all the same: correct one of the two.")
        yield ("formal_status", "signed"), message % _date(content["signed"])


@_rule("verified-in-future", "verified_on")
def _is_verified(content: Mapping[str, Any], today: str) -> Told:
    if _is_ahead(str(content["verified_on"]), today):
        yield ("verified_on",), _("The day of a verification does not lie in the future.")


# Texts


@_rule("text-too-long")
def _texts_are_short_enough(content: Mapping[str, Any], today: str) -> Told:
    for name, longest in MAX_LENGTHS.items():
        if (length := len(content.get(name) or "")) > longest:
            yield (name,), TEXT_TOO_LONG % {"show_value": length, "limit_value": longest}


# Parties


@_rule("party-order", "parties")
def _parties_leave_after_they_join(content: Mapping[str, Any], today: str) -> Told:
    signed, ended = content.get("signed"), content.get("ended")
    for number, party in enumerate(content["parties"]):
        joined, left = party["joined"], party["left"]
        field = f"parties-{number}"
        if joined and left and not dates_in_order(joined, left):
            message = _("This party left before it joined (%(date)s): correct one of the two.")
            yield (f"{field}-left", f"{field}-joined"), message % _date(joined)
        elif left and signed and not dates_in_order(signed, left):
            message = _("This party left before the signature (%(date)s): correct one of the two.")
            yield (f"{field}-left", "signed"), message % _date(signed)
        if joined and ended and not dates_in_order(joined, ended):
            message = _("This party joined after the end (%(date)s): correct one of the two.")
            yield (f"{field}-joined", "ended"), message % _date(ended)


@_rule("joined-in-future", "parties", severity=Severity.PUBLISHING)
def _parties_have_joined(content: Mapping[str, Any], today: str) -> Told:
    for number, party in enumerate(content["parties"]):
        if party["joined"] and _is_ahead(party["joined"], today):
            message = _("This party joins in the future (%(date)s): until then the agreement can only be a draft.")
            yield (f"parties-{number}-joined",), message % _date(party["joined"])


@_rule("left-in-future", "parties")
def _parties_have_left(content: Mapping[str, Any], today: str) -> Told:
    """As of an end: that which is to come is none yet."""
    for number, party in enumerate(content["parties"]):
        if party["left"] and _is_ahead(party["left"], today):
            message = _("This party leaves in the future (%(date)s): enter it once it has left.")
            yield (f"parties-{number}-left",), message % _date(party["left"])


@_rule("party-twice", "parties")
def _parties_are_different(content: Mapping[str, Any], today: str) -> Told:
    seen = set()
    for number, party in enumerate(content["parties"]):
        if party["actor"] in seen:
            yield (f"parties-{number}-actor",), party_twice()
        seen.add(party["actor"])


def party_twice() -> str:
    """Message for a party that is there a second time."""
    return _("This party is there twice: correct one of the two.")


@_rule("two-parties", severity=Severity.PUBLISHING)
def _has_two_parties(content: Mapping[str, Any], today: str) -> Told:
    if "parties" in content and len({party["actor"] for party in content["parties"]}) < 2:
        yield ("parties",), too_few_parties()


def too_few_parties() -> str:
    """Message for an agreement of a single party, or none."""
    return _("An agreement has at least two parties.")


@_rule("source", severity=Severity.PUBLISHING)
def _has_a_source(content: Mapping[str, Any], today: str) -> Told:
    if not content.get("sources", True):
        yield ("sources",), _("Say how this is known: at least one source is needed.")


# Renewals


@_rule("renewal", "renewals")
def _renewals_lie_within(content: Mapping[str, Any], today: str) -> Told:
    signed, ended = content.get("signed"), content.get("ended")
    seen = set()
    for number, renewal in enumerate(content["renewals"]):
        renewed, until = renewal["renewed"], renewal["valid_until"]
        field = f"renewals-{number}-renewed"
        if renewed in seen:
            yield (field,), _("This renewal is there twice.")
        seen.add(renewed)
        if signed and not dates_in_order(signed, renewed):
            message = _("The renewal (%(renewed)s) lies before the signature (%(date)s): correct one of the two.")
            yield (field, "signed"), message % _date(signed, renewed=renewed)
        if ended and not dates_in_order(renewed, ended):
            message = _("The renewal (%(renewed)s) lies after the end (%(date)s): correct one of the two.")
            yield (field, "ended"), message % _date(ended, renewed=renewed)
        if until and not dates_in_order(renewed, until):
            message = _("The term ends before the renewal (%(date)s): correct one of the two.")
            yield (f"renewals-{number}-valid_until", field), message % _date(renewed)


@_rule("renewed-in-future", "renewals", severity=Severity.PUBLISHING)
def _is_renewed(content: Mapping[str, Any], today: str) -> Told:
    for number, renewal in enumerate(content["renewals"]):
        if _is_ahead(renewal["renewed"], today):
            message = _("The renewal lies in the future (%(date)s): enter it once it was made.")
            yield (f"renewals-{number}-renewed",), message % _date(renewal["renewed"])


# Money


@_rule("funding", "funding")
def _money_is_counted(content: Mapping[str, Any], today: str) -> Told:
    seen = set()
    for number, row in enumerate(content["funding"]):
        field = f"funding-{number}"
        if not year_fits(row["year"]):
            yield (f"{field}-year",), str(YEAR_REMEDY)
        if (row["funding"], row["year"]) in seen:
            yield (f"{field}-year",), _("This funding source is there twice for the year: keep one of the two.")
        seen.add((row["funding"], row["year"]))
        if not amount_fits(row["amount"]):
            yield (f"{field}-amount",), str(AMOUNT_REMEDY)
        if (row["amount"] is None) != (row["currency"] == ""):
            fields = (f"{field}-currency", f"{field}-amount")
            yield fields, _("An amount has a currency, and a currency an amount.")
        elif row["currency"] and not currency_fits(row["currency"]):
            yield (f"{field}-currency",), str(CURRENCY_REMEDY)


def year_fits(year: int | None) -> bool:
    """True if money may have been given in a year, or if the year is not known."""
    return year is None or EARLIEST_YEAR <= year <= LATEST_YEAR


def amount_fits(amount: Any) -> bool:
    """True for an amount (a number, or its text in a content) that can be stored as it is; for an unknown one, too."""
    return amount is None or re.fullmatch(AMOUNT_PATTERN, str(amount), re.ASCII) is not None


def currency_fits(currency: str) -> bool:
    """True if a text has the form of a code of ISO 4217."""
    return len(currency) == 3 and currency.isascii() and currency.isalpha() and currency.isupper()


# Suspensions


@_rule("suspension-order", "suspensions")
def _suspensions_end_after_they_begin(content: Mapping[str, Any], today: str) -> Told:
    for number, suspension in enumerate(content["suspensions"]):
        since, until = suspension["since"], suspension["until"]
        if since and until and not dates_in_order(since, until):
            message = _("The suspension ends before it begins (%(date)s): correct one of the two.")
            yield (f"suspensions-{number}-until", f"suspensions-{number}-since"), message % _date(since)


# Dates


def dates_in_order(first: str, second: str) -> bool:
    """True if two partial dates are in order as far as both are known: 1989-05 then 1989 may well be."""
    return first[: len(second)] <= second[: len(first)]


def _is_ahead(date: str, today: str) -> bool:
    """True if no day that a partial date can mean has come."""
    return date > today[: len(date)]


def _is_over(date: str, today: str) -> bool:
    """True if every day that a partial date can mean is past."""
    return date < today[: len(date)]


def _date(date: str, **more: str) -> dict[str, str]:
    """Dates of a message, in the reader's words."""
    return {name: PartialDate(value).localised() for name, value in {"date": date, **more}.items()}


# Whether two are the same


class Likeness(IntEnum):
    """Likeness of two agreements, the nearer the higher.

    OTHER: of other parties. BESIDE: of the same parties, but of another kind or start. POSSIBLE: the kind is the same
    as well, and one start is the other known less precisely, or not at all. SAME: parties, kind and start are the same,
    of which one is published once.
    """

    OTHER = 0
    BESIDE = 1
    POSSIBLE = 2
    SAME = 3


class Identity(NamedTuple):
    """Identity of an agreement: the key of its parties, its kind, its start."""

    parties: str
    kind: str | None
    signed: str | None


def identity_of(content: Mapping[str, Any]) -> Identity:
    """The identity of a content whose parties are all in the directory."""
    return Identity(party_key(refs_in(content)), content["kind"], content["signed"])


def likeness(one: Identity, other: Identity) -> Likeness:
    """Likeness of two agreements, whichever door asks; what follows from it is the door's.

    People (form, actions, API) give a reason for another agreement that is BESIDE or nearer, and no reason helps where
    it is the SAME. A file cannot be asked in between: its row means the one agreement that is the SAME, or the only
    POSSIBLE one, and makes another one BESIDE. A row that names a reference means that one, and another that is the
    SAME is refused.
    """
    if not one.parties or one.parties != other.parties:
        return Likeness.OTHER
    return likeness_by_start(one.signed, other.signed) if one.kind == other.kind else Likeness.BESIDE


def likeness_by_start(signed: str | None, other: str | None) -> Likeness:
    """Likeness of two agreements of the same parties and kind."""
    if signed == other:
        return Likeness.SAME
    first, second = signed or "", other or ""
    return Likeness.POSSIBLE if first.startswith(second) or second.startswith(first) else Likeness.BESIDE


def is_there_already(reference: str) -> str:
    """Message for an agreement that is the SAME as another one."""
    return _("These parties have an agreement of this kind and start already: %s.") % reference
