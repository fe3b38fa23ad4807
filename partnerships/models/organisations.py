"""Actors that are no local authority."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.fields import ReferenceField, choice_constraint, keep_reference, name_indexes, normalised
from core.history import reports_changes, tracked

from ..choices import NameKind, OrganisationKind, Publication
from .base import AlternativeName, PublicRecord, keep_first_publication, merged_is_withdrawn, published_has_a_date
from .places import Country, Territory, Town
from .sources import Source


@tracked
class Organisation(PublicRecord):
    """An association, school, hospital, State service … that takes part in agreements or networks."""

    reference = ReferenceField("O")
    name = models.CharField(_("name"), max_length=200)
    normalised = normalised()
    acronym = models.CharField(_("acronym"), max_length=30, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=OrganisationKind, default=OrganisationKind.ASSOCIATION)
    country = models.ForeignKey(
        Country,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("country"),
    )
    territory = models.ForeignKey(
        Territory,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("territory"),
    )
    seat = models.ForeignKey(
        Town, on_delete=models.SET_NULL, null=True, blank=True, related_name="seated", verbose_name=_("seat")
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    sources = models.ManyToManyField(
        Source, through="OrganisationSource", related_name="organisations", verbose_name=_("sources")
    )

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["normalised"]
        indexes = name_indexes("organisation")
        constraints = [
            *choice_constraint("organisation", kind=OrganisationKind, publication=Publication),
            merged_is_withdrawn("organisation"),
            published_has_a_date("organisation"),
        ]
        triggers = [
            keep_reference(),
            *keep_first_publication(),
            *reports_changes(
                "agreements",
                "SELECT party.agreement_id FROM {rows} AS organisation"
                " JOIN partnerships_party AS party ON party.organisation_id = organisation.id",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@tracked
class OrganisationName(AlternativeName):
    """Another name of an organisation."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="names", verbose_name=_("organisation")
    )

    class Meta:
        verbose_name = _("name of an organisation")
        verbose_name_plural = _("names of organisations")
        ordering = ["name"]
        indexes = name_indexes("orgname")
        constraints = [
            *choice_constraint("organisationname", kind=NameKind),
            models.UniqueConstraint(fields=["organisation", "name"], name="organisationname_once"),
        ]


@tracked
class OrganisationSource(models.Model):
    """A source that an organisation's data come from."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, verbose_name=_("organisation"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, verbose_name=_("source"))

    class Meta:
        verbose_name = _("source of an organisation")
        verbose_name_plural = _("sources of organisations")
        constraints = [models.UniqueConstraint(fields=["organisation", "source"], name="organisationsource_once")]

    def __str__(self) -> str:
        return str(self.source)
