"""Frame of every action: its transaction and its place in the history, who acts in which role, what refuses it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db import DataError, IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from core.history import own_context
from core.imports.errors import constraint_message

from .. import permissions
from ..choices import Action, MandateRole, Publication
from ..models import Agreement, Organisation, Town
from ..territory_querysets import territories
from . import rules
from .snapshot import Content

ADMINISTRATOR_CAPACITY = "administrator"


class ActionRefused(Exception):
    """Refusal of a command; `messages` give the reason and the remedy."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = list(messages)


class Conflict(ActionRefused):
    """Edit conflict: somebody else has changed the agreement meanwhile; `theirs` is its content now."""

    def __init__(self, message: str, theirs: Content) -> None:
        super().__init__(message)
        self.theirs = theirs


class Duplicate(ActionRefused):
    """Refusal of a duplicate: there is an agreement of the same parties, and no reason was given for another one; or it
    is the `same` one, for which no reason helps."""

    def __init__(self, message: str, found: list[Agreement], *, same: bool = False) -> None:
        super().__init__(message)
        self.found, self.same = found, same


def reason_of(said: Mapping[str, Any], *, writes: bool = False) -> str:
    """The reason in what the history says of a step, as everybody may read it; or who `writes` the record."""
    action = said.get("action")
    public = action is None or (action in Action and Action(action).has_public_reason)
    return str(said.get("reason", "")) if public or (writes and action != Action.REJECT) else ""


@contextmanager
def acting(by: User, action: Action, *records: Agreement | Town | Organisation, **more: Any) -> Iterator[None]:
    """Context manager: one transaction, checked by the database at its end, with its history metadata.

    Raises `ActionRefused` with the words of the rule that the database would not let be broken.
    """
    role, territory = role_of(by, *records)
    said = {name: value for name, value in more.items() if value}
    try:
        with transaction.atomic(), own_context(user=by.pk, action=action, role=role, territory=territory, **said):
            yield
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    except (IntegrityError, DataError) as error:
        raise ActionRefused(constraint_message(error)) from error


def role_of(by: User, *records: Agreement | Town | Organisation) -> tuple[str, str | None]:
    """Role and territory in which somebody acts on records: their highest mandate that covers one."""
    if permissions.is_administrator(by):
        return ADMINISTRATOR_CAPACITY, None
    concerned = {code for record in records for code in permissions.territories_concerned(record)}
    order = list(MandateRole)
    best: tuple[int, str, str | None] | None = None
    for mandate in permissions.mandates_of(by):
        inside = territories().inside([mandate.territory_id])
        rank = (order.index(MandateRole(mandate.role)), mandate.role, mandate.territory_id)
        if (not concerned or concerned.intersection(inside)) and (best is None or rank > best):
            best = rank
    return (best[1], best[2]) if best else ("", None)


def require(allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied


def locked(agreement: Agreement) -> Agreement:
    """The agreement as it is now; nobody else changes it until the transaction ends."""
    return Agreement.objects.select_for_update(of=("self",), no_key=True).get(pk=agreement.pk)


def check_rules(content: Content, *, publishing: bool) -> None:
    wrong = rules.faults(content, publishing=publishing)
    if wrong:
        raise ActionRefused(*[message for messages in wrong.values() for message in messages])


def refuse_withdrawn(publication: str) -> None:
    """Refuse to change a withdrawn agreement."""
    if publication == Publication.WITHDRAWN:
        raise ActionRefused(_("This agreement is withdrawn. Bring it back first."))


def set_publication(agreement: Agreement, publication: str) -> None:
    agreement.publication = publication
    agreement.save(update_fields=["publication"])


def expect_publication(agreement: Agreement, *publications: str) -> None:
    if agreement.publication not in publications:
        raise ActionRefused(
            _("This agreement is in another state now (%(state)s): look at it again.")
            % {"state": agreement.get_publication_display()}
        )
