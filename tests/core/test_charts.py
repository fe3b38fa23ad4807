"""Charts: lengths are in proportion, and words stay inside the drawing and apart from each other."""

import re
from itertools import combinations

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from core import charts
from core.charts import CHART_WIDTH, GAP, LETTER, ChartItem, Life, Tie, Word
from core.templatetags.charts import bar_length, column_chart, percent, share_chart

NUMBERS = st.lists(st.integers(0, 2_000_000), max_size=40)


def items(numbers: list[int]) -> list[ChartItem]:
    return [
        ChartItem(f"{1900 + 10 * index}s", number, f"/list/{index}", str(1900 + 10 * index))
        for index, number in enumerate(numbers)
    ]


def assert_readable(words: list[Word], height: float) -> None:
    for word in words:
        assert word.left >= -0.001
        assert word.right <= CHART_WIDTH + 0.001
        assert LETTER * 0.7 <= word.y <= height
    for one, other in combinations(words, 2):
        apart = one.right + GAP <= other.left + 0.001 or other.right + GAP <= one.left + 0.001
        assert apart or abs(one.y - other.y) >= LETTER, (one, other)


@given(NUMBERS)
def test_bars_are_in_proportion(numbers: list[int]) -> None:
    drawn = charts.bars(items(numbers))
    assert [bar.item.number for bar in drawn] == numbers
    largest = max(numbers, default=0)
    for bar in drawn:
        assert bar.length == pytest.approx(100 * bar.item.number / largest if largest else 0)


@given(NUMBERS)
def test_columns_stand_side_by_side_in_proportion(numbers: list[int]) -> None:
    chart = charts.columns(items(numbers))
    largest = max(numbers, default=0)
    for column in chart.columns:
        assert column.y + column.height == pytest.approx(chart.base)
        assert 0 <= column.x < column.x + column.width <= CHART_WIDTH + 0.001
        if largest:
            assert column.height == pytest.approx(110 * column.item.number / largest)
    for before, after in zip(chart.columns, chart.columns[1:], strict=False):
        assert before.x + before.width <= after.x + 0.001
    assert_readable(chart.words, chart.height)


@given(NUMBERS)
@example([10_000, 11_112, *[0] * 17])  # the first number is moved to lie within, over the second column
def test_no_column_crosses_a_number(numbers: list[int]) -> None:
    chart = charts.columns(items(numbers))
    for word in chart.words:
        for column in chart.columns:
            if word.y < chart.base and column.x < word.right - 0.001 and word.left + 0.001 < column.x + column.width:
                assert column.y >= word.y


@given(NUMBERS)
def test_the_last_tick_is_always_there(numbers: list[int]) -> None:
    chart = charts.columns(items(numbers))
    if numbers:
        assert str(1900 + 10 * (len(numbers) - 1)) in [word.text for word in chart.words if word.y > chart.base]


@given(NUMBERS)
def test_segments_fill_the_strip(numbers: list[int]) -> None:
    drawn = charts.segments(items(numbers))
    assert [segment.item.number for segment in drawn] == [number for number in numbers if number]
    end = 0.0
    for segment in drawn:
        assert segment.x == pytest.approx(end, abs=0.001)
        assert segment.width == pytest.approx(CHART_WIDTH * segment.item.number / sum(numbers))
        end += segment.width
    assert not drawn or end == pytest.approx(CHART_WIDTH)


YEARS = st.one_of(st.none(), st.integers(1850, 2026))
LIVES = st.lists(st.tuples(st.text("abcXYZ é", min_size=1, max_size=60), YEARS, YEARS), min_size=1, max_size=8)


@given(LIVES, st.data())
def test_lineage_stays_in_its_box(drawn: list[tuple[str, int | None, int | None]], data: st.DataObject) -> None:
    lives = [Life(key, name, begun, ended) for key, (name, begun, ended) in enumerate(drawn)]
    keys = st.integers(0, len(lives))  # one of them is nobody's
    ties = data.draw(st.lists(st.builds(Tie, keys, keys, YEARS, st.booleans()), max_size=6))
    chart = charts.lineage(lives, ties, 2026)
    assert [line.life for line in chart.lines] == lives
    for line in chart.lines:
        assert 0 <= line.x <= line.end <= CHART_WIDTH
        assert 0 < line.y < chart.base
        assert line.name.left >= 0
        assert line.name.text == line.life.name
    for one, other in combinations(chart.lines, 2):
        assert abs(one.name.y - other.name.y) >= LETTER
    known = [curve.tie for curve in chart.curves]
    assert known == [tie for tie in ties if tie.source < len(lives) and tie.target < len(lives)]
    for curve in chart.curves:
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", curve.path)]
        assert all(-0.1 <= x <= CHART_WIDTH + 0.1 for x in numbers[::2])
        assert all(0 <= y <= chart.base for y in numbers[1::2])
    assert_readable(chart.words, chart.height)


def test_lineage_by_year() -> None:
    lives = [Life("a", "IULA", 1913, 2004), Life("b", "FMCU", None, 2004), Life("c", "UCLG", 2004, None)]
    lives.append(Life("d", "Metropolis", 1985, None))
    ties = [Tie("a", "c", 2004, True), Tie("b", "c", 2004, True), Tie("d", "c", 2004, False)]
    chart = charts.lineage(lives, ties, 2026)
    iula, fmcu, uclg, metropolis = chart.lines
    assert iula.x == fmcu.x == 0
    assert iula.x < metropolis.x < uclg.x
    assert iula.end == pytest.approx(uclg.x - charts.LEAD)  # goes over into the curve
    assert uclg.end == metropolis.end == CHART_WIDTH
    assert metropolis.name.y > metropolis.y  # its curve leads up, out of the way
    assert [word.text for word in sorted(chart.words, key=lambda word: word.x)] == ["1913", "1985", "2004", "2026"]


@pytest.mark.parametrize(
    ("language", "ratio", "shown"),
    [
        ("en", 0, "0%"),
        ("en", 1, "100%"),
        ("en", 0.0001, "<\N{NO-BREAK SPACE}0.1%"),
        ("en", 0.9999, ">\N{NO-BREAK SPACE}99.9%"),
        ("en", 0.046, "4.6%"),
        ("en", 0.4618, "46%"),
        ("fr", 0.046, "4,6\N{NO-BREAK SPACE}%"),
    ],
)
def test_percent(language: str, ratio: float, shown: str) -> None:
    with translation.override(language):
        assert percent(ratio) == shown


@pytest.mark.parametrize("language", ["en", "fr"])
def test_drawings_have_numbers_that_browsers_read_and_no_inline_style(language: str) -> None:
    with translation.override(language):
        drawn = [
            render_to_string(
                "parts/charts/columns.html", column_chart(items([1234, 7, 0]), "Title", "Decade", "Number")
            ),
            render_to_string("parts/charts/share.html", share_chart(items([3, 4]), "Title")),
            render_to_string("parts/charts/bars.html", {"bars": charts.bars(items([3, 4, 7]))}),
        ]
        assert bar_length(1 / 3) == "33.33"
    for html in drawn:
        assert "style=" not in html
        for name, value in re.findall(r'\b(x|y|x1|x2|y1|y2|width|height)="([^"]*)"', html):
            assert re.fullmatch(r"\d+(\.\d+)?%?", value), (name, value)
    assert 'role="img" aria-label="Title"' in drawn[0]
    assert {"en": "1,234", "fr": "1\N{NO-BREAK SPACE}234"}[language] in drawn[0]
    assert "<table" in drawn[0]
