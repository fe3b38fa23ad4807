"""Dumps: complete, public, the same again after a way through an empty directory; the catalogue of them."""

import csv
import dataclasses
import datetime
import gzip
import hashlib
import io
import itertools
import json
import re
import shutil
import sqlite3
import struct
import subprocess
import threading
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rdflib import DCAT, DCTERMS, RDF, Graph, URIRef

from coopdir.opendata.dumps import build
from coopdir.opendata.dumps.tables import PUBLIC_PARTS
from core.facets import live_index
from core.imports.registry import resources
from networks import models as n
from partnerships import models as p
from tests import factories as f
from tests.editing import time_passes
from tests.packages import needed

pytestmark = pytest.mark.django_db

SHAPES = Graph().parse(settings.BASE_DIR / "tests/shapes/dcat_ap.ttl")


@pytest.fixture(autouse=True)
def root(settings: Any, tmp_path: Path) -> Path:
    settings.DUMPS_ROOT = tmp_path / "dumps"
    return settings.DUMPS_ROOT


@pytest.fixture
def days(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """The next version of the data: the clock of a test, which is one transaction, stands still."""
    _state, start = build.data_state()
    numbers = itertools.count(1)

    def pass_one() -> None:
        number = next(numbers)
        later = start + datetime.timedelta(days=number)
        monkeypatch.setattr(build, "data_state", lambda: (str(number), later))

    return pass_one


def publish(**options: Any) -> build.Dump:
    dump, is_new = build.publish_dump(**options)
    assert is_new
    return dump


def path_of(dump: build.Dump, end: str) -> Path:
    (found,) = [dump.folder / file.name for file in dump.files if file.name.endswith(end)]
    return found


def tables(dump: build.Dump) -> dict[str, bytes]:
    """The CSV files of a dump."""
    with zipfile.ZipFile(path_of(dump, ".csv.zip")) as archive:
        assert archive.testzip() is None
        return {name[:-4]: archive.read(name) for name in archive.namelist() if name.endswith(".csv")}


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


@pytest.fixture
def world(db: None) -> p.Agreement:
    """Something in every table, with what needs care: formulas, several parties, names in other scripts."""
    region = f.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    f.make(p.TerritoryParent, territory=f.territory("FR-21", level="department"), parent=region, since="2016-01-01")
    source = f.source("Atlas; “2006”", url="https://example.org/atlas", date="2006", licence="CC-BY-4.0")
    f.make(p.ZoneCountry, zone=f.make(p.CooperationZone, code="sahel"), country=f.country("ML"), source=source)
    f.make(p.StateRelation, country=f.country("ML"), source=source)
    quetigny = f.town("Quetigny", territory=region, insee="21515", geonames=2984805, latitude=47.3, longitude=5.1)
    koulikoro = f.town("Koulikoro", "ML", wikidata="Q1000", latitude=12.86, longitude=-7.56, population=43174)
    bous = f.town("=Bous", "DE")
    hospital = f.organisation("Hôpital", country=f.country("FR"), seat=quetigny)
    for model, owner in ((p.TownName, {"town": koulikoro}), (p.OrganisationName, {"organisation": hospital})):
        f.make(model, name="Тимбукту", language="ru", **owner)
    f.make(p.TownSource, town=quetigny, source=source)
    agreement = f.agreement(
        quetigny,
        koulikoro,
        bous,
        hospital,
        cite=source,
        signed="1986-05",
        kind="twinning",
        description_en="=1+1, \r\n x",
    )
    f.make(p.AgreementSource, agreement=agreement, source=f.source("Council"))
    f.make(p.AgreementTheme, agreement=agreement, theme=f.make(p.Theme, code="water", sdgs="6,3"))
    parties = list(agreement.parties.all())
    f.make(p.Suspension, party=parties[1], since="2023-09", source=source)
    f.make(p.Renewal, agreement=agreement, renewed="2006")
    own = f.make(p.FundingSource, code="own")
    money = {"year": 2024, "amount": "12500", "currency": "EUR"}
    f.make(p.FundingContribution, agreement=agreement, funding=own, **money)
    f.make(p.Document, agreement=agreement, language="fr")
    f.make(p.Claim, source=source, second_source=source, verdict="confirmed", town=koulikoro, value="80")
    network = f.network("AIMF", country=f.country("FR"), founded="1979", seat_town=quetigny)
    body = f.support_body("BFC International", services=["training", "animation"])
    f.make(n.SupportBody, name="Old", successor=body, succeeded="2017")
    f.make(n.NetworkName, network=network)
    f.make(n.NetworkSource, network=network, source=source)
    f.make(n.NetworkLink, network=network, other=f.network("UCLG"), source=source)
    f.make(n.ServedTerritory, support_body=body, territory=region)
    for member in ({"town": koulikoro}, {"town": None, "organisation": hospital}, {"town": None, "support_body": body}):
        f.make(n.Membership, network=network, since="2001", **member)
    f.make(n.NetworkClaim, network=network, source=source)
    f.make(n.Milestone, network=network, source=source)
    f.make(n.WebLink, support_body=body, source=source)
    return agreement


def test_every_layout_is_in_it() -> None:
    assert list(PUBLIC_PARTS) == list(resources()), (
        "say in coopdir/opendata/dumps/tables.py what of a new layout is public"
    )


def test_every_table_has_its_rows_and_its_schema(world: p.Agreement) -> None:
    dump = publish()
    found = tables(dump)
    package = json.loads((dump.folder / "datapackage.json").read_text())
    assert list(found) == list(PUBLIC_PARTS) == [one["name"] for one in package["resources"]]
    for one in package["resources"]:
        content = rows(found[one["name"]])
        assert content, f"{one['name']} is empty: give the test's world a row"
        assert len(content) == dump.rows[one["name"]]
        fields = one["schema"]["fields"]
        assert [field["name"] for field in fields] == list(content[0])
        assert json.loads((dump.folder / f"schemas/{one['name']}.json").read_text()) == one["schema"]
        for field in fields:
            values = [row[field["name"]] for row in content if row[field["name"]]]
            constraints = field.get("constraints", {})
            assert field["type"] in {"string", "integer", "number", "boolean", "date"}
            assert field["description"]
            if constraints.get("required"):
                assert len(values) == len(content), f"{one['name']}.{field['name']}"
            if "enum" in constraints:
                assert set(values) <= set(constraints["enum"])
            if "pattern" in constraints:
                assert all(re.fullmatch(constraints["pattern"], value) for value in values)
        for key in one["schema"].get("foreignKeys", []):
            there = {row[key["reference"]["fields"]] for row in rows(found[key["reference"]["resource"]])}
            assert {row[key["fields"]] for row in content} - {""} <= there, f"{one['name']}.{key['fields']}"
        if key := one["schema"].get("primaryKey"):
            assert len({row[key] for row in content}) == len(content)


def test_checksums_licence_and_dictionary_are_with_it(world: p.Agreement) -> None:
    dump = publish()
    sums = dict(reversed(line.split("  ")) for line in (dump.folder / "SHA256SUMS").read_text().splitlines())
    assert {"datapackage.json", "LICENCE.txt", "data-dictionary.md", "schemas/towns.json"} < set(sums)
    for name, digest in sums.items():
        assert hashlib.sha256((dump.folder / name).read_bytes()).hexdigest() == digest == dump.file(name).sha256
    assert set(sums) | {"SHA256SUMS", "manifest.json"} == {
        path.relative_to(dump.folder).as_posix() for path in dump.folder.rglob("*") if path.is_file()
    }
    assert "https://creativecommons.org/licenses/by/4.0/" in (dump.folder / "LICENCE.txt").read_text()
    assert "| `insee` |" in (dump.folder / "data-dictionary.md").read_text()


def test_all_files_say_the_same(world: p.Agreement) -> None:
    dump = publish()
    lines = [json.loads(line) for line in gzip.decompress(path_of(dump, ".ndjson.gz").read_bytes()).splitlines()]
    for path in (path_of(dump, ".sqlite"), path_of(dump, ".gpkg")):
        with sqlite3.connect(path) as database:
            assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            for name, number in dump.rows.items():
                assert database.execute(f'SELECT count(*) FROM "{name}"').fetchone() == (number,)
                assert len([line for line in lines if line["table"] == name]) == number
            found = database.execute(
                "SELECT reference, type, latitude, population FROM parties ORDER BY position"
            ).fetchall()
            numbers = database.execute("SELECT position FROM parties ORDER BY position").fetchall()
        assert numbers == [(1,), (2,), (3,), (4,)]
        references = [party.actor.reference for party in world.parties.all()]
        assert found == [
            (references[0], "town", 47.3, None),
            (references[1], "town", 12.86, 43174),
            (references[2], "town", None, None),
            (references[3], "organisation", None, None),
        ]
    (town,) = [line for line in lines if line["table"] == "towns" and line["name"] == "Koulikoro"]
    assert (town["population"], town["latitude"], "insee" in town) == (43174, 12.86, False)
    assert [line["name"] for line in lines if line["table"] == "towns" and "Bous" in line["name"]] == ["=Bous"]
    assert "'=Bous" in tables(dump)["towns"].decode()  # which a spreadsheet would run


# What is public


@pytest.fixture
def secrets(world: p.Agreement) -> list[str]:
    """Everything that is nobody's business, each with a word of its own, and those words."""
    words = iter(f"secret{number:03}x" for number in range(1000))
    told: list[str] = []

    def word(form: str = "{}") -> str:
        told.append(next(words))
        return form.format(told[-1])

    user = User.objects.create_user(word(), word("{}@example.org"), first_name=word(), last_name=word())
    f.make(p.Contact, agreement=world, name=word(), purpose=word(), email=word("{}@example.org"), phone=word())
    p.Agreement.objects.filter(pk=world.pk).update(mailbox=word("{}@example.org"))
    f.make(p.Comment, text=word(), submission=f.make(p.Submission, author=user))
    f.make(p.Submission, text=word(), author_name=word(), author_email=word("{}@example.org"))
    f.make(p.Invitation, email=word("{}@example.org"), territory=f.territory("FR-BFC"), invited_by=user)
    f.make(p.Attachment, agreement=world, title=word(), name=word(), file=ContentFile(b"%PDF-", "a.pdf"))
    for number, status in enumerate(("draft", "submitted", "withdrawn"), 90001):
        town = f.town(word(), publication=status, reference=f"T{number}")
        organisation = f.organisation(word(), publication=status, reference=f"O{number}")
        network = f.network(word(), publication=status, reference=f"N{number}")
        body = f.support_body(word(), publication=status, reference=f"B{number}")
        cited = f.source(word(), url=word("https://example.org/{}"))
        agreement = f.agreement(cite=cited, description_en=word(), publication=status, reference=f"A{number}")
        told += [record.reference for record in (town, organisation, network, body, agreement)]
        f.make(p.TownName, town=town, name=word())
        f.make(p.OrganisationName, organisation=organisation, name=word())
        f.make(p.Document, agreement=agreement, title=word())
        f.make(p.Suspension, party=agreement.parties.first(), reason_en=word())
        f.make(p.Claim, town=town, statement_en=word())
        f.make(p.Claim, agreement=agreement, statement_en=word())
        f.make(n.NetworkName, network=network, name=word())
        f.make(n.NetworkClaim, network=network, statement_en=word())
        f.make(n.Membership, network=f.network(), town=town)
        f.make(n.ServedTerritory, support_body=body)
        f.network("Visible", seat_town=town)
        f.make(n.Milestone, network=network)
    return told


def test_no_person_and_nothing_unpublished_is_in_it(world: p.Agreement, secrets: list[str]) -> None:
    dump = publish()
    for path in (one for one in dump.folder.rglob("*") if one.is_file()):
        content = path.read_bytes()
        if path.name.endswith(".gz"):
            content = gzip.decompress(content)
        if path.name.endswith(".zip"):
            content = b"".join(tables(dump).values())
        found = [word for word in secrets if re.search(rb"(?<![A-Za-z0-9])" + word.encode() + rb"(?![0-9])", content)]
        assert not found, path.name
    assert "Visible" in tables(dump)["networks"].decode()
    assert all(row["member"] for row in rows(tables(dump)["memberships"]))
    assert len(secrets) > 50


# There and back


def emptied() -> None:
    """An empty directory."""
    models = [model for label in ("partnerships", "networks") for model in apps.get_app_config(label).get_models()]
    names = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {', '.join(sorted(set(names)))} CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    live_index.forget_all()


@pytest.mark.long
def test_a_dump_fills_an_empty_directory_with_the_same(world: p.Agreement, root: Path, tmp_path: Path) -> None:
    before = tables(publish())
    emptied()
    assert not p.Town.objects.exists()
    assert not p.Source.objects.exists()
    time_passes()
    package = json.loads(next(root.glob("*/datapackage.json")).read_text())
    for one in package["resources"]:
        path = tmp_path / one["path"]
        path.write_bytes(before[one["name"]])
        call_command(
            "import_csv", one["name"], path, source_title="Atlas; “2006”", source_url="https://example.org/atlas",
            source_licence="CC-BY-4.0", create_towns=False,
        )  # fmt: skip
    shutil.rmtree(root)
    after = tables(publish())
    for name in PUBLIC_PARTS:
        assert rows(after[name]) == rows(before[name]), name


# Publishing


def test_nothing_is_published_twice(world: p.Agreement, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("publish_dump")
    assert "published at /data/" in capsys.readouterr().out
    call_command("publish_dump")
    assert "Nothing has changed since" in capsys.readouterr().out
    assert len(build.published_dumps()) == 1


def test_the_same_data_make_the_same_files(world: p.Agreement, root: Path) -> None:
    first = publish()
    shutil.move(root, f"{root}-first")
    second = publish()
    assert [file.sha256 for file in second.files] == [file.sha256 for file in first.files]


def test_old_versions_are_kept_by_number(world: p.Agreement, root: Path, days: Callable[[], None]) -> None:
    versions = [publish(keep=2).version]
    for _number in range(2):
        days()
        versions.append(publish(keep=2).version)
    assert [dump.version for dump in build.published_dumps()] == [versions[2], versions[1]]
    assert {path.name for path in root.iterdir()} == {*versions[1:], ".lock"}
    days()
    last = publish(keep=0)
    assert build.published_dumps() == [last]


def test_a_clock_that_was_ahead_hides_no_later_dump(
    world: p.Agreement, root: Path, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    _state, now = build.data_state()
    old = root / "20991231T235959.000000Z"  # as they were named before
    old.mkdir(parents=True)
    build.Dump(old.name, now, now, {}).write(old)
    for name, at in (("ahead", now + datetime.timedelta(days=400)), ("right", now)):
        monkeypatch.setattr(build, "data_state", lambda told=(name, at): told)
        last = publish()
    assert [dump.number for dump in build.published_dumps()] == [2, 1, 0]
    assert client.get("/data/latest/manifest.json").json()["version"] == last.version == f"0002-{now:%Y%m%d}"


def test_the_newest_dump_is_the_one_made_last_though_the_clock_was_set_back(
    world: p.Agreement, days: Callable[[], None]
) -> None:
    first = publish()
    dataclasses.replace(first, published=first.published + datetime.timedelta(days=1)).write(first.folder)
    days()
    last = publish()
    assert [dump.version for dump in build.published_dumps()] == [last.version, first.version]


@pytest.fixture
def at_once() -> Iterator[Callable[..., Any]]:
    """Runs a function by a connection of its own, in a transaction that stays open until the returned one is called."""
    threads = []

    def begin(write: Callable[[], Any]) -> Callable[[], None]:
        written, end = threading.Event(), threading.Event()

        def work() -> None:
            with transaction.atomic():
                write()
                written.set()
                end.wait(30)
            connection.close()

        thread = threading.Thread(target=work)
        threads.append((thread, end))
        thread.start()
        assert written.wait(30)
        return lambda: (end.set(), thread.join(30))

    yield begin
    for thread, end in threads:
        end.set()
        thread.join(30)


@pytest.mark.django_db(transaction=True)
def test_what_began_before_a_dump_and_ended_after_it_is_in_the_next(at_once: Callable[..., Any]) -> None:
    f.country("FR")
    commit = at_once(lambda: f.town("Dole"))
    f.town("Arbois")  # the last of all changes, of both moments
    first = publish()
    commit()
    second = publish()
    assert second.rows["towns"] == first.rows["towns"] + 1
    assert b"Dole" in tables(second)["towns"]
    assert build.publish_dump() == (second, False)


@pytest.mark.django_db(transaction=True)
def test_who_only_works_on_what_no_history_keeps_makes_no_new_dump(at_once: Callable[..., Any]) -> None:
    f.town("Dole")
    commit = at_once(lambda: Session.objects.create(session_key="x", expire_date=timezone.now()))
    first = publish()
    commit()
    assert build.publish_dump() == (first, False)


def test_a_dump_that_fails_leaves_nothing_to_be_seen(
    world: p.Agreement, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def full(*args: Any) -> None:
        seen.append([path.name for path in root.glob("[0-9]*")])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("coopdir.opendata.dumps.geopackage.GeoPackage.finish", full)
        with pytest.raises(CommandError, match=r"No space left on device\. Nothing was published"):
            call_command("publish_dump")
    assert seen == [[]]
    assert [path.name for path in root.iterdir()] == [".lock"]
    (root / ".19700101").mkdir()  # as a killed run leaves it
    publish()
    assert not (root / ".19700101").exists()


def test_two_runs_do_not_meet(world: p.Agreement, root: Path) -> None:
    root.mkdir()
    with build.alone(root), pytest.raises(CommandError, match="Another run"):
        call_command("publish_dump")
    publish()


@pytest.mark.long
def test_memory_does_not_grow_with_the_directory(world: p.Agreement) -> None:
    def peak() -> int:
        shutil.rmtree(settings.DUMPS_ROOT, ignore_errors=True)
        tracemalloc.start()
        publish()
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    publish()
    p.TownName.objects.bulk_create(
        p.TownName(town=p.Town.objects.first(), name=f"Name {number}") for number in range(6_000)
    )
    few = peak()
    p.TownName.objects.bulk_create(
        p.TownName(town=p.Town.objects.first(), name=f"Another {number}") for number in range(30_000)
    )
    assert peak() < 1.2 * few


# The GeoPackage, by OGC 12-128r18


@pytest.fixture
def package(world: p.Agreement) -> Iterator[sqlite3.Connection]:
    database = sqlite3.connect(path_of(publish(), ".gpkg"))
    yield database
    database.close()


def test_it_says_what_it_is(package: sqlite3.Connection) -> None:
    """Requirement 2: the application id, and the version in user_version."""
    assert package.execute("PRAGMA application_id").fetchone() == (0x47504B47,)
    assert package.execute("PRAGMA user_version").fetchone() == (10301,)


def test_its_contents_are_listed(package: sqlite3.Connection) -> None:
    """Requirements 10 to 15 (tables and systems), 21 and 22 (features have a row in the geometry columns), 118
    (attributes are tables); clause 1.1.1.1.3 (foreign keys hold)."""
    assert {-1, 0, 4326} <= {row[0] for row in package.execute("SELECT srs_id FROM gpkg_spatial_ref_sys")}
    listed = dict(package.execute("SELECT table_name, data_type FROM gpkg_contents"))
    assert {name for name, kind in listed.items() if kind == "features"} == {"towns", "agreements"}
    there = {row[0] for row in package.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert (
        set(listed)
        == {name for name in there if not name.startswith(("gpkg_", "sqlite_"))}
        == {*PUBLIC_PARTS, "parties"}
    )
    assert package.execute("PRAGMA foreign_key_check").fetchall() == []
    assert set(package.execute("SELECT * FROM gpkg_geometry_columns")) == {
        ("towns", "geom", "POINT", 4326, 0, 0),
        ("agreements", "geom", "MULTILINESTRING", 4326, 0, 0),
    }
    for name in listed:  # requirement 29: an integer primary key
        (key,) = [row for row in package.execute(f'PRAGMA table_info("{name}")') if row[5]]
        assert key[1:3] == ("fid", "INTEGER")
    stamps = [row[0] for row in package.execute("SELECT last_change FROM gpkg_contents")]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", stamp) for stamp in stamps)


def test_its_geometries_are_those_of_the_standard(package: sqlite3.Connection) -> None:
    """Clause 2.1.3: “GP”, version 0, flags, the system, the envelope that the flags announce, well-known binary."""
    (point,) = package.execute("SELECT geom FROM towns WHERE name = 'Koulikoro'").fetchone()
    assert struct.unpack("<2sBBiBI2d", point) == (b"GP", 0, 1, 4326, 1, 1, -7.56, 12.86)
    assert package.execute("SELECT geom FROM towns WHERE name = '=Bous'").fetchone() == (None,)
    (lines,) = package.execute("SELECT geom FROM agreements").fetchone()
    assert struct.unpack_from("<2sBBi4d", lines) == (b"GP", 0, 3, 4326, -7.56, 5.1, 12.86, 47.3)
    assert struct.unpack_from("<BII", lines, 40) == (1, 5, 1)
    assert struct.unpack_from("<BII4d", lines, 49) == (1, 2, 2, 5.1, 47.3, -7.56, 12.86)
    box = package.execute("SELECT min_x, min_y, max_x, max_y FROM gpkg_contents WHERE table_name = 'towns'").fetchone()
    assert box == (-7.56, 12.86, 5.1, 47.3)


def test_an_agreement_is_a_line_between_every_two_of_its_parties(db: None) -> None:
    f.agreement(*(f.town(latitude=number, longitude=number) for number in (1, 2, 3)))
    with sqlite3.connect(path_of(publish(), ".gpkg")) as database:
        (lines,) = database.execute("SELECT geom FROM agreements").fetchone()
    assert struct.unpack_from("<BII", lines, 40) == (1, 5, 3)
    ends = [struct.unpack_from("<BII4d", lines, 49 + 41 * number)[3:] for number in range(3)]
    assert ends == [(1, 1, 2, 2), (1, 1, 3, 3), (2, 2, 3, 3)]


@pytest.mark.skipif(not shutil.which("ogrinfo"), reason="GDAL is not installed")
def test_gdal_opens_it(world: p.Agreement) -> None:
    path = path_of(publish(), ".gpkg")
    told = subprocess.run(["ogrinfo", "-al", path], capture_output=True, text=True, check=True)
    assert not re.search("warning|error", told.stdout + told.stderr, re.IGNORECASE)
    assert "MULTILINESTRING ((5.1 47.3,-7.56 12.86))" in told.stdout
    assert "POINT (-7.56 12.86)" in told.stdout
    assert "name (String) = Koulikoro" in told.stdout


# What is served


def test_the_page_lists_the_files_in_both_languages(client: Client, world: p.Agreement) -> None:
    assert "No files have been published yet" in client.get(reverse("data")).content.decode()
    dump = publish()
    for language in ("en", "fr"):
        page = client.get(f"/{language}/data/").content.decode()
        for file in dump.downloads:
            assert f'href="/data/{dump.version}/{file.name}"' in page
    assert client.get("/data/", headers={"Accept-Language": "fr"})["Location"] == "/fr/data/"


def test_files_are_served_as_they_are(client: Client, world: p.Agreement) -> None:
    dump = publish()
    for file in dump.files:
        answer = client.get(f"/data/{dump.version}/{file.name}", headers={"Accept-Encoding": "gzip"})
        content = b"".join(answer.streaming_content)
        if answer.get("Content-Encoding") == "gzip":
            assert not file.name.endswith((".zip", ".gz"))
            content = gzip.decompress(content)
        assert hashlib.sha256(content).hexdigest() == file.sha256
        assert answer["Content-Type"] == file.media_type
        assert "immutable" in answer["Cache-Control"]
        again = client.get(f"/data/{dump.version}/{file.name}", headers={"If-None-Match": answer["ETag"]})
        assert again.status_code == 304
    latest = client.get("/data/latest/csv.zip")
    assert latest["Location"] == f"/data/{dump.version}/coopdir-{dump.version}.csv.zip"
    assert client.get("/data/latest/manifest.json").json()["version"] == dump.version


@pytest.mark.parametrize(
    "name", ["../secret-key", "..%2fsecret-key", ".lock", "schemas/../../.lock", "nothing.csv", ""]
)
def test_nothing_else_is_served(client: Client, world: p.Agreement, root: Path, name: str) -> None:
    dump = publish()
    (root.parent / "secret-key").write_text("secret")
    for version in (dump.version, "..", ".", "latest", "20000101T000000Z"):
        answer = client.get(f"/data/{version}/{name}")
        assert answer.status_code in (301, 302, 404), (version, answer.getvalue())


# The catalogue


def graphs(client: Client) -> dict[str, Graph]:
    """The catalogue in both of its forms."""
    found = {}
    for form, name, media in (
        ("ttl", "turtle", "text/turtle; charset=utf-8"),
        ("jsonld", "json-ld", "application/ld+json"),
    ):
        answer = client.get(f"/data/catalogue.{form}")
        assert answer["Content-Type"] == media
        found[form] = Graph().parse(data=answer.content, format=name)
    return found


@pytest.mark.parametrize("versions", [0, 1, 2])
def test_the_catalogue_keeps_to_dcat_ap(
    client: Client, world: p.Agreement, versions: int, days: Callable[[], None]
) -> None:
    for _number in range(versions):
        days()
        publish()
    for graph in graphs(client).values():
        valid, _report, told = needed("pyshacl").validate(graph, shacl_graph=SHAPES)
        assert valid, told
        assert len(set(graph.subjects(RDF.type, DCAT.Dataset))) == 1 + versions
        (catalogue,) = graph.subjects(RDF.type, DCAT.Catalog)
        assert {title.language for title in graph.objects(catalogue, DCTERMS.title)} == {"en", "fr"}


def test_both_forms_say_the_same(client: Client, world: p.Agreement) -> None:
    publish()
    one, other = graphs(client).values()
    assert len(one) == len(other)
    assert one.isomorphic(other)


def test_the_catalogue_leads_to_the_files(client: Client, world: p.Agreement) -> None:
    dump = publish()
    graph = graphs(client)["ttl"]
    addresses = {str(address) for address in graph.objects(predicate=DCAT.downloadURL)}
    for file in dump.downloads:
        assert f"{settings.SITE_URL}/data/{dump.version}/{file.name}" in addresses
        assert str(file.bytes) in {str(size) for size in graph.objects(predicate=DCAT.byteSize)}
    for name in (DCAT.endpointURL, DCAT.endpointDescription):
        addresses |= {str(one) for one in graph.objects(predicate=name)}
    assert len(list(graph.subjects(RDF.type, DCAT.DataService))) == 2
    for address in addresses:
        answer = client.get(address.removeprefix(settings.SITE_URL))
        assert answer.status_code == 200, address
    assert (
        None,
        DCTERMS.license,
        URIRef("http://publications.europa.eu/resource/authority/licence/CC_BY_4_0"),
    ) in graph


def test_the_files_of_the_data_set_are_those_of_the_newest_dump(
    client: Client, world: p.Agreement, days: Callable[[], None]
) -> None:
    publish()
    days()
    dump = publish()
    graph = graphs(client)["ttl"]
    files = {
        str(address)
        for part in graph.objects(URIRef(f"{settings.SITE_URL}/#dataset"), DCAT.distribution)
        for address in graph.objects(part, DCAT.downloadURL)
        if "/data/" in address
    }
    assert files == {f"{settings.SITE_URL}/data/{dump.version}/{file.name}" for file in dump.downloads}


def test_a_broken_catalogue_is_noticed(client: Client, world: p.Agreement) -> None:
    """The shapes see something."""
    publish()
    for predicate in (DCTERMS.title, DCAT.accessURL, DCTERMS.publisher, DCAT.theme):
        graph = graphs(client)["ttl"]
        graph.remove((None, predicate, None))
        assert not needed("pyshacl").validate(graph, shacl_graph=SHAPES)[0], predicate
