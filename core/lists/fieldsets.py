"""The form of a list: its filters in the fieldsets that the FilterSet declares.

No filter can be forgotten: what no fieldset names stands in a last one, and what the form has no control for goes along
in hidden fields.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.forms import BoundField

from core.text import replace_invalid_characters

from ..facets.counts import Facet
from .filtersets import Fieldset, ListingFilterSet
from .form_fields import StrOrPromise

_PLACED = frozenset({"q", "sort"})
"""Filters that have their own place in the page."""


@dataclass(frozen=True)
class OfferedFilter:
    """Control of a filter: the template that draws it, the bound field, and its counts or choices."""

    part: str
    field: BoundField
    facet: Facet | None
    choices: Sequence[tuple[str, StrOrPromise]]
    opened: bool

    @property
    def is_paired(self) -> bool:
        """True if it stands beside its neighbour: dates do."""
        return self.part == "parts/field.html"


@dataclass(frozen=True)
class OfferedFieldset:
    """Fieldset of the form: its legend and the controls in it."""

    legend: StrOrPromise
    filters: list[OfferedFilter]


@dataclass(frozen=True)
class FiltersForm:
    """Form of a list: its fieldsets, and the parameters and values that go along hidden."""

    fieldsets: list[OfferedFieldset]
    hidden: list[tuple[str, str]]


@dataclass(frozen=True)
class FormSource:
    """Material of the form of a list: the FilterSet, the filters that are counted, their facets (none where the
    question is wrong), and choices for filters that have none of their own."""

    question: ListingFilterSet
    counted: Container[str] = ()
    facets: Mapping[str, Facet] = field(default_factory=dict)
    choices: Mapping[str, Sequence[tuple[str, StrOrPromise]]] = field(default_factory=dict)

    def form(self) -> FiltersForm:
        """The form."""
        fieldsets = [
            OfferedFieldset(declared.legend, offered)
            for declared in self._declared()
            if (offered := list(self._offered(declared)))
        ]
        shown = {one.field.name for fieldset in fieldsets for one in fieldset.filters} | _PLACED
        given = ((name, replace_invalid_characters(value)) for name, value in self.question.given if name not in shown)
        return FiltersForm(fieldsets, list(given))

    def _declared(self) -> list[Fieldset]:
        """The fieldsets of the declaration, and one of all that they do not name."""
        named = {name for fieldset in self.question.fieldsets for name in fieldset.filters} | _PLACED
        rest = tuple(name for name in self.question.filters if name not in named)
        return [*self.question.fieldsets, *([Fieldset(self.question.rest, rest)] if self.question.rest else [])]

    def _offered(self, fieldset: Fieldset) -> Iterator[OfferedFilter]:
        for name in fieldset.filters:
            if part := self._part(name):
                bound = self.question.form[name]
                choices = self.choices.get(name, getattr(bound.field, "choices", ()))
                yield OfferedFilter(part, bound, self.facets.get(name), choices, name in fieldset.opened)

    def _part(self, name: str) -> str:
        """The template that draws a filter; empty if it has no control."""
        if name in self.counted:
            return "parts/facet.html" if name in self.facets else ""
        if name in self.choices:
            return "parts/select.html"
        return str(getattr(self.question.filters[name], "part", ""))
