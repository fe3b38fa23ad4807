"""The arithmetic of the benchmark of matching, on a handful of rows."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.matching.files import Files, read_crawl
from benchmarks.matching.gazetteer import Gazetteer, alike, forms
from benchmarks.matching.messes import hands, messed
from benchmarks.matching.rows import ABOVE, NOBODY, Others, Place, Row, words
from benchmarks.matching.scores import Answer, Tally, Verdict, judge, judged
from benchmarks.matching.split import REPORTING, TUNING, tunes
from benchmarks.matching.ways import by_baseline, by_matcher
from partnerships.models import GazetteerPlace
from tests.factories import country, make, territory

LAHR = Place(1, "Lahr", "municipality", "DE", "Baden-Württemberg", "", 1, 47_000, 48.34, 7.87)
LE_MANS = Place(2, "Le Mans", "municipality", "FR", "Sarthe", "72181", None, 145_000, 48.0, 0.2)
OTHERS = Others("Hessen", "SE", (59.6, 17.9), "Kehl")

HEADER = (
    "origincityLabel\torigincountry\toriginlat\toriginlong\toriginpopulation\tsistercityLabel\tdestinationlat"
    "\tdestinationlong\tdestinationpopulation\tdestination_countryLabel\tdist\teu"
)


def row(place: Place | None = LAHR, **said: object) -> Row:
    """A row about Lahr, published at its point."""
    return replace(Row("as published", "Lahr", "DE", place=place, published=LAHR.point, also_in="DE"), **said)


def answer(**said: object) -> Answer:
    """The answer Lahr."""
    known = Answer("place 1", "Lahr", "municipality", "DE", LAHR.point, False, "1", False)
    return known._replace(**said)


NEW = answer(key="new 1", code="", new=True)


@pytest.mark.parametrize(
    ("asked", "answered", "verdict"),
    [
        (row(), None, Verdict.QUESTION),
        (row(), answer(), Verdict.RIGHT),
        (row(), answer(code="3", point=(48.34, 7.9)), Verdict.RIGHT),  # the same town, listed twice
        (row(), answer(code="3", point=(48.5, 7.87)), Verdict.PLACE),  # 18 km, though the place is known
        (row(exact=False), answer(code="3", point=(48.5, 7.87)), Verdict.RIGHT),
        (row(None), answer(code="3", point=(48.5, 7.87)), Verdict.RIGHT),
        (row(None), answer(code="3", point=(48.7, 7.87)), Verdict.PLACE),
        (row(None), answer(code="3", point=(49.5, 7.87), vague=True), Verdict.RIGHT),
        (row(), answer(code="3", level="district"), Verdict.LEVEL),
        (row(), answer(level="region"), Verdict.LEVEL),
        (row(), answer(country="AT"), Verdict.COUNTRY),
        (row(also_in="AT"), answer(country="AT"), Verdict.RIGHT),
        (row(), NEW, Verdict.COPY),
        (row(None), NEW, Verdict.RIGHT),
        (row(right=ABOVE), answer(), Verdict.LEVEL),
        (row(right=ABOVE), NEW, Verdict.LEVEL),
        (row(right=ABOVE), answer(level="department"), Verdict.RIGHT),
        (row(right=NOBODY), answer(), Verdict.NOBODY),
        (row(right=NOBODY), None, Verdict.QUESTION),
    ],
)
def test_an_answer_is_worth(asked: Row, answered: Answer | None, verdict: Verdict):
    assert judge(asked, answered) == verdict


def test_a_second_record_of_a_place_is_a_copy_also_where_the_gazetteer_has_none():
    rows = [row(), row(times=2), row(None, name="Nirgends"), row(None, name="NIRGENDS"), row(None, name="Anderswo")]
    answers = [answer(key="place 3", code="3"), answer(), NEW, NEW._replace(key="new 2"), NEW._replace(key="new 3")]
    right, copy = Verdict.RIGHT, Verdict.COPY
    assert judged(rows, answers) == [copy, right, right, copy, right]


def test_shares_are_of_names_of_rows_and_of_answers():
    rows = [row(times=5), row(name="Laar"), row(name="Laar", population=5), row(name="Kehl")]
    tally = Tally.of(rows, [Verdict.RIGHT, Verdict.QUESTION, Verdict.QUESTION, Verdict.PLACE])
    assert (tally.settled, tally.wrong) == (0.5, 0.5)
    assert tally.rows == 4  # eight names, two a row
    assert tally.questions == 1, "both ask the same"
    assert tally.per_thousand == 250
    assert tally.cells() == ["4", "50.0%", "75.0%", "50.00%", "1", "0", "0", "0", "0", "250"]
    assert Tally.of([], []).cells()[1] == "100.0%"


def test_each_country_is_on_one_side():
    assert (len(TUNING), len(REPORTING)) == (12, 13)
    assert not TUNING & REPORTING
    assert [tunes(code) for code in ("FR", "DE", "US", "TR")] == [True, False, True, False]


def test_names_alike_are_told_from_compounds():
    assert forms("Lund Municipality, Skåne") == ["lund municipality skane", "lund municipality", "lund"]
    assert alike("lahr", "lahr im schwarzwald")
    assert alike("st georgen am langsee", "sankt georgen am langsee")
    assert not alike("friedrichshain kreuzberg", "kreuzberg")
    assert not alike("rolle", "mont sur rolle")


def test_patterns_are_filled_with_what_a_place_has():
    blind, seeing = hands()["blind"].patterns, hands()["seeing"].patterns
    assert {mess.kind for mess in blind} - {mess.kind for mess in seeing} == set()
    rows = {(mess.pattern, mess.country): mess.write(LAHR, words(LAHR, OTHERS)) for mess in blind}
    assert rows["{name}, {elsewhere_territory}", "{iso}"].name == "Lahr, Hessen"
    assert rows["{name}, {elsewhere_territory}", "{iso}"].right == NOBODY
    assert rows["Landkreis {name}", "{iso}"].right == {"department"}
    assert (rows["{name}", "R.F.A."].name, rows["{name}", "R.F.A."].country) == ("Lahr", "R.F.A.")
    assert rows["Ville {of}", "{iso}"] is not None
    assert rows["{rest} ({article})", "{iso}"] is None
    known = words(LE_MANS, OTHERS)
    assert (known["of"], known["rest"], known["article"], known["number"]) == ("du Mans", "Mans", "Le", "72")


@pytest.fixture
def gazetteer() -> Gazetteer:
    """Two towns called Lahr, one of them small, and some towns to make messes of."""
    there = territory("DE-BW", country=country("DE"), name="Baden-Württemberg")
    for name, code, latitude, longitude in (
        ("Lahr", "DE", 48.34, 7.87), ("Lahr", "DE", 50.1, 7.3), ("Quetigny", "FR", 47.3, 5.1),
    ):  # fmt: skip
        columns = {"latitude": latitude, "longitude": longitude, "geonames": int(latitude * 100)}
        make(GazetteerPlace, name=name, country=country(code), territory=there if code == "DE" else None, **columns)
    for number in range(30):
        columns = {"latitude": 46 + number / 10, "longitude": 2.0, "geonames": number + 1}
        make(GazetteerPlace, name=f"Bourg{chr(97 + number)}ville-sur-Seine", country=country("FR"), **columns)
        columns = {"latitude": 56 + number / 10, "longitude": 15.0, "geonames": number + 101}
        make(GazetteerPlace, name=f"Nea{chr(97 + number)}polis", country=country("GR"), **columns)
    return Gazetteer()


@pytest.mark.django_db
def test_the_point_tells_who_is_meant_and_the_ways_are_judged_by_it(gazetteer: Gazetteer, tmp_path: Path):
    lines = [
        "Lahr\tGermany\t48.35\t7.86\t47000\tQuetigny\t47.31\t5.1\t\tFrance\t200\tEU",
        "Quetigny\tFrance\t47.3\t5.1\t\tLahr County\t48.35\t7.86\t\tGermany\t200\tEU",
        "Q42\tFrance\t47.3\t5.1\t\tPrussia\t48.35\t7.86\t\tKingdom of Prussia\t200\tEU",
    ]
    (tmp_path / "germany.tsv").write_text("\n".join([HEADER, *lines]) + "\n")
    (tmp_path / "denmark.tsv").write_text(
        f"{HEADER}\nLahr\tFrance\t48.35\t7.86\t\tLahr\t48.35\t7.86\t\tGermany\t0\tEU\n"
    )
    (tmp_path / "crawl2016-names.tsv").write_text("Q1\tLahr\nQ2\tQuetigny\nQ3\tNowhere\n")
    (tmp_path / "crawl2016-relations.tsv").write_text("Q1\tQ2\nQ2\tQ1\nQ3\tQ1\n")
    files = Files(tmp_path, gazetteer)
    lahr, quetigny, county = files.rows
    assert (lahr.place.latitude, lahr.times, quetigny.times) == (48.34, 2, 2)
    assert (quetigny.place.name, county.place) == ("Quetigny", None)
    assert "municipality" not in county.right
    assert [row.place.country for row in files.exchanged] == ["DE"]
    assert dict(files.left_out) == {"no name": 1, "a former or unknown country": 1}

    told = by_matcher(files.rows, create=False)
    assert judged(files.rows, told.answers)[:2] == [Verdict.RIGHT, Verdict.RIGHT]
    plain = by_baseline(files.rows, gazetteer, create=True)
    assert judged(files.rows, plain.answers) == [Verdict.QUESTION, Verdict.RIGHT, Verdict.LEVEL]
    assert [(row.name, row.place and row.place.name) for row in read_crawl(tmp_path, files)] == [
        ("Lahr", "Lahr"), ("Quetigny", "Quetigny"), ("Nowhere", None),
    ]  # fmt: skip


@pytest.mark.django_db
def test_messes_are_the_same_each_time_and_none_is_the_name_of_another_place(gazetteer: Gazetteer):
    def made() -> list[tuple[str, str]]:
        return [(row.kind, row.name) for rows in messed(gazetteer.all(), gazetteer, 5).values() for row in rows]

    rows = made()
    assert rows == made()
    assert {"typo", "wrong point", "another level", "right qualifier", "order and case"} <= {kind for kind, _ in rows}
