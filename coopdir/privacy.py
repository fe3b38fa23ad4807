"""Privacy page: personal data that are kept; docs/privacy.md lists them by table."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.functional import Promise, lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.generic import TemplateView

from partnerships.mail import outbox
from partnerships.people import invitations, retention, tokens
from partnerships.review import proposals


@dataclass(frozen=True)
class RetainedData:
    """Kind of personal data that is kept, with the reason and the period."""

    what: str | Promise
    why: str | Promise
    long: str | Promise


def _in_words(span: datetime.timedelta) -> str:
    return ngettext("%(number)s day", "%(number)s days", span.days) % {"number": span.days}


_days = lazy(_in_words, str)  # ``ngettext_lazy(…) % …`` would be in the language of the start


SESSION = datetime.timedelta(seconds=settings.SESSION_COOKIE_AGE)

_VISITOR_DATA = (
    RetainedData(
        _("The address of your connection, as the web server logs it"),
        _("to find faults and attacks"),
        _("some days; whoever runs the site says how many"),
    ),
    RetainedData(
        _("How often something was sent from your address (of an IPv6 address its first half)"),
        _("so that machines neither guess passwords nor flood the site"),
        _("one day at most"),
    ),
    RetainedData(
        _("Name and e-mail address that you give with a proposal, if you do"),
        _("to answer you; only those who decide on it see them"),
        format_lazy(_("{days} after the decision; the text itself stays"), days=_days(retention.KEPT_AFTER_DECISION)),
    ),
    RetainedData(
        _("The e-mail address of a partner who is asked to confirm an agreement"),
        _("to send the question"),
        format_lazy(_("until the answer, {days} at most"), days=_days(proposals.ANSWERED_WITHIN)),
    ),
    RetainedData(
        _("Mails that the site writes to you, and to which address they went"),
        _("to send them again if your mail server is away"),
        format_lazy(_("the text until it is sent or given up, the address {days}"), days=_days(outbox.MAIL_RETENTION)),
    ),
    RetainedData(
        _("Contact persons of agreements, as officers enter them"),
        _("to be asked about the agreement; shown to everybody only where that was agreed"),
        _("until the day that is entered with each"),
    ),
)

_OFFICER_DATA = (
    RetainedData(
        _("Name, e-mail address, mandates, preferences, the password as a hash, second steps of the login"),
        _("to log in, and to know who may write where"),
        _("until the account is closed; you can delete it yourself"),
    ),
    RetainedData(
        _("What you have changed, submitted, decided and said"),
        _("everybody can see how a record came to be; names are shown to those who are logged in"),
        _("for ever; without your name if you delete your account yourself"),
    ),
    RetainedData(
        _("Invitations that nobody accepts"),
        _("to let somebody in"),
        _days(invitations.VALID_FOR),
    ),
    RetainedData(
        _("Forms that were begun and not sent"),
        _("nothing that was typed is lost"),
        format_lazy(_("{days} after the last change"), days=_days(retention.KEPT_UNSENT)),
    ),
    RetainedData(
        _("Files that you import, and what you decided on their names"),
        _("to know who imported what, and to undo it"),
        _("as long as the import; without your name once the account is closed"),
    ),
    RetainedData(_("Logins"), _("to stay logged in"), _days(SESSION)),
    RetainedData(_("Tokens of the API, as a hash"), _("programs that write for you"), _days(tokens.LASTS)),
)


class PrivacyPage(TemplateView):
    """Privacy page: the personal data that are kept, why and how long, and the contact."""

    template_name = "privacy.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        contact = settings.DEFAULT_FROM_EMAIL
        return super().get_context_data(visitors=_VISITOR_DATA, officers=_OFFICER_DATA, contact=contact, **kwargs)
