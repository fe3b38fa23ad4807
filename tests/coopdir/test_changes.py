"""What changed: every public change of an agreement once, newest first, by filter; an import is one line."""

import datetime
import re
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coopdir import changes, history_steps
from core.imports.models import ImportBatch
from partnerships.editing import merge, snapshot, suspensions, workflow
from partnerships.models import Agreement, Source, Theme, Town
from partnerships.places.party_refs import PartyRef
from tests import factories
from tests.editing import time_passes

pytestmark = pytest.mark.django_db


@pytest.fixture
def dijon() -> Town:
    return factories.town("Dijon", territory=factories.territory("FR-BFC", name="Bourgogne-Franche-Comté"))


def entered(by: User, *towns: Town, **columns: Any) -> Agreement:
    """A draft between towns."""
    source, _new = Source.objects.get_or_create(title="Council")
    parties = [{"actor": str(PartyRef.of(one)), "role": "partner", "joined": None, "left": None} for one in towns]
    return workflow.save(by=by, content=snapshot.empty() | {"parties": parties, "sources": [source.pk]} | columns)


def published(by: User, *towns: Town, **columns: Any) -> Agreement:
    return workflow.publish(by=by, agreement=entered(by, *towns, **columns))


def lines(client: Client, **question: Any) -> list[tuple[str, int]]:
    """What became of how many agreements, the newest first."""
    page = client.get(reverse("changes"), question)
    return [(line.what, line.number) for line in page.context["lines"]]


def test_a_merge_is_told_as_one_under_the_name_of_what_it_became(client: Client, officer: User, dijon: Town) -> None:
    mainz = factories.town("Mainz", "DE")
    winner, loser = published(officer, dijon, mainz), factories.agreement(dijon, mainz, kind="friendship")
    time_passes()
    merge.merge_records(by=officer, loser=loser, winner=winner)
    page = client.get(reverse("changes"), {"what": "merged"})
    (line,) = page.context["lines"]
    assert [str(agreement) for agreement in line.agreements] == ["Dijon – Mainz"]
    assert (line.word, line.agreements[0].reference) == ("merged into another", loser.reference)


def _territories_of(page: Any) -> list[tuple[str, str]]:
    """The territories that a page offers, with their names."""
    controls = [control for fieldset in page.context["filters_form"].fieldsets for control in fieldset.filters]
    return next(list(control.choices) for control in controls if control.field.name == "territory")


def test_territories_are_chosen_by_name(client: Client, officer: User, dijon: Town) -> None:
    published(officer, dijon, factories.town("Mainz", "DE"))
    page = client.get(reverse("changes"), {"territory": "FR-BRE"})
    assert _territories_of(page) == [("FR-BFC", "Bourgogne-Franche-Comté"), ("FR-BRE", "FR-BRE")]
    assert 'value="FR-BRE" checked' in page.content.decode()


def test_territories_of_one_name_stand_in_the_order_of_their_codes(client: Client, db: None) -> None:
    codes = [f"FR-{number}" for number in range(10, 20)]
    for code in codes:
        factories.territory(code, name="Alsace")
    page = client.get(reverse("changes"), {"territory": codes[::-1]})
    assert _territories_of(page) == [(code, "Alsace") for code in codes]


def test_each_way_of_changing_has_its_word(client: Client, officer: User, dijon: Town) -> None:
    mainz = factories.town("Mainz", "DE")
    draft = entered(officer, dijon, factories.town(code="IT"))
    time_passes()
    agreement = published(officer, dijon, mainz)
    time_passes()
    workflow.save(by=officer, agreement=agreement, content=snapshot.read_content(agreement) | {"signed": "1958"})
    time_passes()
    workflow.verify(by=officer, agreements=[agreement])
    time_passes()
    suspension = suspensions.suspend(by=officer, party=agreement.parties.last(), since="2023")
    time_passes()
    suspensions.resume(by=officer, suspension=suspension, until="2024")
    time_passes()
    workflow.end(by=officer, agreement=agreement, ended="2025")
    time_passes()
    workflow.withdraw(by=officer, agreement=agreement, reason="Never existed")
    assert lines(client) == [
        ("withdrawn", 1),
        ("ended", 1),
        ("suspended", 1),
        ("suspended", 1),
        ("verified", 1),
        ("changed", 1),
        ("published", 1),
    ]
    assert lines(client, what="ended") == [("ended", 1)]
    page = client.get(reverse("changes")).content.decode()
    assert "an officer of Bourgogne-Franche-Comté" in page
    assert "Never existed" in page
    assert officer.username not in page.replace("an officer of", "")
    assert str(draft) not in page
    assert reverse("agreement_history", args=[agreement.address]) in page
    time_passes()
    workflow.reinstate(by=officer, agreement=agreement)
    assert lines(client) == []  # what became of a draft is nobody's business, until it is public again


@pytest.mark.parametrize(("days", "what"), [(0, "ended"), (1, "changed")])
def test_an_agreement_ends_with_the_day_of_its_end(client: Client, dijon: Town, days: int, what: str) -> None:
    agreement = factories.agreement(dijon, factories.town(code="DE"))
    time_passes()
    end = timezone.localdate() + datetime.timedelta(days)
    Agreement.objects.filter(pk=agreement.pk).update(ended=end.isoformat())
    assert lines(client)[0] == (what, 1)


def test_what_is_done_to_many_at_once_is_one_line(client: Client, officer: User, dijon: Town) -> None:
    all_of_them = [factories.agreement(dijon, factories.town(code="DE")) for _number in range(7)]
    time_passes()
    workflow.verify(by=officer, agreements=all_of_them)
    assert lines(client, what="verified") == [("verified", 7)]
    assert "and 2 others" in client.get(reverse("changes"), {"what": "verified"}).content.decode()


def test_changes_by_shell_are_those_of_the_system(client: Client, dijon: Town) -> None:
    agreement = factories.agreement(dijon, factories.town(code="DE"))
    time_passes()
    Agreement.objects.filter(pk=agreement.pk).update(signed="1958")
    assert lines(client) == [("changed", 1), ("published", 1)]
    assert "the system" in client.get(reverse("changes")).content.decode()


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ({"country": "DE"}, 1),
        ({"country": "IT"}, 1),
        ({"country": "ML"}, 0),
        ({"country": "DE", "partner": "FR"}, 1),
        ({"territory": "FR-BFC"}, 2),
        ({"territory": "FR-BRE"}, 0),
        ({"kind": "friendship"}, 1),
        ({"theme": "water"}, 1),
        ({"q": "Mainz"}, 1),
        ({"since": "2000"}, 2),
        ({"since": "2999"}, 0),
        ({"until": "2000"}, 0),
        ({"until": "2999-12"}, 2),
    ],
)
def test_filters(client: Client, dijon: Town, question: dict[str, str], found: int) -> None:
    factories.territory("FR-BRE")
    agreement = factories.agreement(dijon, factories.town("Mainz", "DE"), activity="ended")
    agreement.themes.add(factories.make(Theme, code="water"), through_defaults={})
    time_passes()
    factories.agreement(dijon, factories.town("Cortona", "IT"), kind="friendship")
    assert len(lines(client, **question)) == found


def test_wrong_values_are_said(client: Client) -> None:
    page = client.get(reverse("changes"), {"since": "yesterday", "what": "broken"})
    assert page.status_code == 200
    assert len(page.context["errors"]) == 2
    assert client.get(reverse("changes"), {"before": "2024-99-99"}).status_code == 200


def test_pages_tell_each_change_once(client: Client, officer: User, dijon: Town) -> None:
    agreement = published(officer, dijon, factories.town("Mainz", "DE"))
    for number in range(120):
        time_passes()
        Agreement.objects.filter(pk=agreement.pk).update(description_en=str(number))
    told, address = [], reverse("changes")
    while address:
        page = client.get(address)
        told += [line.when for line in page.context["lines"]]
        older = page.context["older"]
        address = f"{reverse('changes')}?" + f"before={older:%Y-%m-%dT%H:%M:%S.%f}%2B00:00" if older else ""
    assert len(told) == len(set(told)) == 121
    assert told == sorted(told, reverse=True)


def imported(agreements: int) -> ImportBatch:
    """Agreements by one import, written as an import writes them."""
    batch = ImportBatch.objects.create(
        resource="agreements", file_name="a.csv", sha256="0" * 64, source_title="Atlas", source_licence="CC BY 4.0"
    )
    batch.refresh_from_db()
    one, other, source = factories.town(), factories.town(code="DE"), factories.source()
    with pghistory.context(batch=batch.reference), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH entered AS (
                INSERT INTO partnerships_agreement (publication, kind, signed, tacit_renewal, formal_status, activity,
                    description_en, description_fr, mailbox, party_key)
                SELECT 'published', 'project', to_char(date '1600-01-01' + n, 'YYYY-MM-DD'),
                    false, 'unknown', 'unknown', n::text, '', '', '' FROM generate_series(1, %s) AS n
                RETURNING id
            ), parties AS (
                INSERT INTO partnerships_party (agreement_id, position, town_id, role)
                SELECT id, 1, %s, 'partner' FROM entered UNION ALL SELECT id, 2, %s, 'partner' FROM entered
            )
            INSERT INTO partnerships_agreementsource (agreement_id, source_id) SELECT id, %s FROM entered
            """,
            [agreements, one.pk, other.pk, source.pk],
        )
        cursor.execute("SELECT set_config('pghistory.context_id', '', true)")
    return batch


def test_an_import_is_one_line_that_leads_to_its_agreements(client: Client, officer: User, dijon: Town) -> None:
    batch = imported(30)
    time_passes()
    published(officer, dijon, factories.town("Mainz", "DE"))
    assert lines(client) == [("published", 1), ("published", 30)]
    page = client.get(reverse("changes")).content.decode()
    assert f"import {batch.reference}: Atlas" in page
    assert f"?batch={batch.reference}&amp;past=1" in page
    assert lines(client, country="DE") == [("published", 1), ("published", 30)]
    assert lines(client, territory="FR-BFC") == [("published", 1)]
    assert lines(client, batch=batch.reference) == [("published", 30)]


def wrote(*found: Agreement, **context: Any) -> None:
    """One step of the history that writes these agreements; what a moment is, is the transaction's."""
    with pghistory.context(**context):
        Agreement.objects.filter(pk__in=[one.pk for one in found]).update(verified_on="2026-01-01")
    time_passes()


def asked(client: Client) -> int:
    """How many queries the page takes in a process that knows nothing of what was done."""
    client.get(reverse("changes"))  # what is read once
    history_steps.clear_cache()
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse("changes")).status_code == 200
    return len(captured)


def test_a_page_asks_no_more_for_many_steps_than_for_few(client: Client, dijon: Town) -> None:
    mainz = factories.town("Mainz", "DE")
    found = [factories.agreement(dijon, mainz, signed=str(year)) for year in range(1950, 1980)]
    imported(3)
    time_passes()
    wrote(found[0], command="shell")
    few = asked(client)
    for one in found[1:]:
        wrote(one, command="shell")
    for _time in range(5):
        imported(3)
        time_passes()
    assert lines(client)[5:8] == [("verified", 1)] * 3
    assert asked(client) <= few + 2


def test_a_bulk_write_is_one_line_and_asks_no_more(client: Client, dijon: Town) -> None:
    mainz = factories.town("Mainz", "DE")
    found = [factories.agreement(dijon, mainz, signed=str(year)) for year in range(1950, 1980)]
    time_passes()
    wrote(found[0], command="shell")
    few = asked(client)
    wrote(*found, command="shell")
    assert lines(client)[0] == ("verified", 29)  # the first one was already
    assert asked(client) <= few + 2


def test_a_page_stops_looking_and_leads_on(client: Client, dijon: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    agreement = factories.agreement(dijon, factories.town("Mainz", "DE"))
    time_passes()
    for day in range(1, 7):
        with pghistory.context(command="shell"):
            Agreement.objects.filter(pk=agreement.pk).update(verified_on=f"2026-01-0{day}")
        time_passes()
    monkeypatch.setattr(changes, "STRIDE", 2)
    monkeypatch.setattr(changes, "MAX_STEPS", 4)
    page = client.get(reverse("changes"), {"what": "published"})
    assert (page.context["lines"], page.context["stopped"]) == ([], page.context["older"])
    assert "there is more before that" in page.content.decode()
    next_page = re.search(r'rel="next" href="([^"]+)"', page.content.decode())[1].replace("&amp;", "&")
    page = client.get(reverse("changes") + next_page)
    assert [(line.what, line.number) for line in page.context["lines"]] == [("published", 1)]
    assert page.context["stopped"] is None
