"""What tests of editing share: contents at random, time that passes, and what the public sees of the directory."""

from collections.abc import Sequence
from typing import Any

import pghistory.models
from django.apps import apps
from django.db import connection, models
from hypothesis import strategies as st

from partnerships.choices import Activity, FormalStatus, Kind, PartyRole

EVENTS = [event for event in apps.get_models() if issubclass(event, pghistory.models.Event) and not event._meta.proxy]
TRACKED = [event.pgh_tracked_model for event in EVENTS]


def time_passes() -> None:
    """All that happened so far happened a minute ago, and what the last one said of it is said no more.

    A test is one transaction, whose clock stands still and whose last context goes on.
    """
    with connection.cursor() as cursor:
        for event in EVENTS:
            cursor.execute(f"UPDATE {event._meta.db_table} SET pgh_created_at = pgh_created_at - interval '1 minute'")
        cursor.execute("UPDATE pghistory_context SET created_at = created_at - interval '1 minute'")
        cursor.execute("SELECT set_config('pghistory.context_id', '', true)")


def number_of_events() -> int:
    """How much the history holds."""
    return sum(event.objects.count() for event in EVENTS)


def public_state() -> dict[str, list[dict[str, Any]]]:
    """Every row of every tracked table as it stands, by table: what an undo has to bring back."""
    return {
        model._meta.label: list(model._default_manager.order_by("pk").values(*_columns(model))) for model in TRACKED
    }


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.local_concrete_fields]


def _dates(first: int, last: int) -> st.SearchStrategy[str | None]:
    years = st.integers(first, last)
    return st.none() | years.map(str) | st.builds("{}-{:02}".format, years, st.integers(1, 12))


def contents(actors: Sequence[str], themes: Sequence[str], funding: Sequence[str], sources: Sequence[int]) -> Any:
    """Contents of agreements that break no rule; some could not be published."""
    party = {"role": st.sampled_from(PartyRole.values), "joined": _dates(1980, 1990), "left": _dates(2000, 2010)}
    year = st.none() | st.integers(2000, 2003)
    amount = st.none() | st.decimals(0, 10**6, places=2).map(lambda value: f"{value:.2f}")
    whole = st.fixed_dictionaries(
        {
            "kind": st.sampled_from(Kind.values),
            "signed": _dates(1960, 1990),
            "valid_until": _dates(2000, 2030),
            "tacit_renewal": st.booleans(),
            "ended": _dates(2000, 2010),
            "formal_status": st.sampled_from(FormalStatus.values),
            "activity": st.sampled_from(Activity.values),
            "description_en": st.sampled_from(["", "Water", "Schools"]),
            "description_fr": st.sampled_from(["", "L’eau"]),
            "mailbox": st.sampled_from(["", "office@example.org"]),
            "parties": st.lists(st.sampled_from(actors), unique=True, max_size=4)
            .flatmap(lambda keys: st.tuples(*(st.fixed_dictionaries({"actor": st.just(key), **party}) for key in keys)))
            .map(list),
            "themes": st.lists(st.sampled_from(themes), unique=True).map(sorted),
            "funding": st.lists(
                st.tuples(st.sampled_from(funding), year, amount), unique_by=lambda row: row[:2], max_size=3
            ).map(
                lambda rows: [
                    {"funding": code, "year": when, "amount": much, "currency": "EUR" if much else ""}
                    for code, when, much in sorted(rows, key=lambda row: (row[0], row[1] or 0))
                ]
            ),
            "renewals": st.lists(
                st.builds(
                    lambda renewed, until: {"renewed": renewed, "valid_until": until},
                    st.integers(1991, 1999).map(str),
                    _dates(2000, 2030),
                ),
                unique_by=lambda row: row["renewed"],
                max_size=3,
            ).map(lambda rows: sorted(rows, key=lambda row: row["renewed"])),
            "sources": st.lists(st.sampled_from(sources), unique=True).map(sorted),
        }
    )
    return whole.map(_without_contradiction)


def _without_contradiction(content: dict[str, Any]) -> dict[str, Any]:
    """The content, but for the two facts that rules do not take beside a date."""
    if content["ended"] and content["activity"] == Activity.ACTIVE:
        content["activity"] = Activity.ENDED.value
    if content["signed"] and content["formal_status"] == FormalStatus.DRAFT:
        content["formal_status"] = FormalStatus.SIGNED.value
    return content
