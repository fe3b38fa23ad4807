"""The forms of lists: every filter is offered or kept, whatever the templates know of it."""

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import resolve

from coopdir.changes import ChangesFilter
from core.lists.fieldsets import FormSource
from core.lists.filtersets import ChoicesFilter, DateFilter, Fieldset, ListingFilterSet, SwitchFilter
from partnerships.models import Agreement, CooperationZone, FundingSource, Theme
from tests import factories
from tests.forms import filters_of

LISTS = ("agreements", "towns", "organisations", "networks", "support-bodies", "changes")


def _filterset(name: str) -> type[ListingFilterSet]:
    """The FilterSet of a list."""
    view = resolve(f"/en/{name}/").func.view_class
    return getattr(view, "filterset_class", ChangesFilter)


def _value(one: object) -> str:
    """A value for a filter: the first of its choices, a date, yes, or a reference that nothing has."""
    if isinstance(one, SwitchFilter):
        return "1"
    if isinstance(one, DateFilter):
        return "2001"
    choices = list(getattr(getattr(one, "field", None), "choices", ()))
    return str(choices[0][0]) if choices else "X999"


@pytest.mark.parametrize("name", LISTS)
def test_the_next_click_keeps_every_filter(client: Client, db: None, name: str) -> None:
    factories.agreement()
    for table in (CooperationZone, Theme, FundingSource):
        factories.make(table)
    filters = _filterset(name)().filters
    assert len(filters) > 3
    for parameter, one in filters.items():
        if parameter != "sort":
            value = _value(one)
            page = client.get(f"/en/{name}/?{parameter}={value}").content.decode()
            assert (parameter, value) in filters_of(page), parameter
    together = {parameter: _value(one) for parameter, one in filters.items() if parameter != "sort"}
    page = client.get(f"/en/{name}/", together).content.decode()
    assert set(together.items()) <= set(filters_of(page))


class FewFilters(ListingFilterSet):
    """Three filters, of which the declaration names one."""

    colour = ChoicesFilter(label="Colour", choices=[("red", "Red"), ("blue", "Blue")])
    since = DateFilter(label="Since")
    old = SwitchFilter(label="Old")
    fieldsets = [Fieldset("Looks", ("colour",), opened=("colour",))]

    class Meta:
        model = Agreement
        fields: list[str] = []


def _drawn(filterset: ListingFilterSet, **more: object) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Legends of a form, and its controls."""
    return [
        (str(fieldset.legend), [(one.field.name, one.part, one.opened) for one in fieldset.filters])
        for fieldset in FormSource(filterset, **more).form().fieldsets
    ]


def test_what_no_fieldset_names_stands_in_a_last_one() -> None:
    assert _drawn(FewFilters()) == [
        ("Looks", [("colour", "parts/checks.html", True)]),
        ("More", [("since", "parts/field.html", False), ("old", "parts/switch.html", False)]),
    ]


def test_what_is_not_offered_is_kept() -> None:
    class Kept(FewFilters):
        rest = ""

    question = Kept(QueryDict("colour=red&since=2001&old=1&sort=name&q=x"))
    assert [legend for legend, _controls in _drawn(question)] == ["Looks"]
    assert FormSource(question).form().hidden == [("since", "2001"), ("old", "1")]
    # A counted filter has no control while a wrong question keeps its facet away.
    form = FormSource(question, counted=("colour",)).form()
    assert (form.fieldsets, form.hidden) == ([], [("colour", "red"), ("since", "2001"), ("old", "1")])


def test_a_fieldset_of_what_is_no_filter_cannot_be_declared() -> None:
    with pytest.raises(TypeError, match="Wrong: a fieldset names color, which is no filter here"):
        type("Wrong", (FewFilters,), {"fieldsets": [Fieldset("Looks", ("color",))]})
