"""Two people, or two clicks, at the same invitation at the same time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from partnerships.editing import actions
from partnerships.models import Invitation, Mandate
from partnerships.people import invitations
from tests import factories as f

pytestmark = pytest.mark.django_db(transaction=True)

NEW = {"first_name": "Vera", "last_name": "Dupont", "password": "correct horse battery"}
EMAIL = "vera@example.org"


def invite(territory: str = "FR-BFC") -> Invitation:
    """An invitation by an administrator."""
    by = User.objects.filter(is_superuser=True).first() or f.user("root", is_superuser=True)
    return invitations.invite(by=by, email=EMAIL, territory=f.territory(territory), role="officer")


def waiting() -> int:
    """How many connections wait for this one, or for another that does."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE stuck (pid) AS (SELECT pg_backend_pid() UNION SELECT pg_locks.pid FROM pg_locks"
            " JOIN stuck ON stuck.pid = ANY (pg_blocking_pids(pg_locks.pid)) WHERE NOT granted)"
            " SELECT count(*) - 1 FROM stuck"
        )
        return cursor.fetchone()[0]


@contextmanager
def at_the_same_time(*calls: Callable[[], Any]) -> Iterator[list[Any]]:
    """All calls have begun and wait for a row that the block has locked; afterwards what each returned or raised."""
    results: list[Any] = []

    def run(call: Callable[[], Any]) -> None:
        try:
            results.append(call())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[call]) for call in calls]
    with transaction.atomic():
        list(Invitation.objects.select_for_update().order_by("pk"))
        for thread in threads:
            thread.start()
        until = time.monotonic() + 20
        while waiting() < len(calls) and time.monotonic() < until:
            time.sleep(0.01)
        assert waiting() == len(calls)
        yield results
    for thread in threads:
        thread.join()


def kinds(results: list[Any]) -> list[str]:
    """What came out, in a fixed order."""
    return sorted(type(result).__name__ for result in results)


def test_a_link_that_is_opened_twice_makes_one_account() -> None:
    invitation = invite()
    with at_the_same_time(*[lambda: invitations.accept(invitation=invitation, **NEW)] * 2) as results:
        pass
    assert kinds(results) == ["ActionRefused", "User"]
    assert User.objects.filter(email=EMAIL).count() == 1
    assert Mandate.objects.filter(user__email=EMAIL).count() == 1


def test_two_links_to_one_address_make_one_account_with_both_mandates() -> None:
    links = [invite(), invite("FR-BRE")]
    with at_the_same_time(*[lambda link=link: invitations.accept(invitation=link, **NEW) for link in links]) as results:
        pass
    assert kinds(results) == ["User", "User"]
    assert User.objects.filter(email=EMAIL).count() == 1
    assert set(Mandate.objects.filter(user__email=EMAIL).values_list("territory", flat=True)) == {"FR-BFC", "FR-BRE"}


def test_what_is_taken_back_meanwhile_gives_nothing() -> None:
    invitation = invite()
    with at_the_same_time(lambda: invitations.accept(invitation=invitation, **NEW)) as results:
        Invitation.objects.all().delete()
    assert kinds(results) == ["ActionRefused"]
    assert not User.objects.filter(email=EMAIL).exists()


@pytest.mark.parametrize("action", [invitations.revoke_invitation, invitations.resend])
def test_what_is_accepted_meanwhile_is_not_told_as_taken_back(action: Callable[..., Any]) -> None:
    invitation = invite()
    by = User.objects.get(is_superuser=True)
    with at_the_same_time(lambda: action(by=by, invitation=invitation)) as results:
        invitations.accept(invitation=invitation, **NEW)
    assert kinds(results) == ["ActionRefused"]
    assert isinstance(results[0], actions.ActionRefused)
    assert Invitation.objects.get().accepted_at
    assert Mandate.objects.filter(user__email=EMAIL).exists()
