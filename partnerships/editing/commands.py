"""Commands behind the form of an agreement, beyond its content: new parties and sources, documents, contact persons,
and the form itself while it is not sent. Beside ``workflow``, and by its rules."""

import datetime
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import PurePath
from typing import Any

from django.contrib.auth.models import User
from django.core.files.base import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .. import permissions
from ..choices import Action, Publication
from ..models import Agreement, Attachment, Contact, Document, FormDraft, Source
from ..places import party_refs
from ..places.party_refs import Newcomer, PartyRef, actors_of
from . import rules, snapshot, uploads, workflow
from .actions import ActionRefused, Conflict, acting, require
from .snapshot import Content

KEPT_YEARS = 3
"""A contact person is kept no longer than this without being entered again."""
KEPT_FORMS = 50
"""Forms begun that somebody may have: the oldest give way."""

ENTRY_ACTIONS = (Action.SAVE, Action.SUBMIT, Action.PUBLISH)
"""The actions that one may choose from when a form is sent."""


@dataclass(frozen=True)
class NewSource:
    """A source that the directory does not know, as the form describes it."""

    title: str
    publisher: str = ""
    date: str | None = None
    url: str = ""
    licence: str = ""


@dataclass(frozen=True)
class EnteredContent:
    """Submitted content of an agreement, in which parties may refer to something new, and sources have keys of
    `sources`."""

    content: Content
    newcomers: Mapping[PartyRef, Newcomer] = field(default_factory=dict)
    sources: Mapping[str, NewSource] = field(default_factory=dict)

    def faults(self, *, publishing: bool) -> dict[str, list[str]]:
        """Error messages by field of the form."""
        return rules.faults(self.content, publishing=publishing)

    def names(self) -> dict[str, str]:
        """The names of what is new in it, by key."""
        new = {str(ref): newcomer.name for ref, newcomer in self.newcomers.items()}
        new |= {key: source.title for key, source in self.sources.items()}
        chosen = [ref for ref in snapshot.refs_in(self.content) if not ref.is_stored]
        return new | {str(ref): str(actor) for ref, actor in actors_of(chosen).items()}


def enter(
    *,
    by: User,
    entry: EnteredContent,
    then: str,
    agreement: Agreement | None = None,
    base: str = "",
    reason: str = "",
    note: str = "",
) -> Agreement:
    """Save what was entered, and `then` submit or publish it; all of it or nothing.

    What `by` may not change at once of a published agreement is submitted as a change. `base` is the fingerprint of
    the content that the editing began with; `reason` says why there is another agreement of the same parties, `note`
    is a word to those who decide. Raises what ``workflow.save``, ``submit`` and ``publish`` raise.
    """
    published = agreement if agreement is not None and agreement.publication == Publication.PUBLISHED else None
    with acting(by, Action.SAVE, *([agreement] if agreement else [])):
        content = _settled(by, entry)
        if published and then == Action.SUBMIT:
            _submit_change(by, published, content, base, note=note, reason=reason)
            return published
        agreement = workflow.save(by=by, content=content, agreement=agreement, base=base, reason=reason)
        if then == Action.SUBMIT:
            workflow.submit(by=by, agreement=agreement, note=note, reason=reason)
        elif then == Action.PUBLISH and not published:
            return workflow.publish(by=by, agreement=agreement, reason=reason)
    return agreement


def _submit_change(by: User, agreement: Agreement, content: Content, base: str, **said: str) -> None:
    """Propose the content; what it is based on is the content of now, unless that is another one."""
    now = snapshot.read_content(agreement)
    if base and base != snapshot.content_fingerprint(now):
        raise Conflict(_("Somebody else has changed this agreement since you opened it."), now)
    workflow.submit_change(by=by, agreement=agreement, content=content, base=now, **said)


def _settled(by: User, entry: EnteredContent) -> Content:
    """The content of an entry, after what is new in it was made: sources, then towns and organisations as drafts."""
    sources: list[int] = []
    for key in entry.content["sources"]:
        source = _source(by, entry.sources[key]) if key in entry.sources else key
        if source not in sources:
            sources.append(source)
    parties = []
    for party in entry.content["parties"]:
        ref = PartyRef.parse(party["actor"])
        if not ref.is_stored:
            try:
                ref = PartyRef.of(party_refs.entered(ref, entry.newcomers, sources))
            except party_refs.Unknown as error:
                raise ActionRefused(str(error)) from error
        parties.append({**party, "actor": str(ref)})
    return {**entry.content, "parties": parties, "sources": sorted(sources)}


def _source(by: User, new: NewSource) -> int:
    """The source of this title and address that somebody may cite; one that they are not to know of is none."""
    known = permissions.sources_seen_by(by).filter(title=new.title, url=new.url).order_by("pk").first()
    return (known or Source.objects.get_or_create(**asdict(new))[0]).pk


# Documents


def link_document(
    *, by: User, agreement: Agreement, title: str, url: str, language: str = "", date: str | None = None
) -> Document:
    """Add a document that lies elsewhere, by its address."""
    require(permissions.may_add_documents(by, agreement))
    with acting(by, Action.SAVE, agreement):
        if agreement.documents.filter(url=url).exists():
            raise ActionRefused(_("This document is there already."))
        told: dict[str, Any] = {"title": title or url, "url": url, "language": language, "date": date}
        return Document.objects.create(agreement=agreement, **told)


def unlink_document(*, by: User, document: Document) -> None:
    """Take away a document that lies elsewhere."""
    require(permissions.may_add_documents(by, document.agreement))
    with acting(by, Action.SAVE, document.agreement):
        document.delete()


def attach(*, by: User, agreement: Agreement, file: File, title: str = "") -> Attachment:
    """Keep an uploaded document, under a name that nobody can guess. Raises `ActionRefused` for a kind that is not
    taken."""
    require(permissions.may_add_documents(by, agreement))
    try:
        known = uploads.examine(file)
    except uploads.NotTaken as error:
        raise ActionRefused(str(error)) from error
    if agreement.attachments.filter(sha256=known.sha256).exists():
        raise ActionRefused(_("This document is there already."))
    attachment = Attachment(
        agreement=agreement,
        title=title or PurePath(known.name).stem,
        name=known.name,
        media_type=known.media_type,
        size=known.size,
        sha256=known.sha256,
    )
    attachment.file.save(secrets.token_hex(16) + uploads.EXTENSIONS[known.media_type], file, save=False)
    try:
        with acting(by, Action.SAVE, agreement):
            attachment.save()
    except Exception:
        attachment.file.delete(save=False)
        raise
    return attachment


def detach(*, by: User, attachment: Attachment) -> None:
    """Take away an uploaded document, and erase its file."""
    require(permissions.may_add_documents(by, attachment.agreement))
    file = attachment.file
    with acting(by, Action.SAVE, attachment.agreement):
        attachment.delete()
        transaction.on_commit(lambda: file.delete(save=False))


# Contact persons


def last_purge_day(today: datetime.date | None = None) -> datetime.date:
    """The latest day until which a contact person may be kept."""
    today = today or timezone.localdate()
    return (today.replace(day=28) if (today.month, today.day) == (2, 29) else today).replace(
        year=today.year + KEPT_YEARS
    )


def add_contact(*, by: User, agreement: Agreement, purge_on: datetime.date, **columns: object) -> Contact:
    """Keep a contact person, for a purpose and until a day."""
    public = bool(columns.get("public"))
    require(permissions.may_add_documents(by, agreement) if public else permissions.may_write(by, agreement))
    today = timezone.localdate()
    if not today < purge_on <= last_purge_day(today):
        raise ActionRefused(_("A contact person is kept for three years at most, and at least until tomorrow."))
    if not (columns.get("email") or columns.get("phone")):
        raise ActionRefused(_("Give an e-mail address or a telephone number."))
    return Contact.objects.create(agreement=agreement, purge_on=purge_on, **columns)


def remove_contact(*, by: User, contact: Contact) -> None:
    """Erase a contact person."""
    require(permissions.may_write(by, contact.agreement))
    contact.delete()


# Forms begun


def keep_form_draft(
    *, by: User, data: Mapping[str, list[str]], agreement: Agreement | None, base: str = "", draft: int | None = None
) -> FormDraft:
    """Keep a form as it is typed: that of an agreement, or of a new one (`draft`: the key it was kept under before)."""
    require(permissions.is_officer(by) if agreement is None else permissions.may_write(by, agreement))
    values = {"data": dict(data), "base": base}
    if agreement is not None:
        return FormDraft.objects.update_or_create(user=by, agreement=agreement, defaults=values)[0]
    mine = permissions.form_drafts_of(by).filter(agreement=None)
    if kept := mine.filter(pk=draft or 0).first():
        kept.data, kept.base = values["data"], base
        kept.save()
        return kept
    FormDraft.objects.filter(pk__in=mine.order_by("-saved_at").values("pk")[KEPT_FORMS - 1 :]).delete()
    return FormDraft.objects.create(user=by, **values)


def discard_form_draft(*, by: User, draft: int) -> None:
    """Forget a form begun."""
    permissions.form_drafts_of(by).filter(pk=draft).delete()
