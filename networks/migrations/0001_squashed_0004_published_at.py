"""The tables of networks, in place of 0001 to 0004."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
from django.db import migrations, models

import core.dates
import core.fields
import core.history

# The tables of history, those of partnerships too, are asked for what happened since a moment: their rows lie in the order
# of time, so that a few kilobytes of index each tell where to begin.
EVENTS = """
    DO $$ DECLARE events text; BEGIN
        FOR events IN
            SELECT table_name FROM information_schema.columns
            WHERE table_schema = current_schema() AND column_name = 'pgh_created_at'
                AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = current_schema())
        LOOP
            EXECUTE format('{statement}', {names});
        END LOOP;
    END $$
"""
NAME = "'pgh_created_at_' || substr(md5(events), 1, 16)"


class Migration(migrations.Migration):
    replaces = [
        ("networks", "0001_initial"),
        ("networks", "0002_network_labels"),
        ("networks", "0003_event_times"),
        ("networks", "0004_published_at"),
    ]
    initial = True

    dependencies = [
        ("coopdir", "0001_squashed_0003_batch_of_context"),
        ("partnerships", "0001_squashed_0009_source_citation"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Network",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "publication",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        db_index=True,
                        default="published",
                        max_length=10,
                        verbose_name="publication",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="entered on"
                    ),
                ),
                ("reference", core.fields.ReferenceField(prefix="N")),
                ("acronym", models.CharField(blank=True, max_length=40, verbose_name="acronym")),
                ("name_en", models.CharField(max_length=200, verbose_name="name, English")),
                ("name_fr", models.CharField(blank=True, max_length=200, verbose_name="name, French")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("federation", "federation of cities or associations"),
                            ("association", "association of cities"),
                            ("national-association", "national association"),
                            ("programme", "programme"),
                            ("thematic", "thematic network"),
                            ("initiative", "initiative"),
                        ],
                        max_length=24,
                        verbose_name="kind",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("world", "world"),
                            ("continent", "continent"),
                            ("subregion", "part of a continent"),
                            ("national", "country"),
                        ],
                        max_length=12,
                        verbose_name="scope",
                    ),
                ),
                (
                    "continent",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("AF", "Africa"),
                            ("AN", "Antarctica"),
                            ("AS", "Asia"),
                            ("EU", "Europe"),
                            ("NA", "North America"),
                            ("OC", "Oceania"),
                            ("SA", "South America"),
                        ],
                        max_length=2,
                        verbose_name="continent",
                    ),
                ),
                ("founded", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="founded")),
                (
                    "dissolved",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="dissolved"),
                ),
                ("seat", models.CharField(blank=True, help_text="As printed.", max_length=100, verbose_name="seat")),
                ("website", models.URLField(blank=True, max_length=300, verbose_name="website")),
                ("description_en", models.TextField(blank=True, verbose_name="description, English")),
                ("description_fr", models.TextField(blank=True, verbose_name="description, French")),
                (
                    "country",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="networks",
                        to="partnerships.country",
                        verbose_name="country",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        help_text="The record that replaces this one; the old address leads there.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="networks.network",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "seat_town",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="partnerships.town",
                        verbose_name="seat, as a town",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        editable=False,
                        help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                        null=True,
                        verbose_name="first published on",
                    ),
                ),
            ],
            options={
                "verbose_name": "network",
                "verbose_name_plural": "networks",
                "ordering": ["acronym", "name_en"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("founded")),
                        name="network_founded_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("dissolved")),
                        name="network_dissolved_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("founded"), models.F("dissolved")),
                        name="network_founded_before_dissolved",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "federation",
                                    "association",
                                    "national-association",
                                    "programme",
                                    "thematic",
                                    "initiative",
                                ],
                            )
                        ),
                        name="network_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("scope__in", ["world", "continent", "subregion", "national"])),
                        name="network_scope_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("publication__in", ["draft", "submitted", "published", "withdrawn"])),
                        name="network_publication_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("continent__in", ["", "AF", "AN", "AS", "EU", "NA", "OC", "SA"])),
                        name="network_continent_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(
                                ("publication", "withdrawn"), models.Q(("merged_into", models.F("pk")), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="network_merged_is_withdrawn",
                        violation_error_message="A merged record must be withdrawn, and merged into another record.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("publication", "published"), _negated=True),
                            ("published_at__isnull", False),
                            _connector="OR",
                        ),
                        name="network_published_has_a_date",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Milestone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", core.fields.ReferenceField(prefix="M")),
                ("date", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="date")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                ("title_en", models.CharField(max_length=200, verbose_name="title, English")),
                ("title_fr", models.CharField(max_length=200, verbose_name="title, French")),
                ("text_en", models.TextField(blank=True, verbose_name="text, English")),
                ("text_fr", models.TextField(blank=True, verbose_name="text, French")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="milestones",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
            ],
            options={
                "verbose_name": "milestone",
                "verbose_name_plural": "milestones",
                "ordering": ["date", "title_en"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("date")),
                        name="milestone_date_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("until")),
                        name="milestone_until_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("date"), models.F("until")),
                        name="milestone_date_before_until",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.UniqueConstraint(fields=("date", "title_en"), name="milestone_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MilestoneEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("reference", core.fields.ReferenceField(prefix="M", unique=False)),
                ("date", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="date")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                ("title_en", models.CharField(max_length=200, verbose_name="title, English")),
                ("title_fr", models.CharField(max_length=200, verbose_name="title, French")),
                ("text_en", models.TextField(blank=True, verbose_name="text, English")),
                ("text_fr", models.TextField(blank=True, verbose_name="text, French")),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="networks.milestone",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SupportBody",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "publication",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        db_index=True,
                        default="published",
                        max_length=10,
                        verbose_name="publication",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="entered on"
                    ),
                ),
                ("reference", core.fields.ReferenceField(prefix="B")),
                ("acronym", models.CharField(blank=True, max_length=40, verbose_name="acronym")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "normalised",
                    models.GeneratedField(
                        db_persist=True,
                        expression=core.fields.Normalise(models.F("name")),
                        output_field=models.TextField(),
                        verbose_name="normalised",
                    ),
                ),
                (
                    "legal_status",
                    models.CharField(
                        choices=[
                            ("association", "association"),
                            ("gip", "public interest grouping (GIP)"),
                            ("state-service", "State service"),
                            ("unknown", "unknown"),
                        ],
                        default="unknown",
                        max_length=16,
                        verbose_name="legal status",
                    ),
                ),
                (
                    "services",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("pooling-information", "pooling information"),
                                ("supporting-promoters", "supporting project promoters"),
                                ("consultation", "stakeholder consultation"),
                                ("training", "training"),
                                ("observation", "observation"),
                                ("animation", "territorial animation"),
                                ("pooled-projects", "coordination of pooled projects"),
                                ("intermediation", "intermediation"),
                            ],
                            max_length=24,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="services",
                    ),
                ),
                ("founded", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="founded")),
                (
                    "dissolved",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="dissolved"),
                ),
                (
                    "succeeded",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="succeeded on"),
                ),
                (
                    "succession",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unconfirmed", "unconfirmed"),
                            ("confirmed", "confirmed"),
                            ("corrected", "corrected"),
                        ],
                        default="unconfirmed",
                        max_length=12,
                        verbose_name="succession is",
                    ),
                ),
                ("seat", models.CharField(blank=True, max_length=100, verbose_name="seat")),
                ("website", models.URLField(blank=True, max_length=300, verbose_name="website")),
                ("description_en", models.TextField(blank=True, verbose_name="description, English")),
                ("description_fr", models.TextField(blank=True, verbose_name="description, French")),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        help_text="The record that replaces this one; the old address leads there.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged",
                        to="networks.supportbody",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "seat_town",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="partnerships.town",
                        verbose_name="seat, as a town",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="predecessors",
                        to="networks.supportbody",
                        verbose_name="successor",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        editable=False,
                        help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                        null=True,
                        verbose_name="first published on",
                    ),
                ),
            ],
            options={
                "verbose_name": "support body",
                "verbose_name_plural": "support bodies",
                "ordering": ["acronym", "name"],
                "indexes": [
                    models.Index(
                        fields=["normalised"], name="supportbody_normalised_prefix", opclasses=["text_pattern_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["normalised"], name="supportbody_normalised_trgm", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("founded")),
                        name="supportbody_founded_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("dissolved")),
                        name="supportbody_dissolved_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("succeeded")),
                        name="supportbody_succeeded_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("founded"), models.F("dissolved")),
                        name="supportbody_founded_before_dissolved",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("legal_status__in", ["association", "gip", "state-service", "unknown"])),
                        name="supportbody_legal_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("succession__in", ["unconfirmed", "confirmed", "corrected"])),
                        name="supportbody_succession_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("publication__in", ["draft", "submitted", "published", "withdrawn"])),
                        name="supportbody_publication_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(
                                ("publication", "withdrawn"), models.Q(("merged_into", models.F("pk")), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="supportbody_merged_is_withdrawn",
                        violation_error_message="A merged record must be withdrawn, and merged into another record.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("publication", "published"), _negated=True),
                            ("published_at__isnull", False),
                            _connector="OR",
                        ),
                        name="supportbody_published_has_a_date",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "services__contained_by",
                                [
                                    "pooling-information",
                                    "supporting-promoters",
                                    "consultation",
                                    "training",
                                    "observation",
                                    "animation",
                                    "pooled-projects",
                                    "intermediation",
                                ],
                            )
                        ),
                        name="supportbody_services_are_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("successor", None), models.Q(("successor", models.F("pk")), _negated=True), _connector="OR"
                        ),
                        name="supportbody_not_its_own_successor",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("member", "member"),
                            ("founder", "founding member"),
                            ("presidency", "presidency"),
                            ("secretariat", "secretariat"),
                            ("associate", "associate member"),
                        ],
                        default="member",
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="partnerships.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "town",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="partnerships.town",
                        verbose_name="town",
                    ),
                ),
                (
                    "member_network",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships_held",
                        to="networks.network",
                        verbose_name="member network",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="memberships",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
                (
                    "support_body",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="networks.supportbody",
                        verbose_name="support body",
                    ),
                ),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "ordering": ["network", "since", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("member_network__isnull", True),
                                ("organisation__isnull", True),
                                ("support_body__isnull", True),
                                ("town__isnull", False),
                            ),
                            models.Q(
                                ("member_network__isnull", True),
                                ("organisation__isnull", False),
                                ("support_body__isnull", True),
                                ("town__isnull", True),
                            ),
                            models.Q(
                                ("member_network__isnull", False),
                                ("organisation__isnull", True),
                                ("support_body__isnull", True),
                                ("town__isnull", True),
                            ),
                            models.Q(
                                ("member_network__isnull", True),
                                ("organisation__isnull", True),
                                ("support_body__isnull", False),
                                ("town__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="membership_one_of",
                        violation_error_message="Choose exactly one of: town, organisation, member_network, support_body.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("since")),
                        name="membership_since_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("until")),
                        name="membership_until_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("since"), models.F("until")),
                        name="membership_since_before_until",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ["member", "founder", "presidency", "secretariat", "associate"])
                        ),
                        name="membership_role_is_known",
                    ),
                    models.UniqueConstraint(
                        fields=("network", "town", "organisation", "member_network", "support_body", "role", "since"),
                        name="membership_once",
                        nulls_distinct=False,
                        violation_error_message="This membership is already here.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("member_network", None),
                            models.Q(("member_network", models.F("network")), _negated=True),
                            _connector="OR",
                        ),
                        name="membership_not_in_itself",
                        violation_error_message="A network is no member of itself.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", core.fields.ReferenceField(prefix="C")),
                ("statement_en", models.TextField(verbose_name="statement, English")),
                ("statement_fr", models.TextField(verbose_name="statement, French")),
                ("as_of", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="as of")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("unconfirmed", "unconfirmed"),
                            ("confirmed", "confirmed"),
                            ("corrected", "corrected"),
                        ],
                        default="unconfirmed",
                        max_length=12,
                        verbose_name="verdict",
                    ),
                ),
                ("note_en", models.TextField(blank=True, verbose_name="what is known, English")),
                ("note_fr", models.TextField(blank=True, verbose_name="what is known, French")),
                (
                    "network",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
                (
                    "second_source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.source",
                        verbose_name="source of the verdict",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "support_body",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to="networks.supportbody",
                        verbose_name="support body",
                    ),
                ),
            ],
            options={
                "verbose_name": "claim on a network or support body",
                "verbose_name_plural": "claims on networks and support bodies",
                "ordering": ["id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("network__isnull", False), ("support_body__isnull", True)),
                            models.Q(("network__isnull", True), ("support_body__isnull", False)),
                            _connector="OR",
                        ),
                        name="networkclaim_one_of",
                        violation_error_message="Choose exactly one of: network, support_body.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("as_of")),
                        name="networkclaim_as_of_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["unconfirmed", "confirmed", "corrected"])),
                        name="networkclaim_verdict_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verdict", "unconfirmed"), ("second_source__isnull", False), _connector="OR"
                        ),
                        name="networkclaim_verdict_has_a_source",
                        violation_error_message="A claim that is confirmed or corrected names the source that says so.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "publication",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="published",
                        max_length=10,
                        verbose_name="publication",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="entered on"
                    ),
                ),
                ("reference", core.fields.ReferenceField(prefix="N", unique=False)),
                ("acronym", models.CharField(blank=True, max_length=40, verbose_name="acronym")),
                ("name_en", models.CharField(max_length=200, verbose_name="name, English")),
                ("name_fr", models.CharField(blank=True, max_length=200, verbose_name="name, French")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("federation", "federation of cities or associations"),
                            ("association", "association of cities"),
                            ("national-association", "national association"),
                            ("programme", "programme"),
                            ("thematic", "thematic network"),
                            ("initiative", "initiative"),
                        ],
                        max_length=24,
                        verbose_name="kind",
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("world", "world"),
                            ("continent", "continent"),
                            ("subregion", "part of a continent"),
                            ("national", "country"),
                        ],
                        max_length=12,
                        verbose_name="scope",
                    ),
                ),
                (
                    "continent",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("AF", "Africa"),
                            ("AN", "Antarctica"),
                            ("AS", "Asia"),
                            ("EU", "Europe"),
                            ("NA", "North America"),
                            ("OC", "Oceania"),
                            ("SA", "South America"),
                        ],
                        max_length=2,
                        verbose_name="continent",
                    ),
                ),
                ("founded", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="founded")),
                (
                    "dissolved",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="dissolved"),
                ),
                ("seat", models.CharField(blank=True, help_text="As printed.", max_length=100, verbose_name="seat")),
                ("website", models.URLField(blank=True, max_length=300, verbose_name="website")),
                ("description_en", models.TextField(blank=True, verbose_name="description, English")),
                ("description_fr", models.TextField(blank=True, verbose_name="description, French")),
                (
                    "country",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.country",
                        verbose_name="country",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The record that replaces this one; the old address leads there.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.network",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="networks.network",
                    ),
                ),
                (
                    "seat_town",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.town",
                        verbose_name="seat, as a town",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        editable=False,
                        help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                        null=True,
                        verbose_name="first published on",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="NetworkLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("merged-into", "merged into"),
                            ("section-of", "section of"),
                            ("supports", "supports"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="links_back",
                        to="networks.network",
                        verbose_name="other network",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "link between networks",
                "verbose_name_plural": "links between networks",
                "ordering": ["network", "since"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("since")),
                        name="networklink_since_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("until")),
                        name="networklink_until_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("since"), models.F("until")),
                        name="networklink_since_before_until",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["merged-into", "section-of", "supports"])),
                        name="networklink_kind_is_known",
                    ),
                    models.UniqueConstraint(fields=("network", "kind", "other"), name="networklink_once"),
                    models.CheckConstraint(
                        condition=models.Q(("network", models.F("other")), _negated=True),
                        name="networklink_not_itself",
                        violation_error_message="A network has no link to itself.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkLinkEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("merged-into", "merged into"),
                            ("section-of", "section of"),
                            ("supports", "supports"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                (
                    "network",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
                (
                    "other",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.network",
                        verbose_name="other network",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="networks.networklink",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="NetworkName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "normalised",
                    models.GeneratedField(
                        db_persist=True,
                        expression=core.fields.Normalise(models.F("name")),
                        output_field=models.TextField(),
                        verbose_name="normalised",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("alternative", "alternative name"),
                            ("printed", "as printed in a source"),
                            ("former", "former name"),
                        ],
                        default="alternative",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True, help_text="ISO 639 code, if known.", max_length=10, verbose_name="language"
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of a network",
                "verbose_name_plural": "names of networks",
                "ordering": ["name"],
                "indexes": [
                    models.Index(
                        fields=["normalised"], name="networkname_normalised_prefix", opclasses=["text_pattern_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["normalised"], name="networkname_normalised_trgm", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["alternative", "printed", "former"])),
                        name="networkname_kind_is_known",
                    ),
                    models.UniqueConstraint(fields=("network", "name"), name="networkname_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NetworkNameEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("alternative", "alternative name"),
                            ("printed", "as printed in a source"),
                            ("former", "former name"),
                        ],
                        default="alternative",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True, help_text="ISO 639 code, if known.", max_length=10, verbose_name="language"
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="networks.networkname",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="NetworkSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "network",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="networks.network", verbose_name="network"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="partnerships.source", verbose_name="source"
                    ),
                ),
            ],
            options={
                "verbose_name": "source of a network",
                "verbose_name_plural": "sources of networks",
                "constraints": [models.UniqueConstraint(fields=("network", "source"), name="networksource_once")],
            },
        ),
        migrations.CreateModel(
            name="NetworkSourceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "network",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="networks.networksource",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ServedTerritory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="served_by",
                        to="partnerships.territory",
                        verbose_name="territory",
                    ),
                ),
                (
                    "support_body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="networks.supportbody",
                        verbose_name="support body",
                    ),
                ),
            ],
            options={
                "verbose_name": "territory served",
                "verbose_name_plural": "territories served",
                "ordering": ["support_body", "since"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("since")),
                        name="servedterritory_since_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("until")),
                        name="servedterritory_until_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("since"), models.F("until")),
                        name="servedterritory_since_before_until",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.UniqueConstraint(fields=("support_body", "territory"), name="servedterritory_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ServedTerritoryEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="networks.servedterritory",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.territory",
                        verbose_name="territory",
                    ),
                ),
                (
                    "support_body",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.supportbody",
                        verbose_name="support body",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="NetworkClaimEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("reference", core.fields.ReferenceField(prefix="C", unique=False)),
                ("statement_en", models.TextField(verbose_name="statement, English")),
                ("statement_fr", models.TextField(verbose_name="statement, French")),
                ("as_of", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="as of")),
                (
                    "verdict",
                    models.CharField(
                        choices=[
                            ("unconfirmed", "unconfirmed"),
                            ("confirmed", "confirmed"),
                            ("corrected", "corrected"),
                        ],
                        default="unconfirmed",
                        max_length=12,
                        verbose_name="verdict",
                    ),
                ),
                ("note_en", models.TextField(blank=True, verbose_name="what is known, English")),
                ("note_fr", models.TextField(blank=True, verbose_name="what is known, French")),
                (
                    "network",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="networks.networkclaim",
                    ),
                ),
                (
                    "second_source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.source",
                        verbose_name="source of the verdict",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "support_body",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.supportbody",
                        verbose_name="support body",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MembershipEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("member", "member"),
                            ("founder", "founding member"),
                            ("presidency", "presidency"),
                            ("secretariat", "secretariat"),
                            ("associate", "associate member"),
                        ],
                        default="member",
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="networks.membership",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "town",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.town",
                        verbose_name="town",
                    ),
                ),
                (
                    "member_network",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.network",
                        verbose_name="member network",
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
                (
                    "support_body",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.supportbody",
                        verbose_name="support body",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SupportBodyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "publication",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("submitted", "submitted"),
                            ("published", "published"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="published",
                        max_length=10,
                        verbose_name="publication",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="entered on"
                    ),
                ),
                ("reference", core.fields.ReferenceField(prefix="B", unique=False)),
                ("acronym", models.CharField(blank=True, max_length=40, verbose_name="acronym")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "legal_status",
                    models.CharField(
                        choices=[
                            ("association", "association"),
                            ("gip", "public interest grouping (GIP)"),
                            ("state-service", "State service"),
                            ("unknown", "unknown"),
                        ],
                        default="unknown",
                        max_length=16,
                        verbose_name="legal status",
                    ),
                ),
                (
                    "services",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("pooling-information", "pooling information"),
                                ("supporting-promoters", "supporting project promoters"),
                                ("consultation", "stakeholder consultation"),
                                ("training", "training"),
                                ("observation", "observation"),
                                ("animation", "territorial animation"),
                                ("pooled-projects", "coordination of pooled projects"),
                                ("intermediation", "intermediation"),
                            ],
                            max_length=24,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="services",
                    ),
                ),
                ("founded", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="founded")),
                (
                    "dissolved",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="dissolved"),
                ),
                (
                    "succeeded",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="succeeded on"),
                ),
                (
                    "succession",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("unconfirmed", "unconfirmed"),
                            ("confirmed", "confirmed"),
                            ("corrected", "corrected"),
                        ],
                        default="unconfirmed",
                        max_length=12,
                        verbose_name="succession is",
                    ),
                ),
                ("seat", models.CharField(blank=True, max_length=100, verbose_name="seat")),
                ("website", models.URLField(blank=True, max_length=300, verbose_name="website")),
                ("description_en", models.TextField(blank=True, verbose_name="description, English")),
                ("description_fr", models.TextField(blank=True, verbose_name="description, French")),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The record that replaces this one; the old address leads there.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.supportbody",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="networks.supportbody",
                    ),
                ),
                (
                    "seat_town",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.town",
                        verbose_name="seat, as a town",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.supportbody",
                        verbose_name="successor",
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(
                        editable=False,
                        help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                        null=True,
                        verbose_name="first published on",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SupportBodySource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="partnerships.source", verbose_name="source"
                    ),
                ),
                (
                    "support_body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="networks.supportbody",
                        verbose_name="support body",
                    ),
                ),
            ],
            options={
                "verbose_name": "source of a support body",
                "verbose_name_plural": "sources of support bodies",
                "constraints": [
                    models.UniqueConstraint(fields=("support_body", "source"), name="supportbodysource_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="SupportBodySourceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="networks.supportbodysource",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "support_body",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.supportbody",
                        verbose_name="support body",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="WebLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", core.fields.ReferenceField(prefix="L")),
                (
                    "section",
                    models.CharField(
                        choices=[
                            ("decentralised-cooperation", "Decentralised cooperation"),
                            ("planning-agencies", "French urban planning agencies"),
                            ("international", "International cooperation"),
                            ("mediterranean", "Mediterranean"),
                            ("africa", "Africa"),
                            ("asia", "Asia"),
                            ("europe", "Europe"),
                            ("america", "America"),
                            ("webography", "Online webography"),
                            ("support-bodies", "Regional support bodies"),
                        ],
                        max_length=28,
                        verbose_name="section",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("description_en", models.TextField(blank=True, verbose_name="description, English")),
                ("description_fr", models.TextField(blank=True, verbose_name="description, French")),
                ("url", models.URLField(max_length=500, verbose_name="address")),
                (
                    "listed",
                    core.dates.PartialDateField(
                        blank=True, help_text="Date of the listing.", max_length=10, null=True, verbose_name="listed"
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="web_links",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "support_body",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="web_links",
                        to="networks.supportbody",
                        verbose_name="support body",
                    ),
                ),
            ],
            options={
                "verbose_name": "web link",
                "verbose_name_plural": "web links",
                "ordering": ["section", "title"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("listed")),
                        name="weblink_listed_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "section__in",
                                [
                                    "decentralised-cooperation",
                                    "planning-agencies",
                                    "international",
                                    "mediterranean",
                                    "africa",
                                    "asia",
                                    "europe",
                                    "america",
                                    "webography",
                                    "support-bodies",
                                ],
                            )
                        ),
                        name="weblink_section_is_known",
                    ),
                    models.UniqueConstraint(fields=("section", "url"), name="weblink_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WebLinkEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("reference", core.fields.ReferenceField(prefix="L", unique=False)),
                (
                    "section",
                    models.CharField(
                        choices=[
                            ("decentralised-cooperation", "Decentralised cooperation"),
                            ("planning-agencies", "French urban planning agencies"),
                            ("international", "International cooperation"),
                            ("mediterranean", "Mediterranean"),
                            ("africa", "Africa"),
                            ("asia", "Asia"),
                            ("europe", "Europe"),
                            ("america", "America"),
                            ("webography", "Online webography"),
                            ("support-bodies", "Regional support bodies"),
                        ],
                        max_length=28,
                        verbose_name="section",
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="title")),
                ("description_en", models.TextField(blank=True, verbose_name="description, English")),
                ("description_fr", models.TextField(blank=True, verbose_name="description, French")),
                ("url", models.URLField(max_length=500, verbose_name="address")),
                (
                    "listed",
                    core.dates.PartialDateField(
                        blank=True, help_text="Date of the listing.", max_length=10, null=True, verbose_name="listed"
                    ),
                ),
                (
                    "network",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.network",
                        verbose_name="network",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="networks.weblink",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "support_body",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="networks.supportbody",
                        verbose_name="support body",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="network",
            name="sources",
            field=models.ManyToManyField(
                related_name="networks",
                through="networks.NetworkSource",
                to="partnerships.source",
                verbose_name="sources",
            ),
        ),
        migrations.AddField(
            model_name="supportbody",
            name="sources",
            field=models.ManyToManyField(
                related_name="support_bodies",
                through="networks.SupportBodySource",
                to="partnerships.source",
                verbose_name="sources",
            ),
        ),
        migrations.AddField(
            model_name="SupportBody",
            name="territories",
            field=models.ManyToManyField(
                related_name="support_bodies",
                through="networks.ServedTerritory",
                to="partnerships.territory",
                verbose_name="territories served",
            ),
        ),
        core.history.InstallTriggers(
            triggers=[
                (
                    "milestone",
                    pgtrigger.compiler.Trigger(
                        name="reference_is_immutable",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="34fc4c377a85b14215dc84e6af981f675ba1a0e0",
                            operation="UPDATE",
                            pgid="pgtrigger_reference_is_immutable_2178d",
                            table="networks_milestone",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "milestone",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_milestoneevent" ("date", "id", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "source_id", "text_en", "text_fr", "title_en", "title_fr", "until") SELECT new_values."date", new_values."id", new_values."network_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reference", new_values."source_id", new_values."text_en", new_values."text_fr", new_values."title_en", new_values."title_fr", new_values."until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="8ebd30826e898dd709a74e1dc1438be450a0bba6",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_f90ed",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_milestone",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "milestone",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_milestoneevent" ("date", "id", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "source_id", "text_en", "text_fr", "title_en", "title_fr", "until") SELECT new_values."date", new_values."id", new_values."network_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reference", new_values."source_id", new_values."text_en", new_values."text_fr", new_values."title_en", new_values."title_fr", new_values."until" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="47fe92403dc90be1c91c9b6f8f13268dd91d2e76",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_f97f1",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_milestone",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "milestone",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_milestoneevent" ("date", "id", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "source_id", "text_en", "text_fr", "title_en", "title_fr", "until") SELECT old_values."date", old_values."id", old_values."network_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reference", old_values."source_id", old_values."text_en", old_values."text_fr", old_values."title_en", old_values."title_fr", old_values."until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="f44bbb4081ad171e6d0bd2b205954828839cd3bf",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_7a30a",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_milestone",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networklink",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networklinkevent" ("id", "kind", "network_id", "other_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "source_id", "until") SELECT new_values."id", new_values."kind", new_values."network_id", new_values."other_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."since", new_values."source_id", new_values."until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="6903c53362bd75fdca46acb0181a3ec29231bc1b",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_7ae90",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_networklink",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networklink",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networklinkevent" ("id", "kind", "network_id", "other_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "source_id", "until") SELECT new_values."id", new_values."kind", new_values."network_id", new_values."other_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."since", new_values."source_id", new_values."until" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="31e8e9c78782bdc9e0e5993c730bf1b54e2f8565",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_4fd3d",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_networklink",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networklink",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networklinkevent" ("id", "kind", "network_id", "other_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "source_id", "until") SELECT old_values."id", old_values."kind", old_values."network_id", old_values."other_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."since", old_values."source_id", old_values."until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="ab3caa53ea7057f163847db5f3183260e5baec7d",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_994bb",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_networklink",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networkname",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networknameevent" ("id", "kind", "language", "name", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."kind", new_values."language", new_values."name", new_values."network_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="a56493f449d62b0273a96ab319addca759d561be",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_b2744",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_networkname",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networkname",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networknameevent" ("id", "kind", "language", "name", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."kind", new_values."language", new_values."name", new_values."network_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."language" IS DISTINCT FROM (new_values."language") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."network_id" IS DISTINCT FROM (new_values."network_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="ae489785ee31e815571986cb154612d43b1d9599",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_4035b",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_networkname",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networkname",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networknameevent" ("id", "kind", "language", "name", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."kind", old_values."language", old_values."name", old_values."network_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="0f1c647b8f32a7e30b776f097912cf1e1cb0ff4f",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_47b2b",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_networkname",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networksource",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networksourceevent" ("id", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") SELECT new_values."id", new_values."network_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."source_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="b741083636cea6d571fa2101fff21fe71463330c",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_45aab",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_networksource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networksource",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networksourceevent" ("id", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") SELECT new_values."id", new_values."network_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."source_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="4b1066c9067fa51cfea9afdf84a7a4f6aaa5f884",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_9f862",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_networksource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networksource",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networksourceevent" ("id", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") SELECT old_values."id", old_values."network_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."source_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="49e63e1081eccef272c4063ad8bb5f5f91cb643e",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_b7337",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_networksource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "network",
                    pgtrigger.compiler.Trigger(
                        name="reference_is_immutable",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="4e828715a9648c70c34c5980a473f1194cc16aa7",
                            operation="UPDATE",
                            pgid="pgtrigger_reference_is_immutable_e5dc1",
                            table="networks_network",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "network",
                    pgtrigger.compiler.Trigger(
                        name="published_at_is_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."published_at" IS NOT NULL AND OLD."published_at" IS DISTINCT FROM (NEW."published_at"))',
                            func="NEW.published_at := OLD.published_at; RETURN NEW;",
                            hash="559d616f89e9a0c3f754ce0fc015b6e984170cc9",
                            operation="UPDATE",
                            pgid="pgtrigger_published_at_is_kept_caf5e",
                            table="networks_network",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "network",
                    pgtrigger.compiler.Trigger(
                        name="published_at_is_set",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."publication" = \'published\' AND NEW."published_at" IS NULL)',
                            func="NEW.published_at := now(); RETURN NEW;",
                            hash="1fe2d2fb4218b8b80e7b6ba3d616174f58197181",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_published_at_is_set_fc9b6",
                            table="networks_network",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "network",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="da047ce97fdbbb9aa06d43e3bc8f5547d61f75f3",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_0ce08",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_network",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "network",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values UNION SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="3682d45da8f7a602fc3d8f40130dd0e58e742ee0",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_5ada6",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_network",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "network",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="da4a2b2e20dec37fb2ddfed766d3c06670a527fb",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_d3b5b",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_network",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "network",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networkevent" ("acronym", "continent", "country_id", "created_at", "description_en", "description_fr", "dissolved", "founded", "id", "kind", "merged_into_id", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "scope", "seat", "seat_town_id", "website") SELECT new_values."acronym", new_values."continent", new_values."country_id", new_values."created_at", new_values."description_en", new_values."description_fr", new_values."dissolved", new_values."founded", new_values."id", new_values."kind", new_values."merged_into_id", new_values."name_en", new_values."name_fr", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."publication", new_values."published_at", new_values."reference", new_values."scope", new_values."seat", new_values."seat_town_id", new_values."website" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="4299738e8829a48fb9e3f876dbc1019b24bff957",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_18ce1",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_network",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "network",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networkevent" ("acronym", "continent", "country_id", "created_at", "description_en", "description_fr", "dissolved", "founded", "id", "kind", "merged_into_id", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "scope", "seat", "seat_town_id", "website") SELECT new_values."acronym", new_values."continent", new_values."country_id", new_values."created_at", new_values."description_en", new_values."description_fr", new_values."dissolved", new_values."founded", new_values."id", new_values."kind", new_values."merged_into_id", new_values."name_en", new_values."name_fr", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."publication", new_values."published_at", new_values."reference", new_values."scope", new_values."seat", new_values."seat_town_id", new_values."website" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="de5947afa4620ee28521963017df3bd867ac4ab8",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_d086d",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_network",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "network",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networkevent" ("acronym", "continent", "country_id", "created_at", "description_en", "description_fr", "dissolved", "founded", "id", "kind", "merged_into_id", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "scope", "seat", "seat_town_id", "website") SELECT old_values."acronym", old_values."continent", old_values."country_id", old_values."created_at", old_values."description_en", old_values."description_fr", old_values."dissolved", old_values."founded", old_values."id", old_values."kind", old_values."merged_into_id", old_values."name_en", old_values."name_fr", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."publication", old_values."published_at", old_values."reference", old_values."scope", old_values."seat", old_values."seat_town_id", old_values."website" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="00cffbcbf55fc0ef2f313e053b67a62937b5fd4a",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_a2393",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_network",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "servedterritory",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_servedterritoryevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "support_body_id", "territory_id", "until") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."since", new_values."support_body_id", new_values."territory_id", new_values."until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="2e40462281b1843b1021fc59cf55a3036d7d1b2f",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_820c3",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_servedterritory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "servedterritory",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_servedterritoryevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "support_body_id", "territory_id", "until") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."since", new_values."support_body_id", new_values."territory_id", new_values."until" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="7650747eaebc45cc620e282579668529bdb3238b",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_bbbb7",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_servedterritory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "servedterritory",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_servedterritoryevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "support_body_id", "territory_id", "until") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."since", old_values."support_body_id", old_values."territory_id", old_values."until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="d65c1ff381ec5c914dda5137e73070efff904f84",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_b3e62",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_servedterritory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networkclaim",
                    pgtrigger.compiler.Trigger(
                        name="reference_is_immutable",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="67c8dad8c9df874489e7908f536726ecf5e06535",
                            operation="UPDATE",
                            pgid="pgtrigger_reference_is_immutable_a2c7f",
                            table="networks_networkclaim",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "networkclaim",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networkclaimevent" ("as_of", "id", "network_id", "note_en", "note_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "second_source_id", "source_id", "statement_en", "statement_fr", "support_body_id", "verdict") SELECT new_values."as_of", new_values."id", new_values."network_id", new_values."note_en", new_values."note_fr", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reference", new_values."second_source_id", new_values."source_id", new_values."statement_en", new_values."statement_fr", new_values."support_body_id", new_values."verdict" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="3dcdce2385f3fbfcdc62537be4f1ebd497920789",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_d6792",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_networkclaim",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networkclaim",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networkclaimevent" ("as_of", "id", "network_id", "note_en", "note_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "second_source_id", "source_id", "statement_en", "statement_fr", "support_body_id", "verdict") SELECT new_values."as_of", new_values."id", new_values."network_id", new_values."note_en", new_values."note_fr", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reference", new_values."second_source_id", new_values."source_id", new_values."statement_en", new_values."statement_fr", new_values."support_body_id", new_values."verdict" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="dd038f8d9dfb024821e683e3d041ffd62f291d0b",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_87f28",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_networkclaim",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "networkclaim",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_networkclaimevent" ("as_of", "id", "network_id", "note_en", "note_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "second_source_id", "source_id", "statement_en", "statement_fr", "support_body_id", "verdict") SELECT old_values."as_of", old_values."id", old_values."network_id", old_values."note_en", old_values."note_fr", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reference", old_values."second_source_id", old_values."source_id", old_values."statement_en", old_values."statement_fr", old_values."support_body_id", old_values."verdict" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="a42fe77df4ff0042f107b7328b8ed4cf7ce80f56",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_34363",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_networkclaim",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "membership",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM new_values AS membership JOIN partnerships_party AS party ON party.town_id = membership.town_id OR party.organisation_id = membership.organisation_id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="ca2dca704227ffbadad1bf8eff22c4ca4233db04",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_53a5c",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_membership",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "membership",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM old_values AS membership JOIN partnerships_party AS party ON party.town_id = membership.town_id OR party.organisation_id = membership.organisation_id UNION SELECT party.agreement_id FROM new_values AS membership JOIN partnerships_party AS party ON party.town_id = membership.town_id OR party.organisation_id = membership.organisation_id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="3d90fefe8021033405b9a6595e7a668c570444a4",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_e81f9",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_membership",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "membership",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM old_values AS membership JOIN partnerships_party AS party ON party.town_id = membership.town_id OR party.organisation_id = membership.organisation_id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="778fa48fa63a6b262615b4b6c2cabba0790cb47a",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_1a9ad",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_membership",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "membership",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_membershipevent" ("id", "member_network_id", "network_id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "since", "source_id", "support_body_id", "town_id", "until") SELECT new_values."id", new_values."member_network_id", new_values."network_id", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."role", new_values."since", new_values."source_id", new_values."support_body_id", new_values."town_id", new_values."until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="746290192e91199d17e336c529554b9730816f22",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_3ce41",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_membership",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "membership",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_membershipevent" ("id", "member_network_id", "network_id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "since", "source_id", "support_body_id", "town_id", "until") SELECT new_values."id", new_values."member_network_id", new_values."network_id", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."role", new_values."since", new_values."source_id", new_values."support_body_id", new_values."town_id", new_values."until" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="6cd885a557a31bada03da6014a984a0841557592",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_b347c",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_membership",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "membership",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_membershipevent" ("id", "member_network_id", "network_id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "since", "source_id", "support_body_id", "town_id", "until") SELECT old_values."id", old_values."member_network_id", old_values."network_id", old_values."organisation_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."role", old_values."since", old_values."source_id", old_values."support_body_id", old_values."town_id", old_values."until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="4a768d0ab4754beba1bd57c04452aaa5d9beb7dc",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_af4ac",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_membership",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "supportbodysource",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_supportbodysourceevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id", "support_body_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."source_id", new_values."support_body_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="a6b54f304f1678676179a62730eba6628c6476bf",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_8ee4b",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_supportbodysource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "supportbodysource",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_supportbodysourceevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id", "support_body_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."source_id", new_values."support_body_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="cbba7d0c8860e8195cbd4a30c0f692f06eb4f7c6",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_b6db3",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_supportbodysource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "supportbodysource",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_supportbodysourceevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id", "support_body_id") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."source_id", old_values."support_body_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="2fb9bc56b526112df94ad30bee65be7249db06a2",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_e9465",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_supportbodysource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "supportbody",
                    pgtrigger.compiler.Trigger(
                        name="reference_is_immutable",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="c06853e83b48c6e4b21c401bd9b363d53c6ed00d",
                            operation="UPDATE",
                            pgid="pgtrigger_reference_is_immutable_c387e",
                            table="networks_supportbody",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "supportbody",
                    pgtrigger.compiler.Trigger(
                        name="published_at_is_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."published_at" IS NOT NULL AND OLD."published_at" IS DISTINCT FROM (NEW."published_at"))',
                            func="NEW.published_at := OLD.published_at; RETURN NEW;",
                            hash="6ca2f60b420ee57437c9fb0636d3535e4d5f020e",
                            operation="UPDATE",
                            pgid="pgtrigger_published_at_is_kept_f0d01",
                            table="networks_supportbody",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "supportbody",
                    pgtrigger.compiler.Trigger(
                        name="published_at_is_set",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."publication" = \'published\' AND NEW."published_at" IS NULL)',
                            func="NEW.published_at := now(); RETURN NEW;",
                            hash="d80d2446d6fbb74ab368d29db1d938a311028300",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_published_at_is_set_b8c91",
                            table="networks_supportbody",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "supportbody",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_supportbodyevent" ("acronym", "created_at", "description_en", "description_fr", "dissolved", "founded", "id", "legal_status", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "seat", "seat_town_id", "services", "succeeded", "succession", "successor_id", "website") SELECT new_values."acronym", new_values."created_at", new_values."description_en", new_values."description_fr", new_values."dissolved", new_values."founded", new_values."id", new_values."legal_status", new_values."merged_into_id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."publication", new_values."published_at", new_values."reference", new_values."seat", new_values."seat_town_id", new_values."services", new_values."succeeded", new_values."succession", new_values."successor_id", new_values."website" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="b777ffdba75897be45d738a7005f6908a8724ecf",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_4058c",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_supportbody",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "supportbody",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_supportbodyevent" ("acronym", "created_at", "description_en", "description_fr", "dissolved", "founded", "id", "legal_status", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "seat", "seat_town_id", "services", "succeeded", "succession", "successor_id", "website") SELECT new_values."acronym", new_values."created_at", new_values."description_en", new_values."description_fr", new_values."dissolved", new_values."founded", new_values."id", new_values."legal_status", new_values."merged_into_id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."publication", new_values."published_at", new_values."reference", new_values."seat", new_values."seat_town_id", new_values."services", new_values."succeeded", new_values."succession", new_values."successor_id", new_values."website" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."acronym" IS DISTINCT FROM (new_values."acronym") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."description_en" IS DISTINCT FROM (new_values."description_en") OR old_values."description_fr" IS DISTINCT FROM (new_values."description_fr") OR old_values."dissolved" IS DISTINCT FROM (new_values."dissolved") OR old_values."founded" IS DISTINCT FROM (new_values."founded") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."legal_status" IS DISTINCT FROM (new_values."legal_status") OR old_values."merged_into_id" IS DISTINCT FROM (new_values."merged_into_id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."publication" IS DISTINCT FROM (new_values."publication") OR old_values."published_at" IS DISTINCT FROM (new_values."published_at") OR old_values."reference" IS DISTINCT FROM (new_values."reference") OR old_values."seat" IS DISTINCT FROM (new_values."seat") OR old_values."seat_town_id" IS DISTINCT FROM (new_values."seat_town_id") OR old_values."services" IS DISTINCT FROM (new_values."services") OR old_values."succeeded" IS DISTINCT FROM (new_values."succeeded") OR old_values."succession" IS DISTINCT FROM (new_values."succession") OR old_values."successor_id" IS DISTINCT FROM (new_values."successor_id") OR old_values."website" IS DISTINCT FROM (new_values."website")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="0b521e37c454275db08b2e7eafbea49bea25703b",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_48186",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_supportbody",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "supportbody",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_supportbodyevent" ("acronym", "created_at", "description_en", "description_fr", "dissolved", "founded", "id", "legal_status", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "seat", "seat_town_id", "services", "succeeded", "succession", "successor_id", "website") SELECT old_values."acronym", old_values."created_at", old_values."description_en", old_values."description_fr", old_values."dissolved", old_values."founded", old_values."id", old_values."legal_status", old_values."merged_into_id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."publication", old_values."published_at", old_values."reference", old_values."seat", old_values."seat_town_id", old_values."services", old_values."succeeded", old_values."succession", old_values."successor_id", old_values."website" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="ebc8401e11f7106a3e5f835979dd76a4f70aff5f",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_85c01",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_supportbody",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "weblink",
                    pgtrigger.compiler.Trigger(
                        name="reference_is_immutable",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="eb97adb9e1a420e1489b74ce0ac081f597bcc2a4",
                            operation="UPDATE",
                            pgid="pgtrigger_reference_is_immutable_d6d77",
                            table="networks_weblink",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "weblink",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_weblinkevent" ("description_en", "description_fr", "id", "listed", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "section", "source_id", "support_body_id", "title", "url") SELECT new_values."description_en", new_values."description_fr", new_values."id", new_values."listed", new_values."network_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reference", new_values."section", new_values."source_id", new_values."support_body_id", new_values."title", new_values."url" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="6fa6d7aef27e004bc270fc6f7fd8404a0e6d3b5e",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_510f0",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="networks_weblink",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "weblink",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_weblinkevent" ("description_en", "description_fr", "id", "listed", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "section", "source_id", "support_body_id", "title", "url") SELECT new_values."description_en", new_values."description_fr", new_values."id", new_values."listed", new_values."network_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reference", new_values."section", new_values."source_id", new_values."support_body_id", new_values."title", new_values."url" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="f794c635cc9af51ac33fbd1f7a83bec7da58bb3d",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_212ac",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="networks_weblink",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "weblink",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "networks_weblinkevent" ("description_en", "description_fr", "id", "listed", "network_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "section", "source_id", "support_body_id", "title", "url") SELECT old_values."description_en", old_values."description_fr", old_values."id", old_values."listed", old_values."network_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reference", old_values."section", old_values."source_id", old_values."support_body_id", old_values."title", old_values."url" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="8b069f75f1b8ebc9d515af8104a3b7ce16d97083",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_6c9d7",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="networks_weblink",
                            when="AFTER",
                        ),
                    ),
                ),
            ],
        ),
        migrations.RunSQL(
            EVENTS.format(
                statement="CREATE INDEX IF NOT EXISTS %I ON %I USING brin (pgh_created_at) WITH (pages_per_range = 32)",
                names=f"{NAME}, events",
            ),
            EVENTS.format(statement="DROP INDEX IF EXISTS %I", names=NAME),
        ),
    ]
