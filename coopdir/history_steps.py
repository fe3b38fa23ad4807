"""Changes of agreements by step of the history, read by PostgreSQL for many steps at once: to read the rows of a step
that concerns ten thousand agreements would take seconds."""

import datetime
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Count, Model, QuerySet
from pyroaring import BitMap

from core.history import event_model, events_of
from partnerships.agreements.fields import CONTENT_COLUMNS
from partnerships.agreements.tables import RECORD_TABLES, events_by_agreement
from partnerships.choices import Publication
from partnerships.derived_states import has_ended_sql
from partnerships.models import Agreement, Party, Suspension

_LISTED = tuple(table.model for table in RECORD_TABLES if table.model is not Suspension)
"""The tables that change with an agreement, besides its own and its parties' suspensions."""
_CACHE_SIZE = 256
"""Imports whose outcome a process keeps: what is committed stays as it is."""

Key = Any
"""Key of a step: its context, or, of a transaction that said nothing of itself, its moment."""
Done = dict[str, BitMap]
"""Agreements by what became of them."""

_imports: OrderedDict[Key, Done] = OrderedDict()


def _table(model: type[Model]) -> str:
    return event_model(model)._meta.db_table


def _has_ended(row: str) -> str:
    """SQL: a row of agreements has ended by the day of the step."""
    return has_ended_sql(row).format(today=f"to_char(own.at AT TIME ZONE '{settings.TIME_ZONE}', 'YYYY-MM-DD')")


def _columns(row: str) -> str:
    return ", ".join(f"{row}.{name}" for name in CONTENT_COLUMNS)


BECAME = f"""
    WITH step AS MATERIALIZED (SELECT * FROM unnest(%s, %s::timestamptz[]) AS step (key, at)),
    touched AS (
        SELECT step.key, step.at, pgh_obj_id AS pk, pgh_id, false AS listed, false AS suspended
        FROM step JOIN {_table(Agreement)} AS event ON {{of}}
        {
    "".join(
        f'''
        UNION ALL SELECT step.key, step.at, event.agreement_id, NULL, true, false
        FROM step JOIN {_table(model)} AS event ON {{of}}'''
        for model in _LISTED
    )
}
        UNION ALL SELECT step.key, step.at, party.agreement_id, NULL, false, true
        FROM step JOIN {_table(Suspension)} AS event ON {{of}}
        JOIN {Party._meta.db_table} AS party ON party.id = event.party_id
    ),
    own AS MATERIALIZED (
        SELECT key, at, pk, min(pgh_id) AS first, max(pgh_id) AS last,
            bool_or(listed) AS listed, bool_or(suspended) AS suspended
        FROM touched WHERE pk IS NOT NULL GROUP BY key, at, pk
    )
    SELECT key, what, array_agg(pk) FROM (
        SELECT own.key, own.pk, CASE
            WHEN now.publication = '{Publication.WITHDRAWN}' THEN
                CASE WHEN was.publication <> '{Publication.PUBLISHED}' OR was.publication IS NULL THEN NULL
                WHEN now.merged_into_id IS NULL THEN 'withdrawn' ELSE 'merged' END
            WHEN now.publication IS DISTINCT FROM '{Publication.PUBLISHED}' THEN NULL
            WHEN was.publication IS DISTINCT FROM '{Publication.PUBLISHED}' THEN 'published'
            WHEN {_has_ended("now")} AND {_has_ended("was")} IS NOT TRUE THEN 'ended'
            WHEN own.suspended THEN 'suspended'
            WHEN NOT own.listed AND now.verified_on IS DISTINCT FROM was.verified_on
                AND now.merged_into_id IS NOT DISTINCT FROM was.merged_into_id
                AND ({_columns("now")}) IS NOT DISTINCT FROM ({_columns("was")}) THEN 'verified'
            ELSE 'changed' END AS what
        FROM own
        LEFT JOIN LATERAL (
            SELECT * FROM {_table(Agreement)} AS event WHERE event.pgh_obj_id = own.pk
                AND CASE WHEN own.last IS NULL THEN event.pgh_created_at <= own.at ELSE event.pgh_id = own.last END
            ORDER BY event.pgh_id DESC LIMIT 1
        ) AS now ON true
        LEFT JOIN LATERAL (
            SELECT * FROM {_table(Agreement)} AS event WHERE event.pgh_obj_id = own.pk
                AND CASE WHEN own.last IS NULL THEN event.pgh_id = now.pgh_id ELSE event.pgh_id < own.first END
            ORDER BY event.pgh_id DESC LIMIT 1
        ) AS was ON true
    ) AS found WHERE what IS NOT NULL GROUP BY key, what
"""  # noqa: S608 (names and codes of ours)
"""SQL: the kind of change of each agreement that a step touched, by its row before and after; empty for what is
nobody's business yet."""
BY_CONTEXT = "event.pgh_context_id = step.key"
BY_MOMENT = "event.pgh_context_id IS NULL AND event.pgh_created_at = step.at"


def by_hand(steps: dict[Key, datetime.datetime]) -> dict[Key, Done]:
    """Changes that steps made by hand: kind of change → agreements, by the key of the step."""
    moments = [key for key in steps if isinstance(key, datetime.datetime)]
    contexts = [key for key in steps if not isinstance(key, datetime.datetime)]
    done: dict[Key, Done] = {}
    with connection.cursor() as cursor:
        for keys, kind, of in ((contexts, "uuid", BY_CONTEXT), (moments, "timestamptz", BY_MOMENT)):
            if keys:
                at = [steps[key] for key in keys]
                cursor.execute(BECAME.format(of=of).replace("%s", f"%s::{kind}[]", 1), [keys, at])
                for key, what, found in cursor.fetchall():
                    done.setdefault(key, {})[what] = BitMap(found)
    return done


def sizes(keys: Sequence[Key]) -> dict[Key, int]:
    """Number of rows of agreements that each step wrote."""
    events = events_of(Agreement).order_by()
    moments = [key for key in keys if isinstance(key, datetime.datetime)]
    contexts = [key for key in keys if not isinstance(key, datetime.datetime)]
    found: dict[Key, int] = {}
    for column, own in (
        ("pgh_context", events.filter(pgh_context__in=contexts)),
        ("pgh_created_at", events.filter(pgh_context=None, pgh_created_at__in=moments)),
    ):
        found |= dict(own.values(column).annotate(number=Count("pk")).values_list(column, "number"))
    return found


def by_imports(contexts: Sequence[Key]) -> dict[Key, Done]:
    """The agreements that each import published, and those that it changed: all others that it touched."""
    if missing := [key for key in contexts if key not in _imports]:
        own = events_of(Agreement).filter(pgh_context__in=missing)
        inserted = own.filter(pgh_label="insert", publication=Publication.PUBLISHED)
        published = _together(inserted, "pgh_obj_id")
        touched: dict[Key, BitMap] = {}
        for events in events_by_agreement():
            for key, found in _together(events.filter(pgh_context__in=missing), "belongs_to").items():
                touched[key] = touched.get(key, BitMap()) | found
        for key in missing:
            came = published.get(key, BitMap())
            _imports[key] = {"published": came, "changed": touched.get(key, BitMap()) - came}
    done = {key: _imports[key] for key in contexts}
    while len(_imports) > _CACHE_SIZE:
        _imports.popitem(last=False)
    return done


def _together(events: QuerySet, column: str) -> dict[Key, BitMap]:
    """Agreements of some events, by context."""
    named = events.order_by().exclude(**{column: None}).values("pgh_context")
    found = named.annotate(keys=ArrayAgg(column, distinct=True)).values_list("pgh_context", "keys")
    return {context: BitMap(keys) for context, keys in found}


def clear_cache() -> None:
    """Clear the caches of this module, as in a new process."""
    _imports.clear()
