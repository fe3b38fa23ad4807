"""Real files, through the pages: all twinned towns that Wikidata knows of 25 countries, and what a crawl found of them.

The files are no part of the project: the folder that has them is told by COOPDIR_WIKIDATA.
"""

import csv
import io
import os
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Count
from django.urls import reverse

from core.imports.models import ImportBatch
from partnerships.models import Agreement
from tests.coopdir.import_wizard.test_import_wizard import Importer, importer  # noqa: F401 (a fixture)
from tests.forms import send, the_form

FOLDER = Path(os.environ.get("COOPDIR_WIKIDATA", "/nowhere"))

pytestmark = [
    pytest.mark.long,
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the files from Wikidata are not here (COOPDIR_WIKIDATA)"),
]


def questions(batch: ImportBatch) -> Counter[str]:
    """How often each name is asked about."""
    return Counter(repr(sorted(name.said.items(), key=str)) for name in batch.names.filter(question=True))


def test_all_files_come_in_and_each_pair_stands_once(importer: Importer) -> None:  # noqa: F811
    call_command("load_fixtures")
    call_command("load_gazetteer")
    for path in sorted(FOLDER.glob("*.tsv")):
        if path.name.startswith("crawl"):
            continue
        batch = importer.planned(path.read_bytes())
        rows = sum(1 for line in path.read_text().splitlines()[1:] if line.strip())
        assert sum(batch.counts.values()) == rows == batch.rows.count(), path.name
        assert max(questions(batch).values(), default=1) == 1, path.name
        importer.applied(batch)
        again = importer.planned(path.read_bytes())
        assert (again.counts["created"], again.counts["updated"]) == (0, 0), path.name
    same = Agreement.objects.values("party_key", "kind", "signed").annotate(number=Count("pk")).filter(number__gt=1)
    assert list(same) == []
    assert Agreement.objects.count() > 14_000

    # The crawl knows no countries: a row is a party, by the number of the pair.
    names = dict(line.split("\t") for line in (FOLDER / "crawl2016-names.tsv").read_text().splitlines())
    pairs = [line.split("\t") for line in (FOLDER / "crawl2016-relations.tsv").read_text().splitlines()]
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["key", "code", "party", "kind"])
    for number, pair in enumerate(pairs):
        rows.writerows([number, f"wikidata:{item}", names.get(item, ""), "twinning"] for item in pair)
    crawl = importer.kept(text.getvalue().encode())
    members = importer.send(crawl, "map", ("was_grouped",), do="look", grouped="1")
    with importer.at_once(execute=True):
        send(
            importer.client,
            reverse("import_map", args=[crawl.reference]),
            the_form(members.text, "was_grouped"),
            do="plan",
        )
    crawl.refresh_from_db()
    assert crawl.status == "planned", crawl.message
    assert sum(crawl.counts.values()) == len(pairs)
    assert max(questions(crawl).values()) == 1
    assert crawl.counts["unchanged"] > 5_000
    importer.applied(crawl)
    assert list(same.all()) == []
