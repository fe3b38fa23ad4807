"""All layouts but that of agreements: records are found by what identifies them, made, changed or refused in words."""

import datetime
import io
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from core.imports import cells as widgets
from core.imports.errors import ImportRefused
from core.imports.registry import resources
from networks.models import Membership, Milestone, Network, NetworkLink, SupportBody
from partnerships.models import (
    Claim,
    Country,
    FundingSource,
    Organisation,
    Source,
    StateRelation,
    Suspension,
    Territory,
    Theme,
    Town,
)
from tests.factories import agreement, country, make, organisation, source, town
from tests.importing import faults, load, load_file, outcomes, reasons, rows_of
from tests.properties import examples

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def countries(db: None) -> None:
    for code in ("FR", "ML", "DE"):
        country(code)


# Every layout


@pytest.mark.parametrize("name", list(resources()))
def test_cells_are_no_longer_than_their_columns(name: str):
    resource = resources()[name]()
    for column in resource.fields.values():
        fields = {field.name: field for field in resource.model._meta.local_fields}
        field = fields.get(column.target)
        if isinstance(field, models.CharField) and type(column.widget) is widgets.TextCell:
            assert column.widget.max_length == field.max_length, column.column_name


@pytest.mark.parametrize("name", list(resources()))
def test_columns_explain_themselves(name: str):
    resource = resources()[name]()
    assert resource.__doc__
    for column in resource.fields.values():
        assert column.meaning, column.column_name
        assert column.widget.format


@settings(max_examples=examples(15))
@given(st.data())
def test_any_table_ends_with_one_outcome_for_each_row(data: st.DataObject):
    name = data.draw(st.sampled_from([name for name in resources() if name != "agreements"]))
    resource = resources()[name]()
    samples = {
        column: st.just(field.example) if field.example else st.just("Title")
        for column, field in resource.fields.items()
    }
    cells = st.sampled_from(
        ["1986", "1800", "FR", "T1", "N1", "x", "|", "a|b", "-5", "9" * 30, "=1", "t1", "’\u00a0", "1e9"]
    )
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10)
    row = st.fixed_dictionaries({column: sample | cells | texts for column, sample in samples.items()})
    rows = data.draw(st.lists(row, min_size=1, max_size=5))
    with suppress(ImportRefused):  # where a row refers to one that the database refused
        load(name, *rows)
    connection.check_constraints()


# References and identities


@pytest.mark.parametrize(
    ("name", "row", "letter"),
    [
        ("towns", {"name": "Lao", "country": "ML"}, "T"),
        ("organisations", {"name": "Club", "kind": "association"}, "O"),
        ("networks", {"name_en": "Net", "kind": "federation", "scope": "world"}, "N"),
        ("support_bodies", {"name": "Body"}, "B"),
        ("sources", {"title": "A book"}, "S"),
        ("milestones", {"date": "1992", "title_en": "E", "title_fr": "F", "source": "Known"}, "M"),
        ("claims", {"statement_en": "E", "statement_fr": "F", "source": "Known"}, "C"),
        ("web_links", {"section": "africa", "title": "W", "url": "https://example.org/", "source": "Known"}, "L"),
    ],
)
def test_new_references_have_their_letter_and_are_free(name: str, row: dict[str, str], letter: str):
    source("Known")
    imported = load(name, row | {"reference": "X5"}, row | {"reference": f"{letter}7; drop"})
    assert outcomes(imported) == ["refused"] * 2
    assert f"A reference here is the letter {letter} and a number" in reasons(imported)
    imported = load(name, row | {"reference": f"{letter.lower()}700"})
    assert outcomes(imported) == ["created"], reasons(imported)
    assert imported.rows[0].record.reference == f"{letter}700"
    assert outcomes(load(name, row)) == ["unchanged"]
    imported = load(name, {"reference": f"{letter}700"} | row)
    assert outcomes(imported) == ["unchanged"]


def test_claims_of_both_apps_share_their_references():
    source("Known")
    network = make(Network)
    row = {"statement_en": "E", "statement_fr": "F", "source": "Known", "reference": "C700"}
    assert outcomes(load("claims", row)) == ["created"]
    network.refresh_from_db()
    imported = load("network_claims", row | {"network": network.reference})
    assert "belongs to another record" in reasons(imported)


def test_references_of_the_file_do_not_meet_those_that_are_given():
    rows = [{"title": f"Book {n}"} for n in range(3)]
    following = int(source().pk and Source.objects.latest("pk").reference[1:])
    rows.append({"title": "Own", "reference": f"S{following + 2}"})
    assert outcomes(load("sources", *rows)) == ["created"] * 4


def test_references_that_are_given_lie_beyond_the_highest_of_a_file():
    following = int(source().pk and Source.objects.latest("pk").reference[1:])
    rows = [{"title": str(ahead), "reference": f"S{following + ahead}"} for ahead in (20, 10)]
    assert outcomes(load("sources", *rows)) == ["created"] * 2
    assert Source.objects.get(pk=source().pk).reference == f"S{following + 21}"


def test_a_town_is_found_by_codes_and_by_name_only_without_them():
    known = town("Alpha", insee="21001", wikidata="Q1")
    bare = town("Lao", "ML")
    imported = load(
        "towns",
        {"name": "Alpha-la-Belle", "country": "FR", "insee": "21001", "population": "1 500"},
        {"name": "Alpha", "country": "FR"},
        {"name": "Lao", "country": "Mali", "website": "https://example.org/"},
        {"name": "Koro", "country": "ML", "wikidata": "Q9"},
    )
    assert outcomes(imported) == ["updated", "created", "updated", "created"], reasons(imported)
    assert [row.record for row in imported.rows[::2]] == [known, bare]
    known.refresh_from_db()
    assert (known.name, known.population, known.wikidata) == ("Alpha-la-Belle", 1500, "Q1")


def test_identifiers_of_different_records_and_names_of_several_are_refused():
    first, second = town("Alpha", insee="21001"), town("Beta", wikidata="Q1")
    twins = [town("Lao", "ML"), town("Lao", "ML")]
    imported = load(
        "towns",
        {"name": "Alpha", "country": "FR", "insee": "21001", "wikidata": "Q1"},
        {"name": "Lao", "country": "ML"},
        {"reference": twins[0].reference, "population": "7"},
        {"reference": twins[0].reference, "insee": "21001"},
    )
    assert outcomes(imported) == ["refused", "refused", "updated", "refused"]
    assert f"The row fits several records: Alpha ({first.reference}), Beta ({second.reference})." in reasons(imported)


def test_namesakes_with_references_of_their_own_stay_apart():
    rows = [{"reference": f"T70{n}", "name": "Lao", "country": "ML"} for n in range(3)]
    assert outcomes(load("towns", *rows)) == ["created"] * 3
    assert outcomes(load("towns", *rows)) == ["unchanged"] * 3


def test_a_reference_does_not_change():
    known = town("Alpha", insee="21001")
    imported = load("towns", {"reference": "T700", "name": "Alpha", "country": "FR", "insee": "21001"})
    assert reasons(imported) == f"The record has another reference: {known.reference}."


def test_a_merged_or_withdrawn_record_does_not_come_back():
    survivor, gone = town("Alpha"), town("Beta", publication="withdrawn")
    merged = town("Gamma", publication="withdrawn", merged_into=survivor)
    rows = [{"reference": record.reference, "name": "X", "country": "FR"} for record in (gone, merged)]
    imported = load("towns", *rows)
    assert outcomes(imported) == ["refused"] * 2
    assert f"merged into {survivor.reference}" in reasons(imported)


def test_rows_about_one_record_repeat_or_contradict_each_other():
    rows = [
        {"title": "A", "publisher": "P"},
        {"title": "A"},
        {"title": "A", "publisher": "Q"},
        {"title": "A", "date": "2006"},
    ]
    imported = load("sources", *rows)
    assert outcomes(imported) == ["created", "duplicate", "refused", "refused"]
    assert faults(imported)[0][:3] == (4, "publisher", "Q")
    assert "Line 2 is about the same record and says “P”" in reasons(imported)


def test_a_record_named_in_two_ways_is_changed_once():
    known = town("Alpha", insee="21001")
    rows = [{"reference": known.reference, "population": "7"}, {"insee": "21001", "population": "8"}]
    assert outcomes(load("towns", *rows)) == ["updated", "refused"]


def test_blank_cells_keep_what_is_stored_and_zero_is_a_value():
    known = town("Alpha", insee="21001", population=5, website="https://example.org/")
    imported = load(
        "towns", {"reference": known.reference, "population": "0", "website": "", "latitude": "-0", "longitude": "0"}
    )
    assert outcomes(imported) == ["updated"]
    known.refresh_from_db()
    assert (known.population, known.website, known.latitude) == (0, "https://example.org/", 0.0)


def test_new_records_need_their_columns():
    imported = load("organisations", {"name": "Club", "kind": ""}, {"name": "", "kind": "ngo"})
    assert outcomes(imported) == ["refused"] * 2
    assert [fault[:2] for fault in faults(imported)] == [(2, "kind"), (3, "name")]


# Values


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("name", "x" * 201, "201 characters are too many: shorten it to 200."),
        ("level", "planet", "use one of district, village"),
        ("country", "ZZ", "This country is not known"),
        ("country", "JP", "There is no country “JP”"),
        ("territory", "FR-99", "There is no territory “FR-99”"),
        ("insee", "104", "write it as in 21515"),
        ("insee", "\u0662\u0661515", "write it as in 21515"),
        ("wikidata", "90", "write it as in Q90"),
        ("geonames", "2984805.5", "This is no whole number"),
        ("geonames", "²", "This is no whole number"),
        ("geonames", "9" * 5000, "too large"),
        ("population", "-5", "This is no whole number"),
        ("population", "2147483648", "too large"),
        ("latitude", "47_3.1", "no number of degrees"),
        ("latitude", "1e9", "Degrees here lie between"),
        ("longitude", "-180.5", "Degrees here lie between"),
        ("latitude", "5°N", "no number of degrees"),
        ("latitude", ".", "no number of degrees"),
        ("website", "www.example.org", "begins with http:// or https://"),
        ("website", "javascript:alert(1)", "This is no web address"),
        ("website", "https://example.org/" + "x" * 300, "too many"),
        ("governs", "nowhere", "There is no territory"),
        ("sources", "Unknown", "There is no source “Unknown”"),
        ("sources", "||", "The list has no parts"),
    ],
)
def test_a_bad_value_is_refused_with_its_remedy(column: str, value: str, reason: str):
    row = {"name": "Alpha", "country": "FR", "latitude": "47", "longitude": "5"} | {column: value}
    imported = load("towns", row)
    assert [fault[:3] for fault in faults(imported)] == [(2, column, value)]
    assert reason in reasons(imported)


def test_what_only_the_database_knows_is_refused_in_its_words():
    make(Town, name="Alpha", insee="21001", country=country("FR"))
    imported = load(
        "towns",
        {"name": "Here", "country": "FR", "latitude": "47.3"},
        {"name": "There", "country": "ML", "insee": "21002"},
        {"name": "Good", "country": "FR"},
    )
    assert outcomes(imported) == ["refused", "refused", "created"]
    assert reasons(imported).splitlines() == [
        "Coordinates need both numbers: a latitude from −90 to 90 and a longitude from −180 to 180.",
        "Only French towns have an INSEE code.",
    ]


def test_two_new_rows_that_the_database_holds_to_be_one():
    row = {"country": "FR", "level": "region", "name": "A", "insee": "27"}
    imported = load(
        "territories", row | {"code": "FR-BFC"}, row | {"code": "FR-XYZ"}, row | {"code": "FR-BRE", "insee": "53"}
    )
    assert outcomes(imported) == ["created", "refused", "created"]
    assert "already exists" in reasons(imported)


def test_no_break_spaces_group_digits_and_part_words():
    imported = load(
        "towns", {"name": "Alpha", "country": "\u00a0FR ", "population": "1\u202f500\u00a0000", "level": "Municipality"}
    )
    assert outcomes(imported) == ["created"]
    assert Town.objects.get().population == 1_500_000


def test_long_text_keeps_its_spaces_and_lines():
    text = "« Bonjour\u00a0»\r\nà tous\u202f!"
    source("Known")
    load("claims", {"statement_en": "E", "statement_fr": text, "source": "Known"})
    assert Claim.objects.get().statement_fr == text


def test_amounts():
    source("Known")
    rows = [
        {"statement_en": str(n), "statement_fr": "F", "source": "Known", "value": value}
        for n, value in enumerate(["12 500,50", "-3", "80.00", "1e5", "1_0", "NaN", "1.005", "9" * 13, "9" * 5000])
    ]
    imported = load("claims", *rows)
    assert outcomes(imported) == ["created"] * 3 + ["refused"] * 6
    assert list(Claim.objects.order_by("pk").values_list("value", flat=True)) == [
        Decimal("12500.50"),
        Decimal(-3),
        Decimal(80),
    ]


# Links and look-ups


def test_links_are_made_added_and_dropped():
    titles = [source(title).title for title in ("One", "Two | too", "Three")]
    odd = Source.objects.get(title="Two | too").reference
    load("towns", {"name": "Lao", "country": "ML", "sources": f"One|{odd}|"})
    known = Town.objects.get()
    assert {s.title for s in known.sources.all()} == set(titles[:2])
    assert outcomes(load("towns", {"reference": known.reference, "population": "5", "sources": f"{odd}| One"})) == [
        "updated"
    ]
    assert known.sources.count() == 2
    assert outcomes(load("towns", {"reference": known.reference, "sources": f"{odd}|Three"})) == ["updated"]
    assert {s.title for s in known.sources.all()} == set(titles[1:])
    assert rows_of("towns")[0]["sources"] == "|".join(sorted([odd, "Three"]))
    assert outcomes(load("towns", *rows_of("towns"))) == ["unchanged"]


def test_what_a_cell_names_twice_is_linked_once():
    source("One")
    assert outcomes(load("towns", {"name": "Lao", "country": "ML", "sources": "One|One"})) == ["created"]
    assert [one.title for one in Town.objects.get().sources.all()] == ["One"]


def test_a_title_of_several_sources_needs_the_reference():
    two = [source("Twice", url=f"https://example.org/{n}") for n in range(2)]
    row = {"statement_en": "E", "statement_fr": "F", "source": "Twice"}
    assert "Several records have this name" in reasons(load("claims", row))
    assert outcomes(load("claims", row | {"source": two[1].reference})) == ["created"]
    assert rows_of("claims")[0]["source"] == two[1].reference
    assert outcomes(load("claims", *rows_of("claims"))) == ["unchanged"]


def test_rows_may_refer_to_records_of_their_own_file():
    rows = [
        {"reference": "B701", "name": "Old", "successor": "b703", "succeeded": "2017"},
        {"reference": "B702", "name": "Older", "successor": "B701"},
        {"reference": "B703", "name": "New"},
    ]
    assert outcomes(load("support_bodies", *rows)) == ["created"] * 3
    assert SupportBody.objects.get(reference="B701").successor.name == "New"
    assert outcomes(load("support_bodies", *rows)) == ["unchanged"] * 3
    rows[2] |= {"successor": "B704"}
    imported = load("support_bodies", *rows, {"reference": "B704", "name": "Newest"})
    assert outcomes(imported) == ["unchanged", "unchanged", "updated", "created"]
    assert SupportBody.objects.get(reference="B703").successor.name == "Newest"


def test_rows_that_wait_for_a_refused_row_are_refused_too():
    rows = [
        {"reference": "B701", "name": "Old", "successor": "B702"},
        {"reference": "B702", "name": "Middle", "successor": "B703"},
        {"reference": "B703", "name": ""},
        {"reference": "B704", "name": "Other", "founded": "1999", "dissolved": "1990"},
    ]
    imported = load("support_bodies", *rows)
    assert outcomes(imported) == ["refused"] * 4
    assert "the record that this one refers to was refused" in reasons(imported)
    rows[2] |= {"name": "New", "founded": "1999", "dissolved": "1990"}
    with pytest.raises(ImportRefused, match="Line 3: There is no support body “B703”"):
        load("support_bodies", *rows)
    assert not SupportBody.objects.exists()


def test_territories_and_their_successors():
    rows = [
        {
            "code": "FR-D",
            "country": "FR",
            "level": "region",
            "name": "Bourgogne",
            "successor": "FR-BFC",
            "dissolved_on": "2015-12-31",
        },
        {"code": "FR-BFC", "country": "France", "level": "Region", "name": "Bourgogne-Franche-Comté"},
        {"code": "fr/bre", "country": "FR", "level": "region", "name": "Bretagne"},
    ]
    assert outcomes(load("territories", *rows)) == ["created", "created", "refused"]
    assert Territory.objects.get(code="FR-D").successor_id == "FR-BFC"


def test_countries_are_filled_in_from_iso_and_cldr():
    imported = load(
        "countries",
        {"code": "bf", "continent": "af"},
        {"code": "ZZ", "continent": "AF"},
        {"code": "XK", "continent": "EU"},
    )
    assert outcomes(imported) == ["created", "refused", "created"]
    assert [fault[1] for fault in faults(imported)] == ["code"]
    burkina = Country.objects.get(code="BF")
    assert (burkina.alpha3, burkina.numeric, burkina.name_fr) == ("BFA", "854", "Burkina Faso")
    assert Country.objects.get(code="XK").alpha3 == "XKX"


@pytest.mark.parametrize(("name", "model"), [("themes", Theme), ("zones", None), ("funding_sources", FundingSource)])
def test_codes_of_our_own_fit_into_addresses(name: str, model: Any):
    names = {"name_en": "E", "name_fr": "F"}
    imported = load(name, {"code": "water-2", **names}, {"code": "Water & soil", **names}, {"code": "x" * 41, **names})
    assert outcomes(imported) == ["created", "refused", "refused"]


def test_goals_are_numbers_from_1_to_17():
    names = {"name_en": "E", "name_fr": "F"}
    imported = load(
        "themes",
        {"code": "a", "sdgs": "11| 6", **names},
        {"code": "b", "sdgs": "18", **names},
        {"code": "d", "sdgs": "17", **names},
        {"code": "c", "sdgs": "x", **names},
    )
    assert outcomes(imported) == ["created", "refused", "created", "refused"]
    assert dict(Theme.objects.values_list("code", "sdgs")) == {"a": "11,6", "d": "17"}
    assert rows_of("themes")[0]["sdgs"] == "11|6"


def test_suspensions_name_their_party():
    lao, quetigny = town("Lao", "ML"), town("Quetigny")
    record = agreement(quetigny, lao)
    row = {"agreement": record.reference, "party": lao.reference.lower(), "suspended_by": "State", "since": "2023-09"}
    imported = load(
        "suspensions", row, row | {"party": town("Other").reference}, row | {"agreement": "A99999"}, row | {"party": ""}
    )
    assert outcomes(imported) == ["created", "refused", "refused", "refused"]
    assert [fault[:2] for fault in faults(imported)] == [(3, "party"), (4, "agreement"), (5, "party")]
    assert outcomes(load("suspensions", row | {"until": "2024"})) == ["updated"]
    assert Suspension.objects.get().until == "2024"
    assert outcomes(load("suspensions", *rows_of("suspensions"))) == ["unchanged"]


def test_state_relations_without_a_start_are_found_again():
    source("Known")
    row = {"country": "ML", "counterpart": "EU", "description_en": "E", "description_fr": "F", "source": "Known"}
    assert outcomes(load("state_relations", row)) == ["created"]
    assert outcomes(load("state_relations", row)) == ["unchanged"]
    assert outcomes(load("state_relations", row | {"since": "2023"})) == ["created"]
    assert StateRelation.objects.count() == 2


def test_members_of_a_network_are_of_four_kinds():
    network, other = make(Network), make(Network)
    members = [town(), organisation(), other, make(SupportBody)]
    for record in (network, *members):
        record.refresh_from_db()
    rows = [{"network": network.reference, "member": member.reference.lower()} for member in members]
    bad = [{"network": network.reference, "member": text} for text in ("A1", "T99999", "?")]
    imported = load("memberships", *rows, *bad)
    assert outcomes(imported) == ["created"] * 4 + ["refused"] * 3
    assert {membership.member for membership in Membership.objects.all()} == set(members)
    assert outcomes(load("memberships", *rows)) == ["unchanged"] * 4
    assert outcomes(load("memberships", rows[0] | {"until": "2001"})) == ["updated"]
    assert outcomes(load("memberships", rows[0] | {"since": "1990", "until": "1980"})) == ["refused"]


def test_a_network_has_no_link_to_itself():
    network = make(Network)
    network.refresh_from_db()
    row = {"network": network.reference, "kind": "merged-into", "other": network.reference}
    assert reasons(load("network_links", row)) == "A network has no link to itself."
    assert not NetworkLink.objects.exists()


def test_names_that_the_organisation_has_already():
    club = organisation("Club")
    row = {"organisation": club.reference, "name": "The club", "kind": "printed"}
    assert outcomes(load("organisation_names", row, row)) == ["created", "duplicate"]
    assert outcomes(load("organisation_names", row | {"kind": "former"})) == ["updated"]
    assert Organisation.objects.get().names.get().kind == "former"


def test_dates_in_a_workbook():
    source("Known")
    workbook, content = Workbook(), io.BytesIO()
    workbook.active.append(["date", "title_en", "title_fr", "source"])
    workbook.active.append([datetime.date(1992, 2, 6), "Law", "Loi", "Known"])
    workbook.active.append([1913, "Congress", "Congrès", "Known"])
    workbook.save(content)
    assert outcomes(load_file("milestones", content.getvalue())) == ["created"] * 2
    assert sorted(Milestone.objects.values_list("date", flat=True)) == ["1913", "1992-02-06"]


# Growth and history


def test_the_number_of_queries_does_not_grow_with_the_rows():
    sources = [source(f"Source {n}").title for n in range(4)]

    def queries(number: int, first: int, **cells: str) -> int:
        rows = [
            {"name": f"Town {first + n}", "country": "FR", "insee": str(10000 + first + n)}
            | {"sources": sources[n % 2] + "|" + sources[2]}
            | cells
            for n in range(number)
        ]
        with CaptureQueriesContext(connection) as captured:
            imported = load("towns", *rows)
        assert not imported.refused
        return len(captured)

    assert queries(300, 100) <= queries(10, 0) + 2
    assert queries(300, 100) == queries(10, 0)
    change = {"population": "7", "sources": sources[3]}
    assert queries(300, 100, **change) <= queries(10, 0, **change) + 2


def test_the_history_of_all_that_changed_names_the_batch():
    one, two = source("One"), source("Two")
    load("towns", {"name": "Alpha", "country": "FR", "sources": "One"})
    known = Town.objects.get()
    batch = load("towns", {"reference": known.reference, "population": "7", "sources": "Two"}).batch
    (event,) = known.events.filter(pgh_label="update")
    assert event.pgh_context.metadata["batch"] == batch.reference
    links = Town.sources.through.pgh_event_model.objects.order_by("pgh_id")
    assert sorted((e.pgh_label, e.source_id) for e in links) == [
        ("delete", one.pk),
        ("insert", one.pk),
        ("insert", two.pk),
    ]
    assert {e.pgh_context.metadata["batch"] for e in links[1:]} == {batch.reference}


def test_a_code_that_nobody_knows_yet_leaves_the_name_of_a_town() -> None:
    mainz = town("Mainz", "DE", geonames=2874225, population=184_997)
    other = town("Napoli", "IT", wikidata="Q2", population=959_000)
    rows = [
        {"name": "Mainz", "country": "DE", "wikidata": "Q1720"},
        {"name": "Napoli", "country": "IT", "wikidata": "Q2634"},
        {"name": "Torino", "country": "IT", "wikidata": "Q495"},
    ]
    assert outcomes(load("towns", *rows)) == ["updated", "created", "created"]  # another Napoli: it has a code
    mainz.refresh_from_db()
    assert (mainz.wikidata, mainz.geonames) == ("Q1720", 2874225)
    other.refresh_from_db()
    assert other.wikidata == "Q2"
    assert outcomes(load("towns", *rows)) == ["unchanged"] * 3
