"""Map page of the list of agreements, and the data that it and the small maps draw.

`/map.json` takes the parameters of `/agreements/`, and besides: ``lang`` (of the names), ``band`` (the finest cells
wanted, see `partnerships.agreements.map_data.BANDS`), ``bbox`` (west,south,east,north in degrees); instead of a filter,
``agreement`` or ``members`` with the reference of an agreement or a network.
"""

import datetime
import gzip
import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from pyroaring import BitMap

from core.etags import conditional_response, content_digest, weak_etag
from core.lists.form_fields import shortened
from core.text import normalise
from networks.map_data import member_rows
from networks.querysets import networks
from partnerships.agreements.facets import INDEX, AgreementFacets
from partnerships.agreements.filters import AgreementFilter
from partnerships.agreements.map_data import BANDS, Box, Drawing, counted
from partnerships.labels import LIVE_LABELS
from partnerships.models import Country
from partnerships.places.country_names import OVERSEAS
from partnerships.querysets import agreements
from partnerships.views import AgreementList

OWN = ("lang", "band", "bbox", "agreement", "members", "page", "sort")
"""Parameters of the data that are not the filter's, or do not matter to a map."""
_CACHE_SIZE = 128
"""Answers that each process keeps, packed, for as long as the data do not change."""
UNKEPT = {"q", "batch"}
"""Filters whose answer may change without the index: names of towns are not in it, nor is history."""


class InvalidMapQuery(ValueError):
    """A question that cannot be answered, with the reasons in words."""

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)
        self.messages = messages


@dataclass(frozen=True)
class MapQuery:
    """A well-formed question: the filter's parameters, or a record's reference, and how to draw."""

    language: str
    band: str
    box: Box | None
    agreement: str
    members: str
    filters: str

    @classmethod
    def of(cls, given: QueryDict) -> "MapQuery":
        """Read the parameters; `InvalidMapQuery` names those that are wrong. Those of the filter are checked by
        itself."""
        language = given.get("lang", settings.LANGUAGE_CODE)
        if language not in dict(settings.LANGUAGES):
            known = ", ".join(dict(settings.LANGUAGES))
            raise InvalidMapQuery(_("lang: “%(value)s” is not a language of the site. Known are: %(known)s.")
                          % {"value": shortened(language), "known": known})  # fmt: skip
        with override(language):
            band = given.get("band", "world")
            if band not in BANDS:
                raise InvalidMapQuery(_("band: “%(value)s” is not known. Known are: %(known)s.")
                              % {"value": shortened(band), "known": ", ".join(BANDS)})  # fmt: skip
            filters = given.copy()
            for name in OWN:
                filters.pop(name, None)
            return cls(
                language,
                band,
                _parse_box(given.get("bbox", "")),
                read_reference(given.get("agreement", ""), "agreement"),
                read_reference(given.get("members", ""), "members"),
                filters.urlencode(),
            )


def _parse_box(text: str) -> Box | None:
    """Parse a box from “west,south,east,north”; raises `InvalidMapQuery` for any other text, None for an empty one."""
    if not text:
        return None
    parts = text.split(",")
    if len(parts) == 4 and all(re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,6})?", part) for part in parts):
        box = Box(*map(float, parts))
        if -90 <= box.south <= box.north <= 90 and all(-180 <= degrees <= 180 for degrees in (box.west, box.east)):
            return box
    raise InvalidMapQuery(
        _("bbox: “%(value)s” is no part of the world. Give west,south,east,north in degrees, such as -5,42,8,51.")
        % {"value": shortened(text)}
    )


def read_reference(text: str, parameter: str) -> str:
    """Parse a reference, in capitals; raises `InvalidMapQuery` for a text that cannot be one."""
    if text and not re.fullmatch(r"[A-Za-z][0-9]{1,15}", text):
        raise InvalidMapQuery(
            _("%(parameter)s: “%(value)s” is no reference. References stand in the addresses of records, such as A12.")
            % {"parameter": parameter, "value": shortened(text)}
        )
    return text.upper()


@dataclass(frozen=True)
class Answer:
    """Data ready to be sent, plain and packed, and the mark by which a browser asks for them again."""

    content: bytes
    packed: bytes
    etag: str


@require_safe
def map_data(request: HttpRequest) -> HttpResponse:
    """The JSON of a map. A wrong parameter is answered with 400 and ``errors`` in words."""
    try:
        answer = _answer(MapQuery.of(request.GET))
    except InvalidMapQuery as refused:
        return HttpResponse(_json({"errors": refused.messages}), content_type="application/json", status=400)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(answer.packed if packed else answer.content, content_type="application/json")
    if packed:
        response["Content-Encoding"] = "gzip"
    patch_vary_headers(response, ["Accept-Encoding"])
    return conditional_response(request, response, answer.etag)


def _answer(asked: MapQuery) -> Answer:
    """The answer, kept from last time if the data are the same."""
    if asked.agreement or asked.members or UNKEPT & QueryDict(asked.filters).keys():
        return _work_out(asked)
    with INDEX.reading():
        versions = (INDEX.version, LIVE_LABELS.get() and LIVE_LABELS.version)
        return _kept(versions, timezone.localdate(), asked) if all(versions) else _work_out(asked)


@lru_cache(maxsize=_CACHE_SIZE)
def _kept(versions: tuple[int, int], today: datetime.date, asked: MapQuery) -> Answer:
    return _work_out(asked)


def _work_out(asked: MapQuery) -> Answer:
    with override(asked.language):
        total, drawing = _drawing(asked)
        content = {"total": total, "missing": drawing.missing} | drawing.payload(asked.band, asked.box)
        if asked.box is None:
            content["countries"] = _countries(drawing.countries(), asked.language)
    plain = _json(content)
    # The mark is weak because packed and plain bytes are two forms of one answer. It is made of the content: numbers of
    # versions begin again with each process, and an old one must not pass for a new one.
    etag = weak_etag(content_digest(plain))
    return Answer(plain, gzip.compress(plain, compresslevel=5, mtime=0), etag)


def _countries(numbers: dict[str, int], language: str) -> dict[str, list[Any]]:
    """Countries of the world map by shape: code and name of the country, its number of agreements.

    Towns overseas are French towns here. Some shapes hold overseas France, others are of its parts alone: those show
    France's number too, unless the directory has something under their own code.
    """
    named = {
        code: (shape, name) for code, shape, name in Country.objects.values_list("code", "alpha3", f"name_{language}")
    }
    shown = {code: "FR" if code in OVERSEAS and not numbers.get(code) and "FR" in named else code for code in named}
    return {
        "code": list(shown.values()),
        "shape": [named[code][0] for code in shown],
        "name": [named[code][1] for code in shown.values()],
        "agreements": [numbers.get(code, 0) for code in shown.values()],
    }


def _drawing(asked: MapQuery) -> tuple[int, Drawing]:
    """Number of agreements (or members) and their `Drawing`; raises `InvalidMapQuery` where the question is wrong."""
    if asked.members:
        network = networks().published().filter(reference=asked.members).first()
        if network is None:
            raise InvalidMapQuery(
                _("There is no record with the reference %(reference)s.") % {"reference": asked.members}
            )
        rows = member_rows(network)
        return len(rows), Drawing(rows)
    if asked.agreement:
        found = agreements().published().filter(reference=asked.agreement).values_list("pk", flat=True)
        if not found:
            raise InvalidMapQuery(
                _("There is no record with the reference %(reference)s.") % {"reference": asked.agreement}
            )
        with INDEX.reading() as index:
            return 1, Drawing(counted(index.tables["parties"], BitMap(found), past=True))
    return drawing_of(AgreementFilter(QueryDict(asked.filters), agreements().published()))


def drawing_of(question: AgreementFilter) -> tuple[int, Drawing]:
    """Number of agreements that a filter leaves, and their `Drawing`; raises `InvalidMapQuery` with its messages where
    it is wrong."""
    if question.form.errors:
        raise InvalidMapQuery(*question.messages)
    with INDEX.reading() as index:
        records = AgreementFacets(question, index).records
        rows = counted(index.tables["parties"], records, past=question.form.cleaned_data["past"])
        return len(records), Drawing(rows)


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True)
class CountryLine:
    """A line of the table below the map: a country, its agreements, and the countries it shares most with."""

    country: Country
    number: int
    partners: list[tuple[Country, int]]


class MapPage(AgreementList):
    """The map of the agreements that a filter leaves, and the same as a table."""

    template_name = "map.html"
    view_names = ("list",)
    paginate_by = 1  # the list itself is not shown
    PARTNERS = 5

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        lines, missing = ([], 0) if context["errors"] else self._lines()
        return context | {"lines": lines, "missing": missing}

    def _lines(self) -> tuple[list[CountryLine], int]:
        """The table, by number and name, and how many agreements have a party without coordinates."""
        _total, drawing = drawing_of(self.filter)
        numbers = drawing.countries()
        shared: dict[str, Counter[str]] = {code: Counter() for code in numbers}
        for (first, second), number in drawing.country_pairs().items():
            shared[first][second] = number
            shared[second][first] = number
        known = Country.objects.in_bulk(numbers)
        lines = [
            CountryLine(
                country,
                numbers[code],
                [(known[other], number) for other, number in shared[code].most_common(self.PARTNERS)],
            )
            for code, country in known.items()
        ]
        return sorted(lines, key=lambda line: (-line.number, normalise(line.country.name))), drawing.missing


def addresses() -> dict[str, str]:
    """URL patterns of data and pages for the map's script, in the active language; ``X`` stands for a code or
    reference."""
    return {
        "data": reverse("map_data"),
        "map": reverse("map"),
        "agreements": reverse("agreements"),
        "agreement": reverse("agreement", args=["X0"]).replace("X0", "X"),
        "country": reverse("country", args=["XX"]).replace("XX", "X"),
        "town": reverse("town", args=["X0"]).replace("X0", "X"),
        "language": get_language() or settings.LANGUAGE_CODE,
    }
