"""Names of countries, as files write them, to ISO 3166-1 codes.

Names in every language come from CLDR (by Babel) and official English forms from ISO (by pycountry); the list below
adds what neither has. A name that means different countries in different languages ("Kongo", "Toga") has no code.

A State that is no more has a code only where one country alone followed it: East Germany is Germany, but the Soviet
Union, Yugoslavia, Czechoslovakia, Austria-Hungary, Prussia and the Kingdom of Hungary, which was larger than Hungary,
have none. A territory that declared itself a State has the code of the member of the United Nations in which
ISO 3166-2 counts it: the code says where a place lies, and nothing else.
"""

import gettext
import pickle
import re
from collections import defaultdict
from functools import cache, lru_cache
from pathlib import Path

import pycountry
from babel import localedata
from babel.localedata import locale_identifiers
from django.utils.translation import get_language
from rapidfuzz import process
from rapidfuzz.distance import Indel

from core.text import normalise

from .subdivision_names import ISO_TRANSLATIONS, NAME_LANGUAGES, codes_named

KOSOVO = "XK"  # not in ISO 3166; the code that the European Union, CLDR and GeoNames use

OVERSEAS = {
    "GP": "971", "MQ": "972", "GF": "973", "RE": "974", "PM": "975", "YT": "976", "BL": "977", "MF": "978",
    "WF": "986", "PF": "987", "NC": "988",
}  # fmt: skip
"""Overseas France: codes of its own in ISO 3166-1 and in GeoNames, but its towns are French here. INSEE's codes of its
departments and collectivities."""

ALIASES = {
    "AE": "UAE; Emirates; Émirats; EAU; E.A.U.",
    "AZ": "Nagorno-Karabakh; Republic of Artsakh; Artsakh",
    "BA": "Bosnie; Republika Srpska; Bosnia-Erzegovina",
    "BE": "Royaume de Belgique; Kingdom of Belgium",
    "BF": "Burkina; Upper Volta; Haute-Volta; Burkina Fasso",
    "BJ": "Dahomey",
    "BY": "Byelorussia; Belorussia; Weißrussland",
    "BZ": "British Honduras",
    "CD": (
        "Rép. Dém. du Congo; R.D. du Congo; Congo belge; "
        "Zaire; DR Congo; D.R. Congo; DRC; RDC; RD Congo; Democratic Republic of Congo; République "
        "démocratique du Congo; Congo (République démocratique du); Congo (Democratic Republic of the); "
        "Belgian Congo; Repubblica Democratica del Congo"
    ),
    "CF": "CAR; RCA; République de Centrafrique; Centrafrique; Centre Afrique; République Centre Africaine",
    "CG": "Republic of Congo; Congo Republic; République du Congo",
    "CI": "Elfenbeinküste; République de Côte d'Ivoire",
    "CN": (
        "PRC; Mainland China; P.R. China; République populaire de Chine; Chine populaire; Volksrepublik China; "
        "República Popular de China"
    ),
    "CY": "Northern Cyprus; Turkish Republic of Northern Cyprus",
    "CZ": (
        "République tchèque; Tschechische Republik; Czech Rep.; Rép. tchèque; Czech Republik; Repubblica Ceca; "
        "República Checa; Republika Czeska; Tsjechische Republiek"
    ),
    "DE": (
        "Bundesrepublik Deutschland; Allmagne; Allemange; R.D.A.; R.F.A.; ex-RDA; ex-RFA; ex-DDR; "
        "West Germany; East Germany; German Democratic Republic; GDR; FRG; RFA; RDA; BRD; DDR; Allemagne de "
        "l'Ouest; Allemagne de l'Est; République fédérale d'Allemagne; République démocratique allemande"
    ),
    "DK": "Royaume du Danemark",
    "EH": "Sahrawi Arab Democratic Republic; SADR; RASD; Saharan Arab Democratic Republic; Spanish Sahara",
    "ES": "Royaume d'Espagne; Kingdom of Spain; Reino de España",
    "ET": "Abyssinia; Abyssinie",
    "FR": "République française; Metropolitan France; France métropolitaine; Hexagone",
    "GB": (
        "Royaume Unis; Royaumes-Unis; "
        "U.K.; Great Britain; Britain; Scotland; Wales; Northern Ireland; Grande-Bretagne; Angleterre; "
        "Écosse; Pays de Galles; Irlande du Nord; Großbritannien; Schottland; Nordirland; Inghilterra; "
        "Scozia; Galles; Irlanda del Nord; Cymru; Gran Bretagna; Grã-Bretanha; Groot-Brittannië; Inglaterra"
    ),
    "GF": "Guyane",
    "GE": "Abkhazia; South Ossetia; Republic of Georgia",
    "GM": "The Gambia",
    "GN": "Guinea-Conakry; Guinée-Conakry",
    "GR": "EL",
    "HK": "British Hong Kong",
    "IE": "Republic of Ireland; République d'Irlande; Irish Republic; Irish Free State",
    "IL": "État d'Israël",
    "IR": "Persia; Perse",
    "KH": "Kampuchea; Khmer Republic",
    "KM": "Iles Comores; Îles Comores; Union des Comores",
    "KN": "St. Kitts and Nevis; Saint Kitts & Nevis",
    "KP": "DPRK",
    "KR": "Republic of Korea; République de Corée",
    "LA": "Lao PDR",
    "LK": "Ceylon; Ceylan",
    "LU": "Grand-Duché de Luxembourg; Grand-Duché du Luxembourg; Großherzogtum Luxemburg",
    "LY": "Libyan Arab Jamahiriya; Lybie; Lybia",
    "MA": "Royaume du Maroc; Kingdom of Morocco; Marroc",
    "MD": "Transnistria; Transnistrie",
    "MG": "Malagasy Republic; République malgache",
    "MK": (
        "Macedonia; Republic of Macedonia; FYROM; FYR Macedonia; Former Yugoslav Republic of Macedonia; "
        "Macédoine; The former Yugoslav Republic of Macedonia; Ancienne République yougoslave de Macédoine; "
        "Mazedonien"
    ),
    "ML": "Soudan français; French Sudan",
    "MM": "Union of Myanmar",
    "MU": "Ile Maurice; Île Maurice",
    "NL": "The Netherlands; Hollande; Royaume des Pays-Bas",
    "PH": "The Philippines; Phillipines; Phillippines; Philipines",
    "PS": (
        "Palestine; State of Palestine; Palestinian Territory; Occupied Palestinian Territory; Palestinian "
        "National Authority; Palestinian Authority; Gaza; Gaza Strip; West Bank; Cisjordanie; Autorité "
        "palestinienne; État de Palestine; Bande de Gaza"
    ),
    "RO": "Socialist Republic of Romania",
    "RU": (
        "Fédération de Russie; Russian SFSR; Federazione Russa; Federación Rusa; Federação Russa; Russische Föderation"
    ),
    "SN": "Sénégale",
    "SO": "Somaliland",
    "ST": "São Tomé",
    "TW": "Chinese Taipei; Republic of China; Formosa; République de Chine; Formose",
    "TZ": "Tanganyika",
    "UA": "The Ukraine; Donetsk People's Republic; Luhansk People's Republic; Republic of Crimea; Crimea",
    "US": "U.S.A.; U.S.; États-Unis d'Amérique; EE. UU.; EEUU",
    "VA": "Holy See; Saint-Siège; Cité du Vatican; Vatican City State",
    "VC": "St. Vincent and the Grenadines",
    "VN": "North Vietnam; South Vietnam; Socialist Republic of Vietnam",
    "XK": "Republic of Kosovo; République du Kosovo",
    "YE": "North Yemen; South Yemen",
    "ZW": "Southern Rhodesia",
}

FOLLOWED_BY_SEVERAL = (
    "Yugoslavia; Yougoslavie; Jugoslawien; ex-Yougoslavie; former Yugoslavia; RSFY; Czechoslovakia; "
    "Tchécoslovaquie; Tchéco-Slovaquie; Tschechoslowakei; Checoslovaquia; Soviet Union; USSR; URSS; Union "
    "soviétique; UdSSR; Sowjetunion; Unión Soviética; Serbia and Montenegro; Serbie-et-Monténégro; Serbie et "
    "Monténégro; Serbien und Montenegro; Austria-Hungary; Autriche-Hongrie; Österreich-Ungarn; Prussia; Prusse; "
    "Preußen; Prusia; Rhodesia; Rhodésie; Indochina; Indochine; Indochine française; Afrique occidentale "
    "française; AOF; Afrique équatoriale française; AEF; Netherlands Antilles; Antilles néerlandaises; Ottoman "
    "Empire; Empire ottoman; Korea; Corée; Corea"
)
"""Names of former States that several countries of today followed."""

CAR_CODES = {
    "A": "AT", "B": "BE", "D": "DE", "E": "ES", "F": "FR", "FIN": "FI", "H": "HU", "I": "IT", "IRL": "IE", "L": "LU",
    "N": "NO", "P": "PT", "RUS": "RU", "S": "SE", "SLO": "SI", "UK": "GB",
}  # fmt: skip
"""Codes that vehicles carry, in capitals, where ISO has no other meaning for them."""

_PIECES = re.compile(r"[(),/;]| [-–—] ")

REPUBLIC = re.compile(
    r"(?:rep|republique|republic|republica|republik|republika|repubblica) "
    r"(?:(?:du|de la|des|de l|de|d|of the|of|del|di) )?"
)
"""With what the official names of most countries begin, normalised."""


def overseas_territory(country: str) -> str:
    """The ISO 3166-2 code of the department or collectivity that a code of `OVERSEAS` is."""
    number = int(OVERSEAS[country])
    return f"FR-{number if number <= int(OVERSEAS['RE']) or country == 'YT' else country}"


def is_followed_by_several(name: str) -> bool:
    """True if a State of this name no longer exists and has more than one successor."""
    return normalise(name) in {normalise(one) for one in FOLLOWED_BY_SEVERAL.split("; ")}


def country_code(name: str) -> str | None:
    """The ISO 3166-1 code of a country named in any language, or given by its two- or three-letter code.

    None where the name is not known, means several countries, or a State that more than one country followed.
    """
    bare = name.strip()
    if bare in CAR_CODES:
        return CAR_CODES[bare]
    if len(bare) in (2, 3) and bare.isascii() and (code := _codes().get(bare.upper())):
        return code
    names, said = _names(), normalise(bare)
    if code := names.get(said):
        return code
    if found := REPUBLIC.match(said):
        rest = said[found.end() :]
        if code := names.get(f"republique {rest}") or names.get(rest):
            return code
    return _of_pieces(bare)


def _of_pieces(name: str) -> str | None:
    """The code of a country that is told twice, or beside a part of it: “Italie (I)”, “USA (Texas)”, “FR - France”."""
    pieces = [piece.strip() for piece in _PIECES.split(name) if piece.strip()]
    if len(pieces) < 2:
        return None
    told = {code for piece in pieces if (code := _code_of_piece(piece))}
    parts = {code[:2] for piece in pieces if not _code_of_piece(piece) for code in codes_named(normalise(piece))}
    unknown = [piece for piece in pieces if not _code_of_piece(piece) and not codes_named(normalise(piece))]
    if len(told) == 1 and not unknown and (not parts or told & parts):
        return next(iter(told))
    return None


def _code_of_piece(piece: str) -> str | None:
    return CAR_CODES.get(piece) or _codes().get(piece) or _names().get(normalise(piece))


def nearest_country(name: str) -> str:
    """The name, in the active language, of the country that is almost called so; empty where none is."""
    code = _nearest_code(normalise(name))
    return dict(_cldr((get_language() or "en")[:2])).get(code, code)


@lru_cache(10_000)
def _nearest_code(said: str) -> str:
    """The code of the country with the nearest name. A file says the same misspelt name on many rows."""
    names = _names()
    near = process.extractOne(said, names.keys(), scorer=Indel.normalized_similarity, score_cutoff=0.8)
    return names[near[0]] if near else ""


@cache
def _codes() -> dict[str, str]:
    """Two- and three-letter codes."""
    codes = {KOSOVO: KOSOVO, "XKX": KOSOVO}
    for country in pycountry.countries:
        codes |= {country.alpha_2: country.alpha_2, country.alpha_3: country.alpha_2}
    return codes


@cache
def _names() -> dict[str, str]:
    """Codes by normalised name. What we list ourselves goes before English, French and ISO, these before the rest."""
    names: dict[str, str] = {}
    for code, aliases in ALIASES.items():
        names |= {normalise(alias): code for alias in aliases.split("; ")}
    for language in ("en", "fr"):
        for code, name in _cldr(language):
            names.setdefault(normalise(name), code)
    for country in pycountry.countries:
        for name in (country.name, getattr(country, "official_name", ""), getattr(country, "common_name", "")):
            names.setdefault(normalise(name), country.alpha_2)
    found: dict[str, set[str]] = defaultdict(set)
    for locale in locale_identifiers():
        _language, _, variant = locale.partition("_")
        if len(variant) in (0, 4) or locale == "pt_PT":  # a language and its scripts; regions mostly repeat it
            for code, name in _cldr(locale):
                found[normalise(name)].add(code)
    for language in NAME_LANGUAGES:
        translation = gettext.translation("iso3166-1", ISO_TRANSLATIONS, [language], fallback=True)
        for country in pycountry.countries:
            if official := getattr(country, "official_name", ""):
                found[normalise(translation.gettext(official))].add(country.alpha_2)
    for name, codes in found.items():
        if len(codes) == 1:
            names.setdefault(name, *codes)
    names.pop("", None)
    return names


def _cldr(locale: str) -> list[tuple[str, str]]:
    """The countries' codes and names in a locale of CLDR, without its regions and unions."""
    # Babel's own way merges every locale with those that it inherits from and keeps it: more memory for names of
    # countries than for the rest of the site.
    with Path(localedata.resolve_locale_filename(locale)).open("rb") as file:
        names = pickle.load(file).get("territories", {})  # noqa: S301 (a file of Babel's)
    known = _codes()
    return [(code, name) for code, name in names.items() if known.get(code) == code]
