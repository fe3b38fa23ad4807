"""Partial dates: what is read, what is refused, and that Python and the database agree."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from core.dates import PartialDate
from tests import factories

DAYS = st.dates(datetime.date(1000, 1, 1), datetime.date(2999, 12, 31))
PARTIAL = st.builds(lambda day, length: day.isoformat()[:length], DAYS, st.sampled_from([4, 7, 10]))
# Text that looks like a date and often is none.
NEARLY = st.one_of(
    PARTIAL,
    st.from_regex(r"[0-3]?[0-9]{3}(-[0-9]{1,2}){0,3}", fullmatch=True),
    st.from_regex(r"[12][0-9]{3}-(0[1-9]|1[0-2])-[0-3][0-9]", fullmatch=True),
    st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=12),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1986", "1986"),
        (" 1986 ", "1986"),
        ("1986-05", "1986-05"),
        ("1986-5", "1986-05"),
        ("05/1986", "1986-05"),
        ("5.1986", "1986-05"),
        ("1986-05-24", "1986-05-24"),
        ("24/05/1986", "1986-05-24"),
        ("24.5.1986", "1986-05-24"),
        ("29/02/2000", "2000-02-29"),
        ("1000", "1000"),
        ("2999-12-31", "2999-12-31"),
    ],
)
def test_parse(text: str, expected: str) -> None:
    assert PartialDate.parse(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_a_date"),
        ("spring 1986", "not_a_date"),
        ("86", "not_a_date"),
        ("1986/05/24", "not_a_date"),
        ("24-05-1986", "not_a_date"),
        ("1986-05-24T00:00", "not_a_date"),
        ("1986-1987", "not_a_date"),
        ("1986-13", "no_such_date"),
        ("05/24/1986", "no_such_date"),
        ("1986-02-29", "no_such_date"),
        ("1900-02-29", "no_such_date"),
        ("1986-00", "no_such_date"),
        ("0999", "no_such_date"),
        ("3000", "no_such_date"),
        ("0000", "no_such_date"),
    ],
)
def test_parse_refuses_in_words(text: str, code: str) -> None:
    with pytest.raises(ValidationError) as caught:
        PartialDate.parse(text)
    assert caught.value.code == code
    assert f"“{text}”" in caught.value.messages[0]


@given(PARTIAL)
def test_what_is_stored_is_read_back(text: str) -> None:
    date = PartialDate.parse(text)
    assert date == text
    assert PartialDate.parse("/".join(reversed(text.split("-")))) == text
    assert date.first_day().isoformat().startswith(text)
    assert date.year == int(text[:4])


@pytest.mark.parametrize(
    ("text", "english", "french"),
    [
        ("1986", "1986", "1986"),
        ("1986-05", "May 1986", "mai 1986"),
        ("1986-05-24", "24 May 1986", "24 mai 1986"),
    ],
)
def test_localised(text: str, english: str, french: str) -> None:
    with translation.override("en"):
        assert PartialDate(text).localised() == english
    with translation.override("fr"):
        assert PartialDate(text).localised() == french


def ask(question: str, *values: str | None) -> bool:
    """What an SQL function says."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {question}", values)
        return cursor.fetchone()[0]


def is_stored_form(text: str) -> bool:
    """Whether Python takes the text for a date in the form in which it is stored."""
    try:
        return PartialDate.parse(text) == text
    except ValidationError:
        return False


@pytest.mark.django_db
@given(NEARLY)
@example("1986-02-29")
@example("2000-02-29")
@example("1986-5")
@example("1986\n")
@example("１９８６")
def test_python_and_database_agree_on_what_a_date_is(text: str) -> None:
    assert ask("coopdir_is_partial_date(%s)", text) == is_stored_form(text)


@pytest.mark.django_db
@given(PARTIAL, PARTIAL)
def test_python_and_database_agree_on_the_order(first: str, second: str) -> None:
    known = min(len(first), len(second))
    assert ask("coopdir_in_order(%s, %s)", first, second) == (first[:known] <= second[:known])


@pytest.mark.django_db
def test_an_unknown_date_is_in_order() -> None:
    assert ask("coopdir_in_order(%s, NULL) AND coopdir_in_order(NULL, %s)", "1986", "1986")


@pytest.mark.django_db
def test_a_column_gives_partial_dates() -> None:
    record = factories.town()
    found = factories.agreement(record, factories.town(), signed="24/05/1986")
    found.refresh_from_db()
    assert isinstance(found.signed, PartialDate)
    assert found.signed == "1986-05-24"
