"""Transaction decorator: the changes that a view of allauth makes, and the mails about them, are one transaction."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse

AllauthView = Callable[..., HttpResponse]


def in_one_transaction(view: AllauthView) -> AllauthView:
    """Decorator: the view runs in a transaction of its own, which an exception rolls back as a whole.

    Pages of logging in have none: each guess would hold the counters of its address until the password is checked.
    """

    @wraps(view)
    def whole(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        with transaction.atomic():
            try:
                answer = view(request, *args, **kwargs)
            except ImmediateHttpResponse as ended:  # an answer, not a fault
                answer = ended.response
            _finish()
            return answer

    return whole


def _finish() -> None:
    """Run the callbacks that allauth has deferred until after the commit, which is where it writes some of its mail."""
    put_off: list[Any] = connection.run_on_commit
    theirs = [entry for entry in put_off if entry[1].__module__.startswith("allauth.")]
    connection.run_on_commit = [entry for entry in put_off if entry not in theirs]
    for _savepoints, function, _robust in theirs:
        function()
