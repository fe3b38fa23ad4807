"""Models of work in progress: invitations, drafts of forms, submissions, confirmations, merges, contacts.

None of it is part of the directory's history: it is erased when it has served, or with the person it is about.
"""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.fields import choice_constraint

from ..choices import ConfirmationAnswer, ConfirmationRoute, MandateRole, SubmissionKind, SubmissionState
from .agreement_parts import Party
from .agreements import Agreement
from .places import Territory


class Invitation(models.Model):
    """Invitation to become an officer. The link that is sent holds the signed key of this row."""

    email = models.EmailField(_("e-mail address"))
    territory = models.ForeignKey(
        Territory, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("territory")
    )
    role = models.CharField(_("role"), max_length=12, choices=MandateRole, default=MandateRole.CONTRIBUTOR)
    language = models.CharField(_("language"), max_length=10, default="en")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("invited by"),
    )
    created_at = models.DateTimeField(_("sent on"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires on"))
    accepted_at = models.DateTimeField(_("accepted on"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-id"]
        constraints = [*choice_constraint("invitation", role=MandateRole)]

    def __str__(self) -> str:
        return self.email


class Preference(models.Model):
    """Mail preferences of an officer: the digest and the language."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preference", verbose_name=_("officer")
    )
    digest = models.BooleanField(_("a digest by mail"), default=True)
    language = models.CharField(_("language"), max_length=10, default="en", choices=settings.LANGUAGES)
    digest_at = models.DateTimeField(_("last digest"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        ordering = ["user"]

    def __str__(self) -> str:
        return str(self.user)


class FormDraft(models.Model):
    """A form as it was typed, not sent yet: `data` holds its fields as they stand, lists by name.

    `base` is the fingerprint of the agreement's content that the typing began with.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="form_drafts", verbose_name=_("officer")
    )
    agreement = models.ForeignKey(
        Agreement,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="form_drafts",
        verbose_name=_("agreement"),
    )
    data = models.JSONField(_("fields"), default=dict)
    base = models.CharField(_("version that was begun with"), max_length=64, blank=True)
    saved_at = models.DateTimeField(_("saved on"), auto_now=True)

    class Meta:
        verbose_name = _("draft of a form")
        verbose_name_plural = _("drafts of forms")
        ordering = ["-saved_at"]
        constraints = [models.UniqueConstraint(fields=["user", "agreement"], name="formdraft_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.agreement_id or '…'}"


class Submission(models.Model):
    """Submission for review: a new entry, a change, a proposal of a visitor or a partner's correction.

    `subject_kind` is the name of a model and of its page's URL, `subject` its reference or code; `territories` are
    those whose officers decide. `content` and `base` are contents of an agreement (``partnerships.editing.snapshot``),
    as proposed and as it was.
    """

    refers_by = ("subject",)

    kind = models.CharField(_("kind"), max_length=12, choices=SubmissionKind)
    state = models.CharField(_("state"), max_length=12, choices=SubmissionState, default=SubmissionState.OPEN)
    agreement = models.ForeignKey(
        Agreement,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="submissions",
        verbose_name=_("agreement"),
    )
    subject_kind = models.CharField(_("kind of record"), max_length=20)
    subject = models.CharField(_("record"), max_length=20)
    subject_title = models.CharField(_("name of the record"), max_length=500, blank=True)
    territories = ArrayField(models.CharField(max_length=10), verbose_name=_("territories concerned"), default=list)
    content = models.JSONField(_("content proposed"), null=True, blank=True, encoder=DjangoJSONEncoder)
    base = models.JSONField(_("content before"), null=True, blank=True, encoder=DjangoJSONEncoder)
    text = models.TextField(_("text"), blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="submissions",
        verbose_name=_("author"),
    )
    author_name = models.CharField(_("name of the author"), max_length=200, blank=True)
    author_email = models.EmailField(_("e-mail address of the author"), blank=True)
    language = models.CharField(_("language"), max_length=10, default="en")
    created_at = models.DateTimeField(_("submitted on"), db_default=Now(), editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided on"), null=True, blank=True)
    reason = models.TextField(_("reason of the decision"), blank=True)

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering = ["-created_at", "-id"]
        indexes = [
            GinIndex(fields=["territories"], name="submission_territories"),
            models.Index(fields=["state", "created_at"], name="submission_state"),
        ]
        constraints = [
            *choice_constraint("submission", kind=SubmissionKind, state=SubmissionState),
            models.CheckConstraint(
                condition=Q(state=SubmissionState.OPEN) | Q(decided_at__isnull=False),
                name="submission_decided_on",
                violation_error_message=_("A decision has a date."),
            ),
            models.CheckConstraint(
                condition=~Q(state=SubmissionState.REJECTED) | ~Q(reason=""),
                name="submission_rejected_with_reason",
                violation_error_message=_("A submission is rejected with a reason."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.subject_title or self.subject}"


class Comment(models.Model):
    """A word between those who decide on a submission and its author."""

    submission = models.ForeignKey(
        Submission, on_delete=models.CASCADE, related_name="comments", verbose_name=_("submission")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("author"),
    )
    text = models.TextField(_("text"))
    created_at = models.DateTimeField(_("written on"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.text[:80]


class Confirmation(models.Model):
    """Request to the other party to confirm that an agreement is as it is told. The link holds the signed key of this
    row."""

    party = models.ForeignKey(Party, on_delete=models.CASCADE, related_name="confirmations", verbose_name=_("party"))
    email = models.EmailField(_("e-mail address"), blank=True, help_text=_("Erased when it has served."))
    route = models.CharField(
        _("how the link was sent"), max_length=10, choices=ConfirmationRoute, default=ConfirmationRoute.OFFICER
    )
    language = models.CharField(_("language"), max_length=10, default="en")
    fingerprint = models.CharField(_("version that was asked about"), max_length=64)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked on"), db_default=Now(), editable=False)
    expires_at = models.DateTimeField(_("expires on"))
    answer = models.CharField(_("answer"), max_length=12, choices=ConfirmationAnswer, blank=True)
    answered_at = models.DateTimeField(_("answered on"), null=True, blank=True)

    class Meta:
        verbose_name = _("confirmation by a partner")
        verbose_name_plural = _("confirmations by partners")
        ordering = ["-asked_at", "-id"]
        constraints = [
            *choice_constraint("confirmation", route=ConfirmationRoute),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None)
                | Q(answer__in=ConfirmationAnswer.values, answered_at__isnull=False),
                name="confirmation_answered_on",
                violation_error_message=_("An answer has a date."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.party)


class Merge(models.Model):
    """Merge of one record into another; `moved` holds what it takes to undo it (``partnerships.editing.merge``)."""

    kind = models.CharField(_("kind of record"), max_length=20)
    loser = models.CharField(_("reference that leads on"), max_length=16)
    winner = models.CharField(_("reference that stays"), max_length=16)
    moved = models.JSONField(_("rows moved"), default=dict, encoder=DjangoJSONEncoder)
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("merged by"),
    )
    merged_at = models.DateTimeField(_("merged on"), db_default=Now(), editable=False)
    undone_at = models.DateTimeField(_("undone on"), null=True, blank=True)

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        ordering = ["-merged_at", "-id"]

    def __str__(self) -> str:
        return f"{self.loser} → {self.winner}"


class Contact(models.Model):
    """A person to speak to about an agreement: kept for a purpose, until a day, and shown to officers only unless the
    person agreed otherwise."""

    agreement = models.ForeignKey(
        Agreement, on_delete=models.CASCADE, related_name="contacts", verbose_name=_("agreement")
    )
    name = models.CharField(_("name"), max_length=200)
    function = models.CharField(_("function"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    purpose = models.CharField(_("purpose"), max_length=300, help_text=_("What the contact is kept for."))
    public = models.BooleanField(_("shown to everybody"), default=False)
    purge_on = models.DateField(_("erase on"), db_index=True)
    created_at = models.DateTimeField(_("entered on"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("contact person")
        verbose_name_plural = _("contact persons")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(purpose=""),
                name="contact_has_a_purpose",
                violation_error_message=_("Say what the contact is kept for."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
