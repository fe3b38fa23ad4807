"""The gazetteer: places of the reference list, and the names that they go by."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.fields import choice_constraint, name_indexes, normalised
from core.history import reports_changes

from ..choices import CoordinatesPrecision, Level, NameKind
from .places import Country, Territory


class GazetteerPlace(models.Model):
    """A place of the reference list: a town is created from it on first use.

    Loaded whole from the installed data packages, hence without history.
    """

    name = models.CharField(_("name"), max_length=200)
    normalised = normalised()
    level = models.CharField(_("level"), max_length=16, choices=Level, default=Level.MUNICIPALITY)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="+", verbose_name=_("country"))
    territory = models.ForeignKey(
        Territory, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("territory")
    )
    insee = models.CharField(_("INSEE code"), max_length=5, null=True, unique=True)
    geonames = models.PositiveIntegerField(_("GeoNames id"), null=True, unique=True)
    population = models.PositiveIntegerField(_("population"), null=True)
    latitude = models.FloatField(_("latitude"), null=True)
    longitude = models.FloatField(_("longitude"), null=True)
    coordinates_precision = models.CharField(
        _("coordinates point at"),
        max_length=10,
        choices=CoordinatesPrecision,
        default=CoordinatesPrecision.PLACE,
    )

    class Meta:
        verbose_name = _("gazetteer place")
        verbose_name_plural = _("gazetteer places")
        indexes = [
            *name_indexes("place"),
            models.Index(fields=["country", "normalised"], name="place_country_name"),
        ]
        constraints = [
            *choice_constraint("gazetteerplace", level=Level, coordinates_precision=CoordinatesPrecision),
            models.CheckConstraint(
                condition=Q(insee__isnull=False) | Q(geonames__isnull=False), name="place_has_an_identifier"
            ),
        ]
        triggers = reports_changes("towns", "SELECT 0 FROM {rows}")

    def __str__(self) -> str:
        return self.name


class GazetteerName(models.Model):
    """Another name of a gazetteer place: exonym, other script, or the old name of a commune merged into it."""

    place = models.ForeignKey(GazetteerPlace, on_delete=models.CASCADE, related_name="names", verbose_name=_("place"))
    name = models.CharField(_("name"), max_length=200)
    normalised = normalised()
    kind = models.CharField(_("kind"), max_length=12, choices=NameKind, default=NameKind.ALTERNATIVE)

    class Meta:
        verbose_name = _("name of a gazetteer place")
        verbose_name_plural = _("names of gazetteer places")
        indexes = name_indexes("placename")
        constraints = [*choice_constraint("gazetteername", kind=NameKind)]

    def __str__(self) -> str:
        return self.name
