"""The pages of imports: what is brought, mapped, planned, answered, applied and taken back, as somebody does it."""

import csv
import fcntl
import io
import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.html import escape
from django_tasks_db.models import DBTaskResult
from openpyxl import load_workbook

from coopdir.import_wizard import names
from coopdir.import_wizard.forms import COMMON_KINDS
from core.imports import batches, jobs
from core.imports.models import ImportBatch, ImportProfile, ImportProgress, MatchVerdict
from core.imports.readers import turns
from core.imports.registry import resources
from networks import models as n
from partnerships import models as p
from tests import factories
from tests.editing import time_passes
from tests.forms import Fields, forms_of, send, the_form

pytestmark = pytest.mark.django_db

SOURCE = {"source_title": "A list", "source_licence": "CC0-1.0", "source_url": "https://example.org/list"}
WIKIDATA = (
    "origincityLabel\torigincountry\toriginlat\toriginlong\tsistercityLabel\tdestinationlat\tdestinationlong"
    "\tdestination_countryLabel\tdist\n"
    "Beaune\tFrance\t47.02\t4.84\tBensheim\t49.68\t8.62\tGermany\t350\n"
    "Bensheim\tGermany\t49.68\t8.62\tBeaune\t47.02\t4.84\tFrance\t350\n"
    "Neustadt\tGermany\t\t\tMâcon\t46.3\t4.83\tFrance\t500\n"
).encode()


class Importer:
    """Somebody who brings files; the worker works as soon as it is told to."""

    def __init__(self, client: Client, at_once: Callable[..., Any]) -> None:
        self.client = client
        self.at_once = at_once

    def bring(self, content: bytes, resource: str = "agreements", **source: str) -> HttpResponse:
        """The answer to a file that is brought."""
        file = SimpleUploadedFile("list.csv", content)
        return self.client.post(reverse("import_new"), {"resource": resource, "file": file, **SOURCE, **source})

    def kept(self, content: bytes, resource: str = "agreements", **source: str) -> ImportBatch:
        """The batch of a file that is brought."""
        answer = self.bring(content, resource, **source)
        assert answer.status_code == 302, answer.text
        return ImportBatch.objects.get(reference=answer["Location"].split("/")[-3])

    def page(self, batch: ImportBatch, name: str, query: str = "") -> HttpResponse:
        """One of a batch's pages."""
        answer = self.client.get(reverse(f"import_{name}", args=[batch.reference]) + query)
        assert answer.status_code == 200, answer
        return answer

    def send(self, batch: ImportBatch, name: str, fields: tuple[str, ...] = (), **changed: Any) -> HttpResponse:
        """Send the form of a batch's page, as it stands but for what is changed, and go where that leads."""
        url = reverse(f"import_{name}", args=[batch.reference])
        with self.at_once(execute=True):
            answer = send(self.client, url, the_form(self.page(batch, name).text, *fields), **changed)
        batch.refresh_from_db()
        while answer.status_code == 302:
            answer = self.client.get(answer["Location"])
        assert answer.status_code == 200
        return answer

    def post(self, batch: ImportBatch, name: str, **values: Any) -> HttpResponse:
        """Press a button of a batch's page."""
        with self.at_once(execute=True):
            answer = self.client.post(reverse(f"import_{name}", args=[batch.reference]), values)
        batch.refresh_from_db()
        return answer

    def planned(self, content: bytes, resource: str = "agreements", **changed: Any) -> ImportBatch:
        """A batch that is planned as its page suggests."""
        batch = self.kept(content, resource)
        answer = self.send(batch, "map", ("was_grouped",), do="plan", **changed)
        assert batch.status == "planned", answer.text
        return batch

    def applied(self, batch: ImportBatch) -> HttpResponse:
        """What is shown once a batch has come in."""
        answer = self.send(batch, "apply")
        assert batch.status == "applied", batch.message
        return answer


@pytest.fixture
def importer(administrator_client: Client, django_capture_on_commit_callbacks: Any) -> Importer:
    """An administrator who brings files."""
    return Importer(administrator_client, django_capture_on_commit_callbacks)


@pytest.fixture
def officers(officer_client: Client, django_capture_on_commit_callbacks: Any) -> Importer:
    """An officer of Bourgogne-Franche-Comté who brings files."""
    return Importer(officer_client, django_capture_on_commit_callbacks)


@pytest.fixture
def places() -> dict[str, p.Town]:
    """Towns that the files name, two of them by one name."""
    here = factories.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    return {
        "Beaune": factories.town("Beaune", territory=here, latitude=47.02, longitude=4.84),
        "Mâcon": factories.town("Mâcon", territory=here, latitude=46.3, longitude=4.83),
        "Bensheim": factories.town("Bensheim", "DE", latitude=49.68, longitude=8.62),
        "north": factories.town("Neustadt", "DE", latitude=54.1, longitude=10.8, population=15_000),
        "south": factories.town("Neustadt", "DE", latitude=49.35, longitude=8.14, population=53_000),
    }


def counts(batch: ImportBatch) -> dict[str, int]:
    """The rows by outcome, without the zeros."""
    return {outcome: number for outcome, number in batch.counts.items() if number}


def table(*rows: tuple[str, ...]) -> bytes:
    """A CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def values(fields: Fields, name: str) -> list[str]:
    """What a form sends under a name, in its order."""
    return [value for field, value in fields if field == name]


def admin_address(model: type[Model], page: str, *args: Any) -> str:
    """The address of an admin page of a model."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def towns_file(number: int, prefix: str = "Ville") -> bytes:
    """A CSV file of so many towns."""
    return table(("name", "country"), *((f"{prefix}{index}", "FR") for index in range(number)))


# The whole way


@pytest.mark.long
def test_a_file_of_wikidata_goes_the_whole_way(importer: Importer, places: dict[str, p.Town]) -> None:
    batch = importer.kept(WIKIDATA)
    assert "The column “kind” is missing" in importer.page(batch, "map").text
    # The kind is asked for as a constant; all the rest is suggested.
    plan = importer.send(batch, "map", ("was_grouped",), constant_value=["twinning", "", ""], do="plan").text
    assert batch.options["mapping"]["party_2"] == "sistercityLabel"
    assert batch.options["mapping"]["country_2"] == "destination_countryLabel"
    assert counts(batch) == {"created": 1, "duplicate": 1, "question": 1}
    assert "Headers left out: dist" in plan
    assert "repeats line 2" in plan
    assert not p.Agreement.objects.exists()

    question = batch.names.get(question=True)
    assert f'id="c{question.pk}-t{places["north"].pk}"' in importer.page(batch, "names").text
    importer.send(batch, "names", ("name",), **{f"n{question.pk}": f"t{places['south'].pk}"})
    assert MatchVerdict.objects.get().target == f"t{places['south'].pk}"
    importer.post(batch, "names", do="plan")
    assert counts(batch) == {"created": 2, "duplicate": 1}

    result = importer.applied(batch).text
    assert f"?batch={batch.reference}" in result
    assert p.Agreement.objects.filter(parties__town=places["south"]).count() == 1
    listed = importer.client.get(reverse("agreements"), {"batch": batch.reference}).text
    assert "Beaune" in listed
    assert "Neustadt" in listed
    assert batch.user.username == "administrator"

    assert "The import was undone" in importer.send(batch, "undo").text
    assert batch.status == "undone"
    assert not p.Agreement.objects.exists()
    importer.send(batch, "undo")
    assert batch.status == "applied"
    assert p.Agreement.objects.count() == 2


NEW = {
    "towns": (p.Town, b"name;country;insee\nQuetigny;FR;21515\nBeze;FR;21071\nQuetigny;XX;1\n"),
    "networks": (n.Network, b"name_en;kind;scope\nUnited Towns;association;world\nTowns;association;nowhere\n"),
    "support_bodies": (n.SupportBody, b"name,legal_status\nRESACOOP,gip\nRESACOOP,nonsense\n"),
}


@pytest.mark.parametrize("name", NEW)
def test_good_rows_come_in_and_refused_ones_are_shown(importer: Importer, name: str) -> None:
    factories.country()
    model, content = NEW[name]
    good = content.count(b"\n") - 2
    batch = importer.planned(content, name)
    assert counts(batch) == {"created": good, "refused": 1}
    assert not model.objects.exists()
    page = importer.page(batch, "plan", "?outcome=refused").text
    assert f"line {good + 2}" in page
    (_column, value, reason), *_more = batch.rows.get(outcome="refused").faults
    assert value in page
    assert escape(reason) in page
    result = importer.applied(batch).text
    assert model.objects.count() == good
    assert "1 row left out" in result.replace("The 1 row", "1 row")
    record = model.objects.first()
    assert str(record) in importer.page(batch, "plan").text
    history = importer.client.get(admin_address(model, "history", record.pk))
    assert batch.reference in history.text


def test_only_the_good_rows_or_all_or_nothing(importer: Importer) -> None:
    factories.country()
    batch = importer.planned(NEW["towns"][1], "towns")
    page = importer.page(batch, "apply").text
    assert "Only the good rows: 2 rows are written" in page
    shown = importer.send(batch, "apply", how="all").text
    assert batch.status == "planned"
    assert "Nothing was written, since not all rows are good" in shown
    assert not p.Town.objects.exists()
    importer.send(batch, "apply", how="good")
    assert p.Town.objects.count() == 2


def test_what_changed_since_the_plan_is_shown_again(importer: Importer) -> None:
    factories.country()
    content = table(("name", "country", "insee"), ("Dole", "FR", "39198"), ("Arbois", "FR", "39013"))
    batch = importer.planned(content, "towns")
    factories.town("Dole", insee="39198")
    page = importer.send(batch, "apply").text
    assert batch.status == "planned"
    assert "The directory has changed since" in page
    moved = importer.page(batch, "plan", "?outcome=moved").text
    assert "Dole" in moved
    assert "Arbois" not in moved
    importer.applied(batch)
    assert counts(batch) == {"created": 1, "unchanged": 1}


def test_a_plan_in_one_language_is_applied_in_another(importer: Importer) -> None:
    factories.country()
    batch = importer.planned(NEW["towns"][1], "towns")
    with translation.override("fr"):
        shown = importer.send(batch, "apply").text
    assert batch.status == "applied", batch.message
    assert "Le fichier est importé" in shown


def test_what_was_edited_since_is_kept_and_named(importer: Importer) -> None:
    factories.country()
    batch = importer.planned(table(("name", "country"), ("Dole", "FR"), ("Arbois", "FR")), "towns")
    importer.applied(batch)
    time_passes()
    town = p.Town.objects.get(name="Dole")
    town.population = 23_000
    town.save()
    time_passes()
    assert "The 2 records that the file made go" in importer.page(batch, "undo").text
    page = importer.send(batch, "undo").text
    assert "Kept, since somebody has edited them" in page
    assert f'href="{reverse("town", args=[town.reference])}"' in page
    assert [town.name for town in p.Town.objects.all()] == ["Dole"]


def test_refused_rows_are_mended_and_sent_again(importer: Importer) -> None:
    factories.country()
    batch = importer.planned(table(("name", "country"), ("Dole", "FR"), ("=Arbois", "XX")), "towns")
    answer = importer.client.get(reverse("import_refused", args=[batch.reference]))
    assert answer["Content-Disposition"] == f'attachment; filename="{batch.reference}-refused.csv"'
    content = b"".join(answer).decode("utf-8-sig")
    headers, (name, _country, line, reason) = list(csv.reader(io.StringIO(content)))
    assert headers[:2] == ["name", "country"]
    assert (name, line) == ("'=Arbois", "3")  # no spreadsheet runs it
    assert "country “XX”" in reason
    mended = content.replace("XX,", "FR,").encode()
    again = importer.planned(mended, "towns")
    assert counts(again) == {"created": 1}
    assert again.options["ignored"] == ["line", "reason"]
    importer.applied(again)
    assert p.Town.objects.get().name == "=Arbois"


@pytest.mark.parametrize(("delimiter", "suffix"), [(",", "csv"), ("|", "csv"), ("\t", "tsv")])
def test_rows_left_out_are_a_file_like_theirs(importer: Importer, delimiter: str, suffix: str) -> None:
    factories.country()
    batch = importer.planned(f"name{delimiter}country\nArbois{delimiter}XX\n".encode(), "towns")
    answer = importer.client.get(reverse("import_refused", args=[batch.reference]))
    assert answer["Content-Disposition"] == f'attachment; filename="{batch.reference}-refused.{suffix}"'
    assert f"Arbois{delimiter}XX{delimiter}2{delimiter}" in b"".join(answer).decode()


@pytest.mark.parametrize("profile", ["", "Liste"], ids=["no profile", "a profile"])
def test_mended_rows_are_read_as_the_file_they_come_from(importer: Importer, profile: str) -> None:
    factories.country()
    told = {"column": ["name", "country"], "profile_name": profile}
    content = "Lieu;Où\nDole;FR\nArbois;XX\n".encode("cp1252")
    batch = importer.planned(content, "towns", **told)
    url = reverse("import_refused", args=[batch.reference])
    with translation.override("fr"):
        mended = b"".join(importer.client.get(url.replace("/en/", "/fr/"))).replace(b"XX;", b"FR;")
    headers, row = mended.decode("utf-8-sig").splitlines()
    assert headers == "Lieu;Où;ligne;motif"  # by the delimiter that it had
    assert row.startswith("Arbois;FR;3;Où (country) «\xa0XX\xa0»\xa0: ")
    again = importer.kept(mended, "towns")
    page = importer.page(again, "map").text
    assert values(the_form(page, "was_grouped"), "column") == ["name", "country", "", ""]
    assert (f"Filled in as for {batch.reference}" in page) == (not profile)
    importer.send(again, "map", ("was_grouped",), do="plan")
    assert counts(again) == {"created": 1}
    third = importer.planned(mended.replace(b"FR;", b"YY;"), "towns")
    headers, row = batches.refused_rows(third)
    assert headers == ["Lieu", "Où", "line", "reason"]  # once, however often rows go to and fro
    assert row[:3] == ["Arbois", "YY", "2"]
    page = importer.page(importer.kept(mended, "towns"), "map", "?profile=").text
    assert values(the_form(page, "was_grouped"), "column") == ["", "", "", ""]


def test_what_was_mapped_of_others_is_nobody_elses(officers: Importer, administrator: User) -> None:
    factories.country()
    content = table(("Angabe", "X"), ("Dole", "FR"))
    file = SimpleUploadedFile("a.csv", content)
    source = {"source_title": "A list", "source_licence": "CC0-1.0"}
    others = batches.receive(file, resource="towns", source=source, by=administrator)
    batches.settle(others, {"mapping": {"name": "Angabe", "country": "X"}})
    page = officers.page(officers.kept(content, "towns"), "map").text
    assert values(the_form(page, "was_grouped"), "column") == ["", ""]


def test_a_page_that_is_past_says_that_nothing_is_kept(importer: Importer) -> None:
    factories.country()
    batch = importer.planned(towns_file(1), "towns")
    importer.applied(batch)
    for name in ("map", "names"):
        answer = importer.client.post(reverse(f"import_{name}", args=[batch.reference]), {"do": "check"}, follow=True)
        assert "What you sent is not kept" in answer.text


# Bringing a file


@pytest.mark.parametrize(
    ("content", "source", "told"),
    [
        (b"PK\x03\x04 broken", {}, "The workbook cannot be read"),
        (b"", {}, "The file is empty"),
        (b"<!doctype html><html></html>", {}, "This is a web page, not a table"),
        (b"name\0\n", {}, "holds a NUL character"),
        (b"name,country\nA,FR\n", {"source_licence": "CC BY-NC 4.0"}, "“CC BY-NC 4.0” cannot be published"),
        (b"name,country\nA,FR\n", {"source_date": "soon"}, "is not a date"),
        (b"name,country\nA,FR\n", {"source_title": ""}, "This field is required."),
        (b"name,country\nA,FR\n", {"source_url": "nowhere"}, "Enter a valid URL."),
    ],
)
def test_what_cannot_be_kept_is_refused_in_words(
    importer: Importer, content: bytes, source: dict[str, str], told: str
) -> None:
    answer = importer.bring(content, "towns", **source)
    assert answer.status_code == 200
    assert told in unescape(answer.text)
    assert not ImportBatch.objects.exists()


def test_what_is_larger_than_the_site_takes_is_refused_in_words(importer: Importer, settings: Any) -> None:
    settings.UPLOAD_LIMIT = 1_000_000
    answer = importer.bring(b"name\n" + b"x" * 1_000_000, "towns")
    assert "The file has more than 1 megabytes" in answer.text
    large = importer.bring(b"name\n" + b"x" * 4_000_000, "towns")
    assert large.status_code == 413
    assert "The site takes files of up to 1 megabytes, and nothing was kept" in large.text
    assert not ImportBatch.objects.exists()


def test_the_kind_of_rows_is_chosen_by_the_address(importer: Importer) -> None:
    page = importer.client.get(reverse("import_new"), {"resource": "memberships"}).text
    assert '<option value="memberships" selected>' in page
    assert '<optgroup label="More">' in page


def test_the_next_file_of_a_source_need_not_name_it_again(importer: Importer) -> None:
    batch = importer.kept(table(("name", "country"), ("Dole", "FR")), "towns", source_date="05/2006")
    (form,) = forms_of(importer.client.get(reverse("import_new"), {"like": batch.reference}).text)
    told = dict(form)
    assert {name: told[name] for name in SOURCE} == SOURCE
    assert (told["resource"], told["source_date"]) == ("towns", "2006-05")


def test_officers_import_agreements_and_places(officers: Importer, administrator: User) -> None:
    factories.country()
    page = officers.client.get(reverse("import_new")).text
    assert 'value="organisations"' in page
    assert 'value="networks"' not in page
    answer = officers.bring(b"name_en,kind\nA,association\n", "networks")
    assert answer.status_code == 200
    assert "Select a valid choice" in answer.text
    content = table(("name", "country", "territory"), ("Dole", "FR", "FR-BFC"), ("Brest", "FR", ""))
    batch = officers.planned(content, "towns")
    assert counts(batch) == {"created": 1, "refused": 1}
    other = ImportBatch.objects.create(resource="towns", file_name="secret.csv", user=administrator)
    page = officers.client.get(reverse("import_list")).text
    assert batch.file_name in page
    assert other.file_name not in page


def test_the_same_file_is_recognised(importer: Importer) -> None:
    factories.country()
    first = importer.kept(table(("name", "country"), ("Dole", "FR")), "towns")
    page = importer.page(importer.kept(table(("name", "country"), ("Dole", "FR")), "towns"), "map").text
    assert "This file was uploaded before" in page
    assert first.reference in page


def test_the_kept_file_is_handed_out_as_it_was(importer: Importer) -> None:
    batch = importer.kept("name;country\r\nD\xf4le;FR\r\n".encode("cp1252"), "towns")
    answer = importer.client.get(reverse("import_file", args=[batch.reference]))
    assert b"".join(answer) == "name;country\r\nD\xf4le;FR\r\n".encode("cp1252")
    assert answer["Content-Disposition"] == 'attachment; filename="list.csv"'
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_imports_are_searched(importer: Importer) -> None:
    for name in ("Alsace", "Bretagne"):
        ImportBatch.objects.create(resource="towns", file_name=f"{name}.csv", source_title=name)
    page = importer.client.get(reverse("import_list"), {"q": "bret"}).text
    assert "Bretagne.csv" in page
    assert "Alsace.csv" not in page
    assert "No import mentions “zzz”" in importer.client.get(reverse("import_list"), {"q": "zzz"}).text


# Headers and columns


def test_a_wrong_mapping_is_told_and_kept_to_be_mended(importer: Importer) -> None:
    batch = importer.kept(table(("name", "Land", "colour"), ("Dole", "FR", "red")), "towns")
    page = importer.send(
        batch, "map", ("was_grouped",), column=["name", "name", ""], profile_name="Städte", do="plan"
    ).text
    assert batch.status == "uploaded"
    assert "Several headers feed the column “name”" in page
    assert dict(the_form(page, "was_grouped"))["profile_name"] == "Städte"
    assert dict(the_form(page, "was_grouped"))["column"] == ""
    page = importer.send(batch, "map", ("was_grouped",), column=["", "country", ""], do="plan").text
    assert "The column “name” is missing" in page
    assert dict(the_form(page, "was_grouped")).get("constant_column") is not None
    factories.country()
    importer.send(batch, "map", ("was_grouped",), column=["name", "country", ""], do="plan")
    assert counts(batch) == {"created": 1}


def test_words_that_are_not_understood_are_translated(importer: Importer, places: dict[str, p.Town]) -> None:
    rows = [("Beaune", "FR", "Bensheim", "Germoney", "p"), ("Mâcon", "FR", "Bensheim", "DE", "p")]
    batch = importer.kept(table(("party_1", "country_1", "party_2", "country_2", "kind"), *rows))
    form = the_form(importer.page(batch, "map").text, "value_text")
    asked = list(zip(*(values(form, f"value_{part}") for part in ("column", "text")), strict=True))
    assert sorted(asked) == [("country_2", "Germoney"), ("kind", "p")]
    meanings = {"Germoney": "DE", "p": "twinning"}
    sent = [meanings[text] for text in values(form, "value_text")]
    importer.send(batch, "map", ("value_text",), value_meaning=sent, do="plan")
    assert counts(batch) == {"created": 2}
    # What was said is still there, should the columns be changed.
    form = the_form(importer.page(batch, "map").text, "value_text")
    assert sorted(values(form, "value_meaning")) == ["DE", "twinning"]


def test_several_values_in_one_cell_are_taken_apart(importer: Importer, places: dict[str, p.Town]) -> None:
    batch = importer.kept(table(("Ville", "Jumelage"), ("Beaune", "Bensheim (DE) - 1969"), ("Mâcon", "Bensheim")))
    url = reverse("import_map", args=[batch.reference])
    form = "{party_2} ({country_2}) - {signed}"

    def example(number: int, *forms: str) -> str:
        page = importer.client.post(url, {"do": "example", "header": str(number), "form": forms}).text
        return " ".join(re.sub("<[^>]+>", " ", page).split())

    assert example(1, "", form) == "party_2 Bensheim · country_2 DE · signed 1969"
    assert "names columns in braces" in example(0, "{", "")
    assert example(1, "", "{party_2} ({contry_2}) - {signed}") == "“contry_2” is no column of this layout."
    assert example(0, form, "") == "None of the values shown has this form."
    importer.send(
        batch,
        "map",
        ("was_grouped",),
        column=["party_1", ""],
        form=["", form],
        constant_column=["kind", "country_1"],
        constant_value=["twinning", "FR"],
        do="plan",
    )
    assert counts(batch) == {"created": 1, "refused": 1}
    page = importer.page(batch, "plan", "?outcome=refused").text
    assert "The cell has not the form" in page
    importer.applied(batch)
    assert p.Agreement.objects.get().signed == "1969"


def test_rows_that_are_parties_are_brought_together(importer: Importer, places: dict[str, p.Town]) -> None:
    rows = [("1", "Beaune", "FR", "twinning"), ("1", "Bensheim", "DE", "twinning"), ("2", "Mâcon", "FR", "twinning")]
    batch = importer.kept(table(("no", "party", "country", "kind"), *rows, ("2", "Bensheim", "DE", "twinning")))
    page = importer.send(batch, "map", ("was_grouped",), grouped="1", do="check").text
    assert "the same for all rows of one agreement" in page
    fields = the_form(page, "was_grouped")
    assert values(fields, "column") == ["", "party", "country", "kind"]
    url = reverse("import_map", args=[batch.reference])
    with importer.at_once(execute=True):
        send(importer.client, url, fields, column=["key", "party", "country", "kind"], do="plan")
    batch.refresh_from_db()
    assert counts(batch) == {"created": 2}
    importer.applied(batch)
    assert p.Agreement.objects.count() == 2


def test_a_file_is_read_in_another_way(importer: Importer) -> None:
    factories.country()
    batch = importer.kept("Dole|FR\nArbois|FR\n".encode("utf-16"), "towns")
    assert batch.headers == ["Dole", "FR"]
    importer.post(batch, "map", do="read", delimiter="bar", encoding="utf-16", no_header="on")
    assert batch.headers == ["1", "2"]
    importer.send(batch, "map", ("was_grouped",), column=["name", "country"], do="plan")
    assert counts(batch) == {"created": 2}
    wrong = importer.kept(table(("name", "country"), ("Dole", "FR")), "towns")
    importer.post(wrong, "map", do="read", delimiter="comma", encoding="utf-16")
    assert wrong.headers == ["name", "country"]
    assert "encoding utf-16" in importer.page(wrong, "map").text


def test_a_profile_is_kept_and_offered_renamed_and_deleted(importer: Importer, administrator: User) -> None:
    factories.country()
    content = table(("Angabe", "X"), ("Dole", "FR"))
    importer.send(
        batch := importer.kept(content, "towns"),
        "map",
        ("was_grouped",),
        column=["name", "country"],
        profile_name="Liste",
        do="plan",
    )
    profile = ImportProfile.objects.get(name="Liste")
    other = importer.kept(table(("Angabe", "X"), ("Arbois", "FR")), "towns")
    page = importer.page(other, "map").text
    assert values(the_form(page, "was_grouped"), "column") == ["name", "country"]
    assert "the profile “Liste”" in page
    page = importer.page(other, "map", "?profile=").text
    assert values(the_form(page, "was_grouped"), "column") == ["", ""]
    page = importer.page(other, "map", f"?profile={profile.pk}").text
    assert values(the_form(page, "was_grouped"), "column") == ["name", "country"]

    url = reverse("import_profiles")
    ImportProfile.objects.create(name="Taken", resource="towns", headers=[], user=administrator)
    answer = importer.client.post(url, {"profile": profile.pk, "name": "Taken"}, follow=True)
    assert "There is a profile “Taken” already" in answer.text
    importer.client.post(url, {"profile": profile.pk, "name": "Städte"})
    profile.refresh_from_db()
    assert profile.name == "Städte"
    importer.client.post(url, {"profile": profile.pk, "delete": "1"})
    assert not ImportProfile.objects.filter(pk=profile.pk).exists()
    assert batch.rows.exists()


def test_officers_leave_the_profiles_of_others_alone(officers: Importer, administrator: User) -> None:
    profile = ImportProfile.objects.create(name="Hers", resource="towns", headers=[], user=administrator)
    assert "Hers" not in officers.client.get(reverse("import_profiles")).text
    answer = officers.client.post(reverse("import_profiles"), {"profile": profile.pk, "delete": "1"})
    assert answer.status_code == 404
    assert ImportProfile.objects.filter(pk=profile.pk).exists()


# The plan


def test_each_row_stands_on_one_page(importer: Importer) -> None:
    factories.country()
    batch = importer.planned(towns_file(130), "towns")
    url = reverse("import_plan", args=[batch.reference])
    lines, query = [], "?outcome=created"
    while query:
        page = importer.client.get(url + query).text
        lines += [int(line) for line in re.findall(r'<li id="line-(\d+)">', page)]
        onward = re.search(r'href="(\?[^"]*)#rows" rel="next"', page)
        query = unescape(onward[1]) if onward else ""
    assert lines == list(range(2, 132))
    assert 'after=0#rows" rel="prev"' in importer.client.get(f"{url}?after=51").text.replace("&amp;", "&")


def test_a_page_of_the_plan_stays_small(importer: Importer) -> None:
    factories.country()
    headers = ("name", "country", *(f"column {number}" for number in range(80)))
    long = '<"&">' * 100
    rows = [(f"Ville{number}", "ZZ" * 50, *([long] * 80)) for number in range(60)]
    batch = importer.planned(table(headers, *rows), "towns", column=["name", "country", *[""] * 80])
    page = importer.page(batch, "plan")
    assert len(page.content) < 200_000
    assert 'rel="next"' in page.text
    small = importer.planned(towns_file(3000), "towns")
    assert len(importer.page(small, "plan").content) < 200_000


def test_pages_take_as_many_queries_for_many_rows_as_for_few(importer: Importer, places: dict[str, p.Town]) -> None:
    taken: dict[str, list[int]] = {}
    for number in (3, 48):
        rows = [(f"Neustadt{index % number}", "DE", "Beaune", "FR", "twinning") for index in range(number)]
        for index in range(number):
            for _twice in range(2):
                factories.town(f"Neustadt{index}", "DE")
        batch = importer.planned(table(("party_1", "country_1", "party_2", "country_2", "kind"), *rows))
        assert counts(batch) == {"question": number}
        for name in ("plan", "names", "map", "apply"):
            with CaptureQueriesContext(connection) as captured:
                importer.page(batch, name)
            taken.setdefault(name, []).append(len(captured))
    assert all(few == many for few, many in taken.values()), taken
    assert max(map(max, taken.values())) < 30, taken


def test_an_import_takes_as_many_queries_for_many_rows_as_for_few(importer: Importer) -> None:
    factories.country()
    taken = []
    for number in (5, 150):
        with CaptureQueriesContext(connection) as captured:
            importer.applied(importer.planned(towns_file(number, f"a{number}x"), "towns"))
        taken.append(len(captured))
    assert taken[1] <= taken[0] + 2


def test_pages_run_no_inline_script(importer: Importer, asked: ImportBatch) -> None:
    pages = [importer.page(asked, name) for name in ("plan", "map", "names", "apply")]
    pages += [importer.client.get(reverse(f"import_{name}")) for name in ("list", "new", "profiles", "verdicts")]
    for page in pages:
        assert not re.search(r"<script(?![^>]*\bsrc=)", page.text), page.request["PATH_INFO"]
        assert not re.search(r"\s(on\w+|style)=\"", page.text), page.request["PATH_INFO"]


# Names


@pytest.fixture
def asked(importer: Importer, places: dict[str, p.Town]) -> ImportBatch:
    """A plan with three questions."""
    for name in ("Neuhaus", "Neukirch"):
        for _twice in range(2):
            factories.town(name, "DE")
    rows = [(name, "DE", "Beaune", "FR", "twinning") for name in ("Neustadt", "Neustadt", "Neuhaus", "Neukirch")]
    rows = [(*row, str(1980 + number)) for number, row in enumerate(rows)]
    return importer.planned(table(("party_1", "country_1", "party_2", "country_2", "kind", "signed"), *rows))


def test_a_name_is_asked_once_and_remembered(importer: Importer, asked: ImportBatch, places: dict[str, p.Town]) -> None:
    assert counts(asked) == {"question": 4}
    page = importer.page(asked, "names").text
    assert "3 names" in page
    assert page.count('class="question"') == 3
    assert "2 rows" in page
    first = asked.names.get(question=True, normalised="neustadt")
    # Some by a candidate or a reference, all others alike.
    importer.send(asked, "names", ("name",), **{f"n{first.pk}": f"t{places['north'].pk}", "rest": "skip"})
    assert MatchVerdict.objects.count() == 3
    page = importer.page(asked, "names").text
    assert "3 answered" in page
    assert f'value="t{places["north"].pk}" checked' in page
    assert "Neustadt → Neustadt (DE)" in page
    again = asked.names.get(question=True, normalised="neuhaus")
    answer = importer.send(asked, "names", ("name",), **{f"n{again.pk}": "", "rest": "skip"})
    assert "1 name is open again." in answer.text
    assert "2 answered" in answer.text  # also where all others are answered alike
    importer.send(asked, "names", ("name",), rest="skip")
    importer.post(asked, "names", **{f"n{again.pk}": ""})  # from a page that did not show the answer yet
    assert "3 answered" in importer.page(asked, "names").text
    importer.post(asked, "names", do="plan")
    assert counts(asked) == {"created": 2, "refused": 2}
    assert "No name of this file waits" in importer.page(asked, "names").text
    again = importer.planned(table(("party_1", "country_1", "party_2", "country_2", "kind"),
                                   ("Neustadt", "DE", "Mâcon", "FR", "twinning")))  # fmt: skip
    assert counts(again) == {"created": 1}

    verdicts = reverse("import_verdicts")
    page = importer.client.get(verdicts, {"q": "neust"}).text
    assert f'“Neustadt” → <a href="{reverse("town", args=[places["north"].address])}">Neustadt (DE)</a>' in page
    assert "Neuhaus" not in page
    verdict = MatchVerdict.objects.get(said__name="Neustadt")
    answer = importer.client.post(verdicts, {"verdict": verdict.pk}, follow=True)
    assert "Revoked: “Neustadt” is asked for again." in answer.text
    importer.post(again, "plan")
    assert counts(again) == {"question": 1}


def test_names_are_filtered_and_answered_by_reference(
    importer: Importer, asked: ImportBatch, places: dict[str, p.Town]
) -> None:
    page = importer.page(asked, "names", "?q=NEUHAUS").text
    assert page.count('class="question"') == 1
    name = asked.names.get(question=True, normalised="neuhaus")
    url = reverse("import_names", args=[asked.reference])
    answer = importer.client.post(url, {"name": name.pk, f"other{name.pk}": "T99999"}, follow=True)
    assert "there is no town with the reference “T99999”" in answer.text
    assert not MatchVerdict.objects.exists()
    importer.client.post(url, {"name": name.pk, f"other{name.pk}": places["Bensheim"].reference.lower()})
    assert MatchVerdict.objects.get().target == f"t{places['Bensheim'].pk}"
    # A candidate that was not offered is no answer.
    other = asked.names.get(question=True, normalised="neukirch")
    answer = importer.client.post(url, {"name": other.pk, f"n{other.pk}": f"t{places['Beaune'].pk}"}, follow=True)
    assert "Nothing is answered yet" in answer.text
    assert MatchVerdict.objects.count() == 1


def test_all_names_are_answered_alike(importer: Importer, asked: ImportBatch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names, "QUESTIONS_PER_PAGE", 2)
    page = importer.page(asked, "names").text
    assert "the 3 names on all pages" in page
    importer.send(asked, "names", ("name",), rest="other", everywhere="on")
    assert MatchVerdict.objects.filter(decision="other").count() == 3


def test_officers_revoke_their_own_verdicts(officers: Importer, officer: User, administrator: User) -> None:
    made = [MatchVerdict.objects.create(key=user.username, said={"name": "X"}, decision="skip", user=user)
            for user in (officer, administrator)]  # fmt: skip
    url = reverse("import_verdicts")
    assert officers.client.get(url).text.count('name="verdict"') == 1
    for verdict in made:
        officers.client.post(url, {"verdict": verdict.pk})
    assert list(MatchVerdict.objects.filter(revoked_at=None)) == [made[1]]


# How far the work is


@pytest.fixture
def working(importer: Importer) -> Iterator[ImportBatch]:
    """A batch that is being planned by nobody: 50 of 200 rows are read."""
    batch = importer.kept(towns_file(3), "towns")
    ImportBatch.objects.filter(pk=batch.pk).update(status="planning")
    with jobs._Aside(batch) as aside:
        aside.tell("reading", 50, 200)
        yield batch
        aside.forget()


@contextmanager
def a_worker(batch: ImportBatch) -> Iterator[None]:
    """Somebody works on the batch."""
    with jobs._Aside(batch) as aside:
        assert aside.hold()
        yield


def test_progress_is_told_and_cancelled(importer: Importer, working: ImportBatch) -> None:
    with a_worker(working):
        page = importer.page(working, "progress").text
        assert '<progress max="200" value="50"' in page
        assert "50 of 200 rows are read" in page
        assert importer.client.get(reverse("import_plan", args=[working.reference])).status_code == 302
        part = importer.client.get(reverse("import_progress", args=[working.reference]), headers={"HX-Request": "true"})
        assert part.text.strip().startswith('<div class="working"')
        assert "no-store" in part["Cache-Control"]  # going back would show this part as the page
        importer.post(working, "progress", do="cancel")
        assert "It is being stopped" in importer.page(working, "progress").text
        assert ImportProgress.objects.get(batch=working.pk).cancelled


def test_interrupted_work_goes_on(importer: Importer, working: ImportBatch) -> None:
    page = importer.page(working, "progress").text
    assert "The work was interrupted: nothing was written." in page
    factories.country()
    importer.post(working, "progress", do="resume")
    assert working.status == "planned"
    answer = importer.client.get(reverse("import_progress", args=[working.reference]), headers={"HX-Request": "true"})
    assert answer["HX-Redirect"] == reverse("import_plan", args=[working.reference])


def test_work_whose_order_cannot_be_read_goes_on_by_hand(importer: Importer, working: ImportBatch) -> None:
    task = DBTaskResult.objects.create(
        task_path=jobs.work.module_path, args_kwargs=[], backend_name="default", run_after=timezone.now()
    )
    ImportBatch.objects.filter(pk=working.pk).update(options=working.options | {"task": str(task.pk)})
    with jobs._Aside(working) as aside:
        aside.tell("waiting")
    with override_settings(TASKS={"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}):
        assert "The work was interrupted" in importer.page(working, "progress").text


def test_a_file_that_takes_a_while_says_so_and_comes_again(importer: Importer, settings: Any, tmp_path: Path) -> None:
    settings.FILE_PATIENCE = 0
    settings.DATA_DIR = tmp_path
    batch = importer.kept(towns_file(3), "towns")
    ImportBatch.objects.filter(pk=batch.pk).update(headers=[])
    with next((tmp_path / "heads").iterdir()).open() as head:
        fcntl.flock(head, fcntl.LOCK_EX)  # as the process that reads has it
        page = importer.page(batch, "map")
        assert "The file is being read" in page.text
        assert page["Refresh"] == f"2; url={reverse('import_map', args=[batch.reference])}"
        assert "Refresh" not in importer.page(batch, "map", "?wait=0")
        assert importer.post(batch, "map", do="plan").status_code == 302
    settings.FILE_PATIENCE = 60
    assert "What the headers mean" in importer.page(batch, "map").text
    batch.refresh_from_db()
    assert batch.headers == ["name", "country"]


def test_a_file_that_waits_for_its_turn_says_so(importer: Importer, settings: Any, tmp_path: Path) -> None:
    settings.FILE_PATIENCE, settings.DATA_DIR = 0, tmp_path
    held = [turns.take(tmp_path / "turns", importer.client.session["_auth_user_id"]) for _time in range(turns.EACH)]
    batch = importer.kept(towns_file(3), "towns")
    page = importer.page(batch, "map")
    assert "It waits for its turn" in page.text
    assert "Refresh" in page
    for turn in held:
        os.close(turn)
    settings.FILE_PATIENCE = 60
    assert "What the headers mean" in importer.page(batch, "map").text


def test_a_file_that_turns_out_to_be_none_says_why(importer: Importer, settings: Any) -> None:
    settings.FILE_PATIENCE = 0
    batch = importer.kept(b"%PDF-1.7 " + secrets.token_bytes(8), "towns")
    settings.FILE_PATIENCE = 60
    page = importer.page(batch, "map").text
    assert "This is a PDF, not a table" in page
    assert batch.file_name in page


def test_work_that_nobody_took_waits_and_is_cancelled(importer: Importer, working: ImportBatch) -> None:
    with jobs._Aside(working) as aside:
        aside.tell("waiting")
    assert "the background worker has not taken it yet" in importer.page(working, "progress").text
    answer = importer.post(working, "progress", do="cancel")
    assert working.status == "cancelled"
    page = importer.client.get(answer["Location"], follow=True).text
    assert "It was cancelled before it was done: nothing was written." in page


# Out and in again


@pytest.fixture
def loaded() -> None:
    """The directory's own content."""
    call_command("load_fixtures", verbosity=0)


def exported(client: Client, model: type[Model], file_format: int) -> bytes:
    """What the administration exports of a model: as CSV (0) or XLSX (1)."""
    return client.post(admin_address(model, "export"), {"format": file_format, "resource": 0}).content


@pytest.mark.long
def test_what_is_exported_comes_back_unchanged(importer: Importer, loaded: None) -> None:
    for model, model_admin in admin.site._registry.items():
        layouts = getattr(model_admin, "resource_classes", None)
        if layouts and layouts[0].name in resources() and model.objects.exists():
            for file_format in (0, 1) if layouts[0].name in COMMON_KINDS else (0,):
                batch = importer.planned(exported(importer.client, model, file_format), layouts[0].name)
                faults = list(batch.rows.exclude(outcome="unchanged").values_list("line", "faults", "changes")[:3])
                assert counts(batch) == {"unchanged": model.objects.count()}, (layouts[0].name, faults)


def test_a_workbook_comes_in(importer: Importer, places: dict[str, p.Town]) -> None:
    network = factories.network()
    factories.make(n.Membership, network=network, town=places["Beaune"], role="member")
    book = load_workbook(io.BytesIO(exported(importer.client, n.Membership, 1)))
    sheet = book.active
    headers = [cell.value for cell in sheet[1]]
    row = [cell.value for cell in sheet[2]]
    row[headers.index("member")] = places["Mâcon"].reference
    sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    batch = importer.planned(content.getvalue(), "memberships")
    assert counts(batch) == {"created": 1, "unchanged": 1}
    importer.applied(batch)
    assert n.Membership.objects.count() == 2


@pytest.mark.long
def test_a_file_as_wide_as_an_agreement_of_many_parties_is_mapped(importer: Importer) -> None:
    factories.country()
    factories.country("ML")
    others = [f"Spalte {number}" for number in range(1195)]
    row = ("twinning", "Dole", "FR", "Kati", "ML", *["x"] * len(others))
    batch = importer.kept(table(("kind", "party_1", "country_1", "party_2", "country_2", *others), row))
    importer.send(batch, "map", ("was_grouped",), do="plan")
    batch.refresh_from_db()
    assert (batch.status, batch.counts["created"] + batch.counts["question"]) == ("planned", 1)
