"""Pages that are kept for everybody: nobody finds in them what was another's."""

from collections.abc import Iterator
from itertools import product

import pytest
from django.contrib.messages.storage.base import Message
from django.contrib.messages.storage.cookie import CookieStorage
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver, get_resolver, reverse

from coopdir import map
from core.history import _event_tables
from core.lists.views import FacetedListingView
from partnerships.models import Country, Territory
from tests import factories as f
from tests.coopdir.test_pages import populate
from tests.test_doors import DOORS, arguments, named

pytestmark = pytest.mark.django_db(transaction=True)  # a page is kept only where nothing can be taken back any more

TOLD = "You have signed out of everything."

__all__ = ["arguments"]


def kept_addresses() -> Iterator[str]:
    """The addresses of every list that is kept, in each of its views, and of the map's data."""
    stack = list(get_resolver().url_patterns)
    while stack:
        pattern = stack.pop()
        if isinstance(pattern, URLResolver):
            stack += pattern.url_patterns
        elif issubclass(view := getattr(pattern.callback, "view_class", object), FacetedListingView):
            for name in view.view_names:
                yield f"{reverse(pattern.name)}?view={name}"
    yield reverse("map_data")


def forget() -> None:
    """Begin as a new process does."""
    FacetedListingView.kept.clear()
    map._kept.cache_clear()


@pytest.fixture
def cookies(client: Client) -> dict[str, dict[str, str]]:
    """What a browser may bring of each kind."""
    officer = Client()
    officer.force_login(f.officer("Known-by-name", f.territory("FR-BFC")))
    told = CookieStorage(RequestFactory().get("/"))._encode([Message(20, TOLD)])
    token = Client().get("/en/account/login/").cookies["csrftoken"].value
    return {
        "messages": {"messages": told},
        "session": {"sessionid": officer.cookies["sessionid"].value},
        "csrf": {"csrftoken": token},
        "language": {"django_language": "fr"},
        "unknown": {"_pk_id": "seen-before"},
    }


def answer(url: str, cookies: dict[str, str]) -> str:
    """What a new browser with some cookies is shown."""
    browser = Client()
    browser.cookies.load(cookies)
    response = browser.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def test_who_comes_after_somebody_gets_a_clean_page(cookies: dict[str, dict[str, str]]) -> None:
    populate()
    found = list(kept_addresses())
    assert {"/en/agreements/?view=list", "/en/map/?view=list", "/map.json"} <= set(found)
    for url in found:
        forget()
        clean = answer(url, {})
        for kind, brought in cookies.items():
            forget()
            own, after = answer(url, brought), answer(url, {})
            assert after == clean, (url, kind)
            assert (TOLD in own) == (kind == "messages" and url != "/map.json"), url
            assert ('action="/en/account/logout/"' in own) == (kind == "session" and url != "/map.json"), url
            forget()
            answer(url, {})  # what is kept meanwhile does not replace their own
            again = answer(url, brought)
            assert (TOLD in again, "/logout/" in again) == (TOLD in own, "/logout/" in own), (url, kind)


@pytest.mark.long
def test_no_public_address_keeps_what_was_anothers(
    arguments: dict[str, list], cookies: dict[str, dict[str, str]]
) -> None:
    tried = 0
    for name in sorted(set(named(get_resolver().url_patterns)) & DOORS.keys()):
        url = reverse(name, args=arguments.get(name, ()))
        for brought in ({**cookies["messages"], **cookies["csrf"], **cookies["language"]}, cookies["session"]):
            forget()
            browser = Client()
            browser.cookies.load(brought)
            browser.get(url)
            response = Client().get(url)
            if response.status_code == 200 and not response.streaming:
                text = response.content.decode(errors="replace")
                assert TOLD not in text, name
                assert "Known-by-name" not in text, name
                assert "/account/logout/" not in text, name
                tried += 1
    assert tried > 150


def test_what_a_kept_page_reads_is_part_of_its_key() -> None:
    """Each table that is read for a page is one that history keeps, or that the labels are of."""
    populate()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid"
            " WHERE prosrc LIKE '%coopdir_change%'"
        )
        reported = {table for (table,) in cursor.fetchall()}
    known = {table.removesuffix("event") for table in _event_tables()} | reported
    others = set(connection.introspection.table_names()) - known - {"coopdir_change", "coopdir_index"}
    question = "&q=mali&country=FR&territory=FR-BFC&theme=water&sort=name"
    for url, more in product(kept_addresses(), ("", question)):
        size = len(FacetedListingView.kept)
        with CaptureQueriesContext(connection) as asked:
            answer(url + (more if "?" in url else more.replace("&", "?", 1)), {})
        if "view=" in url and len(FacetedListingView.kept) == size:
            assert "view=table" in url  # answers of partners
            continue
        read = " ".join(query["sql"] for query in asked)
        assert [table for table in others if f'"{table}"' in read] == [], url


def test_a_kept_page_goes_with_everything_in_it(client: Client) -> None:
    f.agreement(f.town("Dijon", territory=f.territory("FR-21", name="Old department")), f.town("Mainz", "DE"))
    page, data = "/en/agreements/", "/map.json?country=FR"
    for url in (page, data, page, data):
        client.get(url)
    Country.objects.filter(pk="FR").update(name_en="Gaul")
    assert "Gaul" in client.get(data).json()["countries"]["name"]
    assert "Gaul" in client.get(page).content.decode()
    Territory.objects.filter(pk="FR-21").update(name="New department")
    assert "Old department" not in client.get(page).content.decode()
    client.get(page)
    before = set(FacetedListingView.kept)
    f.source()
    client.get(page)
    assert len(set(FacetedListingView.kept) - before) == 1  # made anew: it cites the version of the data
