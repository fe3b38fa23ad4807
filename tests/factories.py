"""Records for tests.

`make(model)` makes a valid, distinct row of any model of the directory; what a test names takes the place of
the default. The functions with a name are short cuts for what most tests need.
"""

import datetime
import itertools
from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from core.imports import models as i
from networks import models as n
from partnerships import models as p

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
    "HU": ("HUN", "348", "Hungary", "Hongrie", "EU"),
    "SE": ("SWE", "752", "Sweden", "Suède", "EU"),
    "US": ("USA", "840", "United States", "États-Unis", "NA"),
    "GR": ("GRC", "300", "Greece", "Grèce", "EU"),
}


def country(code: str = "FR") -> p.Country:
    """A country by its code: the one that is there, or a new one."""
    columns = dict(zip(("alpha3", "numeric", "name_en", "name_fr", "continent"), COUNTRIES[code], strict=True))
    return p.Country.objects.get_or_create(code=code, defaults=columns)[0]


def territory(code: str, **columns: Any) -> p.Territory:
    """A territory by its ISO 3166-2 code: the one that is there, or a new one."""
    defaults = {"name": code, "level": "region", "country": country(code[:2])} | columns
    return p.Territory.objects.get_or_create(code=code, defaults=defaults)[0]


WITHDRAWN: dict[str, Any] = {
    "publication": "withdrawn",
    "published_at": datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
}
"""Columns of a record that was public and is withdrawn; one that never was has the first of them alone."""


def text() -> str:
    """A short text that no other record has."""
    return f"x{next(_numbers)}"


def both(column: str) -> dict[str, str]:
    """The two languages of a translated column."""
    return {f"{column}_en": text(), f"{column}_fr": text()}


def _alternative_name() -> dict[str, Any]:
    return {"name": text()}


# What a row needs besides the database's own defaults. Foreign keys that are not named are made by `make`.
DEFAULTS: dict[type[models.Model], Callable[[], dict[str, Any]]] = {
    p.Source: lambda: {"title": text()},
    p.Claim: lambda: both("statement"),
    p.Country: lambda: {"code": "XK", "alpha3": "XKX", "continent": "EU", **both("name")},
    p.CooperationZone: lambda: {"code": text(), **both("name")},
    p.ZoneCountry: lambda: both("reason"),
    p.StateRelation: lambda: {"counterpart": "EU", **both("description")},
    p.Territory: lambda: {"code": f"FR-{next(_numbers)}", "level": "region", "name": text()},
    p.TerritoryParent: dict,
    p.Town: lambda: {"name": text()},
    p.TownName: _alternative_name,
    p.TownSource: dict,
    p.GazetteerPlace: lambda: {"name": text(), "geonames": next(_numbers)},
    p.GazetteerName: _alternative_name,
    p.Organisation: lambda: {"name": text()},
    p.OrganisationName: _alternative_name,
    p.OrganisationSource: dict,
    p.Theme: lambda: {"code": text(), **both("name")},
    p.FundingSource: lambda: {"code": text(), **both("name")},
    p.Agreement: lambda: {"publication": "draft"},
    p.Party: lambda: {"town": town()},
    p.AgreementTheme: dict,
    p.AgreementSource: dict,
    p.Suspension: lambda: {"suspended_by": "state"},
    p.Renewal: lambda: {"renewed": "2001"},
    p.FundingContribution: dict,
    p.Document: lambda: {"title": text(), "url": f"https://example.org/{text()}"},
    p.Mandate: lambda: {"user": user()},
    p.ApiToken: lambda: {"user": user(), "name": text(), "digest": text(), "expires_on": datetime.date(2100, 1, 1)},
    p.Attachment: lambda: {
        "title": text(),
        "name": "charter.pdf",
        "file": "attachments/charter.pdf",
        "size": 1,
        "sha256": text(),
    },
    p.Contact: lambda: {"name": text(), "purpose": text(), "purge_on": datetime.date(2100, 1, 1)},
    p.Submission: lambda: {"kind": "proposal", "subject_kind": "town", "subject": "T1"},
    p.Comment: lambda: {"text": text()},
    p.Confirmation: lambda: {"fingerprint": text(), "expires_at": timezone.now()},
    p.Merge: lambda: {"kind": "town", "loser": "T1", "winner": "T2"},
    p.Invitation: lambda: {"email": f"{text()}@example.org", "expires_at": timezone.now()},
    p.Preference: lambda: {"user": user()},
    p.OutgoingMail: lambda: {"kind": "test", "to": f"{text()}@example.org", "subject": text()},
    p.FormDraft: lambda: {"user": user()},
    n.Network: lambda: {"acronym": text(), **both("name"), "kind": "association", "scope": "world"},
    n.NetworkName: _alternative_name,
    n.NetworkSource: dict,
    n.NetworkLink: lambda: {"kind": "supports"},
    n.SupportBody: lambda: {"name": text()},
    n.ServedTerritory: dict,
    n.SupportBodySource: dict,
    n.Membership: lambda: {"town": town()},
    n.NetworkClaim: lambda: {"network": make(n.Network), **both("statement")},
    n.Milestone: lambda: {"date": "1992", **both("title")},
    i.ImportBatch: lambda: {"resource": "towns", "file_name": "f.csv"},
    i.ImportRow: lambda: {"line": next(_numbers), "raw": ["x"], "outcome": "created"},
    i.ImportName: lambda: {"key": text(), "said": {"name": "x"}, "normalised": "x"},
    i.MatchVerdict: lambda: {"key": text(), "said": {"name": "x"}, "decision": "new", "user": user()},
    i.ImportProfile: lambda: {"name": text(), "resource": "towns", "headers": ["name"], "user": user()},
    i.ImportProgress: lambda: {"batch": next(_numbers)},
    n.WebLink: lambda: {"section": "africa", "title": text(), "url": f"https://example.org/{text()}"},
}

M = TypeVar("M", bound=models.Model)


def make(model: type[M], **columns: Any) -> M:
    """A row of a model with the columns given; every other one that must be filled gets a valid value.

    An agreement is a draft without parties: `agreement` makes a published one.
    """
    columns = DEFAULTS[model]() | columns
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey) and not field.null and field.name not in columns:
            related = field.related_model
            columns[field.name] = country() if related is p.Country else make(related)
    return model._default_manager.create(**columns)


def source(title: str = "", **columns: Any) -> p.Source:
    """A source."""
    return make(p.Source, title=title or text(), **columns)


def town(name: str = "", code: str = "FR", **columns: Any) -> p.Town:
    """A town in the country of that code."""
    return make(p.Town, **{"name": name or text(), "country": country(code)} | columns)


def organisation(name: str = "", **columns: Any) -> p.Organisation:
    """An organisation."""
    return make(p.Organisation, name=name or text(), **columns)


def party(agreement: p.Agreement, actor: p.Town | p.Organisation, **columns: Any) -> p.Party:
    """A town or organisation taking part in an agreement."""
    actors = {"organisation": actor} if isinstance(actor, p.Organisation) else {"town": actor}
    return p.Party.objects.create(agreement=agreement, **actors, **columns)


@transaction.atomic
def agreement(*actors: p.Town | p.Organisation, cite: p.Source | None = None, **columns: Any) -> p.Agreement:
    """A published agreement, with a source, between the actors: by default towns of two countries."""
    record = p.Agreement.objects.create(**columns)
    for position, actor in enumerate(actors or (town(), town(code="DE")), 1):
        party(record, actor, position=position)
    p.AgreementSource.objects.create(agreement=record, source=cite or source())
    record.refresh_from_db(fields=["party_key"])
    return record


def network(acronym: str = "", **columns: Any) -> n.Network:
    """A network."""
    return make(n.Network, acronym=acronym or text(), **columns)


def support_body(name: str = "", **columns: Any) -> n.SupportBody:
    """A regional support body."""
    return make(n.SupportBody, name=name or text(), **columns)


def user(name: str = "", **columns: Any) -> User:
    """A user without a password: tests log in by `Client.force_login`."""
    return User.objects.create_user(name or text(), **columns)


def officer(name: str = "", *territories: p.Territory, role: str = "officer") -> User:
    """A user with mandates in territories."""
    account = user(name)
    for place in territories:
        make(p.Mandate, user=account, territory=place, role=role)
    return account
