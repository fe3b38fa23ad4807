"""Addresses (URLs) of the site: the canonical address of a path, and the path converters for references, slugs and
codes.

What cannot name a record is not found, without a question to the database.
"""

import re

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.urls import register_converter


def absolute(path: str) -> str:
    """The canonical address of a path of the site (`SITE_URL`), whoever asks by which host: for what is kept, compared,
    mailed or cited. The path says its language, if it has one: reverse it in that of the reader."""
    return f"{settings.SITE_URL}{path}"


def page_address(record: Model) -> str:
    """The last part of the address of a record of a kind that has pages: its reference with a readable tail."""
    address: str = getattr(record, "address")  # noqa: B009
    return address


def view_of(request: HttpRequest) -> str:
    """The name of the address that a view answers at."""
    if request.resolver_match is None:
        raise LookupError(f"{request.path} has been resolved by nobody.")
    return request.resolver_match.view_name


class Reference:
    """A reference, such as ``A12``; given to views in upper case."""

    regex = "[A-Za-z][0-9]{1,15}"

    def to_python(self, value: str) -> str:
        return value.upper()

    def to_url(self, value: str) -> str:
        return value


class Address(Reference):
    """A reference and the readable tail behind it, whatever that says: ``A12-quetigny-koulikoro``; given as written."""

    regex = rf"{Reference.regex}(?:-[^/]*)?"

    def to_python(self, value: str) -> str:
        return value


class CountryCode(Address):
    """A code of ISO 3166-1, such as ``fr``, in either case; given as written."""

    regex = "[A-Za-z]{2}"


class TerritoryCode(Address):
    """A code of ISO 3166-2, such as ``FR-21``, in either case; given as written."""

    regex = "[A-Za-z]{2}-[A-Za-z0-9]{1,7}"


CODE = re.compile(f"{Reference.regex}|{CountryCode.regex}|{TerritoryCode.regex}")
"""Pattern of codes that may name a record where its kind is not said by the form of the address."""


def register_converters() -> None:
    """Make the converters known to ``path()``."""
    register_converter(Reference, "ref")
    register_converter(Address, "addr")
    register_converter(CountryCode, "country")
    register_converter(TerritoryCode, "territory")
