"""Linked data: what a page tells, in the words of schema.org, as JSON-LD within it and as Turtle beside it.

A town is at once a place and the authority that governs it, as it is in the directory. An agreement is a `Project`: a
common undertaking of its `member`s with a beginning and an end; schema.org has no nearer word. What a record is called
elsewhere is its `sameAs` (Wikidata, GeoNames), in the Turtle also its `owl:sameAs`.
"""

import json
from collections.abc import Iterable
from functools import singledispatch
from typing import Any

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe
from rdflib import OWL, Graph, URIRef

from core.addresses import absolute
from core.lists.formats import LICENCE_URL, PUBLISHER
from networks.models import Network, SupportBody
from partnerships.choices import Level, OrganisationKind
from partnerships.models import Agreement, Country, Organisation, Territory, Town

from .permalinks import TURTLE, of_record, page_path, permalink

Node = dict[str, Any]

_WIKIDATA_URL = "http://www.wikidata.org/entity/{}"
_GEONAMES_URL = "https://sws.geonames.org/{}/"

_ORGANISATION_TYPES = {
    OrganisationKind.NGO: "NGO",
    OrganisationKind.SCHOOL: "School",
    OrganisationKind.HOSPITAL: "Hospital",
    OrganisationKind.UNIVERSITY: "CollegeOrUniversity",
    OrganisationKind.COMPANY: "Corporation",
    OrganisationKind.STATE_SERVICE: "GovernmentOrganization",
}
"""Types of schema.org by kind of organisation; the others are an `Organization`."""

ADDRESSES = ("url", "sameAs", "license", "item", "contentUrl", "isBasedOn")
SCHEMA_ORG_CONTEXT: Node = {"@vocab": "https://schema.org/", **{name: {"@type": "@id"} for name in ADDRESSES}}
"""As much of the context of schema.org as is used here, for reading our own JSON-LD without asking the network."""


def _node(**values: object) -> Node:
    """Node of JSON-LD from its members, blank ones left out; ``at_`` in a name stands for ``@``."""
    return {name.replace("at_", "@"): value for name, value in values.items() if value not in (None, "", [], {})}


def short(record: Model) -> Node:
    """A record as others mention it."""
    full = node(record)
    return {name: full[name] for name in ("@id", "@type", "name", "sameAs") if name in full}


@singledispatch
def node(record: Model) -> Node:
    """JSON-LD node of a record. Raises ``TypeError`` for one that has no page."""
    raise TypeError(f"{type(record).__name__} has no page")


@node.register
def _country(country: Country) -> Node:
    return _node(at_type="Country", at_id=permalink(country), name=country.name, identifier=country.pk)


@node.register
def _territory(territory: Territory) -> Node:
    return _node(
        at_type="AdministrativeArea",
        at_id=permalink(territory),
        name=territory.name,
        identifier=_node(at_type="PropertyValue", propertyID="ISO 3166-2", value=territory.pk),
        containedInPlace={"@id": permalink(territory.country)},
        geo=_point(territory.latitude, territory.longitude),
    )


def _point(latitude: float | None, longitude: float | None) -> Node | None:
    if latitude is None:
        return None
    return {"@type": "GeoCoordinates", "latitude": latitude, "longitude": longitude}


def same_as(town: Town) -> list[str]:
    """Addresses of a town in Wikidata and GeoNames (`sameAs`)."""
    names = [(_WIKIDATA_URL, town.wikidata), (_GEONAMES_URL, town.geonames)]
    return [form.format(code) for form, code in names if code]


@node.register
def _town(town: Town) -> Node:
    area = "City" if town.level == Level.MUNICIPALITY else "AdministrativeArea"
    within = [permalink(place) for place in (town.territory, town.country) if place is not None]
    own = town.coordinates_precision == "place"  # the point of its department is no place of a town
    return _node(
        at_type=[area, "GovernmentOrganization"],
        at_id=permalink(town),
        name=town.name,
        alternateName=sorted({name.name for name in town.names.all()}),
        identifier=_node(at_type="PropertyValue", propertyID="INSEE", value=town.insee) if town.insee else None,
        sameAs=same_as(town),
        url=town.website,
        geo=_point(town.latitude, town.longitude) if own else None,
        containedInPlace=[{"@id": one} for one in within],
    )


def _alternate_names(record: Organisation | Network) -> list[str]:
    """Alternative names and acronym of a record, sorted."""
    return sorted({*filter(None, [record.acronym]), *(name.name for name in record.names.all())})


def _type_of(organisation: Organisation) -> str:
    return _ORGANISATION_TYPES.get(OrganisationKind(organisation.kind), "Organization")


@node.register
def _organisation(organisation: Organisation) -> Node:
    return _node(
        at_type=_type_of(organisation),
        at_id=permalink(organisation),
        name=organisation.name,
        alternateName=_alternate_names(organisation),
        url=organisation.website,
        location={"@id": permalink(organisation.country)} if organisation.country else None,
    )


@node.register
def _network(network: Network) -> Node:
    return _node(
        at_type="Organization",
        at_id=permalink(network),
        name=network.name,
        alternateName=_alternate_names(network),
        description=network.description,
        foundingDate=network.founded,
        dissolutionDate=network.dissolved,
        url=network.website,
    )


@node.register
def _support_body(body: SupportBody) -> Node:
    return _node(
        at_type="Organization",
        at_id=permalink(body),
        name=body.name,
        alternateName=[body.acronym] if body.acronym else [],
        description=body.description,
        foundingDate=body.founded,
        dissolutionDate=body.dissolved,
        areaServed=[{"@id": permalink(territory)} for territory in body.territories.all()],
        url=body.website,
    )


@node.register
def _agreement(agreement: Agreement) -> Node:
    return _node(
        at_type="Project",
        at_id=permalink(agreement),
        name=str(agreement),
        description=agreement.description or agreement.get_kind_display(),
        identifier=agreement.reference,
        foundingDate=agreement.signed,
        dissolutionDate=agreement.ended,
        keywords=[agreement.get_kind_display(), *(theme.name for theme in agreement.themes.all())],
        member=[short_actor(party.actor) for party in agreement.parties.all()],
    )


def short_actor(actor: Town | Organisation) -> Node:
    """A party as an agreement mentions it: without a further question to the database."""
    if isinstance(actor, Organisation):
        return _node(at_type=_type_of(actor), at_id=permalink(actor), name=actor.name)
    area = "City" if actor.level == Level.MUNICIPALITY else "AdministrativeArea"
    return _node(
        at_type=[area, "GovernmentOrganization"], at_id=permalink(actor), name=actor.name, sameAs=same_as(actor)
    )


def publisher() -> Node:
    """JSON-LD node of the directory's publisher."""
    return {"@type": "Organization", "@id": absolute("/#publisher"), "name": PUBLISHER, "url": absolute("/")}


def source_urls(record: Model) -> list[str]:
    """Addresses of a record's sources, sorted."""
    found = getattr(record, "sources", None)
    return sorted({source.url for source in found.all() if source.url}) if found is not None else []


def breadcrumb(*steps: tuple[str, str]) -> Node:
    """The way to a page: names and addresses."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": address}
            for place, (name, address) in enumerate(steps, 1)
        ],
    }


def item_list(items: Iterable[tuple[str, str]], total: int, first: int = 1) -> Node:
    """A part of a list, from its `first` item: addresses and names."""
    return {
        "@type": "ItemList",
        "numberOfItems": total,
        "itemListElement": [
            {"@type": "ListItem", "position": place, "url": address, "name": name}
            for place, (address, name) in enumerate(items, first)
        ],
    }


def serialize_json_ld(graph: Node) -> str:
    """JSON-LD for a page: no sequence in it ends the element that holds it."""
    text = json.dumps(
        {"@context": "https://schema.org", **graph}, ensure_ascii=False, separators=(",", ":"), default=str
    )
    return text.replace("&", "\\u0026").replace("<", "\\u003C").replace(">", "\\u003E")


def graph_of(record: Model) -> Graph:
    """RDF graph of a record, with the document that describes it."""
    about = node(record)
    document = {
        "@id": absolute(reverse("record_turtle", args=[about["@id"].rpartition("/")[2]])),
        "@type": "CreativeWork",
        "about": about,
        "license": LICENCE_URL,
        "publisher": publisher(),
        "isBasedOn": source_urls(record),
        "url": absolute(page_path(record)),
    }
    graph = Graph()
    graph.parse(data=json.dumps({"@context": SCHEMA_ORG_CONTEXT, **document}, default=str), format="json-ld")
    for other in about.get("sameAs", []):
        graph.add((URIRef(about["@id"]), OWL.sameAs, URIRef(other)))
    graph.bind("schema", "https://schema.org/")
    graph.bind("owl", OWL)
    return graph


@require_safe
@of_record
def turtle(request: HttpRequest, record: Model) -> HttpResponse:
    """`/id/<code>.ttl`: a record as Turtle."""
    with override("en"):
        content = graph_of(record).serialize(format="turtle")
    response = HttpResponse(content, content_type=f"{TURTLE}; charset=utf-8")
    response["Link"] = f'<{LICENCE_URL}>; rel="license"'
    return response
