"""Search of networks and support bodies by a word in their names: full names, acronyms and alternative names.

Both tables are small, so their names are normalised as they are read.
"""

from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from core.fields import Normalise
from core.lists.text_search import has_word, similar

from .models import Network, NetworkName, SupportBody


def networks_with_names_text() -> QuerySet[Network]:
    """Networks with all their own names as one normalised text, ``names_text``."""
    return Network.objects.annotate(
        names_text=Normalise(
            Concat(F("acronym"), Value(" "), F("name_en"), Value(" "), F("name_fr"), output_field=TextField())
        )
    )


def support_body_names() -> QuerySet[SupportBody]:
    """Support bodies with all their names as one normalised text, ``names_text``."""
    return SupportBody.objects.annotate(
        names_text=Normalise(Concat(F("acronym"), Value(" "), F("name"), output_field=TextField()))
    )


def network_has(word: str) -> Q:
    """Condition on networks: one of the names contains the word."""
    own = networks_with_names_text().filter(has_word(word, "names_text"))
    other = NetworkName.objects.filter(has_word(word, "normalised"))
    return Q(pk__in=own.values("pk")) | Q(pk__in=other.values("network"))


def network_resembles(word: str) -> Q:
    """Condition on networks: one of the names has a word like this one, but for a typo or two."""
    own = similar(word, networks_with_names_text(), column="names_text")
    return Q(pk__in=own | similar(word, NetworkName.objects.all(), "network"))


def support_body_has(word: str) -> Q:
    """Condition on support bodies: one of the names contains the word."""
    return Q(pk__in=support_body_names().filter(has_word(word, "names_text")).values("pk"))


def support_body_resembles(word: str) -> Q:
    """Condition on support bodies: one of the names has a word like this one, but for a typo or two."""
    return Q(pk__in=similar(word, support_body_names(), column="names_text"))
