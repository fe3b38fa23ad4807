"""Sort orders of the list of agreements: expressions that SQL orders by, and ranks of codes."""

from collections.abc import Iterable

from django.db.models import Case, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce

from ..choices import FormalStatus, Kind
from ..derived_states import EXPIRED
from ..models import Party


def first_party(column: str) -> Subquery:
    """Subquery: the first party's value of a column that towns and organisations share."""
    first = Party.objects.filter(agreement=OuterRef("pk")).order_by("position", "id")
    return Subquery(first.values(value=Coalesce(f"town__{column}", f"organisation__{column}"))[:1])


def ranked(column: str, values: Iterable[str]) -> Case:
    """The rank of a column's value among some, to put records in order by."""
    return Case(*(When(**{column: value}, then=Value(rank)) for rank, value in enumerate(values)), default=Value(99))


RANKS: dict[str, tuple[str, list[str]]] = {
    "kind": ("kind", Kind.values),
    "status": (
        "formal_status",
        [
            *(value for value in FormalStatus.values if value != FormalStatus.UNKNOWN),
            EXPIRED,
            FormalStatus.UNKNOWN.value,
        ],
    ),
}
"""Orders of agreements by a filter's choices: the filter, and its choices in their order."""
