"""The pages of imports: what is brought, mapped, planned, answered, applied and taken back, as somebody does it."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coopdir.imports import batches
from coopdir.imports.models import ImportBatch, ImportProfile, ImportProgress, MatchVerdict
from coopdir.imports.resource import resources
from partnerships import models as p
from tests import factories
from tests.forms import send, the_form

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
        self._at_once = at_once

    def bring(self, content: bytes, resource: str = "agreements", name: str = "list.csv", **source: str) -> HttpResponse:
        """The answer to a file that is brought."""
        file = SimpleUploadedFile(name, content)
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
        with self._at_once(execute=True):
            answer = send(self.client, url, the_form(self.page(batch, name).text, *fields), **changed)
        batch.refresh_from_db()
        while answer.status_code == 302:
            answer = self.client.get(answer["Location"])
        assert answer.status_code == 200
        return answer

    def post(self, batch: ImportBatch, name: str, **values: Any) -> HttpResponse:
        """Press a button of a batch's page."""
        with self._at_once(execute=True):
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


def towns_file(number: int, prefix: str = "Ville") -> bytes:
    """A CSV file of so many towns."""
    return table(("name", "country"), *((f"{prefix}{index}", "FR") for index in range(number)))


# The whole way


def test_a_file_of_wikidata_goes_the_whole_way(importer: Importer, places: dict[str, p.Town]) -> None:
    batch = importer.kept(WIKIDATA, name="wikidata.tsv")
    page = importer.page(batch, "map").text
    assert "The column “kind” is missing" in page
    form = dict(the_form(page, "was_grouped"))
    assert form["constant_column"] in ("", "kind")
    # Kind is asked for as a constant; all the rest is suggested.
    plan = importer.send(batch, "map", ("was_grouped",), constant_value=["twinning", "", ""], do="plan").text
    assert batch.options["mapping"]["party_2"] == "sistercityLabel"
    assert batch.options["mapping"]["country_2"] == "destination_countryLabel"
    assert counts(batch) == {"created": 1, "duplicate": 1, "question": 1}
    assert "Headers left out: dist" in " ".join(plan.split())
    assert "repeats line 2" in plan
    assert not p.Agreement.objects.exists()

    names = importer.page(batch, "names").text
    assert names.count('class="question"') == 1
    assert f"c{batch.names.get(question=True).pk}-t{places['south'].pk}" in names
    question = batch.names.get(question=True)
    importer.send(batch, "names", ("name",), **{f"n{question.pk}": f"t{places['south'].pk}"})
    assert MatchVerdict.objects.get().target == f"t{places['south'].pk}"
    importer.post(batch, "names", do="plan")
    assert counts(batch) == {"created": 2, "duplicate": 1}

    result = importer.applied(batch).text
    assert f"?batch={batch.reference}" in result
    assert p.Agreement.objects.count() == 2
    listed = importer.client.get(reverse("agreements"), {"batch": batch.reference}).text
    assert "Neustadt" in listed
    assert "Beaune" in listed

    undone = importer.send(batch, "undo").text
    assert batch.status == "undone"
    assert "It was taken back" in undone
    assert not p.Agreement.objects.exists()
    importer.send(batch, "undo")
    assert batch.status == "applied"
    assert p.Agreement.objects.count() == 2
