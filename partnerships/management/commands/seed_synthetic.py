"""`manage.py seed_synthetic`: made-up agreements in any number, for benchmarks and for trying out.

They are shaped like real ones (a few towns have many partners, most have one; dates of every precision; a fifth with
France; three parties in a hundred), cite a source that says what they are, and go without a trace in the public
directory by `--remove`.
"""

import itertools
import random
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from typing import Any

import pghistory
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from core.database.copy import copy_rows

from ...choices import Kind, Publication
from ...models import Agreement, Country, FundingSource, GazetteerPlace, Source, Theme
from ...places.party_refs import PartyKind

_TITLE_PREFIX = "Synthetic data (seed "  # how the title of every synthetic source begins
_LICENCE = "CC0-1.0"
THIS_YEAR = 2026
FRENCH_SHARE = 0.2
DOMESTIC_SHARE = 0.04
# What is drawn, and how often in a hundred.
_KIND_WEIGHTS = {
    Kind.TWINNING: 60,
    Kind.FRIENDSHIP: 14,
    Kind.COOPERATION: 12,
    Kind.TWINNING_COOPERATION: 5,
    Kind.PROJECT: 4,
    Kind.MEMORANDUM: 3,
    Kind.INFORMAL: 1,
    Kind.ONE_OFF: 0.5,
    Kind.EMERGENCY: 0.5,
}
FORMAL = {"unknown": 40, "signed": 25, "in-force": 25, "renewed": 6, "terminated": 3, "draft": 1}
ACTIVITY = {"unknown": 50, "active": 35, "dormant": 12, "ended": 3}
PUBLICATION = {Publication.PUBLISHED: 97, Publication.DRAFT: 2, Publication.WITHDRAWN: 1}
ACTORS = {2: 97, 3: 2.2, 4: 0.6, 5: 0.2}
SYLLABLES = [
    "ba",
    "do",
    "ka",
    "li",
    "mo",
    "na",
    "ra",
    "sa",
    "te",
    "va",
    "bel",
    "cour",
    "dra",
    "fon",
    "gri",
    "lan",
    "mar",
    "nor",
    "pra",
    "sel",
    "ten",
    "val",
]


class Command(BaseCommand):
    """Make synthetic agreements, or remove them all."""

    help = "Make clearly labelled synthetic agreements (or --remove them all)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the numbers, the seed and the switches; the same seed over the same gazetteer gives the same data."""
        parser.add_argument("--agreements", type=int, default=10_000, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S", help="the same seed gives the same data")
        parser.add_argument("--towns", type=int, metavar="M", help="towns taking part; default: half of N, at least 20")
        parser.add_argument("--force", action="store_true", help="even where real agreements are")
        parser.add_argument("--remove", action="store_true", help="remove all synthetic data instead")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the command in one transaction."""
        started = time.monotonic()
        with pghistory.context(command="seed_synthetic"), transaction.atomic():
            done = _remove() if options["remove"] else self._seed(**options)
            with connection.cursor() as cursor:
                # Before the end: the checks made there would follow plans for the tables as they were.
                cursor.execute(f"ANALYZE {', '.join(FILLED)}")
        self.stdout.write(f"{done} in {time.monotonic() - started:.1f} s")

    def _seed(self, agreements: int, seed: int, towns: int | None, force: bool, **options: object) -> str:
        """Make the data; refuses where they could be taken for real ones or are there already."""
        title = f"{_TITLE_PREFIX}{seed})"
        if agreements < 1 or (towns is not None and towns < 20):
            raise CommandError("At least 1 agreement between at least 20 towns.")
        if Source.objects.filter(title=title).exists():
            raise CommandError(f"“{title}” is here already. Remove it first (--remove), or take another seed.")
        if not force and Agreement.objects.exclude(sources__title__startswith=_TITLE_PREFIX).exists():
            raise CommandError("This directory holds real agreements; --force mixes synthetic ones in.")
        if not Country.objects.filter(pk="FR").exists() or Country.objects.count() < 2:
            raise CommandError("Countries are missing: load the fixtures first (load_fixtures).")
        source = Source.objects.create(title=title, licence=_LICENCE, publisher="CoopDir, seed_synthetic")
        with connection.cursor() as cursor:
            places = _make_towns(cursor, source.pk, seed, towns or max(agreements // 2, 20))
            organisations = _make_organisations(cursor, source.pk, max(agreements // 500, 1))
            drawn = _Draw(seed, places, organisations).agreements(agreements)
            _store(cursor, source.pk, f"Made up for testing (seed {seed}).", drawn)
        return f"{len(drawn):,} synthetic agreements between {len(places):,} towns"


class _Draw:
    """Draws agreements; every call to its generator of numbers is in a fixed order, so that a seed gives one result."""

    def __init__(self, seed: int, places: list[tuple[int, str]], organisations: list[int]) -> None:
        self.random = random.Random(seed)  # noqa: S311 (nothing secret)
        self.french = self._weighted([town for town, country in places if country == "FR"])
        self.foreign = self._weighted([town for town, country in places if country != "FR"])
        self.country = dict(places)
        self.organisations = organisations
        self.themes = list(Theme.objects.order_by("code").values_list("code", flat=True))
        self.funds = list(FundingSource.objects.order_by("code").values_list("code", flat=True))

    @staticmethod
    def _weighted(towns: list[int]) -> tuple[list[int], list[float]]:
        """Towns with cumulated weights by a power law of their rank: few have many partners."""
        return towns, list(itertools.accumulate(1 / (rank + 50) ** 0.7 for rank in range(len(towns))))

    def _town(self, pool: tuple[list[int], list[float]]) -> int:
        return self.random.choices(pool[0], cum_weights=pool[1])[0]

    def _one(self, shares: Mapping[Any, float]) -> Any:
        return self.random.choices(list(shares), list(shares.values()))[0]

    def _date(self, earliest: int, latest: int, likeliest: int | None = None) -> str:
        """A year, a month or a day, never later than this year's first half."""
        year = int(self.random.triangular(earliest, latest + 1, likeliest or (earliest + latest) // 2))
        year = min(year, latest)
        month, day = self.random.randint(1, 6 if year == THIS_YEAR else 12), self.random.randint(1, 28)
        return f"{year:04}-{month:02}-{day:02}"[: self._one({4: 45, 7: 10, 10: 45})]

    def _towns(self, number: int) -> list[int]:
        """Different towns: of France and abroad, of two other countries, or now and then of one."""
        pools = [self.french if self.random.random() < FRENCH_SHARE else self.foreign, self.foreign]
        domestic = self.random.random() < DOMESTIC_SHARE
        towns = [self._town(pools[0])]
        while len(towns) < number:
            town = self._town(pools[0] if domestic else pools[1])
            same = self.country[town] == self.country[towns[0]]
            if town not in towns and (same == domestic or self.random.random() < 0.02):
                towns.append(town)
        return towns

    def agreements(self, number: int) -> list[dict[str, Any]]:
        """That many agreements, no two of which have the same parties, kind and start."""
        seen = set()
        drawn: list[dict[str, Any]] = []
        while len(drawn) < number:
            one = self._agreement()
            key = (frozenset(actor for actor in one["actors"]), one["kind"], one["signed"])
            if key not in seen:
                seen.add(key)
                drawn.append(one)
        return drawn

    def _agreement(self) -> dict[str, Any]:
        chance = self.random.random
        kind = self._one(_KIND_WEIGHTS)
        signed = self._date(1945, THIS_YEAR, 1985) if chance() < 0.88 else None
        start = int(signed[:4]) if signed else 1945
        ended = self._date(start + 1, THIS_YEAR) if chance() < 0.03 and start < THIS_YEAR else None
        limited = signed and chance() < (0.5 if kind in {Kind.COOPERATION, Kind.PROJECT, Kind.MEMORANDUM} else 0.03)
        number = self._one(ACTORS)
        actors = [PartyKind.TOWN.ref(town) for town in self._towns(number)]
        if chance() < 0.02:
            actors.append(PartyKind.ORGANISATION.ref(self.random.choice(self.organisations)))
        joined = [
            self._date(start + 1, THIS_YEAR) if place > 1 and signed and start < THIS_YEAR and chance() < 0.5 else None
            for place in range(len(actors))
        ]
        return {
            "kind": kind,
            "signed": signed,
            "valid_until": str(start + self.random.randint(2, 12)) if limited else None,
            "tacit_renewal": bool(limited) and chance() < 0.4,
            "ended": ended,
            "formal_status": "terminated" if ended else self._one(FORMAL),
            "activity": "ended" if ended else self._one(ACTIVITY),
            "publication": self._one(PUBLICATION),
            "verified_on": f"20{self.random.randint(19, 25)}-0{self.random.randint(1, 9)}-01"
            if chance() < 0.3
            else None,
            "actors": actors,
            "joined": joined,
            "themes": self.random.sample(self.themes, min(self._one({0: 45, 1: 25, 2: 20, 3: 10}), len(self.themes))),
            "money": self._money(start) if self.funds and chance() < 0.06 else None,
            "renewed": str(min(start + self.random.randint(5, 20), THIS_YEAR)) if signed and chance() < 0.03 else None,
            "suspended": self._suspension(start, len(actors)) if chance() < 0.01 else [],
        }

    def _money(self, start: int) -> tuple[str, int, int]:
        """A fund, a year, an amount in euros."""
        year = self.random.randint(max(start, 2000), THIS_YEAR)
        return self.random.choice(self.funds), year, 100 * max(1, round(self.random.lognormvariate(4.5, 1)))

    def _suspension(self, start: int, parties: int) -> list[tuple[int, str, str | None, str]]:
        """Dated suspensions: of one party, or of all."""
        since = self.random.randint(max(start, 1990), THIS_YEAR)
        until = str(self.random.randint(since, THIS_YEAR)) if self.random.random() < 0.4 else None
        places = [parties] if self.random.random() < 0.7 else range(1, parties + 1)
        return [(place, str(since), until, self._one({"state": 6, "party": 4})) for place in places]


def _stage(cursor: CursorWrapper, name: str, columns: str) -> None:
    """Make a table that lives as long as the transaction."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.synthetic_{name}")
    cursor.execute(f"CREATE TEMPORARY TABLE synthetic_{name} ({columns}) ON COMMIT DROP")


def _make_towns(cursor: CursorWrapper, source: int, seed: int, number: int) -> list[tuple[int, str]]:
    """Towns from the gazetteer that the directory does not have yet, or else invented ones; id and country."""
    _stage(cursor, "town", "place integer, id bigint, country_id text")
    if GazetteerPlace.objects.exists():
        # The hash is the draw: it depends on nothing but the seed and the places.
        cursor.execute(
            """
            WITH drawn AS (
                SELECT place.*, row_number() OVER (
                    PARTITION BY country_id = 'FR' ORDER BY md5(%(seed)s || '/' || coalesce(geonames::text, insee))
                ) AS rank
                FROM partnerships_gazetteerplace AS place
                WHERE NOT EXISTS (
                    SELECT FROM partnerships_town AS town
                    WHERE town.geonames = place.geonames OR town.insee = place.insee
                )
            ), made AS (
                INSERT INTO partnerships_town (name, level, country_id, territory_id, insee, geonames, population,
                    latitude, longitude, coordinates_precision, website, publication)
                SELECT name, level, country_id, territory_id, insee, geonames, population, latitude, longitude,
                    coordinates_precision, '', 'published'
                FROM drawn WHERE rank <= CASE WHEN country_id = 'FR' THEN %(french)s ELSE %(foreign)s END
                ORDER BY country_id = 'FR', population DESC NULLS LAST, rank
                RETURNING id, country_id
            )
            INSERT INTO synthetic_town SELECT row_number() OVER (ORDER BY id), id, country_id FROM made
            """,
            {"seed": seed, "french": number // 5, "foreign": number - number // 5},
        )
    else:
        names = _invented_names(random.Random(seed), number)  # noqa: S311
        countries = list(Country.objects.exclude(pk="FR").order_by("code").values_list("code", flat=True))
        abroad = itertools.cycle(countries)
        rows = [(name, "FR" if place % 5 == 0 else next(abroad)) for place, name in enumerate(names)]
        _stage(cursor, "name", "name text, country_id text")
        copy_rows(cursor, "synthetic_name", ["name", "country_id"], rows)
        cursor.execute(
            """
            WITH made AS (
                INSERT INTO partnerships_town (name, level, country_id, coordinates_precision, website, publication)
                SELECT name, 'municipality', country_id, 'place', '', 'published' FROM synthetic_name
                RETURNING id, country_id
            )
            INSERT INTO synthetic_town SELECT row_number() OVER (ORDER BY id), id, country_id FROM made
            """
        )
    cursor.execute(
        "INSERT INTO partnerships_townsource (town_id, source_id) SELECT id, %s FROM synthetic_town", [source]
    )
    cursor.execute("SELECT id, country_id FROM synthetic_town ORDER BY place")
    found: list[tuple[int, str]] = cursor.fetchall()
    return found


def _invented_names(generator: random.Random, number: int) -> Iterator[str]:
    """Names that no place has: a few syllables and a number."""
    for place in range(1, number + 1):
        word = "".join(generator.choices(SYLLABLES, k=3))
        yield f"{word.capitalize()} {place}"


def _make_organisations(cursor: CursorWrapper, source: int, number: int) -> list[int]:
    """Invented associations."""
    cursor.execute(
        """
        WITH made AS (
            INSERT INTO partnerships_organisation (name, acronym, kind, country_id, website, publication)
            SELECT 'Synthetic association ' || n, '', 'association', 'FR', '', 'published'
            FROM generate_series(1, %s) AS n
            RETURNING id
        ), cited AS (
            INSERT INTO partnerships_organisationsource (organisation_id, source_id) SELECT id, %s FROM made
        )
        SELECT id FROM made ORDER BY id
        """,
        [number, source],
    )
    return [pk for (pk,) in cursor.fetchall()]


# Columns of an agreement that are written as they were drawn.
_COLUMNS = [
    "kind",
    "signed",
    "valid_until",
    "tacit_renewal",
    "ended",
    "formal_status",
    "activity",
    "publication",
    "verified_on",
]
FILLED = [
    f"partnerships_{table}"
    for table in ("agreement", "party", "town", "agreementsource", "agreementtheme", "townsource")
]
# What is removed with an agreement, a town, an organisation, in the order in which it can be.
DEPENDANTS = {
    "agreement": ["agreementtheme", "fundingcontribution", "renewal", "document", "claim", "party", "agreementsource"],
    "town": ["townname", "claim", "townsource"],
    "organisation": ["organisationname", "organisationsource"],
}
STAGES = {
    "agreement": f"place integer, id bigint, {', '.join(f'{column} text' for column in _COLUMNS)}",
    "party": "place integer, position integer, town_id bigint, organisation_id bigint, joined text",
    "theme": "place integer, theme_id text",
    "money": "place integer, funding_id text, year integer, amount numeric",
    "renewal": "place integer, renewed text",
    "suspension": "place integer, position integer, since text, until text, suspended_by text",
}


def _store(cursor: CursorWrapper, source: int, description: str, drawn: list[dict[str, Any]]) -> None:
    """Stage the drawn agreements by COPY, then insert them a table at a time, so that history records them."""
    places = list(enumerate(drawn, 1))
    rows: dict[str, Iterator[tuple[Any, ...]]] = {
        "agreement": ((place, *(one[column] for column in _COLUMNS)) for place, one in places),
        "party": (
            (place, position, *((ref.key, None) if ref.is_town else (None, ref.key)), joined)
            for place, one in places
            for position, (ref, joined) in enumerate(zip(one["actors"], one["joined"], strict=True), 1)
        ),
        "theme": ((place, theme) for place, one in places for theme in one["themes"]),
        "money": ((place, *one["money"]) for place, one in places if one["money"]),
        "renewal": ((place, one["renewed"]) for place, one in places if one["renewed"]),
        "suspension": ((place, *suspension) for place, one in places for suspension in one["suspended"]),
    }
    for name, columns in STAGES.items():
        _stage(cursor, name, columns)
        names = [column.split()[0] for column in columns.split(", ")]
        copy_rows(cursor, f"synthetic_{name}", [name for name in names if name != "id"], rows[name])
    cursor.execute(
        "UPDATE synthetic_agreement SET id = nextval(pg_get_serial_sequence('partnerships_agreement', 'id'))"
    )
    cursor.execute("CREATE INDEX ON synthetic_agreement (place)")
    cursor.execute("ANALYZE synthetic_agreement, synthetic_party")
    columns = ", ".join(column for column in _COLUMNS if column not in {"tacit_renewal", "verified_on"})
    for statement, values in (
        (
            f"""
            INSERT INTO partnerships_agreement (id, {columns}, tacit_renewal, verified_on, party_key,
                mailbox, description_en, description_fr)
            SELECT id, {columns}, tacit_renewal::boolean, verified_on::date, '', '', %s, %s
            FROM synthetic_agreement ORDER BY place
            """,  # noqa: S608 (names of ours)
            [description, description],
        ),
        (
            """
            INSERT INTO partnerships_party (agreement_id, position, town_id, organisation_id, role, joined)
            SELECT id, position, town_id, organisation_id, 'partner', joined
            FROM synthetic_party JOIN synthetic_agreement USING (place) ORDER BY place, position
            """,
            [],
        ),
        (
            "INSERT INTO partnerships_agreementsource (agreement_id, source_id) SELECT id, %s FROM synthetic_agreement",
            [source],
        ),
        (
            """
            INSERT INTO partnerships_agreementtheme (agreement_id, theme_id)
            SELECT id, theme_id FROM synthetic_theme JOIN synthetic_agreement USING (place)
            """,
            [],
        ),
        (
            """
            INSERT INTO partnerships_fundingcontribution (agreement_id, funding_id, year, amount, currency)
            SELECT id, funding_id, year, amount, 'EUR' FROM synthetic_money JOIN synthetic_agreement USING (place)
            """,
            [],
        ),
        (
            """
            INSERT INTO partnerships_renewal (agreement_id, renewed)
            SELECT id, renewed FROM synthetic_renewal JOIN synthetic_agreement USING (place)
            """,
            [],
        ),
        (
            """
            INSERT INTO partnerships_suspension (party_id, suspended_by, since, until, reason_en, reason_fr, act)
            SELECT party.id, suspended_by, since, until, '', '', ''
            FROM synthetic_suspension AS drawn JOIN synthetic_agreement AS a USING (place)
            JOIN partnerships_party AS party ON party.agreement_id = a.id AND party.position = drawn.position
            """,
            [],
        ),
    ):
        cursor.execute(statement, values)


def _remove() -> str:
    """Remove all that cites a synthetic source; real records that lean on a synthetic one stop it."""
    sources = list(Source.objects.filter(title__startswith=_TITLE_PREFIX).values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for kind in ("agreement", "town", "organisation"):
            _stage(cursor, kind, "id bigint")
            cursor.execute(
                f"INSERT INTO synthetic_{kind}"  # noqa: S608 (names of ours, here and below)
                f" SELECT DISTINCT {kind}_id FROM partnerships_{kind}source WHERE source_id = ANY(%s)",
                [sources],
            )
            cursor.execute(f"ANALYZE synthetic_{kind}")
        cursor.execute(
            "DELETE FROM partnerships_suspension USING partnerships_party AS party"
            " WHERE party.id = party_id AND party.agreement_id IN (SELECT id FROM synthetic_agreement)"
        )
        removed = {}
        for kind, dependants in DEPENDANTS.items():
            for table in dependants:
                cursor.execute(
                    f"DELETE FROM partnerships_{table} WHERE {kind}_id IN (SELECT id FROM synthetic_{kind})"  # noqa: S608
                )
            cursor.execute(f"DELETE FROM partnerships_{kind} WHERE id IN (SELECT id FROM synthetic_{kind})")  # noqa: S608
            removed[kind] = cursor.rowcount
        cursor.execute("DELETE FROM partnerships_source WHERE id = ANY(%s)", [sources])
        try:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        except IntegrityError as error:
            raise CommandError(f"Real records lean on synthetic ones; nothing was removed.\n{error}") from error
    return f"{removed['agreement']:,} synthetic agreements and {removed['town']:,} towns removed"
