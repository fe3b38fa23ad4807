"""Two people who began with the same content: nothing that only one of them changed is lost."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partnerships.editing import snapshot
from partnerships.editing.three_way import merge_contents
from tests.properties import examples

parties = st.lists(
    st.builds(
        lambda number, joined: {"actor": f"t{number}", "role": "partner", "joined": joined, "left": None},
        st.integers(1, 4),
        st.sampled_from([None, "1986", "1990"]),
    ),
    unique_by=lambda party: party["actor"],
    max_size=3,
)
contents = st.builds(
    lambda **changed: snapshot.empty() | changed,
    signed=st.sampled_from([None, "1958", "1959"]),
    description_en=st.sampled_from(["", "One", "Two"]),
    parties=parties,
    themes=st.lists(st.sampled_from(["health", "water"]), unique=True).map(sorted),
)


def rows(found: snapshot.Content) -> dict[str, Any]:
    parties = sorted(found["parties"], key=lambda party: party["actor"])
    return found | {"parties": parties, "themes": sorted(found["themes"])}


def test_two_editors_are_brought_together_by_field() -> None:
    base = snapshot.empty() | {"signed": "1990"}
    mine, theirs = base | {"signed": "1991"}, base | {"description_en": "Wells"}
    merged = merge_contents(base, mine, theirs)
    assert (merged.content["signed"], merged.content["description_en"], merged.both) == ("1991", "Wells", [])
    theirs = base | {"signed": "1992"}
    for began in (base, None):
        merged = merge_contents(began, mine, theirs)
        assert ([place.id for place in merged.both], merged.content["signed"]) == (["signed"], "1991")
        assert merge_contents(began, mine, theirs, {"signed": "theirs"}).content["signed"] == "1992"


@pytest.mark.parametrize(("chosen", "joined"), [("mine", "1994"), ("theirs", "1993")])
def test_a_choice_for_one_field_of_a_party_leaves_its_others(chosen: str, joined: str) -> None:
    party = {"actor": "t1", "role": "partner", "joined": None, "left": None}
    base, mine, theirs = (
        snapshot.empty() | {"parties": [party | changed]}
        for changed in ({}, {"joined": "1994", "left": "2004"}, {"joined": "1993", "role": "lead"})
    )
    merged = merge_contents(base, mine, theirs, {"parties-t1": chosen})
    assert [place.id for place in merged.both] == ["parties-t1"]
    assert merged.content["parties"] == [{"actor": "t1", "role": "lead", "joined": joined, "left": "2004"}]


@settings(max_examples=examples(40))
@given(contents, contents, contents)
def test_what_one_alone_changed_is_kept(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert merge_contents(base, mine, base).content["parties"] == mine["parties"]  # in my order
    assert rows(merge_contents(base, mine, base).content) == rows(mine)
    assert rows(merge_contents(base, base, theirs).content) == rows(theirs)
    merged = merge_contents(base, mine, theirs)
    for column in ("signed", "description_en"):
        changed = {version[column] for version in (mine, theirs)} - {base[column]}
        is_settled = column not in {place.name for place in merged.both}
        assert is_settled == (len(changed) < 2)
        if is_settled:
            assert merged.content[column] == (changed.pop() if changed else base[column])
    chosen = {place.id: "theirs" for place in merged.both}
    other_way = merge_contents(base, theirs, mine, {place.id: "mine" for place in merged.both})
    assert rows(merge_contents(base, mine, theirs, chosen).content) == rows(other_way.content)
    for theme in ("health", "water"):  # of a row that is there or not, two changes are always the same one
        versions = [theme in version["themes"] for version in (mine, theirs)]
        before = theme in base["themes"]
        assert (theme in merged.content["themes"]) == ((not before) if (not before) in versions else before)
