"""The long campaign against the API: thousands of calls that its description allows, and as many that it does not."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import pytest
import schemathesis
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck
from hypothesis import settings as campaign
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from coopdir.wsgi import application
from core import shares
from partnerships.people import tokens
from tests import factories as f
from tests.campaigns import share
from tests.core.lists.test_files import world as everything

world = everything  # a fixture


def _from_somewhere(site: Callable[..., Iterable[bytes]], environ: dict[str, Any], start: Any) -> Iterable[bytes]:
    """The site, asked from an address, which a call without a network has not."""
    return site(environ | {"REMOTE_ADDR": "127.0.0.1"}, start)


SCHEMA = schemathesis.openapi.from_path(str(settings.BASE_DIR / "docs/openapi.yaml"))
SCHEMA.app = partial(_from_somewhere, application)
SCHEMA.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
    negative_data_rejection,
)
"""Codes of countries, themes and references are of a form that the description gives, but have to exist: that what is
well-formed is always taken is therefore not asked."""


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """The server keeps the test's connection, as Django's own client has it."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def token(world: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """The token of an officer of where the records lie; shares that do not end."""
    shares.reset_shares()
    monkeypatch.setattr(shares, "ANYBODY", 10**9)
    monkeypatch.setattr(shares, "BY_TOKEN", 10**9)
    officer = f.officer("officer", world["territories"])
    return tokens.create_token(by=officer, mandate=officer.mandates.get(), name="campaign")[1]


@pytest.mark.long
@SCHEMA.parametrize()
@campaign(max_examples=share(whole=50, small=15), deadline=None, suppress_health_check=list(HealthCheck))
def test_every_call_is_answered_as_described(case: schemathesis.Case, token: str) -> None:
    response = case.call(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
    case.validate_response(response, checks=CHECKS)
