"""States that are derived from dates: of an agreement, expired and suspended; of a party, present and suspended.

Each is a condition of the ORM and, beside it, its spelling in SQL for the statements that read whole tables at once;
a test holds the two against one another. The SQL has the placeholders of `core.date_conditions.at_today`.
"""

import datetime

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.lookups import GreaterThanOrEqual
from django.utils.translation import pgettext_lazy

from core.date_conditions import BEGUN_SQL, OVER_SQL, begun, over

from .choices import Activity, FormalStatus, SuspensionState
from .models import Party, Renewal, Suspension

EXPIRED = "expired"
CURRENT_STATUSES = [*FormalStatus.choices, (EXPIRED, pgettext_lazy("formal status", "expired"))]
"""Values of ``current_status``: the formal statuses, and the one that is derived from them."""
RUNNING_STATUSES = (FormalStatus.SIGNED, FormalStatus.IN_FORCE, FormalStatus.RENEWED)
"""Formal statuses of what may expire."""

# Parties


def has_left(today: datetime.date | None = None) -> Q:
    """Condition on a party: it has left."""
    return begun("left", today)


HAS_LEFT_SQL = BEGUN_SQL.format(column='party."left"')


def suspended(today: datetime.date | None = None) -> Exists:
    """Condition on a party: its part is suspended."""
    return Exists(running_suspensions(today).filter(party=OuterRef("pk")))


def running_suspensions(today: datetime.date | None = None) -> QuerySet[Suspension]:
    """Suspensions that have begun, or whose begin is not known, and are not over."""
    return Suspension.objects.filter(Q(since=None) | begun("since", today)).exclude(over("until", today))


SUSPENDED_SQL = f"""EXISTS (
    SELECT FROM partnerships_suspension AS suspension WHERE suspension.party_id = party.id
    AND (suspension.since IS NULL OR {BEGUN_SQL.format(column="suspension.since")})
    AND NOT {OVER_SQL.format(column="suspension.until")}
)"""

# Agreements


def has_ended(today: datetime.date | None = None) -> Q:
    """Condition on an agreement: it has ended, by its date of end, its activity, or because it was terminated."""
    return begun("ended", today) | Q(activity=Activity.ENDED) | Q(formal_status=FormalStatus.TERMINATED)


def has_ended_sql(row: str) -> str:
    """`has_ended` in SQL, of a row of agreements or of their history."""
    codes = f"{row}.activity = '{Activity.ENDED}' OR {row}.formal_status = '{FormalStatus.TERMINATED}'"
    return f"({BEGUN_SQL.format(column=f'{row}.ended')} OR {codes})"


def latest_renewals() -> QuerySet[Renewal]:
    """Renewals of the outer agreement, the latest first."""
    return Renewal.objects.filter(agreement=OuterRef("pk")).order_by("-renewed", "-pk")


def term() -> Case:
    """Term of an agreement: that of its latest renewal, if there is one. A renewal without a term leaves it open."""
    latest = latest_renewals()
    return Case(When(Exists(latest), then=Subquery(latest.values("valid_until")[:1])), default=F("valid_until"))


LATEST_RENEWAL_JOIN = """LEFT JOIN LATERAL (
    SELECT renewal.id, renewal.valid_until FROM partnerships_renewal AS renewal
    WHERE renewal.agreement_id = partnerships_agreement.id ORDER BY renewal.renewed DESC, renewal.id DESC LIMIT 1
) AS latest ON true"""


def current_status(today: datetime.date | None = None) -> Case:
    """Formal status of an agreement annotated with its `term`, or *expired*: it was signed, in force or renewed, is not
    renewed tacitly, and its term is over."""
    expired = When(over("term", today), formal_status__in=RUNNING_STATUSES, tacit_renewal=False, then=Value(EXPIRED))
    return Case(expired, default=F("formal_status"), output_field=CharField())


_TERM_SQL = "(CASE WHEN latest.id IS NULL THEN partnerships_agreement.valid_until ELSE latest.valid_until END)"
CURRENT_STATUS_SQL = f"""CASE
    WHEN partnerships_agreement.formal_status IN ({", ".join(f"'{status.value}'" for status in RUNNING_STATUSES)})
    AND NOT partnerships_agreement.tacit_renewal AND {OVER_SQL.format(column=_TERM_SQL)}
    THEN '{EXPIRED}' ELSE partnerships_agreement.formal_status END"""
"""`current_status` in SQL; it needs `LATEST_RENEWAL_JOIN`."""


def suspension_state(today: datetime.date | None = None) -> Case:
    """Suspension of an agreement by its parties that have not left: none is suspended, some are (``partial``), or fewer
    than two are not (``whole``)."""
    present = Party.objects.filter(agreement=OuterRef("pk")).exclude(has_left(today))
    going_on = present.exclude(suspended(today)).order_by().values("agreement").annotate(number=Count("pk"))
    return Case(
        When(~Exists(present.filter(suspended(today))), then=Value(SuspensionState.NONE.value)),
        When(
            GreaterThanOrEqual(Coalesce(Subquery(going_on.values("number")), 0), 2),
            then=Value(SuspensionState.PARTIAL.value),
        ),
        default=Value(SuspensionState.WHOLE.value),
        output_field=CharField(),
    )


SUSPENSION_JOIN = f"""LEFT JOIN LATERAL (
    SELECT count(*) FILTER (WHERE {SUSPENDED_SQL}) AS suspended, count(*) FILTER (WHERE NOT {SUSPENDED_SQL}) AS going_on
    FROM partnerships_party AS party WHERE party.agreement_id = partnerships_agreement.id AND NOT {HAS_LEFT_SQL}
) AS standing ON true"""  # noqa: S608 (names and codes of ours)
SUSPENSION_STATE_SQL = f"""CASE WHEN standing.suspended = 0 THEN '{SuspensionState.NONE}'
    WHEN standing.going_on >= 2 THEN '{SuspensionState.PARTIAL}' ELSE '{SuspensionState.WHOLE}' END"""
"""`suspension_state` in SQL; it needs `SUSPENSION_JOIN`."""
