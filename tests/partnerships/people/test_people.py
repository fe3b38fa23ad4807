"""How people come and go: invitations, mandates, and an officer who leaves."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone
from pghistory.models import Context

from partnerships import permissions
from partnerships.choices import MandateRole
from partnerships.editing import actions, workflow
from partnerships.mail.signed_links import INVITATION, PROPOSAL
from partnerships.models import (
    ApiToken,
    FormDraft,
    Invitation,
    Mandate,
    MandateEvent,
    Preference,
    Submission,
    Territory,
)
from partnerships.people import invitations
from tests import factories
from tests.accounts import PASSWORD, link_in_last_mail, log_in, person, signed_in

pytestmark = pytest.mark.django_db

DAY = datetime.timedelta(days=1)
PEOPLE = "/en/my/people/"
NEW = {"first_name": "Vera", "last_name": "Dupont", "password": PASSWORD}

Send = Callable[..., Invitation]


@pytest.fixture
def here() -> Territory:
    """The territory that invitations are to."""
    return factories.territory("FR-BFC", name="Bourgogne-Franche-Comté")


@pytest.fixture
def elsewhere() -> Territory:
    """Another one."""
    return factories.territory("FR-BRE", name="Bretagne")


@pytest.fixture
def coordinator(here: Territory) -> User:
    """Who invites."""
    return factories.officer("coordinator", here, role="coordinator")


@pytest.fixture
def send(coordinator: User, here: Territory, django_capture_on_commit_callbacks: Any) -> Send:
    """Invite Vera, with all that comes of it: the mail is there."""

    def send(by: User = coordinator, territory: Territory | None = here, **columns: Any) -> Invitation:
        with django_capture_on_commit_callbacks(execute=True):
            return invitations.invite(by=by, territory=territory, **{"email": "vera@example.org"} | columns)

    return send


def address(invitation: Invitation) -> str:
    return f"/en/account/invitation/{INVITATION.key(invitation.pk)}/"


def vera() -> User | None:
    return User.objects.filter(email="vera@example.org").first()


# Who may invite whom


@pytest.mark.parametrize("role", MandateRole.values)
@pytest.mark.parametrize("there", ["here", "elsewhere", "inside", None])
def test_who_may_invite(role: str, there: str | None, here: Territory, elsewhere: Territory) -> None:
    inside = factories.territory("FR-D", successor=here, dissolved_on="2015-12-31")
    territory = {"here": here, "elsewhere": elsewhere, "inside": inside}.get(there or "")
    user = factories.officer("", here, role=role)
    assert permissions.may_invite(user, territory) is (role == "coordinator" and there in ("here", "inside"))
    assert permissions.may_invite(factories.user(is_superuser=True), territory)
    if not permissions.may_invite(user, territory):
        with pytest.raises(PermissionDenied):
            invitations.invite(by=user, email="vera@example.org", territory=territory)
        assert not Invitation.objects.exists()


def test_the_form_offers_no_other_territory(
    client: Client, coordinator: User, elsewhere: Territory, here: Territory
) -> None:
    client.force_login(coordinator)
    fields = {"email": "vera@example.org", "role": "officer", "language": "fr"}
    former = factories.territory("FR-D", successor=here, dissolved_on="2015-12-31")
    for territory in (elsewhere.pk, former.pk, ""):
        assert client.post(PEOPLE, {**fields, "territory": territory}).context["form"].errors["territory"]
    assert client.post(PEOPLE, {**fields, "role": "administrator"}).context["form"].errors["role"]
    assert client.post(PEOPLE, {**fields, "territory": here.pk}).status_code == 302
    assert Invitation.objects.values_list("territory", "role", "language", "invited_by").get() == (
        here.pk,
        "officer",
        "fr",
        coordinator.pk,
    )


def test_an_administrator_may_invite_another(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    fields = {"email": "vera@example.org", "language": "en", "territory": ""}
    assert client.post(PEOPLE, fields | {"role": "coordinator"}).context["form"].errors["territory"]  # not by mistake
    assert not Invitation.objects.exists()
    assert client.post(PEOPLE, fields | {"role": "administrator"}).status_code == 302
    Client().post(address(Invitation.objects.get()), NEW)
    assert permissions.is_administrator(vera())
    assert not vera().mandates.exists()


# The link


@pytest.mark.parametrize(("language", "words"), [("en", "Open this link"), ("fr", "Ouvrez ce lien")])
def test_the_mail_has_a_link_in_the_language_chosen(send: Send, language: str, words: str) -> None:
    invitation = send(language=language)
    message = mail.outbox[-1]
    assert message.to == ["vera@example.org"]
    assert "Bourgogne-Franche-Comté" in message.body
    assert words in message.body
    assert link_in_last_mail() == address(invitation).replace("/en/", f"/{language}/")


def test_accepting_makes_an_account_with_a_mandate(client: Client, send: Send, here: Territory) -> None:
    page = client.get(address(send(role="officer", language="fr")))
    assert "Bourgogne-Franche-Comté" in page.text
    answer = client.post(link_in_last_mail().replace("/fr/", "/en/"), NEW)
    assert answer["Location"] == "/en/my/"
    assert signed_in(client) == vera()
    assert vera().get_full_name() == "Vera Dupont"
    assert not vera().is_staff
    assert EmailAddress.objects.values_list("user", "email", "verified", "primary").get() == (
        vera().pk,
        "vera@example.org",
        True,
        True,
    )
    assert vera().mandates.values_list("territory", "role", "since", "until").get() == (
        here.pk,
        "officer",
        timezone.localdate(),
        None,
    )
    assert Preference.objects.get().language == "fr"
    assert log_in(Client(), vera()) == "/en/my/"


@pytest.mark.parametrize(
    "fault",
    [{"password": "short"}, {"password": "123456789012345"}, {"password": "vera@example.org"}, {"first_name": ""}],
)
def test_a_weak_password_and_a_missing_name_come_back(client: Client, send: Send, fault: dict[str, str]) -> None:
    answer = client.post(address(send()), NEW | fault)
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == set(fault)
    assert vera() is None


def test_a_link_opens_once(client: Client, send: Send) -> None:
    invitation = send()
    client.post(address(invitation), NEW)
    for answer in (Client().get(address(invitation)), Client().post(address(invitation), NEW)):
        assert answer.status_code == 404
    with pytest.raises(actions.ActionRefused):
        invitations.accept(invitation=invitation, **NEW)
    assert Mandate.objects.filter(user=vera()).count() == 1


def test_a_link_lapses_and_is_sent_again(
    client: Client, send: Send, coordinator: User, django_capture_on_commit_callbacks: Any
) -> None:
    invitation = send()
    assert invitations.VALID_FOR == 14 * DAY
    Invitation.objects.update(expires_at=timezone.now())
    assert client.get(address(invitation)).status_code == 404
    client.force_login(coordinator)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(f"{PEOPLE}invitations/{invitation.pk}/resend/")
    assert len(mail.outbox) == 2
    assert Client().get(address(invitation)).status_code == 200


def test_a_link_that_is_taken_back_leads_nowhere(client: Client, send: Send, coordinator: User) -> None:
    invitation = send()
    client.force_login(coordinator)
    client.post(f"{PEOPLE}invitations/{invitation.pk}/revoke/")
    assert Client().post(address(invitation), NEW).status_code == 404
    assert vera() is None


def test_a_link_is_worth_what_its_sender_may_still_give(client: Client, send: Send, coordinator: User) -> None:
    invitation = send()
    Mandate.objects.filter(user=coordinator).update(until=timezone.localdate() - DAY)
    assert client.get(address(invitation)).status_code == 404
    with pytest.raises(actions.ActionRefused):
        invitations.accept(invitation=invitation, **NEW)


def test_another_key_opens_nothing(client: Client, send: Send) -> None:
    invitation = send()
    for key in (str(invitation.pk), PROPOSAL.key(invitation.pk), INVITATION.key(invitation.pk + 1)):
        assert client.get(f"/en/account/invitation/{key}/").status_code == 404


def test_who_has_an_account_gets_the_mandate_added(client: Client, send: Send, here: Territory) -> None:
    known = person("vera")
    page = client.get(address(send(email="Vera@Example.org", role="officer")))
    assert "password" not in page.text.split("<main")[1]
    client.post(link_in_last_mail())
    assert User.objects.filter(email="vera@example.org").count() == 1
    assert known.mandates.values_list("territory", "role").get() == (here.pk, "officer")
    assert User.objects.get(pk=known.pk).check_password(PASSWORD)
    assert signed_in(client) is None  # the link makes nobody somebody else
    assert log_in(client, known) == "/en/my/"


def test_a_mandate_that_had_ended_runs_again(client: Client, send: Send, here: Territory) -> None:
    known = person("vera")
    old = factories.make(Mandate, user=known, territory=here, role="officer", until=timezone.localdate() - DAY)
    client.post(address(send(role="officer")))
    assert known.mandates.get().pk == old.pk
    assert permissions.mandates_of(known).exists()


@pytest.mark.parametrize("since", ["", "2000-01-01"])
def test_an_administrator_gives_again_what_had_ended(administrator_client: Client, here: Territory, since: str) -> None:
    known = person("vera")
    old = factories.make(Mandate, user=known, territory=here, role="officer", since="1990-01-01", until="1995-12-31")
    token = factories.make(ApiToken, user=known, mandate=old)
    other = factories.make(Mandate, user=known, territory=here, role="contributor", until="1995-12-31")
    values = {"user": known.pk, "territory": here.pk, "role": "officer", "since": since, "until": ""}
    path = "/en/admin/partnerships/mandate/add/"
    answer = administrator_client.post(path, values, follow=True)
    assert "The mandate that ended on 31 December 1995 begins anew." in answer.text
    assert permissions.mandates_of(known).get().pk == old.pk
    for row in (old, token):
        row.refresh_from_db()
    assert token.ended_by == "mandate"
    assert str(old.since) == (since or str(timezone.localdate()))
    runs = MandateEvent.objects.filter(pgh_obj_id=old.pk).order_by("pgh_id").values_list("until", flat=True)
    assert [str(until) for until in runs] == ["1995-12-31", "None"]
    other.refresh_from_db()
    assert str(other.until) == "1995-12-31"
    again = administrator_client.post(path, values)
    assert again.status_code == 200
    assert "This officer has this role here already." in again.text


def test_the_same_is_not_asked_twice(send: Send, here: Territory) -> None:
    first, second = send(), send()
    assert first.pk == second.pk
    factories.make(Mandate, user=person("vera"), territory=here, role="contributor")
    with pytest.raises(actions.ActionRefused, match=r"vera@example\.org"):
        send()


def test_accepting_is_throttled(client: Client, send: Send) -> None:
    invitation = send()
    answers = [client.post(address(invitation), NEW | {"password": "short"}).status_code for _try in range(21)]
    assert answers == [200] * 20 + [429]


# The people of one's territories


def test_a_coordinator_sees_and_ends_what_is_in_the_territory(
    client: Client, coordinator: User, here: Territory, elsewhere: Territory
) -> None:
    inside = factories.make(Mandate, user=factories.user("insider"), territory=here, since=timezone.localdate() - DAY)
    outside = factories.make(Mandate, user=factories.user("outsider"), territory=elsewhere)
    waiting = factories.make(Invitation, territory=elsewhere, invited_by=coordinator)
    client.force_login(coordinator)
    page = client.get(PEOPLE).text
    assert "insider" in page
    assert "outsider" not in page
    assert client.post(f"{PEOPLE}mandates/{outside.pk}/end/").status_code == 404
    for action in ("resend", "revoke"):
        assert client.post(f"{PEOPLE}invitations/{waiting.pk}/{action}/").status_code == 404
    assert client.post(f"{PEOPLE}mandates/{inside.pk}/end/").status_code == 302
    assert not permissions.mandates_of(inside.user).exists()
    assert permissions.mandates_of(outside.user).exists()
    assert "The mandate of insider has ended." in client.get(PEOPLE).text
    assert "insider" not in client.get(PEOPLE).text
    with pytest.raises(PermissionDenied):
        invitations.end_mandate(by=coordinator, mandate=outside)


def test_the_history_knows_who_gave_and_took_a_mandate(client: Client, send: Send, coordinator: User) -> None:
    client.post(address(send()), NEW)
    invitations.end_mandate(by=coordinator, mandate=vera().mandates.get())
    events = MandateEvent.objects.filter(user_id=vera().pk).order_by("pgh_id").select_related("pgh_context")
    assert [(event.pgh_label, event.pgh_context.metadata["action"]) for event in events] == [
        ("insert", "accept"),
        ("delete", "end-mandate"),
    ]
    assert events[1].pgh_context.metadata["user"] == coordinator.pk


# An officer leaves


@pytest.fixture
def leaver(here: Territory, elsewhere: Territory) -> User:
    """An officer of two regions with a form begun, a submission open and one decided, and a name in the history."""
    user = person("leaver", first_name="Léa", last_name="Verdier")
    for place in (here, elsewhere):
        factories.make(Mandate, user=user, territory=place, role="officer", since=timezone.localdate() - 9 * DAY)
    agreement = factories.agreement(factories.town(territory=here), factories.town(code="DE"))
    workflow.verify(by=user, agreements=[agreement])
    factories.make(FormDraft, user=user, data={"description": ["half a sentence"]})
    for state in ("open", "approved"):
        decided = {"decided_at": timezone.now()} if state == "approved" else {}
        factories.make(Submission, author=user, author_name="Léa Verdier", kind="change", state=state, **decided)
    return user


def test_who_leaves_hands_over_in_one_step(
    client: Client, administrator: User, leaver: User, here: Territory, elsewhere: Territory
) -> None:
    successor = factories.officer("successor", here)
    number = leaver.pk
    client.force_login(administrator)
    answer = client.post(f"{PEOPLE}{number}/leave/", {"to": successor.pk}, follow=True)
    assert "The account of Léa Verdier is closed." in answer.text
    assert not User.objects.filter(pk=number).exists()
    assert set(successor.mandates.values_list("territory", "role")) == {
        (here.pk, "officer"),
        (elsewhere.pk, "officer"),
    }
    assert FormDraft.objects.get().user == successor
    assert dict(Submission.objects.values_list("state", "author")) == {"open": successor.pk, "approved": None}
    assert Submission.objects.get(state="approved").author_name == "Léa Verdier"
    verified = Context.objects.get(metadata__action="verify").metadata
    assert (verified["user_name"], verified["user"]) == ("Léa Verdier", number)
    assert not log_in(Client(), leaver)


@pytest.mark.parametrize("was_over", [True, False])
def test_a_successor_who_had_it_once_begins_anew(
    administrator: User, leaver: User, here: Territory, was_over: bool
) -> None:
    successor, today = person("successor"), timezone.localdate()
    until = today - DAY if was_over else today
    own = factories.make(Mandate, user=successor, territory=here, role="officer", since="1990-01-01", until=until)
    token = factories.make(ApiToken, user=successor, mandate=own)
    invitations.move_officer(by=administrator, officer=leaver, to=successor)
    for row in (own, token):
        row.refresh_from_db()
    assert (str(own.since), own.until) == (str(today) if was_over else "1990-01-01", None)
    assert (token.revoked_at is not None) is was_over


def test_of_a_form_that_both_began_the_successors_stays(administrator: User, leaver: User) -> None:
    successor, agreement = factories.user("successor"), factories.agreement()
    for user in (leaver, successor):
        factories.make(FormDraft, user=user, agreement=agreement, data={"by": [user.username]})
    invitations.move_officer(by=administrator, officer=leaver, to=successor)
    assert FormDraft.objects.get(agreement=agreement).data == {"by": ["successor"]}
    assert FormDraft.objects.filter(user=successor).count() == 2


def test_without_a_successor_the_mandates_end_and_the_name_stays(
    client: Client, administrator: User, leaver: User
) -> None:
    client.force_login(administrator)
    client.post(f"{PEOPLE}{leaver.pk}/leave/", {"to": ""})
    assert not User.objects.filter(username="leaver").exists()
    assert not Mandate.objects.exists()
    assert Context.objects.get(metadata__action="verify").metadata["user_name"] == "Léa Verdier"
    assert not FormDraft.objects.exists()


@pytest.mark.parametrize("role", MandateRole.values)
def test_only_administrators_close_anothers_account(client: Client, role: str, leaver: User, here: Territory) -> None:
    user = factories.officer("other", here, role=role)
    client.force_login(user)
    assert client.post(f"{PEOPLE}{leaver.pk}/leave/", {"to": user.pk}).status_code == 403
    for act in (
        lambda: invitations.move_officer(by=user, officer=leaver, to=user),
        lambda: invitations.close_account(by=user, account=leaver),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert User.objects.filter(pk=leaver.pk).exists()


def test_nobody_succeeds_themselves_or_a_closed_account(administrator: User, leaver: User) -> None:
    closed = factories.user("closed", is_active=False)
    for to in (leaver, closed):
        with pytest.raises(actions.ActionRefused):
            invitations.move_officer(by=administrator, officer=leaver, to=to)
    assert leaver.mandates.count() == 2
