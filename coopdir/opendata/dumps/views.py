"""Views of `/data/`: the page that lists the dumps, their files, and the catalogue."""

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from core.etags import not_modified, strong_etag
from core.history import data_version
from core.lists.formats import LICENCE_URL

from .build import MANIFEST_NAME, Dump, File, published_dumps
from .dcat import RDF_FORMATS, serialize_catalogue

_LATEST = "latest"
FOREVER = 365 * 24 * 3600
"""Seconds for which a file may be kept: one of a version never changes."""


class DataPage(TemplateView):
    """Open data page: whatever can be downloaded whole, followed as a feed or embedded, and how."""

    template_name = "data.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(dumps=published_dumps(), version=data_version(), **kwargs)


def _found(version: str, name: str) -> tuple[Dump, File]:
    """A file of a dump. `Http404` for what no manifest names."""
    for dump in published_dumps():
        if dump.version == version and (file := dump.file(name)):
            return dump, file
    raise Http404


@require_safe
def dump_file(request: HttpRequest, version: str, name: str) -> HttpResponseBase:
    """`/data/<version>/<file>`: a file of a dump; `latest` leads to the newest one, and its file of that ending."""
    if version == _LATEST:
        for dump in published_dumps()[:1]:
            if file := dump.file(name) or dump.file(f"coopdir-{dump.version}.{name}"):
                return HttpResponseRedirect(reverse("dump_file", args=[dump.version, file.name]))
        raise Http404
    dump, file = _found(version, name)
    etag, kept = strong_etag(file.sha256[:32]), f"public, max-age={FOREVER}, immutable"
    if (answer := not_modified(request, etag, kept)) is not None:
        return answer
    try:
        content = (dump.folder / file.name).open("rb")
    except FileNotFoundError:
        raise Http404 from None  # taken away since
    response = FileResponse(content, as_attachment=file in dump.downloads, filename=file.name.rpartition("/")[2])
    response["Content-Type"] = file.media_type
    response["ETag"] = etag
    response["Cache-Control"] = kept
    response["Link"] = f'<{LICENCE_URL}>; rel="license"'
    # A gzip file is what was asked for, not how it travels; what is packed is not packed once more on its way.
    response.headers.pop("Content-Encoding", None)
    if file.name.endswith((".zip", ".gz")):
        response["Content-Encoding"] = "identity"
    return response


@require_safe
def manifest(request: HttpRequest, version: str) -> HttpResponse:
    """`/data/<version>/manifest.json`: what a dump holds, and its checksums."""
    for dump in published_dumps():
        if version in (dump.version, _LATEST):
            content = (dump.folder / MANIFEST_NAME).read_bytes()
            response = HttpResponse(content, content_type="application/json")
            return response
    raise Http404


@require_safe
def catalogue(request: HttpRequest, form: str) -> HttpResponse:
    """`/data/catalogue.ttl` and `/data/catalogue.jsonld`: for portals to harvest."""
    if form not in RDF_FORMATS:
        raise Http404
    content, media = serialize_catalogue(form)
    response = HttpResponse(content, content_type=media)
    other = next(one for one in RDF_FORMATS if one != form)
    _name, media_type = RDF_FORMATS[other]
    response["Link"] = (
        f'<{LICENCE_URL}>; rel="license", <{reverse("catalogue", args=[other])}>; rel="alternate"; type="{media_type}"'
    )
    return response
