"""Writing by the API: the rights of one mandate, the same checks and history as by the form."""

import datetime
import json
from typing import Any

import jsonschema
import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pghistory.models import Context

from coopdir.api import agreement_schema
from core import shares
from partnerships.editing import snapshot
from partnerships.models import (
    Agreement,
    ApiToken,
    FundingContribution,
    FundingSource,
    GazetteerPlace,
    Mandate,
    Renewal,
    Source,
    Submission,
    Town,
)
from partnerships.people import tokens
from tests import factories as f
from tests.accounts import log_in, person
from tests.properties import examples

ROOT = "/api/v1/"


class Program:
    """A program that writes by a token."""

    def __init__(self, user: User, secret: str = "") -> None:
        self.user = user
        self.secret = secret or tokens.create_token(by=user, mandate=user.mandates.get(), name="Our website")[1]
        self.client = Client()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The answer to a call."""
        return self.client.generic(
            method,
            f"{ROOT}{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.secret}"} | headers,
        )

    def change(self, agreement: Agreement, **members: Any) -> Any:
        """The answer to a change that begins with the content as it is now."""
        path = f"agreements/{agreement.reference}/content"
        etag = self.call("GET", path)["ETag"]
        return self.call("PATCH", path, members, **{"If-Match": etag})


@pytest.fixture(autouse=True)
def _nobody_has_called(db: None) -> None:
    shares.reset_shares()


@pytest.fixture
def bfc(db: None) -> Any:
    return f.territory("FR-BFC", name="Bourgogne-Franche-Comté")


@pytest.fixture
def program(officer: User) -> Program:
    """An officer's program."""
    return Program(officer)


@pytest.fixture
def contributor(bfc: Any) -> Program:
    """The program of somebody who may hand in."""
    return Program(f.officer("contributor", bfc, role="contributor"))


@pytest.fixture
def elsewhere(db: None) -> Program:
    """The program of an officer of another region."""
    return Program(f.officer("elsewhere", f.territory("FR-BRE")))


@pytest.fixture
def dijon(bfc: Any) -> Town:
    return f.town("Dijon", territory=bfc)


@pytest.fixture
def agreement(dijon: Town) -> Agreement:
    return f.agreement(dijon, f.town("Mainz", "DE"), signed="1958")


def told(dijon: Town, **more: Any) -> dict[str, Any]:
    """A content to send."""
    partner = f.town("Bamako", "ML")
    return {
        "kind": "cooperation",
        "signed": "2020-05",
        "parties": [{"actor": dijon.reference}, {"actor": partner.reference, "role": "lead"}],
        "sources": [{"title": "Council decision", "url": "https://example.org/decision", "date": "2020"}],
    } | more


def test_an_agreement_is_entered_as_a_draft_and_found_again(program: Program, dijon: Town) -> None:
    response = program.call("POST", "agreements", told(dijon, description_en="Water"))
    assert response.status_code == 201, response.content
    stored = response.json()
    assert stored["publication"] == "draft"
    again = program.client.get(response["Location"], headers={"Authorization": f"Bearer {program.secret}"})
    assert again.json() == stored
    assert again["ETag"] == response["ETag"]
    content = stored["content"]
    assert content["parties"][0]["actor"] == dijon.reference
    assert Source.objects.get(reference=content["sources"][0]).title == "Council decision"
    assert Client().get(f"{ROOT}agreements/{stored['reference']}").status_code == 404


def test_an_officer_publishes_at_once(program: Program, dijon: Town) -> None:
    stored = program.call("POST", "agreements", told(dijon, then="publish")).json()
    assert stored["publication"] == "published"
    assert Client().get(f"{ROOT}agreements/{stored['reference']}").json()["kind"] == "cooperation"
    [published] = Context.objects.filter(metadata__action="publish")
    said = {"action": "publish", "user": program.user.pk, "role": "officer", "territory": "FR-BFC"}
    assert said.items() <= published.metadata.items()


def test_a_contributor_hands_in(contributor: Program, dijon: Town) -> None:
    assert contributor.call("POST", "agreements", told(dijon, then="publish")).status_code == 403
    assert not Agreement.objects.exists()
    response = contributor.call("POST", "agreements", told(dijon, then="submit", note="From our files"))
    assert response.json()["publication"] == "submitted"
    assert Submission.objects.get().text == "From our files"


def test_a_place_of_the_gazetteer_becomes_a_town(program: Program, dijon: Town) -> None:
    f.make(GazetteerPlace, name="Dole", insee="39198", territory_id="FR-BFC")
    parties = [{"actor": "insee:39198"}, {"actor": f.town(code="ML").reference}]
    stored = program.call("POST", "agreements", told(dijon, parties=parties)).json()
    assert Town.objects.get(reference=stored["content"]["parties"][0]["actor"]).name == "Dole"


def test_members_that_are_left_out_stay(program: Program, agreement: Agreement) -> None:
    before = snapshot.read_content(agreement)
    response = program.change(agreement, description_fr="Eau", valid_until="2030")
    assert response.status_code == 200, response.content
    assert snapshot.read_content(agreement) == before | {"description_fr": "Eau", "valid_until": "2030"}
    assert response["ETag"] == f'"{snapshot.content_fingerprint(snapshot.read_content(agreement))}"'


def test_who_may_not_change_at_once_hands_in(contributor: Program, agreement: Agreement) -> None:
    assert contributor.change(agreement, kind="friendship").status_code == 403
    response = contributor.change(agreement, kind="friendship", then="submit")
    assert response.status_code == 202
    assert Agreement.objects.get(pk=agreement.pk).kind == agreement.kind
    assert Submission.objects.get().content["kind"] == "friendship"


def test_nobodys_change_is_lost(program: Program, agreement: Agreement) -> None:
    path = f"agreements/{agreement.reference}/content"
    etag = program.call("GET", path)["ETag"]
    assert program.call("PATCH", path, {"kind": "friendship"}).status_code == 428
    assert program.change(agreement, description_en="First").status_code == 200
    assert program.call("PATCH", path, {"kind": "friendship"}, **{"If-Match": etag}).status_code == 412
    assert Agreement.objects.get(pk=agreement.pk).kind == "twinning"


@pytest.mark.parametrize("given", ["*", '"x", {bare}'])
def test_what_is_there_matches(program: Program, agreement: Agreement, given: str) -> None:
    path = f"agreements/{agreement.reference}/content"
    bare = program.call("GET", path)["ETag"].strip('"')
    response = program.call("PATCH", path, {"kind": "friendship"}, **{"If-Match": given.format(bare=bare)})
    assert response.status_code == 200, response.content
    assert Agreement.objects.get(pk=agreement.pk).kind == "friendship"


def test_another_agreement_of_the_same_parties_needs_a_reason(program: Program, agreement: Agreement) -> None:
    parties = [{"actor": party.town.reference} for party in agreement.parties.all()]
    new = {
        "kind": "cooperation",
        "signed": "2001",
        "parties": parties,
        "sources": [f.agreement().sources.get().reference],
        "then": "publish",
    }
    before = Agreement.objects.count()
    response = program.call("POST", "agreements", new)
    assert response.status_code == 409
    assert response.json()["agreements"] == [agreement.reference]
    assert Agreement.objects.count() == before
    assert program.call("POST", "agreements", new | {"reason": "A new field of work"}).status_code == 201


@pytest.mark.parametrize(
    ("member", "value", "pointer"),
    [
        ("kind", "marriage", "/kind"),
        ("kind", None, "/kind"),
        ("signed", "24/05/1986", "/signed"),
        ("signed", "1986-13", "/signed"),
        ("signed", 1986, "/signed"),
        ("tacit_renewal", "yes", "/tacit_renewal"),
        ("mailbox", "nobody", "/mailbox"),
        ("description_en", "\0", "/description_en"),
        ("colour", "red", "/colour"),
        ("then", "burn", "/then"),
        ("parties", "T1", "/parties"),
        ("parties", [{"actor": "T999"}], "/parties/0/actor"),
        ("parties", [{"role": "lead"}], "/parties/0"),
        ("parties", [{"actor": "insee:99999"}], "/parties/0/actor"),
        ("themes", ["gold"], "/themes/0"),
        ("sources", ["S999"], "/sources/0"),
        ("sources", [{"title": ""}], "/sources/0/title"),
        ("sources", [{"title": "x", "url": "javascript:1"}], "/sources/0/url"),
        ("funding", [{"funding": "gold"}], "/funding/0/funding"),
        ("renewals", [{"renewed": None}], "/renewals/0/renewed"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    program: Program, dijon: Town, member: str, value: Any, pointer: str
) -> None:
    response = program.call("POST", "agreements", told(dijon) | {member: value})
    assert response.status_code == 422, response.content
    assert response["Content-Type"] == "application/problem+json"
    assert pointer in [error["pointer"] for error in response.json()["errors"]]
    assert not Agreement.objects.exists()


def test_rules_of_the_directory_hold(program: Program, dijon: Town) -> None:
    response = program.call("POST", "agreements", told(dijon, ended="2001"))
    assert response.status_code == 422
    assert "before the signature" in response.json()["detail"]
    assert program.call("POST", "agreements", told(dijon, sources=[], then="publish")).status_code == 422
    assert program.call("POST", "agreements", ["no", "object"]).status_code == 422
    assert (
        program.client.post(
            f"{ROOT}agreements", "{", "application/json", headers={"Authorization": f"Bearer {program.secret}"}
        ).status_code
        == 400
    )


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_no_json(program: Program, number: str) -> None:
    answer = program.client.post(
        f"{ROOT}agreements",
        f'{{"funding": [{{"amount": {number}}}]}}',
        "application/json",
        headers={"Authorization": f"Bearer {program.secret}"},
    )
    assert answer.status_code == 400
    assert f"{number} is no number" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("money", "wrong"),
    [({"amount": "5", "currency": "EUR"}, False), ({}, False), ({"amount": "5"}, True), ({"currency": "EUR"}, True)],
)
def test_an_amount_has_a_currency(program: Program, dijon: Town, money: dict[str, Any], wrong: bool) -> None:
    f.make(FundingSource, code="own")
    answer = program.call("POST", "agreements", told(dijon, funding=[{"funding": "own"} | money]))
    assert answer.status_code == (422 if wrong else 201)
    assert [one["pointer"] for one in answer.json().get("errors", ())] == ["/funding/0/currency"] * wrong


def test_a_territory_that_was_dissolved_names_no_party(program: Program, dijon: Town) -> None:
    for code, dissolved, status in (("FR-21", None, 201), ("FR-D", "2015-12-31", 422)):
        f.territory(code, dissolved_on=dissolved)
        parties = [{"actor": dijon.reference}, {"actor": code}]
        assert program.call("POST", "agreements", told(dijon, parties=parties)).status_code == status


def test_a_draft_that_its_officer_may_not_see_names_no_party(program: Program, dijon: Town) -> None:
    for place, status in (("FR-BFC", 201), ("FR-BRE", 422)):
        draft = f.town(publication="draft", territory=f.territory(place))
        parties = [{"actor": dijon.reference}, {"actor": draft.reference}]
        assert program.call("POST", "agreements", told(dijon, parties=parties)).status_code == status


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from([*agreement_schema.SCHEMA["properties"], "actor", "title"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=examples(40))
@given(st.dictionaries(st.sampled_from(list(agreement_schema.SCHEMA["properties"])), ANYTHING, max_size=5))
def test_whatever_is_sent_is_taken_or_refused_in_words(db: None, given_content: dict[str, Any]) -> None:
    errors: Any = ()
    try:
        entry = agreement_schema.parse_agreement(given_content, agreement_schema.fresh(), AnonymousUser())
    except agreement_schema.Misread as misread:
        errors = misread.errors
    if errors:
        assert all(error["detail"] and error["pointer"].startswith("/") for error in errors)
    else:
        jsonschema.validate(given_content, agreement_schema.SCHEMA)
        entry.faults(publishing=True)


def test_what_is_read_comes_back_unchanged(program: Program, agreement: Agreement) -> None:
    f.make(FundingContribution, agreement=agreement, year=2020, amount=12.5, currency="EUR")
    f.make(Renewal, agreement=agreement, renewed="1996")
    content = program.call("GET", f"agreements/{agreement.reference}/content").json()["content"]
    jsonschema.validate(content, agreement_schema.SCHEMA)
    before = snapshot.read_content(agreement)
    assert program.change(agreement, **content).status_code == 200
    assert snapshot.read_content(agreement) == before


def test_a_source_that_is_cited_already_may_be_sent_back(contributor: Program, agreement: Agreement) -> None:
    other = f.agreement(f.town(code="IT"), publication="draft", cite=f.source())
    for owner, status in ((agreement, 200), (other, 422)):
        draft = f.agreement(agreement.parties.first().town, f.town(code="ML"), publication="draft")
        sources = [one.reference for one in (*draft.sources.all(), *owner.sources.all())]
        assert contributor.change(draft, sources=sources).status_code == status


def test_a_draft_elsewhere_that_is_a_party_already_may_be_sent_back(contributor: Program, agreement: Agreement) -> None:
    ours, hidden = agreement.parties.first().town, f.town(code="IT", publication="draft")
    for partner, status in ((f.town(code="ML"), 422), (hidden, 200)):
        draft = f.agreement(ours, partner, publication="draft")
        parties = [{"actor": town.reference} for town in (ours, hidden)]
        assert contributor.change(draft, parties=parties).status_code == status


def test_a_draft_that_is_handed_in_is_stored_at_once(contributor: Program, dijon: Town) -> None:
    stored = contributor.call("POST", "agreements", told(dijon)).json()
    draft = Agreement.objects.get(reference=stored["reference"])
    response = contributor.change(draft, kind="friendship", then="submit")
    assert (response.status_code, response.json()["publication"]) == (200, "submitted")
    draft.refresh_from_db()
    assert draft.kind == "friendship"


# Verifying


def test_agreements_are_verified(program: Program, agreement: Agreement) -> None:
    day = (timezone.localdate() - datetime.timedelta(1)).isoformat()
    response = program.call("POST", "verifications", {"agreements": [agreement.reference], "on": day})
    assert response.json() == {"verified": 1, "on": day}
    agreement.refresh_from_db()
    assert agreement.verified_on.isoformat() == day


@pytest.mark.parametrize(
    "body", [{}, {"agreements": []}, {"agreements": "A1"}, {"agreements": ["A999999"]}, {"agreements": [1]}]
)
def test_what_cannot_be_verified(program: Program, db: None, body: Any) -> None:
    assert program.call("POST", "verifications", body).status_code == 422


def test_who_verifies_learns_nothing_of_drafts_elsewhere(elsewhere: Program, dijon: Town) -> None:
    draft = f.agreement(dijon, f.town(code="ML"), publication="draft")
    answers = [elsewhere.call("POST", "verifications", {"agreements": [one]}) for one in (draft.reference, "A999999")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].content.decode().replace(draft.reference, "A999999") == answers[1].content.decode()


def test_a_day_to_come_is_refused(program: Program, agreement: Agreement) -> None:
    body = {"agreements": [agreement.reference], "on": "2999-01-01"}
    assert program.call("POST", "verifications", body).status_code == 422
    assert program.call("POST", "verifications", body | {"on": "soon"}).status_code == 422


# Rights


def test_a_token_writes_within_its_mandate_only(elsewhere: Program, agreement: Agreement, dijon: Town) -> None:
    path = f"agreements/{agreement.reference}/content"
    assert elsewhere.call("GET", path).status_code == 403
    assert elsewhere.call("PATCH", path, {"kind": "friendship"}, **{"If-Match": '"x"'}).status_code == 403
    assert elsewhere.call("POST", "agreements", told(dijon)).status_code == 422  # no party in the territory
    assert elsewhere.call("POST", "verifications", {"agreements": [agreement.reference]}).status_code == 403
    draft = f.agreement(dijon, f.town(code="ML"), publication="draft")
    assert elsewhere.call("GET", f"agreements/{draft.reference}/content").status_code == 404


def test_a_token_has_none_of_its_owners_other_rights(bfc: Any, agreement: Agreement) -> None:
    owner = f.user("root", is_superuser=True, is_staff=True)
    mandate = f.make(Mandate, user=owner, territory=f.territory("FR-BRE"), role="officer")
    f.make(Mandate, user=owner, territory=bfc, role="officer")
    program = Program(owner, tokens.create_token(by=owner, mandate=mandate, name="x")[1])
    assert program.call("POST", "verifications", {"agreements": [agreement.reference]}).status_code == 403
    other = Program(owner, tokens.create_token(by=owner, mandate=owner.mandates.get(territory=bfc), name="y")[1])
    assert other.call("POST", "verifications", {"agreements": [agreement.reference]}).status_code == 200


def revoked(program: Program) -> None:
    tokens.revoke_token(by=program.user, token=ApiToken.objects.get())


WORTHLESS = {
    "revoked": revoked,
    "expired": lambda program: ApiToken.objects.update(expires_on="2001-01-01"),
    "mandate over": lambda program: Mandate.objects.update(until="2001-01-01"),
    "mandate handed over": lambda program: Mandate.objects.update(user=f.user()),
    "account closed": lambda program: User.objects.filter(pk=program.user.pk).update(is_active=False),
    "account deleted": lambda program: program.user.delete(),
    "another token": lambda program: setattr(program, "secret", tokens.TOKEN_PREFIX + "x"),
    "no token of ours": lambda program: setattr(program, "secret", "x"),
}


@pytest.mark.parametrize("why", WORTHLESS)
def test_a_token_that_is_worth_nothing(program: Program, agreement: Agreement, why: str) -> None:
    path = f"agreements/{agreement.reference}/content"
    assert program.call("GET", path).status_code == 200
    WORTHLESS[why](program)
    response = program.call("GET", path)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_session_is_no_token(administrator_client: Client, agreement: Agreement) -> None:
    response = administrator_client.post(f"{ROOT}agreements", {}, "application/json")
    assert response.status_code == 401
    assert administrator_client.get(f"{ROOT}agreements/{agreement.reference}/content").status_code == 401
    assert administrator_client.get(f"{ROOT}agreements", headers={"Authorization": "Basic eDp5"}).status_code == 401


def test_the_token_itself_is_kept_nowhere(program: Program) -> None:
    (row,) = ApiToken.objects.values_list()
    assert not any(program.secret in str(value) for value in row)
    assert ApiToken.objects.get().used_on is None
    program.call("GET", "agreements")
    assert ApiToken.objects.get().used_on == timezone.localdate()


# The page


def test_tokens_are_made_shown_once_and_revoked_on_a_page(bfc: Any) -> None:
    officer, officer_client, address = person(), Client(), reverse("tokens")
    f.make(Mandate, user=officer, territory=bfc, role="officer")
    log_in(officer_client, officer)
    page = officer_client.post(address, {"mandate": officer.mandates.get().pk, "name": "Our website"}, follow=True)
    secret = page.context["secret"]
    assert secret.encode() in page.content
    assert tokens.find_token(secret).user == officer
    again = officer_client.get(address)
    assert secret.encode() not in again.content
    assert b"Our website" in again.content
    token = ApiToken.objects.get()
    officer_client.post(reverse("token_revoke", args=[token.pk]))
    assert tokens.find_token(secret) is None


def test_nobody_makes_or_revokes_tokens_of_others(officer: User, officer_client: Client, program: Program) -> None:
    other = f.officer("other", f.territory("FR-BRE"))
    theirs, _secret = tokens.create_token(by=other, mandate=other.mandates.get(), name="x")
    response = officer_client.post(reverse("tokens"), {"mandate": other.mandates.get().pk, "name": "y"})
    assert response.status_code == 200
    assert ApiToken.objects.filter(user=officer).count() == 1  # the fixture's
    assert officer_client.post(reverse("token_revoke", args=[theirs.pk])).status_code == 404
    assert ApiToken.objects.get(pk=theirs.pk).revoked_at is None
    assert b"x</" not in officer_client.get(reverse("tokens")).content
