"""Who gets through which door: every address, by every method, as every kind of person.

A new address without a line in `DOORS` fails the test: nothing is reachable that nobody thought of.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from tests import factories

ROLES = ("anonymous", "contributor", "elsewhere", "officer", "coordinator", "administrator")
"""Who comes: three people with a mandate in the region that the records lie in, and an officer of another region."""

SHOWN = (200, 405)  # a page for everybody to read, and nothing to write there


def named(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    """The full names of all addresses; the admin, which has hundreds of one kind, is tested apart."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                prefix = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from named(pattern.url_patterns, prefix)
        else:
            yield f"{namespace}{pattern.name or pattern.pattern}"


@pytest.fixture
def arguments(db: None) -> dict[str, list[Any]]:
    """What the addresses of single records need: the address of one that is there."""
    territory = factories.territory("FR-BFC")
    town = factories.town("Dijon", territory=territory)
    agreement = factories.agreement(town, factories.town("Mainz", "DE"))
    return {
        "country": [factories.country("ML").code.lower()],
        "country_pair": [factories.country("FR").code.lower(), factories.country("ML").code.lower()],
        "territory": [territory.code],
        "town": [factories.town("Koulikoro", "ML").address],
        "agreement": [agreement.address],
        "organisation": [factories.organisation().address],
        "network": [factories.network().address],
        "supportbody": [factories.support_body().address],
    }


# Name of the address: answers to GET, then to POST; one for everybody, or one for each of ROLES.
Answer = int | tuple[int, int, int, int, int, int]
DOORS: dict[str, tuple[Answer, Answer]] = {
    "home": SHOWN,
    "about": SHOWN,
    "accessibility": SHOWN,
    "search": SHOWN,
    "suggest": SHOWN,
    "statistics": SHOWN,
    "map": SHOWN,
    "map_data": SHOWN,
    "agreements_csv": SHOWN,
    "towns_csv": SHOWN,
    "organisations_csv": SHOWN,
    "networks_csv": SHOWN,
    "support_bodies_csv": SHOWN,
    "agreements": SHOWN,
    "agreement": SHOWN,
    "countries": SHOWN,
    "country": SHOWN,
    "country_pair": SHOWN,
    "territory": SHOWN,
    "towns": SHOWN,
    "town": SHOWN,
    "organisations": SHOWN,
    "organisation": SHOWN,
    "networks": SHOWN,
    "network": SHOWN,
    "support_bodies": SHOWN,
    "supportbody": SHOWN,
    "milestones": SHOWN,
    "links": SHOWN,
}


def answers(expected: Answer) -> dict[str, int]:
    """The answer that each role should get."""
    return dict(zip(ROLES, (expected,) * len(ROLES) if isinstance(expected, int) else expected, strict=True))


@pytest.fixture
def browsers(client: Client, officer_client: Client, administrator_client: Client) -> dict[str, Client]:
    """A browser of each role."""
    here, elsewhere = factories.territory("FR-BFC"), factories.territory("FR-BRE")
    others = {
        "contributor": factories.officer("contributor", here, role="contributor"),
        "elsewhere": factories.officer("elsewhere", elsewhere),
        "coordinator": factories.officer("coordinator", here, role="coordinator"),
    }
    found = {"anonymous": client, "officer": officer_client, "administrator": administrator_client}
    for role, user in others.items():
        found[role] = Client()
        found[role].force_login(user)
    return found


def answer_to(browser: Client, method: str, url: str) -> int:
    """The status of an answer; what the request wrote is undone, so that the next visitor finds the same records."""
    with transaction.atomic():
        status = getattr(browser, method)(url).status_code
        transaction.set_rollback(True)
    return status


def test_every_address_has_a_door() -> None:
    assert set(named(get_resolver().url_patterns)) == set(DOORS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", DOORS)
def test_door(name: str, browsers: dict[str, Client], arguments: dict[str, list[Any]]) -> None:
    url = reverse(name, args=arguments.get(name.rpartition(":")[2]))
    for method, expected in zip(("get", "post"), DOORS[name], strict=True):
        found = {role: answer_to(browsers[role], method, url) for role in ROLES}
        assert found == answers(expected), f"{method.upper()} {url}"


@pytest.mark.django_db
def test_admin_asks_everybody_but_staff_to_log_in(browsers: dict[str, Client]) -> None:
    login = reverse("admin:login")
    for name in ("index", "app_list", "auth_user_changelist", "auth_user_add", "password_change", "jsi18n"):
        url = reverse(f"admin:{name}", args=["auth"] if name == "app_list" else None)
        for role in ("anonymous", "officer"):
            for method in ("get", "post"):
                answer = getattr(browsers[role], method)(url)
                assert answer.status_code == 302, (url, role, method)
                assert answer["Location"].startswith(login), (url, role, method)


@pytest.mark.django_db
def test_staff_without_permissions_see_no_records(officer: User, officer_client: Client) -> None:
    User.objects.filter(pk=officer.pk).update(is_staff=True)
    for name in named_admin():
        if name.endswith(("_changelist", "_add")):
            assert officer_client.get(reverse(f"admin:{name}")).status_code == 403, name


@pytest.mark.django_db
def test_administrator_opens_every_list_of_the_admin(administrator_client: Client) -> None:
    factories.agreement()
    for name in named_admin():
        if name.endswith(("_changelist", "_add")):
            answer = administrator_client.get(reverse(f"admin:{name}")).status_code
            assert answer == 200 or (answer == 403 and name.endswith("_add")), name  # some are for reading only


def named_admin() -> list[str]:
    """The names of the addresses of the admin."""
    for pattern in get_resolver().url_patterns:
        for inner in getattr(pattern, "url_patterns", []):
            if getattr(inner, "namespace", "") == "admin":
                return [name for name in named(inner.url_patterns) if "_" in name]
    raise AssertionError("there is no admin")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_addresses_lie_under_their_language(language: str) -> None:
    with translation.override(language):
        assert reverse("admin:index").startswith(f"/{language}/")
