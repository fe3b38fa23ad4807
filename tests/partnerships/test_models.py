"""The rules that the database holds, whoever writes: each allows what it should and refuses the rest."""

import datetime
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pgtrigger
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, Model, Value

from networks import models as n
from partnerships import models as p
from tests import factories
from tests.factories import agreement, make, organisation, party, source, territory, town

pytestmark = pytest.mark.django_db

MODELS = [
    model
    for app in ("partnerships", "networks")
    for model in apps.get_app_config(app).get_models()
    if not hasattr(model, "pgh_id")  # the event tables
]


class Shared:
    """A record that the rows of one case have in common; made once a test."""

    def __init__(self, factory: Callable[..., Model], *args: Any, **columns: Any) -> None:
        self.make = lambda: factory(*args, **columns)


A_TOWN, B_TOWN = Shared(town), Shared(town, code="DE")
AN_ORGANISATION, AN_AGREEMENT = Shared(organisation), Shared(make, p.Agreement)
A_SOURCE, B_SOURCE = Shared(source), Shared(source)
A_MOMENT = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
A_PARTY, A_THEME, A_FUND = Shared(make, p.Party), Shared(make, p.Theme), Shared(make, p.FundingSource)
A_TERRITORY, B_TERRITORY = Shared(territory, "FR-BFC"), Shared(territory, "FR-BRE")
A_NETWORK, B_NETWORK = Shared(factories.network), Shared(factories.network)
A_BODY, A_ZONE, A_USER = Shared(factories.support_body), Shared(make, p.CooperationZone), Shared(factories.user)
MALI, FRANCE = Shared(factories.country, "ML"), Shared(factories.country, "FR")

Row = dict[str, Any]
# Rows of one model: all of the first list are accepted together; of the second, the last is refused.
Case = tuple[type[Model], list[Row], list[Row]]
CASES: dict[str, Case] = {}

DATES: dict[type[Model], list[str]] = {
    p.Source: ["date"],
    p.Claim: ["as_of"],
    p.StateRelation: ["since", "until"],
    p.Territory: ["dissolved_on"],
    p.TerritoryParent: ["since", "until"],
    p.Agreement: ["signed", "valid_until", "ended"],
    p.Party: ["joined", "left"],
    p.Suspension: ["since", "until"],
    p.Renewal: ["renewed", "valid_until"],
    p.Document: ["date"],
    n.Network: ["founded", "dissolved"],
    n.NetworkLink: ["since", "until"],
    n.SupportBody: ["founded", "dissolved", "succeeded"],
    n.ServedTerritory: ["since", "until"],
    n.Membership: ["since", "until"],
    n.NetworkClaim: ["as_of"],
    n.Milestone: ["date", "until"],
    n.WebLink: ["listed"],
}
for model, columns in DATES.items():
    for column in columns:
        CASES[f"{model._meta.model_name}_{column}_is_a_date"] = (
            model,
            [{column: "2002-02-28"}],
            [{column: Value("2002-02-30")}],  # an expression passes by the field's own check
        )

ORDERS: dict[type[Model], list[tuple[str, str]]] = {
    p.StateRelation: [("since", "until")],
    p.TerritoryParent: [("since", "until")],
    p.Agreement: [("signed", "valid_until"), ("signed", "ended")],
    p.Party: [("joined", "left")],
    p.Suspension: [("since", "until")],
    p.Renewal: [("renewed", "valid_until")],
    n.Network: [("founded", "dissolved")],
    n.NetworkLink: [("since", "until")],
    n.SupportBody: [("founded", "dissolved")],
    n.ServedTerritory: [("since", "until")],
    n.Membership: [("since", "until")],
    n.Milestone: [("date", "until")],
}
for model, pairs in ORDERS.items():
    for first, second in pairs:
        CASES[f"{model._meta.model_name}_{first}_before_{second}"] = (
            model,
            [{first: "1986-05", second: "1986"}],  # may well be in order
            [{first: "1986-05", second: "1986-04-30"}],
        )

KNOWN: dict[type[Model], Row] = {
    p.Claim: {"verdict": "unconfirmed"},
    p.Country: {"continent": "OC"},
    p.Territory: {"level": "department"},
    p.Town: {"level": "village", "publication": "submitted", "coordinates_precision": "territory"},
    p.TownName: {"kind": "printed"},
    p.GazetteerPlace: {"level": "village", "coordinates_precision": "territory"},
    p.GazetteerName: {"kind": "former"},
    p.Organisation: {"kind": "school", "publication": "draft"},
    p.OrganisationName: {"kind": "former"},
    p.Agreement: {
        "kind": "one-off",
        "formal_status": "in-force",
        "activity": "dormant",
        "publication": "withdrawn",
    },
    p.Party: {"role": "lead"},
    p.Suspension: {"suspended_by": "party"},
    p.Mandate: {"role": "coordinator"},
    n.Network: {"kind": "programme", "scope": "continent", "continent": "AF", "publication": "draft"},
    n.NetworkName: {"kind": "former"},
    n.NetworkLink: {"kind": "merged-into"},
    n.SupportBody: {"legal_status": "gip", "succession": "confirmed", "publication": "draft"},
    n.Membership: {"role": "founder"},
    n.NetworkClaim: {"verdict": "unconfirmed"},
    n.WebLink: {"section": "asia"},
}
for model, codes in KNOWN.items():
    for column, code in codes.items():
        unknown = {column: "?"}
        if column == "verdict":
            unknown["second_source"] = A_SOURCE  # every verdict but "unconfirmed" needs one
        CASES[f"{model._meta.model_name}_{column}_is_known"] = (model, [{column: code}], [unknown])

for model, record in (
    (p.Town, A_TOWN),
    (p.Organisation, AN_ORGANISATION),
    (p.Agreement, AN_AGREEMENT),
    (n.Network, A_NETWORK),
    (n.SupportBody, A_BODY),
):
    CASES[f"{model._meta.model_name}_merged_is_withdrawn"] = (
        model,
        [{"merged_into": record, "publication": "withdrawn"}],
        [{"merged_into": record, "publication": "published"}],
    )


def once(model: type[Model], row: Row, **other: Any) -> Case:
    """A unique key: the row with another value stands beside it, the row repeated does not."""
    return model, [row, row | other], [row, row]


CASES |= {
    # partnerships: sources and places
    "source_citation": once(p.Source, {"title": "Atlas", "url": "https://example.org/1"}, url=""),
    "claim_verdict_has_a_source": (
        p.Claim,
        [{"verdict": "corrected", "second_source": A_SOURCE}],
        [{"verdict": "corrected"}],
    ),
    "country_code_form": (p.Country, [{"code": "XK"}], [{"code": "xk"}]),
    "zonecountry_once": once(p.ZoneCountry, {"zone": A_ZONE, "country": MALI}, country=FRANCE),
    "staterelation_once": once(p.StateRelation, {"country": MALI, "counterpart": "EU"}, since="1990"),
    "territory_insee": (
        p.Territory,
        [{"insee": "26", "dissolved_on": "2016"}, {"insee": "26"}, {"insee": ""}, {"insee": ""}],
        [{"insee": "26"}, {"insee": "26"}],
    ),
    "territory_successor_means_dissolved": (
        p.Territory,
        [{"successor": A_TERRITORY, "dissolved_on": "2016"}],
        [{"successor": A_TERRITORY}],
    ),
    "territory_is_on_earth": (
        p.Territory,
        [{"latitude": -90, "longitude": 180}],
        [{"latitude": 47.2, "longitude": 181}],
    ),
    "territoryparent_once": once(p.TerritoryParent, {"territory": A_TERRITORY, "parent": B_TERRITORY}, since="2016"),
    "territoryparent_not_itself": (
        p.TerritoryParent,
        [{"territory": A_TERRITORY, "parent": B_TERRITORY}],
        [{"territory": A_TERRITORY, "parent": A_TERRITORY}],
    ),
    "town_is_on_earth": (p.Town, [{"latitude": 90, "longitude": -180}, {}], [{"latitude": 47.2}]),
    "town_insee": once(p.Town, {"insee": "21515"}, publication="withdrawn"),
    "town_geonames": once(p.Town, {"geonames": 1}, geonames=None),
    "town_wikidata": once(p.Town, {"wikidata": "Q90"}, wikidata="Q91"),
    "town_governs": once(p.Town, {"governs": A_TERRITORY}, governs=B_TERRITORY),
    "town_insee_is_french": (p.Town, [{"insee": "2A004"}], [{"insee": "21515", "country": MALI}]),
    "town_wikidata_form": (p.Town, [{"wikidata": "Q1"}], [{"wikidata": "Q01"}]),
    "townname_once": once(p.TownName, {"town": A_TOWN, "name": "Bourgne"}, name="Bourogne"),
    "townsource_once": once(p.TownSource, {"town": A_TOWN, "source": A_SOURCE}, source=B_SOURCE),
    "place_has_an_identifier": (
        p.GazetteerPlace,
        [{"geonames": None, "insee": "21515"}],
        [{"geonames": None, "insee": None}],
    ),
    "organisationname_once": once(p.OrganisationName, {"organisation": AN_ORGANISATION, "name": "AMF"}, name="A.M.F."),
    "organisationsource_once": once(
        p.OrganisationSource, {"organisation": AN_ORGANISATION, "source": A_SOURCE}, source=B_SOURCE
    ),
    # partnerships: agreements and mandates
    "party_one_of": (
        p.Party,
        [{"town": A_TOWN}, {"town": None, "organisation": AN_ORGANISATION}],
        [{"town": A_TOWN, "organisation": AN_ORGANISATION}],
    ),
    "party_town_once": once(p.Party, {"agreement": AN_AGREEMENT, "town": A_TOWN}, town=B_TOWN),
    "party_organisation_once": (
        p.Party,
        [{"town": None, "organisation": AN_ORGANISATION}] * 2,
        [{"agreement": AN_AGREEMENT, "town": None, "organisation": AN_ORGANISATION}] * 2,
    ),
    "agreementtheme_once": once(
        p.AgreementTheme, {"agreement": AN_AGREEMENT, "theme": A_THEME}, theme=Shared(make, p.Theme)
    ),
    "agreementsource_once": once(p.AgreementSource, {"agreement": AN_AGREEMENT, "source": A_SOURCE}, source=B_SOURCE),
    "suspension_once": once(p.Suspension, {"party": A_PARTY}, since="2023-09"),
    "renewal_once": once(p.Renewal, {"agreement": AN_AGREEMENT, "renewed": "1996"}, renewed="1996-05"),
    "contribution_once": once(p.FundingContribution, {"agreement": AN_AGREEMENT, "funding": A_FUND}, year=2005),
    "contribution_amount_has_a_currency": (
        p.FundingContribution,
        [{"amount": 0, "currency": "EUR"}, {}],
        [{"amount": 12_000, "currency": ""}],
    ),
    "contribution_year": (p.FundingContribution, [{"year": 1900}], [{"year": 1899}]),
    "document_once": once(
        p.Document, {"agreement": AN_AGREEMENT, "url": "https://example.org/1"}, url="https://example.org/2"
    ),
    "mandate_once": once(p.Mandate, {"user": A_USER, "territory": A_TERRITORY}, role="coordinator"),
    "mandate_since_before_until": (
        p.Mandate,
        [{"since": "2024-01-01", "until": "2024-01-01"}],
        [{"since": "2024-01-02", "until": "2024-01-01"}],
    ),
    "attachment_once": once(p.Attachment, {"agreement": AN_AGREEMENT, "sha256": "1"}, sha256="2"),
    "contact_has_a_purpose": (p.Contact, [{"purpose": "meetings"}], [{"purpose": ""}]),
    "confirmation_answered_on": (
        p.Confirmation,
        [{}, {"answer": "yes", "answered_at": A_MOMENT}],
        [{"answer": "yes"}],
    ),
    "confirmation_route_is_known": (p.Confirmation, [{"route": "partner"}], [{"route": "x"}]),
    "outgoingmail_state_is_known": (
        p.OutgoingMail,
        [{"state": "sent", "next_try": None, "ended_at": A_MOMENT}],
        [{"state": "x", "next_try": None, "ended_at": A_MOMENT}],
    ),
    "outgoingmail_ended_is_empty": (
        p.OutgoingMail,
        [{"body": "a link"}, {"state": "given_up", "next_try": None, "ended_at": A_MOMENT}],
        [{"state": "given_up", "next_try": None, "ended_at": A_MOMENT, "body": "a link"}],
    ),
    "token_ended_by_is_known": (
        p.ApiToken,
        [{"ended_by": "mandate", "revoked_at": A_MOMENT}],
        [{"ended_by": "x", "revoked_at": A_MOMENT}],
    ),
    "token_ended_on_a_day": (
        p.ApiToken,
        [{}, {"revoked_at": A_MOMENT}],
        [{"ended_by": "mandate"}],
    ),
    "formdraft_once": once(p.FormDraft, {"user": A_USER, "agreement": AN_AGREEMENT}, agreement=None),
    "invitation_role_is_known": (p.Invitation, [{"role": "officer"}], [{"role": "king"}]),
    "submission_kind_is_known": (p.Submission, [{"kind": "change"}], [{"kind": "x"}]),
    "submission_state_is_known": (p.Submission, [{"state": "open"}], [{"state": "x", "decided_at": A_MOMENT}]),
    "submission_decided_on": (
        p.Submission,
        [{"state": "approved", "decided_at": A_MOMENT}],
        [{"state": "approved"}],
    ),
    "submission_rejected_with_reason": (
        p.Submission,
        [{"state": "rejected", "decided_at": A_MOMENT, "reason": "no"}],
        [{"state": "rejected", "decided_at": A_MOMENT}],
    ),
    # networks
    "networkname_once": once(n.NetworkName, {"network": A_NETWORK, "name": "CGLU"}, name="UCLG"),
    "networksource_once": once(n.NetworkSource, {"network": A_NETWORK, "source": A_SOURCE}, source=B_SOURCE),
    "networklink_once": once(n.NetworkLink, {"network": A_NETWORK, "other": B_NETWORK}, kind="section-of"),
    "networklink_not_itself": (
        n.NetworkLink,
        [{"network": A_NETWORK, "other": B_NETWORK}],
        [{"network": A_NETWORK, "other": A_NETWORK}],
    ),
    "supportbody_services_are_known": (
        n.SupportBody,
        [{"services": ["training", "observation"]}, {"services": []}],
        [{"services": ["training", "lunch"]}],
    ),
    "supportbody_not_its_own_successor": (
        n.SupportBody,
        [{"successor": A_BODY}],
        [{"id": 1_000_000, "successor_id": 1_000_000}],
    ),
    "servedterritory_once": once(
        n.ServedTerritory, {"support_body": A_BODY, "territory": A_TERRITORY}, territory=B_TERRITORY
    ),
    "supportbodysource_once": once(n.SupportBodySource, {"support_body": A_BODY, "source": A_SOURCE}, source=B_SOURCE),
    "membership_one_of": (
        n.Membership,
        [
            {"town": A_TOWN},
            {"town": None, "organisation": AN_ORGANISATION},
            {"town": None, "member_network": B_NETWORK},
            {"town": None, "support_body": A_BODY},
        ],
        [{"town": A_TOWN, "support_body": A_BODY}],
    ),
    "membership_once": once(n.Membership, {"network": A_NETWORK, "town": A_TOWN}, since="1990"),
    "membership_not_in_itself": (
        n.Membership,
        [{"network": A_NETWORK, "town": None, "member_network": B_NETWORK}],
        [{"network": A_NETWORK, "town": None, "member_network": A_NETWORK}],
    ),
    "networkclaim_one_of": (
        n.NetworkClaim,
        [{"network": A_NETWORK}, {"network": None, "support_body": A_BODY}],
        [{"network": A_NETWORK, "support_body": A_BODY}],
    ),
    "networkclaim_verdict_has_a_source": (
        n.NetworkClaim,
        [{"verdict": "confirmed", "second_source": A_SOURCE}],
        [{"verdict": "confirmed"}],
    ),
    "milestone_once": once(n.Milestone, {"date": "1992", "title_en": "Rio"}, date="1992-06"),
    "weblink_once": once(n.WebLink, {"section": "africa", "url": "https://example.org/"}, section="asia"),
}

IMMUTABLE = [model for model in MODELS if hasattr(model, "reference")]
NAMED = [model for model in MODELS if hasattr(model, "normalised")]
PUBLIC = [model for model in MODELS if issubclass(model, p.PublicRecord)]
# Tested one by one below.
RULES = {
    "agreement_published_once",
    "Agreement.published_is_complete",
    "Party.published_is_complete",
    "AgreementSource.published_is_complete",
    "Party.party_key_on_insert",
    "Party.party_key_on_update",
    "Party.party_key_on_delete",
    *(f"{model.__name__}.reference_is_immutable" for model in IMMUTABLE),
    *(f"{model.__name__}.published_at_is_{verb}" for model in PUBLIC for verb in ("kept", "set")),
    *(f"{model._meta.model_name}_published_has_a_date" for model in PUBLIC),
}
HISTORY = {"insert_insert", "update_update", "delete_delete"}  # in test_history.py
REPORTS = "report_"  # how the names of triggers begin that report changes to the facets: test_facets.py


def write(model: type[Model], rows: list[Row], made: dict[Shared, Model]) -> None:
    """Make rows of a model; `made` remembers the shared records."""
    for row in rows:
        columns = {}
        for name, value in row.items():
            if isinstance(value, Shared):
                if value not in made:
                    made[value] = value.make()
                value = made[value]
            columns[name] = value
        make(model, **columns)


@contextmanager
def refusal(constraint: str) -> Iterator[None]:
    """The block is refused by the constraint of that name, and undone."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    assert caught.value.__cause__.diag.constraint_name == constraint


def commit() -> None:
    """Check now what would be checked at the end of the transaction."""
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("SET CONSTRAINTS ALL DEFERRED")


def sql(statement: str, *values: Any) -> None:
    """Run a statement by hand."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def key(record: p.Agreement) -> str:
    """The party key as the database has it now."""
    return p.Agreement.objects.values_list("party_key", flat=True).get(pk=record.pk)


@pytest.mark.parametrize("constraint", CASES)
def test_constraint_allows(constraint: str) -> None:
    model, allowed, _ = CASES[constraint]
    write(model, allowed, {})


@pytest.mark.parametrize("constraint", CASES)
def test_constraint_refuses(constraint: str) -> None:
    model, _, (*before, refused) = CASES[constraint]
    made: dict[Shared, Model] = {}
    write(model, before, made)
    with refusal(constraint):
        write(model, [refused], made)


def test_every_constraint_and_trigger_has_a_case() -> None:
    found = {constraint.name for model in MODELS for constraint in model._meta.constraints} | {
        f"{model.__name__}.{trigger.name}"
        for model in MODELS
        for trigger in getattr(model._meta, "triggers", [])
        if trigger.name not in HISTORY and not trigger.name.startswith(REPORTS)
    }
    assert found == {*CASES, *RULES}


# References and other columns that the database fills


@pytest.mark.parametrize("model", PUBLIC, ids=lambda model: model.__name__)
def test_the_first_publication_is_kept_for_ever(model: type[Model]) -> None:
    rows = model._default_manager.filter(pk=make(model, publication="draft").pk)
    for state in ("submitted", "withdrawn", "draft"):
        rows.update(publication=state)
        assert rows.get().published_at is None
    rows.update(publication="published")
    first = rows.get().published_at
    assert first is not None
    nothing = {"published_at": None}
    for columns in ({"publication": "withdrawn"}, nothing, nothing | {"publication": "draft"}):
        rows.update(**columns)
        assert rows.get().published_at == first
    assert model.pgh_event_model.objects.filter(pgh_obj=rows.get().pk).latest("pgh_id").published_at == first


@pytest.mark.parametrize("model", PUBLIC, ids=lambda model: model.__name__)
def test_what_begins_published_is_dated_at_once(model: type[Model]) -> None:
    record = agreement() if model is p.Agreement else make(model)
    record.refresh_from_db()
    assert record.published_at is not None
    with (
        pgtrigger.ignore(f"{model._meta.label}:published_at_is_set"),
        refusal(f"{model._meta.model_name}_published_has_a_date"),
    ):
        make(model, publication="published")


@pytest.mark.parametrize("model", IMMUTABLE, ids=lambda model: model.__name__)
def test_reference_comes_from_the_database_and_stays(model: type[Model]) -> None:
    record = make(model)
    assert re.fullmatch(r"[A-Z][1-9][0-9]*", record.reference)
    sql(f"UPDATE {model._meta.db_table} SET reference = reference")
    with pytest.raises(DatabaseError, match="reference"), transaction.atomic():
        sql(f"UPDATE {model._meta.db_table} SET reference = 'Z1'")
    record.reference = "Z1"
    with pytest.raises(DatabaseError, match="reference"), transaction.atomic():
        record.save()


def test_references_in_bulk() -> None:
    france = factories.country()
    made = p.Town.objects.bulk_create([p.Town(name="A", country=france), p.Town(name="B", country=france)])
    first, second = (int(record.reference.removeprefix("T")) for record in made)
    assert second == first + 1


def test_reference_brought_along_is_kept_and_never_given_again() -> None:
    brought = town(reference="T5000000")
    sql("SELECT coopdir_keep_reference_ahead('T', 5000000)")
    sql("SELECT coopdir_keep_reference_ahead('T', 7)")  # does not go back
    assert brought.reference == "T5000000"
    assert town().reference == "T5000001"


@pytest.mark.parametrize("model", NAMED, ids=lambda model: model.__name__)
def test_normalised_names_follow_the_name(model: type[Model]) -> None:
    record = make(model, name="  Thorigné-Fouillard ")
    record.refresh_from_db()
    assert record.normalised == "thorigne fouillard"
    model._default_manager.filter(pk=record.pk).update(name="Тимбукту")
    record.refresh_from_db()
    assert record.normalised == "timbuktu"


def test_a_record_is_not_merged_into_itself() -> None:
    record = town(publication="withdrawn")
    with refusal("town_merged_is_withdrawn"):
        p.Town.objects.filter(pk=record.pk).update(merged_into=F("pk"))


# Party key: the sorted parties


def test_party_key_is_the_same_whichever_way_round() -> None:
    a, b, body = town(), town(), organisation()
    expected = f"t{a.pk},t{b.pk},o{body.pk}"
    assert agreement(a, b, body).party_key == expected
    assert agreement(body, b, a, kind="friendship").party_key == expected


def test_party_key_sorts_by_number_not_by_text() -> None:
    nine, ten = town(id=9_000_009), town(id=10_000_000)
    assert agreement(ten, nine).party_key == "t9000009,t10000000"


def test_party_key_follows_insert_update_and_delete() -> None:
    a, b, c = town(), town(), town()
    record = agreement(a, b)
    third = party(record, c)
    assert key(record) == f"t{a.pk},t{b.pk},t{c.pk}"
    third.town = town()
    third.save()
    assert key(record) == f"t{a.pk},t{b.pk},t{third.town_id}"
    third.delete()
    assert key(record) == f"t{a.pk},t{b.pk}"


def test_party_key_follows_a_party_that_moves_to_another_agreement() -> None:
    a, b, c = town(), town(), town()
    left, right = agreement(a, b, c), agreement(a, b, kind="friendship")
    left.parties.filter(town=c).update(agreement=right)
    assert key(left) == f"t{a.pk},t{b.pk}"
    assert key(right) == f"t{a.pk},t{b.pk},t{c.pk}"


def test_party_key_in_bulk() -> None:
    a, b, c = town(), town(), town()
    drafts = [make(p.Agreement) for _ in range(3)]
    p.Party.objects.bulk_create([p.Party(agreement=draft, town=end) for end in (b, a) for draft in drafts])
    assert {key(draft) for draft in drafts} == {f"t{a.pk},t{b.pk}"}
    sql(
        "INSERT INTO partnerships_party (agreement_id, town_id, position, role)"
        " SELECT id, %s, 3, 'partner' FROM partnerships_agreement",
        c.pk,
    )
    assert {key(draft) for draft in drafts} == {f"t{a.pk},t{b.pk},t{c.pk}"}
    p.Party.objects.filter(town=b).update(town=town(id=9_999_999))
    assert {key(draft) for draft in drafts} == {f"t{a.pk},t{c.pk},t9999999"}
    sql("DELETE FROM partnerships_party")
    assert {key(draft) for draft in drafts} == {""}


# The same parties with the same kind and start are published once


@pytest.mark.parametrize("signed", [None, "1986", "1986-05-24"])
def test_published_once_whichever_way_round(signed: str | None) -> None:
    a, b = town(), town()
    agreement(a, b, signed=signed)
    with refusal("agreement_published_once"):
        agreement(b, a, signed=signed)
        commit()


def test_published_once_counts_organisations() -> None:
    a, one, other = town(), organisation(), organisation()
    agreement(a, one)
    agreement(a, other)
    with refusal("agreement_published_once"):
        agreement(one, a)
        commit()


@pytest.mark.parametrize(
    "other",
    [
        {"kind": "friendship"},
        {"signed": "1986-05"},
        {"signed": None},
        {"publication": "draft"},
        {"publication": "submitted"},
        {"publication": "withdrawn"},
    ],
    ids=str,
)
def test_published_once_leaves_others_alone(other: dict[str, Any]) -> None:
    a, b = town(), town()
    agreement(a, b, signed="1986")
    agreement(a, b, **{"signed": "1986"} | other)
    commit()


def test_published_once_when_a_draft_is_published() -> None:
    a, b = town(), town()
    agreement(a, b)
    draft = agreement(b, a, publication="draft")
    with refusal("agreement_published_once"):
        p.Agreement.objects.filter(pk=draft.pk).update(publication="published")
        commit()


def test_published_once_when_towns_become_one() -> None:
    a, b, copy = town(), town(), town()
    agreement(a, b)
    agreement(a, copy)
    with refusal("agreement_published_once"):
        p.Party.objects.filter(town=copy).update(town=b)
        commit()


def test_published_once_allows_a_larger_set_entered_party_by_party() -> None:
    a, b = town(), town()
    agreement(a, b)
    agreement(a, b, town())
    commit()


def test_published_once_allows_parties_to_be_exchanged_one_by_one() -> None:
    a, b, c, d = town(), town(), town(), town()
    record = agreement(a, b)
    agreement(c, b)
    for old, new in ((a, c), (b, d)):
        record.parties.filter(town=old).update(town=new)
    commit()
    assert key(record) == f"t{c.pk},t{d.pk}"


def test_published_once_allows_many_to_be_deleted() -> None:
    """Django deletes in batches of a hundred rows, so that an agreement can lose its parties one by one."""
    a, b = town(), town()
    agreement(a, b)
    for _ in range(40):
        agreement(a, b, town(), signed="1986")
    p.Agreement.objects.filter(signed="1986").update(signed=None)
    p.Agreement.objects.all().delete()
    assert not p.Party.objects.exists()


# A published agreement has two parties and a source at the end of the transaction


def test_complete_is_asked_for_at_the_end_only() -> None:
    record = p.Agreement.objects.create()
    p.AgreementSource.objects.create(agreement=record, source=source())
    party(record, town())
    with refusal("agreement_published_is_complete"):
        commit()
    party(record, town())
    commit()


@pytest.mark.parametrize("publication", ["draft", "submitted", "withdrawn"])
def test_complete_is_asked_of_published_ones_only(publication: str) -> None:
    make(p.Agreement, publication=publication)
    commit()


@pytest.mark.parametrize(
    "harm",
    [
        lambda record: p.Agreement.objects.create(),
        lambda record: record.parties.all()[0].delete(),
        lambda record: record.parties.all().delete(),
        lambda record: record.parties.filter(position=1).update(agreement=make(p.Agreement)),
        lambda record: record.agreementsource_set.all().delete(),
        lambda record: record.agreementsource_set.update(agreement=make(p.Agreement)),
        lambda record: sql("DELETE FROM partnerships_party WHERE agreement_id = %s", record.pk),
        lambda record: p.Agreement.objects.filter(parties=None).update(publication="published"),
    ],
    ids=["created", "party", "parties", "party moved", "source", "source moved", "by SQL", "published"],
)
def test_complete_refuses(harm: Callable[[p.Agreement], Any]) -> None:
    record = agreement()
    make(p.Agreement)
    with refusal("agreement_published_is_complete"):
        harm(record)
        commit()


def test_complete_allows_more_and_less() -> None:
    record = agreement(town(), town(), town())
    p.AgreementSource.objects.create(agreement=record, source=source())
    commit()
    record.parties.all()[0].delete()
    record.agreementsource_set.all()[0].delete()
    commit()
    p.Agreement.objects.filter(pk=record.pk).update(publication="withdrawn")
    record.parties.all().delete()
    commit()
    agreement().delete()
    commit()


@pytest.mark.django_db(transaction=True)
def test_complete_holds_for_a_real_commit() -> None:
    record = agreement()
    with refusal("agreement_published_is_complete"):
        record.parties.all()[0].delete()
    assert record.parties.count() == 2


def test_a_citation_may_be_as_long_as_its_columns() -> None:
    long = {"publisher": "𝄞" * 300, "url": f"https://x.example/{'a' * 480}"}
    source("𝄞" * 300, **long)
    with pytest.raises(IntegrityError), transaction.atomic():
        source("𝄞" * 300, **long)
