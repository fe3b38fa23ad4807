"""Benchmark of matching names of towns: what needs no question, and what of it is wrong.

Names of the files from Wikidata, of which the coordinates tell who is meant; rows made of the places that they mean, as
spreadsheets write them; a crawl without countries; and small cases. The matcher stands beside a plain baseline: exact
normalised name and country. Countries on which matching is tuned are told apart from those on which it is reported
(`split`). All is the same from run to run.
"""

import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random

from benchmarks.tables import print_table

from .cases import case_lines, read_cases
from .directory import directory_of
from .errors import Errors
from .files import Files, read_crawl
from .gazetteer import Gazetteer
from .messes import NO_POINT_OF_ITS_OWN, meant_places, messed
from .rows import THE_PLACE, Row
from .scores import HEADINGS, WRONG, Tally, Verdict, judged
from .split import tunes
from .ways import Answers, by_baseline, by_matcher, settled_and_scored

ERRORS = Path(__file__).with_name("errors.md")
"""The committed list."""

HEADING = """# Errors of matching

Written by `make bench ARGS=matching` (all of it, not `--quick`): the commonest kinds of wrong answers and of questions
in the countries on which matching is tuned, with examples. Those of the countries on which it is reported are not here:
whoever reads them tunes on them (`--reporting-errors FILE` writes them elsewhere)."""

SIDES = {False: "reporting", True: "tuning"}


def without_point(row: Row) -> Row:
    """A row without coordinates."""
    return replace(row, latitude=None, longitude=None)


SETTINGS: dict[str, Callable[[Row], Row]] = {
    "as published": lambda row: row,
    "coordinates withheld": without_point,
    "countries withheld": lambda row: replace(row, country=""),
    "both withheld": lambda row: replace(without_point(row), country=""),
}
"""Settings: the parts of a row that the matcher gets to see."""


def run(folder: Path | None, *, quick: bool = False, reporting_errors: Path | None = None) -> None:
    """Print the tables, and write the list of errors unless only a tenth is looked at."""
    gazetteer = Gazetteer()
    errors = {side: Errors() for side in SIDES}
    files = Files(folder, gazetteer) if folder else None
    if folder is None or files is None or not files.rows:
        print(
            "\nMatching: no files of twinned towns from Wikidata (--wikidata FOLDER or COOPDIR_WIKIDATA): cases only."
        )
    else:
        if quick:
            files.rows = Random(1).sample(files.rows, len(files.rows) // 10)
        for tuning in SIDES:
            published(files, gazetteer, errors[tuning], tuning=tuning)
        exchanged(files, gazetteer)
        crawl(folder, files, gazetteer, quick=quick)
        messes(files, gazetteer, errors, number=20 if quick else 200)
        speed(files.rows, gazetteer)
    cases(gazetteer)
    if files and not quick:
        errors[True].write(ERRORS, HEADING)
        if reporting_errors:
            errors[False].write(reporting_errors, "# Errors on the countries that report")
    print(f"\nPeak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB.")


def published(files: Files, gazetteer: Gazetteer, errors: Errors, *, tuning: bool) -> None:
    """The names of the files, of one side."""
    rows = [row for row in files.rows if tunes(row.country) == tuning]
    known = sum(row.place is not None or row.right != THE_PLACE for row in rows) / len(rows)
    table = []
    for setting, change in SETTINGS.items():
        changed = [change(row) for row in rows]
        # Nobody makes a new town in no country.
        for create in (False, True) if changed[0].country else (False,):
            said = f"{setting}, {'new towns' if create else 'none new'}"
            for way, answers in both(changed, gazetteer, create=create).items():
                verdicts = judged(changed, answers.answers)
                cells = Tally.of(changed, verdicts).cells()
                table.append([f"{said}: {way}", *cells, f"{len(changed) / answers.seconds:,.0f}"])
                if way == "matcher":
                    errors.add(f"Files, {said}", changed, answers, verdicts)
    print_table(
        f"Distinct names in {len(files.paths)} files, {SIDES[tuning]} countries. Ceiling without new towns: {known:.1%}"
        " (the gazetteer has them, or they name another level).",
        ["", *HEADINGS, "names / s"],
        table,
    )


def both(rows: Sequence[Row], gazetteer: Gazetteer, *, create: bool) -> dict[str, Answers]:
    """Answers of the matcher, and of the baseline."""
    return {"matcher": by_matcher(rows, create=create), "baseline": by_baseline(rows, gazetteer, create=create)}


def exchanged(files: Files, gazetteer: Gazetteer) -> None:
    """The names of two files whose countries are another town's: only their own place is right, or a question."""
    table = []
    for create in (False, True):
        for way, answers in both(files.exchanged, gazetteer, create=create).items():
            tally = Tally.of(files.exchanged, judged(files.exchanged, answers.answers))
            table.append([f"{'new towns' if create else 'none new'}: {way}", *tally.cells()])
    print_table("Names beside the country of another (denmark.tsv, sweden.tsv)", ["", *HEADINGS], table)


def crawl(folder: Path, files: Files, gazetteer: Gazetteer, *, quick: bool) -> None:
    """The names of the crawl, without countries, with a directory that is empty and one that has the country files.

    Those are judged of which a country file has the same pair.
    """
    rows = read_crawl(folder, files)
    pairs = sorted(files.pairs)
    if quick:
        rows, pairs = Random(1).sample(rows, len(rows) // 10), Random(1).sample(pairs, len(pairs) // 10)
    table = [_crawl_line("baseline", rows, by_baseline(rows, gazetteer, create=False))]
    table.append(_crawl_line("matcher, empty directory", rows, by_matcher(rows, create=False)))
    with directory_of(files.pairs[pair] for pair in pairs) as number:
        table.append(_crawl_line(f"matcher, {number:,} pairs known", rows, by_matcher(rows, create=False)))
    print_table(
        "Names of the crawl, no country (goals: at least 85 %, at most 0.2 % wrong)",
        ["", "names", "no question", "judged", "wrong", "share", "names / s"],
        table,
    )


def _crawl_line(way: str, rows: Sequence[Row], answers: Answers) -> list[str]:
    """Line of the table of the crawl."""
    known = [(row, answer) for row, answer in zip(rows, answers.answers, strict=True) if row.published]
    tally = Tally.of([row for row, _answer in known], judged(*zip(*known, strict=True)))
    answered = tally.names - tally.verdicts[Verdict.QUESTION]
    settled = sum(answer is not None for answer in answers.answers) / len(rows)
    wrong = sum(tally.verdicts[verdict] for verdict in WRONG)
    speed = f"{len(rows) / answers.seconds:,.0f}"
    return [way, f"{len(rows):,}", f"{settled:.1%}", f"{answered:,}", f"{wrong:,}", f"{tally.wrong:.2%}", speed]


def messes(files: Files, gazetteer: Gazetteer, errors: dict[bool, Errors], *, number: int) -> None:
    """Rows as spreadsheets write them: by kind, by hand and by side."""
    found = messed(meant_places(files.rows), gazetteer, number)
    lines: dict[bool, dict[str, list[str]]] = {side: {} for side in SIDES}
    columns = []
    for points, create in product((False, True), repeat=2):
        setting = f"{'right points' if points else 'no points'}, {'new towns' if create else 'none new'}"
        columns += [f"{setting}: {way}" for way in ("matcher", "baseline") if way == "matcher" or not points]
        for (hand, tuning), rows in found.items():
            changed = [_with_point(row) if points else row for row in rows]
            for way, answers in both(changed, gazetteer, create=create).items():
                if way == "baseline" and points:
                    continue  # which does not look at them
                verdicts = judged(changed, answers.answers)
                if way == "matcher" and not points:
                    errors[tuning].add(f"Messes, {hand}, {setting}", changed, answers, verdicts)
                for kind, cell in _shares(changed, verdicts).items():
                    lines[tuning].setdefault(f"{kind} ({hand})", []).append(cell)
    for tuning, cells in lines.items():
        print_table(
            f"Messes, {SIDES[tuning]} countries: right / asked / wrong, % of the rows of each kind (at most {number})",
            ["", *columns],
            [[kind, *shares] for kind, shares in sorted(cells.items())],
        )


def _shares(rows: Sequence[Row], verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Right, asked and wrong of each kind of mess; last of all rows that mean their place, and of all that do not."""
    kinds: dict[str, list[Verdict]] = defaultdict(list)
    for row, verdict in zip(rows, verdicts, strict=True):
        kinds[row.kind].append(verdict)
        kinds["~ all that mean their place" if row.right == THE_PLACE else "~ all that do not"].append(verdict)
    return {
        kind: " / ".join(
            f"{100 * sum(verdict in wanted for verdict in given) / len(given):.0f}"
            for wanted in ({Verdict.RIGHT}, {Verdict.QUESTION}, WRONG)
        )
        for kind, given in kinds.items()
    }


def _with_point(row: Row) -> Row:
    """A row with its place's point, if it has none that is wrong on purpose."""
    if row.place is None or row.kind == NO_POINT_OF_ITS_OWN:
        return row
    return replace(row, latitude=row.place.latitude, longitude=row.place.longitude)


def speed(rows: Iterable[Row], gazetteer: Gazetteer) -> None:
    """Names a second: those that are exact and alone in their country, and the rest, coordinates withheld."""
    settled, scored = settled_and_scored(map(without_point, rows), gazetteer)
    table = []
    for name, some, goal in (("settled: exact and alone", settled, "20,000"), ("scored: the rest", scored, "2,000")):
        started = time.process_time()
        answers = by_matcher(some, create=False)
        work = time.process_time() - started
        table.append([name, f"{len(some):,}", f"{len(some) / answers.seconds:,.0f}", f"{len(some) / work:,.0f}", goal])
    print_table("Speed of the matcher", ["", "names", "names a second", "of work here", "goal"], table)


def cases(gazetteer: Gazetteer) -> None:
    """The shared cases that ask who is meant."""
    lines = case_lines(read_cases(gazetteer))
    print_table("Cases", ["name", "country", "right is", "none new", "new towns"], lines)
    counts = [sum(line[at].startswith(what) for line in lines) for at in (3, 4) for what in ("right", "wrong")]
    print(f"\nOf {len(lines)}, {counts[0]} right and {counts[1]} wrong; with new towns {counts[2]} and {counts[3]}.")
