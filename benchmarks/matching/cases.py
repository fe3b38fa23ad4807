"""Small cases that once failed, and what is right for each: `cases.tsv`.

Names that ask who is meant, one a line: right is a place by its territory or country, a record of a level only, or
nobody. A question is never wrong; where somebody is to be shown first, it is right only if that is so. The cells are
taken as an import hands them to the matcher: the reading of files, headers and dates is what tests of imports look at.
"""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from partnerships.choices import Level
from partnerships.models import GazetteerPlace

from .gazetteer import Gazetteer
from .rows import ABOVE, NOBODY, Row
from .scores import WRONG, Verdict, judge
from .ways import Answers, by_matcher


class Case(NamedTuple):
    """A row, and the name that its question shows first."""

    file: str
    row: Row
    right: str
    first: str


def read_cases(gazetteer: Gazetteer) -> list[Case]:
    """All cases; of a place that the gazetteer lacks, a question or a new town is right."""
    found = []
    with (Path(__file__).parent / "cases.tsv").open(newline="") as file:
        for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            row = Row("case", line["name"], line["country"], line["territory"])
            if line["point"]:
                row.latitude, row.longitude = map(float, line["point"].split())
            if line["right"] == "question":
                row.right = NOBODY
            elif line["right"] in ("above", *Level):
                row.right = ABOVE if line["right"] == "above" else frozenset({line["right"]})
            else:
                where, name = line["right"].split(" ", 1)
                field = "territory" if "-" in where else "country"
                named = GazetteerPlace.objects.filter(name=name, **{field: where}).order_by("-population")
                row.place = gazetteer.get(named.values_list("pk", flat=True).first())
                row.also_in = where[:2]
            found.append(Case(line["file"], row, line["right"], line["first"]))
    return found


def worth(case: Case, answers: Answers, number: int) -> str:
    """Right, question or wrong."""
    verdict = judge(case.row, answers.answers[number])
    if verdict in WRONG:
        return f"wrong ({verdict})"
    if verdict == Verdict.QUESTION and case.first:
        return "right" if answers.shown[number][:1] == [case.first] else "question, hidden"
    return "right" if verdict == Verdict.RIGHT or not case.row.place else "question"


def case_lines(cases: Sequence[Case]) -> list[list[str]]:
    """A line for each case: what the matcher makes of it without new towns, and with."""
    rows = [case.row for case in cases]
    without, having = by_matcher(rows, create=False), by_matcher(rows, create=True)
    return [
        [case.row.name, case.row.country, case.right, *(worth(case, said, number) for said in (without, having))]
        for number, case in enumerate(cases)
    ]
