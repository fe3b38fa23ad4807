"""The forms of accounts: what is typed; ``partnerships.people.invitations`` knows the rules."""

import re
from typing import Any

from allauth.account import forms as account_forms
from allauth.core import context
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import (
    get_default_password_validators,
    password_validators_help_texts,
    validate_password,
)
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core import throttles
from core.imports.typed_values import MailAddressField
from core.lists.form_fields import choice_field, record_field
from partnerships import permissions
from partnerships.choices import MandateRole
from partnerships.models import Territory
from partnerships.people import invitations

from .passwords import TokensEnd


class LoginForm(account_forms.LoginForm):
    """Login form of allauth with the site's labels."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["remember"].label = _("Stay logged in on this computer")


class ResetPasswordForm(account_forms.ResetPasswordForm):
    """Password reset form of allauth with the site's label and a daily limit of mails."""

    email = account_forms.EmailField(label=_("E-mail address"), required=True)

    def clean_email(self) -> str:
        """Check the site's daily limit of reset mails; the message is the same whether the address has an account or
        not."""
        email: str = super().clean_email()
        if not throttles.site_takes(context.request, "reset_password", count=False):
            raise forms.ValidationError(
                _("The site has sent as many of these mails as it sends in a day. Please come back tomorrow.")
            )
        return email

    def save(self, request: HttpRequest, **kwargs: object) -> str:
        """Send the mail and count it; an unknown address is not counted, so that nobody can use up the site's daily
        limit."""
        if self.users:
            throttles.site_takes(request, "reset_password")
        return str(super().save(request, **kwargs))


class AddEmailForm(account_forms.AddEmailForm):
    """E-mail address form of allauth with the site's label."""

    email = account_forms.EmailField(label=_("New address"), required=True)


class ActivateAppForm(ActivateTOTPForm):
    """Authenticator app form of allauth with the site's labels."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("Code that the app shows")


class AddKeyForm(webauthn_forms.AddWebAuthnForm):
    """Security key form of allauth with the site's labels."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the key")
        self.fields["passwordless"].label = _("Passkey: let it open the account without the password")
        self.fields["passwordless"].help_text = _("The key then asks for a finger, a face or a code of its own.")


class RenameKeyForm(webauthn_forms.EditWebAuthnForm):
    """Form of allauth for renaming a security key, with the site's labels."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the key")


def no_address(name: str) -> None:
    """Refuses a name with an address in it: names stand in mails to people who do not know the site."""
    for part in name.split():
        if re.search(r"[@/:<>]|\.\w\w", part):
            raise forms.ValidationError(_("A name has no address in it: leave “%(part)s” out.") % {"part": part})


class NameForm(forms.Form):
    """Name form: first and last name of a person."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=150,
        validators=[no_address],
        widget=forms.TextInput({"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=150,
        validators=[no_address],
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )


class PreferenceForm(NameForm):
    """Preference form: one's name, and the mails one gets."""

    language = forms.ChoiceField(label=_("Language of mails"), choices=settings.LANGUAGES)
    digest = forms.BooleanField(
        label=_("Send me a digest by mail: what is to verify, to review, was changed or expires soon"), required=False
    )


class AcceptForm(NameForm):
    """A new account: the name and a password."""

    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput({"autocomplete": "new-password"})
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        asked = [one for one in get_default_password_validators() if not isinstance(one, TokensEnd)]
        self.fields["password"].help_text = " ".join(map(str, password_validators_help_texts(asked)))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "password" in data:
            person = User(email=self.email, first_name=data.get("first_name", ""), last_name=data.get("last_name", ""))
            try:
                validate_password(data["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data


class InvitationForm(forms.Form):
    """Invitation form: e-mail address, territory, role and language of the mail."""

    email = MailAddressField(label=_("E-mail address"), widget=forms.EmailInput({"autocomplete": "off"}))
    territory = forms.ModelChoiceField(Territory.objects.none(), label=_("Territory"))
    role = forms.ChoiceField(label=_("Role"), choices=MandateRole)
    language = forms.ChoiceField(label=_("Language of the mail"), choices=settings.LANGUAGES)

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        territory = record_field(self, "territory")
        territory.queryset = writable = permissions.territories_to_appoint_in(by)
        own = [held.territory_id for held in permissions.mandates_of(by) if held.role == MandateRole.COORDINATOR]
        self.initial.setdefault("territory", own[0] if len(own) == 1 else None)
        by_country: dict[str, list[tuple[str, str]]] = {}
        for place in writable.select_related("country").order_by("name"):
            by_country.setdefault(place.country.name, []).append((place.pk, place.name))
        territory.widget.choices = [("", "—"), *sorted(by_country.items())]
        if permissions.is_administrator(by):
            territory.required = False
            everything = (permissions.ADMINISTRATOR, _("administrator: everything, everywhere"))
            choice_field(self, "role").choices = [*MandateRole.choices, everything]

    def clean(self) -> dict[str, Any]:
        """An administrator has no territory; everybody else has one."""
        data = super().clean() or self.cleaned_data
        if data.get("role") == permissions.ADMINISTRATOR:
            return data | {"role": MandateRole.CONTRIBUTOR, "territory": None}
        if "territory" in data and data["territory"] is None:
            self.add_error("territory", _("Choose the territory."))
        return data


class SuccessorForm(forms.Form):
    """Successor form: the person who takes over the mandates of an officer who leaves."""

    to = forms.ModelChoiceField(User.objects.none(), label=_("Successor"), required=False)

    def __init__(self, *args: Any, officer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = User.objects.filter(is_active=True).exclude(pk=officer.pk)
        to = record_field(self, "to")
        to.queryset = others.order_by("last_name", "first_name", "username")
        vars(to)["label_from_instance"] = lambda person: f"{invitations.display_name(person)} · {person.email}"
        to.empty_label = _("nobody: the mandates end")
