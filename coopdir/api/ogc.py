"""OGC API – Features, Part 1: Core (OGC 17-069r4): towns as points, agreements as lines, for QGIS and its like.

Every page of the standard is here: landing page, conformance, description, collections, items, single features.
"""

import datetime
import json
import re
from typing import Any, ClassVar

import numpy as np
from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from pyroaring import BitMap
from rest_framework.request import Request

from core.dates import moment_of
from core.facets.sets import bitmap_of
from core.lists.form_fields import shortened
from core.lists.formats import LICENCE_URL
from core.lists.json_records import Shape
from partnerships.agreements.facets import INDEX
from partnerships.agreements.map_data import Box, counted, pairs_of
from partnerships.querysets import agreements

from .endpoints import ENDPOINTS, Endpoint, IndexedEndpoint
from .views import ApiView, Faulty, fault, no_record, requested_language

COLLECTIONS = ("towns", "agreements")
_DEFAULT_LIMIT, _MAX_LIMIT = 100, 5_000
"""Features of a page: where nothing is said, and at most."""
OWN = ("bbox", "datetime", "limit", "after", "f", "bbox-crs", "lang")
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GEOJSON = "application/geo+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
CONFORMS = [f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{part}" for part in ("core", "oas30", "geojson")]
"""The conformance classes that are met; HTML is what the site itself is for."""
_BOX_MARGIN = 2e-5
"""Degrees by which a box is widened: the index holds coordinates in single precision."""


def make_link(
    request: Request, path: str, rel: str, media_type: str = "application/json", title: str = ""
) -> dict[str, str]:
    """A link as the standard has it."""
    found = {"href": request.build_absolute_uri(path), "rel": rel, "type": media_type}
    return found | ({"title": title} if title else {})


class OgcView(ApiView):
    """Base of the standard's pages: JSON with a mark."""

    own: ClassVar[tuple[str, ...]] = ("f", "lang")

    def get(self, request: Request, **kwargs: object) -> HttpResponseBase:
        etag, unchanged = self.kept(request)
        if unchanged is not None:
            return unchanged
        self.check(request, self.own)
        content = json.dumps(self.content(request, **kwargs), ensure_ascii=False).encode()
        return self.answer(content, etag)

    @staticmethod
    def check(request: Request, known: Any) -> None:
        """Parameters that are unknown are refused (requirement 8 of the standard)."""
        detail = _("The parameter “%(name)s” is unknown here. Known are: %(known)s.")
        told = ", ".join(known)
        errors = [
            fault(name, request.query_params[name], detail % {"name": shortened(name), "known": told})
            for name in request.query_params
            if name not in known
        ]
        if (form := request.query_params.get("f", "json")) not in ("json", "geojson"):
            errors.append(fault("f", form, _("“%(value)s” is not known. Use: json.") % {"value": shortened(form)}))
        if errors:
            raise Faulty(*errors)
        requested_language(request)

    def content(self, request: Request, **kwargs: object) -> dict[str, Any]:
        """The page as JSON."""
        raise NotImplementedError


class Landing(OgcView):
    """The landing page (clause 7.2)."""

    def content(self, request: Request, **kwargs: object) -> dict[str, Any]:
        return {
            "title": "CoopDir",
            "description": _("The open directory of decentralised cooperation."),
            "links": [
                make_link(request, reverse("ogc"), "self", title=_("This page")),
                make_link(request, reverse("ogc_api"), "service-desc", OPENAPI, _("Description of this API")),
                make_link(request, reverse("api_reference"), "service-doc", "text/html", _("Pages on the data")),
                make_link(request, reverse("ogc_conformance"), "conformance", title=_("What it conforms to")),
                make_link(request, reverse("ogc_collections"), "data", title=_("The collections")),
                {"href": LICENCE_URL, "rel": "license", "type": "text/html"},
            ],
        }


class Conformance(OgcView):
    """Conformance declaration (clause 7.4): the conformance classes of the standard."""

    def content(self, request: Request, **kwargs: object) -> dict[str, Any]:
        return {"conformsTo": CONFORMS}


def collection(request: Request, name: str) -> dict[str, Any]:
    """The description of a collection (clause 7.14)."""
    kind = ENDPOINTS[name].kind
    return {
        "id": name,
        "title": str(kind.title),
        "description": str(kind.meaning),
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]], "crs": CRS84},
            "temporal": {
                "interval": [[None, None]],
                "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
            },
        },
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            make_link(request, reverse("ogc_collection", args=[name]), "self"),
            make_link(request, reverse("ogc_items", args=[name]), "items", GEOJSON, str(kind.title)),
            {"href": LICENCE_URL, "rel": "license", "type": "text/html"},
        ],
    }


def endpoint_of(name: str) -> Endpoint:
    """The records of a collection."""
    if name not in COLLECTIONS:
        raise Http404(_("There is no such collection. There are: %(known)s.") % {"known": ", ".join(COLLECTIONS)})
    return ENDPOINTS[name]


class Collections(OgcView):
    """All collections (clause 7.13)."""

    def content(self, request: Request, **kwargs: object) -> dict[str, Any]:
        return {
            "links": [make_link(request, reverse("ogc_collections"), "self")],
            "collections": [collection(request, name) for name in COLLECTIONS],
        }


class CollectionView(OgcView):
    """One collection (clause 7.14)."""

    def content(self, request: Request, **kwargs: Any) -> dict[str, Any]:
        endpoint_of(kwargs["name"])
        return collection(request, kwargs["name"])


class FeaturesView(ApiView):
    """The features of a collection (clause 7.15): ``bbox``, ``datetime``, ``limit``, and the filters of the list.

    Agreements are current and international ones, unless ``past`` or ``domestic`` ask for the others, as everywhere.
    """

    def get(self, request: Request, name: str) -> HttpResponseBase:
        etag, unchanged = self.kept(request)
        if unchanged is not None:
            return unchanged
        endpoint = endpoint_of(name)
        OgcView.check(request, (*OWN, *endpoint.filters))
        size, after = self._size(request), self._after(request)
        records = self._records(request, endpoint)
        start = records.rank(after) if after is not None else 0
        keys = list(records[start : start + size])
        shape = Shape(settings.SITE_URL, expand=(), language=requested_language(request), feature=True)
        features = endpoint.kind.page(keys, shape)
        links = [make_link(request, request.get_full_path(), "self", GEOJSON)]
        links.append(make_link(request, reverse("ogc_collection", args=[name]), "collection"))
        links.append({"href": LICENCE_URL, "rel": "license", "type": "text/html"})
        if start + size < len(records):
            query = request.query_params.copy()
            query["after"] = str(keys[-1])
            links.append(make_link(request, f"{request.path}?{query.urlencode()}", "next", GEOJSON))
        head = {
            "type": "FeatureCollection",
            "timeStamp": timezone.now().astimezone(datetime.UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "numberMatched": len(records),
            "numberReturned": len(features),
            "links": links,
        }
        content = f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": [\n{("," + chr(10)).join(features)}\n]}}\n'
        return self.answer(content.encode(), etag, GEOJSON)

    @staticmethod
    def _size(request: Request) -> int:
        """The standard has a limit above the highest mean the highest."""
        text = request.query_params.get("limit", str(_DEFAULT_LIMIT))
        if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) >= 1:
            return min(int(text), _MAX_LIMIT)
        detail = _("“%(value)s” is no size of a page: write a number from 1 to %(most)s.")
        raise Faulty(fault("limit", text, detail % {"value": shortened(text), "most": _MAX_LIMIT}))

    @staticmethod
    def _after(request: Request) -> int | None:
        text = request.query_params.get("after")
        if text is None or (text.isascii() and text.isdigit() and len(text) <= 9):
            return None if text is None else int(text)
        detail = _("“%(value)s” is no place in this list: take the address of the next page from “next”.")
        raise Faulty(fault("after", text, detail % {"value": shortened(text)}))

    def _records(self, request: Request, endpoint: Endpoint) -> BitMap:
        """The keys of all features that are asked for."""
        given = QueryDict(mutable=True)
        for name in endpoint.filters:
            if name in request.query_params:
                given.setlist(name, request.query_params.getlist(name))
        box, period = _parse_bbox(request.query_params), read_period(request.query_params.get("datetime"))
        question = endpoint.question(request._request, given)
        if question.form.errors:
            raise Faulty(
                *(
                    fault(name, ",".join(given.getlist(name)), str(message))
                    for name, messages in question.form.errors.items()
                    for message in messages
                )
            )
        if isinstance(endpoint, IndexedEndpoint):
            records = endpoint.matching(question)
            if box is not None:
                records = records & crossing_box(records, box)
            return records & running_between(*period) if period else records
        queryset = question.qs.order_by()
        if box is not None:
            queryset = queryset.filter(in_box(box))
        return BitMap(
            queryset.values_list("pk", flat=True).iterator(chunk_size=20_000)
        )  # towns have no time: all of it


class FeatureView(ApiView):
    """One feature (clause 7.16)."""

    def get(self, request: Request, name: str, code: str) -> HttpResponseBase:
        etag, unchanged = self.kept(request)
        if unchanged is not None:
            return unchanged
        OgcView.check(request, ("f", "lang"))
        endpoint = endpoint_of(name)
        record, elsewhere = self.public(endpoint, code)
        if elsewhere is not None:
            return elsewhere
        shape = Shape(settings.SITE_URL, language=requested_language(request), feature=True)
        features = endpoint.kind.page([record.pk], shape)
        if not features:
            raise no_record(code)  # there is no place to draw
        feature = json.loads(features[0])
        feature["links"] = [
            make_link(request, request.get_full_path(), "self", GEOJSON),
            make_link(request, reverse("ogc_collection", args=[name]), "collection"),
            {"href": LICENCE_URL, "rel": "license", "type": "text/html"},
        ]
        return self.answer(json.dumps(feature, ensure_ascii=False).encode(), etag, GEOJSON)


def _parse_bbox(given: QueryDict) -> Box | None:
    """``bbox`` (clause 7.15.3): west, south, east, north; of six numbers the heights do not matter."""
    text = given.get("bbox")
    crs = given.get("bbox-crs", CRS84)
    if crs != CRS84:
        raise Faulty(fault("bbox-crs", crs, _("Coordinates here are in degrees: %(crs)s.") % {"crs": CRS84}))
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) == 6:
        parts = [*parts[:2], *parts[3:5]]
    if len(parts) == 4 and all(re.fullmatch(r"\s*[-+]?[0-9]{1,3}(\.[0-9]{1,20})?\s*", part) for part in parts):
        box = Box(*map(float, parts))
        if -90 <= box.south <= box.north <= 90 and all(-180 <= degrees <= 180 for degrees in (box.west, box.east)):
            return box
    detail = _("“%(value)s” is no part of the world. Give west,south,east,north in degrees, such as -5,42,8,51.")
    raise Faulty(fault("bbox", text, detail % {"value": shortened(text)}))


_MIN_DATE, _MAX_DATE = datetime.date(1000, 1, 1), datetime.date(2999, 12, 31)
"""The days between which all dates of the directory lie: what is asked of earlier or later ones is asked of these."""
Period = tuple[datetime.date | None, datetime.date | None]


def read_period(text: str | None) -> Period | None:
    """``datetime`` (clause 7.15.4): a moment, or two with “/” between; “..” or nothing is open."""
    if text is None:
        return None
    ends = text.split("/")
    days = [None if len(ends) == 2 and end in ("", "..") else moment_of(end) for end in ends]
    open_ends = [len(ends) == 2 and end in ("", "..") for end in ends]
    well = len(ends) in (1, 2) and all(day is not None or is_open for day, is_open in zip(days, open_ends, strict=True))
    known = [day for day in days if day is not None]
    if not well or known != sorted(known) or all(open_ends):
        detail = _(
            "“%(value)s” is no time: write 2026-11-24T00:00:00Z, or two times as in 1986-05-24/2026-11-24 "
            "or ../2001-01-01."
        )
        raise Faulty(fault("datetime", text, detail % {"value": shortened(text)}))
    first, last = (day and min(max(day.date(), _MIN_DATE), _MAX_DATE) for day in (days[0], days[-1]))
    return first, last


def running_between(first: datetime.date | None, last: datetime.date | None) -> BitMap:
    """The agreements that ran in a period: signed before its end, and not ended before its begin. What is not known is
    no hindrance."""
    rows = agreements().published()
    if last is not None:
        rows = rows.filter(Q(signed=None) | Q(signed__lte=last.isoformat()))
    if first is not None:
        day = first.isoformat()
        # An end known to the year or the month lasts to its last day.
        rows = rows.filter(Q(ended=None) | Q(ended__gte=day) | Q(ended__in=[day[:4], day[:7]]))
    return BitMap(rows.order_by().values_list("pk", flat=True).iterator(chunk_size=20_000))


def in_box(box: Box) -> Q:
    """Condition: a town lies in a box, which may cross the 180th meridian."""
    across = Q(longitude__gte=box.west), Q(longitude__lte=box.east)
    inside = across[0] & across[1] if box.west <= box.east else across[0] | across[1]
    return inside & Q(latitude__range=(box.south, box.north))


def crossing_box(records: BitMap, box: Box) -> BitMap:
    """Agreements, among some given, with a line that crosses a box, though both its ends may lie outside."""
    with INDEX.reading() as index:
        rows = counted(index.tables["parties"], records, past=False)
    rows = rows[(rows["town"] > 0) & ~np.isnan(rows["latitude"])]
    first, second = pairs_of(rows["record"])
    x1, y1, x2, y2 = (
        rows[name][side].astype(np.float64) for side in (first, second) for name in ("longitude", "latitude")
    )
    record = rows["record"][first]
    # A line that is cut at the 180th meridian goes on at the other side: taken twice, once from each end.
    far = np.abs(x1 - x2) > 180
    turn = np.where(x1 > x2, 360.0, -360.0)
    lines = [(x1, y1, np.where(far, x2 + turn, x2), y2), (np.where(far, x1 - turn, x1), y1, x2, y2)]
    parts = [(box.west, box.east)] if box.west <= box.east else [(box.west, 180.0), (-180.0, box.east)]
    met = np.zeros(len(record), dtype=bool)
    for line in lines:
        for west, east in parts:
            met |= _met(*line, west - _BOX_MARGIN, box.south - _BOX_MARGIN, east + _BOX_MARGIN, box.north + _BOX_MARGIN)
    return bitmap_of(np.unique(record[met]))


def _met(
    x1: np.ndarray, y1: np.ndarray, x2: np.ndarray, y2: np.ndarray, west: float, south: float, east: float, north: float
) -> np.ndarray:
    """Mask of line segments that meet a box: each is clipped to the box (Liang–Barsky algorithm)."""
    begin, end = np.zeros(len(x1)), np.ones(len(x1))
    for start, step, low, high in ((x1, x2 - x1, west, east), (y1, y2 - y1, south, north)):
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = (low - start) / step, (high - start) / step
        still = step == 0
        inside = (start >= low) & (start <= high)
        lower = np.where(still, np.where(inside, -np.inf, np.inf), np.minimum(one, other))
        upper = np.where(still, np.where(inside, np.inf, -np.inf), np.maximum(one, other))
        begin, end = np.maximum(begin, lower), np.minimum(end, upper)
    return begin <= end


@require_safe
def api_definition(request: HttpRequest) -> HttpResponse:
    """The description of this API: OpenAPI 3.0, as the conformance class “oas30” asks."""

    def operation(summary: str, *parameters: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
        answers = {"200": {"description": summary, "content": {media_type: {"schema": {"type": "object"}}}}}
        exception: dict[str, Any] = {"type": "object", "required": ["code"]}
        exception["properties"] = {name: {"type": "string"} for name in ("code", "description", "title", "detail")}
        wrong = {"content": {"application/problem+json": {"schema": exception}}}
        answers["400"] = {"description": "A parameter is wrong.", **wrong}
        answers["404"] = {"description": "There is none.", **wrong}
        answers["429"] = {"description": "More work than one may ask for in a minute.", **wrong}
        operation_id = re.sub(r"\W+", "_", summary.lower()).strip("_")
        return {
            "get": {
                "summary": summary,
                "operationId": operation_id,
                "parameters": list(parameters),
                "responses": answers,
            }
        }

    def in_path(name: str) -> dict[str, Any]:
        return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}

    def in_query(name: str, **schema: object) -> dict[str, Any]:
        return {"name": name, "in": "query", "required": False, "schema": schema}

    box = {
        **in_query("bbox", type="array", items={"type": "number"}, minItems=4, maxItems=6),
        "style": "form",
        "explode": False,
    }
    period = in_query("datetime", type="string")
    size = in_query("limit", type="integer", minimum=1, maximum=_MAX_LIMIT, default=_DEFAULT_LIMIT)
    paths = {
        "/": operation("Landing page"),
        "/conformance": operation("What it conforms to"),
        "/collections": operation("The collections"),
    }
    for name in COLLECTIONS:
        filters = [in_query(one, type="string") for one in ENDPOINTS[name].filters]
        paths[f"/collections/{name}"] = operation(f"The collection {name}")
        paths[f"/collections/{name}/items"] = operation(
            f"Features of {name}", box, period, size, *filters, media_type=GEOJSON
        )
        feature = operation(f"A feature of {name}", in_path("featureId"), media_type=GEOJSON)
        feature["get"]["responses"] |= {
            "301": {"description": "It was merged into another one."},
            "410": {"description": "It was withdrawn."},
        }
        paths[f"/collections/{name}/items/{{featureId}}"] = feature
    content = {
        "openapi": "3.0.3",
        "info": {
            "title": "CoopDir: OGC API – Features",
            "version": "1.0",
            "license": {"name": "CC BY 4.0", "url": LICENCE_URL},
        },
        "servers": [{"url": request.build_absolute_uri(reverse("ogc")).rstrip("/")}],
        "paths": paths,
    }
    return JsonResponse(content, content_type=OPENAPI, json_dumps_params={"ensure_ascii": False})
