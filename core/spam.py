"""Spam protection of public forms, without a third party: an empty field that only a machine fills (honeypot), and a
signed time stamp that says how long the form was read. The number that one address may send is limited by
``core.throttles``, beside the passwords."""

import datetime
from copy import copy
from typing import Any

from django import forms
from django.core import signing
from django.utils.translation import gettext as _

FASTEST = datetime.timedelta(seconds=3)
"""Shortest time in which a person reads and fills a form."""
SLOWEST = datetime.timedelta(hours=12)
"""A form is not kept for later, by the thousand."""

_signer = signing.TimestampSigner(salt="coopdir.guard")


class GuardedForm(forms.Form):
    """A form for people without an account.

    What it refuses it refuses with a word, and what was typed stays: sent once more, it passes.
    """

    trap = "website"
    """The field that only a machine fills."""
    website = forms.CharField(  # a name that machines like
        required=False, widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"})
    )
    stamp = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("stamp", _signer.sign(""))

    def clean(self) -> dict[str, Any]:
        """Check the two traps (honeypot and time stamp) before anything else."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get(self.trap):
            raise forms.ValidationError(_("One field of this form is for machines. Leave it empty, please."))
        stamp = cleaned.get("stamp", "")
        try:
            _signer.unsign(stamp, max_age=SLOWEST)
        except signing.BadSignature:
            self._renew_stamp()
            raise forms.ValidationError(_("This page was open for long. Please send it once more.")) from None
        try:
            _signer.unsign(stamp, max_age=FASTEST)
        except signing.SignatureExpired:
            return cleaned
        raise forms.ValidationError(_("That was faster than people write. Please read it over, and send it once more."))

    def _renew_stamp(self) -> None:
        data: Any = copy(self.data)
        data[self.add_prefix("stamp")] = _signer.sign("")
        self.data = data
