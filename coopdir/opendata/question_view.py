"""Base view for lists outside the language prefixes: a question to a list, and the language of the words."""

import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.generic import View

from core.etags import conditional_response, content_digest, strong_etag
from core.languages import known_language
from core.lists.filtersets import ListingFilterSet
from core.lists.form_fields import shortened
from core.lists.formats import LICENCE_URL
from partnerships.agreements.facets import INDEX, AgreementFacets
from partnerships.agreements.filters import AgreementFilter
from partnerships.querysets import agreements


def in_words(question: ListingFilterSet) -> str:
    """Filters of a question in words: “Country: France, Theme: water”; empty for the whole list."""
    return ", ".join(
        _("%(label)s: %(value)s") % {"label": chip.label, "value": chip.value} for chip in question.chips()
    )


def bad_query(messages: list[str]) -> HttpResponse:
    """400 response to an invalid question: the reasons in words."""
    return HttpResponse("\n".join(messages) + "\n", status=400, content_type="text/plain; charset=utf-8")


class QuestionView(View):
    """Base view of a question to a list, answered in a format of its own: subclasses implement `answer`.

    The parameters are the list's; ``lang`` is the language of the words. What is wrong is answered with 400 and the
    reasons, unknown parameters included: a machine does not see a warning.
    """

    http_method_names = ["get", "head", "options"]
    filterset_class: ClassVar[type[ListingFilterSet]] = AgreementFilter
    left_aside: ClassVar[tuple[str, ...]] = ()
    """Parameters that are read elsewhere."""

    def records(self) -> Any:
        """The records that may be shown."""
        return agreements().published()

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        language = request.GET.get("lang", settings.LANGUAGE_CODE)
        languages = dict(settings.LANGUAGES)
        with override(known_language(language)):
            given = request.GET.copy()
            for name in ("lang", *self.left_aside):
                given.pop(name, None)
            question = self.filterset_class(given, self.records(), request=request)
            errors = [*question.messages, *question.warnings]
            if language not in languages:
                said = {"value": shortened(language), "known": ", ".join(languages)}
                errors.insert(0, _("lang: “%(value)s” is not a language of the site. Known are: %(known)s.") % said)
            return bad_query(errors) if errors else self.answer(question, language)

    def answer(self, question: Any, language: str) -> HttpResponseBase:
        """The answer to a valid question; the language is active."""
        raise NotImplementedError


def keys_of(question: AgreementFilter, most: int | None = None) -> list[int]:
    """The primary keys of the agreements that a question asks for, in its order."""
    with INDEX.reading() as index:
        facets = AgreementFacets(question, index)
        return facets.page(0, len(facets.records) if most is None else most)


def conditional(request: HttpRequest, content: bytes, kind: str, changed: datetime.datetime) -> HttpResponseBase:
    """Conditional response for content that followers fetch again and again: 304 where they have it already."""
    response = HttpResponse(content, content_type=kind)
    response["Last-Modified"] = http_date(changed.timestamp())
    response["Link"] = f'<{LICENCE_URL}>; rel="license"'
    # The mark alone decides: two changes may lie within one second, or commit in another order than they began.
    return conditional_response(request, response, strong_etag(content_digest(content)))
