"""The content of an agreement as the API takes and gives it: that of `partnerships.editing.snapshot`, with public
codes.

Parties are named by reference (``T12``, ``O3``), or, where the directory does not know them yet, by ``insee:21515``,
``geonames:2984805`` or the code of the territory that they govern (``FR-21``); sources by reference, or described.
"""

from collections.abc import Collection, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.lists.form_fields import StrOrPromise
from core.lists.json_records import DAY, PARTIAL_DATE, array_schema, closed, maybe, string, whole
from core.text import clean
from partnerships import choices, permissions
from partnerships.agreements.fields import CONTENT_FIELDS, AgreementField, PartialDateValue
from partnerships.editing import rules, snapshot
from partnerships.editing.commands import ENTRY_ACTIONS, EnteredContent, NewSource
from partnerships.editing.snapshot import Content
from partnerships.models import FundingSource, GazetteerPlace, Organisation, Source, Territory, Theme, Town
from partnerships.places.party_refs import PartyKind, PartyRef, actors_of

from .body_validation import Misread, body_faults

_MAX_ITEMS = 200
"""Entries of a list."""

_ACTOR_SCHEMA = string(
    pattern=r"^([TO][1-9][0-9]{0,8}|insee:[0-9AB]{5}|geonames:[1-9][0-9]{0,8}|[A-Z]{2}-[A-Z0-9]{1,7})$"
)
_PARTY_SCHEMA = {
    **whole(
        actor={
            **_ACTOR_SCHEMA,
            "description": "Reference (T12, O3), insee:21515, geonames:2984805, or the territory governed.",
        },
        role=closed(choices.PartyRole.values),
        joined=maybe(PARTIAL_DATE),
        left=maybe(PARTIAL_DATE),
    ),
    "required": ["actor"],
    "additionalProperties": False,
}
NEW_SOURCE = {
    **whole(
        title=string(minLength=1, maxLength=300),
        publisher=string(maxLength=300),
        date=maybe(PARTIAL_DATE),
        url=string(maxLength=500),
        licence=string(maxLength=60),
    ),
    "required": ["title"],
    "additionalProperties": False,
}
_AMOUNT_SCHEMA = string(pattern=rules.AMOUNT_PATTERN)
_CURRENCY_SCHEMA = string(pattern=r"^([A-Z]{3})?$")
_SOURCE_SCHEMA = string(pattern="^S[1-9][0-9]{0,8}$")
FUNDING = {
    **whole(
        funding=string(),
        year=maybe({"type": "integer", "minimum": rules.EARLIEST_YEAR, "maximum": rules.LATEST_YEAR}),
        amount=maybe(_AMOUNT_SCHEMA),
        currency=_CURRENCY_SCHEMA,
    ),
    "required": ["funding"],
    "additionalProperties": False,
}
RENEWAL = {
    **whole(renewed=PARTIAL_DATE, valid_until=maybe(PARTIAL_DATE)),
    "required": ["renewed"],
    "additionalProperties": False,
}
_ENTRIES: dict[str, Any] = {
    "parties": _PARTY_SCHEMA,
    "themes": string(),
    "funding": FUNDING,
    "renewals": RENEWAL,
    "sources": {"anyOf": [_SOURCE_SCHEMA, NEW_SOURCE]},
}
"""Schemas of an entry of each list; `_Reader` has a method of each name."""
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **{name: own.value.given_schema() for name, own in CONTENT_FIELDS.items()},
        **{name: {**array_schema(entry), "maxItems": _MAX_ITEMS} for name, entry in _ENTRIES.items()},
    },
}
"""The JSON Schema of a content: published, and what bodies are validated by."""

COMMANDS: dict[str, Any] = {
    "then": {
        **closed([action.value for action in ENTRY_ACTIONS]),
        "default": choices.Action.SAVE.value,
        "description": "What becomes of it: saved (as a draft, if it is new), handed in, published.",
    },
    "reason": string(maxLength=2000, description="Why there is another agreement of the same parties."),
    "note": string(maxLength=2000, description="Message to those who decide on what is handed in."),
}
"""Members of a call that writes an agreement, besides its content."""

VERIFICATION: dict[str, Any] = {
    **whole(
        agreements={**array_schema(string(pattern="^A[0-9]{1,9}$")), "minItems": 1, "maxItems": 500},
        on=DAY,
    ),
    "required": ["agreements"],
    "additionalProperties": False,
}
"""The JSON Schema of a call that verifies agreements."""


_REMEDIES: dict[Any, StrOrPromise] = {
    _ACTOR_SCHEMA["pattern"]: gettext_lazy(
        "This party is not known: write the reference of a town or organisation (T12, O3), a code "
        "such as insee:21515 or geonames:2984805, or that of the territory that it governs (FR-21)."
    ),
    _AMOUNT_SCHEMA["pattern"]: rules.AMOUNT_REMEDY,
    _CURRENCY_SCHEMA["pattern"]: rules.CURRENCY_REMEDY,
    (rules.EARLIEST_YEAR, rules.LATEST_YEAR): rules.YEAR_REMEDY,
    _SOURCE_SCHEMA["pattern"]: gettext_lazy(
        "This is no reference of a source, such as S7: write one, or describe the source."
    ),
}
"""Remedies in words, by the pattern or the limits of the schema that ask for them."""


class _Reader:
    """Reader of a content that keeps the schema: codes become keys, and what the schema cannot tell is checked."""

    def __init__(self, by: User, base: Content) -> None:
        self.by = by
        self.base = base
        self.errors: list[dict[str, str]] = []
        self.new_sources: dict[str, NewSource] = {}

    def wrong(self, place: str, detail: StrOrPromise) -> None:
        self.errors.append({"pointer": place, "detail": str(detail)})

    def own(self, own: AgreementField, value: Any, place: str) -> Any:
        """The value of one of the agreement's own fields."""
        try:
            return own.value.read(value)
        except ValidationError as error:
            self.wrong(place, error.messages[0])
            return None

    def date(self, value: str | None, place: str) -> str | None:
        """A partial date that the calendar knows."""
        try:
            return PartialDateValue().read(value)
        except ValidationError as error:
            self.wrong(place, error.messages[0])
            return None

    def code(self, value: str, place: str, known: Collection[str]) -> str:
        """A code that the directory has."""
        if value not in known:
            self.wrong(place, _("This is not one of the codes: %(known)s.") % {"known": ", ".join(known)})
        return value

    # Lists

    def parties(self, rows: list[dict[str, Any]], place: str) -> list[dict[str, Any]]:
        actors = _actors([row["actor"] for row in rows], self.by, snapshot.refs_in(self.base))
        found = []
        for number, row in enumerate(rows):
            if (ref := actors.get(row["actor"])) is None:
                self.wrong(f"{place}/{number}/actor", _REMEDIES[_ACTOR_SCHEMA["pattern"]])
                continue
            dates = {name: self.date(row.get(name), f"{place}/{number}/{name}") for name in ("joined", "left")}
            found.append({"actor": str(ref), "role": row.get("role", choices.PartyRole.PARTNER.value), **dates})
        return found

    def themes(self, codes: list[str], place: str) -> list[str]:
        known = list(Theme.objects.values_list("code", flat=True))
        return sorted({self.code(code, f"{place}/{number}", known) for number, code in enumerate(codes)})

    def funding(self, rows: list[dict[str, Any]], place: str) -> list[dict[str, Any]]:
        known = list(FundingSource.objects.values_list("code", flat=True))
        found = []
        for number, row in enumerate(rows):
            year, amount = row.get("year"), row.get("amount")
            found.append(
                {
                    "funding": self.code(row["funding"], f"{place}/{number}/funding", known),
                    "year": None if year is None else int(year),
                    "amount": None if amount is None else f"{Decimal(amount):.2f}",
                    "currency": row.get("currency", ""),
                }
            )
        return found

    def renewals(self, rows: list[dict[str, Any]], place: str) -> list[dict[str, Any]]:
        return [
            {name: self.date(row.get(name), f"{place}/{number}/{name}") for name in ("renewed", "valid_until")}
            for number, row in enumerate(rows)
        ]

    def sources(self, rows: list[Any], place: str) -> list[int | str]:
        references = [row for row in rows if isinstance(row, str)]
        seen = Q(pk__in=permissions.sources_seen_by(self.by).order_by().values("pk")) | Q(pk__in=self.base["sources"])
        known = dict(Source.objects.filter(seen, reference__in=references).values_list("reference", "pk"))
        found: dict[int | str, None] = {}
        for number, row in enumerate(rows):
            at = f"{place}/{number}"
            if isinstance(row, dict):
                key = f"s{len(self.new_sources)}"
                self.new_sources[key] = self._source(row, at)
                found[key] = None
            elif row in known:
                found[known[row]] = None
            else:
                self.wrong(at, _REMEDIES[_SOURCE_SCHEMA["pattern"]])
        return list(found)

    def _source(self, told: Mapping[str, Any], at: str) -> NewSource:
        texts = {name: clean(told.get(name, "")).strip() for name in ("title", "publisher", "url", "licence")}
        if texts["url"]:
            try:
                URLValidator(schemes=["http", "https"])(texts["url"])
            except ValidationError:
                self.wrong(f"{at}/url", _("This is no web address: it begins with http:// or https://."))
        if not texts["title"]:
            self.wrong(f"{at}/title", _("A source has a title."))
        return NewSource(date=self.date(told.get("date"), f"{at}/date"), **texts)


def _actors(names: list[str], by: User, own: Collection[PartyRef]) -> dict[str, PartyRef]:
    """The parties that the API's names, which keep the schema, stand for. One that is not public is known to who may
    write it, and where it is a party already (`own`)."""
    coded: dict[str, list[str]] = {"": [], "insee": [], "geonames": []}
    for name in names:
        scheme, _colon, code = name.rpartition(":")
        coded[scheme].append(code)
    found: dict[str, PartyRef] = {}
    for model in (Town, Organisation):
        for record in model.objects.filter(reference__in=coded[""]).exclude(publication="withdrawn"):
            ref = PartyRef.of(record)
            if ref in own or permissions.may_see(by, record):
                found[record.reference] = ref
    for scheme in ("insee", "geonames"):
        places = GazetteerPlace.objects.filter(**{f"{scheme}__in": coded[scheme]})
        found |= {f"{scheme}:{code}": PartyKind.PLACE.ref(pk) for code, pk in places.values_list(scheme, "pk")}
    governed = Territory.objects.filter(pk__in=coded[""], dissolved_on=None)
    return found | {code: PartyKind.TERRITORY.ref(code) for code in governed.values_list("pk", flat=True)}


def parse_agreement(given: Mapping[str, Any], base: Content, by: User) -> EnteredContent:
    """Parse the content that `by` sent: members that are left out are those of `base`. Raises `Misread` with all
    faults: those against the schema, and those of the members that keep it."""
    faults = body_faults(given, SCHEMA, _REMEDIES)
    unread = {fault["pointer"].split("/")[1] for fault in faults if fault["pointer"]}
    reader = _Reader(by, base)
    content = dict(base)
    for name in given.keys() & SCHEMA["properties"].keys() - unread:
        place = f"/{name}"
        read = getattr(reader, name) if name in _ENTRIES else partial(reader.own, CONTENT_FIELDS[name])
        content[name] = read(given[name], place)
    if faults or reader.errors:
        raise Misread(*faults, *reader.errors)
    return EnteredContent(content, sources=reader.new_sources)


def refuse_faults(entry: EnteredContent, *, publishing: bool) -> None:
    """Raise `Misread` where a content that was read breaks rules: each message with the place that it speaks of."""
    told = entry.faults(publishing=publishing)
    errors = [
        {"pointer": f"/{field.replace('-', '/')}", "detail": message}
        for field, messages in told.items()
        for message in messages
    ]
    if errors:
        raise Misread(*errors)


def serialize_agreement(content: Content) -> dict[str, Any]:
    """Serialise a stored content with public codes: the inverse of `parse_agreement`."""
    actors = {
        str(ref): actor.reference
        for ref, actor in actors_of(snapshot.refs_in(content)).items()
        if isinstance(actor, Town | Organisation)
    }
    sources = dict(Source.objects.filter(pk__in=content["sources"]).values_list("pk", "reference"))
    return {
        **content,
        "parties": [{**party, "actor": actors[party["actor"]]} for party in content["parties"]],
        "sources": [sources[pk] for pk in content["sources"]],
    }


def fresh() -> Content:
    """Default content of an agreement: nothing is known yet."""
    return snapshot.empty()
