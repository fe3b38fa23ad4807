"""What became of a record, as everybody can read it; and the way back to an earlier version."""

import datetime
import re
from typing import Any
from urllib.parse import urlencode

import pghistory
import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from core.imports.models import ImportBatch
from networks.models import Membership, Network
from partnerships.editing import action_views, snapshot, suspensions, workflow
from partnerships.editing import merge as merging
from partnerships.editing.timeline import Timeline
from partnerships.models import (
    Agreement,
    Country,
    PublicRecord,
    Source,
    Suspension,
    Territory,
    TerritoryParent,
    Town,
    TownName,
)
from partnerships.places.party_refs import PartyRef
from tests import factories
from tests.editing import time_passes
from tests.forms import the_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def dijon() -> Town:
    region = factories.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    return factories.town("Dijon", territory=region)


@pytest.fixture
def mainz() -> Town:
    return factories.town("Mainz", "DE")


def wanted(*towns: Town, **columns: Any) -> snapshot.Content:
    parties = [{"actor": str(PartyRef.of(one)), "role": "partner", "joined": None, "left": None} for one in towns]
    return (
        snapshot.empty()
        | {"parties": parties, "sources": [Source.objects.get_or_create(title="Council")[0].pk]}
        | columns
    )


def told(timeline: Timeline) -> list[tuple[str, str]]:
    """What was done and by whom, the last first."""
    return [(entry.what, entry.author.text) for entry in timeline[:]]


def said(timeline: Timeline, number: int = 0) -> set[tuple[str, str, str]]:
    return {(d.label, d.before, d.after) for d in timeline[:][number].differences}


def test_each_step_says_what_who_and_in_which_role(officer: User, dijon: Town, mainz: Town) -> None:
    agreement = workflow.save(by=officer, content=wanted(dijon, mainz))
    time_passes()
    agreement = workflow.publish(by=officer, agreement=agreement)
    time_passes()
    party = agreement.parties.last()
    suspensions.suspend(by=officer, party=party, suspended_by="state", since="2023-08")
    time_passes()
    workflow.save(by=officer, agreement=agreement, content=snapshot.read_content(agreement) | {"signed": "1958"})
    time_passes()
    workflow.withdraw(by=officer, agreement=agreement, reason="A mistake")
    by = "an officer of Bourgogne-Franche-Comté"
    line = Timeline(agreement, everything=True)
    assert told(line) == [
        ("withdrawn", by),
        ("changed", by),
        ("suspended", by),
        ("published", by),
        ("changed", by),
    ]
    assert said(line) == {("publication", "published", "withdrawn")}
    assert said(line, 1) == {("signed", "", "1958")}
    assert said(line, 2) == {("suspension", "", "Mainz, the State, since August 2023")}
    assert line[:][0].reason == "A mistake"


def test_what_was_a_draft_shows_in_what_was_published(officer: User, dijon: Town, mainz: Town) -> None:
    agreement = workflow.save(by=officer, content=wanted(dijon, mainz, description_en="Not to be seen"))
    time_passes()
    workflow.save(by=officer, agreement=agreement, content=wanted(dijon, mainz, description_en="Schools"))
    time_passes()
    workflow.publish(by=officer, agreement=agreement)
    line = Timeline(agreement)
    assert [what for what, _who in told(line)] == ["published"]
    assert ("description, English", "", "Schools") in said(line)
    assert len(Timeline(agreement, everything=True)) == 3


def test_changes_by_import_admin_and_shell(administrator: User, administrator_client: Client, dijon: Town) -> None:
    batch = ImportBatch.objects.create(
        resource="towns", file_name="t.csv", sha256="0" * 64, source_title="Towns of 2020", source_licence="CC BY 4.0"
    )
    batch.refresh_from_db()
    time_passes()
    with pghistory.context(batch=batch.reference):
        Town.objects.filter(pk=dijon.pk).update(population=150_000)
    time_passes()
    url = reverse("admin:partnerships_town_change", args=[dijon.pk])
    form = dict(the_form(administrator_client.get(url).text, "population"))
    answer = administrator_client.post(url, form | {"population": 158_000})
    assert answer.status_code == 302
    time_passes()
    factories.make(TownName, town=dijon, name="Divio")
    line = Timeline(dijon)
    assert told(line) == [
        ("changed", "the system"),
        ("changed", "an administrator"),
        ("changed", f"import {batch.reference}: Towns of 2020"),
        ("entered", "the system"),
    ]
    assert said(line) == {("name of a town", "", "Divio")}
    assert said(line, 1) == {("population", "150,000", "158,000")}


def test_names_of_people_are_for_those_who_are_signed_in(
    client: Client, officer: User, officer_client: Client, dijon: Town, mainz: Town
) -> None:
    User.objects.filter(pk=officer.pk).update(first_name="Ada", last_name="Lovelace")
    agreement = workflow.publish(by=officer, agreement=workflow.save(by=officer, content=wanted(dijon, mainz)))
    url = reverse("agreement_history", args=[agreement.address])
    public, signed_in = (browser.get(url).content.decode() for browser in (client, officer_client))
    assert "an officer of Bourgogne-Franche-Comté" in public
    assert "Lovelace" not in public
    assert officer.username not in public.replace("an officer of", "")
    assert "Ada Lovelace" in signed_in


def test_a_draft_has_no_history_for_strangers(
    client: Client, officer: User, officer_client: Client, dijon: Town
) -> None:
    agreement = workflow.save(by=officer, content=wanted(dijon))
    url = reverse("agreement_history", args=[agreement.address])
    assert client.get(url).status_code == 404
    assert officer_client.get(url).status_code == 200


def test_a_merge_stands_on_both_time_lines(administrator: User, client: Client, dijon: Town) -> None:
    twice = factories.town("Dijon (21)")
    time_passes()
    merging.merge_records(by=administrator, loser=twice, winner=dijon)
    assert told(Timeline(dijon))[0] == (f"{twice.reference} was merged into this one", "an administrator")
    assert told(Timeline(twice))[0] == (f"merged into {dijon.reference}", "an administrator")
    page = client.get(reverse("town_history", args=[twice.address]))
    assert f'href="{reverse("town", args=[dijon.address])}"' in page.content.decode()
    assert client.get(reverse("town", args=[twice.address]))["Location"] == reverse("town", args=[dijon.address])


def test_a_network_tells_of_its_members(client: Client) -> None:
    network = factories.network("UCLG")
    time_passes()
    membership = factories.make(Membership, network=network, town=factories.town("Dijon"), since="2004")
    page = client.get(reverse("network_history", args=[network.address])).content.decode()
    assert "Dijon" in page
    assert "since 2004" in page
    Membership.objects.filter(pk=membership.pk).delete()
    assert Network.objects.get() == network
    assert client.get(reverse("network_history", args=[network.address])).status_code == 200


def test_the_page_asks_no_more_of_more(
    client: Client, officer: User, dijon: Town, mainz: Town, django_assert_max_num_queries: Any
) -> None:
    agreement = workflow.publish(by=officer, agreement=workflow.save(by=officer, content=wanted(dijon, mainz)))
    for year in range(1950, 1975):
        time_passes()
        workflow.save(by=officer, agreement=agreement, content=wanted(dijon, mainz, signed=str(year)))
    url = reverse("agreement_history", args=[agreement.address])
    client.get(url)
    with django_assert_max_num_queries(40):
        page = client.get(url)
    assert page.content.decode().count("1974") == 1
    assert client.get(f"{url}?page=2").status_code == 200


# Back to an earlier version


def test_an_officer_restores_what_the_time_line_shows(
    officer: User, officer_client: Client, client: Client, dijon: Town, mainz: Town
) -> None:
    agreement = workflow.publish(by=officer, agreement=workflow.save(by=officer, content=wanted(dijon, mainz)))
    time_passes()
    workflow.save(
        by=officer, agreement=agreement, content=snapshot.read_content(agreement) | {"description_en": "Spoilt"}
    )
    address = reverse("agreement_history", args=[agreement.address])
    links = [entry.when for entry in Timeline(agreement)[:] if entry.restorable]
    assert len(links) == 1
    assert "Return to this version" in officer_client.get(address).content.decode()
    assert "Return to this version" not in client.get(address).content.decode()
    url = reverse("agreement_restore", args=[agreement.reference]) + "?" + urlencode({"at": links[0].isoformat()})
    page = officer_client.get(url)
    assert "Spoilt" in page.content.decode()
    assert officer_client.post(url, {"base": page.context["base"]}).status_code == 302
    agreement.refresh_from_db()
    assert agreement.description_en == ""
    assert Timeline(agreement)[:][0].what == "an earlier version restored"


@pytest.mark.parametrize("base", ["", "0" * 64])
def test_nothing_is_restored_over_what_one_has_not_seen(
    officer: User, officer_client: Client, dijon: Town, mainz: Town, base: str
) -> None:
    agreement = workflow.publish(by=officer, agreement=workflow.save(by=officer, content=wanted(dijon, mainz)))
    time_passes()
    moment = Timeline(agreement)[:][0].when
    workflow.save(
        by=officer, agreement=agreement, content=snapshot.read_content(agreement) | {"description_en": "Newer"}
    )
    url = reverse("agreement_restore", args=[agreement.reference]) + "?" + urlencode({"at": moment.isoformat()})
    assert officer_client.post(url, {"base": base}).status_code == 409
    agreement.refresh_from_db()
    assert agreement.description_en == "Newer"


def kinds() -> list[PublicRecord]:
    """A town, an organisation and a support body of the officer's region, each with a wrong website since a minute."""
    region = factories.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    body = factories.support_body("International", website="https://good.example.org/")
    body.territories.add(region)
    good = {"territory": region, "website": "https://good.example.org/"}
    records = [factories.town("Dijon", **good), factories.organisation("Carnot", **good), body]
    time_passes()
    for record in records:
        type(record).objects.filter(pk=record.pk).update(website="https://wrong.example.org/")
        record.refresh_from_db()
    time_passes()
    return records


def restoring(record: PublicRecord, moment: datetime.datetime) -> str:
    address = reverse(f"{record._meta.model_name}_restore", args=[record.reference])
    return f"{address}?{urlencode({'at': moment.isoformat()})}"


def test_towns_organisations_and_support_bodies_come_back_too(
    officer: User, officer_client: Client, client: Client
) -> None:
    for record in kinds():
        line = reverse(f"{record._meta.model_name}_history", args=[record.address])
        page = officer_client.get(line)
        address = reverse(f"{record._meta.model_name}_restore", args=[record.reference])
        (url,) = re.findall(rf'href="({address}[^"]+)"', page.content.decode())
        assert "Return to this version" not in client.get(line).content.decode()
        shown = officer_client.get(url)
        assert [(d.label, d.before, d.after) for d in shown.context["differences"]] == [
            ("website", "https://wrong.example.org/", "https://good.example.org/")
        ]
        answer = officer_client.post(url, {"base": shown.context["base"], "reason": "The old site is back"})
        assert answer["Location"] == line
        record.refresh_from_db()
        assert record.website == "https://good.example.org/"
        last = officer_client.get(line).context["page_obj"][0]
        assert (last.what, last.reason) == ("an earlier version restored", "The old site is back")


def test_no_record_comes_back_for_others_or_over_what_is_new(officer_client: Client, client: Client) -> None:
    client.force_login(factories.officer("elsewhere", factories.territory("FR-BRE")))
    for record in kinds():
        url = restoring(record, Timeline(record, [])[:][-1].when)
        assert client.get(url).status_code == client.post(url).status_code == 403
        base = officer_client.get(url).context["base"]
        type(record).objects.filter(pk=record.pk).update(website="https://new.example.org/")
        assert officer_client.post(url, {"base": base}).status_code == 409
        assert officer_client.post(url, {}).status_code == 409
        record.refresh_from_db()
        assert record.website == "https://new.example.org/"


def test_what_breaks_a_rule_does_not_come_back(officer_client: Client, dijon: Town) -> None:
    Town.objects.filter(pk=dijon.pk).update(insee="21231")
    time_passes()
    moment = Timeline(dijon)[:][0].when
    Town.objects.filter(pk=dijon.pk).update(insee=None)
    factories.town("Dijon (21)", insee="21231")
    url = restoring(dijon, moment)
    answer = officer_client.post(url, {"base": officer_client.get(url).context["base"]})
    assert answer.status_code == 409
    assert "Another town has this identifier already." in answer.content.decode()


def test_where_a_town_lay_comes_back_by_administrators_alone(
    officer_client: Client, administrator_client: Client, dijon: Town
) -> None:
    old = dijon.territory
    time_passes()
    moment = Timeline(dijon)[:][0].when
    Town.objects.filter(pk=dijon.pk).update(territory=factories.territory("FR-21", level="department"))
    factories.make(TerritoryParent, territory=Territory.objects.get(pk="FR-21"), parent=old)
    url = restoring(dijon, moment)
    assert officer_client.get(url).context["differences"] == []
    (difference,) = administrator_client.get(url).context["differences"]
    assert difference.after == str(old)
    administrator_client.post(url, {"base": administrator_client.get(url).context["base"]})
    dijon.refresh_from_db()
    assert dijon.territory == old


# Territories and countries


def test_territories_and_countries_have_a_time_line(client: Client) -> None:
    region, department = factories.territory("FR-BFC"), factories.territory("FR-21", level="department")
    time_passes()
    factories.make(TerritoryParent, territory=department, parent=region, since="2016")
    Territory.objects.filter(pk="FR-21").update(name="Côte-d’Or", latitude=47.31667, longitude=5.01667)
    page = client.get("/en/territories/FR-21/history/").content.decode()
    for told_there in ("Côte-d’Or", "47.31667", "since 2016", "FR-21"):
        assert told_there in page
    assert "47,31667" in client.get("/fr/territories/FR-21/history/").content.decode()
    assert "/en/territories/FR-21/history/" in client.get("/en/territories/FR-21/").content.decode()
    Country.objects.filter(pk="FR").update(name_en="The French Republic")
    assert "The French Republic" in client.get("/en/countries/fr/history/").content.decode()
    assert "/en/countries/fr/history/" in client.get("/en/countries/fr/").content.decode()
    assert client.get("/en/countries/FR/history/")["Location"] == "/en/countries/fr/history/"
    assert client.get("/en/territories/FR-NO/history/").status_code == 404


# Actions on an agreement


def test_the_agreements_page_offers_what_can_be_done(
    client: Client, officer_client: Client, dijon: Town, mainz: Town
) -> None:
    agreement = factories.agreement(dijon, mainz)
    links = {name: reverse(f"agreement_{name}", args=[agreement.reference]) for name in ("end", "resume", "withdraw")}
    page = officer_client.get(reverse("agreement", args=[agreement.address])).content.decode()
    assert links["end"] in page
    assert links["withdraw"] in page
    assert links["resume"] not in page
    assert links["end"] not in client.get(reverse("agreement", args=[agreement.address])).content.decode()


def test_each_action_is_done_and_said(officer_client: Client, dijon: Town, mainz: Town) -> None:
    agreement = factories.agreement(dijon, mainz, signed="1958")

    def post(action: str, **data: Any) -> int:
        return officer_client.post(reverse(f"agreement_{action}", args=[agreement.reference]), data).status_code

    assert post("suspend", party=agreement.parties.last().pk, suspended_by="state", since="08/2023") == 302
    assert post("suspend", party=agreement.parties.last().pk, suspended_by="state", since="2024") == 409
    suspension = Suspension.objects.get()
    assert suspension.since == "2023-08"
    assert post("resume", suspension=suspension.pk, until="2024") == 302
    assert post("verify", on="2026-01-02") == 302
    assert post("end", ended="1950") == 409
    assert post("end", ended="2025") == 302
    assert post("withdraw", reason=" ") == 200
    assert post("withdraw", reason="Entered twice") == 302
    assert post("end", ended="2026") == 409
    agreement.refresh_from_db()
    assert (agreement.publication, agreement.ended, str(agreement.verified_on)) == ("withdrawn", "2025", "2026-01-02")
    gone = officer_client.get(reverse("agreement", args=[agreement.address]))
    assert (gone.status_code, "Entered twice" in gone.content.decode()) == (410, True)
    assert post("reinstate") == 302
    assert Agreement.objects.get().publication == "draft"


def test_what_was_done_is_not_offered_again(
    officer: User, administrator: User, officer_client: Client, dijon: Town, mainz: Town
) -> None:
    def offered(agreement: Agreement, by: User = officer) -> set[str]:
        names = {name.removeprefix("agreement_") for name, _title in action_views.offered(by, agreement)}
        return names & {"end", "reinstate", "delete"}

    agreement = workflow.save(by=officer, content=wanted(dijon, mainz))
    assert offered(agreement) == {"delete"}
    agreement = workflow.publish(by=officer, agreement=agreement)
    assert offered(agreement) == {"end"}
    url = reverse("agreement_end", args=[agreement.reference])
    assert [officer_client.post(url, {"ended": year}).status_code for year in ("2020", "2021")] == [302, 409]
    agreement.refresh_from_db()
    assert agreement.ended == "2020"
    assert offered(agreement) == set()
    workflow.withdraw(by=officer, agreement=agreement, reason="Never existed")
    agreement.refresh_from_db()
    assert offered(agreement) == {"reinstate"}
    assert offered(workflow.reinstate(by=officer, agreement=agreement)) == set()
    loser, winner = factories.agreement(dijon, mainz), factories.agreement(dijon, mainz, kind="project")
    merging.merge_records(by=officer, loser=loser, winner=winner)
    loser.refresh_from_db()
    assert offered(loser, administrator) == set()


def test_a_suspension_names_no_source_of_anothers_draft(officer_client: Client, dijon: Town, mainz: Town) -> None:
    agreement = factories.agreement(dijon, mainz)
    url = reverse("agreement_suspend", args=[agreement.reference])
    hidden = factories.source("Zyxwvut")
    factories.agreement(factories.town(), mainz, publication="draft", cite=hidden)
    own = agreement.sources.get()
    data = {"party": agreement.parties.last().pk, "suspended_by": "state", "since": "2023"}
    page = officer_client.post(url, data | {"source": hidden.reference}).content.decode()
    assert f"There is no source with the reference {hidden.reference}" in page
    assert officer_client.post(url, data | {"source": own.reference}).status_code == 302
    assert Suspension.objects.get().source == own


def test_a_party_of_another_agreement_is_not_offered(officer_client: Client, dijon: Town, mainz: Town) -> None:
    agreement, other = factories.agreement(dijon, mainz), factories.agreement()
    url = reverse("agreement_suspend", args=[agreement.reference])
    data = {"party": other.parties.first().pk, "suspended_by": "state", "since": "2023"}
    assert officer_client.post(url, data).status_code == 200
    assert not Suspension.objects.exists()


def test_a_country_is_suspended_after_a_look_at_the_number(administrator_client: Client, dijon: Town) -> None:
    for name in ("Koulikoro", "Bamako"):
        factories.agreement(dijon, factories.town(name, "ML"))
    url = reverse("country_suspend", args=["ml"])
    data = {"what": "suspend", "suspend-suspended_by": "state", "suspend-since": "2023-08"}
    assert "2 parties would be suspended" in administrator_client.post(url, data).content.decode()
    assert not Suspension.objects.exists()
    assert administrator_client.post(url, {**data, "sure": "1"}).status_code == 302
    assert Suspension.objects.count() == 2
    early = {"what": "resume", "resume-until": "2020"}
    for sure in ({}, {"sure": "1"}):
        page = administrator_client.post(url, early | sure)
        assert page.status_code == 409
        assert "The suspension ends before it begins (August 2023): correct one of the two." in page.content.decode()
    data = {"what": "resume", "resume-until": "2025", "sure": "1"}
    assert administrator_client.post(url, data).status_code == 302
    assert not Suspension.objects.filter(until=None).exists()


# Merging, on its pages


def test_from_the_search_to_the_merge_and_back(administrator_client: Client, dijon: Town, mainz: Town) -> None:
    twice = factories.town("Dijon (21)", insee="21231")
    factories.agreement(twice, mainz)
    url = reverse("town_merge", args=[twice.reference])
    assert f"?with={dijon.reference}" in administrator_client.get(url, {"q": "dijon"}).content.decode()
    page = administrator_client.get(url, {"with": dijon.reference}).content.decode()
    assert "goes over: 1 party" in page
    assert "filled in: INSEE code" in page
    data = {"with": dijon.reference, "stays": dijon.reference}
    assert administrator_client.post(url, data)["Location"] == reverse("town", args=[dijon.address])
    twice.refresh_from_db()
    assert twice.merged_into == dijon
    merges = administrator_client.get(reverse("merges"))
    (merge,) = merges.context["object_list"]
    administrator_client.post(reverse("merge_undo", args=[merge.pk]))
    twice.refresh_from_db()
    assert twice.publication == "published"


def test_suspected_duplicates_are_proposed(officer_client: Client, dijon: Town, mainz: Town) -> None:
    first = factories.agreement(dijon, mainz, signed="1958")
    second = factories.agreement(dijon, mainz, kind="friendship")
    url = reverse("agreement_merge", args=[second.reference])
    assert f"?with={first.reference}" in officer_client.get(url).content.decode()
    page = officer_client.get(url, {"with": first.reference, "stays": second.reference}).content.decode()
    assert f"Merge {first.reference} into {second.reference}" in page
    assert "What is lost" in page
    assert officer_client.post(url, {"with": first.reference, "stays": second.reference}).status_code == 302
    second.refresh_from_db()
    assert (second.signed, second.kind) == ("1958", "friendship")
