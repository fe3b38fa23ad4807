"""The strict base of every import layout: its columns, and how its rows find, make and change records.

A layout is a django-import-export ``Resource``: its columns are that library's fields with a meaning and an example,
export and the admin's pages are that library's. Importing is ours: rows are looked up in dictionaries and written in
bulk, so that the number of queries does not grow with the number of rows.
"""

import re
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from copy import copy
from functools import cached_property
from typing import Any, Self

from django.db import models
from django.db.backends.utils import CursorWrapper
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from import_export.resources import Resource
from pyroaring import BitMap

from core.fields import models_of, reference_of
from core.text import is_storable

from .cells import Later, LookupCell
from .columns import Column, Links, RowStatement
from .errors import ImportRefused
from .models import ImportBatch, Outcome
from .rows import WRITTEN_OUTCOMES, Row

NOTHING = re.compile(r"[-–—−]+|n/[acd]|[ns]\.[acd]\.|s/d|k\.\s?A\.", re.IGNORECASE)
"""A cell that says that there is nothing to say."""

OF_A_SPREADSHEET = re.compile(
    r"#(?:N/A|N/D|NV|REF!|BEZUG!|¡REF!|DIV/0!|¡DIV/0!|VALUE!|VALEUR!|WERT!|¡VALOR!|NAME\?|NOM\?|¿NOMBRE\?|NUM!|NOMBRE!|ZAHL!"
    r"|¡NUM!|NULL!|NUL!|¡NULO!|SPILL!|CALC!|GETTING_DATA|#+)"
)
"""Pattern of spreadsheets' error values (formulas without a result), in English, French, German and Spanish."""

MOST_READ = 50_000
"""Cells that are remembered with what they mean: most texts of a file stand in many rows."""


class StrictResource(Resource):
    """A layout whose every row ends as created, updated, unchanged, duplicate or refused with reasons.

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

    # The columns

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

    # Files in which each row is a member of a record

    @property
    def columns_of_members(self) -> list[str]:
        """The columns of a file with a row for each member of a record; empty where the layout knows none."""
        return []

    def member_column(self, name: str, number: int) -> str:
        """Map a column of the N-th member to the column of the whole record."""
        return name

    # What a batch decides

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

    # Planning

    def decided(
        self, batch: ImportBatch, rows: Iterable[Row], progress: Callable[[int], None] = lambda done: None
    ) -> Iterator[list[Row]]:
        """The rows of a batch with their outcomes, a chunk after the other: here all at once."""
        pass

        self.batch = batch
        decided = decide_at_once(self, rows)
        progress(len(decided))
        yield decided

    def announce(self, rows: list[Row]) -> None:
        """Tell the columns that refer to the file's own kind which records the file is about to make."""
        for column in self.fields.values():
            widget = column.widget
            if isinstance(widget, LookupCell) and widget.within_file:
                widget.announce(row.cells.get(widget.by[0], "") for row in rows)

    @cached_property
    def _read(self) -> dict[tuple[str, str], Any]:
        """Cache of the values read from cells, by column and text."""
        return {}

    def read_row(self, row: Row) -> None:
        """Read the row's cells into values, or name what is wrong with each."""
        read = self._read
        for name, text in row.cells.items():
            if (name, text) in read:
                row.values[name] = read[name, text]
                continue
            if NOTHING.fullmatch(text):
                continue
            if text.startswith("#") and OF_A_SPREADSHEET.fullmatch(text):
                row.refuse(name, _("This is an error of a spreadsheet: correct its formula, or empty the cell."))
                continue
            try:
                widget = self.fields[name].widget
                row.values[name] = value = widget.clean(text, row=row)
            except ValueError as error:
                row.refuse(name, str(error))
            else:
                if self.in_chunks and not getattr(widget, "of_its_row", False):
                    read[name, text] = value
        if len(read) > MOST_READ:
            read.clear()
        if "reference" in row.values and self.prefix:
            row.values["reference"] = row.values["reference"].upper()

    def fault_of(self, name: str, text: str) -> str:
        """Error message for a text in a column, empty if it is valid; for constants, before any row is read."""
        try:
            if not is_storable(text):
                raise ValueError(_("It holds a character that cannot be stored."))
            self.fields[name].widget.clean(text)
        except ValueError as error:
            return str(error)
        return ""

    def examine(self, rows: list[Row]) -> None:
        """Find what else is wrong with rows, the refused ones too: each names all its faults. For subclasses."""

    def orphaned(self, row: Row, kept: list[Row]) -> Iterator[str]:
        """The columns of a row that wait for a record of the file which none of the rows `kept` makes."""
        for name, value in row.values.items():
            if isinstance(value, Later):
                widget = self.lookup_of(name)
                if not any(widget.means(other.cells.get(widget.by[0], ""), value) for other in kept):
                    yield name

    def lookup_of(self, name: str) -> LookupCell:
        """The cell of a column that refers to records of the file's own kind."""
        widget = self.fields[name].widget
        if not isinstance(widget, LookupCell):
            raise TypeError(f"The column {name} refers to no record.")
        return widget

    def existing(self) -> models.QuerySet[models.Model]:
        """The stored records that a row may be about."""
        return self.model._default_manager.all()

    def linked(self) -> dict[str, dict[Any, set[Any]]]:
        """Stored links by column: record's primary key → primary keys of the linked records."""
        stored: dict[str, dict[Any, set[Any]]] = {}
        for name, column in self.fields.items():
            if isinstance(column, Links):
                field, through = column.field(self.model)
                pairs = through._default_manager.values_list(field.m2m_field_name(), field.m2m_reverse_field_name())
                stored[name] = defaultdict(set)
                for own, other in pairs:
                    stored[name][own].add(other)
        return stored

    def complete(self, row: Row) -> None:
        """Add to the row's values what follows from them; for subclasses."""

    def identity_keys(self, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The keys by which a record of these values is found, strongest first."""
        return [
            (identity, *(values.get(column) for column in identity))
            for identity in self.identities
            if values.get(identity[0]) is not None
        ]

    def row_keys(self, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """The keys of a row. The last identity, a name, counts only where the row gives nothing stronger."""
        keys = self.identity_keys(values)
        return keys if len(keys) == 1 else [key for key in keys if key[0] != self.identities[-1]]

    def check_new_references(self, rows: list[Row]) -> None:
        """Refuse new records with a reference of the wrong form, or one that a record has or had.

        Only who may write everywhere brings references: the others would learn which ones are taken by what they cannot
        see.
        """
        given = {row.values["reference"]: row for row in rows if row.values.get("reference")}
        if not given or not self.prefix:
            return
        taken: dict[str, models.Model] = {}
        for model in models_of(self.prefix):  # claims of both apps share a letter
            known = model._default_manager.filter(reference__in=given)
            taken.update((reference_of(record), record) for record in known if self.sees(record))
        for reference, row in given.items():
            if not re.fullmatch(rf"{self.prefix}[1-9][0-9]{{0,8}}", reference):
                row.refuse(
                    "reference",
                    _("A reference here is the letter %s and a number; leave it blank for the next free one.")
                    % self.prefix,
                )
            elif record := taken.get(reference):
                survivor = getattr(record, "merged_into", None)
                row.refuse(
                    "reference",
                    _("This reference belonged to a record that was merged into %s: write that one.")
                    % survivor.reference
                    if survivor
                    else _("This reference belongs to another record, or to one that was withdrawn."),
                )
            elif self.within is not None:
                row.refuse(
                    "reference",
                    _("No record has this reference: correct it, or leave it blank for a new one."),
                )

    def decide(self, rows: list[Row]) -> None:
        """Give each row its outcome: find its record, or the row it repeats, and what it would change."""
        stored: dict[tuple[Any, ...], list[models.Model]] = defaultdict(list)
        for record in self.existing():
            values = {name: self.fields[name].stored(record) for identity in self.identities for name in identity}
            for key in self.identity_keys(values):
                stored[key].append(record)
        links = self.linked()
        seen: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            self.complete(row)
            if row.outcome:
                continue
            keys = self.row_keys(row.values)
            records = {record.pk: record for key in keys for record in stored.get(key, ())}
            twin = next((seen[key] for key in (*keys, *records) if key in seen), None)
            if twin is not None:
                self._repeat(row, twin)
                continue
            if len(records) > 1:
                row.refuse(
                    keys[0][0][0],
                    _("The row fits several records: %s. Correct it, or write the reference of the one that is meant.")
                    % ", ".join(f"{record} ({getattr(record, 'reference', pk)})" for pk, record in records.items()),
                )
                continue
            seen.update(dict.fromkeys((*keys, *records), row))
            row.record = next(iter(records.values()), None)
            if row.record is None:
                for name, column in self.fields.items():
                    if column.required and row.values.get(name) in (None, ""):
                        row.refuse(name, _("A new record needs this value."))
                row.outcome = row.outcome or Outcome.CREATED
            else:
                row.changes = self.compare(row, links)
                if "reference" in row.changes:
                    row.refuse("reference", _("The record has another reference: %s.") % row.record.reference)
                row.outcome = row.outcome or (Outcome.UPDATED if row.changes else Outcome.UNCHANGED)
        self.check_new_references([row for row in rows if row.outcome == Outcome.CREATED])

    def compare(self, row: Row, links: dict[str, dict[Any, set[Any]]]) -> dict[str, tuple[Any, Any]]:
        """Diff between a row and its record: column → before, after. A blank cell keeps what is stored."""
        changes = {}
        for name, value in row.values.items():
            column = self.fields[name]
            if isinstance(column, Links):
                before: Any = links[name].get(row.record.pk, set())
                if before != set(value):
                    changes[name] = (before, value)
            elif (before := column.stored(row.record)) != value:
                changes[name] = (before, value)
        for name in row.cleared:
            column = self.fields[name]
            if isinstance(column, Links):
                if before := links[name].get(row.record.pk, set()):
                    changes[name] = (before, [])
            elif not column.required and (before := column.stored(row.record)) != (empty := column.empty(self.model)):
                changes[name] = (before, empty)
        return changes

    def _repeat(self, row: Row, twin: Row) -> None:
        """A row about the same record as an earlier one repeats it, or contradicts it."""
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

    def prepare(self, cursor: CursorWrapper) -> None:
        """Get ready to write the rows that were decided on; for subclasses."""

    def ready(self, rows: list[Row]) -> None:
        """Get ready to write a chunk, before anything of it may be refused; for subclasses."""

    def create(self, rows: list[Row]) -> None:
        """Make the records of rows, in bulk."""
        for row in rows:
            attributes: dict[str, Any] = {}
            for name, value in row.values.items():
                if not isinstance(self.fields[name], Links) and not isinstance(value, Later):
                    attributes |= self.fields[name].assigned(value)
            row.record = self.model(**attributes)
        self.model._default_manager.bulk_create([row.record for row in rows], batch_size=2000)
        self.link(rows)

    def update(self, rows: list[Row]) -> None:
        """Change the records of rows, in bulk."""
        targets = set()
        for row in rows:
            for name, (_before, value) in row.changes.items():
                if isinstance(self.fields[name], Links) or isinstance(value, Later):
                    continue
                for target, assigned in self.fields[name].assigned(value).items():
                    setattr(row.record, target, assigned)
                    targets.add(target)
        if targets:
            self.model._default_manager.bulk_update([row.record for row in rows], sorted(targets), batch_size=500)
        self.link(rows)

    def link(self, rows: list[Row]) -> None:
        """Write the links that rows list: those of new records, and those that changed."""
        for name, column in self.fields.items():
            if not isinstance(column, Links):
                continue
            field, through = column.field(self.model)
            own, other = f"{field.m2m_field_name()}_id", f"{field.m2m_reverse_field_name()}_id"
            links, dropped = [], set()
            for row in rows:
                if row.outcome == Outcome.UPDATED and name not in row.changes:
                    continue
                before, value = row.changes.get(name, (set(), row.values.get(name, [])))
                dropped |= {(row.record.pk, pk) for pk in set(before) - set(value)}
                links += [through(**{own: row.record.pk, other: pk}) for pk in value if pk not in before]
            if dropped:
                owners = through._default_manager.filter(**{f"{own}__in": {pk for pk, _linked in dropped}})
                gone = [pk for pk, *pair in owners.values_list("pk", own, other) if tuple(pair) in dropped]
                through._default_manager.filter(pk__in=gone).delete()
            through._default_manager.bulk_create(links, batch_size=5000)

    def finish(self, rows: list[Row]) -> None:
        """Fill in the references between records of the same file, once all are made."""
        for name, column in self.fields.items():
            waiting = [row for row in rows if isinstance(row.values.get(name), Later)]
            if not waiting:
                continue
            widget = self.lookup_of(name)
            widget.forget()
            for row in waiting:
                try:
                    setattr(row.record, column.target, widget.clean(str(row.values[name])))
                except ValueError as error:  # the database refused the record it refers to
                    raise ImportRefused(_("Line %(line)s: %(fault)s") % {"line": row.line, "fault": error}) from None
            self.model._default_manager.bulk_update([row.record for row in waiting], [column.target])

    # Export

    def written(self, statement: RowStatement) -> None:
        """Add to the statement by which PostgreSQL writes rows what follows from no column; for subclasses."""

    def get_queryset(self) -> models.QuerySet[models.Model]:
        return self.existing()

    def filter_export(self, queryset: models.QuerySet[Any], **kwargs: object) -> models.QuerySet[Any]:
        """The queryset with all that the columns show, so that the number of queries does not grow with it."""
        joined, apart = set(), set()
        for column in self.fields.values():
            if isinstance(column, Links):
                apart.add(column.target)
                continue
            model: type[models.Model] | None = self.model
            path: list[str] = []
            for step in (column.shown or column.target).split("__")[:-1]:
                own = model._meta.local_fields if model else []
                field = {field.name: field for field in own}.get(step)
                if field is None:  # a property, such as a party's actor: its record is one of several
                    paths = ["__".join([*path, key.name]) for key in own if key.is_relation]
                    joined.update(paths)
                    break
                path.append(step)
                model = field.related_model
                joined.add("__".join(path))
        if joined:
            queryset = queryset.select_related(*joined)
        return queryset.prefetch_related(*apart)

    def iter_queryset(self, queryset: models.QuerySet[Any]) -> Iterator[Any]:
        return queryset.iterator(chunk_size=2000)

    def before_export(self, queryset: models.QuerySet[Any], **kwargs: object) -> None:
        """Find out once for all rows how each column is written."""
        self._writers = [
            getattr(self, f"dehydrate_{self.get_field_name(field)}", field.export)
            for field in self.get_export_fields(kwargs.get("export_fields"))
        ]

    def export_resource(self, instance: Any, selected_fields: Any = None, **kwargs: object) -> list[str]:
        return [write(instance) for write in self._writers]

    # django-import-export's admin

    @classmethod
    def get_display_name(cls) -> str:
        """Display name of the kind of rows."""
        return capfirst(str(cls.model._meta.verbose_name_plural))


def decide_at_once(resource: StrictResource, rows: Iterable[Row]) -> list[Row]:
    """Decide on all rows together, in memory: for layouts of few rows, which may refer to each other."""
    rows = list(rows)
    resource.announce(rows)
    for row in rows:
        if not row.outcome:
            resource.read_row(row)
    resource.examine(rows)
    resource.decide([row for row in rows if not row.outcome])
    _refuse_orphans(resource, rows)
    return rows


def _refuse_orphans(resource: StrictResource, rows: list[Row]) -> None:
    """Refuse the rows that need a record which the file was to make, but whose own row was refused."""
    kept = [row for row in rows if row.outcome in WRITTEN_OUTCOMES]
    orphans = [(row, name) for row in kept for name in resource.orphaned(row, kept)]
    for row, name in orphans:
        row.refuse(name, _("The row of the record that this one refers to was refused: correct that one too."))
    if orphans:
        _refuse_orphans(resource, rows)
