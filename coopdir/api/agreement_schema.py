"""The content of an agreement as the API takes and gives it: that of `partnerships.editing.snapshot`, with public
codes.

Parties are named by reference (``T12``, ``O3``), or, where the directory does not know them yet, by ``insee:21515``,
``geonames:2984805`` or the code of the territory that they govern (``FR-21``); sources by reference, or described.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.db.models import Q
from django.utils.translation import gettext as _

from core.dates import PartialDate
from core.lists.form_fields import shortened
from core.lists.json_records import PARTIAL_DATE, array_schema, closed, maybe, string, whole
from core.text import clean
from partnerships import choices, permissions
from partnerships.editing import rules, snapshot
from partnerships.editing.commands import EnteredContent, NewSource
from partnerships.editing.snapshot import Content
from partnerships.models import FundingSource, GazetteerPlace, Organisation, Source, Territory, Theme, Town

_MAX_DESCRIPTION_LENGTH = 20_000
"""Characters of a description."""
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
FUNDING = {
    **whole(
        funding=string(),
        year=maybe({"type": "integer", "minimum": 1900, "maximum": 2100}),
        amount=maybe(string(pattern=r"^\d{1,12}(\.\d\d?)?$")),
        currency=string(pattern=r"^([A-Z]{3})?$"),
    ),
    "required": ["funding"],
    "additionalProperties": False,
}
RENEWAL = {
    **whole(renewed=PARTIAL_DATE, valid_until=maybe(PARTIAL_DATE)),
    "required": ["renewed"],
    "additionalProperties": False,
}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "kind": closed(choices.Kind.values),
        "signed": maybe(PARTIAL_DATE),
        "valid_until": maybe(PARTIAL_DATE),
        "tacit_renewal": {"type": "boolean"},
        "ended": maybe(PARTIAL_DATE),
        "formal_status": closed(choices.FormalStatus.values),
        "activity": closed(choices.Activity.values),
        "description_en": string(maxLength=_MAX_DESCRIPTION_LENGTH),
        "description_fr": string(maxLength=_MAX_DESCRIPTION_LENGTH),
        "mailbox": string(maxLength=254),
        "parties": {**array_schema(_PARTY_SCHEMA), "maxItems": _MAX_ITEMS},
        "themes": {**array_schema(string()), "maxItems": _MAX_ITEMS},
        "funding": {**array_schema(FUNDING), "maxItems": _MAX_ITEMS},
        "renewals": {**array_schema(RENEWAL), "maxItems": _MAX_ITEMS},
        "sources": {
            **array_schema({"anyOf": [string(pattern="^S[1-9][0-9]{0,8}$"), NEW_SOURCE]}),
            "maxItems": _MAX_ITEMS,
        },
    },
}
"""The JSON Schema of a content. A test holds it against what `parse_agreement` takes."""


class Misread(Exception):
    """Validation error of an agreement's content: each fault with its place (a JSON pointer) and the remedy."""

    def __init__(self, *errors: dict[str, str]) -> None:
        super().__init__(*errors)
        self.errors = errors


class _Reader:
    """Reads a content; faults are gathered, so that all are told at once."""

    def __init__(self, by: User, base: Content) -> None:
        self.by = by
        self.base = base
        self.errors: list[dict[str, str]] = []
        self.sources: dict[str, NewSource] = {}

    def wrong(self, place: str, detail: str) -> None:
        self.errors.append({"pointer": place, "detail": detail})

    def text(self, value: Any, place: str, longest: int) -> str:
        if not is_text(value, longest):
            self.wrong(place, _("This must be a text of at most %(longest)s characters.") % {"longest": longest})
            return ""
        return clean(value).strip()

    def date(self, value: Any, place: str) -> str | None:
        if value is None:
            return None
        if not isinstance(value, str) or not re.fullmatch(PARTIAL_DATE["pattern"], value, re.ASCII):
            self.wrong(place, _("A date is written 1986, 1986-05 or 1986-05-24."))
            return None
        try:
            return str(PartialDate.parse(value))
        except ValidationError as error:
            self.wrong(place, error.messages[0])
            return None

    def choice(self, value: Any, place: str, known: Any) -> str:
        if not isinstance(value, str) or value not in known:
            self.wrong(place, _("This is not one of the codes: %(known)s.") % {"known": ", ".join(known)})
            return ""
        return value

    def yes_or_no(self, value: Any, place: str) -> bool:
        if not isinstance(value, bool):
            self.wrong(place, _("This must be true or false."))
        return bool(value)

    def rows(self, value: Any, place: str) -> Iterator[tuple[str, Any]]:
        if not isinstance(value, list) or len(value) > _MAX_ITEMS:
            self.wrong(place, _("This must be a list of at most %(most)s entries.") % {"most": _MAX_ITEMS})
            return
        for number, row in enumerate(value):
            yield f"{place}/{number}", row

    def members(self, value: Any, place: str, known: Mapping[str, Any], needed: str) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            self.wrong(place, _("This must be an object."))
            return None
        for name in value.keys() - known.keys():
            detail = _("This member is unknown here. Known are: %(known)s.") % {"known": ", ".join(known)}
            self.wrong(f"{place}/{shortened(name)}", detail)
        if needed not in value:
            self.wrong(place, _("The member “%(name)s” is missing.") % {"name": needed})
            return None
        return value

    # Lists

    def parties(self, value: Any, place: str) -> list[dict[str, Any]]:
        rows = [
            (at, row)
            for at, one in self.rows(value, place)
            if (row := self.members(one, at, _PARTY_SCHEMA["properties"], "actor")) is not None
        ]
        own = {party["actor"] for party in self.base["parties"]}
        actors = _actors([row["actor"] for _at, row in rows if isinstance(row["actor"], str)], self.by, own)
        found = []
        for at, row in rows:
            if (key := actors.get(row["actor"]) if isinstance(row["actor"], str) else None) is None:
                self.wrong(
                    f"{at}/actor",
                    _(
                        "This party is not known: write the reference of a town or organisation (T12, O3), a code "
                        "such as insee:21515 or geonames:2984805, or that of the territory that it governs (FR-21)."
                    ),
                )
                continue
            found.append(
                {
                    "actor": key,
                    "role": self.choice(row.get("role", "partner"), f"{at}/role", choices.PartyRole.values),
                    "joined": self.date(row.get("joined"), f"{at}/joined"),
                    "left": self.date(row.get("left"), f"{at}/left"),
                }
            )
        return found

    def themes(self, value: Any, place: str) -> list[str]:
        known = list(Theme.objects.values_list("code", flat=True))
        found = [self.choice(code, at, known) for at, code in self.rows(value, place)]
        return sorted(set(found))

    def funding(self, value: Any, place: str) -> list[dict[str, Any]]:
        known = list(FundingSource.objects.values_list("code", flat=True))
        found = []
        for at, one in self.rows(value, place):
            row = self.members(one, at, FUNDING["properties"], "funding")
            if row is None:
                continue
            year, amount, currency = row.get("year"), row.get("amount"), row.get("currency", "")
            if year is not None and (type(year) is not int or not rules.year_fits(year)):
                self.wrong(f"{at}/year", str(rules.YEAR_REMEDY))
                year = None
            if amount is not None:
                amount = self._amount(amount, f"{at}/amount")
            if not isinstance(currency, str) or (currency and not rules.currency_fits(currency)):
                self.wrong(f"{at}/currency", str(rules.CURRENCY_REMEDY))
            code = self.choice(row["funding"], f"{at}/funding", known)
            found.append({"funding": code, "year": year, "amount": amount, "currency": currency})
        return found

    def _amount(self, value: Any, place: str) -> str | None:
        if isinstance(value, str) and re.fullmatch(r"\d{1,12}(\.\d\d?)?", value, re.ASCII):
            return f"{Decimal(value):.2f}"
        self.wrong(place, str(rules.AMOUNT_REMEDY))
        if not isinstance(value, str):
            self.wrong(place, _("An amount is sent as a text."))
        return None

    def renewals(self, value: Any, place: str) -> list[dict[str, Any]]:
        found = []
        for at, one in self.rows(value, place):
            if (row := self.members(one, at, RENEWAL["properties"], "renewed")) is None:
                continue
            if row["renewed"] is None:
                self.wrong(f"{at}/renewed", _("A date is written 1986, 1986-05 or 1986-05-24."))
            renewed = self.date(row["renewed"], f"{at}/renewed")
            until = self.date(row.get("valid_until"), f"{at}/valid_until")
            if renewed:
                found.append({"renewed": renewed, "valid_until": until})
        return found

    def cited(self, value: Any, place: str) -> list[int | str]:
        rows = list(self.rows(value, place))
        references = [row for _at, row in rows if isinstance(row, str) and len(row) <= 16 and _storable(row)]
        seen = Q(pk__in=permissions.sources_seen_by(self.by).order_by().values("pk")) | Q(pk__in=self.base["sources"])
        known = dict(Source.objects.filter(seen, reference__in=references).values_list("reference", "pk"))
        found: list[int | str] = []
        for at, row in rows:
            if isinstance(row, str):
                if row not in known:
                    self.wrong(
                        at, _("This is no reference of a source, such as S7: write one, or describe the source.")
                    )
                elif known[row] not in found:
                    found.append(known[row])
            elif (told := self.members(row, at, NEW_SOURCE["properties"], "title")) is not None:
                key = f"s{len(self.sources)}"
                self.sources[key] = self._source(told, at)
                found.append(key)
        return found

    def _source(self, told: Mapping[str, Any], at: str) -> NewSource:
        url = self.text(told.get("url", ""), f"{at}/url", 500)
        if url:
            try:
                URLValidator(schemes=["http", "https"])(url)
            except ValidationError:
                self.wrong(f"{at}/url", _("This is no web address: it begins with http:// or https://."))
        title = self.text(told["title"], f"{at}/title", 300)
        if not title:
            self.wrong(f"{at}/title", _("A source has a title."))
        return NewSource(
            title=title,
            publisher=self.text(told.get("publisher", ""), f"{at}/publisher", 300),
            date=self.date(told.get("date"), f"{at}/date"),
            url=url,
            licence=self.text(told.get("licence", ""), f"{at}/licence", 60),
        )


def is_text(value: Any, longest: int) -> bool:
    """True if a value is a text of at most `longest` characters that the database can store."""
    return isinstance(value, str) and len(value) <= longest and _storable(value)


def _storable(text: str) -> bool:
    """True if PostgreSQL can store the text: no NUL, no lone surrogates."""
    return "\0" not in text and text.encode(errors="ignore").decode() == text


def _actors(names: list[str], by: User, own: Collection[str]) -> dict[str, str]:
    """The keys of actors (see `partnerships.places.party_refs`) by the names that the API gives them. One that is not
    public is known to who may write it, and where it is a party already (`own`)."""
    names = [name for name in names if len(name) <= 20 and _storable(name)]
    found: dict[str, str] = {}
    for model, letter in ((Town, "t"), (Organisation, "o")):
        rows = model.objects.filter(reference__in=names).exclude(publication="withdrawn")
        found |= {
            row.reference: f"{letter}{row.pk}"
            for row in rows
            if f"{letter}{row.pk}" in own or permissions.may_see(by, row)
        }
    coded = [name.partition(":") for name in names if ":" in name]
    insee = [code for scheme, _colon, code in coded if scheme == "insee"]
    geonames = [
        int(code) for scheme, _colon, code in coded if scheme == "geonames" and re.fullmatch("[1-9][0-9]{0,8}", code)
    ]
    places = GazetteerPlace.objects
    found |= {f"insee:{code}": f"g{pk}" for code, pk in places.filter(insee__in=insee).values_list("insee", "pk")}
    known = places.filter(geonames__in=geonames).values_list("geonames", "pk")
    found |= {f"geonames:{code}": f"g{pk}" for code, pk in known}
    governed = Territory.objects.filter(pk__in=[name for name in names if "-" in name], dissolved_on=None)
    return found | {code: f"r{code}" for code in governed.values_list("pk", flat=True)}


def parse_agreement(given: Mapping[str, Any], base: Content, by: User) -> EnteredContent:
    """Parse the content that `by` sent: members that are left out are those of `base`. Raises `Misread` with all
    faults."""
    reader = _Reader(by, base)
    texts = {"description_en": _MAX_DESCRIPTION_LENGTH, "description_fr": _MAX_DESCRIPTION_LENGTH, "mailbox": 254}
    codes = {
        "kind": choices.Kind.values,
        "formal_status": choices.FormalStatus.values,
        "activity": choices.Activity.values,
    }
    lists: dict[str, Callable[[Any, str], Any]] = {
        "parties": reader.parties,
        "themes": reader.themes,
        "funding": reader.funding,
        "renewals": reader.renewals,
        "sources": reader.cited,
    }
    content = dict(base)
    for name, value in given.items():
        place = f"/{shortened(name)}"
        if name in texts:
            content[name] = reader.text(value, place, texts[name])
        elif name in codes:
            content[name] = reader.choice(value, place, codes[name])
        elif name in lists:
            content[name] = lists[name](value, place)
        elif name in ("signed", "valid_until", "ended"):
            content[name] = reader.date(value, place)
        elif name == "tacit_renewal":
            content[name] = reader.yes_or_no(value, place)
        else:
            detail = _("This member is unknown here. Known are: %(known)s.")
            reader.wrong(place, detail % {"known": ", ".join(SCHEMA["properties"])})
    if content["mailbox"]:
        try:
            validate_email(content["mailbox"])
        except ValidationError:
            reader.wrong("/mailbox", _("This is no e-mail address."))
    if reader.errors:
        raise Misread(*reader.errors)
    return EnteredContent(content, sources=reader.sources)


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
    actors: dict[str, str] = {}
    for model, letter in ((Town, "t"), (Organisation, "o")):
        keys = [int(party["actor"][1:]) for party in content["parties"] if party["actor"][0] == letter]
        rows = model.objects.filter(pk__in=keys).values_list("pk", "reference")
        actors |= {f"{letter}{pk}": reference for pk, reference in rows}
    sources = dict(Source.objects.filter(pk__in=content["sources"]).values_list("pk", "reference"))
    return {
        **content,
        "parties": [{**party, "actor": actors[party["actor"]]} for party in content["parties"]],
        "sources": [sources[pk] for pk in content["sources"]],
    }


def fresh() -> Content:
    """Default content of an agreement: nothing is known yet."""
    return snapshot.empty()
