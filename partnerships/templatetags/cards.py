"""Agreements in lists."""

from django import template

from partnerships import cards
from partnerships.models import Agreement

register = template.Library()


@register.filter
def card(agreement: Agreement | cards.Card) -> cards.Card:
    """What a list shows of an agreement; a card is that already."""
    return agreement if isinstance(agreement, cards.Card) else cards.card_of(agreement)


@register.filter
def statuses(agreement: Agreement) -> list[tuple[str, str]]:
    """The statuses of an agreement read ``with_statuses``, as far as they are known: codes and words."""
    return cards.statuses(agreement.current_status, agreement.activity, agreement.suspension)
