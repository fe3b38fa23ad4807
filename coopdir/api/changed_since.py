"""Changed-since queries for mirrors: records that anything has touched since a moment, according to the history.

A mirror asks with ``changed_since``, goes through the pages, and keeps the ``next_changed_since`` of the first one for
the next time. That moment lies before every transaction that was still open: what that transaction wrote may become
visible later.
"""

import datetime
from collections.abc import Collection, Iterable
from typing import Any

from django.db import connection
from django.db.models import F, Model

from core.history import events_of
from networks.models import (
    Milestone,
    Network,
    NetworkName,
    NetworkSource,
    ServedTerritory,
    SupportBody,
    SupportBodySource,
)
from partnerships.agreements.tables import RECORD_TABLES
from partnerships.models import (
    Agreement,
    AgreementSource,
    Organisation,
    OrganisationName,
    OrganisationSource,
    Party,
    Source,
    Town,
    TownName,
    TownSource,
)

SETTLED = """
    SELECT least(now(), min(xact_start)) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND xact_start IS NOT NULL
"""


def settled() -> datetime.datetime:
    """Watermark for mirrors: the start of the oldest open transaction; nothing older can become visible any more."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED)
        settled: datetime.datetime = cursor.fetchone()[0]
        return settled


def touched_keys(since: datetime.datetime, *ways: tuple[type[Model], str]) -> set[int]:
    """The keys that tables' events since a moment speak of, each table by a column of its events."""
    found: set[int] = set()
    for model, column in ways:
        events = events_of(model).filter(pgh_created_at__gte=since).order_by()
        found |= set(events.annotate(record=F(column)).values_list("record", flat=True).distinct())
    return found - {None}


def _with(model: type[Model], column: str, keys: Iterable[object], record: str) -> set[int]:
    """The records that rows of a table link to some others."""
    rows = model._default_manager.filter(**{f"{column}__in": list(keys)}).order_by()
    return set(rows.values_list(record, flat=True).distinct()) - {None}


def _citing(since: datetime.datetime, through: type[Model], record: str) -> set[int]:
    """The records that cite a source which was changed."""
    sources = touched_keys(since, (Source, "pgh_obj_id"))
    return _with(through, "source", sources, record) if sources else set()


def agreements_touched(since: datetime.datetime) -> Collection[int]:
    """Agreements: their own rows, those that belong to them, and the parties and sources that they tell of."""
    ways = [(table.model, f"{table.path}_id") for table in RECORD_TABLES]
    found = touched_keys(since, (Agreement, "pgh_obj_id"), *ways) | _citing(since, AgreementSource, "agreement_id")
    for actor, column in ((Town, "town"), (Organisation, "organisation")):
        if changed := touched_keys(since, (actor, "pgh_obj_id")):
            found |= _with(Party, column, changed, "agreement_id")
    return found


def towns_touched(since: datetime.datetime) -> Collection[int]:
    """Towns: their own rows, names and sources."""
    own = touched_keys(since, (Town, "pgh_obj_id"), (TownName, "town_id"), (TownSource, "town_id"))
    return own | _citing(since, TownSource, "town_id")


def organisations_touched(since: datetime.datetime) -> Collection[int]:
    """Organisations: their own rows, names and sources."""
    ways = [(OrganisationName, "organisation_id"), (OrganisationSource, "organisation_id")]
    own = touched_keys(since, (Organisation, "pgh_obj_id"), *ways)
    return own | _citing(since, OrganisationSource, "organisation_id")


def networks_touched(since: datetime.datetime) -> Collection[int]:
    """Networks: their own rows, names and sources."""
    own = touched_keys(since, (Network, "pgh_obj_id"), (NetworkName, "network_id"), (NetworkSource, "network_id"))
    return own | _citing(since, NetworkSource, "network_id")


def support_bodies_touched(since: datetime.datetime) -> Collection[int]:
    """Support bodies: their own rows, the territories that they serve, their sources."""
    ways = [(ServedTerritory, "support_body_id"), (SupportBodySource, "support_body_id")]
    own = touched_keys(since, (SupportBody, "pgh_obj_id"), *ways)
    return own | _citing(since, SupportBodySource, "support_body_id")


def milestones_touched(since: datetime.datetime) -> Collection[int]:
    """Milestones: their own rows."""
    return touched_keys(since, (Milestone, "pgh_obj_id"))


def tombstones(model: type[Model], keys: Collection[int]) -> dict[int, dict[str, Any]]:
    """Tombstones for mirrors, of records that were public once: their references, and the records they merged into."""
    events = events_of(model).filter(pgh_obj__in=list(keys))
    if any(field.name == "publication" for field in model._meta.local_fields):
        events = events.filter(publication="published")
    references = dict(events.order_by("pgh_obj_id").distinct("pgh_obj_id").values_list("pgh_obj_id", "reference"))
    merged: dict[int, str] = {}
    if any(field.name == "merged_into" for field in model._meta.local_fields):
        rows = model._default_manager.filter(pk__in=list(references)).exclude(merged_into__published_at=None)
        merged = dict(rows.values_list("pk", "merged_into__reference"))
    return {
        pk: {"reference": reference, "removed": True, "merged_into": merged.get(pk)}
        for pk, reference in references.items()
    }
