"""The administration when several people change the same record: what each of them did stays, or is asked about."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from core.admin.merging import MergedAdmin, MergedForm, MergedFormSet
from core.admin.rows import MAX_INLINE_ROWS
from networks import models as n
from partnerships import models as p
from tests import factories
from tests.core.admin.test_admin import MODELS, address, errors, opened
from tests.forms import Fields, forms_of, send

pytestmark = pytest.mark.django_db


def again(client: Client, response: Any, url: str, **changed: Any) -> Any:
    """Send the form of an answer once more."""
    assert response.status_code == 200
    return send(client, url, max(forms_of(response.text), key=len), **changed)


def added(fields: Fields, prefix: str, **values: Any) -> dict[str, Any]:
    """What a form sends that has a new row in one of its lists."""
    number = int(dict(fields)[f"{prefix}-TOTAL_FORMS"])
    return {f"{prefix}-TOTAL_FORMS": number + 1} | {f"{prefix}-{number}-{name}": one for name, one in values.items()}


@pytest.fixture
def agreement() -> p.Agreement:
    return factories.agreement(
        factories.town("Quetigny"), factories.town("Koulikoro", "ML"), description_en="As it was"
    )


@pytest.fixture
def url(agreement: p.Agreement) -> str:
    return address(p.Agreement, "change", agreement.pk)


def test_every_form_of_the_administration_merges() -> None:
    reverse("admin:index")  # the map of addresses registers the pages of accounts
    admins = [admin.site.get_model_admin(model) for model in {*MODELS, User}]
    forms = [one.form for one in admins] + [inline.form for one in admins for inline in one.inlines]
    assert all(issubclass(form, MergedForm) for form in forms)
    assert all(issubclass(inline.formset, MergedFormSet) for one in admins for inline in one.inlines)
    assert all(isinstance(one, MergedAdmin) for one in admins)


def test_what_somebody_did_not_change_stays_as_others_wrote_it(
    administrator_client: Client, agreement: p.Agreement, url: str
) -> None:
    form = opened(administrator_client, url)
    p.Agreement.objects.filter(pk=agreement.pk).update(description_en="First\nSecond ", signed="1986-05-24")
    assert send(administrator_client, url, form, activity="active").status_code == 302
    agreement.refresh_from_db()
    assert (agreement.activity, agreement.signed) == ("active", "1986-05-24")
    assert agreement.description_en == "First\nSecond "


def test_what_both_changed_is_asked_about_and_then_written(
    administrator_client: Client, agreement: p.Agreement, url: str
) -> None:
    form = opened(administrator_client, url)
    p.Agreement.objects.filter(pk=agreement.pk).update(description_en="Theirs", activity="dormant", signed="1986")
    mine = {"description_en": "Mine", "activity": "dormant", "formal_status": "in-force"}
    response = send(administrator_client, url, form, **mine)
    told = errors(response)
    assert told.count("Somebody else") == 1
    assert "“Description, English” meanwhile: it is “Theirs” now" in told
    agreement.refresh_from_db()
    assert (agreement.description_en, agreement.formal_status) == ("Theirs", "unknown")
    p.Agreement.objects.filter(pk=agreement.pk).update(description_en="Theirs again")
    response = again(administrator_client, response, url)
    assert "“Theirs again” now" in errors(response)
    assert again(administrator_client, response, url).status_code == 302
    agreement.refresh_from_db()
    assert (agreement.description_en, agreement.formal_status) == ("Mine", "in-force")
    assert (agreement.activity, agreement.signed) == ("dormant", "1986")


def test_the_form_of_a_town_merges_choices_numbers_and_what_was_emptied(administrator_client: Client) -> None:
    place = factories.territory("FR-21")
    town = factories.town("Quetigny", territory=place, population=9000, website="https://quetigny.example/")
    url = address(p.Town, "change", town.pk)
    form = opened(administrator_client, url)
    other = factories.territory("FR-71", name="Saône-et-Loire")
    p.Town.objects.filter(pk=town.pk).update(territory=other, population=9500, website="")
    third = factories.territory("FR-39")
    mine = {"territory": third.pk, "population": "9001", "website": "https://new.example/", "name": "Quetigny-les-Bois"}
    response = send(administrator_client, url, form, **mine)
    told = errors(response)
    assert "“Territory” meanwhile: it is “Saône-et-Loire” now" in told
    assert "“Population” meanwhile: it is “9,500” now" in told
    assert "has emptied “Website” meanwhile" in told
    response = again(administrator_client, response, url, territory=other.pk, website="")
    assert response.status_code == 302
    town.refresh_from_db()
    assert (town.territory, town.population, town.website, town.name) == (other, 9001, "", "Quetigny-les-Bois")


def test_the_line_ends_of_a_browser_are_no_change(
    administrator_client: Client, agreement: p.Agreement, url: str
) -> None:
    p.Agreement.objects.filter(pk=agreement.pk).update(description_en="One\nTwo", description_fr="Un\nDeux")
    form = [(name, value.replace("\n", "\r\n")) for name, value in opened(administrator_client, url)]
    response = send(administrator_client, url, form, description_en="One\r\nTwo\r\nThree")
    assert response.status_code == 302, errors(response)
    agreement.refresh_from_db()
    assert agreement.description_en.splitlines() == ["One", "Two", "Three"]
    assert agreement.description_fr == "Un\nDeux"


def test_a_form_that_does_not_say_what_was_seen_overwrites_nothing(administrator_client: Client) -> None:
    town = factories.town("Quetigny", population=9000)
    url = address(p.Town, "change", town.pk)
    form = [(name, value) for name, value in opened(administrator_client, url) if not name.startswith("initial-")]
    response = send(administrator_client, url, form, population="1")
    assert "“Population” meanwhile: it is “9,000” now" in errors(response)
    assert "“Name”" not in errors(response)


def test_ticks_of_a_list_are_merged(administrator_client: Client) -> None:
    body = factories.support_body(services=[])
    url = address(n.SupportBody, "change", body.pk)
    form = opened(administrator_client, url)
    choices = [value for value, _name in n.SupportBody._meta.get_field("services").base_field.choices]
    n.SupportBody.objects.filter(pk=body.pk).update(services=choices[:2])
    assert send(administrator_client, url, form, name="Another name").status_code == 302
    body.refresh_from_db()
    assert (body.name, body.services) == ("Another name", choices[:2])
    response = send(administrator_client, url, form, services=choices[2:3])
    assert "“services”" in errors(response)


# Rows


def test_rows_are_merged_as_the_record_is(administrator_client: Client, agreement: p.Agreement, url: str) -> None:
    party = agreement.parties.get(position=1)
    form = opened(administrator_client, url)
    p.Party.objects.filter(pk=party.pk).update(joined="1990")
    assert send(administrator_client, url, form, **{"parties-0-left": "2001"}).status_code == 302
    party.refresh_from_db()
    assert (party.joined, party.left) == ("1990", "2001")
    response = send(administrator_client, url, form, **{"parties-0-joined": "1991"})
    assert "“Joined” meanwhile: it is “1990” now" in errors(response)
    assert again(administrator_client, response, url).status_code == 302
    party.refresh_from_db()
    assert (party.joined, party.left) == ("1991", "2001")


def test_a_row_that_was_removed_meanwhile_is_not_brought_back_unasked(
    administrator_client: Client, agreement: p.Agreement, url: str
) -> None:
    for year in ("1990", "2000", "2010"):
        p.Renewal.objects.create(agreement=agreement, renewed=year)
    form = opened(administrator_client, url)
    (row,) = [name for name, value in form if re.fullmatch(r"renewals-\d-renewed", name) and value == "2000"]
    agreement.renewals.filter(renewed__in=["1990", "2000"]).delete()
    assert send(administrator_client, url, form, activity="active").status_code == 302
    assert [one.renewed for one in agreement.renewals.all()] == ["2010"]
    response = send(administrator_client, url, form, **{row: "2001"}, **added(form, "renewals", renewed="2020"))
    assert "removed this row meanwhile" in errors(response)
    assert agreement.renewals.count() == 1
    assert again(administrator_client, response, url).status_code == 302
    assert sorted(one.renewed for one in agreement.renewals.all()) == ["2001", "2010", "2020"]


def test_a_row_that_was_added_meanwhile_stays_and_is_shown(
    administrator_client: Client, agreement: p.Agreement, url: str
) -> None:
    form = opened(administrator_client, url)
    factories.party(agreement, factories.town("Nordenham", "DE"), position=3)
    new = added(form, "parties", town=factories.town("Plauen", "DE").pk, joined="soon")
    response = send(administrator_client, url, form, **new)
    assert "is not a date" in errors(response)
    assert again(administrator_client, response, url, **{"parties-3-joined": "1999"}).status_code == 302
    parties = [(str(party), party.position) for party in agreement.parties.order_by("position")]
    assert parties == [("Quetigny", 1), ("Koulikoro", 2), ("Nordenham", 3), ("Plauen", 4)]


def test_a_row_is_not_removed_with_what_somebody_else_wrote_into_it(
    administrator_client: Client, agreement: p.Agreement, url: str
) -> None:
    renewal = p.Renewal.objects.create(agreement=agreement, renewed="1990")
    form = opened(administrator_client, url)
    p.Renewal.objects.filter(pk=renewal.pk).update(valid_until="2000")
    response = send(administrator_client, url, form, **{"renewals-0-DELETE": "on"})
    assert "Valid until: 2000" in errors(response)
    assert p.Renewal.objects.filter(pk=renewal.pk).exists()
    assert again(administrator_client, response, url).status_code == 302
    assert not p.Renewal.objects.filter(pk=renewal.pk).exists()


def test_a_list_that_grew_too_long_for_the_form_meanwhile_is_saved_as_it_was_sent(administrator_client: Client) -> None:
    town = factories.town("Quetigny")
    name = p.TownName.objects.create(town=town, name="Name")
    url = address(p.Town, "change", town.pk)
    form = opened(administrator_client, url)
    p.TownName.objects.bulk_create(p.TownName(town=town, name=f"Name {number}") for number in range(MAX_INLINE_ROWS))
    (prefix,) = {field.split("-")[0] for field, value in form if value == "Name" and not field.startswith("initial")}
    assert send(administrator_client, url, form, **{f"{prefix}-0-name": "Mine"}).status_code == 302
    name.refresh_from_db()
    assert name.name == "Mine"
    assert town.names.count() == MAX_INLINE_ROWS + 1


def test_an_account_that_was_shut_is_not_opened_by_a_form_from_before(administrator_client: Client) -> None:
    vera = factories.user("vera")
    joined = vera.date_joined
    url = address(User, "change", vera.pk)
    form = opened(administrator_client, url)
    User.objects.filter(pk=vera.pk).update(is_active=False)
    response = send(administrator_client, url, form, first_name="Vera")
    assert response.status_code == 302, errors(response)
    vera.refresh_from_db()
    assert (vera.first_name, vera.is_active, vera.date_joined) == ("Vera", False, joined)
