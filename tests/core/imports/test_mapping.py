"""Headers must fit the layout: what does not is named, with what may be meant, before anything is read."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.imports.errors import ImportRefused
from core.imports.mapping import WrongHeaders
from core.imports.models import ImportBatch
from core.imports.readers.limits import Unreadable
from partnerships.models import Source
from tests.importing import load_file, outcomes
from tests.properties import examples

pytestmark = pytest.mark.django_db

PAIR = "party_1,country_1,party_2,country_2"


def refused(content: str, resource: str = "agreements", **options: object) -> str:
    """What is said of a file whose headers are refused; nothing may have been written."""
    with pytest.raises(WrongHeaders) as caught:
        load_file(resource, content.encode(), **options)
    assert not ImportBatch.objects.exists()
    assert not Source.objects.exists()
    return "\n".join(caught.value.messages)


@pytest.mark.parametrize(
    ("headers", "options", "messages"),
    [
        (f"kind,{PAIR},Territoire", {}, ["header “Territoire” is not known"]),
        (
            f"Kind,{PAIR}",
            {},
            ["“Kind” is not known: rename or remove it, or map it. Is “kind” meant?", "“kind” is missing"],
        ),
        (f"kind,{PAIR},sined", {}, ["“sined” is not known", "Is “signed” meant?"]),
        ("kind,party_1", {}, ["column “party_2” is missing"]),
        ("signed", {}, ["“kind” is missing", "“party_1” is missing", "“party_2” is missing"]),
        (f"kind,{PAIR},kind", {}, ["header “kind” occurs 2 times"]),
        (f"kind,,{PAIR}", {}, ["Column 2 of the file has no header"]),
        (f"kind,{PAIR},party_100", {}, ["“party_100” is not known"]),
        (f"kind,{PAIR},party_0", {}, ["“party_0” is not known"]),
        (f"kind,{PAIR},nonsense_3", {}, ["“nonsense_3” is not known"]),
        (f"kind,{PAIR}", {"constants": {"kind": "twinning"}}, ["“kind” is in the file and has a constant"]),
        (PAIR, {"constants": {"knd": "twinning"}}, ["“knd” is no column of this layout. Is “kind” meant?"]),
        (PAIR, {"constants": {"kind": "marriage"}}, ["The constant “marriage” of the column “kind”", "use one of"]),
        (PAIR, {"constants": {"kind": "twinning\0"}}, ["cannot be stored"]),
        (PAIR, {"constants": {"kind": "\ud800"}}, ["cannot be stored"]),
        (f"art,{PAIR}", {"mapping": {"kind": "Art"}}, ["header “Art” is not in the file. Is “art” meant?"]),
        (f"art,{PAIR}", {"mapping": {"genre": "art"}}, ["“genre” is no column"]),
        (
            f"art,{PAIR}",
            {"mapping": {"kind": "art"}, "constants": {"kind": "twinning"}},
            ["“kind” is filled from several places"],
        ),
        (f"art,art,{PAIR}", {"mapping": {"kind": "art"}}, ["header “art” occurs 2 times"]),
        (
            f"kind,text,{PAIR}",
            {"mapping": {"description": "text", "description_fr": "text"}},
            ["“text” is mapped to several columns"],
        ),
    ],
)
def test_wrong_headers_are_named(headers: str, options: dict[str, object], messages: list[str]):
    said = refused(f"{headers}\n", **options)
    for message in messages:
        assert message in said


def test_all_that_is_wrong_is_said_at_once():
    assert len(refused("kind,kind,,colour,party_1\n").splitlines()) == 4


def test_headers_that_nobody_asked_for_are_left_out_of_a_foreign_file():
    content = b"Ville,Pays,Distance,reference\n"
    imported = load_file("towns", content, mapping={"name": "Ville", "country": "Pays"})
    assert imported.ignored == ["Distance"]


def test_blank_headers_at_the_end_are_trailing_delimiters():
    imported = load_file("sources", b"title,url,,\nA,,,\nB,,x,\n")
    assert outcomes(imported) == ["created", "refused"]
    assert imported.refused[0].faults[0].reason.startswith("The row has 4 cells, the header 2")
    assert outcomes(load_file("sources", b"title,url\nC,,\nD,,x\n")) == ["created", "refused"]


def test_a_file_that_names_its_records_may_leave_columns_out():
    assert load_file("agreements", b"reference,activity\n").rows == []


def test_the_ninety_ninth_party_has_columns():
    assert load_file("agreements", f"kind,{PAIR},party_99,role_99\n".encode()).rows == []


def test_the_first_header_may_follow_a_byte_order_mark():
    assert outcomes(load_file("sources", "\ufeff title \u00a0,url\nA,\n".encode())) == ["created"]


def test_headers_repeated_in_the_data_are_refused():
    imported = load_file("sources", b"title,url\nA,\ntitle,url\n")
    assert outcomes(imported) == ["created", "refused"]
    assert [fault.reason for fault in imported.refused[0].faults] == ["The row repeats the headers: remove it."]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ({"source_title": " "}, "title of its source is missing"),
        ({"source_licence": "CC BY-SA 4.0"}, "cannot be published under CC BY 4.0"),
        ({"source_licence": "ODbL"}, "“ODbL” cannot be published"),
        ({"source_licence": "CC-BY-NC-4.0"}, "cannot be published"),
        ({"source_licence": "CC BY-ND 4.0"}, "cannot be published"),
        ({"source_licence": ""}, "cannot be published"),
        ({"source_url": "not an address"}, "valid URL"),
        ({"source_title": "x" * 301}, "at most 300"),
        ({"source_url": "https://example.org/" + "x" * 500}, "at most 500"),
    ],
)
def test_a_file_says_where_it_comes_from(source: dict[str, str], message: str):
    with pytest.raises(ImportRefused, match=message):
        load_file("sources", b"title\nA\n", source={"source_title": "A file", "source_licence": "CC0-1.0"} | source)
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("written", "licence"),
    [
        ("CC0", "CC0-1.0"),
        ("cc by 4.0", "CC-BY-4.0"),
        ("CC-BY 3.0", "CC-BY-3.0"),
        ("Licence Ouverte 2.0", "etalab-2.0"),
        ("ODC-By", "ODC-By-1.0"),
    ],
)
def test_a_licence_is_known_however_it_is_written(written: str, licence: str):
    source = {"source_title": "A file", "source_licence": written}
    assert load_file("sources", b"title\nA\n", source=source).batch.source_licence == licence


WORDS = st.sampled_from(
    ["kind", "signed", "party_1", "code_1", "party_2", "party_3", "Foo", "", " kind", "source", "reference", "role_9"]
)


@settings(max_examples=examples(20))
@given(
    st.lists(WORDS, max_size=6) | st.lists(st.text(max_size=6), max_size=4),
    st.dictionaries(WORDS, WORDS, max_size=2),
    st.dictionaries(WORDS, st.sampled_from(["twinning", "x", "", "\0", "1986"]), max_size=2),
    st.binary(max_size=40),
)
def test_any_headers_mapping_and_constants(headers, mapping, constants, tail):
    content = ",".join(headers).encode(errors="replace") + b"\n" + tail
    with suppress(WrongHeaders, Unreadable, ImportRefused):
        load_file("agreements", content, mapping=mapping, constants=constants)
