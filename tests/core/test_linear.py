"""What reads foreign text takes as long as the text is, not its square: tried on texts made to be slow."""

import io
import re
import time
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.imports import cells, row_reading
from core.imports.date_formats import as_stored
from core.imports.mapping import CellPattern
from core.imports.readers import encodings, spreadsheets
from core.imports.readers.limits import Unreadable
from core.text import normalise
from partnerships.places import autocomplete, matching
from partnerships.places.country_names import country_code
from partnerships.places.name_reading import is_no_name, read_name
from tests.importing import read_sheet

SIZE, GROWTH = 4_000, 8
"""Characters of a short text, and how many times longer the long one is: what is linear takes 8 times as long, what is
quadratic 64 times."""


def worked(call: Callable[[str], object], text: str, times: int = 1) -> float:
    """Seconds of the processor that a call takes at least, whatever it says of the text."""
    best = 9e9
    for _time in range(times):
        begun = time.process_time()
        try:
            call(text)
        except (ValueError, Unreadable):
            pass
        best = min(best, time.process_time() - begun)
    return best


def merged(text: str) -> object:
    """A sheet with a text in the place of its cells."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("sheet.xml", text)
    return spreadsheets._merged_in(content, "sheet.xml")


FORM = CellPattern("{a} ({b}) - {c}, {d}")
FOUR = CellPattern("{a}-{b}-{c}-{d}!")

CALLS: dict[str, Callable[[str], object]] = {
    "cells with formulas": merged,
    "a form with four columns": FORM.read,
    "a form with equal signs": FOUR.read,
    "a date": as_stored,
    "a number": cells.NumberCell(unit=True).clean,
    "an amount": cells.AmountCell().clean,
    "degrees": cells.DegreesCell(90).clean,
    "a list": cells.ListCell(cells.TextCell(), "|;,").clean,
    "a web address": cells.UrlCell(500).clean,
    "nothing": row_reading.NOTHING.fullmatch,
    "a fault of a spreadsheet": row_reading.OF_A_SPREADSHEET.fullmatch,
    "a name": normalise,
    "a name in a file": read_name,
    "no name": is_no_name,
    "a country": country_code,
    "parts of places": matching.OTHER.search,
    "what is typed": autocomplete._split,
    "a table": lambda text: read_sheet(text.encode()),
    "an encoding": lambda text: encodings._natural(text.encode("cp1252", "replace"), "cp1252"),
}
UNITS = ("<c ", "<c r='A1' ><f", "<c ><f>", '<c r="A1"', "(", ")", "((", ") (", "-", " - ", " ", "1", "1 ", ".1", "#",
         "de ", "1.", ",", ", ", "i", " iiii", "a", '"', '""', "\n", ";", "ß", "é", "-\x1c", "=", "<")  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_no_text_takes_longer_than_it_is_long(name: str):
    call = CALLS[name]
    for unit in UNITS:
        for begin, end in (("", ""), ("1(", "x"), (",", "(")):
            small, large = (begin + unit * (size // len(unit)) + end for size in (SIZE, SIZE * GROWTH))
            if worked(call, large) > 0.1:  # what takes less is no square
                assert worked(call, large, 3) < 3 * GROWTH * worked(call, small, 3), (unit, begin, end)


@given(st.text("a -(), ", max_size=14))
def test_a_form_reads_what_its_regular_expression_read(text: str):
    """The former way to read forms is the measure; it takes the fourth power of a text's length."""
    for form in ("{a} ({b})", "{a}-{b}", "({a}) {b}-({c})", "{a} - {b}, {c} -{d}"):
        escaped = re.escape(" ".join(form.split())).replace(r"\ ", r"\s*")
        found = re.fullmatch(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*\\S)", escaped), text.strip())
        expected = {name: value.strip() for name, value in found.groupdict().items()} if found else None
        assert CellPattern(form).read(text) == expected
