"""Agreements come in: each row has one outcome, each set of parties is one agreement, and nothing is guessed."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerships.agreements import duplicates
from partnerships.editing import rules
from partnerships.imports.layouts import AgreementResource
from partnerships.models import (
    Agreement,
    AgreementSource,
    FundingContribution,
    FundingSource,
    GazetteerPlace,
    Organisation,
    Party,
    Source,
    Suspension,
    Theme,
    Town,
)
from partnerships.places.party_refs import PartyRef
from tests.factories import agreement, country, make, organisation, source, territory, town
from tests.importing import SOURCE, faults, load, outcomes, reasons, rows_of
from tests.properties import examples

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def towns(db: None) -> dict[str, Town]:
    """Towns by name: Alpha and Beta in France, Gamma in Germany, Kayes in Mali."""
    return {
        name: town(name, code) for name, code in (("Alpha", "FR"), ("Beta", "FR"), ("Gamma", "DE"), ("Kayes", "ML"))
    }


COUNTRY = {"Alpha": "FR", "Beta": "FR", "Gamma": "DE", "Kayes": "ML"}


def between(*names: str, **cells: str) -> dict[str, str]:
    """A row for an agreement between towns."""
    row = {"kind": "twinning"}
    for number, name in enumerate(names, 1):
        row |= {f"party_{number}": name, f"country_{number}": COUNTRY.get(name, "FR")}
    return row | cells


# Which rows are one agreement


def test_a_pair_is_one_agreement_whichever_way_round():
    imported = load(
        "agreements", between("Alpha", "Gamma"), between("Gamma", "Alpha"), between("ALPHÁ", "gamma", country_2="DE")
    )
    assert outcomes(imported) == ["created", "duplicate", "duplicate"]
    assert [row.twin for row in imported.rows] == [None, 2, 2]
    assert outcomes(load("agreements", between("Gamma", "Alpha"))) == ["unchanged"]
    assert Agreement.objects.count() == 1


def test_other_parties_kinds_and_starts_are_other_agreements():
    imported = load(
        "agreements",
        between("Alpha", "Gamma", signed="1986"),
        between("Alpha", "Gamma", signed="1999"),
        between("Alpha", "Gamma", kind="project"),
        between("Alpha", "Gamma", "Beta", signed="1986"),
        between("Beta", "Alpha", "Gamma", signed="1986"),
    )
    assert outcomes(imported) == ["created"] * 4 + ["duplicate"]
    three = Agreement.objects.get(pk=imported.rows[3].record.pk)
    assert [p.town.name for p in three.parties.all()] == ["Alpha", "Gamma", "Beta"]


def test_rows_of_one_agreement_that_differ_are_refused_rather_than_dropped():
    imported = load(
        "agreements",
        between("Alpha", "Gamma", signed="1986", description="one", joined_1="1990"),
        between(
            "Gamma", "Alpha", signed="1986", description="two", activity="active", joined_2="1990", joined_1="1991"
        ),
        between("Gamma", "Alpha", signed="1986", description="one", joined_2="1990"),
        between("Gamma", "Alpha", signed="1986", source="Elsewhere"),
    )
    assert outcomes(imported) == ["created", "refused", "duplicate", "refused"]
    assert [(line, column) for line, column, _value, _reason in faults(imported)] == [
        (3, "activity"),
        (3, "description"),
        (3, "joined_1"),
        (5, "source"),
    ]
    assert "Line 2 is about the same agreement" in reasons(imported)


def test_a_start_known_less_precisely_is_the_same_start():
    imported = load(
        "agreements",
        between("Alpha", "Gamma", signed="1986-05-24"),
        between("Alpha", "Gamma", signed="1986"),
        between("Alpha", "Gamma"),
        between("Beta", "Gamma"),
        between("Beta", "Gamma", signed="1990"),
    )
    assert outcomes(imported) == ["created", "duplicate", "duplicate", "created", "refused"]
    assert faults(imported)[0][:3] == (6, "signed", "1990")
    imported = load("agreements", between("Alpha", "Gamma", signed="1986-05"), between("Beta", "Gamma", signed="1990"))
    assert outcomes(imported) == ["unchanged", "updated"]
    assert sorted(Agreement.objects.values_list("signed", flat=True)) == ["1986-05-24", "1990"]


def test_the_agreement_of_the_very_start_is_meant_before_one_of_a_start_that_may_be_it(towns):
    found = {year: agreement(towns["Alpha"], towns["Gamma"], signed=year) for year in ("1986", "1986-05", "1986-05-24")}
    for year, record in found.items():
        imported = load("agreements", between("Alpha", "Gamma", signed=year, description=f"Of {year}"))
        assert [(row.outcome, row.record) for row in imported.rows] == [("updated", record)]


def test_a_withdrawn_agreement_of_the_parties_is_not_the_one_that_a_row_is_about(towns):
    gone = agreement(towns["Alpha"], towns["Gamma"], signed="1986")
    Agreement.objects.filter(pk=gone.pk).update(publication="withdrawn")
    assert outcomes(load("agreements", between("Alpha", "Gamma", signed="1986"))) == ["created"]


def test_parties_are_the_same_whatever_the_length_of_their_numbers():
    nine, ten = (
        make(Town, name=name, country=country("FR"), pk=pk) for name, pk in (("Neuf", 9 * 10**7), ("Dix", 10**8))
    )
    record = agreement(ten, nine, signed="1986")
    imported = load("agreements", between("Dix", "Neuf", signed="1986"), between("Neuf", "Dix", signed="1986"))
    assert [(row.outcome, row.twin) for row in imported.rows] == [("unchanged", None), ("duplicate", 2)]
    assert list(duplicates.of_same_parties([PartyRef.of(ten), PartyRef.of(nine)])) == [record]


def test_a_row_without_start_fits_several_agreements_and_none(towns):
    for year in ("1986", "1999"):
        agreement(towns["Alpha"], towns["Gamma"], signed=year)
    assert outcomes(load("agreements", between("Alpha", "Gamma"))) == ["created"]


def test_a_stored_three_party_agreement_is_found_and_kept(towns):
    record = agreement(towns["Alpha"], towns["Gamma"], towns["Kayes"], signed="1986")
    make(Suspension, party=record.parties.get(town=towns["Kayes"]), since="2023-09")
    rows = [between("Kayes", "Alpha", "Gamma", signed="1986"), between("Alpha", "Gamma", signed="1986")]
    assert outcomes(load("agreements", *rows)) == ["unchanged", "created"]
    assert Suspension.objects.filter(party__agreement=record, until=None).count() == 1


# Parties


@pytest.mark.parametrize(
    ("cells", "column", "reason"),
    [
        ({"party_2": "Alpha", "country_2": "FR"}, "party_2", "This party is there twice: correct one of the two."),
        ({"party_2": "Q4712", "country_2": "ML"}, "party_2", "This is a Wikidata identifier, not a name"),
        ({"party_2": "Nowhere", "country_2": "ML"}, "party_2", "Neither directory nor gazetteer knows “Nowhere” in ML"),
        ({"party_2": "Nowhere", "country_2": ""}, "party_2", "The town's country is missing"),
        ({"party_2": "Gamma", "country_2": "Narnia"}, "country_2", "This country is not known"),
        ({"party_2": "Gamma", "country_2": "DE", "code_2": "Q90"}, "code_2", "Write a code with its list"),
        ({"party_2": "", "code_2": "T99999"}, "code_2", "There is no town with the reference T99999"),
        ({"party_2": "", "code_2": "wikidata:Q987654"}, "code_2", "knows this code: add the town's name"),
        ({"party_2": "", "code_2": "geonames:" + "9" * 40}, "code_2", "Write a code with its list"),
        ({"party_2": "", "code_2": "wikidata:Q1\u0663"}, "code_2", "Write a code with its list"),
        ({"party_2": "", "lat_2": "12"}, "party_2", "The party has no name and no code."),
        ({"party_2": ""}, "party_2", "An agreement has at least two parties."),
        ({"party_1": ""}, "party_1", "An agreement has at least two parties."),
        ({"party_2": "???", "country_2": "FR"}, "party_2", "This is no name"),
        ({"party_2": "Club", "type_2": "organisation"}, "party_2", "does not know this organisation"),
        ({"party_2": "", "type_2": "organisation", "code_2": "insee:21515"}, "code_2", "by its name or its reference"),
        ({"type_2": "city"}, "type_2", "Write town or organisation."),
        ({"lat_2": "nan"}, "lat_2", "This is no number of degrees"),
        ({"lat_2": "inf"}, "lat_2", "This is no number of degrees"),
        ({"lat_2": "91"}, "lat_2", "Degrees here lie between"),
        ({"population_2": "-5"}, "population_2", "This is no whole number"),
        ({"population_2": "9" * 5000}, "population_2", "This number is too large"),
        ({"kind": ""}, "kind", "A new agreement needs its kind."),
        ({"kind": "wedding"}, "kind", "use one of twinning, twinning-cooperation"),
        ({"signed": "1986-02-30"}, "signed", "does not exist in the calendar"),
        ({"signed": "24 May"}, "signed", "is not a date"),
        ({"verified_on": "1986"}, "verified_on", "needs its day"),
        ({"themes": "water|"}, "themes", "There is no theme “water”"),
        ({"themes": "|"}, "themes", "The list has no parts"),
        ({"tacit_renewal": "maybe"}, "tacit_renewal", "Write 1 for yes or 0 for no."),
        ({"source_url": "https://example.org/"}, "source", "its title is not"),
        ({"source": "A", "source_url": "example.org"}, "source_url", "This is no web address"),
        ({"source": "x" * 301}, "source", "301 characters are too many"),
        ({"reference": "A12; drop"}, "reference", "A reference here is the letter A and a number"),
        ({"reference": "T12"}, "reference", "A reference here is the letter A and a number"),
        ({"reference": "A0"}, "reference", "A reference here is the letter A and a number"),
        ({"reference": "A9999999999"}, "reference", "A reference here is the letter A and a number"),
    ],
)
def test_a_bad_value_is_refused_with_its_remedy(cells: dict[str, str], column: str, reason: str):
    imported = load("agreements", between("Alpha", "Gamma") | cells)
    somebody_may_know = reason.startswith(("Neither directory nor", "does not know this", "Several places"))
    assert outcomes(imported) == ["question" if somebody_may_know else "refused"]
    assert [(fault[0], fault[1]) for fault in faults(imported)] == [(2, column)]
    assert faults(imported)[0][2] == (between("Alpha", "Gamma") | cells).get(column, "")
    assert reason in reasons(imported)


def test_all_faults_of_a_row_are_named_at_once():
    row = between("Nowhere", "Gamma", signed="x", kind="y", lat_2="z", source_url="https://example.org/")
    imported = load("agreements", row)
    assert {fault[1] for fault in faults(imported)} == {"signed", "kind", "lat_2", "source", "party_1"}
    assert outcomes(imported) == ["refused"]  # although a name needs a decision besides


def test_parties_may_be_numbered_with_gaps():
    row = between("Alpha") | {
        "party_2": "",
        "party_3": "Gamma",
        "country_3": "DE",
        "party_99": "Kayes",
        "country_99": "ML",
    }
    imported = load("agreements", row)
    assert outcomes(imported) == ["created"]
    assert [p.town.name for p in imported.rows[0].record.parties.all()] == ["Alpha", "Gamma", "Kayes"]


def test_constants_of_a_party_without_name_do_not_make_one():
    imported = load("agreements", between("Alpha", "Gamma"), constants={"country_3": "FR", "role_3": "operator"})
    assert outcomes(imported) == ["created"]
    assert Party.objects.count() == 2


def test_organisations_are_known_by_name_acronym_other_name_and_reference():
    club = organisation("Les amis de Kayes", acronym="ADK", country=country("FR"))
    club.names.create(name="Friends of Kayes")
    rows = [
        between("Alpha", name, type_2="organisation", kind=kind)
        for name, kind in (("les AMIS de Kayes", "project"), ("ADK", "twinning"), ("Friends of Kayes", "informal"))
    ]
    rows.append(between("Alpha", kind="one-off") | {"type_2": "organisation", "code_2": club.reference.lower()})
    imported = load("agreements", *rows)
    assert outcomes(imported) == ["created"] * 4, faults(imported)
    assert set(Party.objects.exclude(organisation=None).values_list("organisation", flat=True)) == {club.pk}


def test_an_organisation_is_known_without_its_country_and_none_that_is_a_draft():
    club = organisation("Les amis de Kayes", country=country("FR"))
    organisation("Amis en herbe", country=country("FR"), publication="draft")
    imported = load(
        "agreements",
        between("Alpha", "Les amis de Kayes", type_2="organisation", country_2=""),
        between("Alpha", "Amis en herbe", type_2="organisation"),
    )
    assert outcomes(imported) == ["created", "question"]
    assert imported.rows[0].record.parties.last().organisation == club


def test_a_code_of_insee_is_read_without_its_first_nought():
    make(GazetteerPlace, name="Ambérieu", country=country("FR"), insee="01004")
    imported = load("agreements", between("Gamma") | {"code_2": "insee:1004"})
    assert outcomes(imported) == ["created"]
    assert imported.rows[0].record.parties.last().town.insee == "01004"


def test_an_organisation_named_as_its_acronym_is_one():
    organisation("Cités unies", acronym="CITES UNIES", country=country("FR"))
    organisation("Nameless", acronym="")
    assert outcomes(load("agreements", between("Alpha", "Cités unies", type_2="organisation"))) == ["created"]


def test_new_organisations_need_leave_and_are_made_once():
    rows = [
        between("Alpha", "Le Club", type_2="organisation"),
        between("Beta", "LE CLUB", type_2="organisation"),
        between("Gamma", "le club", type_2="organisation", country_2=""),
    ]
    assert outcomes(load("agreements", *rows)) == ["question"] * 3
    assert outcomes(load(AgreementResource(create_towns=True), *rows)) == ["created"] * 3
    assert [(o.name, o.country_id) for o in Organisation.objects.all()] == [("Le Club", "FR")]
    assert Organisation.objects.get().sources.get().title == SOURCE["source_title"]


def test_new_towns_need_leave_and_are_made_once():
    rows = [
        between("Alpha", "Lao\u00a0Village"),
        between("Beta", "LAO village"),
        between("Gamma", "Lao Village", country_2="ML"),
    ]
    assert outcomes(load("agreements", *rows)) == ["question"] * 3
    assert outcomes(load(AgreementResource(create_towns=True), *rows)) == ["created"] * 3
    made = Town.objects.filter(name__startswith="Lao")
    assert sorted((t.name, t.country_id) for t in made) == [("Lao Village", "FR"), ("Lao Village", "ML")]
    assert {t.sources.get().title for t in made} == {SOURCE["source_title"]}


def test_what_was_made_for_refused_rows_does_not_stay():
    make(GazetteerPlace, name="Placeville", country=country("FR"), insee="21001")
    rows = [
        between("Placeville", "Alpha", signed="1999", ended="1990", source="Only here"),
        between("Newtown", "Nowhere", country_2="XX"),
        between("Newtown", "Some club", type_2="organisation", signed="1999", ended="1990"),
    ]
    imported = load(AgreementResource(create_towns=True), *rows)
    assert outcomes(imported) == ["refused"] * 3
    assert not Town.objects.filter(name__in=["Placeville", "Newtown"]).exists()
    assert not Organisation.objects.exists()
    assert not Source.objects.exists()


@pytest.mark.parametrize(
    "cells",
    [
        {"code_2": "insee:21001"},
        {"code_2": "wikidata:Q5", "party_3": "Other name", "country_3": "ML", "code_3": "wikidata:Q5"},
        {"lat_2": "12.5"},
        {"party_2": "N" * 200},
        {"code_2": "geonames:999999999|wikidata:Q999999999999999"},
    ],
)
def test_new_towns_never_break_the_import(cells: dict[str, str]):
    row = between("Alpha", "New", country_2="ML") | cells
    assert set(outcomes(load(AgreementResource(create_towns=True), row, between("Alpha", "Gamma")))) <= {
        "created",
        "refused",
    }
    assert Agreement.objects.count() >= 1


def test_a_file_lists_the_parties_in_their_order_and_the_source_that_is_cited_first(towns):
    record = agreement(towns["Alpha"], towns["Gamma"], cite=source("First"))
    make(AgreementSource, agreement=record, source=source("Second"))
    record.parties.filter(position=1).update(position=3)
    (row,) = rows_of("agreements")
    assert (row["party_1"], row["party_2"], row["source"]) == ("Gamma", "Alpha", "First")


# Updates


def test_a_row_updates_its_record_field_by_field(towns):
    for code in ("health", "water"):
        make(Theme, code=code)
    make(FundingSource, code="own")
    record = agreement(towns["Alpha"], towns["Gamma"], signed="1986", activity="active", description_en="old")
    row = {
        "reference": record.reference.lower(), "description": "new", "themes": "water|health|water", "funding": "own",
        "tacit_renewal": "oui", "formal_status": "In force", "verified_on": "24/05/2026", "signed": "",
    }  # fmt: skip
    imported = load("agreements", row)
    assert outcomes(imported) == ["updated"], faults(imported)
    assert set(imported.rows[0].changes) == set(row) - {"reference", "signed"}
    record.refresh_from_db()
    assert (record.description_en, record.signed, record.activity) == ("new", "1986", "active")
    assert (record.tacit_renewal, record.formal_status, record.verified_on) == (
        True,
        "in-force",
        datetime.date(2026, 5, 24),
    )
    assert set(record.themes.values_list("pk", flat=True)) == {"health", "water"}
    assert FundingContribution.objects.get().funding_id == "own"
    assert outcomes(load("agreements", row)) == ["unchanged"]


def test_a_reference_adds_and_completes_parties(towns):
    record = agreement(towns["Alpha"], towns["Gamma"])
    row = between("Gamma", "Kayes", reference=record.reference, role_1="lead", joined_2="1989", left_2="2001")
    assert outcomes(load("agreements", row)) == ["updated"]
    parties = record.parties.values_list("town__name", "role", "joined", "left", "position")
    assert list(parties) == [
        ("Alpha", "partner", None, None, 1),
        ("Gamma", "lead", None, None, 2),
        ("Kayes", "partner", "1989", "2001", 3),
    ]
    assert outcomes(load("agreements", row)) == ["unchanged"]


def test_a_row_adds_themes_to_those_that_are_there(towns):
    health, water = (make(Theme, code=code) for code in ("health", "water"))
    record = agreement(towns["Alpha"], towns["Gamma"], signed="1986")
    record.themes.add(health, through_defaults={})
    assert outcomes(load("agreements", between("Alpha", "Gamma", signed="1986", themes="water"))) == ["updated"]
    assert set(record.themes.all()) == {health, water}


def test_where_blanks_clear_they_leave_what_an_agreement_has_to_have(towns):
    record = agreement(towns["Alpha"], towns["Gamma"], signed="1986", kind="project", description_en="old")
    record.themes.add(make(Theme, code="health"), through_defaults={})
    record.parties.filter(town=towns["Alpha"]).update(role="lead", joined="1990")
    blank = dict.fromkeys(("kind", "description", "themes", "role_1", "joined_1"), "")
    row = between("Alpha", "Gamma", reference=record.reference) | blank
    assert outcomes(load("agreements", row)) == ["unchanged"]
    assert outcomes(load("agreements", row, clear_blanks=True)) == ["updated"]
    record.refresh_from_db()
    assert (record.kind, record.description_en, record.themes.count()) == ("project", "", 0)
    assert list(record.parties.values_list("role", "joined")) == [("lead", None), ("partner", None)]


def test_a_reference_of_an_agreement_between_others_is_refused(towns):
    record = agreement(towns["Alpha"], towns["Gamma"])
    imported = load("agreements", between("Beta", "Kayes", reference=record.reference))
    assert "is between others" in reasons(imported)
    assert record.parties.count() == 2


def test_a_new_reference_is_kept_and_the_next_lies_beyond():
    imported = load("agreements", between("Alpha", "Gamma"), between("Beta", "Gamma", reference="A700"))
    assert outcomes(imported) == ["created", "created"]
    assert Agreement.objects.filter(reference="A700").exists()
    assert outcomes(load("agreements", between("Alpha", "Kayes"))) == ["created"]
    assert int(Agreement.objects.latest("pk").reference[1:]) > 700


def test_references_that_contradict_the_parties_are_refused(towns):
    record = agreement(towns["Alpha"], towns["Gamma"])
    imported = load(
        "agreements",
        between("Gamma", "Alpha", reference="A700"),
        between("Beta", "Alpha", reference="A701"),
        between("Beta", "Alpha", reference="A702"),
        between("Beta", "Gamma", reference=record.reference, activity="active"),
        between("Alpha", "Gamma", activity="dormant"),
    )
    assert outcomes(imported) == ["refused", "created", "refused", "updated", "refused"]
    assert f"These parties have an agreement of this kind and start already: {record.reference}" in reasons(imported)


@pytest.mark.parametrize("merged", [False, True])
def test_a_withdrawn_agreement_does_not_come_back_by_its_reference(towns, merged: bool):
    survivor = agreement(towns["Alpha"], towns["Kayes"])
    gone = agreement(towns["Alpha"], towns["Gamma"])
    Agreement.objects.filter(pk=gone.pk).update(publication="withdrawn", merged_into=survivor if merged else None)
    imported = load("agreements", between("Alpha", "Gamma", reference=gone.reference))
    assert outcomes(imported) == ["refused"]
    assert (f"merged into {survivor.reference}" if merged else "withdrawn") in reasons(imported)


def test_two_references_may_have_the_same_parties_and_different_starts():
    rows = [
        between("Alpha", "Gamma", reference="A700", signed="1986"),
        between("Alpha", "Gamma", reference="A701", signed="1986-05"),
        between("Alpha", "Gamma", reference="A702"),
    ]
    assert outcomes(load("agreements", *rows)) == ["created"] * 3
    assert outcomes(load("agreements", *rows)) == ["unchanged"] * 3


# What the database refuses


def test_the_database_refuses_single_rows_in_words(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(rules, "RULES", [])  # which would refuse them before
    rows = [between("Alpha", "Gamma", signed=str(year)) for year in range(1900, 1920)]
    for index in (3, 11, 12):
        rows[index]["ended"] = "1800"
    imported = load("agreements", *rows)
    assert [row.line for row in imported.refused] == [5, 13, 14]
    assert {fault[3] for fault in faults(imported)} == {
        "The dates are in an impossible order: the end lies before the beginning."
    }
    assert Agreement.objects.count() == 17


def test_sources_of_a_refused_row_are_there_for_the_next():
    rows = [
        between("Alpha", "Gamma", signed="1999", ended="1990", source="Shared"),
        between("Alpha", "Kayes", source="Shared"),
        between("Newtown", "Kayes", source="Shared"),
    ]
    imported = load(AgreementResource(create_towns=True), *rows)
    assert outcomes(imported) == ["refused", "created", "created"], reasons(imported)


def test_an_update_that_would_repeat_another_agreement_is_refused(towns):
    agreement(towns["Alpha"], towns["Gamma"], signed="1986")
    other = agreement(towns["Alpha"], towns["Gamma"], signed="1999")
    imported = load(
        "agreements",
        {"reference": other.reference, "signed": "1986"},
        {"reference": other.reference, "activity": "active"},
    )
    assert outcomes(imported) == ["refused", "refused"]
    assert "These parties have a published agreement of this kind and start already." in reasons(imported)


# Sources and history


def test_rows_cite_their_own_source_or_the_file():
    cited = {"source": "A register", "source_url": "https://example.org/register"}
    load(
        "agreements",
        between("Alpha", "Gamma", **cited),
        between("Beta", "Gamma"),
        between("Alpha", "Kayes", source="A register"),
    )
    pairs = AgreementSource.objects.values_list("source__title", "source__url", "source__licence").order_by("id")
    assert list(pairs) == [
        ("A register", "https://example.org/register", ""),
        ("A test file", "", "CC0-1.0"),
        ("A register", "", ""),
    ]
    assert outcomes(load("agreements", between("Beta", "Gamma", **cited))) == ["updated"]
    assert outcomes(load("agreements", between("Beta", "Gamma", **cited))) == ["unchanged"]


def test_a_title_means_the_one_source_known_by_it():
    known = source("A register", url="https://example.org/1")
    load("agreements", between("Alpha", "Gamma", source="A register"))
    assert AgreementSource.objects.get().source == known
    source("A register", url="https://example.org/2")
    load("agreements", between("Beta", "Gamma", source="A register"))
    assert AgreementSource.objects.latest("pk").source.url == ""  # which of the two, nobody knows


def test_the_history_of_all_that_changed_names_the_batch(towns):
    record = agreement(towns["Alpha"], towns["Gamma"], signed="1986")
    rows = [
        between("Alpha", "Gamma", signed="1986", activity="active", role_1="lead"),
        between("Newtown", "Beta", source="Cited"),
    ]
    batch = load(AgreementResource(create_towns=True), *rows).batch
    made = Agreement.objects.exclude(pk=record.pk).get()
    events = [
        record.events.filter(pgh_label="update"),
        record.parties.get(town=towns["Alpha"]).events.filter(pgh_label="update"),
        made.events.all(),
        made.parties.first().events.all(),
        Town.objects.get(name="Newtown").events.all(),
        Source.objects.get(title="Cited").events.all(),
        AgreementSource.objects.get(agreement=made).events.all(),
    ]
    for kind in events:
        assert [event.pgh_context.metadata["batch"] for event in kind] == [batch.reference], kind.model


def test_the_batch_keeps_what_was_imported(administrator):
    imported = load(
        "agreements",
        {"von": "Alpha", "nach": "Gamma"},
        {"von": "Alpha", "nach": "Nowhere"},
        mapping={"party_1": "von", "party_2": "nach"},
        constants={"kind": "twinning", "country_1": "FR", "country_2": "DE"},
        user=administrator,
        file_name="p\udcff.csv",
    )
    batch = imported.batch
    batch.refresh_from_db()
    assert batch.counts == {"created": 1, "updated": 0, "unchanged": 0, "duplicate": 0, "question": 1, "refused": 0}
    assert batch.options["mapping"] == {"party_1": "von", "party_2": "nach"}
    assert batch.options["constants"]["kind"] == "twinning"
    assert (batch.user, batch.resource, batch.file_name, len(batch.sha256)) == (
        administrator,
        "agreements",
        "p?.csv",
        64,
    )


# Export, speed of growth, and whatever a file may hold


def test_agreements_with_all_that_belongs_to_them_are_exported_and_come_in_unchanged(towns):
    for code in ("health", "water"):
        make(Theme, code=code)
    club = organisation("Club", country=country("FR"))
    record = agreement(
        towns["Alpha"], towns["Gamma"], club, signed="1986-05", cite=source("One | two"), description_en='say "a"\nb; c'
    )
    for name in ("a | b", "twice", "twice"):
        make(
            AgreementSource, agreement=record, source=source(name, url=f"https://example.org/{Source.objects.count()}")
        )
    record.themes.add("water", "health")
    money = {"agreement": record, "funding": make(FundingSource, code="own")}
    make(FundingContribution, **money, year=2024, amount=5, currency="EUR")
    party_row = rows_of("agreements")[0]
    assert (party_row["party_3"], party_row["type_3"], party_row["code_3"]) == ("Club", "organisation", club.reference)
    for name in ("sources", "agreements", "agreement_sources", "contributions"):
        rows = rows_of(name)
        assert set(outcomes(load(name, *rows))) == {"unchanged"}, name


def test_money_takes_the_place_of_the_bare_funding_source(towns):
    make(FundingSource, code="own")
    load("agreements", between("Alpha", "Gamma", reference="A700", funding="own"))
    line = {"agreement": "A700", "funding": "own", "year": "2024", "amount": "12,50", "currency": "EUR"}
    assert outcomes(load("contributions", line)) == ["created"]
    assert FundingContribution.objects.get().year == 2024
    assert outcomes(load("agreements", between("Alpha", "Gamma", funding="own"))) == ["unchanged"]


def test_money_of_a_year_does_not_take_the_place_of_an_amount_of_no_year(towns):
    record, own = agreement(towns["Alpha"], towns["Gamma"]), make(FundingSource, code="own")
    make(FundingContribution, agreement=record, funding=own, amount=5, currency="EUR")
    assert outcomes(load("contributions", {"agreement": record.reference, "funding": "own", "year": "2024"})) == [
        "created"
    ]
    assert set(FundingContribution.objects.values_list("year", "amount")) == {(None, 5), (2024, None)}


def test_the_number_of_queries_does_not_grow_with_the_rows():
    names = [f"Town {number}" for number in range(600)]
    Town.objects.bulk_create(Town(name=name, country=country("FR")) for name in names)
    territory("FR-BFC", name="Bourgogne")

    def queries(pairs: int, offset: int, **cells: str) -> int:
        rows = [
            between(names[offset + n], f"Club {n % 5}", type_2="organisation", source=f"S{n}", signed="1990", **cells)
            for n in range(pairs)
        ]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            imported = load(AgreementResource(create_towns=True), *rows)
        assert not imported.refused
        return len(captured)

    load(
        AgreementResource(create_towns=True), *[between("Alpha", f"Club {n}", type_2="organisation") for n in range(5)]
    )
    few, many = queries(10, 0), queries(300, 100)
    assert many <= few + 2
    assert queries(300, 100, activity="active", role_1="lead") <= queries(10, 0, activity="active", role_1="lead") + 2


CELLS = st.sampled_from(
    ["Alpha", "Beta", "Gamma", "Kayes", "Nowhere", "FR", "DE", "XX", "Deutschland", "1986", "1990-05", "1800", "x",
     "A1", "a700", "twinning", "project", "organisation", "town", "insee:21515", "wikidata:Q5", "geonames:7", "12.5",
     "-0", "nan", "1e5", "|", "lead", "0", "1", "https://example.org/", "A source", "’ — \u202f", '"', "=1+1", "\u0663",
     "9" * 30, "2026-05-24"]
) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)  # fmt: skip
COLUMNS = st.sampled_from([*AgreementResource().known_columns, "party_3", "country_3", "code_4", "lat_1", "lon_1"])


@settings(max_examples=examples(12))
@given(
    st.lists(
        st.dictionaries(COLUMNS, CELLS, max_size=6).map(lambda cells: between("Alpha", "Gamma") | cells),
        min_size=1,
        max_size=8,
    ),
    st.booleans(),
)
def test_any_table_ends_with_one_outcome_for_each_row(rows: list[dict[str, str]], create: bool):
    imported = load(AgreementResource(create_towns=create), *rows)
    written = [row for row in imported.rows if row.outcome == "created"]
    assert all(Agreement.objects.filter(pk=row.record.pk).exists() for row in written)
    assert not Town.objects.filter(parties=None).exclude(name__in=COUNTRY).exists()
    again = load(AgreementResource(create_towns=create), *rows)
    assert "created" not in outcomes(again)
    connection.check_constraints()
