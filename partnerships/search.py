"""Search of towns and organisations by a word in their names: their own names and the alternative ones."""

from django.db.models import Q

from core.lists.text_search import has_word, similar

from .models import Organisation, OrganisationName, Town, TownName


def town_has(word: str) -> Q:
    """Condition on towns: one of the town's names contains the word."""
    own = Town.objects.filter(has_word(word, "normalised")).order_by().values("pk")
    other = TownName.objects.filter(has_word(word, "normalised")).order_by().values("town")
    return Q(pk__in=own.union(other))


def town_resembles(word: str) -> Q:
    """Condition on towns: one of the town's names has a word like this one, but for a typo or two."""
    return Q(pk__in=similar(word, Town.objects.all()) | similar(word, TownName.objects.all(), "town"))


def organisation_has(word: str) -> Q:
    """Condition on organisations: one of the names contains the word, or the acronym is the word."""
    named = has_word(word, "normalised") | Q(acronym__iexact=word)
    own = Organisation.objects.filter(named).order_by().values("pk")
    other = OrganisationName.objects.filter(has_word(word, "normalised")).order_by().values("organisation")
    return Q(pk__in=own.union(other))


def organisation_resembles(word: str) -> Q:
    """Condition on organisations: one of the names has a word like this one, but for a typo or two."""
    return Q(
        pk__in=similar(word, Organisation.objects.all()) | similar(word, OrganisationName.objects.all(), "organisation")
    )
