"""Writing by the API, for officers' own systems: the same checks, rights and history as by the form.

A token stands for one mandate. Who changes an agreement sends the mark (``ETag``) of the content that they began with
as ``If-Match``, so that nobody's change is lost.
"""

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from core.etags import ANY_ETAG, if_match, strong_etag
from core.lists.problem_json import problem
from core.text import clean
from core.visitors import signed_in
from partnerships import permissions
from partnerships.choices import Action
from partnerships.editing import actions, commands, snapshot, workflow
from partnerships.editing.actions import Conflict, Duplicate
from partnerships.models import Agreement
from partnerships.querysets import agreements

from .agreement_schema import COMMANDS, VERIFICATION, fresh, parse_agreement, refuse_faults, serialize_agreement
from .body_validation import Misread, body_faults
from .endpoints import ENDPOINTS
from .parsing import JSONParser
from .views import ApiView, RecordsView, found

_REMEDIES = {
    VERIFICATION["properties"]["agreements"]["items"]["pattern"]: gettext_lazy(
        "This is no reference of an agreement, such as A12."
    )
}


class WritingMixin(ApiView):
    """Mixin of endpoints for holders of a token."""

    parser_classes = [JSONParser]

    def asked(self, request: Request) -> dict[str, Any]:
        """The object that was sent; whoever sends has shown a token."""
        if request.auth is None:
            raise NotAuthenticated(_("Writing needs the token of a mandate: “Authorization: Bearer …”."))
        if not isinstance(request.data, dict):
            raise Misread({"pointer": "", "detail": _("Send a JSON object.")})
        return dict(request.data)

    def handle_exception(self, exc: Exception) -> Any:
        match exc:
            case Misread():
                return problem(422, errors=exc.errors)
            case Duplicate():
                return problem(409, str(exc), agreements=[agreement.reference for agreement in exc.found])
            case Conflict():
                return problem(412, str(exc))
        return super().handle_exception(exc)

    def commands(self, given: dict[str, Any]) -> dict[str, Any]:
        """Take the commands (next step, reason, note) from the sent object. Raises `Misread`."""
        told = {name: given.pop(name) for name in COMMANDS if name in given}
        if faults := body_faults(told, {"type": "object", "properties": COMMANDS}):
            raise Misread(*faults)
        told = {"then": Action.SAVE, "reason": "", "note": ""} | told
        told |= {name: clean(told[name]) for name in ("reason", "note")}
        return told

    def told(self, agreement: Agreement, status: int = 200) -> HttpResponse:
        """An agreement as it is stored now, for who writes it."""
        content = snapshot.read_content(agreement)
        response = JsonResponse(
            {
                "reference": agreement.reference,
                "publication": agreement.publication,
                "verified_on": agreement.verified_on,
                "content": serialize_agreement(content),
            },
            status=status,
            json_dumps_params={"ensure_ascii": False},
        )
        response["ETag"] = strong_etag(snapshot.content_fingerprint(content))
        response["Cache-Control"] = "no-store"
        return response


class AgreementsApi(WritingMixin, RecordsView):
    """The list of agreements, and new ones."""

    name = "agreements"

    def post(self, request: Request) -> HttpResponse:
        """Enter an agreement."""
        given = self.asked(request)
        told = self.commands(given)
        actions.require(permissions.is_officer(request.user))
        by = signed_in(request)
        entry = parse_agreement(given, fresh(), by)
        refuse_faults(entry, publishing=told["then"] != Action.SAVE)
        agreement = commands.enter(by=by, entry=entry, **told)
        agreement.refresh_from_db()
        response = self.told(agreement, 201)
        response["Location"] = request.build_absolute_uri(reverse("api_agreement_content", args=[agreement.reference]))
        return response


class AgreementContent(WritingMixin, ApiView):
    """Full content of an agreement, whatever its publication state: for who may write it."""

    def agreement(self, request: Request, code: str) -> Agreement:
        """The agreement; to who may not write it, one that is not public does not exist."""
        if request.auth is None:
            raise NotAuthenticated(_("Writing needs the token of a mandate: “Authorization: Bearer …”."))
        agreement = found(ENDPOINTS["agreements"], code)
        if not isinstance(agreement, Agreement) or not permissions.may_see(request.user, agreement):
            raise Http404(_("There is no record with the reference %(reference)s.") % {"reference": code})
        actions.require(permissions.may_write(request.user, agreement))
        return agreement

    def get(self, request: Request, code: str) -> HttpResponse:
        """The content, and its mark."""
        return self.told(self.agreement(request, code))

    def patch(self, request: Request, code: str) -> HttpResponse:
        """Change the members that are sent."""
        agreement = self.agreement(request, code)
        given = self.asked(request)
        begun_with = if_match(request._request)
        if not begun_with:
            return problem(428, _("Send the ETag of the content that you began with as If-Match."))
        told = self.commands(given)
        now = snapshot.read_content(agreement)
        base = snapshot.content_fingerprint(now)
        if not {strong_etag(base), ANY_ETAG} & {*begun_with}:
            raise Conflict(_("Somebody else has changed this agreement since you opened it."), now)
        by = signed_in(request)
        published = agreement.publication == "published"
        submitted = published and told["then"] == Action.SUBMIT
        entry = parse_agreement(given, now, by)
        refuse_faults(entry, publishing=published or told["then"] != Action.SAVE)
        agreement = commands.enter(by=by, entry=entry, agreement=agreement, base=base, **told)
        agreement.refresh_from_db()
        return self.told(agreement, 202 if submitted else 200)


class Verifications(WritingMixin, ApiView):
    """Saying that agreements are as told."""

    def post(self, request: Request) -> HttpResponse:
        """Verify agreements, today or on an earlier day."""
        given = self.asked(request)
        errors = body_faults(given, VERIFICATION, _REMEDIES)
        references = [] if errors else given["agreements"]
        day = None if errors else given.get("on")
        on = parse_date(day) if day else None
        rows = list(agreements().filter(reference__in=references))
        known = {agreement.reference for agreement in rows if permissions.may_see(request.user, agreement)}
        for number, reference in enumerate(references):
            if reference not in known:
                detail = _("There is no record with the reference %(reference)s.") % {"reference": reference}
                errors.append({"pointer": f"/agreements/{number}", "detail": detail})
        if errors:
            raise Misread(*errors)
        number = workflow.verify(by=signed_in(request), agreements=rows, on=on)
        return JsonResponse({"verified": number, "on": (on or timezone.localdate()).isoformat()})
