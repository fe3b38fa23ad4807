"""`manage.py prepare_demo`: fill the database for `make demo` and say how to log in."""

import hashlib
import os
import secrets
import socket
from argparse import ArgumentParser
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from coopdir.opendata.dumps.build import published_dumps
from partnerships.choices import MandateRole
from partnerships.models import Mandate

# Who can log in: an administrator, and people of every role in two regions, to try out who may write what.
_ADMIN_USERNAME = "admin"
MANDATES = {
    "contributor-bfc": ("FR-BFC", MandateRole.CONTRIBUTOR),
    "officer-bfc": ("FR-BFC", MandateRole.OFFICER),
    "officer-ara": ("FR-ARA", MandateRole.OFFICER),
    "coordinator-bfc": ("FR-BFC", MandateRole.COORDINATOR),
}
DOMAIN = "coopdir.example"  # RFC 2606: never anybody's


class Command(BaseCommand):
    """Command that sets up all that a demo needs beyond packages. Safe to repeat: nothing that was entered is lost."""

    help = "Migrate, load the fixtures and the gazetteer, make demo accounts, collect the static files."
    requires_system_checks: list[str] = []  # `migrate` runs them, those of the database too
    accounts_file = settings.DATA_DIR / "demo-accounts.txt"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port that the site will use, checked first so that nobody waits for nothing."""
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: object, port: int, **options: object) -> None:
        """Do the steps in order, one line each."""
        _refuse_taken_port(port)
        self._say("database and migrations")
        try:
            call_command("migrate", verbosity=0, interactive=False, skip_checks=False)
        except ImproperlyConfigured as error:  # the embedded database says what is wrong
            raise CommandError(str(error)) from error
        call_command("createcachetable", verbosity=0)
        self._say("the directory's own content")
        call_command("load_fixtures")
        self._say("gazetteer of places")
        call_command("load_gazetteer")
        self._say("static files")
        _collect_static()
        told = self._accounts()
        if not published_dumps():  # later ones are the operator's: of a large directory they take their time
            self._say("the whole directory as files")
            call_command("publish_dump")
        self.stdout.write(f"\nCoopDir runs at http://127.0.0.1:{port}/ (Ctrl-C ends it).\n\n{told}\n")
        if settings.DATABASES["default"]["ENGINE"] == "core.database.embedded":
            self.stdout.write("The embedded database goes on running; `make stop` stops it.")

    def _say(self, what: str) -> None:
        self.stdout.write(f"→ {what} …")
        self.stdout.flush()

    @transaction.atomic
    def _accounts(self) -> str:
        """Make the accounts that are missing; says who they are and where their passwords stand."""
        chosen = os.environ.get("DEMO_PASSWORD", "")
        kept = _read_pairs(self.accounts_file)
        lines = [f"Log in at /account/login/ with one of these addresses at {DOMAIN}:", ""]
        for name in (_ADMIN_USERNAME, *MANDATES):
            user, created = _account(name)
            if chosen or created:
                password = chosen or secrets.token_urlsafe(12)
                user.set_password(password)
                user.save(update_fields=["password"])
                kept.pop(name, None)
                if not chosen:
                    kept[name] = password
            if chosen:
                said = "password: the DEMO_PASSWORD you gave"
            elif created:
                said = f"password: {kept[name]}"
            elif name in kept:
                said = f"password: see {self.accounts_file}"
            else:
                said = "password: as you chose it; `make demo DEMO_PASSWORD=…` sets another"
            territory, role = MANDATES.get(name, ("", "administrator"))
            address = f"{name}@{DOMAIN}"
            lines.append(f"  {address:34} {role} {territory}".ljust(58) + said)
        _write_pairs(self.accounts_file, kept)
        return "\n".join(lines)


def _account(name: str) -> tuple[User, bool]:
    """The demo account of that name with its confirmed address and its mandate, and whether it is new."""
    administrator, address = name == _ADMIN_USERNAME, f"{name}@{DOMAIN}"
    user, created = User.objects.get_or_create(
        username=name, defaults={"is_superuser": administrator, "is_staff": administrator, "email": address}
    )
    if not user.email:  # made before accounts had addresses
        user.email = address
        user.save(update_fields=["email"])
    if not EmailAddress.objects.filter(user=user).exists():
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    if not administrator:
        territory, role = MANDATES[name]
        Mandate.objects.get_or_create(user=user, territory_id=territory, role=role)
    return user, created


def _refuse_taken_port(port: int) -> None:
    """Stop with a word where another program listens on the port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror}). Try: make demo PORT={port + 1}"
            ) from error


def _collect_static() -> None:
    """Collect the static files where a package or the bundle has changed; it takes seconds."""
    inputs = [settings.BASE_DIR / "requirements.txt"]
    for _prefix, folder in settings.STATICFILES_DIRS:
        inputs += sorted(path for path in folder.rglob("*") if path.is_file())
    key = hashlib.sha256(b"".join(str(path).encode() + path.read_bytes() for path in inputs)).hexdigest()
    stamp = settings.DATA_DIR / "static.stamp"
    if settings.STATIC_ROOT.exists() and stamp.exists() and stamp.read_text() == key:
        return
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    stamp.write_text(key)


def _read_pairs(path: Path) -> dict[str, str]:
    """The generated passwords of earlier runs, by account."""
    if not path.exists():
        return {}
    return dict(line.split(maxsplit=1) for line in path.read_text().splitlines() if line)


def _write_pairs(path: Path, pairs: dict[str, str]) -> None:
    """Keep the generated passwords where only this system user can read them."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name} {password}\n" for name, password in pairs.items())
