"""Columns of an import layout, and what a batch decides for it."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from typing import Any, Self

from django.db import models
from django.utils.translation import gettext as _
from import_export.resources import Resource
from pyroaring import BitMap

from .cells import LookupCell
from .columns import Column
from .models import ImportBatch
from .rows import Row


class LayoutColumns(Resource):
    """A django-import-export ``Resource`` whose fields are columns with a meaning and an example.

    Subclasses declare `model`, columns, and `identities`: the sets of columns that tell records apart, tried in turn.
    An identity counts for a row where its first column has a value. `prefix` is the letter of the model's references.
    """

    name: Any = ""
    """Its name in the registry; a column that is called so, too, is one of the `fields`."""
    fields: OrderedDict[str, Column]
    model: type[models.Model]
    prefix = ""
    identities: tuple[tuple[str, ...], ...] = ()
    batch: ImportBatch | None = None
    in_chunks = False
    """True if rows are decided on and written some thousand at a time, in little memory."""

    @cached_property
    def updated(self) -> BitMap | set[Any]:
        """Keys of the records that the rows planned so far will change."""
        return BitMap() if isinstance(self.model._meta.pk, models.IntegerField) else set()

    @property
    def known_columns(self) -> list[str]:
        """Names of the columns, in their order."""
        return list(self.fields)

    def has_column(self, name: str) -> bool:
        """True if the layout has a column of this name."""
        return name in self.fields

    usual_names: Mapping[str, Iterable[str]] = {}
    """Names that foreign files give columns, in several languages; of columns that the layout lacks, too."""

    def aliases(self, *, grouped: bool = False) -> Iterator[tuple[str, str]]:
        """Columns and the names that foreign files give them; where two columns have one, it means the first."""
        return ((name, alias) for name in self.fields for alias in self.usual_names.get(name, ()))

    def arranged(self, found: dict[str, tuple[str, str]], headers: list[str]) -> dict[str, tuple[str, str]]:
        """Hook: revise the columns guessed for headers (header → column and why), seen beside each other; for
        subclasses."""
        return found

    @property
    def columns_of_members(self) -> list[str]:
        """The columns of a file with a row for each member of a record; empty where the layout knows none."""
        return []

    def member_column(self, name: str, number: int) -> str:
        """Map a column of the N-th member to the column of the whole record."""
        return name

    profiles: tuple[tuple[str, list[str], dict[str, Any]], ...] = ()
    """Profiles of known foreign files: the name of a profile, the file's headers, and the options of a batch."""
    options: Mapping[str, Any] = {}
    """The options of the batch: of those that layouts heed, `create` allows records that are nowhere known."""
    within: Collection[str] | None = None
    """Places in which the importing user may write, as the layout tells places apart; None if everywhere."""

    @classmethod
    def places_of(cls, user: Any) -> Collection[str] | None:
        """Value of `within` for a user: by default everything for a superuser, else nothing; nothing for None, a
        deleted account."""
        return None if user is not None and user.is_active and user.is_superuser else ()

    @classmethod
    def of(cls, batch: ImportBatch) -> Self:
        """The layout as the options and the user of a batch have it."""
        resource = cls()
        resource.options = batch.options
        resource.within = cls.places_of(batch.user)
        return resource

    def anew(self) -> Self:
        """A fresh copy of the layout for another try, which has read nothing yet."""
        again = copy(self)
        for read in ("updated", "_read"):
            vars(again).pop(read, None)
        for column in again.fields.values():
            for widget in (column.widget, getattr(column.widget, "part", None)):
                if isinstance(widget, LookupCell):
                    widget.forget()
        return again

    def guard(self, rows: list[Row]) -> None:
        """Refuse the rows to be written that do not lie `within`: all, but in layouts that officers import."""
        for row in rows:
            row.refuse("", _("Only administrators import rows of this kind."))

    def sees(self, record: models.Model) -> bool:
        """True if the record exists for the importing user: all do, except in layouts that officers import."""
        return True

    def verdict_key(self, said: dict[str, Any]) -> str:
        """The key under which a decision on a name is remembered; for layouts that look names up."""
        raise NotImplementedError

    def missing_columns(self, given: set[str]) -> list[str]:
        """Required columns that a file lacks; a file that names its records by reference may leave any out."""
        if "reference" in given:
            return []
        return [name for name, column in self.fields.items() if column.required and name not in given]

    def existing(self) -> models.QuerySet[models.Model]:
        """The stored records that a row may be about."""
        return self.model._default_manager.all()

    def lookup_of(self, name: str) -> LookupCell:
        """The cell of a column that refers to records of the file's own kind."""
        widget = self.fields[name].widget
        if not isinstance(widget, LookupCell):
            raise TypeError(f"The column {name} refers to no record.")
        return widget
