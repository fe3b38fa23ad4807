"""Kinds of errors, how often each, and a few examples: the list that is committed."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from partnerships.places.evidence import kilometres

from .rows import THE_PLACE, Row
from .scores import WRONG, Answer, Verdict
from .ways import Answers

EXAMPLES = 3
"""Examples of a kind."""

KINDS = 10
"""Kinds of a setting, the commonest."""


class Errors:
    """Wrong answers of all settings, and questions about rows that mean their place, by kind."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._counts: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        self._examples: dict[tuple[str, tuple[str, str]], list[str]] = defaultdict(list)

    def add(self, setting: str, rows: Sequence[Row], answers: Answers, verdicts: Sequence[Verdict]) -> None:
        """Count what a setting got wrong and what it asked. The kind of a mess is part of the kind of the error."""
        for row, answer, verdict, reason in zip(rows, answers.answers, verdicts, answers.reasons, strict=True):
            # Where another level or nobody is meant, a question is right.
            if verdict in WRONG or (verdict == Verdict.QUESTION and row.right == THE_PLACE):
                mess = f"{row.kind}: " if row.pattern or row.kind in ("typo", "wrong point") else ""
                kind = (f"{mess}{verdict}", reason)
                self._counts[setting][kind] += 1
                examples = self._examples[setting, kind]
                if len(examples) < EXAMPLES:
                    examples.append(_told(row, answer))

    def write(self, path: Path, heading: str, *, examples: bool = True) -> None:
        """Write the kinds of each setting, wrong ones before questions, the commonest first."""
        lines = [heading]
        for setting, counts in self._counts.items():
            lines.append(f"\n## {setting}\n")
            wrong = [pair for pair in counts.most_common() if Verdict.QUESTION not in pair[0][0]]
            asked = [pair for pair in counts.most_common() if Verdict.QUESTION in pair[0][0]]
            for (verdict, reason), number in [*wrong[:KINDS], *asked[: KINDS // 2]]:
                lines.append(f"- {number:,} × {verdict}, by “{reason}”")
                if examples:
                    lines += [f"  - {one}" for one in self._examples[setting, (verdict, reason)]]
            if not counts:
                lines.append("None.")
        path.write_text("\n".join(lines) + "\n")


def _told(row: Row, answer: Answer | None) -> str:
    """A row, what was made of it and who was meant, in a line."""
    said = ", ".join(filter(None, [f"“{row.name}”", row.country, row.territory]))
    if row.latitude is not None and row.longitude is not None:
        said += f" at {row.latitude:.2f} {row.longitude:.2f}"
    if answer:
        said += f" → {answer.name} ({answer.level}, {answer.country}{', new' if answer.new else ''})"
        if row.published and answer.point and not answer.new:
            said += f", {kilometres(row.published, answer.point):.0f} km off"
    if row.place and (answer is None or answer.code != row.place.code):
        said += f"; meant near {row.place.name}" if not row.exact else f"; meant {row.place.name} ({row.place.level})"
    return said
