"""Database expressions and columns that every app shares."""

from collections.abc import Sequence
from typing import Any

import pgtrigger
from django.apps import apps
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, Func, Lookup, Q, Value
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _


@models.Field.register_lookup
class Among(Lookup[Any]):
    """``column__among=values``: what ``__in`` means, with the values as one array, however many there are.

    Django handles each value of ``__in`` by itself, which takes longer than the database does for thousands of them.
    """

    lookup_name = "among"

    def get_prep_lookup(self) -> list[Any]:
        return list(self.rhs)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*params, self.rhs)


class Normalise(Func):
    """SQL: a name without case, accents, ligatures, punctuation and script (``coopdir_normalise``)."""

    function = "coopdir_normalise"
    output_field = models.TextField()


class NewReference(Func):
    """SQL: the next free reference with a given prefix (``coopdir_new_reference``)."""

    function = "coopdir_new_reference"
    output_field = models.CharField()


class ReferenceField(models.CharField[str, str]):
    """The immutable, language-free public id of a record: a letter for its kind and a number, given by the database.

    Unique, except in its event table, where it stands once for every change (pghistory passes ``unique=False``).
    """

    def __init__(self, prefix: str = "", unique: bool = True, **kwargs: Any) -> None:
        self.prefix = prefix
        kwargs |= {
            "max_length": 16,
            "unique": unique,
            "editable": False,
            "db_default": NewReference(Value(prefix)),
            "verbose_name": _("reference"),
        }
        super().__init__(**kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for given in ("max_length", "unique", "editable", "db_default", "verbose_name"):
            kwargs.pop(given, None)
        if not self.unique:
            kwargs["unique"] = False
        return name, path, args, {"prefix": self.prefix, **kwargs}


def reference_of(record: models.Model) -> str:
    """The reference of a record of a table that has one."""
    return str(record.serializable_value("reference"))


def models_of(prefix: str) -> list[type[models.Model]]:
    """The models whose references begin with a letter; their event tables apart."""
    return [
        model
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, ReferenceField) and field.unique and field.prefix == prefix
    ]


def keep_reference() -> pgtrigger.Trigger:
    """Trigger that refuses any change of a reference."""
    return pgtrigger.ReadOnly(name="reference_is_immutable", fields=["reference"])


def normalised(column: str = "name") -> models.GeneratedField:
    """A stored column with the normalised form of another one: what names are compared, searched and sorted by."""
    return models.GeneratedField(
        expression=Normalise(F(column)),
        output_field=models.TextField(),
        db_persist=True,
        verbose_name=_("normalised"),
    )


def name_indexes(model: str, column: str = "normalised") -> list[models.Index]:
    """The two indexes of a normalised column: by prefix or whole, and by trigram for parts and typos."""
    return [
        models.Index(fields=[column], name=f"{model}_{column}_prefix"[:30], opclasses=["text_pattern_ops"]),
        GinIndex(fields=[column], name=f"{model}_{column}_trgm"[:30], opclasses=["gin_trgm_ops"]),
    ]


def choice_constraint(model: str, **columns: type[models.TextChoices]) -> list[models.CheckConstraint]:
    """Check constraint for a closed list of codes, so that bulk writes cannot bypass it."""
    return [
        models.CheckConstraint(
            condition=Q(**{f"{column}__in": choices.values}),
            name=f"{model}_{column}_is_known",
        )
        for column, choices in columns.items()
    ]
