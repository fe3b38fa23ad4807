"""What foreign files call the columns of agreements and of their parties: English, French, German and Spanish.

Names are compared as `coopdir.text.normalise` writes them. Taken from the files of national registers and of Wikidata's
query service, and from the field's own words in each language.
"""

PARTIES: dict[str, tuple[str, ...]] = {
    "party": (
        "town", "city", "municipality", "local authority", "name", "origincityLabel", "cityLabel",
        "ville", "commune", "collectivité", "collectivité territoriale", "nom", "nom de la collectivité",
        "Stadt", "Gemeinde", "Kommune", "Ort", "Gebietskörperschaft",
        "ciudad", "municipio", "ayuntamiento", "población", "entidad local",
    ),
    "type": ("party type", "type of party", "type de partie", "Art des Partners", "tipo de entidad"),
    "level": ("level", "niveau", "échelon", "Ebene", "nivel"),
    "country": (
        "country", "countryLabel", "origincountry", "state", "pays", "Land", "Staat", "país", "nation",
    ),
    "territory": (
        "region", "province", "département", "région", "Bundesland", "Region", "Kreis", "región", "provincia",
        "territory", "territoire",
    ),
    "code": (
        "code", "identifier", "insee", "code insee", "geonames", "wikidata", "qid", "item", "Schlüssel", "código",
        "identifiant",
    ),
    "lat": ("latitude", "originlat", "Breite", "Breitengrad", "latitud"),
    "lon": ("longitude", "originlong", "lng", "long", "Länge", "Längengrad", "longitud"),
    "population": (
        "population", "inhabitants", "originpopulation", "habitants", "nombre d'habitants", "Einwohner",
        "Einwohnerzahl", "población total", "habitantes",
    ),
    "role": ("role", "rôle", "Rolle", "papel", "función"),
    "joined": ("joined", "member since", "adhésion", "depuis", "Beitritt", "Mitglied seit", "adhesión"),
    "left": ("left", "withdrawal", "retrait", "Austritt", "baja", "retirada"),
}  # fmt: skip

OF_THE_PARTNER = (
    "partner {}", "{} of the partner", "sister {}", "twin {}", "destination {}", "destination{}", "foreign {}",
    "{} partenaire", "{} du partenaire", "{} jumelée", "{} étrangère", "{} étranger",
    "Partner{}", "{} des Partners", "Partner {}", "{} del socio", "{} socia", "{} hermanada", "{} extranjera",
)  # fmt: skip
"""How the same is said of the second party, with the name of the part in braces."""

OF_THE_FIRST = ("origin {}", "own {}", "{} française", "{} français", "deutsche {}", "{} española", "{} de origen")
"""How the same is said of the first party."""

AGREEMENTS: dict[str, tuple[str, ...]] = {
    "party_2": (
        "partner", "sister city", "sistercityLabel", "twin town", "twinned with", "partner city",
        "partenaire", "jumelage", "ville jumelle", "collectivité partenaire", "nom du partenaire",
        "Partner", "Partnerstadt", "Partnergemeinde", "Städtepartnerschaft",
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
        "kind", "type", "type of agreement", "nature", "type de coopération", "type de partenariat",
        "Art", "Art der Partnerschaft", "tipo", "tipo de acuerdo",
    ),
    "signed": (
        "signed", "since", "year", "date", "signature date", "start date", "signed on", "date de signature", "année",
        "signé le", "année de signature", "depuis", "date de début",
        "Jahr", "seit", "unterzeichnet", "Datum", "Gründungsjahr", "año", "fecha", "fecha de firma", "desde",
    ),
    "ended": ("ended", "end date", "until", "fin", "date de fin", "beendet", "Ende", "bis", "fin del acuerdo"),
    "valid_until": ("valid until", "expires", "valable jusqu'au", "échéance", "gültig bis", "válido hasta"),
    "formal_status": ("status", "formal status", "statut", "état", "Status", "estado"),
    "activity": ("activity", "activité", "Aktivität", "actividad"),
    "themes": (
        "themes", "topics", "theme", "thématiques", "thèmes", "domaines", "thématique", "Themen", "Bereiche",
        "temas", "ámbitos",
    ),
    "funding": ("funding", "financement", "Finanzierung", "financiación"),
    "description": ("description", "notes", "remarks", "Beschreibung", "Bemerkungen", "descripción", "observaciones"),
    "description_fr": ("description française", "observations", "remarques", "commentaires"),
    "source": ("source", "Quelle", "fuente"),
    "source_url": ("url", "link", "lien", "source url", "Adresse", "enlace"),
    "verified_on": ("verified on", "last verified", "vérifié le", "geprüft am", "verificado el"),
}  # fmt: skip

WIKIDATA_HEADERS = [
    "origincityLabel", "origincountry", "originlat", "originlong", "originpopulation", "sistercityLabel",
    "destinationlat", "destinationlong", "destinationpopulation", "destination_countryLabel", "dist", "eu",
]  # fmt: skip
"""The columns of a query for twinned administrative bodies (P190), as Wikidata's query service answers it."""

WIKIDATA_OPTIONS = {
    "mapping": {
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
    },
    "constants": {"kind": "twinning"},
    "create": True,
}

FETCHED_HEADERS = [*WIKIDATA_HEADERS[:10], "origincode", "destinationcode", "since"]
"""The columns of what `fetch_wikidata` writes: with the items, by which places are certain, and the start."""

FETCHED_OPTIONS = WIKIDATA_OPTIONS | {
    "mapping": {
        **WIKIDATA_OPTIONS["mapping"],
        "code_1": "origincode",
        "code_2": "destinationcode",
        "signed": "since",
    }
}
