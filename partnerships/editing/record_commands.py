"""Commands by which officers write towns, organisations and support bodies: the columns of the record's own row, beside
``workflow``.

Keywords only, as there, `by` being who acts. What decides whose record it is (territory, country, whom a body serves)
and what became of it (successors, merges) is for administrators, in the admin.
"""

import datetime
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from core.database.contention import retried
from core.history import HistoryStep, RowFormatter, events_of, replay, state_at, tracked_fields
from core.languages import column_language
from networks.models import SupportBody

from .. import permissions
from ..choices import Action, Publication
from ..models import Organisation, PublicRecord, Town
from ..permissions import AnyUser
from .actions import ActionRefused, acting, require
from .snapshot import Difference

EDITABLE_COLUMNS: dict[type[PublicRecord], Sequence[str]] = {
    Town: (
        "name",
        "level",
        "insee",
        "geonames",
        "wikidata",
        "population",
        "latitude",
        "longitude",
        "coordinates_precision",
        "website",
    ),
    Organisation: ("name", "acronym", "kind", "website"),
    SupportBody: (
        "name",
        "acronym",
        "legal_status",
        "services",
        "founded",
        "dissolved",
        "seat",
        "website",
        "description_en",
        "description_fr",
    ),
}
"""Columns that officers change, by the kind of record."""


_SEARCHED_STEPS = 50
"""Steps of the history that are looked through for how an editing began."""


class Changed(ActionRefused):
    """Edit conflict: somebody else has changed the record meanwhile."""


def own(model: type[PublicRecord]) -> list[str]:
    """The columns of the row itself: all that people fill, but whether it is public and what it was merged into."""
    names = (field.attname for field in tracked_fields(model))
    return [name for name in names if name not in ("publication", "merged_into_id")]


def restored_by(user: AnyUser, record: PublicRecord) -> Sequence[str]:
    """The columns of a record that the user brings back from its history: those that they may change; or none."""
    if type(record) not in EDITABLE_COLUMNS or record.publication != Publication.PUBLISHED:
        return ()
    if permissions.is_administrator(user):
        return own(type(record))
    own_record: Any = record  # a town, an organisation or a support body: no other kind has columns here
    return EDITABLE_COLUMNS[type(record)] if permissions.may_publish(user, own_record) else ()


def record_fingerprint(record: PublicRecord) -> str:
    """A record's own columns as one short text: another one, where somebody has changed them."""
    return _fingerprint([getattr(record, column) for column in own(type(record))])


def _fingerprint(values: list[Any]) -> str:
    return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode()).hexdigest()[:32]


def base_values(record: PublicRecord, base: str) -> dict[str, Any] | None:
    """Columns of a record when an editing began, by its `record_fingerprint` then; None if the history has no such
    state."""
    columns = own(type(record))
    for step in reversed(_steps(record)[-_SEARCHED_STEPS:]):
        values = {column: step.after[type(record), record.pk][column] for column in columns}
        if _fingerprint(list(values.values())) == base:
            return values
    return None


def _steps(record: PublicRecord) -> list[HistoryStep]:
    """Steps of the history of the record's own row; it is never deleted."""
    return replay([(type(record), events_of(type(record)).filter(pgh_obj=record.pk))], Action.values)


@retried
def save_record(*, by: User, record: Any, values: dict[str, Any], base: str) -> PublicRecord:
    """Change a published record; it is public at once.

    `base` is the `record_fingerprint` of what the editing began with; `Changed` where it is not that of the stored row
    any more. `ActionRefused` has the words of the rule that the database would not let be broken.
    """
    require(permissions.may_publish(by, record))
    with acting(by, Action.SAVE, record):
        return _write(record, values, base)


def _write(record: PublicRecord, values: dict[str, Any], base: str) -> PublicRecord:
    record = type(record)._default_manager.select_for_update(of=("self",), no_key=True).get(pk=record.pk)
    if record.publication != Publication.PUBLISHED:
        raise ActionRefused(_("This record is not published."))
    if base != record_fingerprint(record):
        raise Changed(_("Somebody else has changed this record since you opened it."))
    for column, value in values.items():
        setattr(record, column, value)
    record.save(update_fields=list(values))
    return record


@retried
def restore_record(*, by: User, record: Any, moment: datetime.datetime, base: str, reason: str = "") -> PublicRecord:
    """Give a published record back the columns that it had at a moment, as far as `by` may change them.

    Its lists (names, sources, territories served) stay as they are. `base` and what is raised: see `save_record`.
    """
    require(permissions.may_publish(by, record))
    earlier = restorable_values(by=by, record=record, moment=moment)
    with acting(by, Action.RESTORE, record, reason=reason.strip(), restored=moment.isoformat()):
        return _write(record, earlier, base)


def restorable_values(*, by: User, record: PublicRecord, moment: datetime.datetime) -> dict[str, Any]:
    """The columns that `restore_record` would write. Raises `ActionRefused` where the record was not there at that
    moment."""
    earlier = state_at(_steps(record), moment).get((type(record), record.pk))
    if earlier is None:
        raise ActionRefused(_("The record did not exist then."))
    return {column: earlier[column] for column in restored_by(by, record)}


def record_differences(record: PublicRecord, earlier: Mapping[str, object]) -> list[Difference]:
    """Differences between a record's columns now and earlier."""
    words = RowFormatter()
    fields = [field for field in tracked_fields(type(record)) if field.attname in earlier]
    return [
        Difference(
            str(field.verbose_name), words.value(field, now), words.value(field, then), column_language(field.name)
        )
        for field in fields
        if (now := getattr(record, field.attname)) != (then := earlier[field.attname])
    ]
