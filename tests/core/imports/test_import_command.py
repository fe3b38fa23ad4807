"""The import command: what it takes, what it says, and what it prints for machines."""

import itertools
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core.imports.models import ImportBatch
from partnerships.models import Agreement, Party, Town
from tests.factories import country, town
from tests.importing import load, outcomes

SOURCE = ["--source-title", "A register", "--source-licence", "CC0"]


@pytest.fixture
def run(db: None, tmp_path: Path, capsys: pytest.CaptureFixture) -> Any:
    """Run the command on a file's content; gives what it printed, by lines."""

    def run(content: str | bytes, *options: str, resource: str = "agreements") -> list[str]:
        path = tmp_path / "file.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        call_command("import_csv", resource, str(path), *SOURCE, *options)
        return capsys.readouterr().out.splitlines()

    town("Alpha")
    town("Gamma", "DE")
    return run


WIKIDATA = """von\tland\tlat\tlong\tnach\tland2\teu
Alpha\tFrance\t\t\tGamma\tGermany\tEU
Gamma\tAllemagne\t\t\tALPHA\tFrankreich\t
"Two
lines"\tFrance\tx\t\tQ123\tGermany\t

Alpha\tFrance\t\t\tAlpha\tFrance\t
"""
MAP = ["party_1=von", "country_1=land", "lat_1=lat", "lon_1=long", "party_2=nach", "country_2=land2"]


def test_a_foreign_file_is_mapped_and_every_row_accounted_for(run):
    mapping = [part for pair in MAP for part in ("--map", pair)]
    lines = run(WIKIDATA, *mapping, "--set", "kind=twinning", "--json")
    batch = ImportBatch.objects.get()
    assert lines[:-2] == [
        "Left out, since nothing maps to it: eu",
        "line 4, lat_1 “x”: This is no number of degrees: write it as in 47.3167.",
        "line 4, party_2 “Q123”: This is a Wikidata identifier, not a name: look the name up and write it.",
        "line 7, party_2 “Alpha”: This party is there twice: correct one of the two.",
    ]
    assert (
        lines[-2] == f"{batch.reference}: 4 rows: 1 created, 0 updated, 0 unchanged, 1 duplicate, 0 question, 2 refused"
    )
    assert json.loads(lines[-1]) == {
        "created": 1, "updated": 0, "unchanged": 0, "duplicate": 1, "question": 0, "refused": 2,
        "batch": batch.reference,
    }  # fmt: skip
    assert (batch.source_title, batch.source_licence, batch.file_name) == ("A register", "CC0-1.0", "file.csv")
    assert Agreement.objects.get().sources.get().title == "A register"


def test_new_towns_come_in_only_with_leave(run):
    content = "kind,party_1,country_1,party_2,country_2\ntwinning,Alpha,FR,Lao,FR\n"
    assert run(content)[-1].endswith("1 question, 0 refused")
    assert "1 created" in run(content, "--create-towns")[-1]
    assert Town.objects.filter(name="Lao").count() == 1


def test_delimiter_and_encoding_override(run):
    content = "title~publisher\nL’été, l'hiver~É\n".encode("cp1252")
    assert "1 created" in run(content, "--delimiter", "~", "--encoding", "cp1252", resource="sources")[-1]


@pytest.mark.parametrize(
    ("content", "options", "resource", "message"),
    [
        ("kind\n", ["--map", "kind"], "agreements", "--map takes COLUMN="),
        ("kind\n", ["--set", "kind="], "agreements", "--set takes COLUMN="),
        ("kind\n", ["--set", "kind=a", "--set", "kind=b"], "agreements", "--set names the column kind twice"),
        ("kind,colour\n", [], "agreements", "“colour” is not known"),
        ("", [], "agreements", "The file is empty."),
        ("title\n", ["--create-towns"], "towns", "--create-towns goes with agreements only"),
        ("title\n", ["--source-date", "soon"], "sources", "--source-date: “soon” is not a date"),
        ("title\n", ["--source-licence", "ODbL"], "sources", "cannot be published under CC BY 4.0"),
        ("title\n", ["--source-url", "nowhere"], "sources", "valid URL"),
        ("title\n", ["--encoding", "x"], "sources", "no encoding named"),
        ("title\n", [], "kings", "invalid choice"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(run, content, options, resource, message):
    with pytest.raises(CommandError, match=message):
        run(content, *options, resource=resource)
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("missing", ["--source-title", "--source-licence"])
def test_a_source_is_required(db, tmp_path: Path, missing: str):
    path = tmp_path / "file.csv"
    path.write_text("title\n")
    given = SOURCE[2:] if missing == SOURCE[0] else SOURCE[:2]
    with pytest.raises(CommandError, match=missing):
        call_command("import_csv", "sources", str(path), *given)


def test_a_file_that_is_not_there(db, tmp_path: Path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_csv", "sources", str(tmp_path / "none.csv"), *SOURCE)


@pytest.mark.django_db(transaction=True)
def test_overlapping_files_at_one_time_are_as_one_after_the_other():
    country("FR")
    names = [f"Town {n}" for n in range(40)]
    for name in names:
        town(name)
    rows = [
        {"kind": "twinning", "party_1": a, "country_1": "FR", "party_2": b, "country_2": "FR"}
        for a, b in itertools.pairwise(names)
    ]
    results: list[Any] = []
    barrier = threading.Barrier(3)

    def work(part: list[dict[str, str]]) -> None:
        try:
            barrier.wait()
            results.append(outcomes(load("agreements", *part)))
        except BaseException as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(part,)) for part in (rows[:30], rows[10:], rows[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not [result for result in results if isinstance(result, BaseException)]
    assert sum(result.count("created") for result in results) == len(rows)
    assert {outcome for result in results for outcome in result} == {"created", "unchanged"}
    assert (Agreement.objects.count(), Party.objects.count()) == (39, 78)


def test_columns_within_cells_values_and_members(run):
    lines = run(
        "k;who;art\n1;Alpha (Frankreich);p\n1;Gamma (DE);p\n",
        "--split", "who={party} ({country})", "--map", "key=k", "--map", "kind=art", "--value", "kind:P=twinning",
        "--grouped",
    )  # fmt: skip
    assert lines[-1].endswith("1 rows: 1 created, 0 updated, 0 unchanged, 0 duplicate, 0 question, 0 refused")


def test_a_profile_that_comes_with_the_directory(run):
    headers = "origincityLabel,origincountry,sistercityLabel,destination_countryLabel,originlat,originlong"
    headers += ",originpopulation,destinationlat,destinationlong,destinationpopulation,dist"
    lines = run(f"{headers}\nAlpha,France,Gamma,Germany\n", "--profile", "Wikidata")
    assert "1 created" in lines[-1]
    with pytest.raises(CommandError, match="no profile"):
        run(f"{headers}\n", "--profile", "Wikidate")


@pytest.mark.parametrize("option", [(), ("--all-or-nothing",)])
@pytest.mark.parametrize(
    ("bad", "counted"), [("marriage,Alpha,FR,Gamma,DE", "1 refused"), ("twinning,Alpha,FR,Lao,FR", "1 question")]
)
def test_all_or_nothing(run, option: tuple[str, ...], bad: str, counted: str):
    rows = f"kind,party_1,country_1,party_2,country_2\ntwinning,Alpha,FR,Gamma,DE\n{bad}\n"
    told = run(rows, *option)[-1]
    assert "1 created" in told
    assert counted in told
    assert Agreement.objects.exists() == (not option)


def test_the_file_is_kept_with_the_batch(run):
    text = "kind,party_1,country_1,party_2,country_2\ntwinning,Alpha,FR,Gamma,DE\n"
    run(text)
    batch = ImportBatch.objects.get()
    assert batch.file.read() == text.encode()
    assert batch.rows.get().raw == ["twinning", "Alpha", "FR", "Gamma", "DE"]


def test_the_source_and_the_options_are_kept_as_text(run):
    options = ("--source-title", "A\x07 register\udc80", "--source-publisher", "Who\x00", "--set", "kind=twin\x07ning")
    run("party_1,country_1,party_2,country_2\nDole,FR,Mainz,DE\n", *options)
    batch = ImportBatch.objects.get()
    assert (batch.source_title, batch.source_publisher) == ("A register", "Who")
    assert batch.options["constants"] == {"kind": "twinning"}
