"""What a first visit costs who pays for every kilobyte: everything that a list's page loads, as it travels."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from whitenoise.compress import Compressor

from tests import factories as f

pytestmark = pytest.mark.django_db

LINKED = re.compile(r'<(?:link rel="(?:icon|stylesheet)"|script)[^>]* (?:href|src)="/static/([^"]+)"')
FACE = re.compile(r"@font-face\{[^}]*\}")
LATIN = ("-latin-wght", "-latin-ext-wght")
"""The files of fonts that a page with names such as Łódź needs; others come for other scripts alone."""


def travelled(name: str) -> int:
    """Bytes of a static file as WhiteNoise serves it: compressed, where that is shorter."""
    path = finders.find(name)
    assert path, f"{name} is not there: build the assets"
    content = Path(path).read_bytes()
    if not Compressor().should_compress(path):
        return len(content)
    return min(len(content), len(Compressor.compress_gzip(content)))


def font_files() -> set[str]:
    """The files of fonts that the stylesheet declares for Latin letters."""
    faces = FACE.findall(Path(finders.find("dist/site.css")).read_text())
    files = {re.search(r"url\(\"?\./([^\")]+)", face)[1] for face in faces}
    assert all("unicode-range" in face for face in faces)  # or all would be loaded at once
    return {f"dist/{file}" for file in files if any(script in file for script in LATIN)}


def test_a_first_visit_to_a_list_travels_in_150_kilobytes(client: Client) -> None:
    for _ in range(60):
        f.agreement(signed="1986-05-24", verified_on="2020-01-01")
    page = client.get("/en/agreements/", headers={"Accept-Encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    plain = client.get("/en/agreements/")
    assert len(page.content) < len(plain.content) / 3
    linked = set(LINKED.findall(plain.content.decode()))
    assert {"dist/site.css", "dist/site.js", "img/favicon.svg"} == linked
    fonts = font_files()
    assert len(fonts) == 2 * len(LATIN)
    weights = {name: travelled(name) for name in linked | fonts} | {"page": len(page.content)}
    assert sum(weights.values()) <= 150_000, weights


def test_the_sites_own_styles_are_below_20_kilobytes() -> None:
    assert travelled("dist/site.css") + travelled("dist/map.css") <= 20_000
