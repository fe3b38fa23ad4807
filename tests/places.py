"""Every address at which somebody asks for a record, by kind of record: for tests that try all of them."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from networks.models import Network, SupportBody
from partnerships.models import Agreement, Organisation, Town

ACTIONS = ("verify", "end", "suspend", "resume", "withdraw", "reinstate", "delete")
OF_AGREEMENTS = (
    "agreements", "agreements_file", "map", "map_data", "statistics", "changes", "embed_list", "embed_map",
    "embed_snippet", "quickstatements", "iati", "agreements_feed", "changes_feed", "api_agreements", "ogc_items",
    "memberships_file", "api_memberships",
)  # fmt: skip
QUESTIONS = {
    "town": (*OF_AGREEMENTS, "api_parties"),
    "organisation": ("api_parties",),
    "agreement": ("api_parties",),
    "network": (
        *OF_AGREEMENTS, "towns", "towns_file", "api_towns", "milestones", "milestones_file", "api_milestones", "links",
        "links_file",
    ),
}  # fmt: skip
"""Addresses that are asked for what concerns a record, by the name of the parameter that names it."""
MOMENT = "2100-01-01T00:00:00%2B00:00"

Place = Callable[[Any], str]


def at(name: str, *arguments: str, query: str = "") -> Place:
    """An address; arguments and query hold attributes of the record in braces."""
    return lambda record: reverse(name, args=[text.format(record) for text in arguments]) + query.format(record)


def of_it(name: str, parameter: str) -> Place:
    """An address that is asked for what concerns a record."""
    arguments = ("csv",) if name.endswith("_file") else ("agreements",) if name == "ogc_items" else ()
    return at(name, *arguments, query=f"?{parameter}={{0.reference}}")


def public_places(kind: str) -> dict[str, Place]:
    """Where everybody asks for a record of a kind."""
    return {
        "page": at(kind, "{0.address}"),
        "page without its name": at(kind, "{0.reference}"),
        "history": at(f"{kind}_history", "{0.address}"),
        "csv": at(f"{kind}_file", "{0.address}", "csv"),
        "json": at(f"{kind}_file", "{0.address}", "json"),
        "xlsx": at(f"{kind}_file", "{0.address}", "xlsx"),
        "geojson": at(f"{kind}_file", "{0.address}", "geojson"),
        "api": at(f"api_{kind}", "{0.reference}"),
        "id": at("record", "{0.reference}"),
        "turtle": at("record_turtle", "{0.reference}"),
        "card": at("card", "en", "{0.reference}"),
        "propose": at("propose", kind, "{0.reference}"),
        "search": at("search", query="?q={0.reference}"),
        "suggest": at("suggest", query="?q={0.reference}"),
        "parties": at("party_suggestions", query="?q={0.reference}"),
        **{f"{name} of": of_it(name, kind) for name in QUESTIONS.get(kind, ())},
    }


AGREEMENT = public_places("agreement") | {
    "ogc": at("ogc_item", "agreements", "{0.reference}"),
    "content": at("api_agreement_content", "{0.reference}"),
    "verifications": at("api_verifications"),
    "document": at("attachment", "{0.document}"),
    "submission": at("submission", "{0.submission}"),
    "edit": at("agreement_edit", "{0.reference}"),
    "copy": at("agreement_new", query="?copy={0.reference}"),
    "keep": at("form_keep"),
    "ask": at("confirmation_ask", "{0.reference}"),
    "confirm": at("confirm", "{0.confirmation}"),
    "restore": at("agreement_restore", "{0.reference}", query=f"?at={MOMENT}"),
    "merge": at("agreement_merge", "{0.reference}"),
    "merge with": at("agreement_merge", "{0.theirs}", query="?with={0.reference}"),
    **{name: at(f"agreement_{name}", "{0.reference}") for name in ACTIONS},
}
TOWN = public_places("town") | {
    "ogc": at("ogc_item", "towns", "{0.reference}"),
    "edit": at("town_edit", "{0.reference}"),
    "restore": at("town_restore", "{0.reference}", query=f"?at={MOMENT}"),
    "merge": at("town_merge", "{0.reference}"),
    "merge with": at("town_merge", "{0.theirs}", query="?with={0.reference}"),
}
NETWORK, BODY, ORGANISATION = (public_places(kind) for kind in ("network", "supportbody", "organisation"))
for kind, places in (("organisation", ORGANISATION), ("supportbody", BODY)):
    places |= {
        "edit": at(f"{kind}_edit", "{0.reference}"),
        "restore": at(f"{kind}_restore", "{0.reference}", query=f"?at={MOMENT}"),
    }
PLACES = {Agreement: AGREEMENT, Town: TOWN, Organisation: ORGANISATION, Network: NETWORK, SupportBody: BODY}
"""By kind of record."""
