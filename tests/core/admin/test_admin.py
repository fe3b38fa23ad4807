"""The administration: every page answers with a constant number of queries, refusals are worded, files come and go."""

import csv
import io
import re
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.db import connection, models, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.admin.rows import MAX_INLINE_ROWS
from core.imports.models import ImportBatch, ImportName, ImportProgress, ImportRow, MatchVerdict
from networks import models as n
from partnerships import models as p
from tests import factories
from tests.forms import Fields, forms_of

OURS = ("partnerships", "networks", "imports")
MODELS = [
    model for model in apps.get_models() if model._meta.app_label in OURS and not hasattr(model, "pgh_tracked_model")
]
SEEN = {p.ApiToken, p.Attachment, p.Comment, p.Confirmation, p.FormDraft, p.Invitation, p.Merge, p.Submission}
SEEN |= {p.OutgoingMail}
READ_ONLY = {p.GazetteerPlace, p.GazetteerName, *SEEN}
READ_ONLY |= {ImportBatch, ImportRow, ImportName, ImportProgress, MatchVerdict}
RECORDS = {p.Town, p.Organisation, p.Agreement, n.Network, n.SupportBody}
FILES = {"agreements": p.Agreement, "towns": p.Town, "networks": n.Network, "memberships": n.Membership}
FILES["support_bodies"] = n.SupportBody

pytestmark = pytest.mark.django_db


def address(model: type[models.Model], page: str, *args: Any) -> str:
    """The address of an admin page of a model."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def queries(client: Client, url: str) -> int:
    """How many queries a page takes; it must answer."""
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200, url
    return len(captured)


def one(model: type[models.Model]) -> Any:
    """A row of a model, with agreements and parties as they are in life."""
    if model is p.Agreement:
        return factories.agreement()
    if model is ImportBatch:
        return factories.make(ImportBatch, user=factories.user())
    columns: dict[str, Any] = {}
    for field in model._meta.local_fields:
        if field.name == "agreement" and not field.null:
            columns["agreement"] = factories.agreement()
        if field.name == "party":
            columns["party"] = factories.agreement().parties.first()
    if model is p.Country:
        code = new_code(p.Country)
        return factories.make(p.Country, code=code, alpha3=f"{code}X")
    if model is p.StateRelation:
        columns["since"] = str(1900 + p.StateRelation.objects.count())
    return factories.make(model, **columns)


# Pages


def test_every_model_is_registered_and_event_tables_are_not() -> None:
    assert {model for model in admin.site._registry if model._meta.app_label in OURS} == set(MODELS)


@pytest.mark.long
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_pages_take_as_many_queries_for_many_rows_as_for_few(administrator_client: Client, model: Any) -> None:
    client = administrator_client
    record = one(model)
    lists = [address(model, "changelist"), address(model, "changelist") + "?q=x"]
    pages = lists if model in READ_ONLY else [*lists, address(model, "add")]
    change = address(model, "change", record.pk)
    for page in (*pages, change):
        client.get(page)  # what is read once per process is read
    few = [queries(client, page) for page in [*pages, change]]
    for _ in range(30):
        one(model)
    assert [queries(client, page) for page in [*pages, change]] == few
    assert max(few) <= 25
    assert client.get(address(model, "history", record.pk)).status_code == 200


INLINES = [
    (parent, inline)
    for parent, model_admin in admin.site._registry.items()
    if parent._meta.app_label in OURS
    for inline in model_admin.inlines
]


@pytest.mark.long
@pytest.mark.parametrize(("parent", "inline"), INLINES, ids=lambda value: value.__name__)
def test_a_form_takes_as_many_queries_for_many_rows_as_for_few(
    administrator_client: Client, parent: Any, inline: Any
) -> None:
    record = one(parent)
    key = admin.site.get_model_admin(parent)._parent_field(inline).name

    def rows(number: int) -> None:
        for _ in range(number):
            columns: dict[str, Any] = {key: record}
            for field in inline.model._meta.local_fields:
                if field.name == "source":
                    columns["source"] = factories.source()
                if field.name in ("since", "renewed"):
                    columns[field.name] = str(1900 + inline.model.objects.count())
                if field.name == "country" and key != "country":
                    code = new_code(p.Country)
                    columns["country"] = factories.make(p.Country, code=code, alpha3=f"{code}X")
            factories.make(inline.model, **columns)

    rows(2)
    change = address(parent, "change", record.pk)
    administrator_client.get(change)
    few = queries(administrator_client, change)
    rows(30)
    assert queries(administrator_client, change) == few
    rows(MAX_INLINE_ROWS - 31)
    response = administrator_client.get(change)
    assert [count for _address, _name, count in response.context["pages"] if count > MAX_INLINE_ROWS]
    (link,) = (link for link, _name, count in response.context["pages"] if count > MAX_INLINE_ROWS)
    assert administrator_client.get(link).status_code == 200


def new_code(model: type[models.Model]) -> str:
    """A code of two letters that no record has."""
    number = model._default_manager.count()
    return f"{chr(65 + number // 26)}{chr(65 + number % 26)}"


def test_the_first_page_groups_what_belongs_together(administrator_client: Client) -> None:
    response = administrator_client.get(reverse("admin:index"))
    groups = {
        group["name"]: {entry["object_name"] for entry in group["models"]} for group in response.context["app_list"]
    }
    assert {"Agreement", "Party", "Organisation", "Suspension"} <= groups["Agreements and who takes part"]
    assert {"Mandate", "User"} <= groups["Accounts and mandates"]
    assert "CoopDir" in response.text
    assert administrator_client.get(reverse("admin:app_list", args=["partnerships"])).status_code == 200


def test_a_name_is_found_without_its_accents_and_by_its_other_names(administrator_client: Client) -> None:
    town = factories.town("Saint-Étienne-du-Rouvray")
    factories.make(p.TownName, town=town, name="Тимбукту")
    agreement = factories.agreement(town, factories.town("Nordenham", "DE"))
    membership = factories.make(n.Membership, town=town)
    factories.agreement()
    for model, record in ((p.Town, town), (p.Agreement, agreement), (n.Membership, membership)):
        for term in ("saint etienne", "ROUVRAY etien", "timbuktu"):
            response = administrator_client.get(address(model, "changelist"), {"q": term})
            assert list(response.context["cl"].result_list) == [record], (model, term)
    found = administrator_client.get(address(p.Agreement, "changelist"), {"q": "nordenham rouvray"})
    assert list(found.context["cl"].result_list) == [agreement]
    found = administrator_client.get(address(p.Town, "changelist"), {"q": town.reference.lower()})
    assert list(found.context["cl"].result_list) == [town]
    found = administrator_client.get(address(p.Town, "changelist"), {"q": "…"})
    assert not found.context["cl"].result_list


def test_a_choice_offers_the_nearest_name_first_and_says_which_it_is(administrator_client: Client) -> None:
    for name in ("Le Touquet-Paris-Plage", "Paris-l'Hôpital", "Paris"):
        town = factories.town(name)
    response = administrator_client.get(
        reverse("admin:autocomplete"),
        {"app_label": "partnerships", "model_name": "party", "field_name": "town", "term": "paris"},
    )
    texts = [result["text"] for result in response.json()["results"]]
    assert texts[0] == f"Paris (municipality, France) {town.reference}"
    assert len(texts) == 3


# Who may


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_only_staff_come_in(client: Client, officer_client: Client, model: Any) -> None:
    for page in ("changelist", "add"):
        assert client.get(address(model, page)).status_code == 302
        response = officer_client.get(address(model, page))
        assert response.status_code == 302
        assert "/admin/login/" in response.url


def test_export_needs_to_view_and_import_to_administer(client: Client, administrator_client: Client) -> None:
    staff = factories.user(is_staff=True)

    def statuses(*codenames: str) -> list[int]:
        staff.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client.force_login(User.objects.get(pk=staff.pk))
        return [client.get(address(p.Town, page), follow=True).status_code for page in ("import", "export")]

    assert statuses() == [403, 403]
    assert statuses("view_town") == [403, 200]
    assert statuses("add_town", "change_town", "view_town") == [403, 200]
    for page in ("import", "process_import"):
        answer = administrator_client.post(address(p.Town, page))
        assert answer["Location"] == reverse("import_new") + "?resource=towns"


@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_a_blank_field_to_find_a_record_by_is_none(administrator_client: Client, page: str) -> None:
    url = address(p.Town, page, factories.town("Dijon").pk)
    answers = administrator_client.get(f"{url}?_to_field="), administrator_client.post(url, {"_to_field": ""})
    assert {answer.status_code for answer in answers} <= ({403} if page == "delete" else {200, 302, 405})


# Forms


def opened(client: Client, url: str) -> Fields:
    """The form of a page of the administration, as a browser would send it."""
    return max(forms_of(client.get(url).text), key=len)


def sent(client: Client, model: type[models.Model], record: Any = None, **values: Any) -> HttpResponse:
    """Send a form with what the page shows of it, changed by `values` (``parties-0-town=…``)."""
    url = address(model, "change", record.pk) if record else address(model, "add")
    data = dict(opened(client, url))
    for name in values:
        if match := re.match(r"(\w+)-(\d+)-", name):
            total = f"{match[1]}-TOTAL_FORMS"
            data[total] = str(max(int(data[total]), int(match[2]) + 1))
    return client.post(url, data | values)


def errors(response: HttpResponse) -> str:
    """All that a page of errors says."""
    assert response.status_code == 200
    said = [*response.context["errors"]]
    return " ".join(str(error) for error in said)


def an_agreement(*towns: Any, source: Any = None, **columns: Any) -> dict[str, Any]:
    """What a form sends for an agreement."""
    data = {"kind": "twinning", "publication": "published", "signed": "24/05/1986"} | columns
    data |= {f"parties-{index}-town": town.pk for index, town in enumerate(towns)}
    return data | ({"agreementsource_set-0-source": source.pk} if source else {})


@pytest.fixture
def towns() -> list[p.Town]:
    return [factories.town("Quetigny"), factories.town("Koulikoro", "ML")]


def test_a_form_of_endless_rows_is_refused_and_few_are_read(administrator_client: Client, towns: list[p.Town]) -> None:
    answer = sent(administrator_client, p.Agreement, **an_agreement(*towns), **{"parties-TOTAL_FORMS": 2147483648})
    assert "Please submit at most" in answer.text
    assert answer.text.count('id="parties-') < 320
    assert not p.Agreement.objects.exists()


def test_an_agreement_is_made_with_its_parties_and_source(administrator_client: Client, towns: list[p.Town]) -> None:
    response = sent(administrator_client, p.Agreement, **an_agreement(*towns, source=factories.source()))
    assert response.status_code == 302, errors(response)
    agreement = p.Agreement.objects.get()
    assert (agreement.signed, agreement.publication) == ("1986-05-24", "published")
    assert [str(party) for party in agreement.parties.all()] == ["Quetigny", "Koulikoro"]
    event = apps.get_model("partnerships", "AgreementEvent").objects.get(pgh_label="insert")
    assert event.pgh_context.metadata["user"] == User.objects.get(username="administrator").pk
    history = administrator_client.get(address(p.Agreement, "history", agreement.pk)).text
    assert "administrator" in history
    assert "24 May 1986" in history


def test_a_draft_without_anything_can_be_made(administrator_client: Client) -> None:
    response = sent(administrator_client, p.Agreement, kind="twinning", publication="draft")
    assert response.status_code == 302


INCOMPLETE = "A published agreement needs two parties and a source."


@pytest.mark.long
def test_what_the_database_refuses_comes_back_in_words(administrator_client: Client, towns: list[p.Town]) -> None:
    client, source = administrator_client, factories.source()
    assert INCOMPLETE in errors(sent(client, p.Agreement, **an_agreement(towns[0], source=source)))
    assert INCOMPLETE in errors(sent(client, p.Agreement, **an_agreement(*towns)))
    assert not p.Agreement.objects.exists()
    twice = errors(sent(client, p.Agreement, **an_agreement(towns[0], towns[0], source=source)))
    assert "This town is a party to the agreement already." in twice
    both = an_agreement(*towns, source=source) | {"parties-0-organisation": factories.organisation().pk}
    assert "Choose exactly one of" in errors(sent(client, p.Agreement, **both))
    order = errors(sent(client, p.Agreement, **an_agreement(*towns, source=source, ended="1985")))
    assert "The dates are in an impossible order" in order
    assert "is not a date" in errors(sent(client, p.Agreement, **an_agreement(*towns, source=source, ended="soon")))
    assert not p.Agreement.objects.exists()

    first = factories.agreement(*towns, kind="twinning", signed="1986-05-24")
    again = errors(sent(client, p.Agreement, **an_agreement(*reversed(towns), source=source)))
    assert "These parties have a published agreement of this kind and start already." in again
    itself = sent(client, p.Agreement, first, publication="withdrawn", merged_into=first.pk)
    assert "A merged record must be withdrawn, and merged into another record." in errors(itself)
    gone = sent(client, p.Agreement, first, **{"agreementsource_set-0-DELETE": "on"})
    assert INCOMPLETE in errors(gone)
    first.refresh_from_db()
    assert first.publication == "published"
    messages = [str(message) for message in client.get(reverse("admin:index")).context["messages"]]
    assert not messages


def test_records_are_withdrawn_and_never_deleted(administrator_client: Client) -> None:
    for model in RECORDS:
        record = one(model)
        assert administrator_client.get(address(model, "delete", record.pk)).status_code == 403
        data = {"action": "withdraw", "_selected_action": [record.pk]}
        assert "Say why" in administrator_client.post(address(model, "changelist"), data, follow=True).text
        record.refresh_from_db()
        assert record.publication == "published"
        data["reason"] = "Entered twice"
        page = administrator_client.post(address(model, "changelist"), data, follow=True)
        assert "1 record was withdrawn." in page.text
        record.refresh_from_db()
        assert record.publication == "withdrawn"
        said = model.pgh_event_model.objects.filter(pgh_obj=record).latest("pgh_id").pgh_context.metadata
        assert (said["action"], said["role"], said["reason"]) == ("withdraw", "administrator", "Entered twice")


def test_what_others_need_is_not_deleted(administrator_client: Client) -> None:
    agreement = factories.agreement()
    (cited,) = agreement.agreementsource_set.all()
    page = administrator_client.get(address(p.Source, "delete", cited.source_id))
    assert "would require deleting the following protected related objects" in page.text
    for url, data in (
        (address(p.AgreementSource, "delete", cited.pk), {"post": "yes"}),
        (
            address(p.AgreementSource, "changelist"),
            {"action": "delete_selected", "_selected_action": [cited.pk], "post": "yes"},
        ),
    ):
        assert INCOMPLETE in administrator_client.post(url, data, follow=True).text
    assert p.AgreementSource.objects.filter(pk=cited.pk).exists()


# Files


def exported(client: Client, model: type[models.Model], file_format: int, query: str = "") -> bytes:
    """The bytes of an export."""
    with CaptureQueriesContext(connection) as captured:
        response = client.post(address(model, "export") + query, {"format": file_format, "resource": 0})
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment"), response.text
    assert len(captured) <= 25
    return response.content


def emptied(content: bytes) -> tuple[list[str], list[dict[str, str]]]:
    """Headers and rows of an exported CSV file."""
    reader = csv.DictReader(io.StringIO(content.decode("utf-8")))
    return list(reader.fieldnames or ()), list(reader)


def test_the_export_is_what_the_list_shows(administrator_client: Client) -> None:
    for level in ("municipality", "region"):
        for _ in range(3):
            factories.town(level=level)
    _headers, rows = emptied(exported(administrator_client, p.Town, 0, "?level__exact=region"))
    assert [row["level"] for row in rows] == ["region"] * 3


def test_an_export_takes_as_many_queries_for_many_rows_as_for_few(administrator_client: Client) -> None:
    for model in FILES.values():
        taken = []
        for number in (2, 60):
            for _ in range(number):
                one(model)
            with CaptureQueriesContext(connection) as captured:
                administrator_client.post(address(model, "export"), {"format": 0, "resource": 0})
            taken.append(len(captured))
        assert taken[0] == taken[1], model


def test_pages_run_no_inline_script(administrator_client: Client) -> None:
    factories.agreement()
    for page in ("changelist", "add", "export"):
        text = administrator_client.get(address(p.Agreement, page)).text
        assert not re.search(r"<script(?![^>]*\b(src|type=\"application/json\"))", text), page
        assert not re.search(r"\son\w+=\"", text), page
        assert not re.search(r"\sstyle=\"", text), page


def test_a_deferred_rule_is_checked_within_the_request(administrator_client: Client, towns: list[p.Town]) -> None:
    """Nothing is left for the end of the transaction: that would be a server error after the answer was made."""
    with transaction.atomic():
        response = sent(administrator_client, p.Agreement, **an_agreement(towns[0]))
        assert INCOMPLETE in errors(response)
