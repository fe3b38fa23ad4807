"""Reading of a row's cells into values, or into faults."""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from core.text import is_storable

from .cells import Later, LookupCell
from .layout_columns import LayoutColumns
from .rows import Row

NOTHING = re.compile(r"[-–—−]+|n/[acd]|[ns]\.[acd]\.|s/d|k\.\s?A\.", re.IGNORECASE)
"""A cell that says that there is nothing to say."""

OF_A_SPREADSHEET = re.compile(
    r"#(?:N/A|N/D|NV|REF!|BEZUG!|¡REF!|DIV/0!|¡DIV/0!|VALUE!|VALEUR!|WERT!|¡VALOR!|NAME\?|NOM\?|¿NOMBRE\?|NUM!|NOMBRE!|ZAHL!"
    r"|¡NUM!|NULL!|NUL!|¡NULO!|SPILL!|CALC!|GETTING_DATA|#+)"
)
"""Pattern of spreadsheets' error values (formulas without a result), in English, French, German and Spanish."""

MOST_READ = 50_000
"""Cells that are remembered with what they mean: most texts of a file stand in many rows."""


class RowReading(LayoutColumns):
    """The part of a layout that reads rows."""

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
