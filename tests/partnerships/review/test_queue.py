"""The review queue: what is handed in is seen with its differences, discussed, decided on, and the author is told."""

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from partnerships.editing import snapshot, workflow
from partnerships.models import Agreement, Preference, Submission
from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> dict[str, User]:
    """A contributor, and who may and may not decide on what they hand in."""
    here, elsewhere = f.territory("FR-BFC"), f.territory("FR-BRE")
    made = {
        "author": f.officer("author", here, role="contributor"),
        "coordinator": f.officer("coordinator", here, role="coordinator"),
        "officer": f.officer("officer", here),
        "elsewhere": f.officer("elsewhere", elsewhere, role="coordinator"),
    }
    for name, user in made.items():
        user.email = f"{name}@example.org"
        user.save()
    return made


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def dijon() -> tuple:
    return f.town("Dijon", territory=f.territory("FR-BFC")), f.town("Mainz", "DE")


@pytest.fixture
def new(people: dict[str, User], django_capture_on_commit_callbacks) -> Submission:
    """A new agreement, handed in."""
    draft = Agreement.objects.create(publication="draft")
    for position, town in enumerate(dijon(), 1):
        f.party(draft, town, position=position)
    draft.sources.through.objects.create(agreement=draft, source=f.source())
    with django_capture_on_commit_callbacks(execute=True):
        return workflow.submit(by=people["author"], agreement=draft, note="From the town’s website")


@pytest.fixture
def change(people: dict[str, User], django_capture_on_commit_callbacks) -> Submission:
    """Another year of signature for a published agreement."""
    agreement = f.agreement(*dijon(), signed="1958", kind="friendship")
    base = snapshot.read_content(agreement)
    with django_capture_on_commit_callbacks(execute=True):
        return workflow.submit_change(
            by=people["author"], agreement=agreement, base=base, content=base | {"signed": "1957"}
        )


def told(name: str) -> list[str]:
    """The subjects of the mails to somebody."""
    return [message.subject for message in mail.outbox if message.to == [f"{name}@example.org"]]


def decide(user: User, submission: Submission, action: str, django_capture_on_commit_callbacks, **fields):
    with django_capture_on_commit_callbacks(execute=True):
        return browser(user).post(f"/en/my/submissions/{submission.pk}/", {"action": action, **fields})


@pytest.fixture
def act(django_capture_on_commit_callbacks):
    def acting(user: User, submission: Submission, action: str, **fields):
        return decide(user, submission, action, django_capture_on_commit_callbacks, **fields)

    return acting


def test_what_is_handed_in_is_mailed_to_who_decides_and_to_nobody_else(people: dict, new: Submission) -> None:
    assert told("coordinator") == ["To be decided: Dijon – Mainz"]
    assert [message.to for message in mail.outbox] == [["coordinator@example.org"]]
    assert f"/en/my/submissions/{new.pk}/" in mail.outbox[0].body


def test_without_a_coordinator_an_administrator_is_told(
    people: dict, administrator: User, django_capture_on_commit_callbacks
) -> None:
    User.objects.filter(pk=administrator.pk).update(email="administrator@example.org")
    people["coordinator"].mandates.all().delete()
    agreement = f.agreement(*dijon())
    base = snapshot.read_content(agreement)
    with django_capture_on_commit_callbacks(execute=True):
        workflow.submit_change(by=people["author"], agreement=agreement, base=base, content=base | {"signed": "1957"})
    assert [message.to for message in mail.outbox] == [["administrator@example.org"]]


def test_the_mail_is_in_the_language_of_who_reads_it(people: dict, django_capture_on_commit_callbacks) -> None:
    Preference.objects.create(user=people["coordinator"], language="fr")
    agreement = f.agreement(*dijon())
    base = snapshot.read_content(agreement)
    with django_capture_on_commit_callbacks(execute=True):
        workflow.submit_change(by=people["author"], agreement=agreement, base=base, content=base | {"signed": "1957"})
    assert "/fr/my/submissions/" in mail.outbox[0].body


@pytest.mark.parametrize(
    ("name", "status"), [("author", 200), ("coordinator", 200), ("officer", 404), ("elsewhere", 404)]
)
def test_who_sees_a_submission(people: dict, new: Submission, name: str, status: int) -> None:
    client = browser(people[name])
    assert client.get(f"/en/my/submissions/{new.pk}/").status_code == status
    listed = (
        client.get("/en/my/submissions/").content.decode()
        + client.get("/en/my/submissions/?show=mine").content.decode()
    )
    assert ("Dijon" in listed) == (status == 200)


@pytest.mark.parametrize(
    ("name", "status"), [("author", 403), ("officer", 404), ("elsewhere", 404), ("coordinator", 302)]
)
@pytest.mark.parametrize("action", ["approve", "reject"])
def test_who_decides(people: dict, new: Submission, act, name: str, status: int, action: str) -> None:
    assert act(people[name], new, action, reason="Because").status_code == status
    new.refresh_from_db()
    decided = {"approve": "approved", "reject": "rejected"}[action]
    assert new.state == (decided if status == 302 else "open")


def test_a_new_entry_is_shown_whole_and_published(people: dict, new: Submission, act) -> None:
    page = browser(people["coordinator"]).get(f"/en/my/submissions/{new.pk}/").content.decode()
    for word in ("Dijon (France)", "Mainz (Germany)", "From the town’s website", "What is entered"):
        assert word in page
    mail.outbox.clear()
    act(people["coordinator"], new, "approve")
    new.agreement.refresh_from_db()
    assert new.agreement.publication == "published"
    assert told("author") == ["Accepted: Dijon – Mainz"]
    assert len(mail.outbox) == 1


def test_a_change_is_shown_before_and_after_and_made(people: dict, change: Submission, act) -> None:
    page = browser(people["coordinator"]).get(f"/en/my/submissions/{change.pk}/").content.decode()
    assert "<del>1958</del>" in page
    assert "<ins>1957</ins>" in page
    act(people["coordinator"], change, "approve")
    change.agreement.refresh_from_db()
    assert change.agreement.signed == "1957"
    assert told("author") == ["Accepted: Dijon – Mainz"]


def test_declining_needs_a_reason_which_is_mailed(people: dict, new: Submission, act) -> None:
    assert act(people["coordinator"], new, "reject").status_code == 409
    new.refresh_from_db()
    assert new.state == "open"
    act(people["coordinator"], new, "reject", reason="The date is missing")
    new.agreement.refresh_from_db()
    assert new.agreement.publication == "draft"
    assert told("author") == ["Not accepted: Dijon – Mainz"]
    assert "The date is missing" in mail.outbox[-1].body


def test_a_conflict_shows_both_changes(people: dict, change: Submission, act) -> None:
    now = snapshot.read_content(change.agreement)
    workflow.save(by=people["officer"], agreement=change.agreement, content=now | {"signed": "1960"})
    response = act(people["coordinator"], change, "approve")
    assert response.status_code == 409
    page = response.content.decode()
    assert "<ins>1957</ins>" in page
    assert "<ins>1960</ins>" in page
    change.agreement.refresh_from_db()
    assert change.agreement.signed == "1960"


def test_other_changes_meanwhile_stay(people: dict, change: Submission, act) -> None:
    now = snapshot.read_content(change.agreement)
    workflow.save(by=people["officer"], agreement=change.agreement, content=now | {"activity": "active"})
    assert act(people["coordinator"], change, "approve").status_code == 302
    change.agreement.refresh_from_db()
    assert (change.agreement.signed, change.agreement.activity) == ("1957", "active")


def test_a_duplicate_is_shown_and_needs_a_reason(people: dict, new: Submission, act) -> None:
    other = f.agreement(*[party.actor for party in new.agreement.parties.all()], kind="friendship")
    page = browser(people["coordinator"]).get(f"/en/my/submissions/{new.pk}/").content.decode()
    assert other.reference in page
    assert "These parties have an agreement already." in page
    response = act(people["coordinator"], new, "approve")
    assert response.status_code == 409
    assert other.reference in response.content.decode()
    assert act(people["coordinator"], new, "approve", reason="That one is between the schools").status_code == 302


def test_comments_are_mailed_to_the_other_side(people: dict, new: Submission, act) -> None:
    mail.outbox.clear()
    act(people["coordinator"], new, "comment", text="Since when?")
    assert told("author") == ["A word about: Dijon – Mainz"]
    assert told("coordinator") == []
    mail.outbox.clear()
    act(people["author"], new, "comment", text="Since 1958.")
    assert told("coordinator") == ["A word about: Dijon – Mainz"]
    page = browser(people["author"]).get(f"/en/my/submissions/{new.pk}/").content.decode()
    assert "Since when?" in page
    assert "Since 1958." in page


def test_strangers_say_nothing(people: dict, new: Submission, act) -> None:
    for name in ("officer", "elsewhere"):
        assert act(people[name], new, "comment", text="Hello").status_code == 404
    assert not new.comments.exists()


def test_the_author_takes_it_back_and_nobody_else(people: dict, new: Submission, act) -> None:
    assert act(people["coordinator"], new, "take_back").status_code == 403
    assert act(people["author"], new, "take_back").status_code == 302
    new.refresh_from_db()
    assert new.state == "withdrawn"


def test_nobody_decides_on_their_own(people: dict, act) -> None:
    agreement = f.agreement(*dijon())
    base = snapshot.read_content(agreement)
    own = workflow.submit_change(
        by=people["coordinator"], agreement=agreement, base=base, content=base | {"signed": "1957"}
    )
    assert act(people["coordinator"], own, "approve").status_code == 403


def test_what_is_decided_is_decided_once(people: dict, new: Submission, act) -> None:
    act(people["coordinator"], new, "approve")
    assert act(people["coordinator"], new, "reject", reason="No").status_code == 409
    new.refresh_from_db()
    assert new.state == "approved"
