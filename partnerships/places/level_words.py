"""Words that say of what level or kind somebody is: “Département de”, “Landkreis”, “powiat”, “Comité de jumelage”.

They are read in front of a name, behind it and beside it in brackets. A word may fit several levels: a county is the
first level below the State in Hungary and the second in Germany. The first level of an entry is that of a new record.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from core.text import normalise

from ..choices import Level, OrganisationKind


@dataclass(frozen=True, slots=True)
class Meaning:
    """Meaning of a word: the levels that somebody of it may have, or the kind of organisation."""

    levels: tuple[str, ...] = ()
    organisation: str = ""


MUNICIPALITY = Meaning((Level.MUNICIPALITY, Level.VILLAGE))
VILLAGE = Meaning((Level.VILLAGE, Level.MUNICIPALITY, Level.DISTRICT))
BOROUGH = Meaning((Level.DISTRICT, Level.MUNICIPALITY))
DISTRICT = Meaning((Level.DISTRICT,))
ANY_DISTRICT = Meaning((Level.DISTRICT, Level.DEPARTMENT))
INTERMUNICIPAL = Meaning((Level.INTERMUNICIPAL,))
DEPARTMENT = Meaning((Level.DEPARTMENT,))
COUNTY = Meaning((Level.DEPARTMENT, Level.REGION))
REGION = Meaning((Level.REGION,))
STATE = Meaning((Level.REGION, Level.DEPARTMENT))


def _organisation(kind: OrganisationKind) -> Meaning:
    return Meaning(organisation=kind.value)


PREFIXES: dict[Meaning, str] = {
    MUNICIPALITY: """
        ville; hotel de ville; maire; mayor; lord mayor; commune nouvelle; gmina wiejska; gmina miejska; gmina
        miejsko wiejska; amministrazione comunale; ville et commune; commune; commune urbaine; commune rurale;
        municipalite; mairie; municipality; town; city; city and county; town council; city council; parish council;
        stadt; stadtgemeinde; gemeinde; marktgemeinde; markt; grosse kreisstadt; hansestadt; kreisfreie stadt;
        landeshauptstadt; stadtverwaltung; gmina; miasto; miasto stoleczne; statutarni mesto; um; ug; miasto i
        gmina; urzad miasta; urzad gminy; obec; mesto; mestys; comune; citta; ayuntamiento; ajuntament; municipio;
        ciudad; concello; concelho; camara municipal; cidade; gemeente; stad; opcina; grad; obcina; orasul; oras;
        municipiul; comuna; primaria; kommune; kommun; linnavalitsus; baladiya; dimos
    """,
    VILLAGE: """
        village; villaggio; dorf; ortschaft; hameau; aldea; pueblo; wies; selo; frazione; ortsteil; stadtteil
    """,
    BOROUGH: "borough; london borough; royal borough; metropolitan borough; stadtbezirk",
    DISTRICT: """
        arrondissement; mairie d arrondissement; bezirk; quartier; barrio; dzielnica; commune deleguee; commune
        associee
    """,
    ANY_DISTRICT: "district; distrito; distretto; gemeindebezirk; non metropolitan district",
    INTERMUNICIPAL: """
        communaute de communes; communaute d agglomeration; communaute urbaine; communaute; agglomeration; agglo;
        metropole; cc; ca; cu; ccas; sivom; syndicat; syndicat mixte; syndicat intercommunal; pays; pole
        metropolitain; etablissement public territorial; grand; verbandsgemeinde; samtgemeinde;
        verwaltungsgemeinschaft; amt; gemeindeverband; mancomunidad; mancomunitat; comarca; consell comarcal; unione
        di comuni; unione dei comuni; comunita montana; comunidade intermunicipal; mikroregion; intermunicipal
        community; area metropolitana
    """,
    DEPARTMENT: """
        departement; dept; dpt; cd; conseil departemental; conseil general; collectivite europeenne; kreis;
        landkreis; kreisverwaltung; landratsamt; regionalverband; staedteregion; regierungsbezirk; powiat; starostwo
        powiatowe; okres; rajon; raion; rayon; distrikt; landkreises; cercle
    """,
    COUNTY: """
        county; co; county council; council of the county; province; provincia; amministrazione provinciale;
        provincia autonoma; diputacion; diputacion provincial; diputacio; diputacio de; citta metropolitana; libero
        consorzio comunale; provincie; prefecture; gouvernorat; governorate; wilaya; judetul; judet; consiliul
        judetean; zupanija; megye; maakond; apskritis; nomos; iles
    """,
    REGION: """
        region; conseil regional; collectivite; collectivite territoriale; land; bundesland; freistaat; kanton;
        canton; wojewodztwo; urzad marszalkowski; voivodeship; regione; regione autonoma; comunidad autonoma;
        comunidad; generalitat; generalitat de; xunta de; junta de; gobierno de; kraj; oblast; krai; republique
        autonome
    """,
    STATE: """
        state; etat; estado; stato; republic; republique; governo; governo do estado; federal state; territoire;
        territory
    """,
    _organisation(OrganisationKind.ASSOCIATION): """
        association; asso; cofradia; confrerie; sdis; rotary; rotary club; lions club; office de tourisme; pro loco;
        friends; friends of; chambre d agriculture; port; grand port; amici; comite de jumelage; comite jumelage;
        comite; amicale; amis; les amis; cercle d amitie; club; federation; partnerschaftsverein;
        partnerschaftskomitee; freundeskreis; verein; foerderverein; stowarzyszenie; towarzystwo; asociacion;
        associazione; associacao; associacio; comitato; comitato gemellaggio; twinning association; twinning
        committee; paroisse; eglise; diocese; pfarrei; kirchengemeinde; parroquia; parrocchia; parafia; chorale;
        harmonie; sapeurs pompiers; freiwillige feuerwehr
    """,
    _organisation(OrganisationKind.NGO): """
        ong; ngo; croix rouge; red cross; rotes kreuz; secours populaire; fondation; foundation; stiftung
    """,
    _organisation(OrganisationKind.SCHOOL): """
        lycee; college; ecole; ecole primaire; ecole maternelle; groupe scolaire; gymnasium; grundschule;
        realschule; gesamtschule; schule; liceo; liceum; technikum; istituto; scuola; instituto; colegio; escuela;
        escola; szkola; school; high school
    """,
    _organisation(OrganisationKind.UNIVERSITY): """
        universite; universitaet; universitat; university; universita; universidad; universidade; uniwersytet;
        hochschule; fachhochschule; iut; institut universitaire
    """,
    _organisation(OrganisationKind.HOSPITAL): """
        hopital; hopitaux; chu; chr; centre hospitalier; clinique; hospital; krankenhaus; klinikum; ospedale;
        szpital
    """,
    _organisation(OrganisationKind.COMPANY): """
        societe; entreprise; sarl; gmbh; chambre de commerce; cci; chambre de metiers; sparkasse
    """,
    _organisation(OrganisationKind.STATE_SERVICE): """
        fregate; corvette; sous marin; porte avions; regiment; bataillon; base aerienne; escadron; caserne;
        ambassade; consulat; embassy; consulate; ministere; gendarmerie; botschaft; bundeswehr; marine nationale
    """,
}
"""Words in front of a name, normalised, by what they mean."""

SUFFIXES: dict[Meaning, str] = {
    MUNICIPALITY: """
        municipality; city; town; varos; varos onkormanyzata; city council; town council; kommune; kommun; kunta;
        kaupunki; vald; linn; novads; pilseta; rajono savivaldybe; savivaldybe; ville; stadt; gemeinde; markt;
        township; shi; cho; si
    """,
    VILLAGE: "village; parish; kozseg",
    BOROUGH: "borough; borough council; london borough; metropolitan borough",
    DISTRICT: "bezirk; arrondissement; quarter; ward; ku; gu; dzielnica",
    ANY_DISTRICT: "district; district council",
    INTERMUNICIPAL: """
        metropole; agglomeration; agglo; communaute; communaute de communes; communaute urbaine; kistersege;
        verbandsgemeinde; samtgemeinde; metropolitan area; urban community
    """,
    DEPARTMENT: "kreis; landkreis; departement; department; okres; powiat; rajon; raion; jaras",
    COUNTY: """
        county; county council; province; provincie; prefecture; megye; megyei onkormanyzat; zupanija; maakond;
        apskritis; lan; laan; fylke; fylkeskommune; amt; governorate; ken; fu; periphery; oblast; do
    """,
    REGION: "region; land; kanton; voivodeship; wojewodztwo; kraj; krai; autonomous region; autonomous community",
    STATE: "state; republic; territory",
    _organisation(OrganisationKind.ASSOCIATION): """
        association; e v; ev; verein; partnerschaftsverein; freundeskreis; twinning association; twinning committee;
        club; chamber of commerce
    """,
    _organisation(OrganisationKind.SCHOOL): """
        school; high school; primary school; gymnasium; grundschule; realschule; schule; college
    """,
    _organisation(OrganisationKind.UNIVERSITY): "university; universitaet; universitat; hochschule",
    _organisation(OrganisationKind.HOSPITAL): "hospital; krankenhaus; klinikum",
    _organisation(OrganisationKind.COMPANY): "gmbh; ltd; sarl; s a; s p a",
}
"""Words behind a name, likewise."""

CONNECTORS = frozenset(
    """
    de du des d l la le les of the von der dem vom zu di del della dell dei degli delle da do dos das el los las van y
    and et und
    """.split()  # noqa: SIM905
)
"""Words between a word of level and the name."""

Words = dict[str, list[tuple[tuple[str, ...], Meaning]]]


def _table(meanings: dict[Meaning, str], edge: int) -> Words:
    """The phrases by the word at their `edge` (0 first, -1 last), the longest first."""
    found: Words = {}
    for meaning, phrases in meanings.items():
        for phrase in phrases.split(";"):
            words = tuple(normalise(phrase).split())
            found.setdefault(words[edge], []).append((words, meaning))
    return {word: sorted(entries, key=lambda entry: -len(entry[0])) for word, entries in found.items()}


_BEFORE = _table(PREFIXES, 0)
_BEHIND = _table(SUFFIXES, -1)


def in_front(words: list[str]) -> tuple[Meaning, list[str]] | None:
    """Meaning of the words that a name begins with, and the rest, connectors included; None where they say nothing, or
    nothing is left."""
    for phrase, meaning in _BEFORE.get(words[0], ()) if words else ():
        if len(words) > len(phrase) and tuple(words[: len(phrase)]) == phrase:
            return meaning, words[len(phrase) :]
    return None


def behind(words: list[str]) -> tuple[Meaning, list[str]] | None:
    """Meaning of the words that a name ends with, and the rest; None likewise."""
    for phrase, meaning in _BEHIND.get(words[-1], ()) if words else ():
        if len(words) > len(phrase) and tuple(words[-len(phrase) :]) == phrase:
            return meaning, words[: -len(phrase)]
    return None


def level_alone(words: Iterable[str]) -> Meaning | None:
    """Meaning of words that say a level and nothing else: “Kreis”, “ville de la”."""
    told = tuple(words)
    for table, edge in ((_BEFORE, 0), (_BEHIND, -1)):
        for phrase, meaning in table.get(told[edge], ()) if told else ():
            if phrase == told:
                return meaning
    return level_alone(told[:-1]) if told and told[-1] in CONNECTORS else None


ANYWHERE = {
    "district": DISTRICT, "bezirk": DISTRICT, "stadtbezirk": DISTRICT, "arrondissement": DISTRICT, "kerulet": DISTRICT,
    "dzielnica": DISTRICT, "quartier": DISTRICT, "borough": BOROUGH, "kreis": DEPARTMENT, "landkreis": DEPARTMENT,
    "departement": DEPARTMENT, "powiat": DEPARTMENT, "okres": DEPARTMENT, "county": COUNTY, "province": COUNTY,
    "provincia": COUNTY, "prefecture": COUNTY, "comarca": INTERMUNICIPAL, "verbandsgemeinde": INTERMUNICIPAL,
    "samtgemeinde": INTERMUNICIPAL, "agglomeration": INTERMUNICIPAL, "wojewodztwo": REGION, "voivodeship": REGION,
}  # fmt: skip
"""Words that say a level wherever they stand: “18th district of Budapest”."""


def mentioned(words: Iterable[str]) -> Meaning | None:
    """Meaning of the first word that says a level wherever it stands."""
    return next((ANYWHERE[word] for word in words if word in ANYWHERE), None)
