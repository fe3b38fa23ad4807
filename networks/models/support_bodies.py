"""Support bodies, the territories that they serve and their sources."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.dates import PartialDateField, date_constraints
from core.fields import ReferenceField, choice_constraint, keep_reference, name_indexes, normalised
from core.history import tracked
from partnerships.choices import Publication, Verdict
from partnerships.models import PublicRecord, Source, Territory, Town
from partnerships.models.base import (
    in_language,
    keep_first_publication,
    merged_is_withdrawn,
    published_has_a_date,
)

from ..choices import LegalStatus, Service


@tracked
class SupportBody(PublicRecord):
    """A regional body that helps those who cooperate: it serves territories, and may have a successor."""

    reference = ReferenceField("B")
    acronym = models.CharField(_("acronym"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=200)
    normalised = normalised()
    legal_status = models.CharField(_("legal status"), max_length=16, choices=LegalStatus, default=LegalStatus.UNKNOWN)
    services = ArrayField(
        models.CharField(max_length=24, choices=Service), default=list, blank=True, verbose_name=_("services")
    )
    founded = PartialDateField(_("founded"))
    dissolved = PartialDateField(_("dissolved"))
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("successor"),
    )
    succeeded = PartialDateField(_("succeeded on"))
    succession = models.CharField(
        _("succession is"), max_length=12, choices=Verdict, default=Verdict.UNCONFIRMED, blank=True
    )
    seat = models.CharField(_("seat"), max_length=100, blank=True)
    seat_town = models.ForeignKey(
        Town,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("seat, as a town"),
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    description_en = models.TextField(_("description, English"), blank=True)
    description_fr = models.TextField(_("description, French"), blank=True)
    territories = models.ManyToManyField(
        Territory,
        through="ServedTerritory",
        related_name="support_bodies",
        verbose_name=_("territories served"),
    )
    sources = models.ManyToManyField(
        Source, through="SupportBodySource", related_name="support_bodies", verbose_name=_("sources")
    )

    class Meta:
        verbose_name = _("support body")
        verbose_name_plural = _("support bodies")
        ordering = ["acronym", "name"]
        indexes = name_indexes("supportbody")
        constraints = [
            *date_constraints("supportbody", "founded", "dissolved", "succeeded", order=(("founded", "dissolved"),)),
            *choice_constraint("supportbody", legal_status=LegalStatus, succession=Verdict, publication=Publication),
            merged_is_withdrawn("supportbody"),
            published_has_a_date("supportbody"),
            models.CheckConstraint(
                condition=Q(services__contained_by=Service.values), name="supportbody_services_are_known"
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | ~Q(successor=F("pk")), name="supportbody_not_its_own_successor"
            ),
        ]
        triggers = [keep_reference(), *keep_first_publication()]

    def __str__(self) -> str:
        return self.acronym or self.name

    @property
    def description(self) -> str:
        """Description of the support body in the active language."""
        return in_language(self, "description")

    def get_services_display(self) -> list[str]:
        """The services in words."""
        return [str(Service(service).label) for service in self.services]


@tracked
class ServedTerritory(models.Model):
    """A territory that a support body serves, and when."""

    support_body = models.ForeignKey(SupportBody, on_delete=models.CASCADE, verbose_name=_("support body"))
    territory = models.ForeignKey(
        Territory, on_delete=models.PROTECT, related_name="served_by", verbose_name=_("territory")
    )
    since = PartialDateField(_("since"))
    until = PartialDateField(_("until"))

    class Meta:
        verbose_name = _("territory served")
        verbose_name_plural = _("territories served")
        ordering = ["support_body", "since"]
        constraints = [
            *date_constraints("servedterritory", "since", "until", order=(("since", "until"),)),
            models.UniqueConstraint(fields=["support_body", "territory"], name="servedterritory_once"),
        ]

    def __str__(self) -> str:
        return str(self.territory)


@tracked
class SupportBodySource(models.Model):
    """A source that a support body's data come from."""

    support_body = models.ForeignKey(SupportBody, on_delete=models.CASCADE, verbose_name=_("support body"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, verbose_name=_("source"))

    class Meta:
        verbose_name = _("source of a support body")
        verbose_name_plural = _("sources of support bodies")
        constraints = [models.UniqueConstraint(fields=["support_body", "source"], name="supportbodysource_once")]

    def __str__(self) -> str:
        return str(self.source)
