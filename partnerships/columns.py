"""How officers write towns, organisations and support bodies: the columns of the record's own row, beside ``workflow``.

Keywords only, as there, `by` being who acts. What decides whose record it is (territory, country, whom a body serves)
and what became of it (successors, merges) is for administrators, in the admin.
"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import User
from django.utils.translation import gettext as _

from networks.models import SupportBody

from . import permissions
from .choices import Publication
from .models import Organisation, PublicRecord, Town
from .workflow import Refused, acting, require

COLUMNS: dict[type[PublicRecord], Sequence[str]] = {
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
"""What officers change, by the kind of record."""


class Changed(Refused):
    """Somebody else has changed the record meanwhile."""


def fingerprint(record: PublicRecord) -> str:
    """The columns that officers change as one short text: another one, where somebody has changed them."""
    told = json.dumps([getattr(record, column) for column in COLUMNS[type(record)]], ensure_ascii=False)
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def save(*, by: User, record: PublicRecord, values: dict[str, Any], base: str) -> PublicRecord:
    """Change a published record; it is public at once.

    `base` is the `fingerprint` of what the editing began with; `Changed` where it is not that of the stored row any
    more. `Refused` has the words of the rule that the database would not let be broken.
    """
    require(permissions.may_publish(by, record))
    with acting(by, "save", record):
        return _write(record, values, base)


def _write(record: PublicRecord, values: dict[str, Any], base: str) -> PublicRecord:
    columns = COLUMNS[type(record)]
    record = type(record).objects.select_for_update(of=("self",)).get(pk=record.pk)
    if record.publication != Publication.PUBLISHED:
        raise Refused(_("This record is not published."))
    if base != fingerprint(record):
        raise Changed(_("Somebody else has changed this record since you opened it."))
    for column in columns:
        setattr(record, column, values[column])
    record.save(update_fields=columns)
    return record


__all__ = ["COLUMNS", "Changed", "fingerprint", "save"]
