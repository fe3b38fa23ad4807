"""Header aliases: names that foreign files give the columns of layouts and the codes in them, in English, French,
German and Spanish.

Names are compared as `core.text.normalise` writes them. Taken from the files of national registers and of Wikidata's
query service, and from the field's own words in each language.
"""

PARTY_ALIASES: dict[str, tuple[str, ...]] = {
    "party": (
        "town", "city", "municipality", "local authority", "name", "origincityLabel", "cityLabel",
        "local government", "town name", "city name", "official name",
        "ville", "commune", "collectivité", "collectivité territoriale", "nom", "nom de la collectivité",
        "nom de la commune", "libellé", "nom collectivité", "collectivité chef de file", "entité",
        "Stadt", "Gemeinde", "Kommune", "Ort", "Gebietskörperschaft", "Gemeindename", "Name der Kommune", "Ortsname",
        "ciudad", "municipio", "ayuntamiento", "población", "entidad local", "nombre", "corporación local",
    ),
    "type": ("party type", "type of party", "type de partie", "Art des Partners", "tipo de entidad"),
    "level": (
        "level", "niveau", "échelon", "type de collectivité", "catégorie de collectivité", "Ebene",
        "Art der Gebietskörperschaft", "nivel", "tipo de entidad local",
    ),
    "country": (
        "country", "countryLabel", "origincountry", "country name", "country code", "nation", "pays", "code pays",
        "nom du pays", "pays ISO", "Land", "Staat", "Länderkürzel", "país", "código país",
    ),
    "territory": (
        "region", "province", "prefecture", "state", "county", "département", "région", "code département",
        "nom du département", "Bundesland", "Region", "Kreis", "Landkreis", "región", "provincia", "comunidad autónoma",
        "territory", "territoire",
    ),
    "code": (
        "code", "identifier", "insee", "code insee", "code commune", "code insee commune", "code geo",
        "geonames", "wikidata", "qid", "item", "Schlüssel", "AGS", "Gemeindeschlüssel", "código", "código INE",
        "identifiant",
    ),
    "lat": ("latitude", "originlat", "lat", "Breite", "Breitengrad", "latitud"),
    "lon": ("longitude", "originlong", "lng", "long", "Länge", "Längengrad", "longitud"),
    "population": (
        "population", "inhabitants", "originpopulation", "habitants", "nombre d'habitants", "Einwohner",
        "population totale", "population municipale", "Einwohnerzahl", "población total", "habitantes",
    ),
    "role": ("role", "rôle", "Rolle", "papel", "función"),
    "joined": ("joined", "member since", "adhésion", "depuis", "Beitritt", "Mitglied seit", "adhesión"),
    "left": ("left", "withdrawal", "retrait", "Austritt", "baja", "retirada"),
}  # fmt: skip

OF_THE_PARTNER = (
    "partner {}", "{} of the partner", "sister {}", "twin {}", "destination {}", "destination{}", "foreign {}",
    "{} partenaire", "{} du partenaire", "{} jumelée", "{} étrangère", "{} étranger",
    "{} de la ville jumelée", "{} de la commune jumelée", "{} de la collectivité partenaire", "{} jumelle",
    "{} de la ville partenaire", "{} du partenaire étranger", "{} jumelé", "{} bénéficiaire", "{} d'intervention",
    "Partner{}", "{} des Partners", "Partner {}", "{} der Partnerstadt", "{} der Partnergemeinde",
    "{} der Partnerkommune", "ausländische {}", "{} del socio", "{} socia", "{} hermanada", "{} extranjera",
    "{} hermanado", "{} extranjero", "{} de la ciudad hermana", "{} del municipio hermanado",
)  # fmt: skip
"""Patterns of the second party's columns, with the name of the part in braces."""

OF_THE_FIRST = (
    "origin {}",
    "own {}",
    "home {}",
    "US {}",
    "{} française",
    "{} français",
    "{} de la collectivité française",
    "{} de la commune française",
    "{} d'origine",
    "deutsche {}",
    "{} der deutschen Kommune",
    "{} española",
    "{} español",
    "{} de origen",
)
"""Patterns of the first party's columns."""

AGREEMENT_ALIASES: dict[str, tuple[str, ...]] = {
    "party_2": (
        "partner", "sister city", "sistercityLabel", "twin town", "twinned with", "partner city",
        "partenaire", "jumelage", "ville jumelle", "collectivité partenaire", "nom du partenaire",
        "ville jumelée", "commune jumelée", "ville étrangère", "collectivité étrangère", "collectivités partenaires",
        "nom de la ville jumelée", "nom de la commune jumelée", "nom de la collectivité partenaire",
        "partenaire étranger", "sister city name", "partner town", "partner municipality", "overseas partner",
        "Partner", "Partnerstadt", "Partnergemeinde", "Städtepartnerschaft", "Partnerkommune", "Partnerort",
        "socio", "ciudad hermana", "hermanamiento", "municipio hermanado",
    ),
    "country_2": (
        "partner country", "destination_countryLabel", "pays partenaire", "Partnerland", "país socio",
        "country of the partner",
    ),
    "lat_2": ("destinationlat",),
    "lon_2": ("destinationlong",),
    "population_2": ("destinationpopulation",),
    "reference": ("reference", "ref", "référence", "Kennung", "referencia"),
    "kind": (
        "kind", "type", "type of agreement", "type of relationship", "relationship type", "nature",
        "type de coopération", "type de partenariat", "type de lien", "type d'accord", "nature de la coopération",
        "nature du lien", "forme de coopération", "Art", "Art der Partnerschaft", "Art der Verbindung",
        "Form der Partnerschaft", "Beziehung", "tipo", "tipo de acuerdo", "tipo de relación", "tipo de hermanamiento",
    ),
    "signed": (
        "signed", "since", "year", "date", "signature date", "start date", "signed on", "date de signature", "année",
        "date of affiliation", "year established", "established", "year of agreement", "date signed",
        "signé le", "année de signature", "depuis", "date de début", "date de jumelage", "date du jumelage",
        "année de jumelage", "année du jumelage", "année de début", "date de création", "date de l'accord",
        "année de création", "date signature", "Jahr", "seit", "unterzeichnet", "Datum", "Gründungsjahr",
        "Jahr der Gründung", "Beginn", "Jahr der Unterzeichnung", "Partnerschaft seit", "unterzeichnet am",
        "año", "fecha", "fecha de firma", "desde", "año de firma", "fecha de hermanamiento", "año de hermanamiento",
    ),
    "ended": ("ended", "end date", "until", "fin", "date de fin", "année de fin", "beendet", "Ende",
        "bis", "Jahr der Beendigung", "fin del acuerdo", "hasta", "fecha de fin", "año de fin"),
    "valid_until": ("valid until", "expires", "valable jusqu'au", "échéance", "gültig bis", "válido hasta"),
    "formal_status": ("status", "formal status", "statut", "état", "Status", "estado"),
    "activity": ("activity", "activité", "état d'activité", "Aktivität", "actividad"),
    "themes": (
        "themes", "topics", "theme", "sectors", "thématiques", "thèmes", "domaines", "thématique",
        "thématique principale", "domaines d'intervention", "domaine", "secteur", "secteurs", "Themen", "Bereiche",
        "Themenfelder", "Schwerpunkte", "temas", "ámbitos", "áreas temáticas", "sector",
    ),
    "funding": ("funding", "financement", "Finanzierung", "financiación"),
    "description": (
        "description", "notes", "remarks", "comments", "Beschreibung", "Bemerkungen", "descripción", "observaciones",
    ),
    "description_fr": ("description française", "description du projet", "observations", "remarques", "commentaires"),
    "source": ("source", "Quelle", "fuente"),
    "source_url": ("url", "link", "lien", "source url", "Adresse", "enlace"),
    "verified_on": ("verified on", "last verified", "vérifié le", "geprüft am", "verificado el"),
}  # fmt: skip

COLUMN_ALIASES: dict[str, tuple[str, ...]] = {
    "reference": AGREEMENT_ALIASES["reference"],
    "name": PARTY_ALIASES["party"] + (
        "organisation", "organization", "organisme", "association", "dénomination", "réseau", "réseau régional",
        "Bezeichnung", "Organisation", "Verein", "organización", "asociación", "denominación"),
    "name_en": ("name", "English name", "network", "title", "nom anglais", "englischer Name", "nombre inglés"),
    "name_fr": ("nom", "French name", "nom français", "réseau", "französischer Name", "nombre francés"),
    "acronym": ("acronym", "abbreviation", "sigle", "acronyme", "abréviation", "Abkürzung", "Kürzel", "siglas"),
    "kind": ("type", "category", "nature", "catégorie", "type d'organisme", "Art", "Typ", "Kategorie", "tipo",
        "categoría"),
    "level": PARTY_ALIASES["level"] + ("type", "Art", "tipo"),
    "scope": ("reach", "portée", "échelle", "périmètre", "Reichweite", "alcance", "ámbito"),
    "continent": ("continent", "Kontinent", "Erdteil", "continente"),
    "country": PARTY_ALIASES["country"],
    "territory": PARTY_ALIASES["territory"] + ("territoire couvert", "Gebiet", "territorio"),
    "insee": ("insee code", "code insee", "code commune", "code insee commune", "codgeo", "com", "code"),
    "geonames": ("geonames id", "geonameid", "geoname", "id geonames"),
    "wikidata": ("wikidata id", "qid", "item", "id wikidata"),
    "population": PARTY_ALIASES["population"],
    "latitude": PARTY_ALIASES["lat"],
    "longitude": PARTY_ALIASES["lon"],
    "website": ("site", "url", "web", "homepage", "site web", "site internet", "adresse web", "Webseite", "Webauftritt",
        "Internet", "sitio web", "página web"),
    "seat": ("headquarters", "seat", "siège", "Sitz", "sede"),
    "founded": ("creation", "established", "year founded", "since", "création", "date de création", "année de création",
        "fondé en", "gegründet", "Gründung", "Gründungsjahr", "fundación", "fundada en", "año de creación"),
    "dissolved": ("end", "closed", "dissolution", "dissous en", "Auflösung", "aufgelöst", "disolución"),
    "legal_status": ("legal form", "statut", "statut juridique", "forme juridique", "Rechtsform", "forma jurídica"),
    "services": ("missions", "activities", "services", "activités", "Leistungen", "servicios"),
    "description_en": ("description", "about", "Beschreibung", "descripción"),
    "description_fr": ("présentation", "description française", "objet"),
    "network": ("network", "réseau", "Netzwerk", "red"),
    "member": ("member", "membre", "adhérent", "Mitglied", "miembro", "socio"),
    "support_body": ("body", "réseau régional", "structure", "Netzwerk", "organismo"),
    "role": ("role", "rôle", "qualité", "fonction", "Rolle", "Funktion", "papel", "función"),
    "since": ("from", "start", "joined", "depuis", "début", "date d'adhésion", "adhésion", "année d'adhésion", "seit",
        "von", "Beitritt", "desde", "fecha de adhesión"),
    "until": ("to", "end", "left", "jusqu'à", "fin", "date de fin", "bis", "Ende", "Austritt", "hasta"),
    "source": AGREEMENT_ALIASES["source"],
    "sources": ("source", "sources", "Quelle", "Quellen", "fuente", "fuentes"),
    "title": ("title", "titre", "intitulé", "Titel", "título"),
    "publisher": ("publisher", "éditeur", "Herausgeber", "editor"),
    "date": ("published", "date", "date de publication", "Datum", "fecha"),
    "url": ("link", "address", "lien", "adresse", "Adresse", "enlace"),
    "licence": ("license", "licence", "Lizenz", "licencia"),
}  # fmt: skip
"""Aliases of the columns of the other layouts, whichever has one of that name."""

# What stands in the cells: codes, and the words for them beside their labels, with semicolons between these.

KIND_ALIASES = {
    "twinning": (
        "sister city; sister cities; sister city relationship; town twinning; twin towns; twinned; jumelage officiel; "
        "jumelée; jumelé; comité de jumelage; Partnerschaft; Städtepartnerschaft; Gemeindepartnerschaft; "
        "Kommunalpartnerschaft; Jumelage; hermanamiento; ciudades hermanas"
    ),
    "twinning-cooperation": "jumelage et coopération; twinning and cooperation; hermanamiento-cooperación",
    "cooperation": (
        "cooperation; decentralised cooperation; decentralized cooperation; partnership agreement; coopération; "
        "coopération décentralisée; accord de coopération; convention de coopération; convention de partenariat; "
        "accord de partenariat; Kooperation; Kooperationsvereinbarung; Kooperationsvertrag; cooperación; "
        "cooperación descentralizada; convenio de cooperación; acuerdo de cooperación; convenio de colaboración"
    ),
    "friendship": (
        "friendship; friendship city; friendship cities; amitié; accord d'amitié; charte d'amitié; pacte d'amitié; "
        "Freundschaft; Freundschaftsvertrag; freundschaftliche Beziehungen; amistad; acuerdo de amistad"
    ),
    "project": (
        "project; projet; projet de coopération; partenariat de projet; Projekt; Projektpartnerschaft; "
        "Klimapartnerschaft; kommunale Klimapartnerschaft; proyecto; proyecto de cooperación"
    ),
    "memorandum": (
        "memorandum; MoU; letter of intent; mémorandum; protocole d'accord; lettre d'intention; "
        "déclaration d'intention; Absichtserklärung; memorando; memorando de entendimiento; carta de intenciones"
    ),
    "informal": (
        "informal; contact; contacts; contact informel; relation informelle; échanges informels; Kontakt; Kontakte; "
        "informeller Kontakt; lose Kontakte; contacto; contacto informal"
    ),
    "one-off": "one off; action ponctuelle; ponctuel; ponctuelle; einmalige Aktion; acción puntual; puntual",
    "emergency": (
        "emergency; humanitarian aid; aide d'urgence; urgence; aide humanitaire; Nothilfe; humanitäre Hilfe; "
        "ayuda de emergencia; emergencia; ayuda humanitaria"
    ),
}

FORMAL_STATUSES = {
    "draft": "planned; in preparation; en projet; projet; en préparation; Entwurf; geplant; borrador; previsto",
    "signed": "signé; signée; unterzeichnet; unterschrieben; firmado; firmada; suscrito",
    "in-force": "valid; en vigueur; valide; in Kraft; gültig; rechtsgültig; en vigor; vigente",
    "renewed": "renouvelé; renouvelée; reconduit; reconduite; erneuert; verlängert; renovado; renovada; prorrogado",
    "terminated": (
        "cancelled; denounced; résilié; résiliée; dénoncé; dénoncée; gekündigt; aufgelöst; rescindido; rescindida; "
        "denunciado"
    ),
    "unknown": "not known; inconnu; inconnue; unbekannt; desconocido; desconocida",
}

ACTIVITIES = {
    "active": (
        "ongoing; current; actif; active; en activité; en cours; aktiv; laufend; bestehend; activo; activa; en curso"
    ),
    "dormant": (
        "inactive; sleeping; on hold; inactif; inactive; en sommeil; dormante; en veille; ruhend; inaktiv; ruht; "
        "inactivo; inactiva; en pausa; latente"
    ),
    "ended": (
        "finished; closed; completed; over; terminé; terminée; fini; achevé; clos; close; clôturé; beendet; "
        "abgeschlossen; erloschen; finalizado; finalizada; terminado; concluido"
    ),
    "unknown": FORMAL_STATUSES["unknown"],
}

LEVELS = {
    "district": "arrondissement; quartier; borough; Bezirk; Stadtbezirk; Stadtteil; Ortsteil; distrito; barrio",
    "village": "Dorf; hamlet; pueblo; aldea; localité",
    "municipality": (
        "city; town; commune; ville; municipalité; mairie; Stadt; Gemeinde; Kommune; kreisfreie Stadt; municipio; "
        "ayuntamiento; ciudad"
    ),
    "intermunicipal": (
        "EPCI; intercommunalité; communauté de communes; communauté d'agglomération; communauté urbaine; métropole; "
        "syndicat; syndicat intercommunal; CC; CA; CU; Verbandsgemeinde; Zweckverband; mancomunidad; área metropolitana"
    ),
    "department": (
        "department; county; province; département; conseil départemental; conseil général; cercle; Kreis; Landkreis; "
        "provincia; diputación; diputación provincial"
    ),
    "region": ("region; state; région; conseil régional; Land; Bundesland; comunidad autónoma; región; estado"),
}

ORGANISATION_KINDS = {
    "association": "society; club; association loi 1901; Verein; asociación",
    "ngo": "NGO; ONG; organisation non gouvernementale; NRO; Nichtregierungsorganisation; ONGD",
    "school": "school; école; collège; lycée; établissement scolaire; Schule; escuela; instituto; colegio",
    "hospital": "hôpital; centre hospitalier; CHU; Krankenhaus; Klinik; hospital",
    "university": "université; école supérieure; Universität; Hochschule; universidad",
    "company": "enterprise; business; entreprise; société; Unternehmen; Firma; empresa",
    "international": "international organisation; organisation internationale; organización internacional",
}

WIKIDATA_HEADERS = [
    "origincityLabel", "origincountry", "originlat", "originlong", "originpopulation", "sistercityLabel",
    "destinationlat", "destinationlong", "destinationpopulation", "destination_countryLabel", "dist", "eu",
]  # fmt: skip
"""The columns of a query for twinned administrative bodies (P190), as Wikidata's query service answers it."""

_WIKIDATA_MAPPING = {
    "party_1": "origincityLabel",
    "country_1": "origincountry",
    "lat_1": "originlat",
    "lon_1": "originlong",
    "population_1": "originpopulation",
    "party_2": "sistercityLabel",
    "country_2": "destination_countryLabel",
    "lat_2": "destinationlat",
    "lon_2": "destinationlong",
    "population_2": "destinationpopulation",
}

WIKIDATA_OPTIONS = {"mapping": _WIKIDATA_MAPPING, "constants": {"kind": "twinning"}, "create": True}

FETCHED_HEADERS = [*WIKIDATA_HEADERS[:10], "origincode", "destinationcode", "since"]
"""The columns of what `fetch_wikidata` writes: with the items, by which places are certain, and the start."""

_FETCHED_MAPPING = _WIKIDATA_MAPPING | {"code_1": "origincode", "code_2": "destinationcode", "signed": "since"}

FETCHED_OPTIONS = WIKIDATA_OPTIONS | {"mapping": _FETCHED_MAPPING}
