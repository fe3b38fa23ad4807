"""A file on its way: received, mapped, planned, applied and taken back, whoever does it, whatever happens meanwhile."""

from typing import Any

import hypothesis
import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.test import override_settings
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from hypothesis import given
from hypothesis import strategies as st

from core.imports import batches, jobs, profiles
from core.imports.errors import ImportRefused
from core.imports.mapping import CellPattern, WrongHeaders, suggest_columns
from core.imports.models import ImportBatch, ImportProgress, ImportStatus, MatchVerdict, Outcome
from core.imports.readers.limits import Unreadable
from partnerships.imports.layouts import AgreementResource
from partnerships.models import Agreement, GazetteerPlace, Mandate, Theme, Town
from tests.editing import time_passes
from tests.factories import agreement, country, make, territory, town
from tests.importing import table
from tests.properties import examples

pytestmark = pytest.mark.django_db

SOURCE = {"source_title": "A register", "source_licence": "CC0-1.0"}
WIKIDATA = (
    "origincityLabel\torigincountry\toriginlat\toriginlong\toriginpopulation\tsistercityLabel\tdestinationlat\t"
    "destinationlong\tdestinationpopulation\tdestination_countryLabel\tdist\teu\n"
    "Alpha\tFrance\t\t\t\tGamma\t\t\t\tGermany\t100\tEU\n"
)


@pytest.fixture
def admin() -> User:
    for code in ("FR", "DE", "ML"):
        country(code)
    return User.objects.create_superuser("admin")


def receive(text: str | bytes, by: User, resource: str = "agreements", **options: Any) -> ImportBatch:
    content = text if isinstance(text, bytes) else text.encode()
    file = ContentFile(content, "twinnings.csv")
    return batches.receive(file, resource=resource, source=SOURCE, by=by, options={"create": True} | options)


def run(batch: ImportBatch, *steps: str) -> ImportBatch:
    for step in steps:
        jobs.enqueue_step(batch, step, by=batch.user)
    batch.refresh_from_db()
    assert not ImportProgress.objects.filter(batch=batch.pk)
    return batch


PAIR = "kind,party_1,country_1,party_2,country_2\ntwinning,Alpha,FR,Gamma,DE\n"


def test_a_file_is_planned_applied_taken_back_and_brought_back(admin: User) -> None:
    batch = receive(PAIR, admin)
    assert batch.status == ImportStatus.UPLOADED
    run(batch, "plan")
    assert (batch.status, batch.counts["created"]) == (ImportStatus.PLANNED, 1)
    assert not Agreement.objects.exists()
    run(batch, "apply")
    assert (batch.status, batch.counts["created"]) == (ImportStatus.APPLIED, 1)
    made = Agreement.objects.get()
    assert batch.rows.get().record == str(made.pk)
    run(batch, "undo")
    assert batch.status == ImportStatus.UNDONE
    assert not Agreement.objects.exists()
    run(batch, "undo")
    assert batch.status == ImportStatus.APPLIED
    assert Agreement.objects.get() == made


def test_the_same_file_is_recognised(admin: User) -> None:
    first = receive(PAIR, admin)
    assert list(batches.same_files(receive(PAIR, admin))) == [first]
    assert not batches.same_files(receive(PAIR + "\n", admin))
    other = "name,country\nAlpha,FR\n"
    assert receive(other, admin, "towns")
    assert not batches.same_files(receive(other, admin, "organisations"))


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "The file is empty"), (b"<html><body>no</body></html>", "web page")]
)
def test_what_is_no_table_is_not_kept(admin: User, content: bytes, message: str) -> None:
    with pytest.raises(Unreadable, match=message):
        receive(content, admin)
    assert not ImportBatch.objects.exists()


def test_a_step_out_of_turn_is_refused(admin: User) -> None:
    batch = receive(PAIR, admin)
    for step in ("apply", "undo"):
        with pytest.raises(ImportRefused):
            jobs.enqueue_step(batch, step, by=admin)
    run(batch, "plan", "apply")
    for step in ("plan", "apply"):
        with pytest.raises(ImportRefused):
            jobs.enqueue_step(batch, step, by=admin)


def test_what_changed_since_the_plan_is_planned_again_and_shown(admin: User) -> None:
    batch = run(receive(PAIR, admin), "plan")
    agreement(town("Alpha"), town("Gamma", "DE"), kind="twinning")
    run(batch, "apply")
    assert batch.status == ImportStatus.PLANNED
    assert batch.options["moved"] == [2]
    assert batch.counts["created"] == 0
    assert [row.line for row in batches.rows_after(batch, outcome="moved")] == [2]
    run(batch, "apply")
    assert batch.status == ImportStatus.APPLIED
    assert Agreement.objects.count() == 1


def test_all_or_nothing_writes_nothing_where_a_row_is_bad(admin: User) -> None:
    bad = PAIR + "marriage,Beta,FR,Gamma,DE\n"
    batch = run(receive(bad, admin, all_or_nothing=True), "plan", "apply")
    assert (batch.status, Agreement.objects.count()) == (ImportStatus.PLANNED, 0)
    assert "not all rows are good" in batch.message
    batches.settle(batch, {"all_or_nothing": False})
    run(batch, "apply")
    assert (batch.status, Agreement.objects.count()) == (ImportStatus.APPLIED, 1)
    rows = list(batches.refused_rows(batch))
    assert rows[0][:5] == batch.headers
    assert rows[1][:6] == ["marriage", "Beta", "FR", "Gamma", "DE", "3"]
    assert rows[1][6].startswith("kind “marriage”")


def test_what_needs_a_decision_is_among_the_rows_left_out(admin: User) -> None:
    town("Alpha"), town("Alpha")
    batch = run(receive(PAIR + "marriage,Beta,FR,Gamma,DE\n", admin), "plan", "apply")
    assert (batch.counts["question"], batch.counts["refused"]) == (1, 1)
    assert [row[:2] for row in batches.refused_rows(batch)][1:] == [["twinning", "Alpha"], ["marriage", "Beta"]]


def test_all_or_nothing_writes_nothing_where_the_database_refuses_a_row(admin: User) -> None:
    text = "name,country,insee\nAlpha,FR,21001\nKoulikoro,ML,21002\n"  # only French towns have such a code
    batch = run(receive(text, admin, "towns", all_or_nothing=True), "plan")
    assert batch.counts["created"] == 2
    run(batch, "apply")
    assert (batch.status, Town.objects.count()) == (ImportStatus.PLANNED, 0)
    assert "the database refused a row" in batch.message
    batches.settle(batch, {"all_or_nothing": False})
    run(batch, "apply")
    assert (batch.status, Town.objects.get().name) == (ImportStatus.APPLIED, "Alpha")


def test_a_file_that_would_change_other_values_than_was_shown_is_planned_again(admin: User) -> None:
    known = town("Alpha", population=1)
    batch = run(receive(f"reference,population\n{known.reference},3\n", admin, "towns"), "plan")
    assert batch.rows.get().changes == [["population", "1", "3"]]
    Town.objects.filter(pk=known.pk).update(population=2)
    run(batch, "apply")
    assert (batch.status, batch.options["moved"]) == (ImportStatus.PLANNED, [2])
    assert batch.rows.get().changes == [["population", "2", "3"]]


def test_an_undo_that_comes_to_nothing_leaves_the_file_applied(admin: User) -> None:
    known = town("Alpha", insee="21001")
    text = f"reference,insee\n{known.reference},21002\n"
    batch = run(receive(text, admin, "towns"), "plan", "apply")
    time_passes()
    town("Omega", insee="21001")  # what the undo would give back
    run(batch, "undo")
    assert batch.status == ImportStatus.APPLIED
    assert "It cannot be undone" in batch.message


def test_work_that_is_cancelled_writes_nothing(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = run(receive(PAIR, admin), "plan")
    monkeypatch.setattr(jobs._Aside, "tell", lambda self, phase, done=0, total=0: phase == "writing")
    jobs.enqueue_step(batch, "apply", by=admin)
    batch.refresh_from_db()
    assert (batch.status, Agreement.objects.count()) == (ImportStatus.PLANNED, 0)
    assert "cancelled" in batch.message


def test_how_far_the_work_is_can_be_seen_at_each_moment(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, int, int]] = []
    monkeypatch.setattr(jobs._Aside, "tell", lambda self, phase, done=0, total=0: told.append((phase, done, total)))
    batch = run(receive(PAIR + PAIR.split("\n")[1], admin), "plan")
    assert [one for one in told if one[1]] == [("reading", 2, 0), ("deciding", 2, 2), ("deciding", 2, 2)]
    told.clear()
    run(batch, "apply")
    assert [one for one in told if one[1]] == [
        ("reading", 2, 2), ("deciding", 2, 2), ("writing", 1, 1), ("writing", 1, 1),
    ]  # fmt: skip


def test_work_whose_worker_died_is_seen_and_resumed(admin: User) -> None:
    batch = run(receive(PAIR, admin), "plan")
    batch.options["before"] = ImportStatus.PLANNED
    batch.status = ImportStatus.APPLYING
    batch.save()
    with jobs._Aside(batch) as aside:
        aside.tell("writing", 1, 1)
        assert aside.hold()
        assert jobs.batch_state(batch).working
        with pytest.raises(ImportRefused):
            jobs.enqueue_step(batch, "apply", by=admin)
    assert jobs.batch_state(batch).interrupted
    run(batch, "apply")
    assert (batch.status, Agreement.objects.count()) == (ImportStatus.APPLIED, 1)


def test_work_that_was_resumed_and_fails_is_as_before_it_was_first_begun(admin: User) -> None:
    batch = run(receive(PAIR + "marriage,Beta,FR,Gamma,DE\n", admin, all_or_nothing=True), "plan")
    batch.options["before"], batch.status = ImportStatus.PLANNED, ImportStatus.APPLYING
    batch.save()
    run(batch, "apply")
    assert (batch.status, Agreement.objects.count()) == (ImportStatus.PLANNED, 0)
    assert "not all rows are good" in batch.message


def test_work_that_a_worker_took_and_never_began_is_resumed(admin: User) -> None:
    with override_settings(TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}):
        batch = receive(PAIR, admin)
        jobs.enqueue_step(batch, "plan", by=admin)
        assert jobs.batch_state(batch).waiting
        with pytest.raises(ImportRefused):
            jobs.enqueue_step(batch, "plan", by=admin)
        DBTaskResult.objects.update(status=TaskResultStatus.RUNNING, started_at=timezone.now())
        assert jobs.batch_state(batch).waiting  # it has just been taken
        DBTaskResult.objects.update(started_at=timezone.now() - jobs.BEGINNING)
        assert jobs.batch_state(batch).interrupted
        jobs.enqueue_step(batch, "plan", by=admin)
        assert jobs.batch_state(batch).waiting
    jobs.work.func(batch.pk, "plan", admin.pk)
    batch.refresh_from_db()
    assert batch.status == ImportStatus.PLANNED


def test_work_that_ends_while_one_looks_is_not_interrupted(admin: User, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = receive(PAIR, admin)
    ImportBatch.objects.filter(pk=batch.pk).update(status=ImportStatus.PLANNING)

    def done(_batch: ImportBatch) -> bool:
        ImportBatch.objects.filter(pk=batch.pk).update(status=ImportStatus.PLANNED)
        return False

    monkeypatch.setattr(jobs, "_is_held", done)
    assert jobs.batch_state(batch) == jobs.BatchState(ImportStatus.PLANNED)


def test_work_that_is_under_way_is_left_to_who_does_it(admin: User) -> None:
    batch = receive(PAIR, admin)
    ImportBatch.objects.filter(pk=batch.pk).update(status=ImportStatus.PLANNING)
    with jobs._Aside(batch) as aside:
        aside.tell("waiting")
        assert aside.hold()
        jobs.cancel(batch)
        assert jobs.batch_state(batch).cancelled
        assert aside.tell("reading")  # to stop


def test_work_whose_worker_died_can_be_given_up(admin: User) -> None:
    batch = run(receive(PAIR, admin), "plan")
    ImportBatch.objects.filter(pk=batch.pk).update(
        status=ImportStatus.APPLYING, options=batch.options | {"before": "planned"}
    )
    batch.refresh_from_db()
    jobs.cancel(batch)
    batch.refresh_from_db()
    assert batch.status == ImportStatus.PLANNED


# Mapping


def test_headers_of_foreign_files_are_understood(admin: User) -> None:
    batch = receive(WIKIDATA.replace("\teu", "\tunion"), admin)
    options, reasons = profiles.suggested(batch, admin)
    assert options["mapping"] == {
        "party_1": "origincityLabel", "country_1": "origincountry", "lat_1": "originlat", "lon_1": "originlong",
        "population_1": "originpopulation", "party_2": "sistercityLabel", "lat_2": "destinationlat",
        "lon_2": "destinationlong", "population_2": "destinationpopulation", "country_2": "destination_countryLabel",
    }  # fmt: skip
    assert reasons["origincityLabel"] == "a usual name of this column"
    with pytest.raises(WrongHeaders, match="kind"):
        batches.settle(batch, options)
    batches.settle(batch, options | {"constants": {"kind": "twinning"}})
    assert run(batch, "plan").counts["created"] == 1
    assert batch.options["ignored"] == ["dist", "union"]


def test_what_the_query_service_of_wikidata_answers_is_known(admin: User) -> None:
    batch = receive(WIKIDATA, admin)
    options, reasons = profiles.suggested(batch, admin)
    assert "Wikidata" in reasons["dist"]
    batches.settle(batch, options)
    assert run(batch, "plan").counts["created"] == 1


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("Commune", "party_1"), ("Pays", "country_1"), ("Pays partenaire", "country_2"), ("Partnerstadt", "party_2"),
        ("Date de signature", "signed"), ("Jahr", "signed"), ("año", "signed"), ("Thématiques", "themes"),
        ("Ciudad hermana", "party_2"), ("country_3", "country_3"), ("Année de signatur", "signed"),
        ("Partnerland", "country_2"),
    ],
)  # fmt: skip
def test_usual_names_in_four_languages(header: str, column: str) -> None:
    assert suggest_columns([header], AgreementResource())[header][0] == column


def test_no_column_is_suggested_for_two_headers() -> None:
    found = suggest_columns(["Jahr", "año", "signed"], AgreementResource())
    assert {header: column for header, (column, _reason) in found.items()} == {"signed": "signed"}


def test_a_mapping_is_suggested_from_files_of_the_same_person(admin: User) -> None:
    text = "Ort,Land\nAlpha,FR\n"
    batches.settle(receive(text, admin, "towns"), {"mapping": {"name": "Land", "country": "Ort"}})
    again, other = receive(text, admin, "towns"), receive(text, User.objects.create_superuser("other"), "towns")
    assert profiles.suggested(again, again.user)[0]["mapping"] == {"name": "Land", "country": "Ort"}
    assert profiles.suggested(other, other.user)[0]["mapping"] == {"name": "Ort", "country": "Land"}


def test_a_profile_saved_from_refused_rows_holds_for_the_headers_they_had_before(admin: User) -> None:
    first = run(receive("Ort,Land\n,FR\n", admin, "towns", mapping={"name": "Ort", "country": "Land"}), "plan")
    rows = list(batches.refused_rows(first))
    assert len(rows) == 2
    again = receive("".join(batches.as_csv(rows, str)), admin, "towns", mapping=first.options["mapping"])
    assert again.headers == ["Ort", "Land", "line", "reason"]
    assert profiles.save_profile(again, "Towns", admin).headers == ["Ort", "Land"]
    assert [profile.name for profile in profiles.profiles_for(first, admin)] == ["Towns"]


def test_a_profile_is_offered_when_the_headers_come_again(admin: User) -> None:
    batch = receive("ville;pays;avec;pays2;type\nAlpha;FR;Gamma;DE;j\n", admin)
    told = {
        "mapping": {"party_1": "ville", "country_1": "pays", "party_2": "avec", "country_2": "pays2", "kind": "type"},
        "values": {"kind": {"J": "twinning"}},
    }
    batches.settle(batch, told)
    profiles.save_profile(batch, "Register", admin)
    again = receive("ville;pays;avec;pays2;type\nBeta;FR;Gamma;DE;j\n", admin)
    options, reasons = profiles.suggested(again, admin)
    assert {name: options[name] for name in told} == told
    assert "Register" in reasons["ville"]
    batches.settle(again, options)
    assert run(again, "plan").counts["created"] == 1


def test_values_that_nobody_understands_are_named(admin: User) -> None:
    text = "kind,party_1,country_1,party_2,country_2,population_1\n" + (
        "p,Alpha,Frankreich,Gamma,DE,1 500 hab.\np,Beta,Narnia,Gamma,DE,12\n"
    )
    batch = receive(text, admin)
    assert batches.unread_values(batch, batches.head_of(batch), {}) == {
        "kind": [("p", 2)],
        "country_1": [("Narnia", 1)],
    }
    batches.settle(batch, {"values": {"kind": {"p": "twinning"}, "country_1": {"narnia": "FR"}}})
    run(batch, "plan", "apply")
    assert batch.counts["created"] == 2
    assert Town.objects.get(name="Alpha").population == 1500
    assert batches.unread_values(batch, batches.head_of(batch), {}) == {}


@pytest.mark.parametrize(
    ("form", "cell", "expected"),
    [
        ("{party_2} ({country_2}) - {signed}", "KOULIKORO (MALI) - 1969", ["KOULIKORO", "MALI", "1969"]),
        ("{party_2} ({country_2}) - {signed}", "Sankt Peter (Au) (AT)-1970", ["Sankt Peter (Au)", "AT", "1970"]),
        ("{party_2}, {country_2}", "Bonn, DE", ["Bonn", "DE"]),
        ("{party_2} ({country_2})", "Bonn", None),
    ],
)
def test_a_cell_is_taken_apart_by_a_form(form: str, cell: str, expected: list[str] | None) -> None:
    found = CellPattern(form).read(cell)
    assert (found and list(found.values())) == expected


def test_split_cells_come_in_and_those_of_another_form_are_refused(admin: User) -> None:
    batch = receive("ville,partenaire\nAlpha,GAMMA (ALLEMAGNE) - 1969\nBeta,Gamma\n", admin)
    batches.settle(
        batch,
        {
            "mapping": {"party_1": "ville"},
            "constants": {"kind": "twinning", "country_1": "FR"},
            "splits": {"partenaire": "{party_2} ({country_2}) - {signed}"},
        },
    )
    run(batch, "plan", "apply")
    assert Agreement.objects.get().signed == "1969"
    fault = batch.rows.get(outcome=Outcome.REFUSED).faults[0]
    assert fault[:2] == ["party_2", "Gamma"]
    with pytest.raises(ImportRefused):
        batches.settle(batch, {"splits": {}})


def test_a_file_of_which_only_a_cell_is_taken_apart_may_have_other_headers(admin: User) -> None:
    batch = receive("jumelage,distance\nGamma (DE),7\n", admin)
    constants = {"kind": "twinning", "party_1": "Alpha", "country_1": "FR"}
    batches.settle(batch, {"constants": constants, "splits": {"jumelage": "{party_2} ({country_2})"}})
    assert run(batch, "plan").counts["created"] == 1
    assert batch.options["ignored"] == ["distance"]


def test_a_file_read_in_another_way_loses_what_was_said_of_its_former_columns(admin: User) -> None:
    batch = receive("ville,partenaire\nAlpha,Gamma (DE)\n", admin)
    told = {
        "mapping": {"party_1": "ville"},
        "constants": {"kind": "twinning", "country_1": "FR"},
        "splits": {"partenaire": "{party_2} ({country_2})"},
    }
    batches.settle(batch, told | {"all_or_nothing": True})
    profiles.read_as(batch, no_header=True)
    assert not batch.options.keys() & told.keys()
    assert batch.options["all_or_nothing"]


@pytest.mark.parametrize("form", ["nothing", "{party_2}{signed}", "{party_2} {party_2}", "{parti_2} - {signed}"])
def test_a_form_that_cannot_be_is_refused(admin: User, form: str) -> None:
    batch = receive("ville,partenaire\nAlpha,Gamma (DE)\n", admin)
    with pytest.raises(WrongHeaders):
        batches.settle(
            batch,
            {
                "mapping": {"party_1": "ville"},
                "constants": {"kind": "twinning", "country_1": "FR"},
                "splits": {"partenaire": form},
            },
        )


def test_a_row_can_be_a_party(admin: User) -> None:
    text = (
        "key,party,country,signed,joined\n7,Alpha,FR,1986,\n8,Beta,FR,,\n7,Gamma,DE,1986,\n7,Delta,ML,,1990\n"
        ",Omega,FR,,\n8,Gamma,DE,1970,\n9,Alpha,FR,1990,\n9,Gamma,DE,1991,\n"
    )
    batch = receive(text, admin, grouped=True, constants={"kind": "twinning"})
    run(batch, "plan", "apply")
    three = Agreement.objects.get(signed="1986")
    assert [(party.actor.name, party.joined) for party in three.parties.all()] == [
        ("Alpha", None), ("Gamma", None), ("Delta", "1990"),
    ]  # fmt: skip
    assert Agreement.objects.get(signed="1970").parties.count() == 2
    assert {row.line: row.faults[0][0] for row in batch.rows.filter(outcome="refused")} == {6: "key", 8: "signed"}
    assert [row[:2] for row in batches.refused_rows(batch)][1:] == [["", "Omega"], ["9", "Alpha"], ["9", "Gamma"]]


def test_a_record_stays_out_where_one_of_its_rows_is_refused(admin: User) -> None:
    text = "key,who,signed\n7,Alpha (FR),1986\n7,Gamma,1986\n8,Beta (FR),1990\n8,Gamma (DE),1990\n"
    told = {"grouped": True, "constants": {"kind": "twinning"}, "splits": {"who": "{party} ({country})"}}
    batch = run(receive(text, admin, **told), "plan", "apply")
    assert (batch.counts["created"], batch.counts["refused"]) == (1, 1)
    assert [fault[:2] for fault in batch.rows.get(outcome="refused").faults] == [["party_2", "Gamma"]]
    assert Agreement.objects.get().signed == "1990"


def test_a_file_without_headers_has_numbers(admin: User) -> None:
    batch = receive("Alpha;FR;Gamma;DE\nBeta;FR;Gamma;DE\n", admin, no_header=True)
    assert batch.headers == ["1", "2", "3", "4"]
    batches.settle(
        batch,
        {
            "mapping": {"party_1": "1", "country_1": "2", "party_2": "3", "country_2": "4"},
            "constants": {"kind": "twinning"},
        },
    )
    assert run(batch, "plan").counts["created"] == 2


def test_blank_cells_keep_or_clear_what_is_stored(admin: User) -> None:
    known = agreement(town("Alpha"), town("Gamma", "DE"), kind="twinning", signed="1986", ended="1999")
    text = f"reference,ended,activity\n{known.reference},,dormant\n"
    run(receive(text, admin), "plan", "apply")
    known.refresh_from_db()
    assert (known.ended, known.activity) == ("1999", "dormant")
    run(receive(text, admin, clear_blanks=True), "plan", "apply")
    known.refresh_from_db()
    assert (known.ended, known.activity) == (None, "dormant")


def test_cells_that_a_row_lacks_at_its_end_are_blank_and_none_empties_what_must_be_there(admin: User) -> None:
    known = town("Alpha", population=5, website="https://example.org/")
    text = f"reference,name,website,population\n{known.reference},,https://example.org/\n"
    run(receive(text, admin, "towns", clear_blanks=True), "plan", "apply")
    known.refresh_from_db()
    assert (known.name, known.website, known.population) == ("Alpha", "https://example.org/", None)


# Names


def test_a_decision_is_remembered_until_it_is_revoked(admin: User) -> None:
    one, two = town("Alpha"), town("Alpha")
    batch = run(receive(PAIR + "cooperation,Alpha,FR,Delta,ML\n", admin), "plan")
    assert batch.counts["question"] == 2
    name = batch.names.get(question=True)
    assert (name.rows, {candidate["target"] for candidate in name.candidates}) == (2, {f"t{one.pk}", f"t{two.pk}"})
    [verdict] = batches.decide([name], "record", target=f"t{two.pk}", title="Alpha", by=admin, scope=None)
    run(batch, "plan", "apply")
    assert batch.counts["created"] == 2
    assert two.parties.count() == 2
    again = run(receive("kind,party_1,country_1,party_2,country_2\nproject,ALPHA,FR,Gamma,DE\n", admin), "plan")
    assert again.counts["created"] == 1
    batches.revoke_verdict(verdict)
    assert run(again, "plan").counts["question"] == 1
    assert MatchVerdict.objects.exclude(revoked_at=None).count() == 1


@pytest.mark.parametrize("letter", ["g", "p"])
def test_a_name_that_is_said_to_be_a_place_of_the_gazetteer_is_made_from_it(admin: User, letter: str) -> None:
    """“p” is how verdicts were written until version 0.9."""
    _other, place = (make(GazetteerPlace, name="Dole", insee=code) for code in ("39198", "21001"))
    batch = run(receive(PAIR.replace("Alpha", "Dole"), admin), "plan")
    assert batch.counts["question"] == 1
    batches.decide([batch.names.get(question=True)], "place", target=f"{letter}{place.pk}", by=admin, scope=None)
    run(batch, "plan")
    assert batch.names.get(title="Dole").target == f"g{place.pk}"
    run(batch, "apply")
    assert batch.counts["created"] == 1
    assert Town.objects.get(name="Dole").insee == place.insee


@pytest.mark.parametrize(("decision", "created", "refused"), [("new", 1, 0), ("other", 1, 0), ("skip", 0, 1)])
def test_other_decisions(admin: User, decision: str, created: int, refused: int) -> None:
    town("Alpha"), town("Alpha")
    batch = run(receive(PAIR, admin), "plan")
    batches.decide(batch.names.filter(question=True), decision, by=admin, scope=None)
    run(batch, "plan", "apply")
    assert (batch.counts["created"], batch.counts["refused"]) == (created, refused)


# Who may


@pytest.fixture
def officer(admin: User) -> User:
    home = territory("FR-21")
    user = User.objects.create_user("officer")
    Mandate.objects.create(user=user, territory=home, role="officer")
    return user


def test_officers_write_in_their_territory_only(officer: User) -> None:
    home = territory("FR-21")
    town("Alpha", territory=home), town("Beta"), town("Gamma", "DE")
    text = PAIR + "twinning,Beta,FR,Gamma,DE\n"
    batch = run(receive(text, officer), "plan", "apply")
    assert (batch.counts["created"], batch.counts["refused"]) == (1, 1)
    assert "None of the parties" in batch.rows.get(outcome="refused").faults[0][2]


def test_officers_do_not_write_what_administrators_do(officer: User) -> None:
    batch = run(receive("code,name_en,name_fr\nwater,Water,Eau\n", officer, "themes"), "plan")
    assert (batch.counts["created"], batch.counts["refused"]) == (0, 1)


def test_what_an_account_that_is_gone_had_asked_for_is_not_written(admin: User) -> None:
    for resource, text in (("agreements", PAIR), ("themes", "code,name_en,name_fr\nwater,Water,Eau\n")):
        batch = run(receive(text, admin, resource), "plan")
        assert batch.counts["created"] == 1
        ImportBatch.objects.filter(pk=batch.pk).update(user=None)
        jobs.enqueue_step(batch, "apply")
        assert (batch.status, batch.counts["created"], batch.counts["refused"]) == (ImportStatus.PLANNED, 0, 1)
    assert not Agreement.objects.exists()


def test_what_an_administrator_had_asked_for_whose_account_was_closed_is_not_written(admin: User) -> None:
    texts = {"agreements": PAIR, "themes": "code,name_en,name_fr\nwater,Water,Eau\n"}
    planned = [run(receive(text, admin, resource), "plan") for resource, text in texts.items()]
    User.objects.filter(pk=admin.pk).update(is_active=False)
    for batch in planned:
        assert batch.counts["created"] == 1
        jobs.enqueue_step(batch, "apply")
        assert (batch.status, batch.counts["created"], batch.counts["refused"]) == (ImportStatus.PLANNED, 0, 1)
    assert not Agreement.objects.exists()
    assert not Theme.objects.exists()


def test_a_mandate_that_ended_since_the_plan_counts_no_more(officer: User) -> None:
    town("Alpha", territory=territory("FR-21")), town("Gamma", "DE")
    batch = run(receive(PAIR, officer), "plan")
    assert batch.counts["created"] == 1
    Mandate.objects.all().delete()
    run(batch, "apply")
    assert (batch.status, batch.counts["refused"]) == (ImportStatus.PLANNED, 1)
    assert not Agreement.objects.exists()


# Whatever the file

CELLS = {
    "kind": st.sampled_from(["twinning", "project", "marriage", ""]),
    "party_1": st.sampled_from(["Alpha", "Beta", "alpha", ""]),
    "country_1": st.sampled_from(["FR", "France", "Narnia", ""]),
    "party_2": st.sampled_from(["Gamma", "Delta", "Alpha"]),
    "country_2": st.sampled_from(["DE", "FR"]),
    "signed": st.sampled_from(["", "1986", "1986-05", "tomorrow"]),
    "activity": st.sampled_from(["", "active", "dormant"]),
    "themes": st.sampled_from(["", "water", "water|health", "magic"]),
}


@given(rows=st.lists(st.fixed_dictionaries(CELLS), min_size=1, max_size=8))
@hypothesis.settings(max_examples=examples(3))
def test_what_was_planned_is_what_is_applied_and_then_there_is_nothing_left_to_do(rows: list[dict[str, str]]) -> None:
    Agreement.objects.all().delete(), Town.objects.all().delete()  # of the example before
    for code in ("FR", "DE"):
        country(code)
    for code in ("water", "health"):
        Theme.objects.get_or_create(code=code, defaults={"name_en": code, "name_fr": code})
    by = User.objects.get_or_create(username="admin", is_superuser=True)[0]
    content = table(*rows)
    batch = run(receive(content, by), "plan")
    planned = batch.counts
    assert sum(planned.values()) == len(rows) == batch.rows.count()
    said = {row.line: row.outcome for row in batch.rows.all()}
    run(batch, "apply")
    assert batch.counts == planned
    assert {row.line: row.outcome for row in batch.rows.all()} == said
    again = run(receive(content, by), "plan")
    # What was refused may come in now: it may name a town that another line has made.
    left = again.rows.filter(outcome__in=["created", "updated"]).values_list("line", flat=True)
    assert {said[line] for line in left} <= {"refused"}
