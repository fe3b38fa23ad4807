"""The tables that belong to an agreement, declared once: content, time line, change log, mirrors and the officers' desk
read their history by this list."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Model, QuerySet

from core.history import HistoryStep, events_of, events_of_rows, replay

from ..choices import Action
from ..models import (
    Agreement,
    Attachment,
    Claim,
    Document,
    Suspension,
)
from .content_lists import CONTENT_LISTS


@dataclass(frozen=True)
class AgreementTable:
    """Table of rows that belong to an agreement; `path` leads from a row to it.

    `content` names the list of the agreement's content that its rows make up; rows of other tables have actions of
    their own. What is not `in_record` is no part of the records that machines read: it shows in the time line alone.
    """

    model: type[Model]
    path: str = "agreement"
    content: str = ""
    in_record: bool = True


AGREEMENT_TABLES: tuple[AgreementTable, ...] = (
    *(AgreementTable(listed.model, content=name) for name, listed in CONTENT_LISTS.items()),
    AgreementTable(Document),
    AgreementTable(Attachment, in_record=False),
    AgreementTable(Claim, in_record=False),
    AgreementTable(Suspension, "party__agreement"),
)
"""The tables, those of its content first, in the order of the form."""

NOT_ITS_OWN = {
    "Agreement.merged_into": "a record of its own, which leads on to this one",
    "Confirmation.party": "a question and its answer, whose link is a secret; the answer stands in the history",
    "Contact.agreement": "a person, who is erased with the row: no history keeps them",
    "FormDraft.agreement": "what somebody types and has not sent",
    "Submission.agreement": "what somebody proposed, and what was decided on it: the queue tells",
}
"""The foreign keys to an agreement, or to a row of it, of tables that are not in `AGREEMENT_TABLES`, and why."""

CONTENT_TABLES = tuple(table for table in AGREEMENT_TABLES if table.content)
"""The tables that the content of an agreement is read from."""

RECORD_TABLES = tuple(table for table in AGREEMENT_TABLES if table.in_record)
"""The tables that the record of an agreement is read from."""


def agreement_steps(key: int, tables: Iterable[AgreementTable] = CONTENT_TABLES) -> list[HistoryStep]:
    """Steps of the history of an agreement and of the rows in some tables that belong to it, the first one first. A
    query for each table."""
    own = (Agreement, events_of(Agreement).filter(pgh_obj=key))
    rows = ((table.model, events_of_rows(table.model, table.path, key)) for table in tables)
    return replay([own, *rows], Action.values)


def events_by_agreement() -> Iterator[QuerySet[Any]]:
    """Events of all agreements and of the rows of their records, table by table; `belongs_to` is the key of the
    agreement."""
    yield events_of(Agreement).annotate(belongs_to=F("pgh_obj_id"))
    for table in RECORD_TABLES:
        yield events_of(table.model).annotate(belongs_to=F(f"{table.path}_id"))
