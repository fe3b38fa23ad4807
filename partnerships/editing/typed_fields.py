"""The fields of the form of an agreement as they were typed, wherever they come from."""

import re
from typing import Any

from django.utils.datastructures import MultiValueDict

from ..agreements.fields import CONTENT_FIELDS, MAX_TEXT_LENGTH, PartialDateValue
from . import snapshot
from .snapshot import Content

_MAX_ROWS = 60
_ROW = re.compile(r"(parties|renewals|funding|sources)-(\d{1,4})-(\w+)")
_NOT_KEPT = {"csrfmiddlewaretoken", "do", "draft", "typed_by", "then", "theirs", "path", "agreement", "base"}
_EXTRAS = ("link-", "upload-", "contact-")


class TypedFields(MultiValueDict):
    """The fields of the form as they were typed."""

    @classmethod
    def of(cls, content: Content) -> "TypedFields":
        """The fields that a content fills."""
        typed = cls()
        for name, own in CONTENT_FIELDS.items():
            typed[name] = own.value.typed(content[name])
        for number, party in enumerate(content["parties"]):
            typed.put("parties", number, **{**party, "joined": _date(party["joined"]), "left": _date(party["left"])})
        typed.setlist("themes", list(content["themes"]))
        for number, row in enumerate(content["funding"]):
            typed.put("funding", number, **{**row, "on": "on", "source": row["funding"]})
        for number, renewal in enumerate(content["renewals"]):
            typed.put("renewals", number, renewed=_date(renewal["renewed"]), valid_until=_date(renewal["valid_until"]))
        for number, source in enumerate(content["sources"]):
            typed.put("sources", number, source=source)
        return typed

    def put(self, rows: str, number: int, **values: Any) -> None:
        """Fill fields of a row."""
        for name, value in values.items():
            self[f"{rows}-{number}-{name}"] = "" if value is None else str(value)

    def numbers(self, rows: str) -> list[int]:
        """The numbers of the rows that there are of a kind."""
        found = {int(match[2]) for name in self if (match := _ROW.fullmatch(name)) and match[1] == rows}
        return sorted(found)[:_MAX_ROWS]

    def row(self, rows: str, number: int) -> dict[str, str]:
        """The fields of a row."""
        start = f"{rows}-{number}-"
        return {name.removeprefix(start): str(self[name]) for name in self if name.startswith(start)}

    def add(self, rows: str, **values: Any) -> int:
        """Add a row; gives its number."""
        number = max(self.numbers(rows), default=-1) + 1
        self.put(rows, number, **({"text": ""} | values))
        return number

    def remove(self, rows: str, number: int) -> None:
        """Remove a row."""
        for name in [name for name in self if name.startswith(f"{rows}-{number}-")]:
            del self[name]

    def kept(self) -> dict[str, list[str]]:
        """Form data to store: all fields but the form's own machinery."""
        return {
            str(name): [str(value)[:MAX_TEXT_LENGTH] for value in values]
            for name, values in self.lists()
            if name not in _NOT_KEPT and all(isinstance(value, str) for value in values)
        }

    def without_extras(self) -> "TypedFields":
        """Copy without the document and contact person, which were added."""
        return TypedFields({name: values for name, values in self.lists() if not name.startswith(_EXTRAS)})

    @property
    def is_blank(self) -> bool:
        """True if nothing was typed that is worth keeping."""
        fresh = blank()
        return all(not value or value == fresh.get(name) or name in _NOT_KEPT for name, value in self.items())


def _date(value: str | None) -> str:
    """A partial date as people type it: 24/05/1986."""
    return PartialDateValue().typed(value)


def blank() -> TypedFields:
    """A form to begin with: two parties, one source."""
    typed = TypedFields.of(snapshot.empty())
    typed.add("parties")
    typed.add("parties")
    typed.add("sources")
    return typed
