"""Live facet index that is never stale: each use asks the database what has changed since the last one, and applies
that.

In memory of each process; a copy in the database spares a new process the building. See the migration ``0002_changes``
for how changes are found, and `core.history.reports_changes` for who reports them.
"""

import datetime
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from typing import BinaryIO, Generic, TypeVar

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pyroaring import BitMap

from core.database.copy import copy_bytes, read_binary

from .bitmaps import FacetIndex, IndexSource
from .sets import Records

REBUILD_THRESHOLD = 200_000
"""Changed records above which the index is built anew: to name them all takes more memory than to read all."""
STORE_AFTER = 2_000
"""Changed records taken in after which the copy in the database is renewed."""

logger = logging.getLogger(__name__)
_live: list["Live"] = []
_asked: ContextVar[set["Live"] | None] = ContextVar("asked", default=None)
"""Cached objects that have asked the database already in the current moment of a thread."""

STORED = """
    SELECT snapshot::text, own_xid::text, own_last::text, to_char(day, 'YYYY-MM-DD'), payload
    FROM coopdir_index WHERE subject = '{}'
"""
_CHANGES_SQL = """
    SELECT pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text,
        coalesce(array_agg(DISTINCT record), '{}'),
        EXISTS (SELECT FROM coopdir_index WHERE subject = %(subject)s AND horizon > pg_snapshot_xmin(%(snapshot)s)),
        EXISTS (SELECT FROM coopdir_change WHERE id = %(last)s AND xid = %(own)s::xid8),
        max(id) FILTER (WHERE xid = pg_current_xact_id_if_assigned())
    FROM coopdir_change
    WHERE subject = %(subject)s AND xid >= pg_snapshot_xmin(%(snapshot)s)
        AND CASE WHEN xid = %(own)s::xid8 THEN id > %(last)s ELSE NOT pg_visible_in_snapshot(xid, %(snapshot)s) END
"""
# A transaction's own snapshot does not say that it is under way: once a later one has ended, its own changes count as
# visible there, those still to come too. Hence its number, and the last of its changes that is known.


@contextmanager
def one_moment() -> Iterator[None]:
    """Context manager: within the block, the database is asked only once about each cached object; for code that only
    reads."""
    token = _asked.set(set())
    try:
        yield
    finally:
        _asked.reset(token)


class Live:
    """Base of cached objects that ask the database, at each use, what of their subject has changed since."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self._lock = threading.RLock()
        self._version = 0  # never begins again: what others keep under a number would come back to life
        self.forget()
        _live.append(self)

    def forget(self) -> None:
        """Start again at the next use, as a new process does."""
        self._snapshot = ""
        self._own: str | None = None
        self._last = 0
        # As of the last question: whether what that transaction had changed stands, and its last change since.
        self._own_stand = False
        self._own_latest: int | None = None
        self._unsure = BitMap()

    @property
    def version(self) -> int:
        """Version number of the cached data, which grows in this process with each change; 0 while a rollback may still
        undo them."""
        return 0 if self._unsure else self._version

    def _is_fresh(self) -> bool:
        """True if the database has been asked in this moment already; marks it as asked."""
        asked = _asked.get()
        if asked is None or self._unsure:
            return False
        if self in asked:
            return True
        asked.add(self)
        return False

    @property
    def _known(self) -> dict[str, str | int | None]:
        """Parameters of the change query: up to which snapshot, and which change of one transaction, the data are
        known."""
        return {"subject": self.subject, "snapshot": self._snapshot, "own": self._own, "last": self._last}

    def _changes(self) -> tuple[str, str | None, BitMap, bool]:
        """The snapshot; the transaction if it has written; the records changed since its own snapshot; and whether
        changes since then are not kept any more."""
        with connection.cursor() as cursor:
            cursor.execute(_CHANGES_SQL, self._known)
            snapshot, transaction, changed, overtaken, self._own_stand, self._own_latest = cursor.fetchone()
        return snapshot, transaction, BitMap(changed), overtaken

    def _remember(self, snapshot: str, transaction: str | None) -> None:
        """Note that all changes up to a snapshot have been applied."""
        known = self._last if transaction == self._own else 0
        self._snapshot, self._own, self._last = snapshot, transaction, self._own_latest or known

    def _stands(self, transaction: str | None, changed: BitMap) -> bool:
        """True if this transaction itself has read the cached data, and has neither changed anything since nor rolled
        back."""
        return bool(self._unsure) and transaction == self._own and self._own_stand and not changed


T = TypeVar("T")


class LiveValue(Live, Generic[T]):
    """A small value that is read again whenever anything of its subject has changed."""

    def __init__(self, subject: str, read: Callable[[], T]) -> None:
        self.read = read
        super().__init__(subject)

    def forget(self) -> None:
        with self._lock:
            super().forget()
            self._snapshot = "1:1:"  # before every transaction
            self._value: T | None = None

    def get(self) -> T:
        """The value as the database is now."""
        with self._lock:
            if self._is_fresh() and self._value is not None:
                return self._value
            snapshot, transaction, changed, _overtaken = self._changes()
            value = self._value
            if value is not None and self._stands(transaction, changed):
                return value
            if value is None or changed or self._unsure:
                value = self._value = self.read()
                self._version += 1
            self._remember(snapshot, transaction)
            # What a transaction that is still open has changed may be taken back: ask about it next time.
            self._unsure = BitMap([0] if transaction is not None and (changed or self._unsure) else [])
            return value


class LiveIndex(Live):
    """The facet index of one subject. Use it within ``with index.reading() as facets:``."""

    def __init__(
        self,
        subject: str,
        source: IndexSource,
        turning: Callable[[datetime.date, datetime.date], Records],
    ) -> None:
        """`turning` names the records of which something may differ between two days."""
        self.source = source
        self.turning = turning
        super().__init__(subject)

    def forget(self) -> None:
        with self._lock:  # another thread may just be reading it in
            super().forget()
            self._index: FacetIndex | None = None
            self._day = datetime.date.min
            self._taken_in = 0

    @contextmanager
    def reading(self) -> Iterator[FacetIndex]:
        """The index as the database is now. Nobody else changes it meanwhile."""
        with self._lock:
            yield self._current()

    def store(self, most: int = 0) -> None:
        """Keep the index with the transaction's own changes, `most` records of them; for the end of a bulk write."""
        with self._lock:
            if most > REBUILD_THRESHOLD:
                self._begin()
                self._store(self.source.dump)
            else:
                self._store(self._current().dump)
            self.forget()  # the transaction may be rolled back

    def _current(self) -> FacetIndex:
        if self._is_fresh() and self._index is not None:
            return self._index
        today = timezone.localdate()
        if self._index is None and not self._load() and self._unsure:
            return self._read_in  # built within a transaction that writes: nobody else may have it
        snapshot, transaction, changed, overtaken = self._changes()
        if self._stands(transaction, changed) and not overtaken:
            return self._read_in
        if overtaken or self._too_many(changed):
            if not self._load():
                return self._read_in  # built, with all there is now
            snapshot, transaction, changed, overtaken = self._changes()
        if self._too_many(changed):
            self._build()
            if transaction is None:
                self._keep()
            return self._read_in
        records = changed | self._unsure
        if self._day != today:
            records |= BitMap(self.turning(self._day, today))
        if records:
            self._read_in.refresh(self.source, records)
            self._taken_in += len(records)
            self._version += 1
        self._remember(snapshot, transaction)
        self._day = today
        # Rows of a transaction that is still open may be taken back: read them again next time.
        self._unsure = records if transaction is not None else BitMap()
        if transaction is None and self._taken_in > STORE_AFTER:
            self._keep()
        return self._read_in

    @property
    def _read_in(self) -> FacetIndex:
        """The index, once it was loaded or built."""
        if self._index is None:
            raise RuntimeError("The index has been read in by nobody.")
        return self._index

    def _too_many(self, changed: BitMap) -> bool:
        """True if reading everything is cheaper than reading what changed."""
        return len(changed) > REBUILD_THRESHOLD or 0 in changed | self._unsure

    def _load(self) -> bool:
        """Take the copy from the database, or build the index where there is none; whether there was one."""
        with connection.cursor() as cursor:
            row = read_binary(cursor, STORED.format(self.subject))
        stored = self._read(row[4]) if row and row[4] is not None else None
        if not row or stored is None:
            self._build()
            return False
        snapshot, own, last, day = ((text or b"").decode() for text in row[:4])
        self._snapshot, self._own, self._last = snapshot, own or None, int(last)
        self._day = datetime.date.fromisoformat(day)
        self._index = stored
        self._unsure = BitMap()
        self._version += 1
        return True

    def _read(self, content: bytes) -> FacetIndex | None:
        """A stored copy; None where a version of the program wrote it that knew more or less than this one."""
        try:
            stored = FacetIndex.loads(content)
        except ValueError:
            return None
        return stored if stored.names == self.source.names else None

    def _build(self) -> None:
        transaction = self._begin()
        self._index = FacetIndex.build(self.source)
        self._taken_in = STORE_AFTER + 1  # to be stored
        self._unsure = BitMap([0] if transaction is not None else [])
        self._version += 1

    def _begin(self) -> str | None:
        """Note the snapshot from which the cached data will be read; gives the transaction if it has written."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_current_snapshot()::text, pg_current_xact_id_if_assigned()::text, coalesce(max(id), 0)"
                " FROM coopdir_change WHERE xid = pg_current_xact_id_if_assigned()"
            )
            self._snapshot, self._own, self._last = cursor.fetchone()
        self._day = timezone.localdate()
        return self._own

    def _keep(self) -> None:
        """Renew the copy on the way of reading. It is for speed alone: where it cannot be written (a server that is
        only read, a full disk), the answer goes out all the same, and new processes build the index themselves."""
        try:
            self._store(self._read_in.dump)
        except DatabaseError as error:
            logger.warning("The copy of the index of %s could not be kept: %s", self.subject, error)
            self._taken_in = 0

    def _store(self, dump: Callable[[BinaryIO], None]) -> None:
        """Keep a copy in the database, and drop the changes that everyone who reads it has seen."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE coopdir_payload (payload bytea)")
            copy_bytes(cursor, "coopdir_payload", dump)
            cursor.execute(
                """
                INSERT INTO coopdir_index (subject, snapshot, own_xid, own_last, horizon, day, payload)
                SELECT %(subject)s, %(snapshot)s, %(own)s::xid8, %(last)s, pg_snapshot_xmin(%(snapshot)s), %(day)s,
                    payload
                FROM coopdir_payload
                ON CONFLICT (subject) DO UPDATE SET snapshot = excluded.snapshot, own_xid = excluded.own_xid,
                    own_last = excluded.own_last, horizon = excluded.horizon, day = excluded.day,
                    payload = excluded.payload
                """,
                self._known | {"day": self._day},
            )
            cursor.execute("DROP TABLE coopdir_payload")
            cursor.execute(
                "DELETE FROM coopdir_change WHERE subject = %s AND xid < pg_snapshot_xmin(%s)",
                [self.subject, self._snapshot],
            )
        self._taken_in = 0


def store_all(most: int) -> None:
    """Store every index at the end of a bulk write of `most` records, before it commits."""
    for config in apps.get_app_configs():  # a command may have read no page in, and know of none
        for name in getattr(config, "index_modules", ()):
            import_module(f"{config.name}.{name}")
    for live in _live:
        if isinstance(live, LiveIndex):
            live.store(most)


def forget_all() -> None:
    """Clear all cached objects; for tests that empty the tables without their triggers."""
    for live in _live:
        live.forget()
