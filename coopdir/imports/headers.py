"""Which header of a file feeds which column of a resource."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from .resource import StrictResource


class WrongHeaders(Exception):
    """The headers do not fit the layout; `messages` says of each which and what to do."""

    def __init__(self, messages: list[str]) -> None:
        self.messages = messages
        super().__init__(" ".join(messages))


@dataclass(slots=True)
class Layout:
    """How a file is read: columns by position in the row, constants for every row, and headers left out."""

    columns: dict[int, str]
    constants: dict[str, str]
    ignored: list[str]


def match(
    headers: list[str],
    resource: "StrictResource",
    mapping: Mapping[str, str] | None = None,
    constants: Mapping[str, str] | None = None,
) -> Layout:
    """Match headers to the columns of a resource.

    `mapping` names the header of a column (column → header), `constants` the value of a column that the file lacks.
    Without a mapping every header must be a column; with one, the headers of a foreign file that nobody asked for are
    left out and named in the layout. Raises `WrongHeaders` for headers unknown, missing or repeated.
    """
    mapping, constants = dict(mapping or {}), dict(constants or {})
    messages = []
    for name in [*mapping, *constants]:
        if not resource.has_column(name):
            messages.append(_("“%(name)s” is no column of this layout.%(hint)s") % _named(name, resource.known_columns))
        elif name in constants and (fault := resource.fault_of(name, constants[name])):
            messages.append(
                _("The constant “%(value)s” of the column “%(name)s”: %(fault)s")
                % {"value": constants[name], "name": name, "fault": fault}
            )
    for header, count in Counter(mapping.values()).items():
        if count > 1:
            messages.append(_("The header “%s” is mapped to several columns: keep one.") % header)
    for name in sorted(set(mapping) & set(constants)):
        messages.append(_("The column “%(name)s” has both a header and a constant: keep one.") % {"name": name})
    for header, count in Counter(headers).items():
        if count > 1 and (header in mapping.values() or (header and resource.has_column(header))):
            messages.append(
                _("The header “%(name)s” stands %(count)s times: rename or remove all but one.")
                % {"name": header, "count": count}
            )
    columns: dict[int, str] = {}
    ignored = []
    for column, header in mapping.items():
        if header in headers:
            columns[headers.index(header)] = column
        else:
            messages.append(_("The header “%(name)s” is not in the file.%(hint)s") % _named(header, headers))
    for index, header in enumerate(headers):
        if index in columns:
            continue
        if not header:
            messages.append(
                _("Column %(number)s of the file has no header: name it or remove it.") % {"number": index + 1}
            )
        elif resource.has_column(header) and header not in mapping and header not in constants:
            columns[index] = header
        elif mapping:
            ignored.append(header)
        elif header in constants:
            messages.append(_("The column “%(name)s” is in the file and has a constant: keep one.") % {"name": header})
        else:
            messages.append(
                _("The header “%(name)s” is not known: rename or remove it, or map it.%(hint)s")
                % _named(header, resource.known_columns)
            )
    given = {*columns.values(), *constants}
    for name in resource.missing_columns(given):
        messages.append(
            _("The column “%(name)s” is missing: add it, map a header to it or set a constant.") % {"name": name}
        )
    if messages:
        raise WrongHeaders(messages)
    return Layout(columns, constants, ignored)


def _named(name: str, known: list[str]) -> dict[str, str]:
    """A name, and the hint which known one may be meant."""
    folded = {candidate.lower(): candidate for candidate in known}
    near = get_close_matches(name.lower(), folded, n=1)
    return {"name": name, "hint": " " + _("Is “%s” meant?") % folded[near[0]] if near else ""}
