"""Whose import profiles and verdicts on names are: two people, two territories, an administrator."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from pytest_django.plugin import DjangoDbBlocker

from core.imports import batches, jobs
from core.imports import profiles as import_profiles
from core.imports.models import ImportBatch, ImportProfile, MatchVerdict
from partnerships import permissions
from partnerships.editing import merge
from partnerships.imports.names import verdict_key
from partnerships.imports.verdicts import VerdictsInForce
from partnerships.models import Agreement, Town
from tests import factories
from tests.databases import copied_database

SOURCE = {"source_title": "A register", "source_licence": "CC0-1.0"}
HEADERS = "kind,party_1,country_1,party_2,country_2\n"
TWIN = HEADERS + "twinning,Saintes,FR,Beaune,FR\n"


@pytest.fixture
def here(db: None) -> Any:
    return factories.territory("FR-BFC", name="Bourgogne-Franche-Comté")


@pytest.fixture
def anna(here: Any) -> User:
    return factories.officer("anna", here)


@pytest.fixture
def bert(here: Any) -> User:
    """A colleague of Anna's."""
    return factories.officer("bert", here)


@pytest.fixture
def elsewhere(db: None) -> User:
    return factories.officer("elsewhere", factories.territory("FR-BRE", name="Bretagne"))


@pytest.fixture
def towns(here: Any) -> tuple[Town, Town]:
    """Two towns by one name, and one for every officer to have a say."""
    factories.town("Beaune", territory=here)
    return factories.town("Saintes"), factories.town("Saintes")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def received(by: User, text: str = TWIN, resource: str = "agreements") -> ImportBatch:
    return batches.receive(ContentFile(text.encode(), "list.csv"), resource=resource, source=SOURCE, by=by)


def planned(by: User) -> ImportBatch:
    """A plan of a file that names the town that there is twice."""
    batch = received(by)
    jobs.enqueue_step(batch, "plan", by=by)
    batch.refresh_from_db()
    return batch


def what_it_means(batch: ImportBatch) -> str:
    """What the doubtful name stands for in a batch; nothing while it is a question."""
    name = batch.names.get(normalised="saintes")
    assert name.question is not bool(name.target)
    return name.target


def decided(by: User, town: Town) -> MatchVerdict:
    """What somebody says of the name on the page of a file of theirs."""
    batch = planned(by)
    name = batch.names.get(normalised="saintes")
    assert not name.target
    sent = {"name": name.pk, f"n{name.pk}": f"t{town.pk}"}
    signed_in(by).post(reverse("import_names", args=[batch.reference]), sent)
    return MatchVerdict.objects.get(user=by, revoked_at=None)


def became_of(by: User, text: str) -> list[str]:
    """The outcome of each row of a file of agreements, by the plan of somebody."""
    batch = received(by, text)
    jobs.enqueue_step(batch, "plan", by=by)
    return list(batch.rows.order_by("line").values_list("outcome", flat=True))


# Whose agreements are written


def test_an_officer_imports_where_they_publish_alone(anna: User, here: Any) -> None:
    there = factories.territory("FR-BRE")
    mandate = factories.make(factories.p.Mandate, user=anna, territory=there, role="contributor")
    factories.town("Beaune", territory=here)
    factories.town("Rennes", territory=there)
    factories.town("Mainz", "DE")
    rows = HEADERS + "twinning,Beaune,FR,Mainz,DE\ntwinning,Rennes,FR,Mainz,DE\n"
    assert became_of(anna, rows) == ["created", "refused"]
    factories.p.Mandate.objects.filter(pk=mandate.pk).update(role="officer")
    assert became_of(User.objects.get(pk=anna.pk), rows) == ["created", "created"]


def test_a_party_of_ones_own_that_a_row_adds_does_not_open_anothers_agreement(anna: User, here: Any) -> None:
    rennes, mainz = factories.town("Rennes", territory=factories.territory("FR-BRE")), factories.town("Mainz", "DE")
    beaune = factories.town("Beaune", territory=here)
    theirs, own = factories.agreement(rennes, mainz), factories.agreement(beaune, mainz)
    rows = "reference,party_1,country_1,party_2,country_2\n"
    rows += f"{theirs.reference},Rennes,FR,Beaune,FR\n{own.reference},Beaune,FR,Rennes,FR\n"
    assert became_of(anna, rows) == ["refused", "updated"]


def test_a_row_between_new_parties_is_of_where_one_of_them_lies(anna: User, elsewhere: User, here: Any) -> None:
    for name, code, territory in (("Dole", "FR", here), ("Trier", "DE", None)):
        factories.make(factories.p.GazetteerPlace, name=name, country=factories.country(code), territory=territory)
    rows = HEADERS + "twinning,Dole,FR,Trier,DE\n"
    assert became_of(anna, rows) == ["created"]
    assert became_of(elsewhere, rows) == ["refused"]


def test_the_title_of_a_source_of_anothers_draft_leads_nowhere(anna: User, here: Any) -> None:
    hidden, public = (factories.source(title, url="https://example.org/") for title in ("Minutes", "Register"))
    factories.agreement(publication="draft", cite=hidden)
    factories.agreement(cite=public)
    factories.town("Beaune", territory=here)
    factories.town("Mainz", "DE")
    rows = "kind,party_1,country_1,party_2,country_2,source\n"
    batch = received(anna, f"{rows}twinning,Beaune,FR,Mainz,DE,Minutes\nproject,Beaune,FR,Mainz,DE,Register\n")
    for step in ("plan", "apply"):
        jobs.enqueue_step(batch, step, by=anna)
        batch.refresh_from_db()
    found = Agreement.objects.filter(parties__town__name="Beaune").order_by("-kind")
    assert [(one.kind, one.sources.get().title, one.sources.get() in (hidden, public)) for one in found] == [
        ("twinning", "Minutes", False),
        ("project", "Register", True),
    ]


# Verdicts


@pytest.mark.parametrize(
    ("otherwise", "same"),
    [
        ({"name": "SAINTES"}, True),
        ({"population": 26_000}, True),
        ({"latitude": 45.7}, True),
        ({"latitude": 46.5}, False),
        ({"latitude": None, "longitude": None}, False),
        ({"level": "department"}, False),
        ({"country": "BE"}, False),
        ({"territory": "FR-17"}, False),
        ({"organisation": True}, False),
        ({"codes": [["insee", "17415"]]}, False),
    ],
)
def test_a_verdict_holds_for_what_is_said_alike(otherwise: dict[str, Any], same: bool) -> None:
    said = {
        "name": "Saintes", "organisation": False, "country": "FR", "territory": None, "level": None, "codes": [],
        "latitude": 45.74, "longitude": -0.63, "population": 25_000,
    }  # fmt: skip
    assert (verdict_key(said | otherwise) == verdict_key(said)) is same


def test_a_verdict_goes_on_to_mean_the_town_that_took_the_place(
    anna: User, administrator: User, towns: tuple[Town, Town]
) -> None:
    decided(anna, towns[0])
    winner = factories.town("Xaintes")
    merge.merge_records(by=administrator, loser=towns[0], winner=winner)
    assert what_it_means(planned(anna)) == f"t{winner.pk}"


def test_an_officers_verdict_decides_in_files_of_the_territory_alone(
    anna: User, bert: User, elsewhere: User, administrator: User, towns: tuple[Town, Town]
) -> None:
    assert decided(anna, towns[0]).scope == ["FR-BFC"]
    assert what_it_means(planned(bert)) == f"t{towns[0].pk}"
    # Inside the territory it holds as well, for who has two territories in both only.
    inside = factories.territory("FR-21")
    factories.make(factories.p.TerritoryParent, territory=inside, parent=factories.territory("FR-BFC"))
    assert what_it_means(planned(factories.officer("", inside))) == f"t{towns[0].pk}"
    for other in (elsewhere, administrator, factories.officer("", inside, factories.territory("FR-BRE"))):
        assert not what_it_means(planned(other)), other


def test_an_administrators_verdict_decides_everywhere_but_before_nobodys_own(
    anna: User, bert: User, elsewhere: User, administrator: User, towns: tuple[Town, Town]
) -> None:
    mine = decided(anna, towns[0])
    theirs = decided(administrator, towns[1])
    assert theirs.scope is None
    mine.refresh_from_db()
    assert mine.revoked_at is None
    found = {user: what_it_means(planned(user)) for user in (anna, bert, elsewhere, administrator)}
    assert found == {anna: f"t{towns[0].pk}", bert: f"t{towns[0].pk}", elsewhere: f"t{towns[1].pk}",
                     administrator: f"t{towns[1].pk}"}  # fmt: skip


def test_a_place_is_the_same_however_a_verdict_on_it_is_spelt(anna: User, bert: User, towns: tuple[Town, Town]) -> None:
    """Until version 0.9 the reference of a place was written with a “p”."""
    for by, letter in ((anna, "g"), (bert, "p")):
        name = planned(by).names.get(normalised="saintes")
        batches.decide([name], "place", target=f"{letter}7", by=by, scope=["FR-BFC"])
    third = factories.officer("third", factories.territory("FR-BFC"))
    assert VerdictsInForce(third).on([verdict_key(name.said)])[verdict_key(name.said)].decided is not None


def test_a_question_that_was_asked_in_the_older_spelling_is_answered(anna: User, towns: tuple[Town, Town]) -> None:
    name = planned(anna).names.get(normalised="saintes")
    place = {**name.candidates[0], "target": "p7"}
    name.candidates = [place]
    name.save()
    url = reverse("import_names", args=[name.batch.reference])
    assert 'value="g7"' in signed_in(anna).get(url).text
    signed_in(anna).post(url, {"name": name.pk, f"n{name.pk}": "p7"})
    verdict = MatchVerdict.objects.get()
    assert (verdict.decision, verdict.target) == ("place", "g7")


def test_who_wants_to_decide_otherwise_is_asked_and_changes_nothing_for_others(
    anna: User, bert: User, towns: tuple[Town, Town], django_capture_on_commit_callbacks: Any
) -> None:
    verdict = decided(anna, towns[0])
    batch, client = planned(bert), signed_in(bert)
    url = reverse("import_names", args=[batch.reference])
    page = client.get(url).text
    assert "Decided by others" in page
    assert "<span>anna</span>" in page
    name = batch.names.get(normalised="saintes")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(url, {"do": "ask", "ask": name.pk})
    name = batch.names.get(normalised="saintes")
    assert (name.question, name.target) == (True, "")
    assert {candidate["target"] for candidate in name.candidates} == {f"t{town.pk}" for town in towns}
    client.post(url, {"name": name.pk, f"n{name.pk}": f"t{towns[1].pk}"})
    assert what_it_means(planned(bert)) == f"t{towns[1].pk}"
    assert what_it_means(planned(anna)) == f"t{towns[0].pk}"
    verdict.refresh_from_db()
    assert verdict.revoked_at is None
    # Who has heard two answers of equal weight is asked, and told by whom.
    third = planned(factories.officer("third", factories.territory("FR-BFC")))
    assert not what_it_means(third)
    assert {"anna", "bert"} <= set(
        third.names.get(normalised="saintes").reason.replace("(", " ").replace(")", " ").split()
    )


def test_an_administrator_is_told_whose_verdict_outweighs_theirs(
    anna: User, bert: User, administrator: User, towns: tuple[Town, Town]
) -> None:
    batch = planned(bert)
    decided(anna, towns[0])
    name = batch.names.get(normalised="saintes")
    client, url = signed_in(administrator), reverse("import_names", args=[batch.reference])
    assert "Saintes (FR) (anna)" in client.get(url).text
    answer = client.post(url, {"name": name.pk, f"n{name.pk}": f"t{towns[1].pk}"}, follow=True)
    assert "what anna decided counts before your answer" in answer.text
    assert not MatchVerdict.objects.filter(user=administrator).exists()


def test_verdicts_are_seen_where_they_hold_and_revoked_by_their_author(
    anna: User, bert: User, elsewhere: User, administrator: User, towns: tuple[Town, Town]
) -> None:
    verdict, url = decided(anna, towns[0]), reverse("import_verdicts")
    for user, seen in ((anna, True), (bert, True), (administrator, True), (elsewhere, False)):
        page = signed_in(user).get(url).text
        assert ("“Saintes”" in page) is seen, user
        assert ("holds for the files of Bourgogne-Franche-Comté" in page) is seen
        assert (f'value="{verdict.pk}"' in page) is (user in (anna, administrator)), user
    assert signed_in(elsewhere).post(url, {"verdict": verdict.pk}).status_code == 404
    signed_in(bert).post(url, {"verdict": verdict.pk})
    verdict.refresh_from_db()
    assert verdict.revoked_at is None
    signed_in(administrator).post(url, {"verdict": verdict.pk})
    verdict.refresh_from_db()
    assert verdict.revoked_at is not None


# Places


def test_officers_change_what_lies_in_their_territory_and_take_in_nothing_else(anna: User, here: Any) -> None:
    bretagne = factories.territory("FR-BRE")
    mine, *others = (factories.town(territory=place, population=1) for place in (here, bretagne, bretagne))
    rows = [(mine, ""), (others[0], ""), (others[1], here.pk)]
    text = "".join(f"{town.reference},5,{place}\n" for town, place in rows)
    batch = received(anna, f"reference,population,territory\n{text}", "towns")
    for step in ("plan", "apply"):
        jobs.enqueue_step(batch, step, by=anna)
    assert [row.outcome for row in batch.rows.order_by("line")] == ["updated", "refused", "refused"]
    assert list(Town.objects.order_by("pk").values_list("population", flat=True)) == [5, 1, 1]


def test_a_file_tells_officers_nothing_of_references_that_they_do_not_see(anna: User, here: Any) -> None:
    draft = factories.town(publication="draft", territory=factories.territory("FR-BRE"))
    rows = "".join(f"{reference},{reference},FR,{here.pk}\n" for reference in (draft.reference, "T999999"))
    batch = received(anna, f"reference,name,country,territory\n{rows}", "towns")
    jobs.enqueue_step(batch, "plan", by=anna)
    told = [[(column, reason) for column, _value, reason in row.faults] for row in batch.rows.order_by("line")]
    assert told[0] == told[1] != []


# Profiles


def kept(by: User, name: str, **sent: str) -> None:
    """Keep a profile on the page of a file, whose first header is the name of a town, or the second."""
    batch = received(by, "Ort,Land\nDole,FR\n", "towns")
    columns = {"column": ["name", "country"], "was_grouped": "0", "profile_name": name, "do": "plan"}
    answer = signed_in(by).post(reverse("import_map", args=[batch.reference]), columns | sent)
    assert answer.status_code == 302, answer.text


def offered(to: User) -> list[tuple[str, int | None]]:
    batch = received(to, "Ort,Land\nDole,FR\n", "towns")
    return [(profile.name, profile.user_id) for profile in import_profiles.profiles_for(batch, to)]


def test_profiles_are_their_owners(anna: User, bert: User, administrator: User) -> None:
    kept(anna, "Liste")
    kept(bert, "Liste")
    kept(bert, "Mine", profile_shared="on")  # which officers cannot
    kept(administrator, "Liste", profile_shared="on")
    assert offered(anna) == [("Liste", anna.pk), ("Liste", None)]
    assert offered(bert) == [("Mine", bert.pk), ("Liste", bert.pk), ("Liste", None)]
    assert offered(administrator) == [("Liste", None)]
    # Saved again, the name's former meaning goes: of one's own alone.
    kept(bert, "Liste", grouped="0", clear_blanks="on")
    assert ImportProfile.objects.filter(name="Liste").count() == 3
    shared, hers = ImportProfile.objects.get(user=None), ImportProfile.objects.get(user=anna)
    batch = received(bert, "Ort,Land\nDole,FR\n", "towns")
    page = reverse("import_map", args=[batch.reference])
    assert signed_in(bert).get(page, {"profile": shared.pk}).status_code == 200
    assert signed_in(bert).get(page, {"profile": hers.pk}).status_code == 404


def test_shared_profiles_are_changed_by_administrators_alone(anna: User, bert: User, administrator: User) -> None:
    kept(administrator, "Everybody's", profile_shared="on")
    kept(anna, "Hers")
    shared, hers = ImportProfile.objects.get(user=None), ImportProfile.objects.get(user=anna)
    url = reverse("import_profiles")
    for sent in ({"name": "Other"}, {"delete": "1"}):
        assert signed_in(anna).post(url, {"profile": shared.pk, **sent}).status_code == 404
        assert signed_in(bert).post(url, {"profile": hers.pk, **sent}).status_code == 404
        assert signed_in(administrator).post(url, {"profile": hers.pk, **sent}).status_code == 404
    signed_in(anna).post(url, {"profile": hers.pk, "name": "Everybody's", "shared": "on"})
    hers.refresh_from_db()
    assert (hers.name, hers.user) == ("Everybody's", anna)
    # An administrator takes one back, and shares it again.
    for sent, owner in (({}, administrator), ({"shared": "on"}, None)):
        signed_in(administrator).post(url, {"profile": shared.pk, "name": "Everybody's", **sent})
        shared.refresh_from_db()
        assert shared.user == owner
    page = signed_in(anna).get(url).text
    assert page.count("Everybody&#x27;s") >= 2
    anna.delete()
    assert list(ImportProfile.objects.all()) == [shared]


def test_the_command_reads_shared_profiles_and_says_whose_others_are(anna: User, tmp_path: Path) -> None:
    factories.country()
    path = tmp_path / "towns.csv"
    path.write_text("Ort,Land\nDole,FR\n")
    options = {"mapping": {"name": "Ort", "country": "Land"}}
    profile = ImportProfile.objects.create(
        name="Liste", resource="towns", headers=["Ort", "Land"], options=options, user=anna
    )

    def run(*more: str) -> str:
        told = ("--source-title", "A register", "--source-licence", "CC0-1.0", "--profile", "Liste")
        call_command("import_csv", "towns", str(path), *told, *more, stdout=(out := StringIO()))
        return out.getvalue()

    with pytest.raises(CommandError, match=r"no shared profile “Liste” for towns.*--profile-owner anna"):
        run()
    with pytest.raises(CommandError, match="no profile “Liste” for towns of the user bert"):
        run("--profile-owner", "bert")
    assert "1 created" in run("--profile-owner", "anna")
    ImportProfile.objects.filter(pk=profile.pk).update(user=None)
    assert "1 unchanged" in run()


# What there was before


@pytest.mark.long
def test_what_exists_gets_an_owner_and_a_reach_and_back(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> None:
    before, after = [("imports", "0003_other_kinds")], [("imports", "0004_owners")]
    with django_db_blocker.unblock(), copied_database():
        executor = MigrationExecutor(connection)
        executor.migrate(before)
        apps = executor.loader.project_state(before).apps
        profiles, verdicts = apps.get_model("imports", "ImportProfile"), apps.get_model("imports", "MatchVerdict")
        officer = factories.officer("anna", factories.territory("FR-BFC"))
        admin = User.objects.create_superuser("root")
        gone = factories.user("gone")
        for user in (officer, admin):
            profiles.objects.create(name=user.username, resource="towns", headers=[], user_id=user.pk)
        for user in (officer, admin, gone, None):
            verdicts.objects.create(key=str(user), said={}, decision="skip", user_id=user and user.pk)

        executor = MigrationExecutor(connection)
        executor.migrate(after)
        assert dict(ImportProfile.objects.values_list("name", "user")) == {"anna": officer.pk, "root": None}
        found = dict(MatchVerdict.objects.values_list("key", "scope"))
        assert found == {"anna": ["FR-BFC"], "root": None, "gone": [], "None": None}
        assert permissions.reach_of_verdicts(officer) == {"FR-BFC"}

        # What only the new form can hold finds a place in the old one.
        ImportProfile.objects.create(name="root", resource="towns", headers=[], user=officer)
        asked = MatchVerdict.objects.create(key="root", said={}, decision="ask", user=officer, scope=[])
        executor = MigrationExecutor(connection)
        executor.migrate(before)
        names = sorted(profiles.objects.values_list("name", flat=True))
        assert len(set(names)) == 3
        assert {"anna", "root"} < set(names)
        assert verdicts.objects.get(key="root", revoked_at=None).user_id == admin.pk
        assert verdicts.objects.get(pk=asked.pk).revoked_at is not None
        MigrationExecutor(connection).migrate(after)
