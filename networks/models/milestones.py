"""Milestones of decentralised cooperation, and the web links that the directory began with."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.dates import PartialDateField, date_constraints
from core.fields import ReferenceField, choice_constraint, keep_reference
from core.history import tracked
from partnerships.models import Source
from partnerships.models.base import in_language

from ..choices import LinkSection
from .networks import Network
from .support_bodies import SupportBody


@tracked
class Milestone(models.Model):
    """A dated event in the history of decentralised cooperation."""

    reference = ReferenceField("M")
    date = PartialDateField(_("date"), null=False, blank=False)
    until = PartialDateField(_("until"))
    title_en = models.CharField(_("title, English"), max_length=200)
    title_fr = models.CharField(_("title, French"), max_length=200)
    text_en = models.TextField(_("text, English"), blank=True)
    text_fr = models.TextField(_("text, French"), blank=True)
    network = models.ForeignKey(
        Network,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="milestones",
        verbose_name=_("network"),
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ["date", "title_en"]
        constraints = [
            *date_constraints("milestone", "date", "until", order=(("date", "until"),)),
            models.UniqueConstraint(fields=["date", "title_en"], name="milestone_once"),
        ]
        triggers = [keep_reference()]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the active language."""
        return in_language(self, "title")

    @property
    def text(self) -> str:
        """The text in the active language."""
        return in_language(self, "text")


@tracked
class WebLink(models.Model):
    """An address on the web as a listing gave it, with the date of the listing: it may not answer any more."""

    reference = ReferenceField("L")
    section = models.CharField(_("section"), max_length=28, choices=LinkSection)
    title = models.CharField(_("title"), max_length=200)
    description_en = models.TextField(_("description, English"), blank=True)
    description_fr = models.TextField(_("description, French"), blank=True)
    url = models.URLField(_("address"), max_length=500)
    listed = PartialDateField(_("listed"), help_text=_("Date of the listing."))
    network = models.ForeignKey(
        Network,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="web_links",
        verbose_name=_("network"),
    )
    support_body = models.ForeignKey(
        SupportBody,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="web_links",
        verbose_name=_("support body"),
    )
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", verbose_name=_("source"))

    class Meta:
        verbose_name = _("web link")
        verbose_name_plural = _("web links")
        ordering = ["section", "title"]
        constraints = [
            *date_constraints("weblink", "listed"),
            *choice_constraint("weblink", section=LinkSection),
            models.UniqueConstraint(fields=["section", "url"], name="weblink_once"),
        ]
        triggers = [keep_reference()]

    def __str__(self) -> str:
        return self.title

    @property
    def description(self) -> str:
        """Description of the linked page in the active language."""
        return in_language(self, "description")
