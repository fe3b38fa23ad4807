"""The officer's desk: what there is to do in a territory, and verifying it, one by one, many at once and by file."""

import csv
import datetime
import io

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partnerships.editing import snapshot, workflow
from partnerships.models import Agreement, FormDraft, GazetteerPlace, Mandate, Submission
from partnerships.review.todo import Duties
from tests import factories as f

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
LONG_AGO = TODAY - datetime.timedelta(days=1000)


def entered(name: str, code: str = "FR-BFC", partner: str = "DE", **columns) -> Agreement:
    """A published agreement of a town in the territory, with one abroad."""
    return f.agreement(f.town(name, territory=f.territory(code)), f.town(code=partner), **columns)


@pytest.fixture
def due(officer: User) -> dict[str, Agreement]:
    """Agreements of the officer's territory in each state of verification, and one elsewhere that nobody verified."""
    return {
        "stale": entered("Dijon", verified_on=LONG_AGO),
        "older": entered("Dole", verified_on=LONG_AGO - datetime.timedelta(days=1)),
        "never": entered("Nevers"),
        "fresh": entered("Auxerre", verified_on=TODAY),
        "ended": entered("Belfort", activity="ended"),
        "elsewhere": entered("Rennes", "FR-BRE"),
    }


def names(found) -> list[str]:
    return [str(agreement.parties.first()) for agreement in found]


@pytest.mark.django_db(transaction=True)  # what is not committed is never kept
def test_the_shares_of_a_territory_follow_the_gazetteer(officer: User) -> None:
    f.agreement(f.town("Dijon", insee="21231", territory=f.territory("FR-BFC")), f.town(code="DE"))

    def share() -> tuple[int, int]:
        (region,) = Duties(officer).coverage
        return region.municipalities.part, region.municipalities.whole

    assert share() == (0, 0)
    for insee in ("21231", "21515"):
        f.make(GazetteerPlace, insee=insee, geonames=int(insee), territory=f.territory("FR-BFC"))
    assert share() == (1, 2)


def html(client: Client, path: str) -> str:
    response = client.get(f"/en/my/{path}")
    assert response.status_code == 200
    return response.content.decode()


# The desk


def test_to_verify_is_what_is_oldest_first_and_then_what_never_was(officer: User, due: dict) -> None:
    assert names(Duties(officer).to_verify) == ["Dole", "Dijon", "Nevers"]
    assert names(Duties(officer).stale) == ["Dole", "Dijon"]
    assert names(Duties(officer).never) == ["Nevers"]


def test_the_desk_tells_of_the_own_territory_only(officer_client: Client, due: dict) -> None:
    page = html(officer_client, "")
    for name in ("Dole", "Dijon", "Nevers"):
        assert name in page
    for name in ("Rennes", "Belfort", "Auxerre"):
        assert name not in page


def test_who_invites_is_led_to_people(officer_client: Client, administrator_client: Client) -> None:
    assert "/en/my/people/" not in html(officer_client, "")
    assert "/en/my/people/" in html(administrator_client, "")


def test_the_desk_has_drafts_and_forms(officer: User, officer_client: Client) -> None:
    FormDraft.objects.create(user=officer, data={"kind": "twinning"})
    f.party(f.make(Agreement), f.town("Draftville", territory=f.territory("FR-BFC")))
    f.party(f.make(Agreement), f.town("Secretville", territory=f.territory("FR-BRE")))
    page = html(officer_client, "")
    assert "a form, saved" in page
    assert "Draftville" in page
    assert "Draftville" in html(officer_client, "drafts/")
    assert "Secretville" not in page + html(officer_client, "drafts/")


def test_expiring_is_what_runs_out_within_six_months(officer: User, officer_client: Client) -> None:
    soon, later = TODAY + datetime.timedelta(days=90), TODAY + datetime.timedelta(days=400)
    entered("Soon", valid_until=soon.isoformat())
    entered("Later", valid_until=later.isoformat())
    entered("Over", valid_until="2001")
    entered("Ended", valid_until=soon.isoformat(), activity="ended")
    entered("Ended in 2020", valid_until=soon.isoformat(), ended="2020")
    entered("Tacit", valid_until=soon.isoformat(), tacit_renewal=True)
    entered("Elsewhere", "FR-BRE", valid_until=soon.isoformat())
    renewed = entered("Renewed", valid_until=soon.isoformat())
    renewed.renewals.create(renewed="2020", valid_until=later.isoformat())
    assert names(Duties(officer).expiring) == ["Soon"]
    assert "Soon" in html(officer_client, "expiring/")


def test_suspected_duplicates_stand_side_by_side(officer: User, officer_client: Client) -> None:
    first = entered("Dijon")
    second = f.agreement(*[party.actor for party in first.parties.all()], kind="friendship")
    f.agreement(*[party.actor for party in entered("Dole").parties.all()], publication="draft")
    assert {one.pk for one in Duties(officer).suspected} == {first.pk, second.pk}
    page = html(officer_client, "duplicates/")
    assert first.reference in page
    assert second.reference in page
    assert "Dole" not in page


def test_changes_are_those_of_others(officer: User, officer_client: Client) -> None:
    mine, theirs, elsewhere = entered("Dijon"), entered("Dole"), entered("Rennes", "FR-BRE")
    colleague = f.officer("colleague", f.territory("FR-BFC"), f.territory("FR-BRE"))
    workflow.verify(by=officer, agreements=[mine])
    workflow.verify(by=colleague, agreements=[theirs])
    workflow.end(by=colleague, agreement=elsewhere, ended="2020")
    changes = Duties(officer).changes()
    assert [(change.actions, change.agreement, change.by) for change in changes] == [(["verify"], theirs, colleague)]
    assert list(Duties(officer).changed) == [theirs]
    page = html(officer_client, "changes/")
    assert "Dole" in page
    assert "colleague" in page
    assert "Rennes" not in page


def test_a_step_that_touched_many_is_one_line(officer: User) -> None:
    colleague = f.officer("colleague", f.territory("FR-BFC"))
    workflow.verify(by=colleague, agreements=[entered("Dijon"), entered("Dole"), entered("Nevers")])
    (change,) = Duties(officer).changes()
    assert change.number == 3


def test_what_somebody_did_one_after_the_other_is_one_line(officer: User, officer_client: Client) -> None:
    colleague = f.officer("colleague", f.territory("FR-BFC"))
    agreement = entered("Dijon")
    workflow.verify(by=colleague, agreements=[agreement])
    workflow.end(by=colleague, agreement=agreement, ended="2020")
    (change,) = Duties(officer).changes()
    assert set(change.what.split(", ")) == {"verified", "ended"}


def test_what_colleagues_change_in_drafts_is_no_change_of_the_territory(officer: User) -> None:
    colleague = f.officer("colleague", f.territory("FR-BFC"))
    workflow.save(by=colleague, content=snapshot.read_content(entered("Dijon")))
    assert Duties(officer).changes() == []
    assert Duties(officer).changed_total == 0


def test_who_is_a_contributor_elsewhere_verifies_nothing_there(officer: User, due: dict) -> None:
    mandate = f.make(Mandate, user=officer, territory=f.territory("FR-BRE"), role="contributor")
    assert "Rennes" not in names(Duties(officer).to_verify)
    Mandate.objects.filter(pk=mandate.pk).update(role="officer")
    assert "Rennes" in names(Duties(User.objects.get(pk=officer.pk)).to_verify)


def test_nobody_decides_on_their_own_but_an_administrator(administrator: User) -> None:
    coordinator = f.officer("coordinator", f.territory("FR-BFC"), role="coordinator")
    own, other, elsewhere = (
        f.make(Submission, territories=[code], author=author)
        for code, author in (("FR-BFC", coordinator), ("FR-BFC", None), ("FR-BRE", administrator))
    )
    assert list(Duties(coordinator).to_decide) == [other]
    assert set(Duties(administrator).to_decide) == {own, other, elsewhere}


def test_the_desk_asks_no_more_of_more(officer_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            html(officer_client, "")
        return len(captured)

    for number in range(8):
        entered(f"Town {number}", verified_on=LONG_AGO)
    queries()
    few = queries()
    for number in range(8, 20):
        entered(f"Town {number}", verified_on=LONG_AGO)
    queries()
    assert queries() <= few


# Verifying in the list


def post(client: Client, **fields) -> int:
    return client.post("/en/my/verify/", fields).status_code


def test_one_is_verified_by_one_click(officer_client: Client, due: dict) -> None:
    assert post(officer_client, one=due["stale"].reference) == 302
    due["stale"].refresh_from_db()
    due["older"].refresh_from_db()
    assert due["stale"].verified_on == TODAY
    assert due["older"].verified_on != TODAY


def test_from_the_desk_one_comes_back_to_the_desk(officer_client: Client, due: dict) -> None:
    fields = {"one": due["stale"].reference, "then": "my"}
    assert officer_client.post("/en/my/verify/", fields)["Location"] == "/en/my/"


def test_many_are_verified_at_once(officer_client: Client, due: dict) -> None:
    marked = [due[name].reference for name in ("stale", "older", "never")]
    assert post(officer_client, agreement=marked, verdict="true") == 302
    assert Agreement.objects.filter(reference__in=marked, verified_on=TODAY).count() == 3


def test_what_has_ended_is_said_with_its_date(officer_client: Client, due: dict) -> None:
    assert post(officer_client, agreement=[due["never"].reference], verdict="ended", ended="05/2020") == 302
    due["never"].refresh_from_db()
    assert (due["never"].activity, due["never"].ended, due["never"].verified_on) == ("ended", "2020-05", TODAY)


def test_what_is_wrong_waits_in_the_queue(officer: User, officer_client: Client, due: dict) -> None:
    assert post(officer_client, agreement=[due["never"].reference], verdict="wrong", text="Other town") == 302
    noted = Submission.objects.get()
    assert (noted.agreement, noted.text, noted.author, noted.state) == (due["never"], "Other town", officer, "open")
    due["never"].refresh_from_db()
    assert due["never"].verified_on is None


@pytest.mark.parametrize("verdict", ["true", "ended", "wrong"])
def test_nobody_says_anything_of_another_territory(officer_client: Client, due: dict, verdict: str) -> None:
    both = [due["elsewhere"].reference, due["never"].reference]
    assert post(officer_client, agreement=both, verdict=verdict) == 403
    for name in ("elsewhere", "never"):
        due[name].refresh_from_db()
        assert (due[name].verified_on, due[name].activity) == (None, "unknown")
    assert not Submission.objects.exists()


def test_a_contributor_does_not_verify(due: dict) -> None:
    client = Client()
    client.force_login(f.officer("contributor", f.territory("FR-BFC"), role="contributor"))
    assert post(client, one=due["stale"].reference) == 403
    due["stale"].refresh_from_db()
    assert due["stale"].verified_on == LONG_AGO


@pytest.mark.parametrize("fields", [{}, {"verdict": "true"}, {"agreement": ["A999999"], "verdict": "true"}])
def test_marking_nothing_is_told(officer_client: Client, fields: dict) -> None:
    response = officer_client.post("/en/my/verify/", fields, follow=True)
    assert "Mark one agreement at least" in response.content.decode()


def test_a_wrong_date_changes_nothing(officer_client: Client, due: dict) -> None:
    fields = {"agreement": [due["never"].reference], "verdict": "ended", "ended": "yesterday"}
    response = officer_client.post("/en/my/verify/", fields, follow=True)
    assert "is not a date" in response.content.decode()
    due["never"].refresh_from_db()
    assert due["never"].activity == "unknown"


def test_the_list_can_be_searched_and_marked(officer_client: Client, due: dict) -> None:
    page = html(officer_client, "verify/?q=nevers&marked=all")
    assert f'value="{due["never"].reference}"' in page
    assert "checked" in page
    assert due["stale"].reference not in page


# By file


def send(client: Client, text: str | bytes, name: str = "verdicts.csv"):
    snapshot = text.encode() if isinstance(text, str) else text
    return client.post("/en/my/verify/file/", {"file": SimpleUploadedFile(name, snapshot)})


def applied(client: Client, response):
    """Apply the plan that a page shows."""
    return client.post("/en/my/verify/file/", {"plan": response.context["signed"]})


def test_a_file_is_planned_and_then_applied(officer_client: Client, due: dict) -> None:
    text = (
        "reference,date,verdict\n"
        f"{due['stale'].reference},{TODAY},true\n"
        f"{due['never'].reference},2020,ended\n"
        f"{due['older'].reference},,wrong\n"
        f"{due['fresh'].reference},2020-01-01,true\n"
    )
    response = send(officer_client, text)
    plan = response.context["plan"]
    assert [row.outcome for row in plan.rows] == ["verified", "ended", "noted", "unchanged"]
    due["stale"].refresh_from_db()
    assert due["stale"].verified_on == LONG_AGO, "a plan writes nothing"
    assert "3 rows are applied" in applied(officer_client, response).content.decode()
    for agreement in due.values():
        agreement.refresh_from_db()
    assert due["stale"].verified_on == TODAY
    assert (due["never"].activity, due["never"].ended) == ("ended", "2020")
    assert Submission.objects.get().agreement == due["older"]
    assert due["fresh"].verified_on == TODAY
    again = send(officer_client, text).context["plan"]
    assert [row.outcome for row in again.rows][:2] == ["unchanged", "unchanged"]


def test_a_file_says_when_each_was_verified_and_leaves_what_is_known(officer_client: Client, due: dict) -> None:
    before = TODAY - datetime.timedelta(days=10)
    Agreement.objects.filter(pk=due["ended"].pk).update(ended="2020")
    Agreement.objects.filter(pk=due["fresh"].pk).update(verified_on=before)
    text = (
        "reference,date,verdict\n"
        f"{due['stale'].reference},{before},true\n"
        f"{due['older'].reference},,true\n"
        f"{due['fresh'].reference},{before},true\n"
        f"{due['ended'].reference},,ended\n"
    )
    response = send(officer_client, text)
    assert [row.outcome for row in response.context["plan"].rows] == ["verified", "verified", "unchanged", "unchanged"]
    applied(officer_client, response)
    for agreement in due.values():
        agreement.refresh_from_db()
    assert [due[name].verified_on for name in ("stale", "older", "fresh")] == [before, TODAY, before]
    assert (due["ended"].ended, due["ended"].verified_on) == ("2020", None)


def test_bad_rows_are_named_by_line_column_value_and_remedy(officer_client: Client, due: dict) -> None:
    draft = f.make(Agreement)
    f.party(draft, f.town(territory=f.territory("FR-BFC")))
    text = (
        "reference;date;verdict\n"
        f"{due['stale'].reference};31/02/2024;true\n"
        f"{due['older'].reference};2024;true\n"
        f"{due['never'].reference};2999;ended\n"
        f"{due['elsewhere'].reference};;true\n"
        "Z0;;true\n"
        f"{draft.reference};;true\n"
        f"{due['stale'].reference};;perhaps\n"
    )
    plan = send(officer_client, text).context["plan"]
    found = [(row.line, fault.column, fault.value) for row in plan.rows for fault in row.faults]
    assert found == [
        (2, "date", "31/02/2024"),
        (3, "date", "2024"),
        (4, "date", "2999"),
        (5, "reference", due["elsewhere"].reference),
        (6, "reference", "Z0"),
        (7, "reference", draft.reference),
        (8, "reference", due["stale"].reference),
    ]
    assert all(fault.remedy for row in plan.rows for fault in row.faults)
    assert len(plan.refused) == 7
    assert plan.changes == 0


def test_a_wrong_verdict_names_the_right_ones(officer_client: Client, due: dict) -> None:
    response = send(officer_client, f"reference,date,verdict\n{due['stale'].reference},,oui\n")
    assert "true, ended, wrong" in response.content.decode()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "The file is empty"),
        ("reference,date\nA1,\n", "no column verdict"),
        ("reference,date,verdict,colour\nA1,,true,red\n", "colour"),
        (b"reference,date,verdict\nA1,\x00,true\n", "NUL"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(officer_client: Client, text: str, told: str) -> None:
    assert told in send(officer_client, text).content.decode()


def test_without_a_file_it_is_told(officer_client: Client) -> None:
    assert "Choose a file first" in officer_client.post("/en/my/verify/file/").content.decode()


def test_a_plan_is_ones_own_and_as_it_was_made(officer_client: Client, administrator_client: Client, due: dict) -> None:
    response = send(officer_client, f"reference,date,verdict\n{due['stale'].reference},,true\n")
    for client, plan in ((administrator_client, response.context["signed"]), (officer_client, "forged")):
        assert "too old" in client.post("/en/my/verify/file/", {"plan": plan}).content.decode()
    due["stale"].refresh_from_db()
    assert due["stale"].verified_on == LONG_AGO


def test_the_template_is_the_list_to_fill_in(officer_client: Client, due: dict) -> None:
    response = officer_client.get("/en/my/verify/coopdir-verify.csv")
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert [row["reference"] for row in rows] == [due[name].reference for name in ("older", "stale", "never")]
    assert set(rows[0]) == {"reference", "date", "verdict", "agreement"}
    filled = "reference,date,verdict,agreement\n" + "".join(f"{row['reference']},,true,x\n" for row in rows)
    assert send(officer_client, filled).context["plan"].changes == 3


def test_a_name_that_looks_like_a_formula_is_guarded(officer_client: Client, officer: User) -> None:
    entered("=cmd()")
    assert "\"'=cmd()" in officer_client.get("/en/my/verify/coopdir-verify.csv").content.decode()
