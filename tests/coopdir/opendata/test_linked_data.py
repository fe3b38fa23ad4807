"""Linked data: every public page says in schema.org's words what it is about; records are Turtle at a fixed address."""

import json
import re
import socket
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from rdflib import OWL, RDF, Graph, Literal, Namespace, URIRef

from coopdir.opendata.linked_data.schema_org import SCHEMA_ORG_CONTEXT
from coopdir.opendata.linked_data.sitemap import STATIC_PAGES
from core.lists.views import ListingView
from partnerships.models import Agreement, Town
from tests import factories
from tests.packages import needed

pytestmark = pytest.mark.django_db

SCHEMA = Namespace("https://schema.org/")
SHAPES = Graph().parse(settings.BASE_DIR / "tests/shapes/schema.ttl")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked of the network: the database's socket is open already."""

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.fixture
def dijon() -> Town:
    return factories.town(
        "Dijon",
        territory=factories.territory("FR-BFC", name="Bourgogne-Franche-Comté"),
        insee="21231",
        geonames=3021372,
        wikidata="Q7003",
        latitude=47.3,
        longitude=5.04,
        website="https://www.dijon.example/",
    )


@pytest.fixture
def agreement(dijon: Town) -> Agreement:
    factories.make(factories.p.TownName, town=dijon, name="Divio", kind="former")
    source = factories.source(url="https://example.org/twinnings")
    return factories.agreement(dijon, factories.town("Mainz", "DE"), factories.organisation("Hôpital"), cite=source)


def embedded(client: Client, address: str) -> Graph:
    """The graph that a page holds, read with our own few lines of the context; it is valid by the shapes."""
    page = client.get(address).content.decode()
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    document = json.loads(text)
    assert document.pop("@context") == "https://schema.org"
    graph = Graph().parse(data=json.dumps({"@context": SCHEMA_ORG_CONTEXT, **document}), format="json-ld")
    valid, _report, told = needed("pyshacl").validate(graph, shacl_graph=SHAPES)
    assert valid, f"{address}\n{told}"
    return graph


def iri(record: Any) -> URIRef:
    return URIRef(f"{settings.SITE_URL}/id/{getattr(record, 'reference', record.pk)}")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_public_page_is_linked_data(client: Client, agreement: Agreement, language: str) -> None:
    records = [
        agreement,
        *(party.actor for party in agreement.parties.all()),
        factories.network("AIMF"),
        factories.support_body("BFC"),
    ]
    paths = [reverse(name) for name in STATIC_PAGES]
    paths += [reverse(record._meta.model_name, args=[record.address]) for record in records]
    paths += [reverse("country", args=["fr"]), reverse("territory", args=["FR-BFC"])]
    for path in (path.replace("/en/", f"/{language}/", 1) for path in paths):
        graph = embedded(client, path)
        page = URIRef(settings.SITE_URL + path)
        assert (page, SCHEMA.license, URIRef("https://creativecommons.org/licenses/by/4.0/")) in graph
        assert (page, SCHEMA.inLanguage, Literal(language)) in graph


def test_an_agreement_is_a_project_of_its_parties(client: Client, agreement: Agreement, dijon: Town) -> None:
    graph = embedded(client, reverse("agreement", args=[agreement.address]))
    one = iri(agreement)
    assert (one, RDF.type, SCHEMA.Project) in graph
    assert set(graph.objects(one, SCHEMA.member)) == {iri(party.actor) for party in agreement.parties.all()}
    assert (iri(dijon), SCHEMA.sameAs, URIRef("http://www.wikidata.org/entity/Q7003")) in graph
    assert (None, SCHEMA.isBasedOn, URIRef("https://example.org/twinnings")) in graph


def test_a_town_is_named_in_other_data(client: Client, dijon: Town, agreement: Agreement) -> None:
    graph = embedded(client, reverse("town", args=[dijon.address]))
    assert set(graph.objects(iri(dijon), SCHEMA.sameAs)) == {
        URIRef("http://www.wikidata.org/entity/Q7003"),
        URIRef("https://sws.geonames.org/3021372/"),
    }
    assert (iri(dijon), SCHEMA.alternateName, Literal("Divio")) in graph
    assert (None, SCHEMA.latitude, None) in graph
    Town.objects.filter(pk=dijon.pk).update(coordinates_precision="territory")
    assert (None, SCHEMA.latitude, None) not in embedded(client, reverse("town", args=[dijon.address]))


def test_a_list_names_what_it_shows(client: Client, agreement: Agreement) -> None:
    other = factories.agreement()
    graph = embedded(client, f"{reverse('agreements')}?country=FR&sort=entered")
    (total,) = graph.objects(predicate=SCHEMA.numberOfItems)
    assert int(total) == 2
    shown = {str(address) for item in graph.subjects(SCHEMA.position) for address in graph.objects(item, SCHEMA.url)}
    assert shown == {settings.SITE_URL + reverse("agreement", args=[one.address]) for one in (agreement, other)}


def test_the_places_of_a_page_go_on_from_those_of_the_page_before(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ListingView, "paginate_by", 2)
    for _number in range(3):
        factories.agreement()
    for page, places in ((1, {1, 2}), (2, {3})):
        graph = embedded(client, f"{reverse('agreements')}?page={page}")
        assert {int(place) for place in graph.objects(predicate=SCHEMA.position)} == places


def test_a_name_cannot_end_the_data(client: Client) -> None:
    town = factories.town('</script><script>alert("x")</script>&amp;')
    graph = embedded(client, reverse("town", args=[town.address]))
    assert (iri(town), SCHEMA.name, Literal(town.name)) in graph


@pytest.mark.parametrize("status", ["draft", "submitted"])
def test_what_is_not_public_is_not_told(officer_client: Client, status: str) -> None:
    town = factories.town("Besançon", territory=factories.territory("FR-BFC"))
    agreement = factories.agreement(town, factories.town(code="DE"), publication=status)
    page = officer_client.get(reverse("agreement", args=[agreement.address]))
    assert page.status_code == 200
    assert "ld+json" not in page.content.decode()
    assert officer_client.get(reverse("record_turtle", args=[agreement.reference])).status_code == 404
    assert officer_client.get(reverse("record", args=[agreement.reference])).status_code == 404


# Permanent addresses


def test_a_permanent_address_leads_to_the_page_in_the_readers_language(client: Client, agreement: Agreement) -> None:
    path = reverse("record", args=[agreement.reference])
    for language in ("en", "fr"):
        answer = client.get(path, headers={"Accept-Language": language})
        assert answer.status_code == 303
        assert answer["Location"] == reverse("agreement", args=[agreement.address]).replace("/en/", f"/{language}/")
        assert {"Accept", "Accept-Language"} <= set(answer["Vary"].split(", "))
    answer = client.get(path, headers={"Accept": "text/turtle"})
    assert answer["Location"] == reverse("record_turtle", args=[agreement.reference])


@pytest.mark.parametrize("code", ["ML", "ml", "FR-BFC", "fr-bfc"])
def test_places_have_permanent_addresses_too(client: Client, agreement: Agreement, code: str) -> None:
    factories.country("ML")
    assert client.get(f"/id/{code}").status_code == 303


@pytest.mark.parametrize("code", ["A999999", "X1", "XX", "FR-XXX", "A", "1", "A1.pdf", "%00", "é"])
def test_what_is_not_there_is_not_found(client: Client, code: str) -> None:
    assert client.get(f"/id/{code}").status_code == 404
    assert client.get(f"/id/{code}.ttl").status_code == 404


def test_what_was_merged_leads_to_what_took_its_place(client: Client, dijon: Town) -> None:
    lost = factories.town("Dijon-sur-Ouche", **factories.WITHDRAWN, merged_into=dijon)
    for form in ("/id/{}", "/id/{}.ttl", "/card/fr/{}.png", "/ogc/collections/towns/items/{}?lang=fr"):
        answer = client.get(form.format(lost.reference))
        assert (answer.status_code, answer["Location"]) == (301, form.format(dijon.reference))
        assert answer["Cache-Control"] == "no-cache"  # the merge can be undone


def test_what_was_withdrawn_is_gone_unless_it_never_was_public(client: Client) -> None:
    for columns, status in ((factories.WITHDRAWN, 410), ({"publication": "withdrawn"}, 404)):
        code = factories.town("Nowhere", **columns).reference
        for address in (f"/id/{code}", f"/id/{code}.ttl", f"/card/en/{code}.png"):
            assert client.get(address).status_code == status


def test_records_are_turtle(client: Client, agreement: Agreement, dijon: Town) -> None:
    for record in (agreement, *(party.actor for party in agreement.parties.all()), factories.country("FR")):
        answer = client.get(f"/id/{getattr(record, 'reference', record.pk)}.ttl")
        assert answer["Content-Type"] == "text/turtle; charset=utf-8"
        graph = Graph().parse(data=answer.content, format="turtle")
        assert (URIRef(f"{iri(record)}.ttl"), SCHEMA.about, iri(record)) in graph
        valid, _report, told = needed("pyshacl").validate(graph, shacl_graph=SHAPES)
        assert valid, told
    graph = Graph().parse(data=client.get(f"/id/{dijon.reference}.ttl").content, format="turtle")
    assert (iri(dijon), OWL.sameAs, URIRef("https://sws.geonames.org/3021372/")) in graph


def test_turtle_asks_nothing_twice(client: Client, agreement: Agreement, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        client.get(f"/id/{agreement.reference}.ttl")
