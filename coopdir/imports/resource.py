"""The strict base of every import layout: its columns, and how its rows find, make and change records.

A layout is a django-import-export ``Resource``: its columns are that library's fields with a meaning and an example,
export and the admin's pages are that library's. Importing is ours: rows are looked up in dictionaries and written in
bulk, so that the number of queries does not grow with the number of rows.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import Resource
from import_export.results import Result, RowResult
from tablib import Dataset

from .widgets import Later, List, Lookup

if TYPE_CHECKING:
    from .models import ImportBatch
    from .planning import Row

_registry: dict[str, type["StrictResource"]] = {}


def importable(name: str) -> Callable[[type["StrictResource"]], type["StrictResource"]]:
    """Class decorator: make a resource known to the import command and the fixtures by its name."""

    def register(resource: type["StrictResource"]) -> type["StrictResource"]:
        resource.name = name
        _registry[name] = resource
        return resource

    return register


def resources() -> dict[str, type["StrictResource"]]:
    """Every importable resource by name, in the order they are declared: an order they can be loaded in."""
    autodiscover_modules("resources")
    return _registry


class Column(Field):
    """A column of a layout: how its cells are read, what they mean, and which attribute they fill.

    `attribute` is written on import (the column's name by default); `shown` is the path read on export where it
    differs, such as the reference of a related record. `required` holds for new records.
    """

    def __init__(
        self,
        widget: Any,
        meaning: Any = "",
        *,
        attribute: str | None = None,
        shown: str | None = None,
        required: bool = False,
        example: str = "",
    ) -> None:
        super().__init__(attribute=attribute, widget=widget)
        self.meaning = meaning
        self.shown = shown
        self.required = required
        self.example = example

    @property
    def target(self) -> str:
        """The attribute that the column fills."""
        return self.attribute or self.column_name

    def stored(self, record: models.Model) -> Any:
        """The record's value in the form that the widget reads."""
        return getattr(record, self.target)

    def assigned(self, value: Any) -> dict[str, Any]:
        """The attributes that a value read by the widget fills."""
        return {self.target: value}

    def get_value(self, instance: models.Model) -> Any:
        value: Any = instance
        for step in (self.shown or self.target).split("__"):
            value = getattr(value, step, None)
        return value


class Links(Column):
    """A column that lists related records through a table of its own.

    `attribute` is the many-to-many field; `shown` the column of the related record that cells hold.
    """

    def __init__(self, model: type[models.Model], shown: str, meaning: Any = "", **kwargs: Any) -> None:
        super().__init__(List(Lookup(model, shown)), meaning, shown=shown, **kwargs)

    def get_value(self, instance: models.Model) -> list[str]:
        return sorted(str(getattr(linked, self.shown)) for linked in getattr(instance, self.target).all())


class StrictResource(Resource):
    """A layout whose every row ends as created, updated, unchanged, duplicate or refused with reasons.

    Subclasses declare `model`, columns, and `identities`: the sets of columns that tell records apart, tried in turn.
    An identity counts for a row where its first column has a value. `prefix` is the letter of the model's references.
    """

    name = ""
    model: type[models.Model]
    prefix = ""
    identities: tuple[tuple[str, ...], ...] = ()
    batch: "ImportBatch | None" = None

    # The columns

    @property
    def known_columns(self) -> list[str]:
        """Names of the columns, in their order."""
        return list(self.fields)

    def has_column(self, name: str) -> bool:
        """Whether the layout has a column of this name."""
        return name in self.fields

    def missing_columns(self, given: set[str]) -> list[str]:
        """Required columns that a file lacks; a file that names its records by reference may leave any out."""
        if "reference" in given:
            return []
        return [name for name, column in self.fields.items() if column.required and name not in given]

    # Planning

    def announce(self, rows: list["Row"]) -> None:
        """Tell the columns that refer to the file's own kind which records the file is about to make."""
        for column in self.fields.values():
            widget = column.widget
            if isinstance(widget, Lookup) and widget.within_file:
                widget.announced = {row.cells.get(widget.by[0]) for row in rows}

    def read_row(self, row: "Row") -> None:
        """Read the row's cells into values, or name what is wrong with each."""
        for name, text in row.cells.items():
            try:
                row.values[name] = self.fields[name].widget.clean(text, row=row)
            except ValueError as error:
                row.refuse(name, str(error))

    def existing(self) -> Iterable[models.Model]:
        """The stored records that a row may be about."""
        return self.model._default_manager.all()

    def linked(self) -> dict[str, dict[Any, set[Any]]]:
        """Stored links by column: record's primary key → primary keys of the linked records."""
        stored: dict[str, dict[Any, set[Any]]] = {}
        for name, column in self.fields.items():
            if isinstance(column, Links):
                field = self.model._meta.get_field(column.target)
                pairs = field.remote_field.through._default_manager.values_list(
                    field.m2m_field_name(), field.m2m_reverse_field_name()
                )
                stored[name] = defaultdict(set)
                for own, other in pairs:
                    stored[name][own].add(other)
        return stored

    def complete(self, row: "Row") -> None:
        """Add to the row's values what follows from them; for subclasses."""

    def identity_keys(self, values: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
        """The keys that the values of a row give, strongest first."""
        for identity in self.identities:
            if values.get(identity[0]) is not None:
                yield (identity, *(values.get(column) for column in identity))

    def decide(self, rows: list["Row"]) -> None:
        """Give each row its outcome: find its record, or the row it repeats, and what it would change."""
        from .planning import Outcome

        stored: dict[tuple[Any, ...], models.Model] = {}
        for record in self.existing():
            values = {name: self.fields[name].stored(record) for identity in self.identities for name in identity}
            for key in self.identity_keys(values):
                stored.setdefault(key, record)
        links = self.linked()
        seen: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            self.complete(row)
            keys = list(self.identity_keys(row.values))
            twin = next((seen[key] for key in keys if key in seen), None)
            if twin is not None:
                self._repeat(row, twin)
                continue
            seen.update(dict.fromkeys(keys, row))
            records = {stored[key].pk: stored[key] for key in keys if key in stored}
            if len(records) > 1:
                row.refuse(
                    keys[0][0][0],
                    _("The row's identifiers belong to different records: %s. Correct or remove one.")
                    % ", ".join(f"{record} ({record.pk})" for record in records.values()),
                )
                continue
            row.record = next(iter(records.values()), None)
            if row.record is None:
                for name, column in self.fields.items():
                    if column.required and row.values.get(name) in (None, ""):
                        row.refuse(name, _("A new record needs this value."))
                row.outcome = row.outcome or Outcome.CREATED
            else:
                row.changes = self.compare(row, links)
                row.outcome = Outcome.UPDATED if row.changes else Outcome.UNCHANGED

    def compare(self, row: "Row", links: dict[str, dict[Any, set[Any]]]) -> dict[str, tuple[Any, Any]]:
        """What the row changes of its record: column → before, after. A blank cell keeps what is stored."""
        changes = {}
        for name, value in row.values.items():
            column = self.fields[name]
            if isinstance(column, Links):
                before: Any = links[name].get(row.record.pk, set())
                if before != set(value):
                    changes[name] = (before, value)
            elif (before := column.stored(row.record)) != value:
                changes[name] = (before, value)
        return changes

    def _repeat(self, row: "Row", twin: "Row") -> None:
        """A row about the same record as an earlier one repeats it, or contradicts it."""
        from .planning import Outcome

        row.twin = twin.line
        differing = [name for name, value in row.values.items() if twin.values.get(name) != value]
        if differing:
            row.refuse(
                differing[0],
                _("Line %(line)s is about the same record and says “%(value)s”: keep one of the two.")
                % {"line": twin.line, "value": twin.cells.get(differing[0], "")},
            )
        else:
            row.outcome = Outcome.DUPLICATE

    # Applying

    def begin(self, batch: "ImportBatch") -> None:
        """Get ready to write the rows of a batch; for subclasses."""
        self.batch = batch

    def create(self, rows: list["Row"]) -> None:
        """Make the records of rows, in bulk."""
        for row in rows:
            attributes: dict[str, Any] = {}
            for name, value in row.values.items():
                if not isinstance(self.fields[name], Links) and not isinstance(value, Later):
                    attributes |= self.fields[name].assigned(value)
            row.record = self.model(**attributes)
        self.model._default_manager.bulk_create([row.record for row in rows], batch_size=2000)
        self.link(rows)

    def update(self, rows: list["Row"]) -> None:
        """Change the records of rows, in bulk."""
        targets = set()
        for row in rows:
            for name, (_before, value) in row.changes.items():
                if isinstance(self.fields[name], Links):
                    continue
                for target, assigned in self.fields[name].assigned(value).items():
                    setattr(row.record, target, assigned)
                    targets.add(target)
        if targets:
            self.model._default_manager.bulk_update([row.record for row in rows], sorted(targets), batch_size=500)
        self.link(rows)

    def link(self, rows: list["Row"]) -> None:
        """Write the links that rows list: those of new records, and those that changed."""
        for name, column in self.fields.items():
            if not isinstance(column, Links):
                continue
            field = self.model._meta.get_field(column.target)
            through = field.remote_field.through
            own, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
            links = []
            for row in rows:
                before, value = row.changes.get(name, (set(), row.values.get(name, [])))
                dropped = set(before) - set(value)
                if dropped:
                    through._default_manager.filter(**{own: row.record.pk, f"{other}__in": dropped}).delete()
                links += [through(**{own: row.record.pk, other: pk}) for pk in value if pk not in before]
            through._default_manager.bulk_create(links, batch_size=5000)

    def finish(self, rows: list["Row"]) -> None:
        """Fill in the references between records of the same file, once all are made."""
        for name, column in self.fields.items():
            waiting = [row for row in rows if isinstance(row.values.get(name), Later)]
            if not waiting:
                continue
            column.widget.forget()
            for row in waiting:
                setattr(row.record, column.target, column.widget.clean(str(row.values[name])))
            self.model._default_manager.bulk_update([row.record for row in waiting], [column.target])

    # django-import-export's admin

    def import_data(self, dataset: Dataset, dry_run: bool = False, **kwargs: Any) -> Result:
        """Import a tablib data set through the same pipeline; what the admin's import page calls.

        `kwargs` hold the batch's ``file_name``, ``user`` and source (``source_title`` …). A fault of the headers is a
        base error, one of a row an invalid row.
        """
        from .applying import import_for_admin

        return import_for_admin(self, dataset, dry_run=dry_run, **kwargs)

    def get_row_result(self, row: "Row") -> RowResult:
        """A row's outcome in the terms of the admin's pages."""
        from .planning import Outcome

        result = RowResult()
        result.import_type = {
            Outcome.CREATED: RowResult.IMPORT_TYPE_NEW,
            Outcome.UPDATED: RowResult.IMPORT_TYPE_UPDATE,
            Outcome.REFUSED: RowResult.IMPORT_TYPE_INVALID,
        }.get(row.outcome, RowResult.IMPORT_TYPE_SKIP)
        result.diff = [row.cells.get(name, "") for name in self.known_columns]
        if row.record is not None:
            result.object_id, result.object_repr = row.record.pk, str(row.record)
        return result
