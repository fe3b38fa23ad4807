"""Figures as a table that can be pasted into Markdown."""

from collections.abc import Sequence


def print_table(title: str, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a title and a Markdown table, columns aligned."""
    lines = [[str(cell) for cell in line] for line in [headings, *rows]]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]

    def line(cells: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(width) if not column else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return "| " + " | ".join([first, *others]) + " |"

    print(f"\n{title}\n")
    print(line(lines[0]))
    print(
        "|"
        + "|".join("-" * (width + 2) if not column else "-" * (width + 1) + ":" for column, width in enumerate(widths))
        + "|"
    )
    for cells in lines[1:]:
        print(line(cells))
