"""Layouts for people and programs: every column of every layout is told, in both languages, as imports read it."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client

from coopdir.opendata.dumps.tables import PUBLIC_PARTS
from core.imports.cells import ChoiceCell
from core.imports.registry import resources
from tests import factories as f
from tests.importing import load_file


def table(content: bytes) -> list[dict[str, str]]:
    """The rows of a file."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", PUBLIC_PARTS)
@pytest.mark.parametrize(("language", "delimiter"), [("en", ","), ("fr", ";")])
def test_a_template_has_every_column_and_no_row(
    client: Client, db: None, name: str, language: str, delimiter: str
) -> None:
    content = client.get(f"/data/layouts/{name}.csv?lang={language}").content.decode("utf-8-sig")
    assert content.strip("\r\n").split(delimiter) == resources()[name]().known_columns


def test_a_template_that_is_filled_with_the_examples_comes_in(client: Client, db: None) -> None:
    f.territory("FR-21", level="department")
    layout = resources()["towns"]()
    content = client.get("/data/layouts/towns.csv").content.decode()
    left_out = ("reference", "governs")
    cells = ("" if name in left_out else layout.fields[name].example for name in layout.known_columns)
    assert load_file("towns", f"{content}{','.join(cells)}\n".encode()).batch.counts["created"] == 1


@pytest.mark.parametrize("name", PUBLIC_PARTS)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_dictionary_tells_of_every_column(client: Client, db: None, name: str, language: str) -> None:
    layout = resources()[name]()
    rows = {
        row["column"]: row for row in table(client.get(f"/data/layouts/{name}/columns.csv?lang={language}").content)
    }
    assert list(rows) == layout.known_columns
    assert all(row["meaning"] and row["form"] for row in rows.values())
    for column, field in layout.fields.items():
        if isinstance(field.widget, ChoiceCell):
            assert rows[column]["values"].split("|") == list(field.widget.choices.values)


def test_meanings_are_in_the_language_asked_for(client: Client, db: None) -> None:
    def told(form: str, language: str) -> Any:
        return client.get(f"/data/layouts/towns{form}?lang={language}").content

    assert told("/columns.csv", "en") != told("/columns.csv", "fr")
    english, french = (json.loads(told(".json", language))["fields"] for language in ("en", "fr"))
    assert english[1]["description"] != french[1]["description"]
    assert [one["name"] for one in english] == [one["name"] for one in french] == resources()["towns"]().known_columns


@pytest.mark.parametrize("language", ["en", "fr"])
def test_pages_show_every_layout_and_column(client: Client, db: None, language: str) -> None:
    page = client.get(f"/{language}/data/layouts/").content.decode()
    for name in PUBLIC_PARTS:
        assert f"/{language}/data/layouts/{name}/" in page
    one = client.get(f"/{language}/data/layouts/agreements/").content.decode()
    assert "<code>formal_status</code>" in one
    assert "<code>in-force</code>" in one


@pytest.mark.parametrize(
    "address", ["/data/layouts/x.csv", "/data/layouts/x.json", "/data/layouts/x/columns.csv", "/en/data/layouts/x/"]
)
def test_a_layout_that_there_is_not(client: Client, db: None, address: str) -> None:
    assert client.get(address).status_code == 404
