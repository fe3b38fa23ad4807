"""Names of first-level and other subdivisions of countries, as files write them, to ISO 3166-2 codes.

ISO's own names and their translations come from pycountry (Debian's iso-codes), in the languages of `NAME_LANGUAGES`.
"""

import gettext
from functools import cache
from pathlib import Path

import pycountry

from core.text import normalise

NAME_LANGUAGES = ("en", "fr", "de", "it", "es", "nl", "pl", "pt")
"""Languages in which most files are written."""

ISO_TRANSLATIONS = Path(pycountry.__file__).parent / "locales"
"""Folder of the translations of ISO 3166."""

EXONYMS = {
    "CZ-20": "Central Bohemian", "CZ-31": "South Bohemian", "CZ-64": "South Moravian",
    "FR-ARA": "Rhône-Alpes; Auvergne", "FR-BFC": "Burgundy; Bourgogne; Franche-Comté", "FR-BRE": "Brittany; Bretagne",
    "FR-COR": "Corsica; Corse", "FR-GES": "Alsace; Lorraine; Champagne; Champagne-Ardenne",
    "FR-HDF": "Nord-Pas-de-Calais; Picardie; Picardy", "FR-NAQ": "Aquitaine; Limousin; Poitou-Charentes",
    "FR-NOR": "Normandy; Normandie; Basse-Normandie; Haute-Normandie",
    "FR-OCC": "Languedoc-Roussillon; Midi-Pyrénées", "FR-PAC": "PACA; Provence", "HR-08": "Primorje-Gorski Kotar",
    "HR-09": "Lika-Senj", "HR-13": "Zadar", "HR-15": "Šibenik-Knin", "HR-17": "Split-Dalmatia",
    "HR-18": "Istria; Istra; Istrie", "HR-19": "Dubrovnik-Neretva", "IT-21": "Piedmont; Piémont",
    "IT-23": "Aosta Valley; Aoste; Aostatal; Vallée d'Aoste; Val d'Aoste", "IT-25": "Lombardy; Lombardie",
    "IT-32": "South Tyrol; Südtirol; Trentino; Alto Adige", "IT-34": "Venetia; Vénétie; Venetien",
    "IT-36": "Friuli; Frioul", "IT-42": "Liguria; Ligurie", "IT-45": "Emilia Romagna; Émilie-Romagne",
    "IT-52": "Tuscany; Toscane; Toskana", "IT-55": "Umbria; Ombrie; Umbrien", "IT-57": "Marches; Marche",
    "IT-62": "Latium; Lazio", "IT-65": "Abruzzes; Abruzzen", "IT-72": "Campania; Campanie",
    "IT-75": "Apulia; Pouilles; Apulien", "IT-77": "Basilicate; Lucania", "IT-78": "Calabria; Calabre; Kalabrien",
    "IT-82": "Sicily; Sicile; Sizilien", "IT-88": "Sardinia; Sardaigne; Sardinien",
    "PL-02": "Lower Silesia; Lower Silesian; Dolny Śląsk; Basse-Silésie",
    "PL-04": "Kuyavian-Pomeranian; Cujavie-Poméranie", "PL-06": "Lublin", "PL-08": "Lubusz", "PL-10": "Łódź",
    "PL-12": "Lesser Poland; Małopolska; Petite-Pologne", "PL-14": "Masovia; Masovian; Mazovia; Mazowsze; Mazovie",
    "PL-16": "Opole", "PL-18": "Subcarpathian; Podkarpacie; Basses-Carpates", "PL-20": "Podlasie",
    "PL-22": "Pomerania; Pomorze; Poméranie; Pomeranian", "PL-24": "Silesia; Silesian; Śląsk; Silésie",
    "PL-26": "Holy Cross; Sainte-Croix", "PL-28": "Warmian-Masurian; Varmie-Mazurie",
    "PL-30": "Greater Poland; Wielkopolska; Grande-Pologne", "PL-32": "West Pomeranian; Poméranie occidentale",
    "SE-M": "Scania; Scanie",
}  # fmt: skip
"""Names of regions of countries on which matching is tuned that neither ISO nor its translations have."""


def codes_named(name: str) -> frozenset[str]:
    """The codes of the subdivisions of a normalised name, in any of the languages."""
    return _codes().get(name, frozenset())


def is_of_a_subdivision(name: str) -> bool:
    """True if a normalised name is that of a subdivision, or a longer word of it: “holstein” of Schleswig-Holstein."""
    return name in _codes() or name in _long_words()


@cache
def _long_words() -> frozenset[str]:
    return frozenset(word for name in _codes() for word in name.split() if len(word) > 5)


@cache
def _codes() -> dict[str, frozenset[str]]:
    translations = [
        gettext.translation("iso3166-2", ISO_TRANSLATIONS, [language], fallback=True) for language in NAME_LANGUAGES
    ]
    found: dict[str, set[str]] = {}
    for subdivision in pycountry.subdivisions:
        names = {subdivision.name, *(translation.gettext(subdivision.name) for translation in translations)}
        for name in names:
            for told in name.replace("[", ";").replace("]", "").replace("(", ";").replace(")", "").split(";"):
                if told.strip():
                    found.setdefault(normalise(told), set()).add(subdivision.code)
    for code, exonyms in EXONYMS.items():
        for told in exonyms.split(";"):
            found.setdefault(normalise(told), set()).add(code)
    return {name: frozenset(codes) for name, codes in found.items()}
