"""Suspensions of parties: of one, and of all those of a country."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from core.database.contention import lock_rows, retried
from core.dates import PartialDate

from .. import permissions
from ..choices import Action, SuspendedBy
from ..derived_states import running_suspensions
from ..models import Agreement, Country, Party, Source, Suspension
from ..party_conditions import in_countries
from ..querysets import PartyQuerySet, agreements, parties
from .actions import ActionRefused, acting, check_rules, locked, refuse_withdrawn, require


@retried
def suspend(
    *,
    by: User,
    party: Party,
    suspended_by: str = SuspendedBy.PARTY,
    since: str | None = None,
    until: str | None = None,
    act: str = "",
    reason_en: str = "",
    reason_fr: str = "",
    source: Source | None = None,
) -> Suspension:
    """Suspend the part of one party; the others' go on."""
    require(permissions.may_publish(by, party.agreement))
    with acting(by, Action.SUSPEND, party.agreement, reason=reason_en or reason_fr):
        refuse_withdrawn(locked(party.agreement).publication)
        if suspended_now([party.pk]):
            raise ActionRefused(_("The part of this party is suspended already: end that suspension first."))
        check_rules({"suspensions": [{"since": since, "until": until}]}, publishing=True)
        dates: dict[str, Any] = {"since": since or None, "until": until or None}
        return Suspension.objects.create(
            party=party,
            suspended_by=suspended_by,
            act=act,
            reason_en=reason_en,
            reason_fr=reason_fr,
            source=source,
            **dates,
        )


@retried
def resume(*, by: User, suspension: Suspension, until: str) -> Suspension:
    """End a suspension on a date."""
    agreement = suspension.party.agreement
    require(permissions.may_publish(by, agreement))
    with acting(by, Action.RESUME, agreement):
        refuse_withdrawn(locked(agreement).publication)
        check_rules({"suspensions": [{"since": suspension.since, "until": until}]}, publishing=True)
        suspension.until = PartialDate(until)
        suspension.save(update_fields=["until"])
    return suspension


def suspended_now(keys: Iterable[int]) -> set[int]:
    """Parties, by key and among some given, whose part is suspended today."""
    return set(running_suspensions().filter(party__in=list(keys)).values_list("party", flat=True))


@retried
def suspend_country(
    *,
    by: User,
    country: Country,
    since: str,
    suspended_by: str = SuspendedBy.STATE,
    partner: Country | None = None,
    act: str = "",
    reason_en: str = "",
    reason_fr: str = "",
    source: Source | None = None,
) -> int:
    """Suspend the part of all parties of a country in its current agreements (with one partner country, if one is
    named), as in Mali, Niger and Burkina Faso in 2023. Returns how many were suspended.

    Parties that are suspended already, and the partners, are left as they are.
    """
    require(permissions.is_administrator(by))
    with acting(by, Action.SUSPEND, reason=reason_en or reason_fr):
        current = agreements().published().current()
        concerned = _of_country(country, partner, parties().present()).filter(agreement__in=current)
        lock_rows(Agreement, concerned.values_list("agreement", flat=True))
        keys = list(concerned.values_list("pk", flat=True))
        already = suspended_now(keys)
        return len(
            Suspension.objects.bulk_create(
                Suspension(
                    party_id=key,
                    suspended_by=suspended_by,
                    since=PartialDate(since),
                    act=act,
                    reason_en=reason_en,
                    reason_fr=reason_fr,
                    source=source,
                )
                for key in keys
                if key not in already
            )
        )


def _of_country(country: Country, partner: Country | None, those: PartyQuerySet) -> PartyQuerySet:
    """Parties of a country, among some given; if a partner country is named, those beside one of its parties."""
    if partner is not None:
        those = those.beside(in_countries([partner.pk]))
    return those.filter(in_countries([country.pk]))


def foreseen(call: Callable[..., int], **given: Any) -> int:
    """Dry run of a workflow call: the number of records that it would touch; it is made in a transaction that is rolled
    back."""
    with transaction.atomic():
        number = call(**given)
        transaction.set_rollback(True)
    return number


@retried
def resume_country(*, by: User, country: Country, until: str, partner: Country | None = None) -> int:
    """End, on a date, all suspensions by the State of a country's parties. Returns how many were ended."""
    require(permissions.is_administrator(by))
    with acting(by, Action.RESUME):
        concerned = _of_country(country, partner, parties())
        running = Suspension.objects.filter(party__in=concerned, suspended_by=SuspendedBy.STATE, until=None)
        lock_rows(Agreement, running.values_list("party__agreement", flat=True))
        begun = running.order_by("since").values_list("since", flat=True).distinct()
        check_rules({"suspensions": [{"since": since, "until": until} for since in begun]}, publishing=True)
        return running.update(until=PartialDate(until))
