"""A support body is changed by the officers of the territories that it serves."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from networks.models import SupportBody
from tests import factories
from tests.editing import time_passes

pytestmark = pytest.mark.django_db


@pytest.fixture
def body(db: None) -> SupportBody:
    """The support body of the officer's region."""
    body = factories.support_body("Bourgogne-Franche-Comté International", website="https://old.example.org/")
    body.territories.add(factories.territory("FR-BFC"))
    time_passes()
    return body


def address(body: SupportBody) -> str:
    return f"/en/my/support-bodies/{body.reference}/edit/"


def typed(client: Client, body: SupportBody, **changed: object) -> dict[str, object]:
    """What the form sends, with some fields changed."""
    page = client.get(address(body))
    fields = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    return fields | {"services": page.context["form"]["services"].value(), "base": page.context["base"]} | changed


def test_an_officer_changes_it_and_the_time_line_tells(officer_client: Client, body: SupportBody) -> None:
    change = typed(officer_client, body, website="https://new.example.org/", services=["training"], founded="1986")
    answer = officer_client.post(address(body), change)
    assert answer.headers["Location"] == f"/en/support-bodies/{body.address}/"
    body.refresh_from_db()
    assert (body.website, body.services, body.founded) == ("https://new.example.org/", ["training"], "1986")
    entry = officer_client.get(f"/en/support-bodies/{body.address}/history/").context["page_obj"][0]
    assert entry.author.text == "an officer of Bourgogne-Franche-Comté"
    assert ("website", "https://old.example.org/", body.website) in {
        (difference.label, difference.before, difference.after) for difference in entry.differences
    }


def test_only_who_may_change_it_is_led_to_the_form(officer_client: Client, client: Client, body: SupportBody) -> None:
    page = f"/en/support-bodies/{body.address}/"
    assert address(body) in officer_client.get(page).content.decode()
    client.force_login(factories.officer("elsewhere", factories.territory("FR-BRE")))
    assert address(body) not in client.get(page).content.decode()
    assert client.post(address(body), {}).status_code == 403


def test_who_comes_second_sees_what_came_first(
    officer_client: Client, administrator: User, administrator_client: Client, body: SupportBody
) -> None:
    mine = typed(officer_client, body, seat="Dijon")
    administrator_client.post(address(body), typed(administrator_client, body, seat="Besançon"))
    answer = officer_client.post(address(body), mine)
    assert answer.status_code == 409
    assert answer.context["theirs"] == [("Seat", "Besançon")]
    assert answer.context["form"]["seat"].value() == "Dijon"
    body.refresh_from_db()
    assert body.seat == "Besançon"
    officer_client.post(address(body), mine | {"base": answer.context["base"]})
    body.refresh_from_db()
    assert body.seat == "Dijon"


def test_what_the_database_would_refuse_is_said_at_the_form(officer_client: Client, body: SupportBody) -> None:
    wrong = typed(officer_client, body, founded="1990", dissolved="1980", name="")
    answer = officer_client.post(address(body), wrong)
    assert answer.status_code == 200
    assert "name" in answer.context["form"].errors
    body.refresh_from_db()
    assert body.name
