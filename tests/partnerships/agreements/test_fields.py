"""Completeness: every column of an agreement stands in every door, or in a list of exceptions with its reason."""

import json
import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets

from coopdir.api.agreement_schema import SCHEMA
from coopdir.api.body_validation import body_faults
from core.facets.query import Faceted
from core.imports.registry import resources
from core.lists.filtersets import ChoicesFilter
from partnerships.agreements import fields
from partnerships.agreements.content_lists import plain_value
from partnerships.agreements.facets import DECLARED
from partnerships.agreements.fields import AGREEMENT_FIELDS, NOT_DECLARED, AgreementField, FieldValue
from partnerships.agreements.filters import AgreementFilter
from partnerships.agreements.json_records import AGREEMENTS
from partnerships.choices import Activity
from partnerships.editing import snapshot
from partnerships.editing.form_parts import MainPart
from partnerships.editing.typed_fields import blank
from partnerships.models import Agreement

BY_NAME = {one.name: one for one in AGREEMENT_FIELDS}
OUTSIDE_CONTENT = {"verified_on": "verifying is an action, which says who did"}
OUTSIDE_FILES = {"mailbox": "no addresses of mail in bulk"}


def test_every_column_is_declared_or_excepted_with_a_reason() -> None:
    columns = {column.name for column in Agreement._meta.concrete_fields}
    assert columns == BY_NAME.keys() | NOT_DECLARED.keys()
    assert not BY_NAME.keys() & NOT_DECLARED.keys()
    assert all(NOT_DECLARED.values())
    assert {one.name for one in AGREEMENT_FIELDS if not one.content} == OUTSIDE_CONTENT.keys()
    assert {one.name for one in AGREEMENT_FIELDS if not one.in_files} == OUTSIDE_FILES.keys()


@pytest.mark.parametrize("name", BY_NAME)
def test_a_field_is_in_every_door(name: str, db: None) -> None:
    own: AgreementField = BY_NAME[name]
    layout = resources()["agreements"]()
    column = layout.fields.get(own.column_name)
    assert (column is not None) is own.in_files
    assert column is None or column.target == name
    assert name in {member.name for member in AGREEMENTS.members}
    assert name in flatten_fieldsets(admin.site._registry[Agreement].fieldsets)
    for door in (snapshot.empty(), SCHEMA["properties"], MainPart(blank()).fields):
        assert (name in door) is own.content


KINDS: list[tuple[FieldValue, str, Any]] = [
    # A kind of value, how a file may write one, and what a content holds.
    (fields.PartialDateValue(), "mai 1986", "1986-05"),
    (fields.DayValue(), "24 mai 1986", "1986-05-24"),
    (fields.BooleanValue(), "oui", True),
    (fields.ChoiceValue(Activity), "Active", "active"),
    (fields.TextValue(), "A text", "A text"),
    (fields.EmailValue(), "office@example.org", "office@example.org"),
]


def test_every_kind_of_value_is_tried() -> None:
    offered = {one for one in vars(fields).values() if isinstance(one, type) and issubclass(one, FieldValue)}
    assert {type(value) for value, _cell, _stored in KINDS} == offered - {FieldValue}


@pytest.mark.parametrize(("value", "cell", "stored"), KINDS)
def test_a_kind_of_value_goes_through_every_door(value: FieldValue, cell: str, stored: Any) -> None:
    assert plain_value(value.cell().clean(cell)) == stored
    field = value.form_field(None, label="x", help_text="", required=False)
    assert field.clean(value.typed(stored)) == stored
    assert not field.clean("")
    assert not body_faults(stored, value.given_schema())
    assert not body_faults(json.loads(json.dumps(stored)), value.schema())
    assert value.read(stored) == stored
    assert value.words(stored)


def test_every_filter_says_how_the_index_is_asked() -> None:
    assert DECLARED.keys() == AgreementFilter.base_filters.keys() - {"sort"}
    assert {name for name, one in DECLARED.items() if one.role == "rule"} == {"past"}


def test_a_filter_in_sql_alone_cannot_be_written() -> None:
    with pytest.raises(TypeError, match=r"colour: a filter of an indexed list needs facet="):
        type("Wrong", (AgreementFilter,), {"colour": ChoicesFilter(choices=[])})


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        (("sideways",), r'Faceted("sideways"): no such role; the roles are own, joint, partner, among, rule'),
        (("own",), r'Faceted("own") needs reading=… or dimension=…; it has nothing'),
        (("own", list, None, "kind"), r'Faceted("own") needs reading=… or dimension=…; it has reading and dimension'),
        (("own", None, None, "", list), r'Faceted("own") needs reading=… or dimension=…; it has places'),
        (("joint",), r'Faceted("joint") needs reading=… or dimension=… or places=…; it has nothing'),
        (("partner",), r'Faceted("partner") needs reading=… or dimension=…; it has nothing'),
        (("among",), r'Faceted("among") needs among=…; it has nothing'),
        (("rule", list), r'Faceted("rule") needs nothing; it has reading'),
        (("partner", None, list, "country"), r'Faceted("partner"): past=… takes the place of a reading'),
    ],
)
def test_a_facet_that_the_index_would_pass_over_cannot_be_declared(declared: tuple, told: str) -> None:
    with pytest.raises(TypeError, match=re.escape(told)):
        Faceted(*declared)


def test_a_dimension_that_nothing_reads_cannot_be_declared() -> None:
    colour = ChoicesFilter(choices=[], facet=Faceted("own", dimension="color"))
    with pytest.raises(TypeError, match=r"colour: no filter reads the dimension “color”"):
        type("Wrong", (AgreementFilter,), {"colour": colour})
