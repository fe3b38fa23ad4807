"""Who gets through which door: every address, by every method, as every kind of person.

A new address without a line in `DOORS` fails the test: nothing is reachable that nobody thought of.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import translation

from core.imports.models import ImportBatch
from networks.models import Milestone
from partnerships.mail.signed_links import CONFIRMATION, DIGEST, PROPOSAL
from partnerships.models import ApiToken, Attachment, Confirmation, FormDraft, Invitation, Mandate, Merge, Submission
from tests import factories

ROLES = ("anonymous", "contributor", "elsewhere", "officer", "coordinator", "administrator")
"""Who comes: three people with a mandate in the region that the records lie in, and an officer of another region."""

ACTIONS = ("verify", "end", "suspend", "resume", "withdraw", "reinstate", "delete", "restore", "merge")

IMPORT_PAGES = ("plan", "map", "names", "apply", "progress", "result", "undo", "refused", "file")

LISTS = ("agreements", "towns", "organisations", "countries", "territories", "networks", "memberships",
         "support_bodies", "milestones", "links")  # fmt: skip

SHOWN = (200, 405)  # a page for everybody to read, and nothing to write there


def named(patterns: list[URLPattern | URLResolver], namespace: str = "") -> Iterator[str]:
    """The full names of all addresses; the admin, which has hundreds of one kind, is tested apart."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if pattern.namespace != "admin":
                prefix = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
                yield from named(pattern.url_patterns, prefix)
        else:
            yield f"{namespace}{pattern.name or pattern.pattern}"


@pytest.fixture
def arguments(db: None) -> dict[str, list[Any]]:
    """What the addresses of single records need: the address of one that is there."""
    territory = factories.territory("FR-BFC")
    town = factories.town("Dijon", territory=territory)
    agreement = factories.agreement(town, factories.town("Mainz", "DE"))
    # Brought by somebody else: administrators alone see it.
    batch = ImportBatch.objects.create(
        resource="towns",
        file_name="towns.csv",
        file=ContentFile(b"name,country\nDole,FR\n", "towns.csv"),
        source_licence="CC0-1.0",
        headers=["name", "country"],
        status="uploaded",
        user=factories.user(),
    )
    served = factories.support_body()
    served.territories.add(territory)
    worked = factories.organisation(territory=territory)
    invitation = factories.make(Invitation, territory=territory, invited_by=factories.user())
    records = {
        "agreement": agreement.address,
        "town": town.address,
        "organisation": factories.organisation().address,
        "country": factories.country("ML").code.lower(),
        "territory": territory.code,
        "network": factories.network().address,
        "supportbody": factories.support_body().address,
    }
    return {
        **{f"{name}_file": ["csv"] for name in LISTS},
        **{f"{name}_file": [address, "json"] for name, address in records.items()},
        **{f"api_{name}": [address.partition("-")[0]] for name, address in records.items()},
        "api_territory": [territory.code],
        "api_agreement_content": [agreement.reference],
        "api_milestone": [factories.make(Milestone).reference],
        "api_nothing": ["v2/"],
        "token_revoke": [factories.make(ApiToken).pk],
        "layout": ["towns"],
        "layout_template": ["towns"],
        "layout_dictionary": ["towns"],
        "layout_schema": ["towns"],
        "ogc_collection": ["towns"],
        "ogc_items": ["towns"],
        "ogc_item": ["towns", town.reference],
        "sitemap_part": ["agreements", 0],
        "record": [agreement.reference],
        "record_turtle": [agreement.reference],
        "catalogue": ["ttl"],
        "card": ["en", agreement.reference],
        "dump_manifest": ["latest"],
        "dump_file": ["latest", "csv.zip"],
        "country": [factories.country("ML").code.lower()],
        "country_pair": [factories.country("FR").code.lower(), factories.country("ML").code.lower()],
        "territory": [territory.code],
        "town": [factories.town("Koulikoro", "ML").address],
        "agreement": [agreement.address],
        "organisation": [factories.organisation().address],
        "network": [factories.network().address],
        "supportbody": [factories.support_body().address],
        **{f"supportbody_{action}": [served.reference] for action in ("edit", "restore")},
        **{f"organisation_{action}": [worked.reference] for action in ("edit", "restore")},
        **{f"town_{action}": [town.reference] for action in ("edit", "restore")},
        "territory_history": [territory.code],
        "country_history": [factories.country("ML").code.lower()],
        "invitation": ["1.unsigned"],
        "account_confirm_email": ["unsigned"],
        "account_reset_password_from_key": ["1", "unsigned"],
        "mfa_remove_webauthn": [1],
        "mfa_edit_webauthn": [1],
        "person_leave": [factories.officer("leaving", territory).pk],
        "mandate_end": [factories.make(Mandate, territory=territory).pk],
        "invitation_resend": [invitation.pk],
        "invitation_revoke": [invitation.pk],
        "propose": ["agreement", agreement.reference],
        "proposal": [PROPOSAL.key(factories.make(Submission).pk)],
        "confirm": [CONFIRMATION.key(factories.make(Confirmation, party=agreement.parties.last()).pk)],
        "digest_stop": [DIGEST.key(factories.user().pk)],
        "submission": [factories.make(Submission, territories=[territory.pk]).pk],
        "confirmation_ask": [agreement.reference],
        "agreement_edit": [agreement.reference],
        "agreement_history": [agreement.address],
        "town_history": [town.address],
        "organisation_history": [factories.organisation().address],
        "network_history": [factories.network().address],
        "supportbody_history": [factories.support_body().address],
        **{f"agreement_{action}": [agreement.reference] for action in ACTIONS},
        "town_merge": [town.reference],
        "merge_undo": [
            factories.make(
                Merge,
                loser=town.reference,
                winner=town.reference,
                moved={"steps": [], "also": [], "territories": [["FR-BFC"], ["FR-BFC"]]},
            ).pk
        ],
        "country_suspend": [factories.country("ML").code.lower()],
        "form_discard": [factories.make(FormDraft).pk],
        **{f"import_{page}": [batch.reference] for page in IMPORT_PAGES},
        "attachment": [factories.make(Attachment, agreement=agreement, file=ContentFile(b"%PDF-", "a.pdf")).pk],
    }


LOGIN = 302
FORM = (302, 200, 200, 200, 200, 200)  # of one's own account; one that is sent empty comes back
OFFICERS = (302, 200, 200, 200, 200, 200)  # their own territory, whichever it is
SENT = (302, 405, 405, 405, 405, 405)  # by a form; there is nothing to read


def publishers(answer: int) -> tuple[int, int, int, int, int, int]:
    """What those who publish in the region get; others are turned away."""
    return (LOGIN, 403, 403, answer, answer, answer)


IMPORTERS = (LOGIN, 403, 200, 200, 200, 200)


def of_another(answer: int) -> tuple[int, int, int, int, int, int]:
    """What an administrator gets of an import that is somebody else's; for officers it does not exist."""
    return (LOGIN, 403, 404, 404, 404, answer)


# Name of the address: answers to GET, then to POST; one for everybody, or one for each of ROLES.
Answer = int | tuple[int, int, int, int, int, int]
DOORS: dict[str, tuple[Answer, Answer]] = {
    "healthz": SHOWN,
    "readyz": SHOWN,
    "home": SHOWN,
    "about": SHOWN,
    "accessibility": SHOWN,
    "privacy": SHOWN,
    "search": SHOWN,
    "suggest": SHOWN,
    "statistics": SHOWN,
    "changes": SHOWN,
    "map": SHOWN,
    "map_data": SHOWN,
    "layouts": SHOWN,
    "layout": SHOWN,
    "layout_template": SHOWN,
    "layout_dictionary": SHOWN,
    "layout_schema": SHOWN,
    # The API: reading is for everybody; by session nobody writes, only by token (test_api_writing)
    "api_root": SHOWN,
    "api_schema": SHOWN,
    "api_schema_yaml": SHOWN,
    "api_reference": SHOWN,
    "api_agreements": (200, 401),
    "api_agreement": SHOWN,
    "api_agreement_content": (401, 405),
    "api_verifications": (405, 401),
    "api_parties": SHOWN,
    "api_towns": SHOWN,
    "api_town": SHOWN,
    "api_organisations": SHOWN,
    "api_organisation": SHOWN,
    "api_countries": SHOWN,
    "api_country": SHOWN,
    "api_territories": SHOWN,
    "api_territory": SHOWN,
    "api_networks": SHOWN,
    "api_network": SHOWN,
    "api_memberships": SHOWN,
    "api_support_bodies": SHOWN,
    "api_supportbody": SHOWN,
    "api_milestones": SHOWN,
    "api_milestone": SHOWN,
    "api_nothing": (404, 404),
    "ogc": SHOWN,
    "ogc_api": SHOWN,
    "ogc_conformance": SHOWN,
    "ogc_collections": SHOWN,
    "ogc_collection": SHOWN,
    "ogc_items": SHOWN,
    "ogc_item": SHOWN,
    # Lists and records as files
    "agreements_file": SHOWN,
    "towns_file": SHOWN,
    "organisations_file": SHOWN,
    "countries_file": SHOWN,
    "territories_file": SHOWN,
    "networks_file": SHOWN,
    "memberships_file": SHOWN,
    "support_bodies_file": SHOWN,
    "milestones_file": SHOWN,
    "links_file": SHOWN,
    "agreement_file": SHOWN,
    "town_file": SHOWN,
    "organisation_file": SHOWN,
    "country_file": SHOWN,
    "territory_file": SHOWN,
    "network_file": SHOWN,
    "supportbody_file": SHOWN,
    # What leaves
    "robots": SHOWN,
    "security_txt": SHOWN,
    "sitemap": SHOWN,
    "sitemap_pages": SHOWN,
    "sitemap_part": SHOWN,
    "agreements_feed": SHOWN,
    "changes_feed": SHOWN,
    "quickstatements": SHOWN,
    "data": SHOWN,
    "catalogue": SHOWN,
    "card": SHOWN,
    "iati": (404, 405),  # nothing has a date
    "embed_list": SHOWN,
    "embed_map": SHOWN,
    "embed_snippet": SHOWN,
    "dump_manifest": (404, 405),  # none is published
    "dump_file": (404, 405),
    "record": (303, 405),
    "record_turtle": SHOWN,
    "agreements": SHOWN,
    "agreement": SHOWN,
    "countries": SHOWN,
    "country": SHOWN,
    "country_pair": SHOWN,
    "territory": SHOWN,
    "towns": SHOWN,
    "town": SHOWN,
    "organisations": SHOWN,
    "organisation": SHOWN,
    "networks": SHOWN,
    "network": SHOWN,
    "support_bodies": SHOWN,
    "supportbody": SHOWN,
    "supportbody_edit": (publishers(200), publishers(200)),
    "town_edit": (publishers(200), publishers(200)),
    "organisation_edit": (publishers(200), publishers(200)),
    "milestones": SHOWN,
    "links": SHOWN,
    # Accounts: who is signed in is led on from the pages for getting in, who is not to the login.
    "account": (FORM, FORM),
    "account_data": ((302, 200, 200, 200, 200, 200), 405),
    "account_data_file": ((302, 200, 200, 200, 200, 200), 405),
    "account_delete": (FORM, 302),  # who has a password shows it again first: see test_accounts
    "invitation": (404, 404),  # a link that nobody made
    "account_login": ((200, 302, 302, 302, 302, 302), (200, 302, 302, 302, 302, 302)),
    "account_logout": ((302, 200, 200, 200, 200, 200), 302),
    "account_inactive": SHOWN,
    "account_signup": ((200, 302, 302, 302, 302, 302), (200, 302, 302, 302, 302, 302)),
    "account_reauthenticate": (
        (302, 403, 403, 403, 403, 403),
        (302, 403, 403, 403, 403, 403),
    ),  # by nothing: these have none
    "account_email": ((302, 200, 200, 200, 200, 200), 302),
    "account_email_verification_sent": SHOWN,
    "account_confirm_email": (200, 404),
    "account_change_password": (302, 302),  # to where a first one is set
    "account_set_password": (FORM, FORM),
    "account_reset_password": (200, 200),
    "account_reset_password_done": SHOWN,
    "account_reset_password_from_key": (200, 200),
    "account_reset_password_from_key_done": SHOWN,
    "openid_connect_login": (404, 404),  # none is set
    "openid_connect_callback": (404, 404),
    "socialaccount_login_cancelled": SHOWN,
    "socialaccount_login_error": (401, 405),
    "socialaccount_signup": (302, 302),
    "socialaccount_connections": (FORM, FORM),
    "mfa_index": ((302, 200, 200, 200, 200, 200), 405),
    "mfa_authenticate": (302, 302),
    "mfa_reauthenticate": ((302, 403, 403, 403, 403, 403), (302, 403, 403, 403, 403, 403)),
    "mfa_activate_totp": (FORM, FORM),
    "mfa_deactivate_totp": ((302, 404, 404, 404, 404, 404), (302, 404, 404, 404, 404, 404)),
    "mfa_view_recovery_codes": ((302, 404, 404, 404, 404, 404), 405),
    "mfa_generate_recovery_codes": (FORM, FORM),
    "mfa_download_recovery_codes": ((302, 404, 404, 404, 404, 404), 405),
    "mfa_list_webauthn": ((302, 200, 200, 200, 200, 200), 405),
    "mfa_add_webauthn": (FORM, FORM),
    "mfa_login_webauthn": (302, 302),
    "mfa_reauthenticate_webauthn": ((302, 403, 403, 403, 403, 403), (302, 403, 403, 403, 403, 403)),
    "mfa_remove_webauthn": ((302, 404, 404, 404, 404, 404), (302, 404, 404, 404, 404, 404)),
    "mfa_edit_webauthn": ((302, 404, 404, 404, 404, 404), (302, 404, 404, 404, 404, 404)),
    # People: those of one's own territories, for coordinators; closing an account is for administrators.
    "people": ((302, 403, 403, 403, 200, 200), (302, 403, 403, 403, 200, 200)),
    "person_leave": ((302, 403, 403, 403, 403, 200), (302, 403, 403, 403, 403, 302)),
    "mandate_end": ((302, 403, 403, 403, 405, 405), (302, 403, 403, 403, 302, 302)),
    "invitation_resend": ((302, 403, 403, 403, 405, 405), (302, 403, 403, 403, 302, 302)),
    "invitation_revoke": ((302, 403, 403, 403, 405, 405), (302, 403, 403, 403, 302, 302)),
    # For people without an account: a form that is sent empty comes back
    "propose": (200, 200),
    "proposal": (200, 200),
    "confirm": (410, 410),  # it has expired
    "digest_stop": (200, 200),
    # The officer's desk
    "my": (OFFICERS, 405),
    "desk_drafts": (OFFICERS, 405),
    "desk_expiring": (OFFICERS, 405),
    "desk_duplicates": (OFFICERS, 405),
    "desk_changes": (OFFICERS, 405),
    "verify": (OFFICERS, 302),  # nothing is marked; of whom, see test_todo
    "verify_file": (OFFICERS, OFFICERS),
    "verify_template": (OFFICERS, 405),
    "submissions": (OFFICERS, 405),
    "submission": ((302, 404, 404, 200, 200, 200), (302, 404, 404, 409, 409, 409)),  # an empty comment
    "confirmation_ask": ((302, 403, 403, 200, 200, 200), (302, 403, 403, 200, 200, 200)),
    # The form of an agreement: one sent without a button comes back
    "agreement_new": (OFFICERS, OFFICERS),
    "agreement_history": SHOWN,
    "town_history": SHOWN,
    "organisation_history": SHOWN,
    "network_history": SHOWN,
    "supportbody_history": SHOWN,
    "territory_history": SHOWN,
    "country_history": SHOWN,
    "agreement_verify": (publishers(200), publishers(200)),
    "agreement_end": (publishers(200), publishers(302)),
    "agreement_suspend": (publishers(200), publishers(200)),
    "agreement_resume": (publishers(302), publishers(200)),  # nothing is suspended
    "agreement_withdraw": (publishers(200), publishers(200)),
    "agreement_reinstate": (publishers(302), publishers(409)),  # nothing is withdrawn
    "agreement_delete": (publishers(302), publishers(409)),  # it is public
    "agreement_restore": (publishers(404), publishers(404)),  # no moment is named
    "town_restore": (publishers(404), publishers(404)),
    "organisation_restore": (publishers(404), publishers(404)),
    "supportbody_restore": (publishers(404), publishers(404)),
    "agreement_merge": (publishers(200), publishers(200)),
    "town_merge": ((LOGIN, 403, 403, 403, 200, 200), (LOGIN, 403, 403, 403, 200, 200)),
    "merges": (OFFICERS, 405),
    "merge_undo": (SENT, (LOGIN, 403, 403, 403, 302, 302)),
    "country_suspend": ((LOGIN, 403, 403, 403, 403, 200), (LOGIN, 403, 403, 403, 403, 200)),
    "agreement_edit": ((302, 200, 403, 200, 200, 200), (302, 200, 403, 200, 200, 200)),
    "party_suggestions": (OFFICERS, 405),
    "source_suggestions": (OFFICERS, 405),
    "form_keep": (405, OFFICERS),
    "form_discard": (405, (302, 404, 404, 404, 404, 404)),  # somebody else's
    "attachment": SHOWN,
    # Imports: officers who publish bring files, and see their own
    "import_list": (IMPORTERS, 405),
    "import_new": (IMPORTERS, IMPORTERS),  # one that is sent empty comes back
    "import_profiles": (IMPORTERS, (LOGIN, 403, 404, 404, 404, 404)),  # none is named
    "import_verdicts": (IMPORTERS, (LOGIN, 403, 404, 404, 404, 404)),
    "import_plan": (of_another(302), of_another(302)),
    "import_map": (of_another(200), of_another(200)),
    "import_names": (of_another(200), of_another(302)),
    "import_apply": (of_another(302), of_another(302)),
    "import_progress": (of_another(302), of_another(302)),
    "import_result": (of_another(302), 405),
    "import_undo": (of_another(302), of_another(302)),
    "import_refused": (of_another(200), 405),
    "import_file": (of_another(200), 405),
    "tokens": (OFFICERS, OFFICERS),
    "token_revoke": (SENT, (LOGIN, 404, 404, 404, 404, 404)),  # somebody else's
    "test_mail": ((302, 403, 403, 403, 403, 200), (302, 403, 403, 403, 403, 200)),
}


def answers(expected: Answer) -> dict[str, int]:
    """The answer that each role should get."""
    return dict(zip(ROLES, (expected,) * len(ROLES) if isinstance(expected, int) else expected, strict=True))


@pytest.fixture
def browsers(client: Client, officer_client: Client, administrator_client: Client) -> dict[str, Client]:
    """A browser of each role."""
    here, elsewhere = factories.territory("FR-BFC"), factories.territory("FR-BRE")
    others = {
        "contributor": factories.officer("contributor", here, role="contributor"),
        "elsewhere": factories.officer("elsewhere", elsewhere),
        "coordinator": factories.officer("coordinator", here, role="coordinator"),
    }
    found = {"anonymous": client, "officer": officer_client, "administrator": administrator_client}
    for role, user in others.items():
        found[role] = Client()
        found[role].force_login(user)
    return found


def answer_to(browser: Client, method: str, url: str) -> int:
    """The status of an answer; what the request wrote is undone, so that the next visitor finds the same records."""
    with transaction.atomic():
        status = getattr(browser, method)(url).status_code
        transaction.set_rollback(True)
    return status


def test_every_address_has_a_door() -> None:
    assert set(named(get_resolver().url_patterns)) == set(DOORS)


@pytest.mark.django_db
@pytest.mark.parametrize("name", DOORS)
def test_door(name: str, browsers: dict[str, Client], request: pytest.FixtureRequest) -> None:
    try:
        url = reverse(name)
    except NoReverseMatch:  # the records are only made where they are needed
        url = reverse(name, args=request.getfixturevalue("arguments")[name.rpartition(":")[2]])
    for method, expected in zip(("get", "post"), DOORS[name], strict=True):
        found = {role: answer_to(browsers[role], method, url) for role in ROLES}
        assert found == answers(expected), f"{method.upper()} {url}"


@pytest.mark.django_db
def test_admin_asks_everybody_but_staff_to_log_in(browsers: dict[str, Client]) -> None:
    login = reverse("admin:login")
    for name in ("index", "app_list", "auth_user_changelist", "auth_user_add", "password_change", "jsi18n"):
        url = reverse(f"admin:{name}", args=["auth"] if name == "app_list" else None)
        for role in ("anonymous", "officer"):
            for method in ("get", "post"):
                answer = getattr(browsers[role], method)(url)
                assert answer.status_code == 302, (url, role, method)
                assert answer["Location"].startswith(login), (url, role, method)


@pytest.mark.django_db
def test_staff_without_permissions_see_no_records(officer: User, officer_client: Client) -> None:
    User.objects.filter(pk=officer.pk).update(is_staff=True)
    for name in named_admin():
        if name.endswith(("_changelist", "_add")):
            assert officer_client.get(reverse(f"admin:{name}")).status_code == 403, name


@pytest.mark.long
@pytest.mark.django_db
def test_administrator_opens_every_list_of_the_admin(administrator_client: Client) -> None:
    factories.agreement()
    for name in named_admin():
        if name.endswith(("_changelist", "_add")):
            answer = administrator_client.get(reverse(f"admin:{name}")).status_code
            assert answer == 200 or (answer == 403 and name.endswith("_add")), name  # some are for reading only


def named_admin() -> list[str]:
    """The names of the addresses of the admin."""
    for pattern in get_resolver().url_patterns:
        for inner in getattr(pattern, "url_patterns", []):
            if getattr(inner, "namespace", "") == "admin":
                return [name for name in named(inner.url_patterns) if "_" in name]
    raise AssertionError("there is no admin")


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_addresses_lie_under_their_language(language: str) -> None:
    with translation.override(language):
        assert reverse("admin:index").startswith(f"/{language}/")


@pytest.mark.long
@pytest.mark.django_db
def test_what_an_address_does_not_take_is_refused_before_anybody_asks_who_sends_it(
    arguments: dict[str, list[Any]],
) -> None:
    browser = Client(enforce_csrf_checks=True)
    for name, (_read, written) in DOORS.items():
        url = reverse(name, args=arguments.get(name.rpartition(":")[2]))
        methods = ["put", "delete", "patch"][: 2 if name == "api_agreement_content" else 3]
        inner = name == "account_email_verification_sent"  # a function that does not say, around a page
        for method in methods + ["post"] * (written == 405 and not inner):
            answer = getattr(browser, method)(url)
            assert answer.status_code == (404 if name == "api_nothing" else 405), (method, url)
            assert name == "api_nothing" or method.upper() not in answer["Allow"].split(", "), url


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("agreements", "GET, HEAD, OPTIONS"),
        ("robots", "GET, HEAD"),
        ("form_keep", "POST"),
        ("account_login", "GET, HEAD, OPTIONS, POST"),
        ("account", "GET, HEAD, OPTIONS, POST"),
        ("admin:index", "GET, HEAD, OPTIONS, POST"),
    ],
)
def test_an_address_tells_what_it_takes(client: Client, name: str, methods: str) -> None:
    assert client.delete(reverse(name))["Allow"] == methods
