"""Who may write what: mandates in a territory and in all that lies or lay inside it, by role, while they run."""

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone

from partnerships import permissions
from partnerships.models import Agreement, Contact, Mandate, Submission, TerritoryParent, Town
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
DAY = datetime.timedelta(days=1)


@pytest.fixture
def france() -> None:
    """Bourgogne and Franche-Comté, dissolved into one region in 2016, two of their departments, and a neighbour.

    Dijon is the prefecture of Côte-d’Or, which lay in Bourgogne; old records may still lie in a region that is no more.
    """
    region = factories.territory("FR-BFC", name="Bourgogne-Franche-Comté")
    for code in ("FR-D", "FR-I"):
        factories.territory(code, successor=region, dissolved_on="2015-12-31")
    for code, former in (("FR-21", "FR-D"), ("FR-25", "FR-I"), ("FR-67", "FR-GES")):
        department = factories.territory(code, level="department")
        if former != "FR-GES":
            TerritoryParent.objects.create(territory=department, parent=factories.territory(former), until="2015-12-31")
            TerritoryParent.objects.create(territory=department, parent=region, since="2016-01-01")
        else:
            TerritoryParent.objects.create(territory=department, parent=factories.territory(former))


def officer_of(code: str, role: str = "officer") -> User:
    return factories.officer("", factories.territory(code), role=role)


def agreement_in(code: str, **columns: Any) -> Agreement:
    """An agreement of a town that lies in the territory, with one in Germany."""
    return factories.agreement(
        factories.town(territory=factories.territory(code)), factories.town(code="DE"), **columns
    )


@pytest.mark.parametrize(
    ("mandate", "lies_in", "allowed"),
    [
        ("FR-BFC", "FR-BFC", True),
        ("FR-BFC", "FR-21", True),
        ("FR-BFC", "FR-25", True),
        ("FR-BFC", "FR-D", True),
        ("FR-BFC", "FR-I", True),
        ("FR-D", "FR-21", True),  # a mandate for the former region covers what lay in it …
        ("FR-D", "FR-25", False),  # … and no more
        ("FR-D", "FR-BFC", False),
        ("FR-21", "FR-21", True),
        ("FR-21", "FR-BFC", False),  # what encloses it is not inside it
        ("FR-21", "FR-25", False),
        ("FR-BFC", "FR-67", False),
        ("FR-GES", "FR-21", False),
    ],
)
@pytest.mark.usefixtures("france")
def test_a_mandate_covers_what_lies_or_lay_inside(mandate: str, lies_in: str, allowed: bool) -> None:
    user, agreement = officer_of(mandate), agreement_in(lies_in)
    town = agreement.parties.first().town
    assert permissions.may_write(user, agreement) is allowed
    assert permissions.may_publish(user, agreement) is allowed
    assert permissions.may_write(user, town) is allowed
    assert permissions.may_write_parties(user, [town]) is allowed
    assert permissions.agreements_writable_by(user).filter(pk=agreement.pk).exists() is allowed


@pytest.mark.usefixtures("france")
def test_the_authority_that_governs_a_territory_belongs_to_its_officers() -> None:
    region = factories.town("Région", governs=factories.territory("FR-BFC"), level="region")
    agreement = factories.agreement(region, factories.town(code="DE"))
    assert permissions.may_write(officer_of("FR-BFC"), agreement)
    assert not permissions.may_write(officer_of("FR-21"), agreement)


@pytest.mark.usefixtures("france")
def test_an_organisation_counts_where_it_lies() -> None:
    body = factories.organisation(territory=factories.territory("FR-21"))
    agreement = factories.agreement(body, factories.town(code="DE"))
    for code, allowed in (("FR-BFC", True), ("FR-67", False)):
        assert permissions.may_write(officer_of(code), agreement) is allowed
        assert permissions.may_write(officer_of(code), body) is allowed


@pytest.mark.usefixtures("france")
def test_one_party_in_the_territory_is_enough_and_without_a_place_there_is_none() -> None:
    both = factories.agreement(
        factories.town(territory=factories.territory("FR-21")), factories.town(territory=factories.territory("FR-67"))
    )
    assert permissions.may_write(officer_of("FR-BFC"), both)
    assert permissions.may_write(officer_of("FR-GES"), both)
    assert not permissions.may_write(officer_of("FR-BFC"), factories.agreement())


@pytest.mark.parametrize(
    ("since", "until", "runs"),
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (TODAY - DAY, None, True),
        (TODAY + DAY, None, False),
        (None, TODAY - DAY, False),
        (None, TODAY + DAY, True),
    ],
)
@pytest.mark.usefixtures("france")
def test_a_mandate_counts_while_it_runs(since: datetime.date | None, until: datetime.date | None, runs: bool) -> None:
    user, agreement = factories.user(), agreement_in("FR-21")
    factories.make(
        Mandate, user=user, territory=factories.territory("FR-BFC"), role="coordinator", since=since, until=until
    )
    assert permissions.is_officer(user) is runs
    assert permissions.may_write(user, agreement) is runs
    assert permissions.may_invite(user, factories.territory("FR-21")) is runs


@pytest.mark.parametrize(
    ("role", "publishes", "reviews"),
    [("contributor", False, False), ("officer", True, False), ("coordinator", True, True)],
)
@pytest.mark.usefixtures("france")
def test_what_each_role_may(role: str, publishes: bool, reviews: bool) -> None:
    user, agreement = officer_of("FR-BFC", role), agreement_in("FR-21")
    assert permissions.may_write(user, agreement)
    assert permissions.may_publish(user, agreement) is publishes
    assert (permissions.territories_of(user, permissions.REVIEWERS) != set()) is reviews
    assert permissions.may_invite(user, factories.territory("FR-21")) is reviews
    assert not permissions.may_invite(user, factories.territory("FR-67"))
    assert not permissions.may_invite(user, None)


@pytest.mark.usefixtures("france")
def test_roles_hold_where_they_are_held() -> None:
    user = officer_of("FR-21", "coordinator")
    factories.make(Mandate, user=user, territory=factories.territory("FR-67"), role="contributor")
    assert permissions.may_publish(user, agreement_in("FR-21"))
    there = agreement_in("FR-67")
    assert permissions.may_write(user, there)
    assert not permissions.may_publish(user, there)


@pytest.mark.usefixtures("france")
def test_administrators_may_everything_and_alone_what_lies_nowhere(administrator: User) -> None:
    nowhere = factories.agreement(factories.town(code="ML"), factories.town(code="DE"), publication="draft")
    assert permissions.may_publish(administrator, nowhere)
    assert permissions.may_see(administrator, nowhere)
    assert permissions.may_invite(administrator, None)
    assert permissions.agreements_writable_by(administrator).filter(pk=nowhere.pk).exists()
    officer = officer_of("FR-BFC", "coordinator")
    assert not permissions.may_write(officer, nowhere)
    assert not permissions.may_see(officer, nowhere)


@pytest.mark.usefixtures("france")
def test_an_account_that_is_closed_or_not_there_may_nothing(administrator: User) -> None:
    agreement = agreement_in("FR-21")
    closed = officer_of("FR-BFC", "coordinator")
    for user in (closed, administrator):
        User.objects.filter(pk=user.pk).update(is_active=False)
    for user in (User.objects.get(pk=closed.pk), User.objects.get(pk=administrator.pk), AnonymousUser()):
        assert not permissions.is_officer(user)
        assert not permissions.is_administrator(user)
        assert not permissions.may_write(user, agreement)
        assert not permissions.agreements_writable_by(user).exists()
        assert not permissions.submissions_for(user).exists()
        assert not permissions.form_drafts_of(user).exists()


@pytest.mark.parametrize(
    ("columns", "anybody"),
    [
        ({"publication": "draft"}, False),
        ({"publication": "submitted"}, False),
        ({"publication": "published"}, True),
        (factories.WITHDRAWN, True),
        ({"publication": "withdrawn"}, False),  # before it was public
        (factories.WITHDRAWN | {"publication": "draft"}, False),  # brought back, and not published again
    ],
)
@pytest.mark.usefixtures("france")
def test_what_never_was_public_is_seen_by_those_who_may_write_it(columns: dict[str, Any], anybody: bool) -> None:
    agreement = agreement_in("FR-21", **columns)
    for user, seen in (
        (officer_of("FR-BFC", "contributor"), True),
        (officer_of("FR-GES"), anybody),
        (AnonymousUser(), anybody),
    ):
        assert permissions.may_see(user, agreement) is seen
        assert permissions.agreements_seen_by(user).filter(pk=agreement.pk).exists() is seen


@pytest.mark.parametrize(
    ("kind", "role", "decides"),
    [
        ("new", "contributor", False),
        ("new", "officer", False),
        ("new", "coordinator", True),
        ("proposal", "officer", True),
        ("correction", "officer", True),
        ("proposal", "contributor", False),
    ],
)
@pytest.mark.usefixtures("france")
def test_who_decides_on_a_submission(kind: str, role: str, decides: bool, administrator: User) -> None:
    submission = factories.make(Submission, kind=kind, territories=["FR-21"])
    assert permissions.may_decide(officer_of("FR-BFC", role), submission) is decides
    assert not permissions.may_decide(officer_of("FR-GES", role), submission)
    assert permissions.may_decide(administrator, submission)


@pytest.mark.usefixtures("france")
def test_nobody_but_an_administrator_decides_on_their_own(administrator: User) -> None:
    coordinator = officer_of("FR-BFC", "coordinator")
    own = factories.make(Submission, kind="new", territories=["FR-21"], author=coordinator)
    assert not permissions.may_decide(coordinator, own)
    assert permissions.may_follow(coordinator, own)
    assert permissions.may_decide(officer_of("FR-21", "coordinator"), own)
    Submission.objects.filter(pk=own.pk).update(author=administrator)
    own.refresh_from_db()
    assert permissions.may_decide(administrator, own)


@pytest.mark.usefixtures("france")
def test_contacts_are_private_until_said_otherwise_and_gone_when_due() -> None:
    agreement, insider = agreement_in("FR-21"), officer_of("FR-BFC", "contributor")
    private = factories.make(Contact, agreement=agreement)
    public = factories.make(Contact, agreement=agreement, public=True)
    factories.make(Contact, agreement=agreement, public=True, purge_on=TODAY)
    assert set(permissions.contacts_seen_by(insider, agreement)) == {private, public}
    assert set(permissions.contacts_seen_by(AnonymousUser(), agreement)) == {public}
    assert set(permissions.contacts_seen_by(officer_of("FR-GES"), agreement)) == {public}


@pytest.mark.usefixtures("france")
def test_a_town_moved_to_another_territory_changes_hands() -> None:
    agreement = agreement_in("FR-21")
    town = Town.objects.get(parties__agreement=agreement, country="FR")
    Town.objects.filter(pk=town.pk).update(territory=factories.territory("FR-67"))
    assert not permissions.may_write(officer_of("FR-BFC"), agreement)
    assert permissions.may_write(officer_of("FR-GES"), agreement)
