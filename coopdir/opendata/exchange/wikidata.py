"""Import from Wikidata: the twinned towns of a country, read from its query service.

The service speaks the SPARQL 1.1 Protocol; `settings.WIKIDATA_SPARQL` is its address. Asked for pages of a few thousand
pairs, it stays within its limit of a minute. Everything there is CC0.
"""

import csv
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from typing import Any, TextIO

from django.conf import settings

PAGE = 2_000
TIMEOUT = 90
AGENT = "CoopDir (open directory of decentralised cooperation)"
"""The service asks programs to say who they are."""

WIKIDATA_COLUMNS = {
    "origincityLabel": "originLabel",
    "origincountry": "originCountryLabel",
    "originlat": "originLat",
    "originlong": "originLong",
    "originpopulation": "originPopulation",
    "sistercityLabel": "sisterLabel",
    "destinationlat": "sisterLat",
    "destinationlong": "sisterLong",
    "destinationpopulation": "sisterPopulation",
    "destination_countryLabel": "sisterCountryLabel",
    "origincode": "origin",
    "destinationcode": "sister",
    "since": "since",
}
"""The columns of the file, and the variables of the query that fill them."""

QUERY = """\
SELECT ?origin ?originLabel ?originCountryLabel ?originLat ?originLong ?originPopulation
  ?sister ?sisterLabel ?sisterCountryLabel ?sisterLat ?sisterLong ?sisterPopulation ?since ?precision
WHERE {{
  {{
    SELECT DISTINCT ?origin ?sister ?statement WHERE {{
      ?originCountry wdt:P297 "{country}" .
      ?origin wdt:P17 ?originCountry ; p:P190 ?statement .
      ?statement ps:P190 ?sister ; wikibase:rank ?rank .
      FILTER(?rank != wikibase:DeprecatedRank)
      FILTER NOT EXISTS {{ ?statement pq:P582 ?over }}
    }}
    ORDER BY ?origin ?sister ?statement LIMIT {limit} OFFSET {offset}
  }}
  ?originCountry wdt:P297 "{country}" .
  ?sister wdt:P17 ?sisterCountry .
  OPTIONAL {{
    ?origin p:P625/psv:P625 ?originPoint .
    ?originPoint wikibase:geoLatitude ?originLat ; wikibase:geoLongitude ?originLong .
  }}
  OPTIONAL {{
    ?sister p:P625/psv:P625 ?sisterPoint .
    ?sisterPoint wikibase:geoLatitude ?sisterLat ; wikibase:geoLongitude ?sisterLong .
  }}
  OPTIONAL {{ ?origin wdt:P1082 ?originPopulation }}
  OPTIONAL {{ ?sister wdt:P1082 ?sisterPopulation }}
  OPTIONAL {{
    ?statement pqv:P580|pqv:P585 ?start .
    ?start wikibase:timeValue ?since ; wikibase:timePrecision ?precision .
  }}
  SERVICE wikibase:label {{ bd:serviceParam wikibase:language "{language},en,fr,de,es,it,pt,nl,pl,mul" }}
}}
ORDER BY ?origin ?sister
"""


class Unreachable(Exception):
    """The service gives no answer; the message says why, for people."""


def pairs(country: str, language: str) -> Iterator[dict[str, str]]:
    """The twinned towns of a country by its ISO code, as rows of the file; each pair of items once, from its side.

    Raises `Unreachable`.
    """
    seen = set()
    for offset in range(0, 10**7, PAGE):
        query = QUERY.format(country=country, language=language, limit=PAGE, offset=offset)
        page = _ask(query)
        for binding in page:
            row = _row(binding)
            key = (row["origincode"], row["destinationcode"])
            if key not in seen:  # several points, populations or countries make several rows
                seen.add(key)
                yield row
        if len({(_value(one, "origin"), _value(one, "sister")) for one in page}) == 0:
            return


def _ask(query: str) -> list[dict[str, Any]]:
    """The rows of the answer to a query. SPARQL 1.1 Protocol, 2.1.2: a query by POST, its parameters URL-encoded."""
    request = urllib.request.Request(  # noqa: S310 (the address is the operator's)
        settings.WIKIDATA_SPARQL,
        data=urllib.parse.urlencode({"query": query}).encode(),
        headers={"Accept": "application/sparql-results+json", "User-Agent": AGENT},
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
            found: list[dict[str, Any]] = json.load(answer)["results"]["bindings"]
            return found
    except urllib.error.HTTPError as error:
        wait = error.headers.get("Retry-After")
        later = f" Try again in {wait} seconds." if wait else ""
        raise Unreachable(f"{settings.WIKIDATA_SPARQL} answered {error.code} {error.reason}.{later}") from None
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        reason = getattr(error, "reason", error)
        raise Unreachable(
            f"{settings.WIKIDATA_SPARQL} cannot be reached ({reason}). Is this machine online, and may it go there?"
            " WIKIDATA_SPARQL sets another address."
        ) from None
    except (ValueError, KeyError, TypeError):
        raise Unreachable(f"{settings.WIKIDATA_SPARQL} answered something else than SPARQL results.") from None


def _value(binding: dict[str, Any], name: str) -> str:
    return str(binding.get(name, {}).get("value", ""))


def _row(binding: dict[str, Any]) -> dict[str, str]:
    row = {column: _value(binding, variable) for column, variable in WIKIDATA_COLUMNS.items()}
    for column in ("origincode", "destinationcode"):
        row[column] = "wikidata:" + row[column].rpartition("/")[2]
    for column in ("originpopulation", "destinationpopulation"):
        row[column] = row[column].partition(".")[0]
    row["since"] = _date(row["since"], _value(binding, "precision"))
    return row


def _date(time: str, precision: str) -> str:
    """A time of Wikidata as a partial date: 9 is the precision of a year, 10 of a month, 11 of a day."""
    length = {"9": 4, "10": 7, "11": 10}.get(precision, 0)
    return time.lstrip("+")[:length]


def write_pairs(file: TextIO, country: str, language: str) -> int:
    """Write the pairs of a country as a file with tabs, in the form that imports read; says how many there are."""
    writer = csv.DictWriter(file, list(WIKIDATA_COLUMNS), delimiter="\t", lineterminator="\n")
    writer.writeheader()
    number = 0
    for row in pairs(country, language):
        writer.writerow({name: " ".join(value.split()) for name, value in row.items()})
        number += 1
    return number
