"""The totals of the list of agreements, for pages that state them: one definition of what counts, in one place."""

from urllib.parse import urlencode

from django.http import QueryDict
from pyroaring import BitMap

from core.facets.bitmaps import FacetIndex
from partnerships.insights.coverage import Involved
from partnerships.querysets import agreements

from .facets import INDEX, AgreementFacets
from .filters import AgreementFilter


def ask(index: FacetIndex, **question: str) -> AgreementFacets:
    """What the list of agreements counts for a question, by the parameters of its address.

    Raises ``ValueError`` for a question that the list would refuse.
    """
    filterset = AgreementFilter(QueryDict(urlencode(question)), agreements().published())
    if not filterset.form.is_valid():
        raise ValueError(f"no question to the list of agreements: {question}")
    return AgreementFacets(filterset, index)


def towns_taking_part() -> BitMap:
    """The primary keys of the towns that are party to an agreement which counts, published or not."""
    with INDEX.reading() as index:
        return Involved(index, ask(index).records).towns
