"""Records for tests: one plain function a model.

What a test does not name is filled with something valid and distinct.
"""

import itertools
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from networks import models as networks
from partnerships import models as partnerships
from partnerships.models import Agreement, Country, Organisation, Party, Source, Territory, Town

_numbers = itertools.count(1)

# Enough of ISO 3166-1 for tests: code, three letters, number, names, continent.
COUNTRIES = {
    "FR": ("FRA", "250", "France", "France", "EU"),
    "DE": ("DEU", "276", "Germany", "Allemagne", "EU"),
    "ML": ("MLI", "466", "Mali", "Mali", "AF"),
    "BF": ("BFA", "854", "Burkina Faso", "Burkina Faso", "AF"),
    "MG": ("MDG", "450", "Madagascar", "Madagascar", "AF"),
    "GB": ("GBR", "826", "United Kingdom", "Royaume-Uni", "EU"),
    "IT": ("ITA", "380", "Italy", "Italie", "EU"),
}


def country(code: str = "FR") -> Country:
    """A country by its code: the one that is there, or a new one."""
    alpha3, numeric, name_en, name_fr, continent = COUNTRIES[code]
    return Country.objects.get_or_create(
        code=code,
        defaults={
            "alpha3": alpha3,
            "numeric": numeric,
            "name_en": name_en,
            "name_fr": name_fr,
            "continent": continent,
        },
    )[0]


def territory(code: str, **columns: Any) -> Territory:
    """A territory by its ISO 3166-2 code: the one that is there, or a new one."""
    defaults = {"name": code, "level": "region"} | columns
    if "country" not in defaults:
        defaults["country"] = country(code[:2])
    return Territory.objects.get_or_create(code=code, defaults=defaults)[0]


def source(title: str = "", **columns: Any) -> Source:
    """A source."""
    return Source.objects.create(title=title or f"Source {next(_numbers)}", **columns)


def town(name: str = "", code: str = "FR", **columns: Any) -> Town:
    """A town in a country."""
    if "country" not in columns:
        columns["country"] = country(code)
    return Town.objects.create(name=name or f"Town {next(_numbers)}", **columns)


def organisation(name: str = "", **columns: Any) -> Organisation:
    """An organisation."""
    return Organisation.objects.create(name=name or f"Organisation {next(_numbers)}", **columns)


def party(agreement: Agreement, actor: Town | Organisation, **columns: Any) -> Party:
    """A town or organisation taking part in an agreement."""
    columns["organisation" if isinstance(actor, Organisation) else "town"] = actor
    return Party.objects.create(agreement=agreement, **columns)


@transaction.atomic
def agreement(*actors: Town | Organisation, cite: Source | None = None, **columns: Any) -> Agreement:
    """A published agreement, with a source, between the actors: by default towns of two countries."""
    actors = actors or (town(), town(code="DE"))
    record = Agreement.objects.create(**columns)
    for position, actor in enumerate(actors, 1):
        party(record, actor, position=position)
    partnerships.AgreementSource.objects.create(agreement=record, source=cite or source())
    return record


def network(acronym: str = "", **columns: Any) -> networks.Network:
    """A network."""
    acronym = acronym or f"N{next(_numbers)}"
    defaults = {"name_en": f"Network {acronym}", "kind": "association", "scope": "world"}
    return networks.Network.objects.create(acronym=acronym, **(defaults | columns))


def support_body(name: str = "", **columns: Any) -> networks.SupportBody:
    """A regional support body."""
    return networks.SupportBody.objects.create(name=name or f"Support body {next(_numbers)}", **columns)


def user(name: str = "", **columns: Any) -> User:
    """A user without a password: tests log in by `Client.force_login`."""
    return User.objects.create_user(name or f"user-{next(_numbers)}", **columns)


def officer(name: str = "", *territories: Territory, role: str = "officer") -> User:
    """A user with mandates in territories."""
    account = user(name)
    for place in territories:
        partnerships.Mandate.objects.create(user=account, territory=place, role=role)
    return account
