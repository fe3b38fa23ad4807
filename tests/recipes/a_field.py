"""Tests of a field that `tests/test_add_a_field.py` adds to a copy of the project: they find it through every door.

They run in the copy alone, as `test_a_field.py`.
"""

import csv
import io
import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from partnerships.editing import snapshot, workflow
from partnerships.models import Agreement, Mandate, Source
from partnerships.people import tokens
from tests import factories as f
from tests.forms import filters_of
from tests.importing import load_file


def agreement_of(territory: str = "FR-BFC", **more: Any) -> Agreement:
    """A published agreement of Dijon and Mainz."""
    return f.agreement(f.town("Dijon", territory=f.territory(territory)), f.town("Mainz", "DE"), **more)


def test_the_form_shows_keeps_and_tells_it(officer_client: Client, officer: User) -> None:
    agreement = agreement_of()
    address = f"/en/my/agreements/{agreement.reference}/edit/"
    page = officer_client.get(address).content.decode()
    assert 'name="momentum"' in page
    content = snapshot.read_content(agreement) | {"momentum": "active"}
    workflow.save(by=officer, content=content, agreement=agreement)
    agreement.refresh_from_db()
    assert agreement.momentum == "active"
    told = [(one.label, one.after) for one in snapshot.content_differences(snapshot.empty(), content)]
    assert ("momentum", "active") in told
    assert snapshot.at(agreement, timezone.now())["momentum"] == "active"  # as the history tells it
    assert "Momentum" in officer_client.get(f"/en/agreements/{agreement.address}/").content.decode()


def test_files_bring_it_and_take_it_along(administrator: User, client: Client) -> None:
    f.town("Dijon"), f.town("Mainz", "DE")
    text = "kind,party_1,country_1,party_2,country_2,momentum\ntwinning,Dijon,FR,Mainz,DE,active\n"
    assert [row.outcome for row in load_file("agreements", text.encode(), user=administrator).rows] == ["created"]
    assert Agreement.objects.get().momentum == "active"
    plain = text.replace(",active", ",").replace("twinning", "friendship")
    assert [row.outcome for row in load_file("agreements", plain.encode(), user=administrator).rows] == ["created"]
    assert Agreement.objects.get(kind="friendship").momentum == "unknown"
    answer = client.get("/agreements.csv?domestic=1")
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert sorted(row["momentum"] for row in rows) == ["active", "unknown"]


def test_records_and_the_api_have_it(client: Client, officer: User) -> None:
    agreement = agreement_of(momentum="dormant")
    assert client.get(f"/api/v1/agreements/{agreement.reference}").json()["momentum"] == "dormant"
    mandate = Mandate.objects.filter(user=officer).first()
    secret = tokens.create_token(by=officer, mandate=mandate, name="Test")[1]
    address = f"/api/v1/agreements/{agreement.reference}/content"
    headers = {"Authorization": f"Bearer {secret}"}
    stored = client.get(address, headers=headers)
    assert stored.json()["content"]["momentum"] == "dormant"
    headers["If-Match"] = stored["ETag"]
    for value, status in (("sideways", 422), ("active", 200)):
        answer = client.patch(address, json.dumps({"momentum": value}), "application/json", headers=headers)
        assert answer.status_code == status, answer.content
    agreement.refresh_from_db()
    assert agreement.momentum == "active"


def test_lists_are_asked_for_it(db: None, client: Client) -> None:
    agreement_of(momentum="dormant")
    agreement_of(kind="friendship")
    rows = list(csv.DictReader(io.StringIO(client.get("/agreements.csv?momentum=dormant").getvalue().decode())))
    assert [row["momentum"] for row in rows] == ["dormant"]
    assert client.get("/api/v1/agreements?momentum=dormant").json()["total"] == 1
    page = client.get("/en/agreements/?momentum=dormant")
    assert page.context["page_obj"].paginator.count == 1
    assert page.context["facets"]["kind"].choices[0].count == 1


@pytest.mark.parametrize("address", ["agreements", "changes"])
def test_the_next_click_keeps_it(db: None, client: Client, address: str) -> None:
    agreement_of(momentum="dormant")
    page = client.get(f"/en/{address}/?momentum=dormant").content.decode()
    assert ("momentum", "dormant") in filters_of(page)


def test_the_list_offers_it(db: None, client: Client) -> None:
    agreement_of(momentum="dormant")
    form = client.get("/en/agreements/").context["filters_form"]
    (fieldset,) = [one for one in form.fieldsets if any(control.field.name == "momentum" for control in one.filters)]
    assert fieldset.legend == "More"
    assert 'name="momentum" value="dormant"' in client.get("/en/agreements/").content.decode()


def test_the_administration_has_it(administrator_client: Client) -> None:
    agreement = agreement_of()
    page = administrator_client.get(f"/admin/partnerships/agreement/{agreement.pk}/change/", follow=True)
    assert 'name="momentum"' in page.content.decode()


def test_the_dictionaries_name_it(capsys: Any, db: None) -> None:
    call_command("describe_layouts")
    assert "| `momentum` |" in capsys.readouterr().out
    assert Source.objects.count() >= 0
