"""The threat model names every upload, link, token, cache, work and mail that there is."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.conf import settings
from django.db import models
from django.urls import get_resolver

ROOT: Path = settings.BASE_DIR
TEXT = (ROOT / "docs" / "threat-model.md").read_text()
OURS = ("coopdir", "core", "partnerships", "networks")
SECRETS = {"digest", "token", "token_secret", "secret", "session_key"}
"""Names of columns that open something to whoever knows what they are of."""


def modules() -> Iterator[tuple[str, str]]:
    """Name and source of our modules."""
    for package in OURS:
        for path in (ROOT / package).rglob("*.py"):
            if "migrations" not in path.parts:
                yield ".".join(path.relative_to(ROOT).with_suffix("").parts), path.read_text()


def modules_with(pattern: str) -> set[str]:
    """The modules whose source has something."""
    return {name for name, source in modules() if re.search(pattern, source, re.MULTILINE)}


def subclasses(kind: type) -> Iterator[type]:
    """All classes below one."""
    for one in kind.__subclasses__():
        yield one
        yield from subclasses(one)


def stored_files() -> set[str]:
    """Columns that hold a file; what history repeats of them is the same file."""
    return {
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.FileField) and not model.__name__.endswith("Event")
    }


def fields_for_files() -> set[str]:
    """Fields of our forms that take a file."""
    assert get_resolver().url_patterns  # all forms are there
    return {
        f"{form.__name__}.{name}"
        for form in subclasses(forms.BaseForm)
        if form.__module__.split(".")[0] in OURS
        for name, field in getattr(form, "declared_fields", {}).items()
        if isinstance(field, forms.FileField)
    }


def files_read_without_a_form() -> set[str]:
    """Modules that take a file out of a request themselves."""
    return modules_with(r"request\.FILES(\.get|\[)")


def salts() -> set[str]:
    """What keeps signatures of one kind from being taken for another's."""
    found: set[str] = set()
    for _name, source in modules():
        found |= set(re.findall(r"Keyring\(\"([\w.-]+)\"\)", source))
        found |= set(re.findall(r"salt\w*=\"([\w.-]+)\"", source))
        found |= set(re.findall(r"salt\w* = \"([\w.-]+)\"", source))
    assert len(modules_with(r"Signer\(|signing\.dumps")) <= len(found)
    return found


def tokens() -> set[str]:
    """Models with a column of a secret."""
    return {
        model.__name__
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if field.name in SECRETS and not isinstance(field, models.BooleanField)
    } | {"Authenticator", "EmailConfirmation"}


def caches() -> set[str]:
    """Django's caches, and modules that keep something by themselves."""
    return set(settings.CACHES) | modules_with(r"^\s*@(functools\.)?(lru_)?cache\b|\bOrderedDict\(\)|^class LiveIndex")


def works() -> set[str]:
    """Modules with work for the worker."""
    return modules_with(r"^@task\b")


def mails() -> set[str]:
    """Templates of mails."""
    return {path.stem for path in (ROOT / "templates" / "mail").glob("*.txt")} | {"account/email"}


FOUND = {
    one.__name__: one
    for one in (stored_files, fields_for_files, files_read_without_a_form, salts, tokens, caches, works, mails)
}


@pytest.mark.parametrize("kind", FOUND)
def test_everything_that_could_be_abused_is_named(kind: str) -> None:
    found = FOUND[kind]()
    assert found
    assert {name for name in found if f"`{name}`" not in TEXT} == set(), f"{kind}: say in docs/threat-model.md who may"
