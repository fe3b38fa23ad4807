"""Mapping of a file's headers to the columns of a resource, and how its cells are read."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rapidfuzz import process
from rapidfuzz.distance import Indel

from core.text import normalise

from .layouts import StrictResource

KEY = "key"
"""In files with a row for each member of a record: the column whose value the rows of one record share."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
"""Pattern of a column's name in a form."""

_MIN_SIMILARITY = 0.6
"""Similarity, from 0 to 1, above which one name may be meant by another."""

_COMPARED_LENGTH = 100
"""Characters of a header that are compared with the names of columns."""

REASONS = {
    "exact": gettext_lazy("the column’s own name"),
    "alias": gettext_lazy("a usual name of this column"),
    "similar": gettext_lazy("a similar name"),
}


class WrongHeaders(Exception):
    """The headers do not fit the layout; `messages` says of each which and what to do."""

    def __init__(self, messages: list[str]) -> None:
        self.messages = messages
        super().__init__(" ".join(messages))


class CellPattern:
    """Pattern for a cell that holds several columns: a text with their names in braces, as in ``{one} ({other})``.

    Cells are cut at the signs between the columns, in time linear in their length.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        signs = _PLACEHOLDER.split(" ".join(text.split()))
        self.columns = signs[1::2]
        self._signs = [_Sign(sign) for sign in signs[::2]]
        self._read = not self.fault()

    def fault(self) -> str:
        """Error message for an invalid form; empty if it is valid."""
        if not self.columns:
            return _("A form names columns in braces, with the signs between them: {one} ({other}).")
        if len(set(self.columns)) < len(self.columns):
            return _("A form names each column once.")
        if not all(sign.parts for sign in self._signs[1:-1]):
            return _("Between two columns, a form needs a separator, as in {one} – {other}.")
        return ""

    def read(self, text: str) -> dict[str, str] | None:
        """The text of each column of a cell, or None where the cell has another form.

        Each sign is looked for from the right, so that each column is as long as it can be: “Sankt Peter (Au) (AT)” is
        a name with brackets and a country.
        """
        if not self._read:
            return None
        text = text.strip()
        first, *between, last = self._signs
        begin, end = first.after(text), last.before(text, len(text))
        found: list[str] = []
        for sign in reversed(between):
            cut = sign.last_in(text, end) if begin is not None and end is not None else None
            if cut is None:
                return None
            found.append(text[cut[1] : end])
            end = cut[0]
        if begin is None or end is None or not (one := text[begin:end].strip()):
            return None
        return dict(zip(self.columns, [one, *(value.strip() for value in reversed(found))], strict=True))


class _Sign:
    """Separator beside a column in a form: parts with optional spaces between them, and whether there may be some
    before the first."""

    def __init__(self, text: str) -> None:
        self.parts = text.split()
        self._spaced = text[:1].isspace()

    def after(self, text: str) -> int | None:
        """Position after the separator, if the text begins with it; None if it does not."""
        place = 0
        for part in self.parts:
            while text[place : place + 1].isspace():
                place += 1
            if not text.startswith(part, place):
                return None
            place += len(part)
        return place

    def before(self, text: str, end: int) -> int | None:
        """Position of the end of the text before the separator, if that stands at `end`; None if it does not."""
        for number, part in enumerate(reversed(self.parts)):
            if number:
                end = _without_spaces(text, end)
            if not text.endswith(part, 0, end):
                return None
            end -= len(part)
        bare = _without_spaces(text, end)
        return bare if bare == end or self._spaced or not self.parts else None

    def last_in(self, text: str, end: int) -> tuple[int, int] | None:
        """Begin and end of the last of these separators in a text, with something on both sides of it; None if there is
        none."""
        part = self.parts[-1]
        stop = end - 1
        while (place := text.rfind(part, 0, max(0, stop))) > 0:
            after = place + len(part)
            if before := self.before(text, after):
                return before, after
            stop = after - 1
        return None


def _without_spaces(text: str, end: int) -> int:
    """Position of the end of a text without the spaces before `end`."""
    while end and text[end - 1].isspace():
        end -= 1
    return end


@dataclass(slots=True)
class Layout:
    """Reading instructions for a file.

    `columns` by position in the row, `constants` for every row, `ignored` headers; `values` says what texts of a column
    mean (column → normalised text → text), `forms` how a cell is taken apart (position → form). `grouped`: each row is
    a member of a record, those of one `KEY` belong together. `clear_blanks`: a blank cell empties what is stored.
    """

    columns: dict[int, str]
    constants: dict[str, str]
    ignored: list[str]
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    forms: dict[int, CellPattern] = field(default_factory=dict)
    grouped: bool = False
    clear_blanks: bool = False


def match(
    headers: list[str],
    resource: StrictResource,
    mapping: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
    *,
    values: Mapping[str, Mapping[str, str]] | None = None,
    splits: Mapping[str, str] | None = None,
    grouped: bool = False,
    clear_blanks: bool = False,
    explicit: bool = False,
) -> Layout:
    """Match headers to the columns of a resource.

    `mapping` names the header of a column (column → header), `constants` the value of a column that the file lacks,
    `values` what texts of a column mean, `splits` the form of a header whose cells hold several columns. Without a
    mapping every header must be a column; with one, the headers of a foreign file that nobody asked for are left out
    and named in the layout; if it is `explicit`, also those that are named like a column. Raises `WrongHeaders` for
    headers unknown, missing or repeated.
    """
    asked = _Asked(
        headers,
        resource,
        dict(mapping or {}),
        dict(constants or {}),
        values or {},
        {header: CellPattern(text) for header, text in (splits or {}).items()},
        grouped,
        explicit,
    )
    columns, forms, ignored, misplaced = asked.places()
    if messages := [*asked.contradictions(), *misplaced, *asked.missing(columns)]:
        raise WrongHeaders(messages)
    meanings = {
        column: {normalise(text) or text: meaning for text, meaning in texts.items()}
        for column, texts in asked.values.items()
    }
    return Layout(columns, asked.constants, ignored, meanings, forms, grouped, clear_blanks)


@dataclass(frozen=True)
class _Asked:
    """A mapping as it was asked for, and the headers of the file, before one is held against the other."""

    headers: list[str]
    resource: StrictResource
    mapping: dict[str, str]
    constants: dict[str, str]
    values: Mapping[str, Mapping[str, str]]
    forms: dict[str, CellPattern]
    grouped: bool
    explicit: bool

    @property
    def known(self) -> list[str]:
        """The columns that there may be."""
        return self.resource.columns_of_members if self.grouped else self.resource.known_columns

    @property
    def split(self) -> list[str]:
        """The columns that are taken out of cells of several."""
        return [column for form in self.forms.values() for column in form.columns]

    def has(self, name: str) -> bool:
        """True if the layout has a column of the name."""
        return name in self.known if self.grouped else self.resource.has_column(name)

    def contradictions(self) -> Iterator[str]:
        """Faults of the mapping itself: columns that there are not, wrong constants, what is named twice."""
        for header, form in self.forms.items():
            if fault := form.fault():
                yield _("The form of “%(name)s”: %(fault)s") % {"name": header, "fault": fault}
        for name in [*self.mapping, *self.constants, *self.split, *self.values]:
            if not self.has(name):
                yield _("“%(name)s” is no column of this layout.%(hint)s") % _named(name, self.known)
            elif name in self.constants and (fault := self._fault_of_constant(name)):
                yield (
                    _("The constant “%(value)s” of the column “%(name)s”: %(fault)s")
                    % {"value": self.constants[name], "name": name, "fault": fault}
                )
        for header in _repeated([*self.mapping.values(), *self.forms]):
            yield _("The header “%s” is mapped to several columns: keep one.") % header
        for name in _repeated([*self.mapping, *self.split, *self.constants]):
            yield _("The column “%(name)s” is filled from several places: keep one.") % {"name": name}
        for header, count in _repeated(self.headers).items():
            if header in self.mapping.values() or (header and self.has(header) and not self.explicit):
                yield (
                    _("The header “%(name)s” occurs %(count)s times: rename or remove all but one.")
                    % {"name": header, "count": count}
                )

    def _fault_of_constant(self, name: str) -> str:
        """Fault of a constant; those of members are read with the record that they make up."""
        return "" if self.grouped else self.resource.fault_of(name, self.constants[name])

    def places(self) -> tuple[dict[int, str], dict[int, CellPattern], list[str], list[str]]:
        """Place of each column and of each cell of several in the file, headers that are left out, and faults."""
        columns: dict[int, str] = {}
        forms: dict[int, CellPattern] = {}
        ignored: list[str] = []
        faults: list[str] = []
        for header in [*self.mapping.values(), *self.forms]:
            if header not in self.headers:
                faults.append(_("The header “%(name)s” is not in the file.%(hint)s") % _named(header, self.headers))
        for column, header in self.mapping.items():
            if header in self.headers:
                columns[self.headers.index(header)] = column
        for header, form in self.forms.items():
            if header in self.headers:
                forms[self.headers.index(header)] = form
        foreign = bool(self.mapping or self.forms) or self.explicit
        for index, header in enumerate(self.headers):
            if index in columns or index in forms:
                continue
            if header and self._names_itself(header):
                columns[index] = header
            elif header and foreign:
                ignored.append(header)
            else:
                faults.append(self._unplaced(index, header))
        return columns, forms, ignored, faults

    def _names_itself(self, header: str) -> bool:
        """True if a header that nobody mapped is the name of a column, and nothing else fills that."""
        elsewhere = header in self.mapping or header in self.constants or header in self.split
        return not self.explicit and self.has(header) and not elsewhere

    def _unplaced(self, index: int, header: str) -> str:
        """Fault of a header that is no column, in a file that is to have nothing else."""
        if not header:
            return _("Column %(number)s of the file has no header: name it or remove it.") % {"number": index + 1}
        if header in self.constants:
            return _("The column “%(name)s” is in the file and has a constant: keep one.") % {"name": header}
        return _("The header “%(name)s” is not known: rename or remove it, or map it.%(hint)s") % _named(
            header, self.known
        )

    def missing(self, columns: Mapping[int, str]) -> Iterator[str]:
        """Faults: columns that have to be there and are not."""
        given = {*columns.values(), *self.constants, *self.split}
        missing = [KEY] * (KEY not in given) if self.grouped else self.resource.missing_columns(given)
        for name in missing:
            yield (
                _("The column “%(name)s” is missing: add it, map a header to it or set a constant.") % {"name": name}
            )


def _repeated(names: Iterable[str]) -> dict[str, int]:
    """The names that occur more than once, and how often."""
    return {name: count for name, count in Counter(names).items() if count > 1}


def layout_of(headers: list[str], resource: StrictResource, options: Mapping[str, Any]) -> Layout:
    """The layout that the options of a batch describe. Raises `WrongHeaders`."""
    names = ("values", "splits", "grouped", "clear_blanks", "explicit")
    told = {name: options[name] for name in names if options.get(name)}
    return match(headers, resource, options.get("mapping"), options.get("constants"), **told)


def suggest_columns(
    headers: list[str], resource: StrictResource, *, grouped: bool = False
) -> dict[str, tuple[str, str]]:
    """Suggest columns for headers: header → column and the reason (`REASONS`). No column twice."""
    known = resource.columns_of_members if grouped else resource.known_columns
    aliases = {normalise(name): name for name in known}
    for column, alias in resource.aliases(grouped=grouped):
        aliases.setdefault(normalise(alias), column)
    names = list(aliases)
    found: dict[str, tuple[str, str]] = {}
    taken: set[str] = set()

    def exact(header: str) -> str | None:
        return header if header in known or (not grouped and resource.has_column(header)) else None

    def similar(header: str) -> str | None:
        near = process.extractOne(
            normalise(header[:_COMPARED_LENGTH]), names, scorer=Indel.normalized_similarity, score_cutoff=0.85
        )
        return aliases[near[0]] if near else None

    ways: tuple[tuple[str, Callable[[str], str | None]], ...] = (
        ("exact", exact),
        ("alias", lambda header: aliases.get(normalise(header))),
        ("similar", similar),
    )
    for reason, way in ways:
        for header in headers:
            meant = way(header) if header and header not in found else None
            if meant and meant not in taken:
                found[header] = (meant, reason)
                taken.add(meant)
    return found if grouped else resource.arranged(found, headers)


def _named(name: str, known: list[str]) -> dict[str, str]:
    """A name, and the hint which known one may be meant."""
    folded = {candidate[:_COMPARED_LENGTH].lower(): candidate for candidate in known}
    near = process.extractOne(
        name[:_COMPARED_LENGTH].lower(), list(folded), scorer=Indel.normalized_similarity, score_cutoff=_MIN_SIMILARITY
    )
    return {"name": name, "hint": " " + _("Is “%s” meant?") % folded[near[0]] if near else ""}
