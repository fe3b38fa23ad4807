"""Facets as a page shows them: the choices of a filter, each with how many records it would give."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..lists.filtersets import ListingFilterSet
from ..lists.form_fields import StrOrPromise


@dataclass(frozen=True)
class FacetChoice:
    """A value of a filter: its label, the number of records it would give, and whether it is chosen."""

    value: str
    label: StrOrPromise
    count: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A filter's choices; whether there are more than are shown; and whether the reader asked for all of them."""

    name: str
    label: StrOrPromise
    choices: list[FacetChoice]
    more: bool
    whole: bool = False

    @property
    def chosen(self) -> bool:
        """True if any value is chosen."""
        return any(choice.chosen for choice in self.choices)


def facet(
    question: ListingFilterSet, name: str, counts: Mapping[str, int], labels: Mapping[str, StrOrPromise], *, more: bool
) -> Facet:
    """The choices of a filter that have records or are chosen.

    `counts` and `labels` are by value. Where the filter has a list of its own, the choices keep its order; where it is
    too long for one, or shown in part, the most frequent come first.
    """
    chosen = [str(value) for value in question.form[name].value() or ()]
    values: Iterable[str] = dict.fromkeys([*counts, *chosen])
    listed = list(getattr(question.form.fields[name], "choices", ()))
    if listed and not more:
        order = {value: position for position, (value, _label) in enumerate(listed)}
        values = sorted(values, key=lambda value: order.get(value, len(order)))
    else:
        values = sorted(values, key=lambda value: (-counts.get(value, 0), str(labels.get(value, value))))
    return Facet(
        name=name,
        label=question.filters[name].label or "",
        choices=[
            FacetChoice(value, labels.get(value, value), counts.get(value, 0), value in chosen) for value in values
        ],
        more=more,
    )
