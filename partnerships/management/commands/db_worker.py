"""`manage.py db_worker`: the background worker of django-tasks, which skips tasks that cannot be read, and sends the
mails of the outbox, too."""

import logging
import os
from threading import Event, Thread
from typing import Any

from django.db import DatabaseError, close_old_connections, connection
from django.utils.autoreload import DJANGO_AUTORELOAD_ENV
from django_tasks_db.management.commands import db_worker
from django_tasks_db.models import DBTaskResult

from core.renamed_tasks import current_task_path
from partnerships.mail import outbox

logger = logging.getLogger("coopdir.mails")
tasks_logger = logging.getLogger("django_tasks_db")

PAUSE = 1.0
"""Seconds between two looks into the outbox."""


class Worker(db_worker.Worker):
    """Worker of django-tasks-db that goes on after a task that cannot be read: it is marked as failed."""

    def run_task(self, db_task_result: DBTaskResult) -> None:
        """Run a task; one that cannot be read is marked as failed by the library, whose second error is only logged."""
        db_task_result.task_path = current_task_path(
            db_task_result.task_path
        )  # the row keeps the name that it was put in by
        try:
            super().run_task(db_task_result)
        except DatabaseError:
            raise  # it may not be marked
        except Exception:
            tasks_logger.exception("The order %s cannot be read and is put aside", db_task_result.id)


class Command(db_worker.Command):
    """The library's command, with a thread that sends mail: nobody's new password waits behind an import."""

    help = "Does what is to be done in the background: imports, long files, mails."

    def handle(self, *, reload: bool, batch: bool, **options: Any) -> None:
        """Run tasks and mails: with ``--batch`` the due mails come after the tasks; otherwise they are sent beside
        them."""
        vars(db_worker)["Worker"] = Worker  # the library's command names its own
        if batch or (reload and os.environ.get(DJANGO_AUTORELOAD_ENV) != "true"):  # the latter only starts another
            super().handle(reload=reload, batch=batch, **options)
            if batch:
                outbox.send_due()
            return
        stopped = Event()
        sender = Thread(target=send_until, args=[stopped], name="outbox")
        sender.start()
        try:
            super().handle(reload=reload, batch=batch, **options)
        finally:
            stopped.set()  # the mail that is just being sent is finished
            sender.join()


def send_until(stopped: Event) -> None:
    """Send due mails again and again; after an error, the next round tries again."""
    while not stopped.wait(PAUSE):
        close_old_connections()
        try:
            outbox.send_due(stopped.is_set)
        except Exception:
            logger.exception("The outbox could not be looked at.")
    connection.close()
