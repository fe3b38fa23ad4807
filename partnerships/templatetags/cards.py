"""Agreements in lists."""

from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from partnerships.agreements import cards
from partnerships.models import Agreement, Country

register = template.Library()

ENTRY = """\
<li>
  {since}
  <div>
    <h3 class="entry-title"><a href="{url}">{parties}</a></h3>
    <div class="entry-line">{facts} {statuses}</div>
  </div>
</li>
"""
SINCE = '<span class="since"><span class="visually-hidden">{}</span> {}</span>'
UNDATED = '<span class="since unknown"><abbr title="{}">{}</abbr></span>'
WHERE = ' <span class="where">{}</span>'
FACT = "<span>{}</span>"
STATUSES = '<ul class="statuses small">{}</ul>'
STATUS = '<li class="status status-{}">{}</li>'


@register.simple_tag
def entry(agreement: Agreement | cards.AgreementCard) -> SafeString:
    """An agreement in a list.

    In Python, because a page has fifty of them: a template takes six times as long, a fifth of the page's time, and
    Django's ``format_html`` four times as long. So all that is put in is escaped here.
    """
    card = agreement if isinstance(agreement, cards.AgreementCard) else cards.card_of(agreement)
    facts = [card.kind, _("within one country") if card.domestic else "", card.themes]
    return mark_safe(  # noqa: S308 (escaped)
        ENTRY.format(
            since=SINCE.format(escape(_("Signed")), escape(card.year))
            if card.year
            else UNDATED.format(escape(_("year unknown")), escape(_("n. d."))),
            url=escape(card.url),
            parties=" – ".join(
                escape(name) + (WHERE.format(escape(country)) if country else "") for name, country in card.parties
            ),
            facts=" ".join(FACT.format(escape(fact)) for fact in facts if fact),
            statuses=_list_of(card.statuses),
        )
    )


@register.simple_tag
def statuses(agreement: Agreement) -> SafeString:
    """The statuses of an agreement that was read ``with_statuses``, as far as they are known."""
    known = cards.status_labels(agreement.current_status, agreement.activity, agreement.suspension)
    return mark_safe(_list_of(known))  # noqa: S308 (escaped)


def _list_of(known: list[tuple[str, str]]) -> str:
    """The statuses as a list in HTML; empty where none is known."""
    items = "".join(STATUS.format(escape(code), escape(words)) for code, words in known)
    return STATUSES.format(items) if items else ""


@register.filter
def party_countries(agreement: Agreement) -> list[Country]:
    """The countries of an agreement's parties, each once."""
    return list(dict.fromkeys(party.actor.country for party in agreement.parties.all() if party.actor.country))
