"""``MFA_REQUIRED_ROLES``: without the second factor that a role asks for, it gives nothing, wherever it is asked."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.test import Client

from core import shares
from partnerships import permissions
from partnerships.editing import actions
from partnerships.mail import notifications
from partnerships.models import Agreement, Attachment, FormDraft, Mandate, OutgoingMail, Submission
from partnerships.people import invitations, tokens
from tests import factories as f
from tests.accounts import with_app

STEPS = "/en/account/steps/"


@pytest.fixture(autouse=True)
def _officers_need_one(settings: LazySettings, db: None) -> None:
    settings.MFA_REQUIRED_ROLES = {"officer"}
    shares.reset_shares()


@pytest.fixture
def user(db: None) -> User:
    """An officer of one region, and a contributor of another."""
    somebody = f.user("vera", email="vera@example.org")
    f.make(Mandate, user=somebody, territory=f.territory("FR-BFC"), role="officer")
    f.make(Mandate, user=somebody, territory=f.territory("FR-BRE"), role="contributor")
    return somebody


def draft_in(territory: str) -> Agreement:
    """An agreement that has not been published."""
    town = f.town(f"Town of {territory}", territory=f.territory(territory))
    return f.agreement(town, f.town("Mainz", "DE"), publication="draft")


def browser(user: User) -> Client:
    """A browser in which somebody is logged in."""
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client


def pages_of(draft: Agreement) -> list[str]:
    """What is seen of a draft by right of a role."""
    attachment = f.make(Attachment, agreement=draft, file=ContentFile(b"%PDF-1.4", "charter.pdf"))
    page = f"/en/agreements/{draft.reference}/"
    return [page, f"{page}history/", f"/documents/{attachment.pk}/"]


def statuses(user: User, paths: list[str]) -> set[int]:
    """How the pages answer, at the end of all redirects."""
    return {browser(user).get(path, follow=True).status_code for path in paths}


def test_drafts_their_history_and_documents(user: User) -> None:
    closed, open_ = pages_of(draft_in("FR-BFC")), pages_of(draft_in("FR-BRE"))
    assert statuses(user, closed) == {404}
    assert statuses(user, open_) == {200}  # the other role asks for none
    with_app(user)
    assert statuses(user, closed + open_) == {200}


def test_forms_keep_nothing_and_lead_to_where_one_is_set_up(user: User) -> None:
    published = f.agreement(f.town("Dijon", territory=f.territory("FR-BFC")), f.town("Mainz", "DE"))
    client = browser(user)
    path = f"/en/my/agreements/{published.reference}/edit/"
    assert client.get(path)["Location"] == STEPS
    assert client.post(path, {"do": "save"})["Location"] == STEPS
    keep = {"agreement": published.reference, "description_en": "x"}
    by_script = {"Sec-Fetch-Mode": "cors"}
    assert client.post("/en/my/forms/", keep, headers=by_script).status_code == 403
    assert not FormDraft.objects.exists()
    with_app(user)
    assert browser(user).post("/en/my/forms/", keep, headers=by_script).status_code == 200


def test_every_page_says_why(user: User) -> None:
    words = "Your role asks for a second step at login"
    assert words in browser(user).get("/en/towns/").text
    with_app(user)
    assert words not in browser(user).get("/en/towns/").text


@pytest.mark.parametrize(("territory", "needed"), [("FR-BFC", True), ("FR-BRE", False)])
def test_a_token_works_while_its_owner_has_one(user: User, territory: str, needed: bool) -> None:
    authenticator = with_app(user).authenticator_set.get()
    mandate = user.mandates.get(territory=territory)
    _token, secret = tokens.create_token(by=User.objects.get(pk=user.pk), mandate=mandate, name="x")
    draft = draft_in(territory)

    def call() -> int:
        headers = {"Authorization": f"Bearer {secret}"}
        return Client().get(f"/api/v1/agreements/{draft.reference}/content", headers=headers).status_code

    assert call() == 200
    authenticator.delete()
    assert call() == (401 if needed else 200)
    with_app(user)
    assert call() == 200


def test_nobody_makes_one_for_a_role_that_gives_nothing(user: User) -> None:
    with pytest.raises(PermissionDenied):
        tokens.create_token(by=user, mandate=user.mandates.get(territory="FR-BFC"), name="x")
    assert tokens.create_token(by=user, mandate=user.mandates.get(territory="FR-BRE"), name="x")


def test_recovery_codes_do_not_count(user: User) -> None:
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={})
    assert permissions.lacks_second_factor(user)


@pytest.mark.parametrize("required", ["administrator", "officer"])
def test_administrators(settings: LazySettings, required: str) -> None:
    settings.MFA_REQUIRED_ROLES = {required}
    root = f.user("root", is_staff=True, is_superuser=True)
    paths = [*pages_of(draft_in("FR-BFC")), "/en/my/people/", "/en/imports/", "/en/admin/auth/user/"]
    if required == "administrator":
        for path in paths:
            answer = browser(root).get(path, follow=True)
            assert answer.status_code == 404 or answer.redirect_chain[-1][0] == STEPS, path
    with_app(root)
    for path in paths:
        answer = browser(root).get(path, follow=True)
        assert answer.status_code == 200, path
        assert STEPS not in [address for address, _status in answer.redirect_chain], path


def test_the_last_administrator_stays_without_one_too(settings: LazySettings) -> None:
    settings.MFA_REQUIRED_ROLES = {"administrator"}
    root = f.user("root", is_superuser=True)
    with pytest.raises(actions.ActionRefused):
        invitations.close_account(by=root, account=root)


def test_an_invitation_is_worth_nothing_while_its_sender_lacks_it(settings: LazySettings) -> None:
    settings.MFA_REQUIRED_ROLES = {"coordinator"}
    sender = with_app(f.user("sender"))
    f.make(Mandate, user=sender, territory=f.territory("FR-BFC"), role="coordinator")
    invitation = invitations.invite(by=sender, email="x@example.org", territory=f.territory("FR-BFC"))
    key = invitations.INVITATION.key(invitation.pk)
    assert invitations.invitation_of(key)
    sender.authenticator_set.all().delete()
    assert invitations.invitation_of(key) is None


def test_ones_own_data_with_what_was_entered_by_right_of_a_role(user: User) -> None:
    f.make(FormDraft, user=user, data={"description": ["half a sentence"]})
    assert browser(user).get("/en/account/data.json")["Location"] == STEPS
    with_app(user)
    told: dict[str, Any] = json.loads(browser(user).get("/en/account/data.json").content)
    assert told["form_drafts"]


def test_mails_tell_who_lacks_it_that_there_is_something_and_not_what(user: User) -> None:
    agreement = f.agreement(f.town("Dijon", territory=f.territory("FR-BFC")), f.town("Mainz", "DE"))
    for has_one in (False, True):
        if has_one:
            with_app(user)
        submission = f.make(
            Submission, agreement=agreement, territories=["FR-BFC"], text="Between us", subject_title="Dijon – Mainz"
        )
        notifications.submitted(submission)
        mail = OutgoingMail.objects.filter(to=user.email).latest("pk")
        assert f"/my/submissions/{submission.pk}/" in mail.body
        assert ("Between us" in mail.body) is has_one
