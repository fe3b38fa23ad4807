"""One spelling of a name, in Python and in the database."""

import sys
import unicodedata

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.text import normalise, side_by_side

NAMES = {
    "L'Abergement-Clémenciat": "l abergement clemenciat",
    "L’Haÿ-les-Roses": "l hay les roses",
    "Saint‑Étienne\u00a0du\u202fBois": "saint etienne du bois",
    "  Œuilly – (Marne) ": "oeuilly marne",
    "ŁÓDŹ": "lodz",
    "Tromsø": "tromso",
    "Weißenburg": "weissenburg",
    "GROẞ": "gross",
    "Þórshöfn": "thorshofn",
    "Đà Nẵng": "da nang",
    "İstanbul Iğdır": "istanbul igdir",
    "Ħal Qormi": "hal qormi",
    "Kulikɔrɔ": "kulikoro",
    "ﬁ ½ №": "fi 1 2 no",
    "Тимбукту": "timbuktu",
    "ТИМБУКТУ": "timbuktu",
    "Київ": "kyiv",
    "Львів": "lviv",
    "Нижний Новгород": "nizhniy novgorod",
    "Нижнии\u0306": "nizhniy",
    "Щёлково": "shchelkovo",
    "Αθήνα": "athina",
    "ΘΕΣΣΑΛΟΝΊΚΗ": "thessaloniki",
    "Ευρώπη": "evropi",
    "تُمْبُكْتُو": "تمبكتو",
    "東京": "東京",
    "ガボン・Libreville": "ガボン libreville",
    "서울": "서울",
    "ԵՐԵՎԱՆ": "երեվան",
    "St. John's": "st john s",
    "soft\u00adhyphen": "softhyphen",
    "!?—": "",
    "": "",
}

# PostgreSQL and Python may be built on different versions of Unicode: only what both have known since Unicode 14.
KNOWN = st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\0", max_codepoint=0x1E02F) | st.characters(
    exclude_categories=("Cs", "Cn"), min_codepoint=0x1E100, max_codepoint=0x1FFFF
)


def in_database(*names: str) -> list[str]:
    """What the SQL function makes of names."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coopdir_normalise(name) FROM unnest(%s) WITH ORDINALITY AS t (name, n) ORDER BY n", [[*names]]
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize(("name", "spelling"), NAMES.items())
def test_python(name, spelling):
    assert normalise(name) == spelling


@pytest.mark.django_db
def test_database():
    assert in_database(*NAMES) == list(NAMES.values())


@pytest.mark.django_db
def test_null_stays_null():
    with connection.cursor() as cursor:
        cursor.execute("SELECT coopdir_normalise(NULL)")
        assert cursor.fetchone() == (None,)


@pytest.mark.django_db
def test_every_character_of_the_world_is_the_same_in_python_and_in_the_database():
    characters = [
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(code)) not in ("Cs", "Cn", "Co") and not 0x1E030 <= code < 0x1E100
    ]
    framed = [f"a{character}B" for character in characters]
    different = [
        (hex(ord(character)), theirs, normalise(name))
        for character, name, theirs in zip(characters, framed, in_database(*framed), strict=True)
        if theirs != normalise(name)
    ]
    assert different == []


class Properties(TestCase):
    """What holds of any text."""

    @given(st.text(KNOWN))
    def test_twins(self, text):
        assert in_database(text) == [normalise(text)]

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_settled_and_trimmed(self, text):
        spelling = normalise(text)
        assert normalise(spelling) == spelling
        assert spelling == " ".join(spelling.split(" ")).strip(" ")
        assert "  " not in spelling
        assert not any("A" <= character <= "Z" for character in spelling)


def test_names_from_right_to_left_stay_in_their_order() -> None:
    assert side_by_side(["Quetigny", "Ψηφίδα", "東京"]) == "Quetigny – Ψηφίδα – 東京"
    assert side_by_side(["בית שמש", "الدار البيضاء"]) == "בית שמש\u200e – الدار البيضاء\u200e"
