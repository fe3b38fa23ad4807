"""What is said when the database does not answer in time, or not at all."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, ProgrammingError, connection, transaction
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from core import unavailable
from core.database.contention import lock_rows
from core.unavailable import UnavailableMiddleware, made_in_time
from tests import factories as f

MOMENT = {"en": "Not available for a moment", "fr": "Indisponible pour un moment"}


@pytest.fixture
def client() -> Client:
    """A browser that is shown what goes wrong."""
    return Client(raise_request_exception=False)


@pytest.fixture
def failing() -> Iterator[list[str]]:
    """Every statement fails with the first of the given codes; without one, as where nobody answers."""
    states: list[str] = []

    def fail(*args: object) -> None:
        cause = Exception()
        cause.pgcode = next(iter(states), None)
        raise (ProgrammingError if cause.pgcode == "42P01" else OperationalError)("refused at 10.0.0.1") from cause

    with connection.execute_wrapper(fail):
        yield states


@pytest.mark.django_db
@pytest.mark.parametrize("language", MOMENT)
@pytest.mark.parametrize(
    ("state", "after"),
    [("", "30"), ("55P03", "5"), ("57014", "30"), ("40P01", "5"), ("57P01", "30"), ("53300", "30")],
)
def test_a_page_says_so_in_the_visitors_language(
    client: Client, failing: list[str], state: str, after: str, language: str
) -> None:
    failing += filter(None, [state])
    answer = client.get(f"/{language}/agreements/")
    assert (answer.status_code, answer["Retry-After"], answer["Cache-Control"]) == (503, after, "no-store")
    assert answer["Content-Language"] == language
    assert MOMENT[language] in answer.content.decode()
    assert not answer.cookies


@pytest.mark.django_db
def test_who_is_signed_in_or_sends_a_form_is_told_too(failing: list[str], client: Client) -> None:
    client.cookies.load({"sessionid": "a" * 32})
    for answer in (client.get("/fr/my/"), client.post("/fr/my/verify/", {"agreement": "A1"})):
        assert answer.status_code == 503
        assert MOMENT["fr"] in answer.content.decode()
    assert "Rien n’a été enregistré" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/api/v1/agreements", "/api/v1/towns/T1", "/ogc/collections/towns/items", "/towns.json"]
)
def test_programs_get_a_problem(client: Client, failing: list[str], path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (503, "application/problem+json")
    assert answer.json()["detail"].startswith("The directory cannot reach its data right now.")
    assert answer["Retry-After"] == "30"


@pytest.mark.django_db
def test_the_web_server_is_sent_to_an_older_copy_of_a_page_for_everybody(client: Client, failing: list[str]) -> None:
    asked = {"X-Kept-Pages": "1"}
    assert client.get("/en/agreements/", headers=asked)["X-Accel-Redirect"] == "@kept"
    for answer in (
        client.get("/en/agreements/"),
        client.get("/api/v1/agreements", headers=asked),
        client.get("/en/agreements/", headers=asked | {"Cookie": "sessionid=1"}),
        client.post("/en/agreements/", headers=asked),
    ):
        assert "X-Accel-Redirect" not in answer
    failing.append("55P03")
    assert "X-Accel-Redirect" not in client.get("/en/agreements/", headers=asked)


@pytest.mark.django_db
def test_a_fault_of_the_site_stays_one(client: Client, failing: list[str]) -> None:
    failing.append("42P01")  # no such table
    assert client.get("/en/agreements/").status_code == 500


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_row_is_told_to_come_again(client: Client, administrator: User) -> None:
    record = f.agreement(f.town("Dijon"), f.town("Mainz", "DE"))
    client.force_login(administrator)
    held, done = Event(), Event()

    def hold() -> None:
        with transaction.atomic():
            lock_rows(type(record), [record.pk])
            held.set()
            done.wait()
        connection.close()

    holder = Thread(target=hold)
    holder.start()
    held.wait()
    url, sent = f"/en/my/agreements/{record.reference}/withdraw/", {"reason": "It was none."}
    answer = client.post(url, sent)
    done.set()
    holder.join()
    assert answer.status_code == 503
    assert "Somebody else is writing the same record" in answer.content.decode()
    assert client.post(url, sent).status_code == 302
    record.refresh_from_db()
    assert record.publication == "withdrawn"


def test_some_threads_are_left_for_reading(rf: RequestFactory) -> None:
    go, waiting = Event(), []

    def answer(request: HttpRequest) -> HttpResponse:
        if request.method == "POST":
            waiting.append(request)
            go.wait()
        return HttpResponse("done")

    site = UnavailableMiddleware(answer)
    writers = [Thread(target=site, args=[rf.post("/en/my/")]) for _ in range(unavailable.MAX_WRITERS)]
    for writer in writers:
        writer.start()
    while len(waiting) < len(writers):
        go.wait(0.01)
    refused = site(rf.post("/fr/my/"))
    assert (refused.status_code, refused["Retry-After"]) == (503, "5")
    assert site(rf.get("/en/")).content == b"done"
    go.set()
    for writer in writers:
        writer.join()
    assert site(rf.post("/en/my/")).content == b"done"


def test_what_takes_too_long_to_make_breaks_off(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])

    def parts(seconds: float) -> Iterator[bytes]:
        for _ in range(10):
            clock[0] += seconds
            yield b"row\n"

    for _part in made_in_time(parts(29)):
        clock[0] += 3600  # a slow reader
    with pytest.raises(TimeoutError):
        list(made_in_time(parts(31)))


@pytest.mark.django_db
def test_what_is_streamed_is_watched_and_closed(rf: RequestFactory) -> None:
    closed = []

    def parts() -> Iterator[bytes]:
        try:
            yield b"1"
            yield b"2"
        finally:
            closed.append(True)

    response = UnavailableMiddleware(lambda request: StreamingHttpResponse(parts()))(rf.get("/towns.csv"))
    assert next(iter(response)) == b"1"
    response.close()
    assert closed
    with Path(__file__).open("rb") as content:  # as a file it is sent without being read here
        file = UnavailableMiddleware(lambda request: FileResponse(content))(rf.get("/file"))
        assert file.file_to_stream is content
