"""The list and record views: pages, chips, orders, addresses."""

from typing import Any

import pghistory
import pytest
from django.db import connection
from django.http import Http404, HttpResponse, QueryDict
from django.template import engines
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import path, resolve
from django.utils import translation

from core.lists.json_records import survivor
from core.lists.views import ListingView, RecordView
from partnerships.agreements.filters import AgreementFilter
from partnerships.models import Agreement, Town
from partnerships.places.filters import TownFilter
from partnerships.querysets import agreements, towns
from tests import factories
from tests.editing import time_passes

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Agreements(ListingView):
    """A list as the site declares it, of small pages."""

    queryset = agreements().published().with_parties().with_statuses()
    filterset_class = AgreementFilter
    template_name = "list.html"
    paginate_by = 3


class Towns(ListingView):
    queryset = towns().published().with_agreement_counts()
    filterset_class = TownFilter
    template_name = "list.html"


class TownPage(RecordView):
    queryset = towns().select_related("merged_into")
    template_name = "record.html"


urlpatterns = [
    path("agreements/", Agreements.as_view(), name="agreements"),
    path("towns/<str:address>/", TownPage.as_view(), name="town"),
]


def listed(query: str = "", view: type[ListingView] = Agreements) -> dict[str, Any]:
    """The context of the list for a query string."""
    response = view.as_view()(RequestFactory().get(f"/agreements/?{query}"))
    assert response.status_code == 200
    return response.context_data


@pytest.fixture
def seven() -> list[Agreement]:
    """Seven agreements, the first page and two more."""
    return [factories.agreement(signed=str(1990 + number)) for number in range(7)]


def test_pages(seven: list[Agreement]) -> None:
    context = listed("sort=signed&page=2")
    assert context["total"] == 7
    assert [agreement.signed for agreement in context["object_list"]] == ["1993", "1994", "1995"]
    assert context["page_obj"].number == 2
    assert context["paginator"].num_pages == 3
    assert context["is_paginated"]
    assert context["querystring"] == "sort=signed"
    assert context["errors"] == context["warnings"] == []


@pytest.mark.parametrize(
    ("page", "number", "notice"),
    [
        ("", 1, ""),
        ("3", 3, ""),
        ("003", 3, ""),
        ("4", 3, "last"),
        ("9" * 5000, 3, "last"),
        ("0", 1, "first"),
        ("-1", 1, "first"),
        ("1.5", 1, "first"),
        ("last", 1, "first"),
        ("\0", 1, "first"),
        ("²", 1, "first"),
    ],
)
def test_pages_that_do_not_exist_lead_to_one_that_does(
    seven: list[Agreement], page: str, number: int, notice: str
) -> None:
    query = QueryDict(mutable=True)
    query["page"] = page
    context = listed(query.urlencode())
    assert context["page_obj"].number == number
    assert context["total"] == 7
    assert [notice in warning for warning in context["warnings"]] == ([True] if notice else [])
    assert context["errors"] == []


def test_all_pages_together_show_each_record_once(seven: list[Agreement]) -> None:
    for sort in AgreementFilter.sorts:
        pages = [listed(f"sort={sort}&page={number}")["object_list"] for number in (1, 2, 3)]
        assert sorted(record.pk for page in pages for record in page) == sorted(record.pk for record in seven)


def test_chips_say_what_is_active_and_how_to_be_rid_of_it() -> None:
    for code in ("FR", "ML"):
        factories.country(code)
    town = factories.town("Quetigny")
    query = f"q=Koulikoro&country=fr,ML&town={town.reference}&domestic=1&past=0&sort=signed&page=2&utm_source=x"
    with translation.override("en"):
        context = listed(query)
    rest = f"sort=signed&q=Koulikoro&country=FR&country=ML&town={town.reference}&domestic=1&past=0"
    assert context["querystring"] == rest
    chips = {(chip.label, chip.value): chip.remove for chip in context["chips"]}
    assert chips == {
        ("Search", "Koulikoro"): rest.replace("&q=Koulikoro", ""),
        ("Country", "France"): rest.replace("&country=FR", ""),
        ("Country", "Mali"): rest.replace("&country=ML", ""),
        ("Town", "Quetigny"): rest.replace(f"&town={town.reference}", ""),
        ("Also within one country", ""): rest.replace("&domestic=1", ""),
    }
    for chip in context["chips"]:
        assert listed(chip.remove)["errors"] == []


def test_a_wrong_value_has_a_chip_too(seven: list[Agreement]) -> None:
    context = listed("country=XX&kind=twinning")
    assert context["total"] == 0
    assert len(context["errors"]) == 1
    (wrong,) = [chip for chip in context["chips"] if chip.value == "XX"]
    assert listed(wrong.remove)["total"] == 7


def test_overlong_values_do_not_swell_the_page(seven: list[Agreement]) -> None:
    context = listed("q=" + "x" * 1_000_000 + "&country=" + "y" * 1_000_000)
    assert context["total"] == 0
    assert len(context["errors"]) == 2
    said = [context["querystring"], *context["errors"], *(chip.remove for chip in context["chips"])]
    assert max(map(len, said)) < 1000


def test_sorts(seven: list[Agreement]) -> None:
    context = listed("country=FR&page=3")
    assert [option.name for option in context["sorts"] if option.active] == ["-entered"]
    by_name = next(option for option in context["sorts"] if option.name == "name")
    assert by_name.querystring == "country=FR&sort=name"
    assert [option.name for option in listed(by_name.querystring)["sorts"] if option.active] == ["name"]


def test_the_number_of_queries_does_not_grow() -> None:
    def queries(view: type[ListingView], query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            context = listed(query, view)
            for record in context["object_list"]:
                assert str(record)
                for party in record.parties.all() if isinstance(record, Agreement) else ():
                    assert str(party.actor.country)
        return len(captured)

    asked = ((Agreements, "country=FR"), (Agreements, "q=x"), (Agreements, ""), (Towns, "country=FR"))
    factories.agreement()
    queries(*asked[0])  # names of countries are read once
    few = [queries(*question) for question in asked]
    for _ in range(10):
        factories.agreement()
    assert [queries(*question) for question in asked] == few
    assert max(few) <= 15


# Records


def page(address: str, query: str = "") -> HttpResponse:
    """The answer of a town's page."""
    url = f"/towns/{address}/"
    request = RequestFactory().get(url + query)
    request.resolver_match = resolve(url)
    return TownPage.as_view()(request, address=address)


def test_the_right_address_shows_the_record() -> None:
    town = factories.town("Évian-les-Bains")
    assert town.address == f"{town.reference}-evian-les-bains"
    response = page(town.address)
    assert response.status_code == 200
    assert response.context_data["object"] == town


def test_other_addresses_of_a_record_are_redirected_for_good() -> None:
    town = factories.town("Évian-les-Bains")
    for address in (town.reference, f"{town.reference}-", f"{town.reference}-evian", town.address.lower()):
        response = page(address, "?a=1&a=2")
        assert (response.status_code, response.url) == (301, f"/towns/{town.address}/?a=1&a=2"), address


def test_a_name_in_letters_without_ascii_has_the_reference_alone() -> None:
    town = factories.town("Тимбукту")
    assert page(town.reference).status_code == 200


@pytest.mark.parametrize("address", ["T0", "T999999999", "x", "-", "🧭", "T" * 1000, "%27"])
def test_an_unknown_reference_is_not_found(address: str) -> None:
    with pytest.raises(Http404):
        TownPage.as_view()(RequestFactory().get("/"), address=address)


@pytest.mark.parametrize("publication", ["draft", "submitted", "withdrawn"])
@pytest.mark.parametrize("merged", [False, True])
def test_what_never_was_public_is_not_found(publication: str, merged: bool) -> None:
    merged = merged and publication == "withdrawn"
    town = factories.town(publication=publication, merged_into=factories.town() if merged else None)
    with pytest.raises(Http404):
        page(town.address)


def test_merged_records_lead_to_the_one_that_survived() -> None:
    survivor = factories.town("Ville nouvelle")
    second = factories.town("Ville", **factories.WITHDRAWN, merged_into=survivor)
    first = factories.town("Bourg", **factories.WITHDRAWN, merged_into=second)
    response = page(first.address)
    assert (response.status_code, response.url) == (301, f"/towns/{survivor.address}/")


def test_withdrawn_records_are_gone_and_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    template = engines["django"].from_string("{{ record.reference }}: {{ withdrawal.reason }}")
    monkeypatch.setattr("django.template.loader.get_template", lambda *args, **kwargs: template)
    town = factories.town()
    with pghistory.context(reason="No such town."):
        Town.objects.filter(pk=town.pk).update(publication="withdrawn")
    response = page(town.address)
    assert response.status_code == 410
    assert response.content.decode() == f"{town.reference}: No such town."


def test_why_a_record_was_withdrawn_before_it_was_public_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    template = engines["django"].from_string("{{ record.reference }}: {{ withdrawal.reason }}")
    monkeypatch.setattr("django.template.loader.get_template", lambda *args, **kwargs: template)
    town = factories.town(publication="draft")
    with pghistory.context(reason="Among us"):
        Town.objects.filter(pk=town.pk).update(publication="withdrawn")
    time_passes()
    for publication in ("draft", "published", "withdrawn"):
        Town.objects.filter(pk=town.pk).update(publication=publication)
    assert page(town.address).content.decode() == f"{town.reference}: "


def test_merges_in_a_circle_end() -> None:
    first, second = factories.town(), factories.town()
    Town.objects.filter(pk=first.pk).update(publication="withdrawn", merged_into=second)
    Town.objects.filter(pk=second.pk).update(publication="withdrawn", merged_into=first)
    first.refresh_from_db()
    assert survivor(first).publication == "withdrawn"
