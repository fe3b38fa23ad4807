"""Fair shares: cheap calls pass by the thousand, dear ones are stopped, long answers are sent two at a time."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from core import shares, work
from core.shares import SharesMiddleware
from partnerships.people import tokens
from tests import factories as f


class Clock:
    """The time of day and the work done, as a test says."""

    now = 1_000_000.0
    worked = 0.0


@pytest.fixture(autouse=True)
def _work_counts(_the_machine_is_idle: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "work", work)


@pytest.fixture
def clock(db: None, monkeypatch: pytest.MonkeyPatch) -> Clock:
    shares.reset_shares()
    clock = Clock()
    monkeypatch.setattr(shares, "time", lambda: clock.now)
    monkeypatch.setattr(work, "done", lambda: clock.worked)
    return clock


def calls(clock: Clock, cost: float, number: int, address: str = "192.0.2.1") -> list[int]:
    """The status of each of some calls that cost so many seconds of work."""

    def view(request: HttpRequest) -> HttpResponse:
        clock.worked += cost
        return HttpResponse("{}")

    site = SharesMiddleware(view)
    request = RequestFactory().get("/map.json", REMOTE_ADDR=address)
    return [site(request).status_code for _call in range(number)]


def test_cheap_calls_pass_by_the_thousand(clock: Clock) -> None:
    assert set(calls(clock, 0.01, 3_500)) == {200}


def test_dear_calls_are_stopped_until_the_next_minute(clock: Clock) -> None:
    assert calls(clock, 1, shares.ANYBODY + 20) == [200] * shares.ANYBODY + [429] * 20
    assert calls(clock, 1, 1, "192.0.2.2") == [200]
    clock.now += shares.WINDOW
    assert calls(clock, 1, 1) == [200]


def test_a_token_has_a_greater_share_than_an_address(client: Client, db: None) -> None:
    officer = f.officer("officer", f.territory("FR-BFC"))
    _token, secret = tokens.create_token(by=officer, mandate=officer.mandates.get(), name="A program")
    for headers, limit in (({}, shares.ANYBODY), ({"Authorization": f"Bearer {secret}"}, shares.BY_TOKEN)):
        assert client.get("/api/v1/towns", headers=headers)["RateLimit-Limit"] == str(limit)


def test_an_ipv6_network_has_one_share(clock: Clock) -> None:
    calls(clock, shares.ANYBODY, 1, "2001:db8::1")
    assert calls(clock, 1, 1, "2001:db8::ffff") == [429]
    assert calls(clock, 1, 1, "2001:db8:0:1::1") == [200]


def test_processes_tell_each_other_with_one_write_for_much_work(clock: Clock, monkeypatch: Any) -> None:
    written = []
    monkeypatch.setattr(shares, "cache", CountingCache(written))
    calls(clock, 0.01, 100)
    assert len(written) == 2  # 0.5 seconds each
    other = shares.Costs()
    assert other.add("192.0.2.1", round(clock.now // shares.WINDOW), 0) == pytest.approx(1.0)


class CountingCache:
    """The shared cache, whose writes are counted."""

    def __init__(self, written: list[str]) -> None:
        self.kept: dict[str, float] = {}
        self.written = written

    def get(self, key: str) -> float | None:
        return self.kept.get(key)

    def set(self, key: str, value: float, timeout: int) -> None:
        self.written.append(key)
        self.kept[key] = value


def test_the_refusal_is_in_words_and_tells_when_to_come_back(clock: Clock, client: Client) -> None:
    shares.share_of("127.0.0.1", shares.ANYBODY)
    answer = client.get("/agreements.csv", headers={"Accept-Language": "fr"})
    assert (answer.status_code, answer["Content-Type"]) == (429, "text/plain; charset=utf-8")
    assert "processeurs" in answer.content.decode()
    assert 1 <= int(answer["Retry-After"]) <= shares.WINDOW
    assert client.get("/towns.json").json()["status"] == 429
    assert client.get("/ogc/").json()["status"] == 429
    assert client.get("/en/agreements/").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_what_is_sent_piece_by_piece_is_counted_as_it_is_made(clock: Clock) -> None:
    def pieces() -> Iterator[bytes]:
        for _piece in range(3):
            clock.worked += 5
            yield b"x" * shares.SHORT_ANSWER_BYTES

    site = SharesMiddleware(lambda request: StreamingHttpResponse(pieces()))
    answer = site(RequestFactory().get("/agreements.csv", REMOTE_ADDR="192.0.2.1"))
    assert shares.share_of("192.0.2.1").used == 10  # what is long begins with two pieces
    assert len(b"".join(answer)) == 3 * shares.SHORT_ANSWER_BYTES
    assert shares.share_of("192.0.2.1").used == 15


def test_a_head_makes_no_file(client: Client, db: None) -> None:
    f.town("Dijon")
    answer = SharesMiddleware(lambda request: StreamingHttpResponse(iter([b"content"])))(
        RequestFactory().head("/towns.csv")
    )
    assert b"".join(answer) == b""


COUNT = "SELECT count(*) FROM generate_series(1, 300000)"


def worked(query: str) -> float:
    """Seconds of work that a query takes."""
    begun = work.done()
    with connection.cursor() as cursor:
        cursor.execute(query)
    return work.done() - begun


def test_what_the_database_works_is_counted_and_waiting_is_not(db: None) -> None:
    own = time.thread_time()
    assert worked(COUNT) > time.thread_time() - own + 0.005
    assert worked("SELECT pg_sleep(0.1)") < 0.05


def test_of_a_database_elsewhere_waiting_is_counted(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work._helper, "path", None)
    assert worked("SELECT pg_sleep(0.1)") >= 0.1


@pytest.fixture
def long_file(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a file that is long, for this test."""
    monkeypatch.setattr(shares, "SHORT_ANSWER_BYTES", 10)
    f.town("Dijon")
    return "/towns.csv"


def in_another_thread(ask: Any) -> Any:
    """What a call gives that has a connection of its own to the database."""
    given = []

    def run() -> None:
        try:
            given.append(ask())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return given[0]


def test_two_long_answers_at_a_time_and_a_place_is_free_when_the_reader_goes(client: Client, long_file: str) -> None:
    held = [client.get(long_file)]
    second, let_go = threading.Event(), threading.Event()

    def other() -> None:
        answer = Client().get(long_file)
        assert answer.status_code == 200
        second.set()
        let_go.wait(20)
        answer.close()  # as a server does when the reader is gone
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    assert second.wait(20)
    answer = in_another_thread(lambda: Client().get(long_file))
    assert (answer.status_code, answer["Retry-After"]) == (429, str(shares.RETRY_SECONDS))
    assert "2 long files" in answer.content.decode()
    assert in_another_thread(lambda: Client().get(long_file, REMOTE_ADDR="192.0.2.7").status_code) == 200
    let_go.set()
    thread.join()
    assert in_another_thread(lambda: Client().get(long_file).status_code) == 200
    held[0].close()


def test_a_short_answer_needs_no_place(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shares, "_hold", lambda address: pytest.fail("asked for a place"))
    f.town("Dijon")
    assert client.get("/towns.csv").status_code == 200
