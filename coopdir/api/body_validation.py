"""Validation of request bodies by the JSON Schema that is published for them, with faults in words.

The schema is the only rule (`jsonschema` applies it); here its keywords are worded: each fault has a JSON pointer to
its place and says what is wanted there.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from core.imports.cells import TEXT_TOO_LONG
from core.lists.form_fields import StrOrPromise, shortened
from core.lists.json_records import PARTIAL_DATE, JsonSchema
from core.text import is_storable

DATE_REMEDY = gettext_lazy("A date is written 1986, 1986-05 or 1986-05-24.")


class Misread(Exception):
    """Validation error of a request body: each fault with its place (a JSON pointer) and the remedy."""

    def __init__(self, *errors: dict[str, str]) -> None:
        super().__init__(*errors)
        self.errors = errors


def _pattern(
    validator: Draft202012Validator, pattern: str, instance: Any, schema: JsonSchema
) -> Iterator[ValidationError]:
    """The keyword as JSON Schema means it: digits are those of ASCII, and no line end is passed over at the end."""
    if isinstance(instance, str) and not re.fullmatch(pattern, instance, re.ASCII):
        yield ValidationError(pattern)


_Validator = extend(Draft202012Validator, {"pattern": _pattern})


def body_faults(
    given: Any, schema: JsonSchema, remedies: Mapping[Any, StrOrPromise] | None = None
) -> list[dict[str, str]]:
    """All that a body does not keep of a schema: pointer and detail of each fault, each once.

    `remedies` say in words what a schema wants: by its pattern, or by its lowest and highest number.
    """
    words = {PARTIAL_DATE["pattern"]: DATE_REMEDY} | dict(remedies or {})
    found = [
        (pointer, str(detail))
        for error in _Validator(schema, format_checker=FormatChecker(["date"])).iter_errors(given)
        for pointer, detail in _worded(error, words)
    ]
    found += [(place, _("It holds a character that cannot be stored.")) for place in _odd(given)]
    return [{"pointer": pointer, "detail": detail} for pointer, detail in dict.fromkeys(found)]


def _worded(error: ValidationError, remedies: Mapping[Any, StrOrPromise]) -> Iterator[tuple[str, StrOrPromise]]:
    """Pointers and details of an error: one, or one for each member that is too many."""
    if error.validator == "anyOf" and (branch := _branch_of(error)):
        for part in branch:
            yield from _worded(part, remedies)
        return
    place = "".join(f"/{step}" for step in error.absolute_path)
    schema: Any = error.schema
    instance: Any = error.instance
    wanted: Any = error.validator_value
    if error.validator == "additionalProperties":
        known = schema["properties"]
        for name in instance.keys() - known.keys():
            detail = _("This member is unknown here. Known are: %(known)s.") % {"known": ", ".join(known)}
            yield f"{place}/{shortened(name)}", detail
    elif error.validator == "required":
        for name in wanted:
            if name not in instance:
                yield place, _("The member “%(name)s” is missing.") % {"name": name}
    elif error.validator == "maxLength":
        yield place, TEXT_TOO_LONG % {"show_value": len(instance), "limit_value": wanted}
    else:
        yield place, _wanted(schema, remedies)


def _branch_of(error: ValidationError) -> list[ValidationError]:
    """Errors of the alternative that has the type of the value: of a source that is described, not of a reference."""
    branches: dict[Any, list[ValidationError]] = {}
    for part in error.context:
        branches.setdefault(part.schema_path[0], []).append(part)
    fitting = [
        parts for parts in branches.values() if not any(one.validator == "type" and not one.path for one in parts)
    ]
    return fitting[0] if fitting else next(iter(branches.values()), [])


def _wanted(schema: JsonSchema, remedies: Mapping[Any, StrOrPromise]) -> StrOrPromise:
    """Remedy in words: the value that a schema wants."""
    kinds = schema.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "enum" in schema:
        return _("This is not one of the codes: %(known)s.") % {"known": ", ".join(schema["enum"])}
    if schema.get("pattern") in remedies:
        return remedies[schema["pattern"]]
    if schema.get("format") == "date":
        return _("A day is written 2026-11-24.")
    if "object" in kinds:
        return _("This must be an object.")
    if "array" in kinds:
        if "minItems" in schema:
            return _("This must be a list of %(least)s to %(most)s entries.") % {
                "least": schema["minItems"],
                "most": schema["maxItems"],
            }
        return _("This must be a list of at most %(most)s entries.") % {"most": schema["maxItems"]}
    if "boolean" in kinds:
        return _("This must be true or false.")
    if "integer" in kinds:
        if remedy := remedies.get((schema["minimum"], schema["maximum"])):
            return remedy
        return _("This must be a whole number from %(lowest)s to %(highest)s.") % {
            "lowest": schema["minimum"],
            "highest": schema["maximum"],
        }
    if "maxLength" in schema:
        return _("This must be a text of at most %(longest)s characters.") % {"longest": schema["maxLength"]}
    return _("This must be a text.")


def _odd(given: Any, place: str = "") -> Iterator[str]:
    """Pointers of the texts that PostgreSQL cannot store: with NUL or lone surrogates."""
    if isinstance(given, str):
        if not is_storable(given):
            yield place
    elif isinstance(given, Mapping):
        for name, value in given.items():
            yield from _odd(value, f"{place}/{shortened(name)}")
    elif isinstance(given, list):
        for number, value in enumerate(given):
            yield from _odd(value, f"{place}/{number}")
