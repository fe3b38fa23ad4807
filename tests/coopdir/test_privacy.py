"""What is said to be kept of people is what is kept."""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.test import Client

from coopdir import privacy
from partnerships.mail import outbox
from partnerships.people import invitations, retention, tokens
from partnerships.review import proposals

TEXT = (settings.BASE_DIR / "docs" / "privacy.md").read_text()


def personal() -> set[str]:
    """The models, event tables included, that hold an e-mail address or belong to an account."""
    found = {
        model.__name__
        for model in apps.get_models()
        if not model._meta.proxy
        and any(
            isinstance(field, models.EmailField) or field.related_model is User for field in model._meta.concrete_fields
        )
    }
    return found | {"User", "Session", "Context"}


def test_every_table_with_people_in_it_is_named() -> None:
    assert {name for name in personal() if f"`{name}`" not in TEXT} == set()


def test_nothing_is_named_that_is_not_there() -> None:
    table = TEXT.partition("\n| what |")[2].partition("\n\n")[0]
    cells = [row.split("|")[2] for row in table.splitlines() if row.count("|") > 4]
    named = {name for cell in cells for name in re.findall(r"`([A-Z][A-Za-z]+)`", cell)}
    known = {model.__name__ for model in apps.get_models()}
    assert len(named) > 10
    assert named - known == set()


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("{} days after the decision", retention.KEPT_AFTER_DECISION.days),
        ("{} days after the last change", retention.KEPT_UNSENT.days),
        ("until the answer, or {} days", proposals.ANSWERED_WITHIN.days),
        ("{} days where nobody accepts", invitations.VALID_FOR.days),
        ("until it is sent or given up, the address {} days", outbox.MAIL_RETENTION.days),
    ],
)
def test_the_numbers_are_those_of_the_code(words: str, days: int) -> None:
    assert words.format(days) in TEXT


def test_two_weeks_are_two_weeks() -> None:
    assert privacy.SESSION.days == 14
    assert tokens.LASTS.days == 365


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "365 days after the decision"), ("fr", "365 jours après la décision")],
)
def test_visitors_are_told(client: Client, db: None, language: str, words: str) -> None:
    page = client.get(f"/{language}/privacy/").text
    assert words in page
    assert f"mailto:{settings.DEFAULT_FROM_EMAIL}" in page
    assert f'href="/{language}/privacy/"' in client.get(f"/{language}/").text
