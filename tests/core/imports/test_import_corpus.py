"""Files with every defect that files have: each gives rows, or a refusal in words, in both languages.

The files lie in ``tests/corpus/imports``; its ``manifest.toml`` says what must become of each.
"""

import tomllib
from typing import Any

import pytest
from django.conf import settings
from django.utils import translation

from core.imports.mapping import WrongHeaders
from core.imports.models import ImportBatch
from core.imports.readers.limits import Unreadable
from partnerships.models import Town
from tests.factories import country
from tests.importing import faults, load_file

CORPUS = settings.BASE_DIR / "tests/corpus/imports"
MANIFEST = tomllib.loads((CORPUS / "manifest.toml").read_text())
MADE_BY = {"__init__.py", "make_workbooks.py", "manifest.toml", ".gitattributes", "__pycache__"}


def test_every_file_is_in_the_manifest() -> None:
    assert {path.name for path in CORPUS.iterdir()} - MADE_BY == set(MANIFEST)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("name", MANIFEST)
def test_a_file_gives_what_the_manifest_says(name: str, language: str) -> None:
    for code in ("FR", "DE", "ML", "GR"):
        country(code)
    told: dict[str, Any] = MANIFEST[name]
    content = (CORPUS / name).read_bytes()
    options = {"sheet": told["sheet"]} if "sheet" in told else {}
    with translation.override(language):
        if "refused" in told:
            with pytest.raises((Unreadable, WrongHeaders)) as refusal:
                load_file("towns", content, **options)
            assert str(refusal.value) == told["refused"][language]
            assert not Town.objects.exists()
            assert not ImportBatch.objects.exists()
            return
        imported = load_file("towns", content, **options)
    assert {str(row.line): str(row.outcome) for row in imported.rows} == told["rows"]
    came_in = Town.objects.values_list("name", "country_id", "population")
    assert sorted([one for one in town if one is not None] for town in came_in) == sorted(told["towns"])
    assert [(line, column, reason) for line, column, _value, reason in faults(imported)] == [
        (fault["line"], fault["column"], fault[language]) for fault in told.get("faults", [])
    ]
