"""Several at work on the same rows, over connections of their own: limits of waiting, order of locks, a second try."""

import datetime
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from core.database import contention
from core.database.contention import lock_rows, retried, state_of
from core.imports import apply, batches, errors, jobs
from core.imports.models import ImportStatus
from partnerships.editing import decisions, merge, workflow
from partnerships.models import Agreement, Contact, Invitation, OutgoingMail, Submission
from partnerships.people import invitations, retention
from tests import factories as f
from tests.forms import send, the_form
from tests.importing import SOURCE, load, table

committed = pytest.mark.django_db(transaction=True)


def shown(name: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {name}")
        return cursor.fetchone()[0]


@committed
def test_pages_have_the_limits_of_the_role_and_commands_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {"lock_timeout": "3s", "statement_timeout": "30s", "idle_in_transaction_session_timeout": "1min"}
    assert {name: shown(name) for name in contention.WEB_TIMEOUTS} == pages
    monkeypatch.setattr(contention, "_limits", {})
    contention.limit_command("db_worker")
    with transaction.atomic():
        own = {"lock_timeout": "5min", "statement_timeout": "0", "idle_in_transaction_session_timeout": "1h"}
        assert {name: shown(name) for name in contention.WEB_TIMEOUTS} == own
    assert shown("lock_timeout") == "3s"  # nothing is left in a connection that a pooler hands on
    contention.limit_command("migrate")
    with transaction.atomic():
        assert (shown("lock_timeout"), shown("statement_timeout")) == ("5s", "0")
    contention.limit_command("runserver")
    assert not contention.limits()


@pytest.mark.django_db
def test_migrating_gives_the_role_its_limits() -> None:
    """Test databases get them otherwise: they are copies, which take no settings of roles along."""
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER ROLE CURRENT_USER IN DATABASE "{connection.settings_dict["NAME"]}" RESET ALL')
        call_command("migrate", verbosity=0)
        cursor.execute(
            "SELECT unnest(setconfig) FROM pg_db_role_setting JOIN pg_database AS held ON held.oid = setdatabase"
            " WHERE datname = current_database()"
        )
        assert {line for (line,) in cursor.fetchall()} == {
            f"{name}={value}" for name, value in contention.WEB_TIMEOUTS.items()
        }


@pytest.mark.long
@pytest.mark.skipif(not shutil.which("pgbouncer"), reason="pgbouncer is not installed: apt install pgbouncer")
def test_the_limits_hold_behind_a_pooler(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    told = connection.settings_dict
    with tempfile.TemporaryDirectory(prefix="pool-") as folder:
        file = Path(folder) / "pgbouncer.ini"
        file.write_text(
            f"[databases]\n{told['NAME']} = host={told['HOST']} port={told['PORT']} user={told['USER']}\n"
            "[pgbouncer]\npool_mode = transaction\ndefault_pool_size = 1\nauth_type = any\nlisten_port = 6432\n"
            f"unix_socket_dir = {folder}\nlogfile = {folder}/log\n"
        )
        as_user: list[str] = []
        if os.geteuid() == 0:  # it refuses to be root; the embedded server lets its own user in
            user = Path(told["HOST"]).owner()
            as_user = ["runuser", "-u", user, "--"]
            shutil.chown(folder, user)
        pooler = subprocess.Popen([*as_user, shutil.which("pgbouncer"), str(file)], stderr=subprocess.DEVNULL)
        try:
            while not (Path(folder) / ".s.PGSQL.6432").exists():
                assert pooler.poll() is None, (Path(folder) / "log").read_text()
                Event().wait(0.05)
            page, command = connection.copy(), connection.copy()
            for one in (page, command):
                one.settings_dict |= {"HOST": folder, "PORT": "6432", "OPTIONS": {}}

            def limit(of: BaseDatabaseWrapper) -> str:
                with of.cursor() as cursor:
                    cursor.execute("SHOW lock_timeout")
                    return cursor.fetchone()[0]

            assert limit(page) == "3s"
            monkeypatch.setattr(contention, "_limits", contention.COMMAND_TIMEOUTS)
            command.set_autocommit(False)
            assert limit(command) == "5min"
            command.rollback()
            command.set_autocommit(True)
            monkeypatch.setattr(contention, "_limits", {})
            assert limit(page) == "3s"  # over the connection to the server that the command had
            for one in (page, command):
                one.close()
        finally:
            pooler.terminate()
            pooler.wait()


@pytest.fixture
def others() -> Iterator[Callable[..., Future]]:
    """Calls made beside the test, each over a connection of its own."""

    def call(work: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return work(*args, **kwargs)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=4) as pool:
        yield lambda work, *args, **kwargs: pool.submit(call, work, *args, **kwargs)


def wait_for_waiters(number: int) -> None:
    """Until so many wait for a lock."""
    with connection.cursor() as cursor:
        found, tick = -1, Event()
        while found < number and not tick.wait(0.02):
            cursor.execute(
                "SELECT count(*), pg_stat_clear_snapshot() FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            found = cursor.fetchone()[0]


@contextmanager
def held(record: Any, until: int) -> Iterator[None]:
    """A row that somebody holds while the block starts others, until so many wait."""
    with transaction.atomic():
        lock_rows(type(record), [record.pk])
        yield
        wait_for_waiters(until)


@committed
def test_an_import_and_a_bulk_verification_wait_for_each_other_in_one_direction(
    administrator: User, others: Callable[..., Future], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contention, "CONFLICTS", set())  # no second try would hide it
    monkeypatch.setattr(contention, "_limits", contention.COMMAND_TIMEOUTS)  # whatever else the machine is doing
    monkeypatch.setattr(apply, "ROWS_PER_CHUNK", 1)  # a file longer than what is written at once
    towns, mainz = [f.town(f"Town {number}") for number in range(3)], f.town("Mainz", "DE")
    records = [f.agreement(one, mainz, kind="twinning") for one in towns]
    rows = [
        {"reference": record.reference, "signed": f"{1990 + number}", "kind": "twinning"}
        | {"party_1": str(record.parties.first()), "country_1": "FR", "party_2": "Mainz", "country_2": "DE"}
        for number, record in enumerate(records)
    ]
    file = ContentFile(table(*reversed(rows)), "later.csv")
    batch = batches.receive(file, resource="agreements", source=SOURCE, by=administrator, options={})
    jobs.plan_batch(batch)
    assert batch.counts["updated"] == 3, list(batch.rows.values("outcome", "faults"))
    with held(records[1], until=2):
        importing = others(jobs.apply_batch, batch)
        wait_for_waiters(1)
        verifying = others(workflow.verify, by=administrator, agreements=records)
    importing.result()
    assert verifying.result() == 3
    batch.refresh_from_db()
    assert batch.status == ImportStatus.APPLIED
    assert list(Agreement.objects.order_by("pk").values_list("signed", flat=True)) == ["1990", "1991", "1992"]
    assert not Agreement.objects.filter(verified_on=None).exists()


@committed
def test_two_who_save_a_form_of_the_administration_at_once_keep_what_each_wrote(
    administrator_client: Client, others: Callable[..., Future]
) -> None:
    agreement = f.agreement()
    party = agreement.parties.get(position=1)
    url = reverse("admin:partnerships_agreement_change", args=[agreement.pk])
    form = the_form(administrator_client.get(url).text, "activity")
    for record in (agreement, party):
        changes = ({"signed": "1986", "parties-0-joined": "1990"}, {"ended": "2020", "parties-0-left": "2001"})
        with held(record, until=2):
            sent = [others(send, administrator_client, url, form, **change) for change in changes]
        assert [answer.result().status_code for answer in sent] == [302, 302]
        agreement.refresh_from_db()
        party.refresh_from_db()
        assert (agreement.signed, agreement.ended, party.joined, party.left) == ("1986", "2020", "1990", "2001")
        Agreement.objects.update(signed=None, ended=None)
        agreement.parties.update(joined=None, left=None)


@committed
def test_an_import_of_the_command_keeps_what_others_write_meanwhile(others: Callable[..., Future]) -> None:
    first, second = (f.agreement(f.town(), f.town("Mainz", "DE"), kind="twinning") for _number in range(2))
    tries: list[str] = []

    def tell(phase: str, done: int) -> None:
        if phase == "deciding" and not tries:  # the rows are decided on, and not written yet
            tries.append(phase)
            others(Agreement.objects.filter(pk=first.pk).update, ended="2020").result()
        if phase == "writing" and len(tries) == 1:
            tries.append(phase)
            raise OperationalError from Deadlock()

    rows = ({"reference": first.reference, "signed": "1990"}, {"reference": second.reference, "ended": "2021"})
    load("agreements", *rows, progress=tell)
    found = Agreement.objects.order_by("pk").values_list("signed", "ended")
    assert (list(found), tries) == ([("1990", "2020"), (None, "2021")], ["deciding", "writing"])


@committed
def test_an_import_of_the_command_that_others_overtake_twice_says_so(others: Callable[..., Future]) -> None:
    agreement = f.agreement(f.town(), f.town("Mainz", "DE"), kind="twinning")
    years = iter(("2020", "2021"))

    def tell(phase: str, done: int) -> None:
        if phase == "deciding":
            others(Agreement.objects.filter(pk=agreement.pk).update, ended=next(years, None)).result()

    with pytest.raises(errors.ImportRefused, match=r"^Nothing was written: others were writing the same records\."):
        load("agreements", {"reference": agreement.reference, "signed": "1990"}, progress=tell)
    agreement.refresh_from_db()
    assert (agreement.signed, agreement.ended, next(years, None)) == (None, "2021", None)


class Deadlock(Exception):
    """As PostgreSQL tells it."""

    pgcode = "40P01"


@committed
def test_who_is_taken_back_for_anothers_sake_tries_once_more(others: Callable[..., Future]) -> None:
    first, second = f.town("Dijon"), f.town("Dole")
    tries: list[str] = []
    both = Barrier(2)

    @retried
    def rename(name: str, *order: Any) -> None:
        tries.append(name)
        with transaction.atomic():
            for number, town in enumerate(order):
                if number == 1 and tries.count(name) == 1:  # each has its first row, and wants the other's
                    both.wait(timeout=30)
                lock_rows(type(town), [town.pk])
                type(town).objects.filter(pk=town.pk).update(name=name)

    one, other = others(rename, "one", first, second), others(rename, "other", second, first)
    one.result()
    other.result()
    assert len(tries) == 3
    first.refresh_from_db()
    second.refresh_from_db()
    assert first.name == second.name


@committed
def test_what_lies_within_anothers_transaction_is_not_tried_again_by_itself() -> None:
    tries = []

    @retried
    def fail() -> None:
        tries.append(1)
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$")

    with pytest.raises(OperationalError) as told, transaction.atomic():
        fail()
    assert (state_of(told.value), len(tries)) == ("40P01", 1)
    with pytest.raises(OperationalError):
        fail()
    assert len(tries) == 3


def locked_tables(queries: CaptureQueriesContext) -> list[str]:
    """The tables of which rows were locked, in that order."""
    return [query["sql"].split(' FROM "')[1].split('"')[0] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]


@pytest.mark.django_db
def test_tables_are_locked_in_the_order_of_their_names(administrator: User) -> None:
    region = f.territory("FR-BFC")
    author = f.officer("author", region, role="contributor")
    town, twin = f.town("Dijon", territory=region), f.town("Dijon", territory=region)
    draft = f.agreement(town, f.town("Mainz", "DE"), publication="draft", cite=f.source())
    f.agreement(twin, f.town("Mainz", "DE"))
    submission = workflow.submit(by=author, agreement=draft)
    for action in (
        lambda: decisions.reject(by=administrator, submission=submission, reason="No."),
        lambda: decisions.take_back(by=author, submission=workflow.submit(by=author, agreement=draft)),
        lambda: decisions.approve(by=administrator, submission=workflow.submit(by=author, agreement=draft)),
        lambda: merge.undo_merge(
            by=administrator, merge=merge.merge_records(by=administrator, loser=twin, winner=town)
        ),
    ):
        with CaptureQueriesContext(connection) as asked:
            action()
        found = locked_tables(asked)
        assert "partnerships_agreement" in found
        last = {table: place for place, table in enumerate(found)}
        later = [table for table in found if table != "partnerships_agreement"]
        assert all(found.index("partnerships_agreement") < last[table] for table in later), found


@pytest.mark.django_db
def test_who_writes_many_rows_of_people_locks_them_first(administrator: User) -> None:
    region, long_ago = f.territory("FR-BFC"), timezone.now() - datetime.timedelta(days=999)
    officer = f.officer("officer", region)
    agreement = f.agreement(f.town(territory=region), f.town("Mainz", "DE"), publication="draft")
    workflow.submit(by=officer, agreement=agreement)
    f.make(Submission, author_name="Ada", state="withdrawn", decided_at=long_ago)
    f.make(OutgoingMail, state="sent", ended_at=long_ago, body="", next_try=None)
    f.make(Invitation, expires_at=long_ago)
    f.make(Contact, purge_on=long_ago.date())
    with CaptureQueriesContext(connection) as asked:
        assert sum(retention.purge().values()) == 4
    assert locked_tables(asked) == [
        f"partnerships_{name}" for name in ("contact", "invitation", "outgoingmail", "submission")
    ]
    with CaptureQueriesContext(connection) as asked:
        invitations.move_officer(by=administrator, officer=officer, to=f.user("successor"))
    assert locked_tables(asked)[:2] == ["partnerships_mandate", "partnerships_submission"]
