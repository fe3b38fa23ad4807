"""Countries, cooperation zones, territories, towns and the gazetteer."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.dates import PartialDateField, date_constraints
from core.fields import ReferenceField, choice_constraint, keep_reference, name_indexes, normalised
from core.history import reports_changes, tracked

from ..choices import (
    Continent,
    CoordinatesPrecision,
    Level,
    NameKind,
    Publication,
    TerritoryLevel,
)
from .base import (
    AlternativeName,
    PublicRecord,
    in_language,
    keep_first_publication,
    merged_is_withdrawn,
    published_has_a_date,
)
from .sources import Source


def located(model: str) -> list[models.CheckConstraint]:
    """Check constraint: coordinates are on Earth, and come in pairs."""
    return [
        models.CheckConstraint(
            condition=Q(latitude__isnull=True, longitude__isnull=True)
            # Said in so many words: SQL lets a condition pass that it cannot decide.
            | Q(latitude__isnull=False, latitude__range=(-90, 90))
            & Q(longitude__isnull=False, longitude__range=(-180, 180)),
            name=f"{model}_is_on_earth",
            violation_error_message=_(
                "Coordinates need both numbers: a latitude from −90 to 90 and a longitude from −180 to 180."
            ),
        )
    ]


@tracked
class Country(models.Model):
    """A country of ISO 3166-1 (and Kosovo, XK), named from CLDR in English and French."""

    code = models.CharField(_("ISO 3166-1 code"), max_length=2, primary_key=True)
    alpha3 = models.CharField(_("three-letter code"), max_length=3, unique=True)
    numeric = models.CharField(
        _("numeric code"),
        max_length=3,
        null=True,
        blank=True,
        unique=True,
        help_text=_("The key of the map's shapes."),
    )
    name_en = models.CharField(_("name, English"), max_length=100)
    name_fr = models.CharField(_("name, French"), max_length=100)
    continent = models.CharField(_("continent"), max_length=2, choices=Continent)
    subregion = models.CharField(_("UN subregion (M49)"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["code"]
        constraints = [
            *choice_constraint("country", continent=Continent),
            models.CheckConstraint(condition=Q(code__regex=r"^[A-Z]{2}$"), name="country_code_form"),
        ]
        triggers = reports_changes("labels", "SELECT 0 FROM {rows}")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The country's name in the active language."""
        return in_language(self, "name")


@tracked
class CooperationZone(models.Model):
    """A group of countries that cooperation speaks of; zones overlap."""

    code = models.SlugField(_("code"), max_length=40, primary_key=True)
    name_en = models.CharField(_("name, English"), max_length=100)
    name_fr = models.CharField(_("name, French"), max_length=100)
    countries = models.ManyToManyField(
        Country, through="ZoneCountry", related_name="zones", verbose_name=_("countries")
    )

    class Meta:
        verbose_name = _("cooperation zone")
        verbose_name_plural = _("cooperation zones")
        ordering = ["code"]
        triggers = reports_changes("labels", "SELECT 0 FROM {rows}")

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The zone's name in the active language."""
        return in_language(self, "name")


@tracked
class ZoneCountry(models.Model):
    """Membership of a country in a cooperation zone, with the reason and its source."""

    zone = models.ForeignKey(CooperationZone, on_delete=models.CASCADE, verbose_name=_("zone"))
    country = models.ForeignKey(Country, on_delete=models.PROTECT, verbose_name=_("country"))
    reason_en = models.CharField(_("reason, English"), max_length=300)
    reason_fr = models.CharField(_("reason, French"), max_length=300)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, verbose_name=_("source"))

    class Meta:
        verbose_name = _("country of a zone")
        verbose_name_plural = _("countries of zones")
        ordering = ["zone", "country"]
        constraints = [
            models.UniqueConstraint(
                fields=["zone", "country"],
                name="zonecountry_once",
                violation_error_message=_("This country is already in the zone."),
            )
        ]
        triggers = reports_changes("agreements", "SELECT 0 FROM {rows}")

    def __str__(self) -> str:
        return f"{self.zone_id}: {self.country_id}"

    @property
    def reason(self) -> str:
        """The reason in the active language."""
        return in_language(self, "reason")


@tracked
class StateRelation(models.Model):
    """A dated record of a country's relations as a State, independent of its towns' agreements."""

    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="state_relations", verbose_name=_("country")
    )
    counterpart = models.CharField(_("with"), max_length=100, help_text=_("ISO code of a country, or “EU”."))
    since = PartialDateField(_("since"))
    until = PartialDateField(_("until"))
    description_en = models.TextField(_("description, English"))
    description_fr = models.TextField(_("description, French"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, verbose_name=_("source"))

    class Meta:
        verbose_name = _("State relations")
        verbose_name_plural = _("State relations")
        ordering = ["country", "since"]
        constraints = [
            *date_constraints("staterelation", "since", "until", order=(("since", "until"),)),
            models.UniqueConstraint(
                fields=["country", "counterpart", "since"], name="staterelation_once", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country_id} – {self.counterpart}"

    @property
    def description(self) -> str:
        """Description of the event in the active language."""
        return in_language(self, "description")


@tracked
class Territory(models.Model):
    """A region or department with its ISO 3166-2 code; its parents are dated, it may have been dissolved."""

    code = models.CharField(_("ISO 3166-2 code"), max_length=10, primary_key=True)
    country = models.ForeignKey(
        Country, on_delete=models.PROTECT, related_name="territories", verbose_name=_("country")
    )
    level = models.CharField(_("level"), max_length=12, choices=TerritoryLevel)
    name = models.CharField(_("name"), max_length=150)
    normalised = normalised()
    insee = models.CharField(_("INSEE code"), max_length=3, blank=True)
    parents = models.ManyToManyField(
        "self",
        through="TerritoryParent",
        through_fields=("territory", "parent"),
        symmetrical=False,
        related_name="children",
        verbose_name=_("parents"),
    )
    successor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        verbose_name=_("successor"),
    )
    dissolved_on = PartialDateField(_("dissolved on"))
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)

    class Meta:
        verbose_name = _("territory")
        verbose_name_plural = _("territories")
        ordering = ["code"]
        indexes = [models.Index(fields=["normalised"], name="territory_normalised")]
        constraints = [
            *date_constraints("territory", "dissolved_on"),
            *choice_constraint("territory", level=TerritoryLevel),
            *located("territory"),
            models.UniqueConstraint(
                fields=["country", "level", "insee"],
                name="territory_insee",
                condition=~Q(insee="") & Q(dissolved_on__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(successor=None) | Q(dissolved_on__isnull=False),
                name="territory_successor_means_dissolved",
                violation_error_message=_("A territory with a successor has the date on which it was dissolved."),
            ),
        ]
        triggers = [
            *reports_changes("agreements", "SELECT 0 FROM {rows}"),
            *reports_changes("labels", "SELECT 0 FROM {rows}", name="report_label"),
        ]

    def __str__(self) -> str:
        return self.name


@tracked
class TerritoryParent(models.Model):
    """Dated link between two territories: the outer one in which the other lies or lay."""

    territory = models.ForeignKey(
        Territory, on_delete=models.CASCADE, related_name="parent_links", verbose_name=_("territory")
    )
    parent = models.ForeignKey(
        Territory, on_delete=models.PROTECT, related_name="child_links", verbose_name=_("parent")
    )
    since = PartialDateField(_("since"))
    until = PartialDateField(_("until"))

    class Meta:
        verbose_name = _("parent of a territory")
        verbose_name_plural = _("parents of territories")
        ordering = ["territory", "since"]
        constraints = [
            *date_constraints("territoryparent", "since", "until", order=(("since", "until"),)),
            models.UniqueConstraint(
                fields=["territory", "parent", "since"], name="territoryparent_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=~Q(territory=models.F("parent")), name="territoryparent_not_itself"),
        ]
        triggers = reports_changes("agreements", "SELECT 0 FROM {rows}")

    def __str__(self) -> str:
        return f"{self.territory_id} ∈ {self.parent_id}"


@tracked
class Town(PublicRecord):
    """A local authority that can be party to an agreement, of any level."""

    reference = ReferenceField("T")
    name = models.CharField(_("name"), max_length=200)
    normalised = normalised()
    level = models.CharField(_("level"), max_length=16, choices=Level, default=Level.MUNICIPALITY)
    country = models.ForeignKey(Country, on_delete=models.PROTECT, related_name="towns", verbose_name=_("country"))
    territory = models.ForeignKey(
        Territory,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="towns",
        verbose_name=_("territory"),
        help_text=_("Where it lies."),
    )
    governs = models.ForeignKey(
        Territory,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="authorities",
        verbose_name=_("governs"),
        help_text=_("The department or region whose authority this is."),
    )
    insee = models.CharField(_("INSEE code"), max_length=5, null=True, blank=True)
    geonames = models.PositiveIntegerField(_("GeoNames id"), null=True, blank=True)
    wikidata = models.CharField(_("Wikidata id"), max_length=16, null=True, blank=True)
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    coordinates_precision = models.CharField(
        _("coordinates point at"),
        max_length=10,
        choices=CoordinatesPrecision,
        default=CoordinatesPrecision.PLACE,
    )
    website = models.URLField(_("website"), max_length=300, blank=True)
    sources = models.ManyToManyField(Source, through="TownSource", related_name="towns", verbose_name=_("sources"))

    class Meta:
        verbose_name = _("town")
        verbose_name_plural = _("towns")
        ordering = ["normalised"]
        indexes = [
            *name_indexes("town"),
            models.Index(fields=["country", "normalised"], name="town_country_name"),
        ]
        constraints = [
            *choice_constraint(
                "town", level=Level, publication=Publication, coordinates_precision=CoordinatesPrecision
            ),
            *located("town"),
            merged_is_withdrawn("town"),
            published_has_a_date("town"),
            *(
                models.UniqueConstraint(
                    fields=[code],
                    name=f"town_{code}",
                    condition=Q(publication=Publication.PUBLISHED),
                    violation_error_message=_("Another town has this identifier already."),
                )
                for code in ("insee", "geonames", "wikidata", "governs")
            ),
            models.CheckConstraint(
                condition=Q(insee=None) | Q(country="FR"),
                name="town_insee_is_french",
                violation_error_message=_("Only French towns have an INSEE code."),
            ),
            models.CheckConstraint(
                condition=Q(wikidata=None) | Q(wikidata__regex=r"^Q[1-9][0-9]*$"),
                name="town_wikidata_form",
                violation_error_message=_("A Wikidata id is a Q and a number, such as Q90."),
            ),
        ]
        triggers = [
            keep_reference(),
            *keep_first_publication(),
            *reports_changes(
                "agreements",
                "SELECT party.agreement_id FROM {rows} AS town"
                " JOIN partnerships_party AS party ON party.town_id = town.id",
            ),
            *reports_changes("towns", "SELECT 0 FROM {rows}", name="report_town"),
        ]

    def __str__(self) -> str:
        return self.name


@tracked
class TownName(AlternativeName):
    """Another name of a town."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE, related_name="names", verbose_name=_("town"))

    class Meta:
        verbose_name = _("name of a town")
        verbose_name_plural = _("names of towns")
        ordering = ["name"]
        indexes = name_indexes("townname")
        constraints = [
            *choice_constraint("townname", kind=NameKind),
            models.UniqueConstraint(
                fields=["town", "name"],
                name="townname_once",
                violation_error_message=_("The town has this name already."),
            ),
        ]


@tracked
class TownSource(models.Model):
    """A source that a town's data come from."""

    town = models.ForeignKey(Town, on_delete=models.CASCADE, verbose_name=_("town"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, verbose_name=_("source"))

    class Meta:
        verbose_name = _("source of a town")
        verbose_name_plural = _("sources of towns")
        constraints = [models.UniqueConstraint(fields=["town", "source"], name="townsource_once")]

    def __str__(self) -> str:
        return str(self.source)
