"""Page of the verdicts on names: decided once, searched and revoked."""

import re
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.generic import ListView

from core.imports import batches
from core.imports.models import MatchVerdict
from core.lists.pagination import paginate
from partnerships import permissions
from partnerships.choices import Level
from partnerships.imports.verdicts import verdict_ref
from partnerships.models import Country, Territory

from .base import ImportersOnly
from .name_facts import said_facts, town_addresses


class Verdicts(ImportersOnly, ListView):
    """Verdicts page: decisions on what names stand for, searched and revoked."""

    template_name = "imports/verdicts.html"
    paginate_by = 50

    @property
    def asked(self) -> str:
        """Search text of the request (``q``)."""
        return self.request.GET.get("q", "").replace("\0", " ").strip()[:100]

    def get_queryset(self) -> QuerySet[MatchVerdict]:
        seen = permissions.verdicts_seen_by(self.request.user)
        found = seen.select_related("user").order_by("-decided_at", "-pk")
        if self.request.GET.get("show") != "all":
            found = found.filter(revoked_at=None)
        if self.asked:
            found = found.filter(said__name__icontains=self.asked) | found.filter(title__icontains=self.asked)
        return found

    def paginate_queryset(self, queryset: object, page_size: int) -> Any:
        """Django's hook, with a page for every number instead of a 404."""
        page, _notice = paginate(queryset, self.request.GET.get("page", ""), page_size)
        return page.paginator, page, page.object_list, page.has_other_pages()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(asked=self.asked, all=self.request.GET.get("show") == "all", **kwargs)
        shown = list(context["object_list"])
        countries = Country.objects.in_bulk({verdict.said.get("country") for verdict in shown} - {None})
        codes = {verdict.said.get("territory") for verdict in shown} - {None}
        territories = Territory.objects.in_bulk(codes.union(*(verdict.scope or () for verdict in shown)))
        levels = dict(Level.choices)
        refs = {verdict: verdict_ref(verdict) for verdict in shown}
        addresses = town_addresses({ref for ref in refs.values() if ref})
        lines = [
            (
                verdict,
                addresses.get(ref, "") if ref else "",
                said_facts(verdict.said, countries, territories, levels),
                _reach(verdict, territories),
                verdict.revoked_at is None and permissions.may_revoke(self.request.user, verdict),
            )
            for verdict, ref in refs.items()
        ]
        question = self.request.GET.copy()
        question.pop("page", None)
        return context | {"lines": lines, "querystring": question.urlencode()}

    def post(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Revoke a verdict: the name is asked for again when it comes again."""
        asked = request.POST.get("verdict", "")
        seen = permissions.verdicts_seen_by(request.user)
        verdict = get_object_or_404(seen, pk=int(asked[:18]) if re.fullmatch("[0-9]+", asked) else 0)
        if permissions.may_revoke(request.user, verdict):
            batches.revoke_verdict(verdict)
            messages.success(request, _("Revoked: “%s” is asked for again.") % verdict.said.get("name", ""))
        else:
            messages.warning(request, _("Only who decided it, or an administrator, revokes it."))
        return redirect(request.get_full_path())


def _reach(verdict: MatchVerdict, territories: Mapping[str, Territory]) -> str:
    """Scope of a verdict in words: the files it holds for."""
    if verdict.scope is None:
        return _("holds for all files")
    if not verdict.scope:
        return _("holds for the files of this person")
    names = [str(territories.get(code, code)) for code in verdict.scope]
    return _("holds for the files of %s") % ", ".join(names)
