"""Reading by the API: pages of records, single records, and what there is.

A page costs the same at any depth: the next one begins after the last key, not at a number. Its JSON comes from the
database as it is sent.
"""

import datetime
import json
import re
from collections.abc import Sequence
from contextlib import nullcontext
from functools import lru_cache
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from core import shares
from core.addresses import CODE
from core.dates import moment_of
from core.etags import REVALIDATE, content_digest, not_modified, weak_etag
from core.facets.live_index import one_moment
from core.fields import reference_of
from core.history import data_state, data_version
from core.languages import known_language
from core.lists.availability import availability, moved
from core.lists.filtersets import ChoicesFilter
from core.lists.form_fields import shortened
from core.lists.formats import LICENCE_URL
from core.lists.json_records import Shape
from core.lists.problem_json import problem
from partnerships.editing.actions import ActionRefused

from . import changed_since
from .endpoints import ENDPOINTS, Endpoint, RecordKeys, after_in
from .parsing import TooLarge
from .throttling import ShareThrottle, metered
from .tokens import TokenAuthentication

DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE = 100, 500
"""Records of a page: where nothing is said, and at most."""


class Faulty(Exception):
    """Parameter error of an API call: each fault with the parameter's name, its value and the remedy."""

    def __init__(self, *errors: dict[str, Any]) -> None:
        super().__init__(*errors)
        self.errors = errors


def fault(parameter: str, value: str, detail: str) -> dict[str, Any]:
    """Fault of a call, as problem documents list it."""
    return {"parameter": parameter, "value": shortened(value), "detail": detail}


def requested_language(request: Request) -> str:
    """``lang``: the language of the names of codes; empty for none."""
    language = request.query_params.get("lang", "")
    if language and language not in dict(settings.LANGUAGES):
        detail = _("“%(value)s” is not known. Use one of: %(known)s.")
        told = {"value": shortened(language), "known": ", ".join(dict(settings.LANGUAGES))}
        raise Faulty(fault("lang", language, detail % told))
    return language


class ApiView(APIView):
    """Base of all calls: authentication, throttling, language, and errors as problem documents (`problem`)."""

    authentication_classes = [TokenAuthentication]
    throttle_classes = [ShareThrottle]
    state = ""

    @cached_property
    def version(self) -> str:
        """The version of the data."""
        return data_version().isoformat()

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        language = known_language(request.GET.get("lang", ""))
        with override(language), one_moment() if request.method in SAFE_METHODS else nullcontext():
            return super().dispatch(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Any:
        """Every refusal as a problem in words; what nobody foresaw is Django's to report."""
        match exc:
            case Faulty():
                return problem(400, errors=exc.errors)
            case ActionRefused():
                return problem(422, errors=exc.messages)
            case Http404():
                return problem(404, str(exc) or _("There is nothing at this address."))
            case PermissionDenied() | exceptions.PermissionDenied():
                return problem(403, _("You have no mandate for this."))
            case exceptions.Throttled():
                return problem(429, shares.share_of(metered(self.request).share_of).words)
            case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
                response = problem(401, str(exc.detail))
                response["WWW-Authenticate"] = 'Bearer realm="CoopDir"'
                return response
            case exceptions.ParseError() | exceptions.UnsupportedMediaType() | exceptions.NotAcceptable() | TooLarge():
                return problem(exc.status_code, str(exc.detail))
            case exceptions.MethodNotAllowed():
                response = problem(405, str(exc.detail))
                response["Allow"] = ", ".join(self.allowed_methods)
                return response
        raise exc

    def kept(self, request: Request) -> tuple[str, HttpResponseBase | None]:
        """ETag of the answer, and “304 Not Modified” where the caller has it."""
        self.state, version = data_state()
        self.version = version.isoformat()
        told = f"{self.state} {request._request.build_absolute_uri()} {timezone.localdate()}"
        etag = weak_etag(content_digest(told.encode()))
        return etag, not_modified(request._request, etag)

    def public(self, endpoint: Endpoint, code: str) -> tuple[models.Model, HttpResponse | None]:
        """The record with a reference or code, and what is answered in its place where it was merged or withdrawn.
        `Http404` says that there is none: in the same words whether nobody has the reference or it is not public."""
        record, status = availability(found(endpoint, code))
        if status == 404:
            raise no_record(code)
        if status == 410:
            return record, problem(410, _("This record was withdrawn."), reference=reference_of(record))
        if status == 301:
            match: Any = self.request._request.resolver_match
            path = reverse(match.view_name, kwargs=match.captured_kwargs | {"code": reference_of(record)})
            return record, moved(self.request._request, path)
        return record, None

    def answer(self, content: bytes, etag: str = "", media_type: str = "application/json") -> HttpResponse:
        """JSON that is ready, with its mark and its licence."""
        response = HttpResponse(content, content_type=media_type)
        if etag:
            response["ETag"] = etag
            response["Cache-Control"] = REVALIDATE
            response["Data-Version"] = self.version
        response["Link"] = f'<{LICENCE_URL}>; rel="license"'
        return response


class Root(ApiView):
    """API root: title, licence, version of the data, and the addresses of lists and documentation."""

    def get(self, request: Request) -> HttpResponse:
        content = {
            "title": "CoopDir",
            "licence": LICENCE_URL,
            "version": self.version,
            "software_version": settings.VERSION,
            "openapi": request.build_absolute_uri(reverse("api_schema")),
            "documentation": request.build_absolute_uri(reverse("api_reference")),
            "lists": {name: request.build_absolute_uri(f"{request.path}{name}") for name in ENDPOINTS},
        }
        return self.answer(json.dumps(content, ensure_ascii=False).encode())


class ReadingView(ApiView):
    """Base of what reads records of a kind; `name` is that of the endpoint."""

    name = ""
    own: ClassVar[frozenset[str]] = frozenset()
    """Parameters that the call has besides the filters."""

    @property
    def endpoint(self) -> Endpoint:
        """Endpoint with the view's name."""
        return ENDPOINTS[self.name]

    def shape(self, request: Request) -> Shape:
        """Parse the shape of the records from ``fields``, ``expand`` and ``lang``. Raises `Faulty`."""
        kind, errors = self.endpoint.kind, []
        wanted: dict[str, list[str]] = {}
        for parameter, known in (("fields", kind.names), ("expand", kind.expandable)):
            given = [part.strip() for text in request.query_params.getlist(parameter) for part in text.split(",")]
            wanted[parameter] = [name for name in given if name]
            for name in wanted[parameter]:
                if name not in known:
                    remedy = (
                        _("“%(value)s” is not one of the members. Use: %(known)s.") if known else _("Nothing expands.")
                    )
                    detail = remedy % {"value": shortened(name), "known": ", ".join(known)}
                    errors.append(fault(parameter, name, detail))
        try:
            language = requested_language(request)
        except Faulty as wrong:
            errors += wrong.errors
        if errors:
            raise Faulty(*errors)
        return Shape(settings.SITE_URL, wanted["fields"], wanted["expand"], language)


class RecordsView(ReadingView):
    """A list: a page of the records of a question, and where the next one is."""

    own = frozenset({"limit", "after", "fields", "expand", "lang", "changed_since"})

    def get(self, request: Request) -> HttpResponseBase:
        etag, unchanged = self.kept(request)
        if unchanged is not None:
            return unchanged
        shape, size = self.shape(request), self._size(request)
        after, since = self._after(request), self._since(request)
        question = self._question(request)
        settled = changed_since.settled() if since else None
        removed: dict[int, dict[str, Any]] = {}
        if since is None:
            keys = self.endpoint.page(question, after, size + 1)
        else:
            keys, removed = self._changed(question, since, after, size + 1)
        more, keys = len(keys) > size, keys[:size]
        head: dict[str, Any] = {"version": self.version, "licence": LICENCE_URL}
        if after is None and since is None:
            head["total"] = self.endpoint.total(question)
        following = self._next(request, keys[-1]) if more else None
        if settled is not None:
            head["next_changed_since"] = settled.isoformat()
        head["next"] = following
        response = self.answer(self._body(head, keys, removed, shape), etag)
        if following:
            response["Link"] += f', <{following}>; rel="next"'
        return response

    def _body(self, head: dict[str, Any], keys: RecordKeys, removed: dict[int, dict[str, Any]], shape: Shape) -> bytes:
        if removed:
            stored = [key for key in keys if key not in removed]
            found = dict(zip(stored, self.endpoint.kind.page(stored, shape), strict=False))
            lines = [
                json.dumps(removed[key]) if key in removed else found[key]
                for key in keys
                if key in removed or key in found
            ]
        else:
            lines = self.endpoint.kind.page(keys, shape)
        return (
            f'{json.dumps(head, ensure_ascii=False)[:-1]}, "records": [\n{("," + chr(10)).join(lines)}\n]}}\n'.encode()
        )

    def _question(self, request: Request) -> Any:
        given = request.query_params.copy()
        for name in self.own:
            given.pop(name, None)
        errors = []
        known = self.endpoint.filters
        for name in [name for name in given if name not in known]:
            detail = _("The parameter “%(name)s” is unknown here. Known are: %(known)s.")
            known_here = ", ".join([*known, *sorted(self.parameters())])
            errors.append(fault(name, str(given[name]), detail % {"name": shortened(name), "known": known_here}))
            given.pop(name)
        several = [name for name in known if isinstance(self.endpoint.filterset.base_filters[name], ChoicesFilter)]
        for name in request.query_params:
            values = request.query_params.getlist(name)
            if len(values) > 1 and name not in (*several, "fields", "expand"):
                errors.append(fault(name, values[-1], _("This is given more than once: which one is meant?")))
                given.pop(name, None)
        question = self.endpoint.question(request._request, given)
        for name, found in question.form.errors.items():
            errors += [fault(name, ",".join(given.getlist(name)), str(message)) for message in found]
        if errors:
            raise Faulty(*errors)
        return question

    def parameters(self) -> set[str]:
        """The parameters besides the filters."""
        return set(self.own) - ({"changed_since"} if self.endpoint.changed is None else set())

    def _size(self, request: Request) -> int:
        text = request.query_params.get("limit", str(DEFAULT_PAGE_SIZE))
        if text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= MAX_PAGE_SIZE:
            return int(text)
        detail = _("“%(value)s” is no size of a page: write a number from 1 to %(most)s.")
        raise Faulty(fault("limit", text, detail % {"value": shortened(text), "most": MAX_PAGE_SIZE}))

    def _after(self, request: Request) -> Any:
        text = request.query_params.get("after")
        if text is None:
            return None
        if isinstance(self.endpoint.kind.model._meta.pk, models.AutoField):
            if text.isascii() and text.isdigit() and len(text) <= 9:
                return int(text)
        elif re.fullmatch("[A-Z0-9-]{1,10}", text, re.ASCII):
            return text
        detail = _("“%(value)s” is no place in this list: take the address of the next page from “next”.")
        raise Faulty(fault("after", text, detail % {"value": shortened(text)}))

    def _since(self, request: Request) -> datetime.datetime | None:
        text = request.query_params.get("changed_since")
        if text is None:
            return None
        if self.endpoint.changed is None:
            detail = _("These records have no reference to be told by: follow those that they belong to.")
            raise Faulty(fault("changed_since", text, detail))
        if (moment := moment_of(text)) is not None:
            return moment
        detail = _("“%(value)s” is no moment: write a day or a time, such as 2026-11-24 or 2026-11-24T08:00:00Z.")
        raise Faulty(fault("changed_since", text, detail % {"value": shortened(text)}))

    def _changed(
        self, question: Any, since: datetime.datetime, after: Any, size: int
    ) -> tuple[RecordKeys, dict[int, dict[str, Any]]]:
        """The keys of what has changed, those that the question does not have (any more) with what is told of them."""
        changed = cached_touched_keys(self.name, since, self.state)
        start = after_in(changed, after)
        keys: list[int] = []
        removed: dict[int, dict[str, Any]] = {}
        while start < len(changed) and len(keys) < size:
            part = changed[start : start + 4 * size]
            start += len(part)
            there = self.endpoint.among(question, part)
            model = self.endpoint.kind.model
            gone = changed_since.tombstones(model, [key for key in part if key not in there])
            keys += [key for key in part if key in there or key in gone]
            removed |= gone
        return keys[:size], removed

    def _next(self, request: Request, last: object) -> str:
        query = request.query_params.copy()
        query["after"] = str(last)
        return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")


@lru_cache(maxsize=16)
def cached_touched_keys(name: str, since: datetime.datetime, state: str) -> tuple[int, ...]:
    """The keys of what was touched since a moment, as long as the data are in a state: the same on page after page."""
    changed = ENDPOINTS[name].changed
    return tuple(sorted(changed(since))) if changed else ()


class RecordApiView(ReadingView):
    """A single record, by its reference or code."""

    own = frozenset({"fields", "expand", "lang"})

    def get(self, request: Request, code: str) -> HttpResponseBase:
        etag, unchanged = self.kept(request)
        if unchanged is not None:
            return unchanged
        if unknown := [name for name in request.query_params if name not in self.own]:
            detail = _("The parameter “%(name)s” is unknown here. Known are: %(known)s.")
            raise Faulty(
                *(
                    fault(
                        name,
                        request.query_params[name],
                        detail % {"name": shortened(name), "known": ", ".join(sorted(self.own))},
                    )
                    for name in unknown
                )
            )
        shape = self.shape(request)
        record, elsewhere = self.public(self.endpoint, code)
        if elsewhere is not None:
            return elsewhere
        lines = self.endpoint.kind.page([record.pk], shape)
        if not lines:
            raise Http404
        return self.answer(lines[0].encode() + b"\n", etag)


def found(endpoint: Endpoint, code: str) -> models.Model:
    """The record with a reference or code; `Http404` says that there is none."""
    code = code.upper()
    key = endpoint.kind.key if endpoint.kind.key == "reference" else "pk"
    named = endpoint.of_all if CODE.fullmatch(code) else None
    record = named().filter(**{key: code}).first() if named else None
    if not isinstance(record, models.Model):
        raise no_record(code)
    return record


def no_record(code: str) -> Http404:
    """404 error for a reference or code that names no record the caller may know of."""
    return Http404(_("There is no record with the reference %(reference)s.") % {"reference": shortened(code.upper())})


def singular(name: str) -> str:
    """Singular of a list's name, as it stands in the names of addresses."""
    irregular = {"countries": "country", "territories": "territory", "support-bodies": "supportbody"}
    return irregular.get(name, name.removesuffix("s"))


@csrf_exempt
def not_there(request: HttpRequest, path: str) -> HttpResponse:
    """404 for an address below the API at which there is nothing, in the API's own words."""
    known: Sequence[str] = list(ENDPOINTS)
    detail = _("There is nothing at this address. Lists are: %(known)s.") % {"known": ", ".join(known)}
    return problem(404, detail)
