"""Refusals of an import: the exception, and the database's constraints in words."""

from typing import Any

from django.apps import apps
from django.db import DataError, IntegrityError
from django.db.models import UniqueConstraint
from django.utils.translation import gettext as _


class ImportRefused(Exception):
    """The file was not imported; the message says why."""


def constraint_message(error: IntegrityError | DataError) -> str:
    """Message of the constraint that the database found violated; its own message for other errors."""
    cause: Any = error.__cause__
    diagnostics = cause.diag
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == diagnostics.constraint_name:
                unworded = constraint.violation_error_message == constraint.default_violation_error_message
                if isinstance(constraint, UniqueConstraint) and unworded and constraint.fields:
                    return model().unique_error_message(model, constraint.fields).messages[0]
                return str(constraint.get_violation_error_message())
    return _(diagnostics.message_primary)
