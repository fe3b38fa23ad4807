"""References of parties: one spelling, and whom they name."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partnerships.models import GazetteerPlace, Organisation, Town
from partnerships.places.party_refs import ACTOR_MODELS, PartyKind, PartyRef, actors_of, party_key
from tests import factories as f

NUMBERS = st.integers(1, 10**18 - 1).map(str)
HASHES = st.from_regex("[0-9a-f]{1,32}", fullmatch=True)
KEYS = {
    PartyKind.TOWN: NUMBERS,
    PartyKind.ORGANISATION: NUMBERS,
    PartyKind.PLACE: NUMBERS,
    PartyKind.TERRITORY: st.from_regex("[A-Z]{2}-[A-Z0-9]{1,7}", fullmatch=True),
    PartyKind.NEW_TOWN: HASHES,
    PartyKind.NEW_ORGANISATION: HASHES,
}
REFS = st.sampled_from(PartyKind).flatmap(lambda kind: KEYS[kind].map(kind.ref))


@given(REFS)
def test_a_reference_is_read_as_it_is_written(ref: PartyRef) -> None:
    assert PartyRef.parse(str(ref)) == ref


@given(st.text(st.sampled_from("togrnmpa0123456789FR-\n ٣")) | st.text())
def test_a_text_is_a_reference_in_its_one_spelling_or_is_refused(text: str) -> None:
    try:
        ref = PartyRef.parse(text)
    except ValueError:
        return
    assert str(ref) == re.sub("^a", "r", re.sub("^p", "g", text))


@pytest.mark.parametrize(
    "text",
    ["", "t", "t0", "t012", "t-1", "t+1", "t 1", "t1 ", "t1\n", "t١", "T1", "12", "x12", "t1,t2", "tFR-21", "rFR 21",
     "r", "nxyz", "n", f"t{10**18}", f"n{'0' * 33}", "new", "parties-0"],
)  # fmt: skip
def test_other_spellings_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no reference of a party"):
        PartyRef.parse(text)


def test_what_imports_wrote_before_is_read() -> None:
    assert PartyRef.parse("p123") == PartyRef.parse("g123") == PartyKind.PLACE.ref(123)
    assert PartyRef.parse("aFR-21") == PartyRef.parse("rFR-21") == PartyKind.TERRITORY.ref("FR-21")


def test_kinds_tell_what_a_party_is() -> None:
    assert {kind for kind in PartyKind if kind.ref(1).is_stored} == {PartyKind.TOWN, PartyKind.ORGANISATION}
    assert {kind for kind in PartyKind if not kind.ref(1).is_town} == {
        PartyKind.ORGANISATION,
        PartyKind.NEW_ORGANISATION,
    }


@pytest.mark.django_db
def test_a_record_is_found_by_its_reference() -> None:
    place = f.make(GazetteerPlace, name="Bamako", country=f.country("ML"))
    records = [f.town("Dijon"), f.organisation("School"), place, f.territory("FR-BFC")]
    refs = [PartyRef.of(record) for record in records]
    assert [type(record) for record in records] == [ACTOR_MODELS[ref.kind] for ref in refs]
    gone = [PartyKind.TOWN.ref(10**9), PartyKind.NEW_TOWN.ref(0)]
    assert actors_of([*refs, *gone]) == dict(zip(refs, records, strict=True))


@pytest.mark.django_db
def test_the_key_of_parties_is_that_of_the_database() -> None:
    towns, school = [f.town("Dijon"), f.town("Mainz")], f.organisation("School")
    agreement = f.agreement(*towns, school)
    agreement.refresh_from_db()
    refs = [PartyRef.of(record) for record in (school, *reversed(towns))]
    assert party_key([*refs, refs[0]]) == agreement.party_key
    assert [ref.columns for ref in refs[:2]] == [{"organisation_id": school.pk}, {"town_id": towns[1].pk}]
    assert PartyRef.of_columns(None, school.pk) == refs[0]
    assert PartyRef.of_columns(towns[1].pk, None) == refs[1]
    assert {type(record) for record in actors_of(refs).values()} == {Town, Organisation}
    numbers = [PartyKind.TOWN.ref(number) for number in (10, 9)]
    new = [PartyKind.NEW_TOWN.ref("a"), PartyKind.NEW_ORGANISATION.ref("b")]
    assert party_key([*new, *numbers, refs[0]]) == f"t9,t10,na,{refs[0]},mb"
