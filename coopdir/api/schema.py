"""OpenAPI 3.1 document of the API, made by drf-spectacular from the same declarations that answer, and a page to read
it.

`docs/openapi.yaml` is this document as committed; ``manage.py spectacular --file docs/openapi.yaml`` writes it, and a
test compares the two.
"""

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import override
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView
from django_filters.filters import Filter
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse

from core.lists import filtersets
from core.lists.json_records import MOMENT, array_schema, closed, string, whole

from . import agreement_schema
from .endpoints import ENDPOINTS, Endpoint
from .views import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, ReadingView, singular

_LANGUAGE_CODES = [code for code, _name in settings.LANGUAGES]
PROBLEM = "application/problem+json"
ASKED_DATE = r"^(\d{4}(-\d{1,2}(-\d{1,2})?)?|(\d{1,2}[/.]){1,2}\d{4})?$"
"""Dates as filters take them; people write them in many ways."""


def component(name: str) -> str:
    """The name of a kind's schema: “Agreement”, “SupportBody”."""
    words = {"supportbody": "SupportBody"}.get(singular(name), singular(name).capitalize())
    return "Membership" if words == "Membership" else words


def schema_ref(name: str) -> dict[str, str]:
    """A reference to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def schemas() -> dict[str, Any]:
    """Schemas (components) that the operations refer to."""
    with override("en"):
        kinds = {component(name): endpoint.kind.schema() for name, endpoint in ENDPOINTS.items()}
    return kinds | {
        "Removed": {
            "description": "A record that is not public any more, or does not fit the question any more.",
            **whole(
                reference=string(),
                removed={"type": "boolean", "enum": [True]},
                merged_into={"type": ["string", "null"], "description": "The record that took its place."},
            ),
        },
        "Problem": {
            "description": "What went wrong (RFC 9457).",
            "type": "object",
            "required": ["type", "title", "status"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string", "description": "In words."},
                "code": {"type": "string", "description": "The title in one word, as in OGC API – Features 1.0."},
                "description": {"type": "string", "description": "The same as detail, as in OGC API – Features 1.0."},
                "errors": array_schema(
                    {
                        "type": "object",
                        "required": ["detail"],
                        "properties": {
                            "detail": {"type": "string", "description": "What is wrong, and what would be right."},
                            "parameter": {"type": "string"},
                            "value": {"type": "string"},
                            "pointer": {"type": "string", "description": "The place in what was sent (RFC 6901)."},
                        },
                    }
                ),
            },
        },
        "AgreementContent": agreement_schema.SCHEMA,
        "AgreementToWrite": {
            **agreement_schema.SCHEMA,
            "properties": agreement_schema.SCHEMA["properties"] | agreement_schema.COMMANDS,
        },
        "AgreementStored": whole(
            reference=string(),
            publication=closed(["draft", "submitted", "published", "withdrawn"]),
            verified_on={"type": ["string", "null"], "format": "date"},
            content=schema_ref("AgreementContent"),
        ),
    }


def add_schemas(result: dict[str, Any], generator: object, request: object, public: bool) -> dict[str, Any]:
    """Postprocessing hook of drf-spectacular: adds the schemas above and the security scheme of tokens."""
    components = result.setdefault("components", {})
    components["schemas"] = schemas()
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "The token of a mandate; made at /my/tokens/."}
    }
    return result


def only_api(endpoints: list[Any]) -> list[Any]:
    """Preprocessing hook of drf-spectacular: leaves out the OGC API, which has a document of its own."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/")]


def parameter_of(name: str, declared: Filter) -> OpenApiParameter:
    """A filter as a parameter."""
    choices = declared.extra.get("choices")
    told = str(declared.label)
    if isinstance(declared, filtersets.SwitchFilter):
        words = ["1", "true", "yes", "on", "0", "false", "no", "off", ""]
        return OpenApiParameter(name, {"type": "string", "enum": words}, description=told)
    if isinstance(declared, filtersets.SearchFilter):
        return OpenApiParameter(name, string(maxLength=200), description=told)
    if isinstance(declared, filtersets.DateFilter):
        return OpenApiParameter(name, string(pattern=ASKED_DATE), description=f"{told}: 1986, 1986-05 or 1986-05-24.")
    remedy = declared.extra.get("remedy", "")
    items: dict[str, Any] = {"type": "string"}
    if isinstance(choices, type) and issubclass(choices, models.TextChoices):
        items["enum"] = [*choices.values, ""]  # a blank says nothing
    elif isinstance(choices, list):
        items["enum"] = [*(code for code, _label in choices), ""]
    return OpenApiParameter(
        name,
        {"type": "array", "items": items},
        description=f"{told}. {remedy}".strip() if remedy else told,
        style="form",
        explode=False,
    )


def shaping(endpoint: Endpoint) -> list[OpenApiParameter]:
    """Parameters that shape the records: ``fields``, ``expand``, ``lang``."""

    def several(name: str, known: list[str], told: str) -> OpenApiParameter:
        schema = {"type": "array", "items": {"type": "string", "enum": [*known, ""]}}
        return OpenApiParameter(name, schema, description=told, style="form", explode=False)

    found = [several("fields", endpoint.kind.names, "Members that are wanted; all if left out.")]
    if endpoint.kind.expandable:
        found.append(several("expand", endpoint.kind.expandable, "Members that are given whole, not by reference."))
    told = "Adds `labels`, the names of codes in this language. Codes never translate."
    return [*found, OpenApiParameter("lang", string(enum=[*_LANGUAGE_CODES, ""]), description=told)]


class OperationSchema(AutoSchema):
    """Schema generator of an operation: takes descriptions and parameters from our declarations."""

    @property
    def endpoint(self) -> Endpoint | None:
        """Endpoint that the operation reads; None where it reads none."""
        return ENDPOINTS[self.view.name] if isinstance(self.view, ReadingView) else None

    @property
    def is_list(self) -> bool:
        return self.endpoint is not None and "{code}" not in self.path

    def get_operation_id(self) -> str:
        words = self.path.removeprefix("/api/v1/").replace("/{code}", "_one").replace("/", "_").replace("-", "_")
        return f"{self.method.lower()}_{words.strip('_') or 'root'}"

    def get_tags(self) -> list[str]:
        return [self.path.removeprefix("/api/v1/").partition("/")[0] or "root"]

    def get_summary(self) -> str:
        match self.method, self.path.removeprefix("/api/v1/"):
            case "GET", "":
                return "Lists, licence and version"
            case "POST", "agreements":
                return "Enter an agreement"
            case "GET", "agreements/{code}/content":
                return "Stored content of an agreement"
            case "PATCH", _path:
                return "Change an agreement"
            case "POST", "verifications":
                return "Verify agreements"
        kind = self._read.kind
        return f"{kind.title}, page by page" if self.is_list else f"One of the {str(kind.title).lower()}"

    @property
    def _read(self) -> Endpoint:
        """The endpoint of an operation that reads one."""
        if self.endpoint is None:
            raise LookupError(f"{self.path} reads no records.")
        return self.endpoint

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular calls it
        match self.method, self.path.removeprefix("/api/v1/"):
            case "GET", "":
                return "The lists, the licence and the version of the data."
            case "POST", "agreements":
                return "With the token of a mandate. Members that are left out are blank."
            case "GET", "agreements/{code}/content":
                return "With the token of a mandate. `ETag` is to be sent back as `If-Match` with a change."
            case "PATCH", _path:
                return (
                    "With the token of a mandate. Members that are left out stay as they are. What may not be changed "
                    "at once can be handed in (`then: submit`; the answer is 202)."
                )
            case "POST", "verifications":
                return "With the token of a mandate: all of the agreements are marked, or none."
        return str(self._read.kind.meaning)

    def get_auth(self) -> list[dict[str, Any]]:
        needed = self.method != "GET" or self.path.endswith("/content")
        return [{"token": []}] if needed else [{}]

    def get_filter_backends(self) -> list[Any]:
        return []

    def get_override_parameters(self) -> Any:
        found: list[OpenApiParameter] = []
        if "{code}" in self.path:
            found.append(OpenApiParameter("code", string(maxLength=16), OpenApiParameter.PATH, required=True))
        if self.method == "PATCH":
            told = "The `ETag` of the content that the change began with."
            found.append(OpenApiParameter("If-Match", string(minLength=1), OpenApiParameter.HEADER, True, told))
        if self.method != "GET" or self.endpoint is None:
            return found
        found += shaping(self.endpoint)
        if not self.is_list:
            return found
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE}
        found.append(OpenApiParameter("limit", size, description="Records of a page."))
        told = "Where the page begins; `next` of the page before holds it."
        pk = self.endpoint.kind.model._meta.pk
        numbered = isinstance(pk, models.AutoField)
        place = string(pattern=r"^[0-9]{1,9}$") if numbered else string(pattern=r"^[A-Z0-9-]{1,10}$")
        found.append(OpenApiParameter("after", place, description=told))
        if self.endpoint.changed:
            told = (
                "For mirrors: only what has changed since, in whatever way, and what is not public or does not fit the "
                "question any more (`removed`). Keep `next_changed_since` of the first page for the next time."
            )
            found.append(OpenApiParameter("changed_since", MOMENT, description=told))
        declared = self.endpoint.filterset.base_filters
        return [*found, *(parameter_of(name, declared[name]) for name in self.endpoint.filters)]

    def get_request_serializer(self) -> Any:
        match self.method, self.path.removeprefix("/api/v1/"):
            case ("POST", "agreements") | ("PATCH", _):
                return {"application/json": schema_ref("AgreementToWrite")}
            case "POST", "verifications":
                return {"application/json": agreement_schema.VERIFICATION}
        return None

    def get_response_serializers(self) -> Any:
        answers: dict[Any, Any] = {}

        def told(status: int, schema: object, description: str) -> None:
            answers[status, "application/json"] = OpenApiResponse(schema, description)

        def wrong(*statuses: tuple[int, str]) -> None:
            for status, description in statuses:
                answers[status, PROBLEM] = OpenApiResponse(schema_ref("Problem"), description)

        stored = schema_ref("AgreementStored")
        limited = (429, "The limit of work in a minute is used up: `Retry-After` says when to call again.")
        unread = ((400, "No JSON."), (413, "More than one call may send."), (415, "No JSON."))
        refused = (
            (401, "No token, or one that is not valid."),
            (403, "No mandate for this."),
            (422, "What is wrong, each fault with its place."),
            limited,
        )
        match self.method, self.path.removeprefix("/api/v1/"):
            case "GET", "":
                told(200, {"type": "object"}, "Lists, licence and version.")
                wrong(limited)
            case "POST", "agreements":
                told(201, stored, "Entered.")
                same = (409, "There is an agreement of these parties: give a `reason`.")
                wrong(*unread, same, *refused)
            case "GET", "agreements/{code}/content":
                told(200, stored, "As it is stored.")
                wrong((404, "There is none."), *refused)
            case "PATCH", _path:
                told(200, stored, "Changed.")
                told(202, stored, "Handed in; the agreement is as before until somebody decides.")
                wrong(
                    *unread,
                    (404, "There is none."),
                    (409, "There is an agreement of these parties: give a `reason`."),
                    (412, "Somebody else has changed it since."),
                    (428, "`If-Match` is missing."),
                    *refused,
                )
            case "POST", "verifications":
                done = whole(verified={"type": "integer"}, on=string(format="date"))
                told(200, done, "How many were marked; those verified later stay as they are.")
                wrong(*unread, *refused)
            case _:
                self._reading(told, wrong, limited)
        return answers

    def _reading(self, told: Any, wrong: Any, limited: tuple[int, str]) -> None:
        one = schema_ref(component(self._read.kind.name))
        wrong((400, "A parameter is wrong or unknown."), limited)
        if not self.is_list:
            told(200, one, "The record.")
            wrong((404, "There is none."), (410, "It was withdrawn."))
            return
        records = {"anyOf": [one, schema_ref("Removed")]} if self._read.changed else one
        page = {
            "type": "object",
            "required": ["version", "licence", "next", "records"],
            "properties": {
                "version": {**MOMENT, "description": "When anything was last changed."},
                "licence": string(format="uri"),
                "total": {"type": "integer", "description": "How many records there are; on the first page."},
                "next_changed_since": {**MOMENT, "description": "With `changed_since`: what to send the next time."},
                "next": {"type": ["string", "null"], "format": "uri", "description": "Address of the next page."},
                "records": array_schema(records),
            },
        }
        told(200, page, "A page.")


@lru_cache(maxsize=1)
def openapi_document() -> dict[str, Any]:
    """The whole document."""
    with override("en"):
        document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
        return document


@require_safe
def document_json(request: HttpRequest) -> HttpResponse:
    """OpenAPI as JSON."""
    return JsonResponse(openapi_document(), json_dumps_params={"ensure_ascii": False})


@require_safe
def document_yaml(request: HttpRequest) -> HttpResponse:
    """OpenAPI as YAML."""
    return HttpResponse(OpenApiYamlRenderer().render(openapi_document()), content_type="application/yaml")


class ReferencePage(TemplateView):
    """The API to read: each operation, its parameters and its answers."""

    template_name = "api.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        groups: dict[str, list[dict[str, Any]]] = {}
        for path, operations in openapi_document()["paths"].items():
            for method, operation in operations.items():
                body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
                groups.setdefault(operation["tags"][0], []).append(
                    {
                        "id": operation["operationId"],
                        "method": method.upper(),
                        "path": path,
                        "summary": operation["summary"],
                        "description": operation["description"].replace("`", ""),
                        "parameters": [_parameter(one) for one in operation.get("parameters", [])],
                        "body": _properties(body) if body else [],
                        "answers": [
                            {"status": status, "told": answer["description"]}
                            for status, answer in sorted(operation["responses"].items())
                        ],
                    }
                )
        kinds = {component(name): name for name in ENDPOINTS}
        members = [
            {"name": kinds[name], "members": _properties(schema)}
            for name, schema in openapi_document()["components"]["schemas"].items()
            if name in kinds
        ]
        return super().get_context_data(groups=groups, kinds=members, **kwargs)


def _parameter(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": told["name"],
        "place": told["in"],
        "required": told.get("required", False),
        "told": told.get("description", "").replace("`", ""),
        "values": _values(told["schema"]),
    }


def _properties(schema: dict[str, Any]) -> list[dict[str, Any]]:
    if "$ref" in schema:
        schema = openapi_document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return [
        {"name": name, "told": one.get("description", ""), "values": _values(one)}
        for name, one in schema.get("properties", {}).items()
    ]


def _values(schema: dict[str, Any]) -> str:
    """Short description of a schema's values: its type, format or enumeration."""
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(filter(None, map(_values, schema["anyOf"]))))
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"] if value != "")
    if schema.get("type") == "array":
        return f"[{_values(schema['items'])}]"
    kind = schema.get("type", "")
    return " | ".join(kind) if isinstance(kind, list) else schema.get("format", kind)
