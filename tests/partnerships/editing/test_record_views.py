"""Towns, organisations and support bodies are changed by the officers of their territories."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from networks.models import SupportBody
from partnerships.models import PublicRecord, Town
from tests import factories
from tests.editing import time_passes

pytestmark = pytest.mark.django_db


def served() -> SupportBody:
    body = factories.support_body("Bourgogne-Franche-Comté International", website="https://old.example.org/")
    body.territories.add(factories.territory("FR-BFC"))
    return body


RECORDS: dict[str, Callable[[], PublicRecord]] = {
    "town": lambda: factories.town(
        "Dijon", territory=factories.territory("FR-BFC"), website="https://old.example.org/", insee="21231"
    ),
    "organisation": lambda: factories.organisation(
        "Lycée Carnot", territory=factories.territory("FR-BFC"), website="https://old.example.org/"
    ),
    "supportbody": served,
}


@pytest.fixture(params=RECORDS)
def record(db: None, request: pytest.FixtureRequest) -> PublicRecord:
    """A record of each kind in the officer's region."""
    found = RECORDS[request.param]()
    time_passes()
    return found


def address(record: PublicRecord) -> str:
    return reverse(f"{record._meta.model_name}_edit", args=[record.reference])


def page_of(record: PublicRecord, name: str = "") -> str:
    return reverse(f"{record._meta.model_name}{name}", args=[record.address])


def typed(client: Client, record: PublicRecord, **changed: Any) -> dict[str, Any]:
    """What the form sends, with some fields changed."""
    page = client.get(address(record))
    values = {name: page.context["form"][name].value() for name in page.context["form"].fields}
    empty = {name: "" for name, value in values.items() if value is None}
    return values | empty | {"base": page.context["base"]} | changed


def test_an_officer_changes_it_and_the_time_line_tells(officer_client: Client, record: PublicRecord) -> None:
    change = typed(officer_client, record, website="https://new.example.org/")
    answer = officer_client.post(address(record), change)
    assert answer.headers["Location"] == page_of(record)
    record.refresh_from_db()
    assert record.website == "https://new.example.org/"
    entry = officer_client.get(page_of(record, "_history")).context["page_obj"][0]
    assert entry.author.text == f"an officer of {factories.territory('FR-BFC')}"
    assert [(difference.label, difference.before, difference.after) for difference in entry.differences] == [
        ("website", "https://old.example.org/", record.website)
    ]


def test_only_who_may_change_it_is_led_to_the_form(
    officer_client: Client, client: Client, record: PublicRecord
) -> None:
    assert address(record) in officer_client.get(page_of(record)).content.decode()
    client.force_login(factories.officer("elsewhere", factories.territory("FR-BRE")))
    assert address(record) not in client.get(page_of(record)).content.decode()
    assert client.post(address(record), {}).status_code == 403


def test_what_is_withdrawn_is_not_changed(officer_client: Client, record: PublicRecord) -> None:
    change = typed(officer_client, record, name="Another name")
    type(record).objects.update(publication="withdrawn")
    assert officer_client.post(address(record), change).status_code == 404
    record.refresh_from_db()
    assert record.name != "Another name"


def test_who_comes_second_sees_what_came_first(
    officer_client: Client, administrator_client: Client, record: PublicRecord
) -> None:
    mine = typed(officer_client, record, name="My name")
    administrator_client.post(address(record), typed(administrator_client, record, name="Their name"))
    answer = officer_client.post(address(record), mine)
    assert answer.status_code == 409
    assert answer.context["theirs"] == [("Name", "Their name")]
    assert answer.context["form"]["name"].value() == "My name"
    record.refresh_from_db()
    assert record.name == "Their name"
    officer_client.post(address(record), mine | {"base": answer.context["base"]})
    record.refresh_from_db()
    assert record.name == "My name"


def test_what_each_changed_elsewhere_stays(
    officer_client: Client, administrator_client: Client, record: PublicRecord
) -> None:
    mine = typed(officer_client, record, name="My name")
    site = "https://theirs.example.org/"
    administrator_client.post(address(record), typed(administrator_client, record, website=site))
    answer = officer_client.post(address(record), mine)
    assert (answer.status_code, answer.context["theirs"]) == (409, [])
    assert answer.context["taken"] == [("Website", site)]
    shown = answer.context["form"]
    assert (shown["name"].value(), shown["website"].value()) == ("My name", site)
    again = {name: values for name, values in shown.data.items() if values is not None}
    officer_client.post(address(record), again | {"base": answer.context["base"]})
    record.refresh_from_db()
    assert (record.name, record.website) == ("My name", site)


def test_what_breaks_a_rule_is_said_at_the_form(officer_client: Client, record: PublicRecord) -> None:
    answer = officer_client.post(address(record), typed(officer_client, record, name="", website="nowhere"))
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == {"name", "website"}
    record.refresh_from_db()
    assert record.name


def test_the_identifier_of_another_town_is_refused_in_words(officer_client: Client) -> None:
    town, other = RECORDS["town"](), factories.town("Dole", insee="39198")
    answer = officer_client.post(address(town), typed(officer_client, town, insee=other.insee))
    assert "Another town has this identifier already." in answer.content.decode()
    assert Town.objects.get(pk=town.pk).insee == "21231"


def test_a_town_has_numbers_and_may_lose_them(officer_client: Client) -> None:
    town = RECORDS["town"]()
    given = typed(officer_client, town, latitude="47.32", longitude="5.04", population="158002", insee="")
    assert officer_client.post(address(town), given).status_code == 302
    town.refresh_from_db()
    assert (town.latitude, town.longitude, town.population, town.insee) == (47.32, 5.04, 158002, None)
    half = officer_client.post(address(town), typed(officer_client, town, longitude=""))
    assert "Coordinates need both numbers" in half.content.decode()


def test_the_services_of_a_support_body_are_ticked(officer_client: Client) -> None:
    body = served()
    given = typed(officer_client, body, services=["training"], founded="1986")
    assert officer_client.post(address(body), given).status_code == 302
    body.refresh_from_db()
    assert (body.services, body.founded) == (["training"], "1986")


def test_a_contributor_does_not_write_what_is_public(client: Client, record: PublicRecord, administrator: User) -> None:
    region = factories.territory("FR-BFC")
    client.force_login(factories.officer("contributor", region, role="contributor"))
    assert address(record) not in client.get(page_of(record)).content.decode()
    assert client.get(address(record)).status_code == 403
