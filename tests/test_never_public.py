"""What never was public is unknown to all but those who may write it, in every output, whatever became of it since."""

import html
import importlib
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.db import connection
from django.db.models import Min
from django.db.models.functions import Mod
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coopdir.opendata.dumps.tables import DumpTable
from core.history import referring
from core.imports import batches, jobs
from core.imports.undo import undo_import
from networks.models import Membership, Milestone, Network, NetworkLink, SupportBody, WebLink
from networks.querysets import networks
from partnerships import permissions
from partnerships.choices import Action
from partnerships.editing import actions, decisions, snapshot, workflow
from partnerships.editing import merge as merging
from partnerships.editing.commands import EnteredContent, NewSource, attach, enter, link_document
from partnerships.editing.timeline import Timeline
from partnerships.imports.layouts import AgreementResource
from partnerships.models import (
    Agreement,
    Attachment,
    Claim,
    Contact,
    Organisation,
    PublicRecord,
    Source,
    Submission,
    Suspension,
    Town,
)
from partnerships.places import party_refs
from partnerships.places.party_refs import PartyRef
from partnerships.querysets import sources
from tests import factories
from tests.editing import time_passes
from tests.importing import load

pytestmark = pytest.mark.django_db

RECORDS: list[type[PublicRecord]] = [Agreement, Town, Organisation, Network, SupportBody]
SECRET = "Zyxwvut"


@pytest.fixture
def region() -> Any:
    return factories.territory("FR-BFC", name="Bourgogne-Franche-Comté")


@pytest.fixture
def own(region: Any) -> User:
    return factories.officer("own", region)


@pytest.fixture
def elsewhere() -> User:
    return factories.officer("elsewhere", factories.territory("FR-GES"))


def entered(by: User, region: Any, **columns: Any) -> Agreement:
    """A draft of somebody, between a town of the region and one in Germany that is entered for it."""
    towns = factories.town("Dijon", territory=region), factories.town(SECRET, "DE", publication="draft")
    parties = [{"actor": str(PartyRef.of(one)), "role": "partner", "joined": None, "left": None} for one in towns]
    return workflow.save(
        by=by,
        content=snapshot.empty()
        | {
            "parties": parties,
            "sources": [factories.source(f"{SECRET} {factories.text()}").pk],
            "description_en": SECRET,
        }
        | columns,
    )


# Outputs


def addresses(record: PublicRecord) -> list[str]:
    """Where one asks for a record by its reference."""
    kind, code = record._meta.model_name, record.reference
    found = [
        reverse(kind, args=[record.address]),
        reverse(f"{kind}_history", args=[record.address]),
        *(reverse(f"{kind}_file", args=[record.address, form]) for form in ("csv", "json", "geojson", "xlsx")),
        reverse(f"api_{kind}", args=[code]),
        reverse("record", args=[code]),
        reverse("record_turtle", args=[code]),
        reverse("card", args=["en", code]),
    ]
    if kind in ("agreement", "town"):
        found.append(reverse("ogc_item", args=[f"{kind}s", code]))
    return found


@pytest.mark.parametrize("publication", ["draft", "submitted", "withdrawn"])
@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_no_address_knows_what_never_was_public(
    client: Client, elsewhere: User, model: type[PublicRecord], publication: str
) -> None:
    record = factories.make(model, publication=publication)
    for user in (None, elsewhere):
        if user:
            client.force_login(user)
        for address in addresses(record):
            assert client.get(address).status_code == 404, address
    told, nobody = (client.get(reverse(f"api_{record._meta.model_name}", args=[code])).text for code in
                    (record.reference, f"{record.reference[0]}99999999"))  # fmt: skip
    assert told.replace(record.reference, "") == nobody.replace(f"{record.reference[0]}99999999", "")


@pytest.mark.parametrize("model", RECORDS, ids=lambda model: model.__name__)
def test_what_was_public_is_withdrawn_for_everybody(client: Client, model: type[PublicRecord]) -> None:
    record = factories.make(model, **factories.WITHDRAWN)
    page, history, *others = addresses(record)
    assert client.get(history).status_code == 200
    for address in (page, *others):
        assert client.get(address).status_code == 410, address


def test_a_draft_that_is_withdrawn_is_seen_by_who_may_write_it(
    client: Client, own: User, elsewhere: User, region: Any
) -> None:
    agreement = entered(own, region)
    workflow.withdraw(by=own, agreement=agreement, reason=SECRET)
    copy = f"{reverse('agreement_new')}?copy={agreement.reference}"
    for user, answers in ((own, [410, 200, 200]), (elsewhere, [404, 404, 404])):
        client.force_login(user)
        asked = [reverse(name, args=[agreement.address]) for name in ("agreement", "agreement_history")]
        assert [client.get(address).status_code for address in (*asked, copy)] == answers
    client.logout()
    for address in (reverse("changes"), reverse("changes_feed"), reverse("agreements_feed")):
        assert SECRET not in client.get(address).content.decode()


@pytest.mark.parametrize("published", [False, True])
def test_a_page_says_of_an_address_what_is_true_of_it(client: Client, own: User, region: Any, published: bool) -> None:
    agreement = entered(own, region)
    if published:
        workflow.publish(by=own, agreement=agreement)
    loser = factories.town("Dole", territory=region, publication="published" if published else "draft")
    winner = factories.town("Dole").reference
    client.force_login(User.objects.create_superuser("root"))
    page = client.get(reverse("agreement_withdraw", args=[agreement.reference])).text
    assert ("The address then says" in page, "never was public" in page) == (published, not published)
    merge = client.get(reverse("town_merge", args=[loser.reference]), {"with": winner, "stays": winner}).text
    assert ("never was public: its address" in merge) is not published
    workflow.withdraw(by=own, agreement=agreement, reason=SECRET)
    gone = client.get(reverse("agreement", args=[agreement.address])).text
    assert SECRET in gone
    assert ("never was public" in gone) is not published


def test_the_reason_of_before_it_was_public_is_not_told(client: Client, own: User, region: Any) -> None:
    agreement = entered(own, region)
    for number, reason in enumerate((f"{SECRET}, a rumour", "Entered twice")):
        workflow.withdraw(by=own, agreement=agreement, reason=reason)
        time_passes()
        if number == 0:
            workflow.reinstate(by=own, agreement=agreement)
            time_passes()
            workflow.publish(by=own, agreement=agreement)
            time_passes()
    for name, status in (("agreement", 410), ("agreement_history", 200)):
        answer = client.get(reverse(name, args=[agreement.address]))
        assert answer.status_code == status
        assert "Entered twice" in answer.content.decode()
        assert "a rumour" not in answer.content.decode()


def test_what_is_changed_after_it_was_public_is_not_told(client: Client, own: User, region: Any) -> None:
    agreement = entered(own, region, description_en="Water")
    time_passes()
    workflow.publish(by=own, agreement=agreement)
    time_passes()
    workflow.withdraw(by=own, agreement=agreement, reason="Entered twice")
    time_passes()
    workflow.reinstate(by=own, agreement=agreement)
    time_passes()
    hidden = snapshot.read_content(agreement) | {"description_en": "Qqqqq"}
    workflow.save(by=own, agreement=agreement, content=hidden)
    link_document(by=own, agreement=agreement, title="Qqqqq, the act", url="https://example.org/act")
    time_passes()
    history = reverse("agreement_history", args=[agreement.address])
    assert client.get(history).status_code == 404
    workflow.withdraw(by=own, agreement=agreement, reason="Entered twice, really")
    agreement.refresh_from_db()
    text = client.get(history).content.decode()
    assert "Entered twice, really" in text
    assert "Qqqqq" not in text
    assert "Qqqqq" in str(Timeline(agreement, everything=True)[:])


def test_a_town_that_never_was_public_is_merged_in_silence(client: Client, administrator: User, region: Any) -> None:
    stays = factories.town("Dijon", territory=region)
    for columns, told in (({"publication": "draft"}, False), ({}, True)):
        lost = factories.town(territory=region, **columns)
        time_passes()
        merging.merge_records(by=administrator, loser=lost, winner=stays)
        time_passes()
        history = client.get(reverse("town_history", args=[stays.address])).content.decode()
        assert (lost.reference in history) is told
        assert client.get(reverse("town", args=[lost.reference])).status_code == (301 if told else 404)
        assert client.get(reverse("record", args=[lost.reference])).status_code == (301 if told else 404)
        client.force_login(administrator)
        assert lost.reference in client.get(reverse("town_history", args=[stays.address])).content.decode()
        client.logout()


def test_a_page_of_merging_knows_what_its_reader_may_see(
    client: Client, own: User, elsewhere: User, region: Any
) -> None:
    mine = factories.agreement(factories.town(territory=region), factories.town())
    theirs = entered(factories.officer("third", factories.territory("FR-IDF")), factories.territory("FR-IDF"))
    client.force_login(own)
    asked = client.get(reverse("agreement_merge", args=[mine.reference]), {"with": theirs.reference})
    assert asked.status_code == 200
    assert SECRET not in asked.content.decode()


# What was there before the column


def test_the_migration_tells_it_from_the_history(own: User, region: Any) -> None:
    published, never, back = entered(own, region), entered(own, region), entered(own, region)
    for agreement in (published, back):
        time_passes()
        workflow.publish(by=own, agreement=agreement, reason="others")
    for agreement in (never, back):
        time_passes()
        workflow.withdraw(by=own, agreement=agreement, reason="no")
    forget_first_publications()
    assert not Agreement.objects.exclude(published_at=None).exists()
    run_migration()
    compare_with_history()
    assert set(Agreement.objects.exclude(published_at=None)) == {published, back}


@pytest.mark.long
def test_of_a_large_import_each_record_says_what_its_history_says() -> None:
    """The column as triggers keep it, and as the migration finds it, after what can become of imported records."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # as commands have it
    factories.country("FR"), factories.country("DE")
    rows = [
        {
            "kind": "twinning",
            "party_1": f"Alpha {n}",
            "country_1": "FR",
            "party_2": f"Beta {n % 700}",
            "country_2": "DE",
        }
        for n in range(5_000)
    ]
    batch = load(AgreementResource(create_towns=True), *rows).batch
    for _number in range(2):  # taken back, and brought in again
        undo_import(batch)
    for rest, columns in enumerate(({"publication": "withdrawn"}, {"publication": "draft"}, {"activity": "dormant"})):
        Agreement.objects.annotate(rest=Mod("pk", 10)).filter(rest=rest).update(**columns)
    for publication in ("draft", "submitted", "withdrawn"):
        factories.make(Agreement, publication=publication)
    compare_with_history()
    before = dict(Agreement.objects.values_list("pk", "published_at"))
    assert list(before.values()).count(None) == 3
    forget_first_publications()
    run_migration()
    compare_with_history()
    assert dict(Agreement.objects.values_list("pk", "published_at")) == before


def forget_first_publications() -> None:
    """What the tables were before the migration."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET session_replication_role = replica")
        for model in RECORDS:
            for table in (model, model.pgh_event_model):
                cursor.execute(
                    f"ALTER TABLE {table._meta.db_table} DROP CONSTRAINT IF EXISTS "
                    f"{model._meta.model_name}_published_has_a_date"
                )
                cursor.execute(f"UPDATE {table._meta.db_table} SET published_at = NULL")
        cursor.execute("RESET session_replication_role")


def run_migration() -> None:
    migration = importlib.import_module("partnerships.migrations.0005_published_at")
    with connection.cursor() as cursor:
        for operation in migration.first_published(*(model._meta.db_table for model in RECORDS)):
            cursor.execute(operation.sql)


def compare_with_history() -> None:
    """Each record says what its history says: when it was first published; from that event on all others say so too."""
    for model in RECORDS:
        events = model.pgh_event_model.objects
        first = dict(
            events.filter(publication="published").order_by().values_list("pgh_obj").annotate(Min("pgh_created_at"))
        )
        told = dict(model._default_manager.values_list("pk", "published_at"))
        assert told == {pk: first.get(pk) for pk in told}
        seen: set[int] = set()
        for event in events.order_by("pgh_id").iterator():
            if event.publication == "published":
                seen.add(event.pgh_obj_id)
            assert event.published_at == (first[event.pgh_obj_id] if event.pgh_obj_id in seen else None)


# Sources


def test_a_source_is_as_public_as_what_cites_it(
    client: Client, own: User, elsewhere: User, region: Any, administrator: User
) -> None:
    agreement = entered(own, region)
    hidden, shown = agreement.sources.get(), factories.agreement(cite=factories.source("Yearbook")).sources.get()
    uncited = factories.source("Shelf")
    factories.make(Submission, territories=[region.pk])  # what a visitor proposes says nothing of sources
    public = set(sources().public())
    assert shown in public
    assert not public & {hidden, uncited}
    for user, seen in ((own, {hidden}), (elsewhere, set()), (administrator, {hidden, uncited})):
        assert set(permissions.sources_seen_by(user)) == public | seen
        client.force_login(user)
        offered = client.get(reverse("source_suggestions"), {"q": SECRET}).content.decode()
        assert (SECRET in offered) is bool(seen)
        # whoever types its key or reference
        typed = {"sources-0-source": hidden.pk, "do": "look", "parties-0-asked": ""}
        assert (SECRET in client.post(reverse("agreement_new"), typed).content.decode()) is bool(seen)
    client.logout()
    assert "Yearbook" in client.get(reverse("about")).content.decode()
    assert SECRET not in client.get(reverse("about")).content.decode()
    cells = {cell for row in DumpTable("sources", set()).rows() for cell in row}
    assert shown.reference in cells
    assert hidden.reference not in cells
    workflow.publish(by=own, agreement=agreement)
    assert SECRET in client.get(reverse("about")).content.decode()


def cited_by_file(by: User, signed: int, **source: str) -> Source:
    """What an agreement cites that comes in by somebody's file."""
    text = f"kind,party_1,country_1,party_2,country_2,signed\ntwinning,Metz,FR,Trier,DE,{signed}\n"
    brought = {"source_licence": "CC0-1.0"} | {f"source_{name}": value for name, value in source.items()}
    batch = batches.receive(ContentFile(text.encode(), "list.csv"), resource="agreements", source=brought, by=by)
    for step in ("plan", "apply"):
        jobs.enqueue_step(batch, step, by=by)
    return Agreement.objects.get(signed=str(signed)).sources.get()


@pytest.mark.parametrize("door", ["form", "file"])
def test_who_cites_a_title_that_a_draft_elsewhere_cites_learns_nothing_of_it(
    own: User, elsewhere: User, region: Any, door: str
) -> None:
    hidden = factories.source("Deliberation", publisher=SECRET, date="2025")
    entered(own, region, sources=[hidden.pk])
    towns = factories.town("Metz", territory=factories.territory("FR-GES")), factories.town("Trier", "DE")
    parties = [{"actor": str(PartyRef.of(one)), "role": "partner", "joined": None, "left": None} for one in towns]
    for number in range(2):
        if door == "form":
            entered_now = snapshot.empty() | {"parties": parties, "sources": ["new"]}
            entry = EnteredContent(entered_now, sources={"new": NewSource("Deliberation", "Metz", "2026")})
            cited = enter(by=elsewhere, entry=entry, then=Action.SAVE).sources.get()
        else:
            cited = cited_by_file(elsewhere, 1990 + number, title="Deliberation", publisher="Metz", date="2026")
        assert (cited.publisher, cited.date) == ("Metz", "2026")
        assert Source.objects.filter(title="Deliberation").count() == 2  # the second time, one's own is found


def test_the_same_citation_as_a_hidden_one_is_that_one(own: User, elsewhere: User, region: Any) -> None:
    hidden = factories.source("Deliberation", url="https://example.org/1", licence="CC0-1.0")
    entered(own, region, sources=[hidden.pk])
    factories.town("Metz", territory=factories.territory("FR-GES"))
    factories.town("Trier", "DE")
    assert cited_by_file(elsewhere, 1990, title=hidden.title, url=hidden.url) == hidden


@pytest.mark.parametrize("column", referring(Source), ids=str)
def test_whatever_cites_a_source_tells_of_it_only_when_it_is_public(column: Any) -> None:
    source = factories.source()
    row = factories.make(column.model, **{column.name: source} | VERDICTS.get(column.name, {}))
    owners = {
        owner.related_model: getattr(row, owner.attname)
        for owner in column.model._meta.local_fields
        if owner.is_relation and issubclass(owner.related_model, PublicRecord) and getattr(row, owner.attname)
    }
    if column.model is Suspension:
        owners = {Agreement: row.party.agreement_id}
    for state in ("draft", "published", "draft"):
        for model, key in owners.items():
            model._default_manager.filter(pk=key).update(publication=state)
        assert sources().public().filter(pk=source.pk).exists() is (state == "published" or not owners)


VERDICTS = {"second_source": {"verdict": "confirmed"}}


# Others of the kind: what hangs on records that are not public


def test_pages_do_not_name_what_belongs_to_drafts(client: Client, region: Any) -> None:
    town, network, body = factories.town(territory=region), factories.network(), factories.support_body()
    draft = {"publication": "draft"}
    hidden, unknown = factories.network(SECRET, **draft), factories.town(f"{SECRET} town", governs=region, **draft)
    for member in ({"town": town}, {"support_body": body, "town": None}, {"member_network": network, "town": None}):
        factories.make(Membership, network=hidden, **member)
    factories.make(Membership, network=network, town=unknown)
    factories.make(Membership, network=network, town=town)
    factories.make(NetworkLink, network=network, other=hidden)
    factories.make(Milestone, network=hidden, title_en=SECRET)
    factories.make(WebLink, network=hidden, title=SECRET)
    agreement = entered(factories.officer("writer", region), region)
    factories.make(Claim, town=town, agreement=agreement, statement_en=SECRET, figure="share")
    seated = factories.organisation(seat=unknown)
    pages = [reverse(one._meta.model_name, args=[one.address]) for one in (town, network, body, seated)]
    pages += [reverse(f"{one._meta.model_name}_history", args=[one.address]) for one in (town, network)]
    pages += [reverse("territory", args=[region.pk]), reverse("about"), reverse("milestones"), reverse("links")]
    pages += [reverse(name, args=["csv"]) for name in ("milestones_file", "links_file", "memberships_file")]
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200, page
        assert SECRET not in b"".join(answer).decode(), page
    assert networks().with_member_counts().get(pk=network.pk).member_count == 1


def test_who_enters_the_same_is_not_told_of_what_waits_elsewhere(own: User, elsewhere: User, region: Any) -> None:
    towns = factories.town("Dijon", territory=region), factories.town("Mainz", "DE")
    waiting = factories.agreement(*towns, publication="submitted", signed="1986")
    typed = {f"parties-{number}-actor": str(PartyRef.of(town)) for number, town in enumerate(towns)} | {"do": "look"}
    for user, told in ((own, True), (elsewhere, False)):
        client = Client()
        client.force_login(user)
        page = client.post(reverse("agreement_new"), typed).content.decode()
        assert ("Already here" in page) is told
        assert (waiting.reference in page) is told
        assert "Mainz" in page


# Deleting a draft


def test_a_draft_is_deleted_by_its_author_and_by_who_publishes(own: User, elsewhere: User, region: Any) -> None:
    author = factories.officer("author", region, role="contributor")
    other = factories.officer("other", region, role="contributor")
    for user, may in ((other, False), (elsewhere, False), (author, True), (own, True)):
        agreement = entered(author, region)
        if may:
            workflow.delete(by=user, agreement=agreement)
        else:
            with pytest.raises(PermissionDenied):
                workflow.delete(by=user, agreement=agreement)
        assert Agreement.objects.filter(pk=agreement.pk).exists() is not may


@pytest.mark.parametrize("state", ["submitted", "published", "withdrawn", "brought back"])
def test_what_was_public_or_waits_is_not_deleted(own: User, region: Any, state: str) -> None:
    agreement = entered(own, region)
    if state == "submitted":
        workflow.submit(by=own, agreement=agreement)
    else:
        workflow.publish(by=own, agreement=agreement)
    if state in ("withdrawn", "brought back"):
        workflow.withdraw(by=own, agreement=agreement, reason="Twice")
    if state == "brought back":
        workflow.reinstate(by=own, agreement=agreement)
    with pytest.raises(actions.ActionRefused):
        workflow.delete(by=own, agreement=agreement)
    assert Agreement.objects.filter(pk=agreement.pk).exists()


def test_all_that_belongs_to_a_draft_goes_with_it(
    client: Client, own: User, region: Any, django_capture_on_commit_callbacks: Any
) -> None:
    new = party_refs.Newcomer(name=f"{SECRET} club", country=factories.country("DE").code, kind="other")
    described = party_refs.PartyKind.NEW_ORGANISATION.ref(0)
    parties = [
        {"actor": str(ref), "role": "partner", "joined": None, "left": None}
        for ref in (party_refs.PartyRef.of(factories.town(territory=region)), described)
    ]
    entry = EnteredContent(content=snapshot.empty() | {"parties": parties}, newcomers={described: new})
    agreement, kept = (enter(by=own, entry=entry, then=Action.SAVE) for _number in range(2))
    file = attach(by=own, agreement=agreement, file=ContentFile(b"%PDF-1.4 x", "a.pdf")).file
    factories.make(Contact, agreement=agreement)
    factories.make(Submission, agreement=agreement, kind="new", state="rejected", reason="x", decided_at=timezone.now())
    address = reverse("agreement_delete", args=[agreement.reference])
    client.force_login(own)
    assert "cannot be undone" in client.get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(address).status_code == 302
    assert not Agreement.objects.filter(pk=agreement.pk).exists()
    assert not Contact.objects.exists()
    assert not Submission.objects.exists()
    assert not Attachment.objects.exists()
    assert not file.storage.exists(file.name)
    assert Organisation.objects.filter(name=new.name).exists()  # the other draft needs it
    workflow.delete(by=own, agreement=kept)
    assert not Organisation.objects.filter(name=new.name).exists()
    assert Town.objects.filter(territory=region).exists()  # which were public
    for asked in (address, reverse("agreement_history", args=[agreement.reference]), reverse("changes")):
        assert SECRET not in client.get(asked, follow=True).content.decode()


# Reasons


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_the_reason_of_a_decision_is_the_authors(client: Client, region: Any, decision: str) -> None:
    author = factories.officer("author", region, role="contributor")
    coordinator = factories.officer("coordinator", region, role="coordinator")
    agreement = entered(author, region)
    time_passes()
    submission = workflow.submit(by=author, agreement=agreement)
    time_passes()
    getattr(decisions, decision)(by=coordinator, submission=submission, reason="Qqqqq, between us")
    submission.refresh_from_db()
    assert submission.reason == "Qqqqq, between us"
    if decision == "reject":
        workflow.publish(by=coordinator, agreement=agreement)
    agreement.refresh_from_db()
    history = reverse("agreement_history", args=[agreement.address])
    for asked in (history, reverse("changes"), reverse("changes_feed")):
        assert "Qqqqq" not in client.get(asked).content.decode()
    client.force_login(coordinator)
    assert "Qqqqq" not in client.get(history).content.decode()


def test_the_reason_of_a_withdrawal_before_it_was_public_is_told_to_nobody(
    client: Client, own: User, region: Any
) -> None:
    agreement = entered(own, region)
    workflow.withdraw(by=own, agreement=agreement, reason="Qqqqq, between us")
    time_passes()
    agreement = workflow.publish(by=own, agreement=workflow.reinstate(by=own, agreement=agreement))
    time_passes()
    Agreement.objects.filter(pk=agreement.pk).update(publication="withdrawn")  # by a command, without a word
    agreement.refresh_from_db()
    gone = client.get(reverse("agreement", args=[agreement.address]))
    assert gone.status_code == 410
    assert "Qqqqq" not in gone.text


def test_the_reason_for_another_agreement_is_read_by_who_writes_it(
    client: Client, own: User, elsewhere: User, region: Any
) -> None:
    agreement = entered(own, region)
    workflow.publish(by=own, agreement=agreement, reason="Qqqqq differs")
    agreement.refresh_from_db()
    history = reverse("agreement_history", args=[agreement.address])
    for user, read in ((own, True), (elsewhere, False)):
        client.force_login(user)
        assert ("Qqqqq" in client.get(history).content.decode()) is read
    client.logout()
    assert "Qqqqq" not in client.get(reverse("changes")).content.decode()


def test_forms_say_who_reads_a_reason(client: Client, own: User, region: Any) -> None:
    public, draft = factories.agreement(factories.town(territory=region), factories.town()), entered(own, region)
    client.force_login(own)
    for agreement, said in ((public, "Shown to everybody"), (draft, "only those who may write it read this")):
        assert said in client.get(reverse("agreement_withdraw", args=[agreement.reference])).content.decode()
    for name in ("agreement_end", "agreement_suspend"):
        assert "Everybody can read it" in client.get(reverse(name, args=[public.reference])).content.decode()


# Imports


def told(by: User, resource: str, text: str) -> list[tuple[str, list[str]]]:
    """What the plan of a file says of each of its rows, and that the page and the file of what is left out say so."""
    source = {"source_title": "A register", "source_licence": "CC0-1.0"}
    batch = batches.receive(ContentFile(text.encode(), "list.csv"), resource=resource, source=source, by=by)
    jobs.enqueue_step(batch, "plan", by=by)
    batch.refresh_from_db()
    rows = batch.rows.order_by("line")
    client = Client()
    client.force_login(by)
    page = client.get(reverse("import_plan", args=[batch.reference])).text
    file = client.get(reverse("import_refused", args=[batch.reference])).getvalue().decode()
    reasons = [reason for row in rows for _column, _value, reason in row.faults]
    assert all(html.escape(reason) in page and reason in file for reason in reasons)
    return [(row.outcome, [reason for _column, _value, reason in row.faults]) for row in rows]


def test_an_import_does_not_tell_what_never_was_public_from_nothing(own: User, elsewhere: User, region: Any) -> None:
    hidden = entered(own, region, kind="twinning", signed="1990")
    public = factories.agreement(factories.town(territory=region), factories.town(), signed="1990")
    parties = [party.town for party in hidden.parties.order_by("position")]
    Town.objects.filter(pk=parties[1].pk).update(publication="published")
    names = ",".join(f"{town.name},{town.country_id},{town.reference}" for town in parties)
    headers = "reference,kind,signed,party_1,country_1,code_1,party_2,country_2,code_2\n"
    rows = f"{hidden.reference},twinning,1990,{names}\nA99999,twinning,1991,{names}\n"
    answers = told(elsewhere, "agreements", f"{headers}{rows}{public.reference},twinning,1992,,,,,,\n")
    unknown = ["No record has this reference: correct it, or leave it blank for a new one."]
    others = ["None of the parties lies in your territory: only its own officers enter it."]
    assert answers == [("refused", unknown), ("refused", unknown), ("refused", others)]
    assert told(elsewhere, "agreements", f"{headers},twinning,1990,{names}\n") == [("refused", others)]


def test_an_import_of_towns_does_not_tell_either(own: User, elsewhere: User, region: Any) -> None:
    draft = factories.town(SECRET, territory=region, publication="draft")
    merged = factories.town(publication="withdrawn", merged_into=factories.town(), territory=region)
    public = factories.town("Dole", territory=region)
    source = factories.source(f"{SECRET} 1")
    factories.agreement(public, publication="draft").sources.add(source)
    answers = told(
        elsewhere,
        "towns",
        "reference,name,country,territory,sources\n"
        f"{draft.reference},Aa,FR,FR-GES,\n{merged.reference},Bb,FR,FR-GES,\nT99999,Cc,FR,FR-GES,\n"
        f"{public.reference},Dole,FR,FR-BFC,\n,Dd,FR,FR-GES,{source.title}\n,Ee,FR,FR-GES,{SECRET} 2\n",
    )
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1] == ["No record has this reference: correct it, or leave it blank for a new one."]
    assert answers[3][1] != answers[0][1]
    assert [outcome for outcome, _reasons in answers[4:]] == ["refused", "refused"]
    assert answers[4][1][0].replace(f"{SECRET} 1", f"{SECRET} 2") == answers[5][1][0]
    answers = told(
        elsewhere,
        "agreements",
        "kind,party_1,country_1,code_1,party_2,country_2,code_2\n"
        + "".join(
            f"twinning,,,{code},,,{public.reference}\n" for code in (draft.reference, merged.reference, "T99999")
        ),
    )
    assert {reasons[0].split(" T")[0] for _outcome, reasons in answers} == {"There is no town with the reference"}


def test_a_title_does_not_find_a_source_that_never_was_public(elsewhere: User, own: User, region: Any) -> None:
    agreement = entered(own, region)
    source = agreement.sources.get()
    Source.objects.filter(pk=source.pk).update(url="https://example.org/secret")
    place = elsewhere.mandates.get().territory
    ours, theirs = factories.town(territory=place), factories.town()
    for by, found in ((elsewhere, 0), (own, 1)):
        batch = batches.receive(
            ContentFile(
                f"kind,signed,code_1,code_2,source\ntwinning,{2000 + found},{ours.reference},{theirs.reference},"
                f"{source.title}\n".encode(),
                "list.csv",
            ),
            resource="agreements",
            source={"source_title": "A register", "source_licence": "CC0-1.0"},
            by=by,
        )
        resource = batches.resource_of(batch)
        list(resource.decided(batch, []))
        assert len(resource._sources._addresses[source.title]) == found


def test_an_author_who_writes_elsewhere_by_now_deletes_no_draft(region: Any) -> None:
    author = factories.officer("author", region, role="contributor")
    agreement = entered(author, region)
    author.mandates.update(territory=factories.territory("FR-BRE"))
    with pytest.raises(PermissionDenied):
        workflow.delete(by=User.objects.get(pk=author.pk), agreement=agreement)
    assert Agreement.objects.filter(pk=agreement.pk).exists()


def test_a_source_that_is_proposed_is_seen_by_who_proposed_and_who_decides_until_it_is_decided(
    elsewhere: User, region: Any
) -> None:
    decides = factories.officer("decides", region, role="coordinator")
    author = factories.officer("author", region, role="contributor")
    agreement = factories.agreement(factories.town("Dijon", territory=region), factories.town("Mainz", "DE"))
    base, source = snapshot.read_content(agreement), factories.source(SECRET)
    change = workflow.submit_change(
        by=author, agreement=agreement, content=base | {"sources": [*base["sources"], source.pk]}, base=base
    )
    author.mandates.update(territory=factories.territory("FR-BRE"))

    def seen() -> list[bool]:
        people = (User.objects.get(pk=user.pk) for user in (author, decides, elsewhere))
        return [source in permissions.sources_seen_by(user) for user in people]

    assert seen() == [True, True, False]
    decisions.reject(by=decides, submission=change, reason="Who says so?")
    assert seen() == [False, False, False]
