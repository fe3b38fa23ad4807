"""The catalogue that portals of open data harvest: DCAT-AP 3.0, as Turtle and as JSON-LD.

It describes one data set, the whole directory: its current files, the lists as files of the moment, the programming
interfaces, and its earlier versions. Codes are those of the vocabularies that DCAT-AP 3, section 5 asks for.
"""

import datetime
from collections.abc import Callable, Iterable

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from rdflib import DCTERMS, FOAF, RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from core.addresses import absolute
from core.history import data_version
from core.lists.formats import PUBLISHER

from .build import Dump, File, published_dumps

DCAT = Namespace("http://www.w3.org/ns/dcat#")  # rdflib's own is that of version 2
ADMS = Namespace("http://www.w3.org/ns/adms#")
DCATAP = Namespace("http://data.europa.eu/r5r/")
SPDX = Namespace("http://spdx.org/rdf/terms#")
VCARD = Namespace("http://www.w3.org/2006/vcard/ns#")
EU = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"
LICENCE_CODE = URIRef(f"{EU}licence/CC_BY_4_0")

FORMATS = {".csv.zip": "CSV", ".ndjson.gz": "JSON", ".gpkg": "GPKG", ".sqlite": "SQLITE", ".json": "JSON"}
"""Codes of the European list of file types, by how a name ends. SQLite is not in it: its media type says what it is."""
CODED = {"CSV", "JSON", "GPKG", "GEOJSON", "XLSX", "RDF_TURTLE", "JSON_LD", "ATOM"}
LIVE = {
    "csv": ("text/csv", "CSV"),
    "json": ("application/json", "JSON"),
    "geojson": ("application/geo+json", "GEOJSON"),
}
"""The forms of the list of agreements."""
SERVICES = {
    "api_root": ("API", "api_schema", ""),
    "ogc": ("OGC API – Features", "ogc_api", "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core"),
}
"""Programming interfaces by the names of their addresses: what they are called, what describes them, and to what they
conform."""


class Catalogue:
    """The catalogue as a graph."""

    def __init__(self) -> None:
        self.graph = Graph()
        for prefix, space in (("dcat", DCAT), ("adms", ADMS), ("spdx", SPDX), ("vcard", VCARD), ("dcatap", DCATAP)):
            self.graph.bind(prefix, space)
        self.dumps = published_dumps()
        self.changed = data_version()
        self.publisher = URIRef(absolute("/#publisher"))
        self.catalogue = URIRef(absolute(reverse("catalogue", args=["ttl"])) + "#catalogue")
        self.dataset = URIRef(absolute("/#dataset"))
        self._publisher()
        self._catalogue()
        self._dataset()

    def add(self, subject: Node, **properties: Iterable[Node] | Node) -> None:
        """Add properties, named as in `PROPERTIES`."""
        for name, values in properties.items():
            for value in [values] if isinstance(values, Node) else values:
                self.graph.add((subject, PROPERTIES[name], value))

    def _publisher(self) -> None:
        self.add(self.publisher, type=FOAF.Agent, agent_name=Literal(PUBLISHER, lang="en"), homepage=_iri("/"))

    def _catalogue(self) -> None:
        self.add(
            self.catalogue,
            type=DCAT.Catalog,
            title=_both(lambda: _("CoopDir, open data")),
            description=_both(lambda: _("The data of the open directory of decentralised cooperation.")),
            publisher=self.publisher,
            licence=LICENCE_CODE,
            language=_LANGUAGE_URIS,
            modified=_moment(self.changed),
            homepage=_iri("/"),
            themes=URIRef(f"{EU}data-theme"),
            dataset=self.dataset,
        )

    def _dataset(self) -> None:
        contact = BNode()
        self.add(contact, type=VCARD.Organization, contact_name=Literal(PUBLISHER))
        self.add(contact, mail=URIRef(f"mailto:{settings.DEFAULT_FROM_EMAIL}"))
        self._described(self.dataset, self.changed)
        self.add(
            self.dataset,
            contact=contact,
            keyword=[*_both(lambda: _("twinning")), *_both(lambda: _("decentralised cooperation"))],
            frequency=URIRef(f"{EU}frequency/IRREG"),
            landing=[URIRef(absolute(address)) for address in _in_both("data")],
            version=Literal(self.changed.isoformat()),
        )
        for dump in self.dumps[:1]:
            self._files(self.dataset, dump)
        for form, (media, code) in LIVE.items():
            self._live(form, media, code)
        for name in SERVICES:
            self._service(name)
        for dump in self.dumps:
            self._version(dump)

    def _described(self, dataset: URIRef, changed: datetime.datetime) -> None:
        """Add the properties that the data set and each of its versions share."""
        self.add(
            dataset,
            type=DCAT.Dataset,
            title=_both(lambda: _("Partnerships between local authorities across borders")),
            description=_both(
                lambda: _(
                    "Which towns, regions and organisations cooperate across borders, since when, on what, through "
                    "which networks and with whose help, each record with its sources."
                )
            ),
            publisher=self.publisher,
            access=URIRef(f"{EU}access-right/PUBLIC"),
            theme=[URIRef(f"{EU}data-theme/{code}") for code in ("INTR", "GOVE")],
            language=_LANGUAGE_URIS,
            modified=_moment(changed),
            licence=LICENCE_CODE,
        )

    def _version(self, dump: Dump) -> None:
        """An earlier state of the data set, with its files."""
        version = URIRef(absolute(f"/data/{dump.version}/#dataset"))
        self._described(version, dump.changed)
        self.add(version, version=Literal(dump.version), issued=_moment(dump.published), version_of=self.dataset)
        self.add(self.dataset, has_version=version)
        self._files(version, dump)

    def _files(self, dataset: URIRef, dump: Dump) -> None:
        for file in dump.downloads:
            self.add(dataset, distribution=self._file(dump, file))

    def _file(self, dump: Dump, file: File) -> URIRef:
        address = absolute(reverse("dump_file", args=[dump.version, file.name]))
        distribution, checksum = URIRef(f"{address}#distribution"), URIRef(f"{address}#checksum")
        end = next(end for end in FORMATS if file.name.endswith(end))
        self.add(
            checksum,
            type=SPDX.Checksum,
            algorithm=SPDX.checksumAlgorithm_sha256,
            checksum_value=Literal(file.sha256, datatype=XSD.hexBinary),
        )
        self.add(
            distribution,
            type=DCAT.Distribution,
            title=Literal(file.name),
            access_address=[URIRef(absolute(one)) for one in _in_both("data")],
            download=URIRef(address),
            bytes=Literal(file.bytes, datatype=XSD.nonNegativeInteger),
            checksum=checksum,
            licence=LICENCE_CODE,
            issued=_moment(dump.published),
            modified=_moment(dump.changed),
            status=URIRef(f"{EU}distribution-status/COMPLETED"),
            availability=URIRef(f"{EU}planned-availability/AVAILABLE"),
        )
        if FORMATS[end] in CODED:
            self.add(distribution, format=URIRef(f"{EU}file-type/{FORMATS[end]}"))
        media = {"CSV": "text/csv", "JSON": "application/x-ndjson"}.get(FORMATS[end], file.media_type)
        if media != "application/x-ndjson":  # which nobody has registered
            self.add(distribution, media=URIRef(IANA + media))
        if end == ".csv.zip":
            self.add(distribution, packed=URIRef(f"{IANA}application/zip"))
            self.add(distribution, conforms=URIRef("https://specs.frictionlessdata.io/tabular-data-package/"))
        if end == ".ndjson.gz":
            self.add(distribution, compressed=URIRef(f"{IANA}application/gzip"))
        if end == ".gpkg":
            self.add(distribution, conforms=URIRef("http://www.opengis.net/doc/IS/geopackage/1.3"))
        return distribution

    def _live(self, form: str, media: str, code: str) -> None:
        address = URIRef(absolute(f"/agreements.{form}"))
        distribution = URIRef(f"{address}#distribution")
        self.add(
            distribution,
            type=DCAT.Distribution,
            title=_both(lambda: _("Agreements as they are now")),
            access_address=address,
            download=address,
            media=URIRef(IANA + media),
            format=URIRef(f"{EU}file-type/{code}"),
            licence=LICENCE_CODE,
            availability=URIRef(f"{EU}planned-availability/AVAILABLE"),
        )
        self.add(self.dataset, distribution=distribution)

    def _service(self, name: str) -> None:
        path = reverse(name)
        title, description, standard = SERVICES[name]
        service = URIRef(absolute(f"{path}#service"))
        self.add(
            service,
            type=DCAT.DataService,
            title=Literal(f"CoopDir {title}", lang="en"),
            endpoint=_iri(path),
            endpoint_description=_iri(reverse(description)),
            conforms=[URIRef(standard)] if standard else [],
            serves=self.dataset,
            publisher=self.publisher,
            licence=LICENCE_CODE,
            access=URIRef(f"{EU}access-right/PUBLIC"),
        )
        self.add(self.catalogue, service=service)


PROPERTIES = {
    "type": RDF.type,
    "title": DCTERMS.title,
    "description": DCTERMS.description,
    "publisher": DCTERMS.publisher,
    "licence": DCTERMS.license,
    "language": DCTERMS.language,
    "modified": DCTERMS.modified,
    "issued": DCTERMS.issued,
    "access": DCTERMS.accessRights,
    "frequency": DCTERMS.accrualPeriodicity,
    "format": DCTERMS.format,
    "conforms": DCTERMS.conformsTo,
    "homepage": FOAF.homepage,
    "agent_name": FOAF.name,
    "themes": DCAT.themeTaxonomy,
    "theme": DCAT.theme,
    "dataset": DCAT.dataset,
    "service": DCAT.service,
    "distribution": DCAT.distribution,
    "contact": DCAT.contactPoint,
    "keyword": DCAT.keyword,
    "landing": DCAT.landingPage,
    "version": DCAT.version,
    "has_version": DCAT.hasVersion,
    "version_of": DCAT.isVersionOf,
    "access_address": DCAT.accessURL,
    "download": DCAT.downloadURL,
    "bytes": DCAT.byteSize,
    "media": DCAT.mediaType,
    "packed": DCAT.packageFormat,
    "compressed": DCAT.compressFormat,
    "endpoint": DCAT.endpointURL,
    "endpoint_description": DCAT.endpointDescription,
    "serves": DCAT.servesDataset,
    "availability": DCATAP.availability,
    "status": ADMS.status,
    "checksum": SPDX.checksum,
    "algorithm": SPDX.algorithm,
    "checksum_value": SPDX.checksumValue,
    "contact_name": VCARD.fn,
    "mail": VCARD.hasEmail,
}
_LANGUAGE_URIS = [URIRef(f"{EU}language/{code}") for code in ("ENG", "FRA")]


def _iri(path: str) -> URIRef:
    return URIRef(absolute(path))


def _moment(moment: datetime.datetime) -> Literal:
    return Literal(moment.astimezone(datetime.UTC).isoformat(timespec="seconds"), datatype=XSD.dateTime)


def _both(words: Callable[[], str]) -> list[Literal]:
    """Words in both languages."""
    found = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.append(Literal(words(), lang=code))
    return found


def _in_both(name: str) -> list[str]:
    """The addresses of a page in both languages."""
    found = []
    for code, _name in settings.LANGUAGES:
        with override(code):
            found.append(reverse(name))
    return found


_JSON_LD_CONTEXT = {
    "dcat": str(DCAT),
    "dcterms": str(DCTERMS),
    "foaf": str(FOAF),
    "adms": str(ADMS),
    "dcatap": str(DCATAP),
    "spdx": str(SPDX),
    "vcard": str(VCARD),
    "xsd": str(XSD),
}
RDF_FORMATS = {"ttl": ("turtle", "text/turtle; charset=utf-8"), "jsonld": ("json-ld", "application/ld+json")}
"""The forms of the catalogue, by suffix: of rdflib, and as media types."""


def serialize_catalogue(form: str) -> tuple[str, str]:
    """The catalogue in one of its forms, and its media type."""
    name, media = RDF_FORMATS[form]
    graph = Catalogue().graph
    if form == "jsonld":
        return graph.serialize(format=name, context=_JSON_LD_CONTEXT, auto_compact=True), media
    return graph.serialize(format=name), media
