"""Searching names: by their normalised spelling first, and for small typos only when that finds nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Model, Q, QuerySet
from rapidfuzz.distance import OSA

from core.text import normalise

MOST_WORDS = 6
"""Limit of words in a search: more than any name has; the rest of a longer text is left aside."""
MOST_SHORT = 3
"""Words of one or two letters that a text is searched for, the first ones: no index finds them, so each is looked for
in all names. The others are left aside; “Saint-Jean-de-la-Ruelle” has two."""
MOST_MISSPELT = 3
"""Words of a text in which typos are forgiven, the longest ones: to look for names that resemble a word takes ten times
as long as to look for it as it stands. The others must be found as they stand."""
_MAX_CANDIDATES = 2000
"""Names that the trigram index may propose for one misspelt word."""


_found: ContextVar[dict[tuple[str, ...], set[int]] | None] = ContextVar("found", default=None)


@contextmanager
def looked_up_once() -> Iterator[None]:
    """Context manager: each misspelt word is looked up only once in each table: for a page that asks about a text in
    several ways."""
    token = _found.set({})
    try:
        yield
    finally:
        _found.reset(token)


def words(text: str) -> list[str]:
    """The words of a text as names are compared: without case, accents and punctuation."""
    found = list(dict.fromkeys(normalise(text).split()))[:MOST_WORDS]
    left_aside = [word for word in found if len(word) <= 2][MOST_SHORT:]
    return [word for word in found if word not in left_aside]


def misspelt(asked: list[str]) -> list[str]:
    """Words of a text in which typos are forgiven."""
    return sorted(asked, key=len, reverse=True)[:MOST_MISSPELT]


def has_word(word: str, *columns: str) -> Q:
    """Condition: one of the normalised `columns` contains the word, anywhere in it.

    One or two letters must begin a word: inside one they mean nothing, and no index could find them.
    """
    condition = Q()
    for column in columns:
        if len(word) >= 3:
            condition |= Q(**{f"{column}__contains": word})
        else:
            condition |= Q(**{f"{column}__startswith": word}) | Q(**{f"{column}__contains": f" {word}"})
    return condition


def typos_allowed(word: str) -> int:
    """Number of typos allowed in a word (letters wrong, missing, surplus or swapped): none in short words, two from six
    letters on."""
    return 0 if len(word) < 4 else 1 if len(word) < 6 else 2


def similar(word: str, names: QuerySet[Model], owner: str = "pk", column: str = "normalised") -> set[int]:
    """The `owner` values of those `names` whose normalised `column` has a word like this one, but for a typo
    or two.

    The trigram index proposes names, generously; the number of wrong letters decides, because a trigram
    score is blind to it: two swapped letters in the middle change half of a word's trigrams.
    """
    allowed = typos_allowed(word)
    if not allowed:
        return set()
    kept = _found.get()
    key = (word, names.model._meta.db_table, owner, column)
    if kept is not None and key in kept:
        return kept[key]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = 0.35")
        resembling = names.filter(**{f"{column}__trigram_word_similar": word})
        nearest = resembling.order_by(TrigramWordSimilarity(word, column).desc())
        candidates = list(nearest.values_list(owner, column)[:_MAX_CANDIDATES])
    found = {
        record
        for record, name in candidates
        if any(OSA.distance(word, other, score_cutoff=allowed) <= allowed for other in name.split())
    }
    if kept is not None:
        kept[key] = found
    return found
