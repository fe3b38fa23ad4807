"""Search of the administration: words are found whatever their case and accents."""

from functools import reduce
from operator import or_

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import HttpRequest

from core.fields import Normalise
from core.lists.text_search import has_word, words
from core.text import normalise

from .autocomplete import LabelledAdmin


class SearchedAdmin(LabelledAdmin):
    """Admin that is searched by words.

    `search_fields` are words of our own search, which ignores case and accents: a text column; ``=column`` for an
    identifier that must be met whole; a foreign key, which is searched as its own admin is; and any path through other
    tables.
    """

    def has(self, word: str) -> Q:
        """Condition: the record has the normalised word in one of its searched columns."""
        return reduce(or_, (self._column_has(word, path) for path in self.search_fields), Q(pk__in=[]))

    def _column_has(self, word: str, path: str) -> Q:
        name = path.removeprefix("=")
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            field = None  # a path through other tables
        if path != name:
            if isinstance(field, models.IntegerField):
                return Q(**{name: word}) if word.isdecimal() and len(word) < 10 else Q(pk__in=[])
            return Q(**{f"{name}__iexact": word})
        if isinstance(field, models.ForeignKey):
            related = self.admin_site.get_model_admin(field.related_model)
            if not isinstance(related, SearchedAdmin):
                return Q(**{f"{name}__{get_user_model().USERNAME_FIELD}__icontains": word})
            return Q(**{f"{name}__in": field.related_model._default_manager.filter(related.has(word)).values("pk")})
        if isinstance(field, models.GeneratedField):
            return has_word(word, name)
        spelt = self.model._default_manager.order_by().alias(spelt=Normalise(F(name)))
        return Q(pk__in=spelt.filter(has_word(word, "spelt")).values("pk"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[models.Model], search_term: str
    ) -> tuple[QuerySet[models.Model], bool]:
        """Records that have every word of the search; while one types a choice, those that begin so come first."""
        if not search_term.strip():
            return queryset, False
        sought = words(search_term)
        if not sought:
            return queryset.none(), False
        for word in sought:
            queryset = queryset.filter(self.has(word))
        columns = {field.name for field in self.opts.local_fields}
        if request.resolver_match and request.resolver_match.url_name == "autocomplete" and "normalised" in columns:
            name = normalise(search_term)
            nearness = Case(When(normalised=name, then=0), When(normalised__startswith=name, then=1), default=Value(2))
            largest = [F("population").desc(nulls_last=True)] if "population" in columns else []
            queryset = queryset.order_by(nearness, *largest, "normalised", "pk")
        return queryset, False
