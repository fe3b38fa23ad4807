"""docs/data.md is true: every example in it is run, and every address of data has its example."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils.translation import override

from coopdir.changes import ChangesFilter
from coopdir.opendata import page_urls, urls
from coopdir.opendata.dumps import build
from partnerships.agreements.filters import AgreementFilter
from partnerships.models import FundingSource, Theme
from tests import factories

DOCUMENT = (settings.BASE_DIR / "docs/data.md").read_text()
EXAMPLES = re.findall(r"^ {4}GET (\S+)$", DOCUMENT, re.MULTILINE)


@pytest.fixture
def directory(db: None, settings: Any, tmp_path: Path) -> None:
    """Enough for every example: A1 between T1 in France and T2 in Mali, about water."""
    source = factories.source(url="https://example.org/source")
    dijon = factories.town("Dijon", reference="T1", wikidata="Q7003", territory=factories.territory("FR-BFC"))
    kayes = factories.town("Kayes", "ML", reference="T2", wikidata="Q844749")
    agreement = factories.agreement(dijon, kayes, cite=source, reference="A1", signed="2001")
    agreement.themes.add(factories.make(Theme, code="water"), through_defaults={})
    factories.make(FundingSource, code="own")
    factories.country("DE")
    settings.DUMPS_ROOT = tmp_path
    build.publish_dump()


@pytest.mark.parametrize("example", EXAMPLES)
def test_example(client: Client, directory: None, example: str) -> None:
    answer = client.get(example)
    assert answer.status_code in (200, 302, 303), (answer.status_code, answer.getvalue()[:300])


def test_every_address_of_data_has_an_example() -> None:
    shown = set()
    for example in EXAMPLES:
        language = example[1:3] if example[3:4] == "/" else "en"
        try:
            with override(language):
                shown.add(resolve(example.partition("?")[0]).url_name)
        except Resolver404:
            pytest.fail(f"{example} leads nowhere")
    parts = {"sitemap_pages", "sitemap_part"}  # which the index names
    assert {pattern.name for pattern in [*urls.urlpatterns, *page_urls.urlpatterns]} - parts <= shown


def test_every_parameter_of_ours_is_described() -> None:
    """Those of the lists themselves are in filters.md."""
    of_changes = set(ChangesFilter.base_filters) - set(AgreementFilter.base_filters)
    for name in {"lang", "since", "until", "inexact", *of_changes} - {"before"}:
        assert re.search(rf"`{name}\b|[?&]{name}=", DOCUMENT), name
