"""Change history (audit trail): every tracked table keeps each insert, update and delete of each row in a twin event
table.

The events are written by database triggers (django-pghistory), so a change by import, admin, API or shell is recorded
alike; what surrounds it (user, address, import batch) is put there by ``pghistory.context``.
"""

import datetime
import uuid
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush
from itertools import pairwise
from typing import Any, TypeVar

import pghistory
import pgtrigger
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import F
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from pghistory import runtime
from pghistory.models import Event
from pgtrigger import compiler

from core.database.copy import execute_prepared
from core.dates import PartialDate, PartialDateField
from core.etags import content_digest

UPDATE_TRIGGER = "update_update"  # as pghistory names it: label and operation

_IDENTIFIER_COLUMNS = frozenset({"geonames", "year"})
"""Columns whose numbers count nothing: they are written as they stand."""

SAVED_BY_HAND = "save"
"""Action in the metadata of what a page of the administration writes."""
IMPORT_UNDONE = "undo"
"""Action in the metadata of what the undo of an import writes."""

UNKNOWN = "…"
"""Placeholder for a record that no longer exists, or that the reader does not know of."""

M = TypeVar("M", bound=type[models.Model])


def tracked(model: M) -> M:
    """Class decorator: keep the history of a model, all columns but the generated and the derived ones.

    A model names its derived columns (kept by triggers, not by people) in ``untracked``.
    """
    untracked = set(getattr(model, "untracked", ()))
    exclude = [f.name for f in model._meta.local_fields if f.name in untracked or isinstance(f, models.GeneratedField)]
    track = pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), exclude=exclude)
    followed: M = track(model)
    return followed


@contextmanager
def own_context(**metadata: object) -> Iterator[None]:
    """Context manager: whatever is written within is one step of the history, with its own metadata beside those of the
    request.

    ``pghistory.context`` joins all that a request does into one step and keeps what was said last: of an entry that is
    saved and then published by the same click, history would know the publication alone.
    """
    outer = getattr(runtime._tracker, "value", None)
    if outer is None:
        with pghistory.context(**metadata):
            yield
        return
    runtime._tracker.value = runtime.Context(id=uuid.uuid4(), metadata=outer.metadata | metadata)
    try:
        yield
    finally:
        runtime._tracker.value = outer


Row = Mapping[str, Any]
RowStates = dict[tuple[type[models.Model], int], Row]
"""Rows by their table and primary key, as they were at a moment."""


@dataclass
class HistoryStep:
    """Step of the history: what was written at once, and the rows before and after it."""

    when: datetime.datetime
    said: Mapping[str, Any]
    """Metadata of its context; empty for a change by hand in the database."""
    before: RowStates
    after: RowStates


def replay(
    events: Iterable[tuple[type[models.Model], models.QuerySet[models.Model]]], order: Sequence[str] = ()
) -> list[HistoryStep]:
    """Replay of the history of some rows, the first step first. `events` are pairs of a table and its events.

    Steps of one transaction have the same time; `order` names actions in the order in which they follow one another.
    """
    together: dict[tuple[datetime.datetime, str], list[tuple[type[models.Model], Row]]] = {}
    moments: dict[tuple[type[models.Model], int], list[datetime.datetime]] = {}
    for model, found in events:
        for event in found.order_by("pgh_id").values(*_kept(found.model), metadata=F("pgh_context__metadata")):
            when = event["pgh_created_at"]
            together.setdefault((when, str(event["pgh_context_id"] or "")), []).append((model, event))
            moments.setdefault((model, event["pgh_obj_id"]), []).append(when)
    places = {when: place for place, when in enumerate(_in_order(moments.values()))}
    rank = {action: number for number, action in enumerate(order)}

    def place(step: tuple[tuple[datetime.datetime, str], list[tuple[type[models.Model], Row]]]) -> tuple[int, int]:
        (when, _context), written = step
        return places[when], rank.get((written[0][1]["metadata"] or {}).get("action", ""), -1)

    rows: RowStates = {}
    steps = []
    for (when, _context), written in sorted(together.items(), key=place):
        before, rows = rows, dict(rows)
        for model, row in written:
            key = model, row["pgh_obj_id"]
            if row["pgh_label"] == "delete":
                rows.pop(key, None)
            else:
                rows[key] = row
        steps.append(HistoryStep(when, written[0][1]["metadata"] or {}, before, rows))
    return steps


def _in_order(rows: Collection[Sequence[datetime.datetime]]) -> list[datetime.datetime]:
    """The times of transactions in the order in which they wrote, from those at which each row was written.

    It is that of the clock, unless a row says otherwise: a transaction has the time of its beginning, however long it
    waited for another one that began after it, and a clock may be set back.
    """
    before: dict[datetime.datetime, set[datetime.datetime]] = {when: set() for times in rows for when in times}
    for times in rows:
        for earlier, later in pairwise(times):
            if earlier != later:
                before[later].add(earlier)
    sorter = TopologicalSorter(before)
    try:
        sorter.prepare()
    except CycleError:  # two transactions with one time: rows do not tell
        return sorted(before)
    ready: list[datetime.datetime] = []
    order: list[datetime.datetime] = []
    while sorter.is_active():
        for when in sorter.get_ready():
            heappush(ready, when)
        order.append(heappop(ready))
        sorter.done(order[-1])
    return order


def state_at(steps: Sequence[HistoryStep], moment: datetime.datetime) -> RowStates:
    """Rows as they were at a moment: as the last step of that very time left them, or else the last one before it."""
    reached = [step for step in steps if step.when == moment] or [step for step in steps if step.when <= moment]
    return reached[-1].after if reached else {}


def event_model(model: type[models.Model]) -> type[Event]:
    """The table of a model's events."""
    found: type[Event] = getattr(model, "pgh_event_model")  # noqa: B009
    return found


def events_of(model: type[models.Model]) -> models.QuerySet[Any]:
    """The events of all records of a model."""
    return event_model(model)._default_manager.all()


def events_of_rows(model: type[models.Model], path: str, key: object) -> models.QuerySet[Any]:
    """The events of rows that belong, or belonged at some time, to a record; `path` leads from a row to it, maybe by
    way of another row: “party__agreement”."""
    column, _sep, rest = path.partition("__")
    events = events_of(model)
    where = {column: key}
    if rest:
        between: Any = model._meta.get_field(column).related_model
        where = {f"{column}__in": events_of_rows(between, rest, key).order_by().values("pgh_obj")}
    return events.filter(pgh_obj__in=events.filter(**where).order_by().values("pgh_obj"))


def _kept(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.local_concrete_fields]


def referring(model: type[models.Model]) -> Iterator[models.ForeignKey[object, object]]:
    """The foreign keys that lead to a model, of tables of every app; those of histories are left out."""
    for relation in model._meta.get_fields(include_hidden=True):
        pointing = relation.auto_created and not relation.concrete and (relation.one_to_many or relation.one_to_one)
        if isinstance(relation, models.ManyToOneRel) and pointing and not issubclass(relation.related_model, Event):
            yield relation.field


class RowFormatter:
    """Formatter of stored values in words of the active language; the records that they refer to are read once. In
    words for everybody (`public`), records that nobody knows have no name."""

    def __init__(self, *, public: bool = False) -> None:
        self.public = public
        self.records: dict[tuple[type[models.Model], Any], str] = {}

    def value(self, field: models.Field[object, object], value: object) -> str:
        """A value of a column; empty where nothing is known."""
        if value in (None, "", []):
            return ""
        if isinstance(field, models.ForeignKey):
            return self._record(field.related_model, value)
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(field, ArrayField) and isinstance(value, list):
            return ", ".join(self.value(field.base_field, one) for one in value)
        if field.choices:
            return str(dict(field.flatchoices).get(value, value))
        if isinstance(field, PartialDateField):
            return PartialDate(value).localised()
        if isinstance(value, datetime.date):
            return date_format(value, "DATE_FORMAT")
        if isinstance(value, int | float | Decimal) and field.name not in _IDENTIFIER_COLUMNS:
            return number_format(value, force_grouping=True)
        return str(value)

    def row(self, model: type[models.Model], row: Row, aside: Container[str] = ()) -> str:
        """A row of a list in one line; dates with what they are, and without the columns put `aside`."""
        parts = []
        for field in tracked_fields(model):
            value = self.value(field, row[field.attname])
            if value and field.attname not in aside and row[field.attname] != field.get_default():
                dated = isinstance(field, models.DateField | PartialDateField)
                parts.append(f"{field.verbose_name} {value}" if dated else value)
        return ", ".join(parts)

    def _record(self, model: type[models.Model], key: object) -> str:
        if (model, key) not in self.records:
            found = model._default_manager.filter(pk=key).first()
            unknown = found is None or (self.public and not getattr(found, "known_to_all", True))
            self.records[model, key] = UNKNOWN if unknown else str(found)
        return self.records[model, key]


def tracked_fields(model: type[models.Model]) -> list[models.Field[object, object]]:
    """The columns of a table that history tells of: those that people fill."""
    return [
        field
        for field in model._meta.local_concrete_fields
        if (field.editable and not field.primary_key and not isinstance(field, models.GeneratedField))
        or isinstance(field, models.ForeignKey)
    ]


def _event_tables() -> list[str]:
    return sorted(
        model._meta.db_table
        for model in apps.get_models()
        if issubclass(model, Event) and not model._meta.proxy and not model._meta.abstract
    )


@cache
def _state() -> str:
    last = [f"(SELECT pgh_id, pgh_created_at FROM {table} ORDER BY pgh_id DESC LIMIT 1)" for table in _event_tables()]  # noqa: S608
    tables = " UNION ALL ".join(f"SELECT {place}, one.* FROM {one} AS one" for place, one in enumerate(last))  # noqa: S608
    # A transaction that is still open has numbers that its end will bring to light, below the last ones seen now, if it
    # has written into an event table: it then holds that table's lock until it ends. One without such a lock that is
    # still under way when the locks are read, after the snapshot, can only come to higher numbers. The locks are read
    # in one pass, in which PostgreSQL collects those of tables before those of transactions.
    written_in = ", ".join(f"'{table}'::regclass" for table in _event_tables())
    return f"""
        SELECT concat_ws(' ', string_agg(place || ':' || id, ' ' ORDER BY place), ARRAY(
            WITH locks AS MATERIALIZED (SELECT * FROM pg_locks)
            SELECT xid FROM pg_snapshot_xip(pg_current_snapshot()) AS xid
            WHERE NOT EXISTS (
                SELECT FROM locks AS own WHERE own.locktype = 'transactionid' AND own.granted
                    AND own.mode = 'ExclusiveLock' AND own.transactionid = xid::xid
                    AND NOT EXISTS (
                        SELECT FROM locks AS held WHERE held.virtualtransaction = own.virtualtransaction
                            AND held.locktype = 'relation' AND held.mode = 'RowExclusiveLock'
                            AND held.relation IN ({written_in})
                            AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    )
            ) ORDER BY xid
        )), max(at)
        FROM ({tables}) AS changes (place, id, at)
    """  # noqa: S608 (tables of ours)


def data_state(*more: object) -> tuple[str, datetime.datetime]:
    """A short text that two moments share only if nothing that history keeps has changed between them, and the version
    of the data.

    The text is for marks (ETag) of answers; `more` is what the answer depends on besides. The version would not do: of
    two transactions at once, the one that began first may end last, and leaves the time of the last change as it was.
    Where a transaction ends at this moment, of whatever database of the server, the text is another one: an answer is
    then made once more for nothing.
    """
    with connection.cursor() as cursor:
        execute_prepared(cursor, "coopdir_data_state", _state())
        found, at = cursor.fetchone()
    mark = content_digest(repr((found, *map(str, more))).encode())
    return mark, at or datetime.datetime.fromtimestamp(0, datetime.UTC)


def data_version() -> datetime.datetime:
    """The version alone: when anything that history keeps was last changed; the epoch in an empty directory."""
    return data_state()[1]


_referencing: Callable[..., pgtrigger.Referencing] = pgtrigger.Referencing

_REPORT = """
    INSERT INTO coopdir_change (subject, record)
    SELECT DISTINCT '{subject}', record FROM ({records}) AS touched (record) WHERE record IS NOT NULL;
    RETURN NULL;
"""


def reports_changes(subject: str, records: str, name: str = "report_change") -> list[pgtrigger.Trigger]:
    """Triggers that write down in `coopdir_change` which records of `subject` a change of this table touches.

    `records` is a SELECT of their primary keys from the touched ``{rows}``; 0 stands for all records.
    """
    return [
        pgtrigger.Trigger(
            name=f"{name}_on_{when}",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            referencing=_referencing(**{table: f"{table}_values" for table in tables}),
            func=_REPORT.format(
                subject=subject, records=" UNION ".join(records.format(rows=f"{table}_values") for table in tables)
            ),
        )
        for when, operation, tables in (
            ("insert", pgtrigger.Insert, ["new"]),
            ("update", pgtrigger.Update, ["old", "new"]),
            ("delete", pgtrigger.Delete, ["old"]),
        )
    ]


def ignore_no_trigger(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Receiver of ``connection_created``: say outright that no trigger is to be ignored.

    Every trigger of pgtrigger asks for that setting, and catches the error where there is none. PostgreSQL goes through
    all deferred checks that a transaction still has to make for each error that is caught: with a hundred thousand
    published agreements in one transaction, a commit of seconds becomes one of hours.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET pgtrigger.ignore = '{}'")


def _triggers_of(state: ProjectState, app_label: str, model: str) -> list[compiler.Trigger]:
    found: list[compiler.Trigger] = state.models[app_label, model].options.get("triggers", [])
    return found


class InstallTriggers(Operation):
    """Migration: install the triggers of many models in one step, in place of those of the same name.

    One `AddTrigger` a trigger would re-render the whole app for each of the hundred and more that history needs, which
    makes an empty database take half a minute to migrate. `triggers` are pairs of model name and compiled trigger.
    """

    reversible = True

    def __init__(self, triggers: list[tuple[str, compiler.Trigger]]) -> None:
        self.triggers = triggers

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [], {"triggers": self.triggers})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        for model, trigger in self.triggers:
            options = state.models[app_label, model].options
            others = [one for one in options.get("triggers", []) if one.name != trigger.name]
            options["triggers"] = [*others, trigger]

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for _model, trigger in self.triggers:
            self._install(schema_editor, trigger)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for model, trigger in reversed(self.triggers):
            replaced = [one for one in _triggers_of(to_state, app_label, model) if one.name == trigger.name]
            if replaced:
                self._install(schema_editor, replaced[0])
            else:
                schema_editor.execute(trigger.uninstall_sql, params=None)

    @staticmethod
    def _install(schema_editor: BaseDatabaseSchemaEditor, trigger: compiler.Trigger) -> None:
        schema_editor.execute(trigger.install_sql, params=None)
        if trigger.name == UPDATE_TRIGGER:
            # It compares the rows before and after by joining them. PostgreSQL keeps the plan that suited the
            # session's first update; one row's nested loop would take an hour for a hundred thousand.
            schema_editor.execute(f"ALTER FUNCTION {trigger.sql.pgid}() SET enable_nestloop TO off")

    def describe(self) -> str:
        return f"Install {len(self.triggers)} triggers"
