"""What browsers and proxies may keep of an answer."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from core.caching import CACHED_PATHS as PATHS
from core.caching import SHARED, CacheControlMiddleware
from tests import factories
from tests.accounts import log_in, person, with_app
from tests.test_doors import DOORS
from tests.test_doors import arguments as arguments_of_doors

arguments = arguments_of_doors  # a fixture

PAGES = ("/en/", "/fr/agreements/", "/en/account/", "/en/my/", "/en/agreements/?view=map", "/en/nothing-here/")


@pytest.mark.parametrize("path", PAGES)
def test_what_a_signed_in_person_sees_is_kept_nowhere(officer_client: Client, path: str) -> None:
    assert officer_client.get(path)["Cache-Control"] == "private, no-store"


def test_a_record_and_its_history_too(officer_client: Client) -> None:
    agreement = factories.agreement(factories.town("Dijon"), factories.town("Mainz", "DE"))
    for path in ("", "history/"):
        answer = officer_client.get(f"/en/agreements/{agreement.reference}/{path}", follow=True)
        assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/en/my/forms/", 405), ("DELETE", "/en/my/", 405), ("GET", "/fr/nothing/", 404),
     ("GET", "/en/towns/x/", 404), ("POST", "/en/account/password/change/", 403),
     ("GET", f"/en/agreements/?{'a=1&' * 4_100}", 413), ("GET", "/documents/0/", 404), ("POST", "/documents/0/", 405)],
)  # fmt: skip
def test_what_a_signed_in_person_is_refused_is_kept_nowhere(officer: User, method: str, path: str, status: int) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officer)
    answer = browser.generic(method, path)
    assert (answer.status_code, answer["Cache-Control"]) == (status, "private, no-store")


def test_a_body_that_nobody_reads_too(officer_client: Client) -> None:
    answer = officer_client.generic("POST", "/en/my/", b"x", content_type="text/plain; charset=hex")
    assert (answer.status_code, answer["Cache-Control"]) == (415, "private, no-store")


def test_who_is_half_way_in_and_who_was_in(client: Client, db: None) -> None:
    user: User = with_app(person())
    assert log_in(client, user) == "/en/account/steps/login/"
    assert "no-store" in client.get("/en/account/steps/login/")["Cache-Control"]
    client.force_login(user)
    client.post("/en/account/logout/")
    assert "no-store" not in client.get("/en/").get("Cache-Control", "")


@pytest.mark.parametrize("cookies", [{}, {"sessionid": "of-nobody"}, {"messages": "x"}])
def test_visitors_pages_may_be_kept(client: Client, db: None, cookies: dict[str, str]) -> None:
    client.cookies.load(cookies)
    assert "no-store" not in client.get("/en/agreements/").get("Cache-Control", "")


def test_what_no_session_was_asked_for_is_the_same_for_all(client: Client, officer_client: Client) -> None:
    for path in ("/map.json", "/api/v1/"):
        here, there = (browser.get(path) for browser in (client, officer_client))
        assert here.get("Cache-Control") == there.get("Cache-Control")


def test_a_page_for_everybody_may_be_shared_by_those_without_cookies(client: Client, db: None) -> None:
    for path in ("/en/", "/fr/agreements/?view=map", "/en/statistics/"):
        answer = Client().get(path)
        assert answer["Cache-Control"] == "public, max-age=0, s-maxage=5, stale-if-error=86400"
        assert "Cookie" in answer["Vary"]
        for brought in (
            {"sessionid": "of-nobody"},
            {"messages": "x"},
            {"_pk_id": "unknown"},
            {"django_language": "fr"},
        ):
            browser = Client()
            browser.cookies.load(brought)
            assert browser.get(path)["Cache-Control"].startswith("private"), brought
        assert Client(headers={"Authorization": "Bearer x"}).get(path)["Cache-Control"] == "private"


def test_an_answer_that_brings_a_cookie_is_for_one_visitor() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        answer = HttpResponse("Good day")
        if request.GET:
            answer.set_cookie("csrftoken", "x")
        return answer

    site = CacheControlMiddleware(view)
    for query, kept in (("", SHARED), ("?form=1", "private, no-cache")):
        assert site(RequestFactory().get(f"/en/towns/{query}"))["Cache-Control"] == kept


def test_what_is_gone_takes_the_place_of_the_page(client: Client, db: None) -> None:
    record = factories.agreement(factories.town("Dijon"), factories.town("Mainz", "DE"))
    url = f"/en/agreements/{record.address}/"
    assert client.get(url)["Cache-Control"] == SHARED
    type(record).objects.filter(pk=record.pk).update(publication="withdrawn")
    gone = client.get(url)
    assert (gone.status_code, gone["Cache-Control"]) == (410, SHARED)
    stays = factories.agreement(factories.town("Lyon"), factories.town("Mali", "ML"))
    type(record).objects.filter(pk=record.pk).update(merged_into=stays)
    merged = client.get(url)
    assert (merged.status_code, merged["Cache-Control"]) == (301, SHARED)
    browser = Client()
    browser.cookies.load({"messages": "x"})
    assert browser.get(url)["Cache-Control"] == "no-cache"  # the merge can be undone
    type(record).objects.filter(pk=record.pk).delete()
    erased = client.get(url)
    assert (erased.status_code, erased["Cache-Control"]) == (404, SHARED)


def test_what_is_withdrawn_is_in_no_copy_after_a_minute(client: Client, arguments: dict[str, list[Any]]) -> None:
    seen = 0
    for name in DOORS.keys() - {"dump_file", "dump_manifest"}:  # copies of a day, which say so
        answer = client.get(reverse(name, args=arguments.get(name.rpartition(":")[2])))
        if answer.status_code not in (200, 303):
            continue
        seen += 1
        said = answer.get("Cache-Control", "")
        asked_again = "no-cache" in said or "no-store" in said
        ages = [int(age) for age in re.findall(r"max-?age=(\d+)", said)]
        assert asked_again or max(ages, default=0) <= 60, (name, said)
        assert asked_again or ages or ("Last-Modified" not in answer and "Expires" not in answer), name
        assert "immutable" not in said, name
    assert seen > 80


@pytest.mark.parametrize("address", ["/agreements.atom", "/changes.atom", "/card/en/{}.png", "/agreements/{}.json"])
def test_data_are_asked_for_again_and_not_sent_again(client: Client, db: None, address: str) -> None:
    address = address.format(factories.agreement().reference)
    first = client.get(address)
    first.getvalue()
    assert first["Cache-Control"] == "no-cache"
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    "path", ["/", "/en/account/login/", "/en/nothing/", "/en/my/", "/fr/admin/", "/en/nothing/A0-x/"]
)
def test_everything_else_is_for_who_asked(client: Client, db: None, path: str) -> None:
    assert client.get(path)["Cache-Control"].startswith(("private", "max-age=0"))


def test_no_address_with_a_key_is_among_those_for_everybody() -> None:
    keyed = {name: ["signed:key"] for name in ("proposal", "confirm", "digest_stop", "invitation")}
    for name, arguments in keyed.items():
        assert not PATHS.fullmatch(reverse(name, args=arguments)), name
    for name in ("my", "account", "account_login", "admin:index"):
        assert not PATHS.fullmatch(reverse(name)), name
    assert PATHS.fullmatch(reverse("agreements"))
