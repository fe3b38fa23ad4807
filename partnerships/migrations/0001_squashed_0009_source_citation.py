"""The tables of partnerships, in place of 0001 to 0009."""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.serializers.json
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import core.dates
import core.fields
import core.history


class Migration(migrations.Migration):
    replaces = [
        ("partnerships", "0001_initial"),
        ("partnerships", "0002_editing"),
        ("partnerships", "0003_town_changes"),
        ("partnerships", "0004_tokens"),
        ("partnerships", "0005_published_at"),
        ("partnerships", "0006_token_ends"),
        ("partnerships", "0007_outbox"),
        ("partnerships", "0008_confirmation_route"),
        ("partnerships", "0009_source_citation"),
    ]
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("coopdir", "0001_squashed_0003_batch_of_context"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="CooperationZone",
            fields=[
                ("code", models.SlugField(max_length=40, primary_key=True, serialize=False, verbose_name="code")),
                ("name_en", models.CharField(max_length=100, verbose_name="name, English")),
                ("name_fr", models.CharField(max_length=100, verbose_name="name, French")),
            ],
            options={
                "verbose_name": "cooperation zone",
                "verbose_name_plural": "cooperation zones",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="FundingSource",
            fields=[
                ("code", models.SlugField(max_length=40, primary_key=True, serialize=False, verbose_name="code")),
                ("name_en", models.CharField(max_length=100, verbose_name="name, English")),
                ("name_fr", models.CharField(max_length=100, verbose_name="name, French")),
            ],
            options={
                "verbose_name": "funding source",
                "verbose_name_plural": "funding sources",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Theme",
            fields=[
                ("code", models.SlugField(max_length=40, primary_key=True, serialize=False, verbose_name="code")),
                ("name_en", models.CharField(max_length=100, verbose_name="name, English")),
                ("name_fr", models.CharField(max_length=100, verbose_name="name, French")),
                ("crs", models.CharField(blank=True, max_length=5, verbose_name="OECD CRS purpose code")),
                (
                    "sdgs",
                    models.CharField(
                        blank=True, help_text="Numbers from 1 to 17, by commas.", max_length=60, verbose_name="SDGs"
                    ),
                ),
            ],
            options={
                "verbose_name": "theme",
                "verbose_name_plural": "themes",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Agreement",
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
                ("reference", core.fields.ReferenceField(prefix="A")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("twinning", "twinning"),
                            ("twinning-cooperation", "twinning-cooperation"),
                            ("cooperation", "cooperation agreement"),
                            ("friendship", "friendship agreement"),
                            ("project", "project partnership"),
                            ("memorandum", "memorandum of understanding"),
                            ("informal", "informal contact"),
                            ("one-off", "one-off action"),
                            ("emergency", "emergency aid"),
                        ],
                        default="twinning",
                        max_length=24,
                        verbose_name="kind",
                    ),
                ),
                (
                    "signed",
                    core.dates.PartialDateField(
                        blank=True,
                        help_text="As precise as known: 1986, 05/1986 or 24/05/1986.",
                        max_length=10,
                        null=True,
                        verbose_name="signed",
                    ),
                ),
                (
                    "valid_until",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="valid until"),
                ),
                ("tacit_renewal", models.BooleanField(default=False, verbose_name="renewed tacitly")),
                ("ended", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="ended")),
                (
                    "formal_status",
                    models.CharField(
                        choices=[
                            ("unknown", "unknown"),
                            ("draft", "draft"),
                            ("signed", "signed"),
                            ("in-force", "in force"),
                            ("renewed", "renewed"),
                            ("terminated", "terminated"),
                        ],
                        default="unknown",
                        max_length=12,
                        verbose_name="formal status",
                    ),
                ),
                (
                    "activity",
                    models.CharField(
                        choices=[
                            ("unknown", "unknown"),
                            ("active", "active"),
                            ("dormant", "dormant"),
                            ("ended", "ended"),
                        ],
                        default="unknown",
                        max_length=12,
                        verbose_name="activity",
                    ),
                ),
                ("description_en", models.TextField(blank=True, verbose_name="description, English")),
                ("description_fr", models.TextField(blank=True, verbose_name="description, French")),
                ("verified_on", models.DateField(blank=True, null=True, verbose_name="verified on")),
                ("party_key", models.TextField(default="", editable=False, verbose_name="party key")),
                (
                    "published_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Case(
                            models.When(
                                models.Q(("publication", "published"), models.Q(("party_key", ""), _negated=True)),
                                then=django.db.models.functions.text.Concat(
                                    models.F("party_key"),
                                    models.Value(" "),
                                    models.F("kind"),
                                    models.Value(" "),
                                    django.db.models.functions.comparison.Coalesce(
                                        models.F("signed"), models.Value(""), output_field=models.CharField()
                                    ),
                                    output_field=models.TextField(),
                                ),
                            )
                        ),
                        output_field=models.TextField(null=True),
                        verbose_name="parties, kind and start of a published agreement",
                    ),
                ),
                (
                    "described",
                    models.GeneratedField(
                        db_persist=True,
                        expression=core.fields.Normalise(
                            django.db.models.functions.text.Concat(
                                models.F("description_en"),
                                models.Value(" "),
                                models.F("description_fr"),
                                output_field=models.TextField(),
                            )
                        ),
                        output_field=models.TextField(),
                        verbose_name="descriptions, as they are searched",
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
                        to="partnerships.agreement",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "mailbox",
                    models.EmailField(
                        blank=True,
                        help_text="An address of an office, not of a person; it is shown to everybody.",
                        max_length=254,
                        verbose_name="mailbox",
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
                "verbose_name": "agreement",
                "verbose_name_plural": "agreements",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(fields=["signed", "id"], name="agreement_signed"),
                    models.Index(fields=["created_at", "id"], name="agreement_created"),
                    models.Index(fields=["party_key"], name="agreement_party_key"),
                    django.contrib.postgres.indexes.GinIndex(
                        condition=models.Q(("described", ""), _negated=True),
                        fields=["described"],
                        name="agreement_described_trgm",
                        opclasses=["gin_trgm_ops"],
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("signed")),
                        name="agreement_signed_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("valid_until")),
                        name="agreement_valid_until_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("ended")),
                        name="agreement_ended_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("signed"), models.F("valid_until")),
                        name="agreement_signed_before_valid_until",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("signed"), models.F("ended")),
                        name="agreement_signed_before_ended",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "twinning",
                                    "twinning-cooperation",
                                    "cooperation",
                                    "friendship",
                                    "project",
                                    "memorandum",
                                    "informal",
                                    "one-off",
                                    "emergency",
                                ],
                            )
                        ),
                        name="agreement_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("formal_status__in", ["unknown", "draft", "signed", "in-force", "renewed", "terminated"])
                        ),
                        name="agreement_formal_status_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("activity__in", ["unknown", "active", "dormant", "ended"])),
                        name="agreement_activity_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("publication__in", ["draft", "submitted", "published", "withdrawn"])),
                        name="agreement_publication_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(
                                ("publication", "withdrawn"), models.Q(("merged_into", models.F("pk")), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="agreement_merged_is_withdrawn",
                        violation_error_message="A merged record must be withdrawn, and merged into another record.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("publication", "published"), _negated=True),
                            ("published_at__isnull", False),
                            _connector="OR",
                        ),
                        name="agreement_published_has_a_date",
                    ),
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("published_key",),
                        name="agreement_published_once",
                        violation_error_message="These parties have a published agreement of this kind and start already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgreementEvent",
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
                ("reference", core.fields.ReferenceField(prefix="A", unique=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("twinning", "twinning"),
                            ("twinning-cooperation", "twinning-cooperation"),
                            ("cooperation", "cooperation agreement"),
                            ("friendship", "friendship agreement"),
                            ("project", "project partnership"),
                            ("memorandum", "memorandum of understanding"),
                            ("informal", "informal contact"),
                            ("one-off", "one-off action"),
                            ("emergency", "emergency aid"),
                        ],
                        default="twinning",
                        max_length=24,
                        verbose_name="kind",
                    ),
                ),
                (
                    "signed",
                    core.dates.PartialDateField(
                        blank=True,
                        help_text="As precise as known: 1986, 05/1986 or 24/05/1986.",
                        max_length=10,
                        null=True,
                        verbose_name="signed",
                    ),
                ),
                (
                    "valid_until",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="valid until"),
                ),
                ("tacit_renewal", models.BooleanField(default=False, verbose_name="renewed tacitly")),
                ("ended", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="ended")),
                (
                    "formal_status",
                    models.CharField(
                        choices=[
                            ("unknown", "unknown"),
                            ("draft", "draft"),
                            ("signed", "signed"),
                            ("in-force", "in force"),
                            ("renewed", "renewed"),
                            ("terminated", "terminated"),
                        ],
                        default="unknown",
                        max_length=12,
                        verbose_name="formal status",
                    ),
                ),
                (
                    "activity",
                    models.CharField(
                        choices=[
                            ("unknown", "unknown"),
                            ("active", "active"),
                            ("dormant", "dormant"),
                            ("ended", "ended"),
                        ],
                        default="unknown",
                        max_length=12,
                        verbose_name="activity",
                    ),
                ),
                ("description_en", models.TextField(blank=True, verbose_name="description, English")),
                ("description_fr", models.TextField(blank=True, verbose_name="description, French")),
                ("verified_on", models.DateField(blank=True, null=True, verbose_name="verified on")),
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
                        to="partnerships.agreement",
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
                        to="partnerships.agreement",
                    ),
                ),
                (
                    "mailbox",
                    models.EmailField(
                        blank=True,
                        help_text="An address of an office, not of a person; it is shown to everybody.",
                        max_length=254,
                        verbose_name="mailbox",
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
            name="Source",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", core.fields.ReferenceField(prefix="S")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("publisher", models.CharField(blank=True, max_length=300, verbose_name="publisher")),
                ("date", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="date")),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="address")),
                ("licence", models.CharField(blank=True, max_length=60, verbose_name="licence")),
            ],
            options={
                "verbose_name": "source",
                "verbose_name_plural": "sources",
                "ordering": ["title"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("date")),
                        name="source_date_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.MD5("title"),
                        django.db.models.functions.text.MD5("url"),
                        django.db.models.functions.text.MD5("publisher"),
                        django.db.models.functions.comparison.Coalesce("date", models.Value("")),
                        models.F("licence"),
                        name="source_citation",
                        violation_error_message="This source is already here.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgreementSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="partnerships.agreement",
                        verbose_name="agreement",
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
                "verbose_name": "source of an agreement",
                "verbose_name_plural": "sources of agreements",
                "ordering": ["id"],
                "constraints": [models.UniqueConstraint(fields=("agreement", "source"), name="agreementsource_once")],
            },
        ),
        migrations.CreateModel(
            name="AgreementTheme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="partnerships.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="partnerships.theme", verbose_name="theme"
                    ),
                ),
            ],
            options={
                "verbose_name": "theme of an agreement",
                "verbose_name_plural": "themes of agreements",
                "ordering": ["theme"],
                "constraints": [models.UniqueConstraint(fields=("agreement", "theme"), name="agreementtheme_once")],
            },
        ),
        migrations.CreateModel(
            name="Attachment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("file", models.FileField(max_length=300, upload_to="attachments/%Y", verbose_name="file")),
                ("name", models.CharField(max_length=255, verbose_name="name of the file")),
                ("media_type", models.CharField(max_length=100, verbose_name="kind of file")),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256 of the file")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attachments",
                        to="partnerships.agreement",
                        verbose_name="agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "uploaded document",
                "verbose_name_plural": "uploaded documents",
                "ordering": ["agreement", "id"],
                "constraints": [models.UniqueConstraint(fields=("agreement", "sha256"), name="attachment_once")],
            },
        ),
        migrations.CreateModel(
            name="AttachmentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("file", models.FileField(max_length=300, upload_to="attachments/%Y", verbose_name="file")),
                ("name", models.CharField(max_length=255, verbose_name="name of the file")),
                ("media_type", models.CharField(max_length=100, verbose_name="kind of file")),
                ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256 of the file")),
                (
                    "agreement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.agreement",
                        verbose_name="agreement",
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
                        to="partnerships.attachment",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("function", models.CharField(blank=True, max_length=200, verbose_name="function")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="telephone")),
                (
                    "purpose",
                    models.CharField(help_text="What the contact is kept for.", max_length=300, verbose_name="purpose"),
                ),
                ("public", models.BooleanField(default=False, verbose_name="shown to everybody")),
                ("purge_on", models.DateField(db_index=True, verbose_name="erase on")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="entered on"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to="partnerships.agreement",
                        verbose_name="agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "contact person",
                "verbose_name_plural": "contact persons",
                "ordering": ["name"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("purpose", ""), _negated=True),
                        name="contact_has_a_purpose",
                        violation_error_message="Say what the contact is kept for.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CooperationZoneEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("code", models.SlugField(db_index=False, max_length=40, serialize=False, verbose_name="code")),
                ("name_en", models.CharField(max_length=100, verbose_name="name, English")),
                ("name_fr", models.CharField(max_length=100, verbose_name="name, French")),
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
                        to="partnerships.cooperationzone",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Country",
            fields=[
                (
                    "code",
                    models.CharField(max_length=2, primary_key=True, serialize=False, verbose_name="ISO 3166-1 code"),
                ),
                ("alpha3", models.CharField(max_length=3, unique=True, verbose_name="three-letter code")),
                (
                    "numeric",
                    models.CharField(
                        blank=True,
                        help_text="The key of the map's shapes.",
                        max_length=3,
                        null=True,
                        unique=True,
                        verbose_name="numeric code",
                    ),
                ),
                ("name_en", models.CharField(max_length=100, verbose_name="name, English")),
                ("name_fr", models.CharField(max_length=100, verbose_name="name, French")),
                (
                    "continent",
                    models.CharField(
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
                ("subregion", models.CharField(blank=True, max_length=3, verbose_name="UN subregion (M49)")),
            ],
            options={
                "verbose_name": "country",
                "verbose_name_plural": "countries",
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("continent__in", ["AF", "AN", "AS", "EU", "NA", "OC", "SA"])),
                        name="country_continent_is_known",
                    ),
                    models.CheckConstraint(condition=models.Q(("code__regex", "^[A-Z]{2}$")), name="country_code_form"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountryEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("code", models.CharField(max_length=2, serialize=False, verbose_name="ISO 3166-1 code")),
                ("alpha3", models.CharField(max_length=3, verbose_name="three-letter code")),
                (
                    "numeric",
                    models.CharField(
                        blank=True,
                        help_text="The key of the map's shapes.",
                        max_length=3,
                        null=True,
                        verbose_name="numeric code",
                    ),
                ),
                ("name_en", models.CharField(max_length=100, verbose_name="name, English")),
                ("name_fr", models.CharField(max_length=100, verbose_name="name, French")),
                (
                    "continent",
                    models.CharField(
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
                ("subregion", models.CharField(blank=True, max_length=3, verbose_name="UN subregion (M49)")),
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
                        to="partnerships.country",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("url", models.URLField(max_length=500, verbose_name="address")),
                ("language", models.CharField(blank=True, max_length=10, verbose_name="language")),
                ("date", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="date")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="documents",
                        to="partnerships.agreement",
                        verbose_name="agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "verbose_name_plural": "documents",
                "ordering": ["agreement", "date", "title"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("date")),
                        name="document_date_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.UniqueConstraint(fields=("agreement", "url"), name="document_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("url", models.URLField(max_length=500, verbose_name="address")),
                ("language", models.CharField(blank=True, max_length=10, verbose_name="language")),
                ("date", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="date")),
                (
                    "agreement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.agreement",
                        verbose_name="agreement",
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
                        to="partnerships.document",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FormDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("data", models.JSONField(default=dict, verbose_name="fields")),
                ("base", models.CharField(blank=True, max_length=64, verbose_name="version that was begun with")),
                ("saved_at", models.DateTimeField(auto_now=True, verbose_name="saved on")),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="form_drafts",
                        to="partnerships.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="form_drafts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="officer",
                    ),
                ),
            ],
            options={
                "verbose_name": "draft of a form",
                "verbose_name_plural": "drafts of forms",
                "ordering": ["-saved_at"],
                "constraints": [models.UniqueConstraint(fields=("user", "agreement"), name="formdraft_once")],
            },
        ),
        migrations.CreateModel(
            name="FundingContribution",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="year")),
                (
                    "amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="amount"),
                ),
                (
                    "currency",
                    models.CharField(
                        blank=True, help_text="ISO 4217 code, such as EUR.", max_length=3, verbose_name="currency"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contributions",
                        to="partnerships.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "funding",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contributions",
                        to="partnerships.fundingsource",
                        verbose_name="funding source",
                    ),
                ),
            ],
            options={
                "verbose_name": "funding contribution",
                "verbose_name_plural": "funding contributions",
                "ordering": ["agreement", "year", "funding"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("agreement", "funding", "year"), name="contribution_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("amount", None), ("currency", "")),
                            models.Q(("amount__gte", 0), ("amount__isnull", False), ("currency__regex", "^[A-Z]{3}$")),
                            _connector="OR",
                        ),
                        name="contribution_amount_has_a_currency",
                        violation_error_message="An amount is not negative and has a currency of three letters.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("year", None), ("year__range", (1900, 2100)), _connector="OR"),
                        name="contribution_year",
                        violation_error_message="The year lies between 1900 and 2100.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FundingContributionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("year", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="year")),
                (
                    "amount",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="amount"),
                ),
                (
                    "currency",
                    models.CharField(
                        blank=True, help_text="ISO 4217 code, such as EUR.", max_length=3, verbose_name="currency"
                    ),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.agreement",
                        verbose_name="agreement",
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
                        to="partnerships.fundingcontribution",
                    ),
                ),
                (
                    "funding",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.fundingsource",
                        verbose_name="funding source",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="FundingSourceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("code", models.SlugField(db_index=False, max_length=40, serialize=False, verbose_name="code")),
                ("name_en", models.CharField(max_length=100, verbose_name="name, English")),
                ("name_fr", models.CharField(max_length=100, verbose_name="name, French")),
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
                        to="partnerships.fundingsource",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Territory",
            fields=[
                (
                    "code",
                    models.CharField(max_length=10, primary_key=True, serialize=False, verbose_name="ISO 3166-2 code"),
                ),
                (
                    "level",
                    models.CharField(
                        choices=[("region", "region"), ("department", "department")],
                        max_length=12,
                        verbose_name="level",
                    ),
                ),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                (
                    "normalised",
                    models.GeneratedField(
                        db_persist=True,
                        expression=core.fields.Normalise(models.F("name")),
                        output_field=models.TextField(),
                        verbose_name="normalised",
                    ),
                ),
                ("insee", models.CharField(blank=True, max_length=3, verbose_name="INSEE code")),
                (
                    "dissolved_on",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="dissolved on"),
                ),
                ("latitude", models.FloatField(blank=True, null=True, verbose_name="latitude")),
                ("longitude", models.FloatField(blank=True, null=True, verbose_name="longitude")),
                (
                    "country",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="territories",
                        to="partnerships.country",
                        verbose_name="country",
                    ),
                ),
                (
                    "successor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="predecessors",
                        to="partnerships.territory",
                        verbose_name="successor",
                    ),
                ),
            ],
            options={
                "verbose_name": "territory",
                "verbose_name_plural": "territories",
                "ordering": ["code"],
                "indexes": [models.Index(fields=["normalised"], name="territory_normalised")],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("dissolved_on")),
                        name="territory_dissolved_on_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["region", "department"])), name="territory_level_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(
                                ("latitude__isnull", False),
                                ("latitude__range", (-90, 90)),
                                ("longitude__isnull", False),
                                ("longitude__range", (-180, 180)),
                            ),
                            _connector="OR",
                        ),
                        name="territory_is_on_earth",
                        violation_error_message="Coordinates need both numbers: a latitude from −90 to 90 and a longitude from −180 to 180.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(models.Q(("insee", ""), _negated=True), ("dissolved_on__isnull", True)),
                        fields=("country", "level", "insee"),
                        name="territory_insee",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("successor", None), ("dissolved_on__isnull", False), _connector="OR"),
                        name="territory_successor_means_dissolved",
                        violation_error_message="A territory with a successor has the date on which it was dissolved.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GazetteerPlace",
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
                    "level",
                    models.CharField(
                        choices=[
                            ("district", "district"),
                            ("village", "village"),
                            ("municipality", "municipality"),
                            ("intermunicipal", "intermunicipal body"),
                            ("department", "department, county or province"),
                            ("region", "region or state"),
                        ],
                        default="municipality",
                        max_length=16,
                        verbose_name="level",
                    ),
                ),
                ("insee", models.CharField(max_length=5, null=True, unique=True, verbose_name="INSEE code")),
                ("geonames", models.PositiveIntegerField(null=True, unique=True, verbose_name="GeoNames id")),
                ("population", models.PositiveIntegerField(null=True, verbose_name="population")),
                ("latitude", models.FloatField(null=True, verbose_name="latitude")),
                ("longitude", models.FloatField(null=True, verbose_name="longitude")),
                (
                    "coordinates_precision",
                    models.CharField(
                        choices=[
                            ("place", "the place itself"),
                            ("territory", "its department or region, for want of better"),
                        ],
                        default="place",
                        max_length=10,
                        verbose_name="coordinates point at",
                    ),
                ),
                (
                    "country",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.country",
                        verbose_name="country",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnerships.territory",
                        verbose_name="territory",
                    ),
                ),
            ],
            options={
                "verbose_name": "gazetteer place",
                "verbose_name_plural": "gazetteer places",
                "indexes": [
                    models.Index(fields=["normalised"], name="place_normalised_prefix", opclasses=["text_pattern_ops"]),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["normalised"], name="place_normalised_trgm", opclasses=["gin_trgm_ops"]
                    ),
                    models.Index(fields=["country", "normalised"], name="place_country_name"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "level__in",
                                ["district", "village", "municipality", "intermunicipal", "department", "region"],
                            )
                        ),
                        name="gazetteerplace_level_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("coordinates_precision__in", ["place", "territory"])),
                        name="gazetteerplace_coordinates_precision_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("insee__isnull", False), ("geonames__isnull", False), _connector="OR"),
                        name="place_has_an_identifier",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="GazetteerName",
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
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="partnerships.gazetteerplace",
                        verbose_name="place",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of a gazetteer place",
                "verbose_name_plural": "names of gazetteer places",
                "indexes": [
                    models.Index(
                        fields=["normalised"], name="placename_normalised_prefix", opclasses=["text_pattern_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["normalised"], name="placename_normalised_trgm", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["alternative", "printed", "former"])),
                        name="gazetteername_kind_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("contributor", "contributor: submits"),
                            ("officer", "officer: publishes"),
                            ("coordinator", "coordinator: also invites and reviews"),
                        ],
                        default="contributor",
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                ("language", models.CharField(default="en", max_length=10, verbose_name="language")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="sent on"
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires on")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="accepted on")),
                (
                    "invited_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="invitations",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="partnerships.territory",
                        verbose_name="territory",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["contributor", "officer", "coordinator"])),
                        name="invitation_role_is_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("contributor", "contributor: submits"),
                            ("officer", "officer: publishes"),
                            ("coordinator", "coordinator: also invites and reviews"),
                        ],
                        default="contributor",
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                ("since", models.DateField(blank=True, null=True, verbose_name="since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="until")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mandates",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="officer",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandates",
                        to="partnerships.territory",
                        verbose_name="territory",
                    ),
                ),
            ],
            options={
                "verbose_name": "mandate",
                "verbose_name_plural": "mandates",
                "ordering": ["territory", "user"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["contributor", "officer", "coordinator"])),
                        name="mandate_role_is_known",
                    ),
                    models.UniqueConstraint(fields=("user", "territory", "role"), name="mandate_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("since", None), ("until", None), ("until__gte", models.F("since")), _connector="OR"
                        ),
                        name="mandate_since_before_until",
                        violation_error_message="The mandate ends before it begins.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(
                        help_text="What it is for, such as “Our website”.", max_length=100, verbose_name="name"
                    ),
                ),
                (
                    "digest",
                    models.CharField(editable=False, max_length=64, unique=True, verbose_name="SHA-256 of the token"),
                ),
                ("hint", models.CharField(editable=False, max_length=16, verbose_name="begins with")),
                (
                    "made_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="made on"
                    ),
                ),
                ("expires_on", models.DateField(verbose_name="expires on")),
                ("used_on", models.DateField(blank=True, editable=False, null=True, verbose_name="last used on")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked on")),
                (
                    "mandate",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to="partnerships.mandate",
                        verbose_name="mandate",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="api_tokens",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="officer",
                    ),
                ),
                (
                    "ended_by",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("owner", "revoked by its owner"),
                            ("password", "the password was changed"),
                            ("mandate", "the mandate ended or changed"),
                            ("account", "the account was closed"),
                        ],
                        db_default="",
                        default="",
                        editable=False,
                        max_length=10,
                        verbose_name="ended by",
                    ),
                ),
            ],
            options={
                "verbose_name": "token of the API",
                "verbose_name_plural": "tokens of the API",
                "ordering": ["-made_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ended_by__in", ["", "owner", "password", "mandate", "account"])),
                        name="token_ended_by_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ended_by", ""), ("revoked_at__isnull", False), _connector="OR"),
                        name="token_ended_on_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20, verbose_name="kind of record")),
                ("loser", models.CharField(max_length=16, verbose_name="reference that leads on")),
                ("winner", models.CharField(max_length=16, verbose_name="reference that stays")),
                (
                    "moved",
                    models.JSONField(
                        default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="rows moved"
                    ),
                ),
                (
                    "merged_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="merged on"
                    ),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="undone on")),
                (
                    "merged_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="merged by",
                    ),
                ),
            ],
            options={
                "verbose_name": "merge",
                "verbose_name_plural": "merges",
                "ordering": ["-merged_at", "-id"],
            },
        ),
        migrations.CreateModel(
            name="Town",
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
                ("reference", core.fields.ReferenceField(prefix="T")),
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
                    "level",
                    models.CharField(
                        choices=[
                            ("district", "district"),
                            ("village", "village"),
                            ("municipality", "municipality"),
                            ("intermunicipal", "intermunicipal body"),
                            ("department", "department, county or province"),
                            ("region", "region or state"),
                        ],
                        default="municipality",
                        max_length=16,
                        verbose_name="level",
                    ),
                ),
                ("insee", models.CharField(blank=True, max_length=5, null=True, verbose_name="INSEE code")),
                ("geonames", models.PositiveIntegerField(blank=True, null=True, verbose_name="GeoNames id")),
                ("wikidata", models.CharField(blank=True, max_length=16, null=True, verbose_name="Wikidata id")),
                ("population", models.PositiveIntegerField(blank=True, null=True, verbose_name="population")),
                ("latitude", models.FloatField(blank=True, null=True, verbose_name="latitude")),
                ("longitude", models.FloatField(blank=True, null=True, verbose_name="longitude")),
                (
                    "coordinates_precision",
                    models.CharField(
                        choices=[
                            ("place", "the place itself"),
                            ("territory", "its department or region, for want of better"),
                        ],
                        default="place",
                        max_length=10,
                        verbose_name="coordinates point at",
                    ),
                ),
                ("website", models.URLField(blank=True, max_length=300, verbose_name="website")),
                (
                    "country",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="towns",
                        to="partnerships.country",
                        verbose_name="country",
                    ),
                ),
                (
                    "governs",
                    models.ForeignKey(
                        blank=True,
                        help_text="The department or region whose authority this is.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="authorities",
                        to="partnerships.territory",
                        verbose_name="governs",
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
                        to="partnerships.town",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        help_text="Where it lies.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="towns",
                        to="partnerships.territory",
                        verbose_name="territory",
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
                "verbose_name": "town",
                "verbose_name_plural": "towns",
                "ordering": ["normalised"],
                "indexes": [
                    models.Index(fields=["normalised"], name="town_normalised_prefix", opclasses=["text_pattern_ops"]),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["normalised"], name="town_normalised_trgm", opclasses=["gin_trgm_ops"]
                    ),
                    models.Index(fields=["country", "normalised"], name="town_country_name"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "level__in",
                                ["district", "village", "municipality", "intermunicipal", "department", "region"],
                            )
                        ),
                        name="town_level_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("publication__in", ["draft", "submitted", "published", "withdrawn"])),
                        name="town_publication_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("coordinates_precision__in", ["place", "territory"])),
                        name="town_coordinates_precision_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                            models.Q(
                                ("latitude__isnull", False),
                                ("latitude__range", (-90, 90)),
                                ("longitude__isnull", False),
                                ("longitude__range", (-180, 180)),
                            ),
                            _connector="OR",
                        ),
                        name="town_is_on_earth",
                        violation_error_message="Coordinates need both numbers: a latitude from −90 to 90 and a longitude from −180 to 180.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(
                                ("publication", "withdrawn"), models.Q(("merged_into", models.F("pk")), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="town_merged_is_withdrawn",
                        violation_error_message="A merged record must be withdrawn, and merged into another record.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("publication", "published"), _negated=True),
                            ("published_at__isnull", False),
                            _connector="OR",
                        ),
                        name="town_published_has_a_date",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("publication", "published")),
                        fields=("insee",),
                        name="town_insee",
                        violation_error_message="Another town has this identifier already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("publication", "published")),
                        fields=("geonames",),
                        name="town_geonames",
                        violation_error_message="Another town has this identifier already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("publication", "published")),
                        fields=("wikidata",),
                        name="town_wikidata",
                        violation_error_message="Another town has this identifier already.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("publication", "published")),
                        fields=("governs",),
                        name="town_governs",
                        violation_error_message="Another town has this identifier already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("insee", None), ("country", "FR"), _connector="OR"),
                        name="town_insee_is_french",
                        violation_error_message="Only French towns have an INSEE code.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wikidata", None), ("wikidata__regex", "^Q[1-9][0-9]*$"), _connector="OR"),
                        name="town_wikidata_form",
                        violation_error_message="A Wikidata id is a Q and a number, such as Q90.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Organisation",
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
                ("reference", core.fields.ReferenceField(prefix="O")),
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
                ("acronym", models.CharField(blank=True, max_length=30, verbose_name="acronym")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("association", "association"),
                            ("ngo", "non-governmental organisation"),
                            ("school", "school"),
                            ("hospital", "hospital"),
                            ("university", "university"),
                            ("company", "company"),
                            ("state-service", "State service"),
                            ("international", "international organisation"),
                            ("other", "other"),
                        ],
                        default="association",
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("website", models.URLField(blank=True, max_length=300, verbose_name="website")),
                (
                    "country",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="organisations",
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
                        to="partnerships.organisation",
                        verbose_name="merged into",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="organisations",
                        to="partnerships.territory",
                        verbose_name="territory",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="seated",
                        to="partnerships.town",
                        verbose_name="seat",
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
                "verbose_name": "organisation",
                "verbose_name_plural": "organisations",
                "ordering": ["normalised"],
                "indexes": [
                    models.Index(
                        fields=["normalised"], name="organisation_normalised_prefix", opclasses=["text_pattern_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["normalised"], name="organisation_normalised_trgm", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "association",
                                    "ngo",
                                    "school",
                                    "hospital",
                                    "university",
                                    "company",
                                    "state-service",
                                    "international",
                                    "other",
                                ],
                            )
                        ),
                        name="organisation_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("publication__in", ["draft", "submitted", "published", "withdrawn"])),
                        name="organisation_publication_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(
                                ("publication", "withdrawn"), models.Q(("merged_into", models.F("pk")), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="organisation_merged_is_withdrawn",
                        violation_error_message="A merged record must be withdrawn, and merged into another record.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("publication", "published"), _negated=True),
                            ("published_at__isnull", False),
                            _connector="OR",
                        ),
                        name="organisation_published_has_a_date",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganisationName",
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
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="partnerships.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of an organisation",
                "verbose_name_plural": "names of organisations",
                "ordering": ["name"],
                "indexes": [
                    models.Index(
                        fields=["normalised"], name="orgname_normalised_prefix", opclasses=["text_pattern_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["normalised"], name="orgname_normalised_trgm", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["alternative", "printed", "former"])),
                        name="organisationname_kind_is_known",
                    ),
                    models.UniqueConstraint(fields=("organisation", "name"), name="organisationname_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganisationNameEvent",
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
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
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
                        to="partnerships.organisationname",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OrganisationSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="partnerships.organisation",
                        verbose_name="organisation",
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
                "verbose_name": "source of an organisation",
                "verbose_name_plural": "sources of organisations",
                "constraints": [
                    models.UniqueConstraint(fields=("organisation", "source"), name="organisationsource_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="position")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("partner", "partner"),
                            ("lead", "lead"),
                            ("associate", "associate"),
                            ("operator", "operator"),
                        ],
                        default="partner",
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                ("joined", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="joined")),
                ("left", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="left")),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="partnerships.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="partnerships.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "town",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="partnerships.town",
                        verbose_name="town",
                    ),
                ),
            ],
            options={
                "verbose_name": "party",
                "verbose_name_plural": "parties",
                "ordering": ["agreement", "position", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("organisation__isnull", True), ("town__isnull", False)),
                            models.Q(("organisation__isnull", False), ("town__isnull", True)),
                            _connector="OR",
                        ),
                        name="party_one_of",
                        violation_error_message="Choose exactly one of: town, organisation.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("joined")),
                        name="party_joined_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("left")),
                        name="party_left_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("joined"), models.F("left")),
                        name="party_joined_before_left",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("role__in", ["partner", "lead", "associate", "operator"])),
                        name="party_role_is_known",
                    ),
                    models.UniqueConstraint(
                        fields=("agreement", "town"),
                        name="party_town_once",
                        violation_error_message="This town is a party to the agreement already.",
                    ),
                    models.UniqueConstraint(
                        fields=("agreement", "organisation"),
                        name="party_organisation_once",
                        violation_error_message="This organisation is a party to the agreement already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "email",
                    models.EmailField(
                        blank=True,
                        help_text="Erased when it has served.",
                        max_length=254,
                        verbose_name="e-mail address",
                    ),
                ),
                ("language", models.CharField(default="en", max_length=10, verbose_name="language")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="version that was asked about")),
                (
                    "asked_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="asked on"
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires on")),
                (
                    "answer",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("yes", "yes, it is so"),
                            ("no", "no, there is no such agreement"),
                            ("correction", "yes, with a correction"),
                        ],
                        max_length=12,
                        verbose_name="answer",
                    ),
                ),
                ("answered_at", models.DateTimeField(blank=True, null=True, verbose_name="answered on")),
                (
                    "asked_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmations",
                        to="partnerships.party",
                        verbose_name="party",
                    ),
                ),
                (
                    "route",
                    models.CharField(
                        choices=[
                            ("partner", "mailed to an address of the partner"),
                            (
                                "officer",
                                "handed on by the officer who asked, or mailed to an address not known as the partner’s",
                            ),
                        ],
                        default="officer",
                        max_length=10,
                        verbose_name="how the link was sent",
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmation by a partner",
                "verbose_name_plural": "confirmations by partners",
                "ordering": ["-asked_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("route__in", ["partner", "officer"])), name="confirmation_route_is_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None)),
                            models.Q(("answer__in", ["yes", "no", "correction"]), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="confirmation_answered_on",
                        violation_error_message="An answer has a date.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.BooleanField(default=True, verbose_name="a digest by mail")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("fr", "French")],
                        default="en",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("digest_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last digest")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="preference",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="officer",
                    ),
                ),
            ],
            options={
                "verbose_name": "preference",
                "verbose_name_plural": "preferences",
                "ordering": ["user"],
            },
        ),
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(help_text="Name of the template.", max_length=60, verbose_name="kind")),
                ("to", models.EmailField(max_length=254, verbose_name="to")),
                (
                    "language",
                    models.CharField(
                        choices=[("en", "English"), ("fr", "French")],
                        default="en",
                        max_length=10,
                        verbose_name="language",
                    ),
                ),
                ("subject", models.TextField(verbose_name="subject")),
                ("body", models.TextField(blank=True, verbose_name="text")),
                ("headers", models.JSONField(blank=True, default=dict, verbose_name="headers")),
                (
                    "message_id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        help_text="The same at each try: the log of the mail server names it.",
                        unique=True,
                        verbose_name="part of the Message-ID",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waits to be sent"), ("sent", "sent"), ("given_up", "given up")],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                (
                    "next_try",
                    models.DateTimeField(
                        blank=True,
                        db_default=django.db.models.functions.datetime.Now(),
                        null=True,
                        verbose_name="next try",
                    ),
                ),
                ("last_error", models.TextField(blank=True, verbose_name="last error")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="written on"
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="sent or given up on")),
                (
                    "confirmation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="partnerships.confirmation",
                        verbose_name="confirmation by a partner",
                    ),
                ),
                (
                    "invitation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="partnerships.invitation",
                        verbose_name="invitation",
                    ),
                ),
                (
                    "preference",
                    models.ForeignKey(
                        blank=True,
                        help_text="Of whom it is the digest.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mails",
                        to="partnerships.preference",
                        verbose_name="preference",
                    ),
                ),
            ],
            options={
                "verbose_name": "mail",
                "verbose_name_plural": "mails of the outbox",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["next_try"], name="outgoingmail_waiting"
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "sent", "given_up"])),
                        name="outgoingmail_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("next_try__isnull", False), ("state", "waiting")),
                            models.Q(
                                models.Q(("state", "waiting"), _negated=True),
                                ("body", ""),
                                ("ended_at__isnull", False),
                                ("headers", {}),
                                ("next_try", None),
                            ),
                            _connector="OR",
                        ),
                        name="outgoingmail_ended_is_empty",
                        violation_error_message="A mail that was sent or given up keeps no text.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Renewal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "renewed",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="renewed on"),
                ),
                (
                    "valid_until",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="valid until"),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="renewals",
                        to="partnerships.agreement",
                        verbose_name="agreement",
                    ),
                ),
            ],
            options={
                "verbose_name": "renewal",
                "verbose_name_plural": "renewals",
                "ordering": ["agreement", "renewed"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("renewed")),
                        name="renewal_renewed_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("valid_until")),
                        name="renewal_valid_until_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("renewed"), models.F("valid_until")),
                        name="renewal_renewed_before_valid_until",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.UniqueConstraint(fields=("agreement", "renewed"), name="renewal_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RenewalEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "renewed",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="renewed on"),
                ),
                (
                    "valid_until",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="valid until"),
                ),
                (
                    "agreement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.agreement",
                        verbose_name="agreement",
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
                        to="partnerships.renewal",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OrganisationSourceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
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
                        to="partnerships.organisationsource",
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
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", core.fields.ReferenceField(prefix="C")),
                ("figure", models.SlugField(blank=True, max_length=60, verbose_name="figure")),
                ("statement_en", models.TextField(verbose_name="statement, English")),
                ("statement_fr", models.TextField(verbose_name="statement, French")),
                (
                    "value",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="value"),
                ),
                ("unit", models.CharField(blank=True, max_length=30, verbose_name="unit")),
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
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to="partnerships.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "country",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to="partnerships.country",
                        verbose_name="country",
                    ),
                ),
                (
                    "second_source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="verdicts",
                        to="partnerships.source",
                        verbose_name="source of the verdict",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="claims",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
                (
                    "town",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="claims",
                        to="partnerships.town",
                        verbose_name="town",
                    ),
                ),
            ],
            options={
                "verbose_name": "claim",
                "verbose_name_plural": "claims",
                "ordering": ["figure", "as_of"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("as_of")),
                        name="claim_as_of_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("verdict__in", ["unconfirmed", "confirmed", "corrected"])),
                        name="claim_verdict_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verdict", "unconfirmed"), ("second_source__isnull", False), _connector="OR"
                        ),
                        name="claim_verdict_has_a_source",
                        violation_error_message="A claim that is confirmed or corrected names the source that says so.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AgreementSourceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "agreement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.agreement",
                        verbose_name="agreement",
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
                        to="partnerships.agreementsource",
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
            name="SourceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("reference", core.fields.ReferenceField(prefix="S", unique=False)),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("publisher", models.CharField(blank=True, max_length=300, verbose_name="publisher")),
                ("date", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="date")),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="address")),
                ("licence", models.CharField(blank=True, max_length=60, verbose_name="licence")),
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
                        to="partnerships.source",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="StateRelation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "counterpart",
                    models.CharField(help_text="ISO code of a country, or “EU”.", max_length=100, verbose_name="with"),
                ),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                ("description_en", models.TextField(verbose_name="description, English")),
                ("description_fr", models.TextField(verbose_name="description, French")),
                (
                    "country",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="state_relations",
                        to="partnerships.country",
                        verbose_name="country",
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
                "verbose_name": "State relations",
                "verbose_name_plural": "State relations",
                "ordering": ["country", "since"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("since")),
                        name="staterelation_since_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("until")),
                        name="staterelation_until_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("since"), models.F("until")),
                        name="staterelation_since_before_until",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.UniqueConstraint(
                        fields=("country", "counterpart", "since"), name="staterelation_once", nulls_distinct=False
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StateRelationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "counterpart",
                    models.CharField(help_text="ISO code of a country, or “EU”.", max_length=100, verbose_name="with"),
                ),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                ("description_en", models.TextField(verbose_name="description, English")),
                ("description_fr", models.TextField(verbose_name="description, French")),
                (
                    "country",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.country",
                        verbose_name="country",
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
                        to="partnerships.staterelation",
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
            name="Submission",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "new entry"),
                            ("change", "change"),
                            ("proposal", "a visitor’s proposal"),
                            ("correction", "a partner’s correction"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "waits for a decision"),
                            ("approved", "accepted"),
                            ("rejected", "rejected"),
                            ("withdrawn", "taken back"),
                        ],
                        default="open",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("subject_kind", models.CharField(max_length=20, verbose_name="kind of record")),
                ("subject", models.CharField(max_length=20, verbose_name="record")),
                ("subject_title", models.CharField(blank=True, max_length=500, verbose_name="name of the record")),
                (
                    "territories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=10),
                        default=list,
                        size=None,
                        verbose_name="territories concerned",
                    ),
                ),
                (
                    "content",
                    models.JSONField(
                        blank=True,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        null=True,
                        verbose_name="content proposed",
                    ),
                ),
                (
                    "base",
                    models.JSONField(
                        blank=True,
                        encoder=django.core.serializers.json.DjangoJSONEncoder,
                        null=True,
                        verbose_name="content before",
                    ),
                ),
                ("text", models.TextField(blank=True, verbose_name="text")),
                ("author_name", models.CharField(blank=True, max_length=200, verbose_name="name of the author")),
                (
                    "author_email",
                    models.EmailField(blank=True, max_length=254, verbose_name="e-mail address of the author"),
                ),
                ("language", models.CharField(default="en", max_length=10, verbose_name="language")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(),
                        editable=False,
                        verbose_name="submitted on",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True, verbose_name="decided on")),
                ("reason", models.TextField(blank=True, verbose_name="reason of the decision")),
                (
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="partnerships.agreement",
                        verbose_name="agreement",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="submissions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "submission",
                "verbose_name_plural": "submissions",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    django.contrib.postgres.indexes.GinIndex(fields=["territories"], name="submission_territories"),
                    models.Index(fields=["state", "created_at"], name="submission_state"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["new", "change", "proposal", "correction"])),
                        name="submission_kind_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["open", "approved", "rejected", "withdrawn"])),
                        name="submission_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", "open"), ("decided_at__isnull", False), _connector="OR"),
                        name="submission_decided_on",
                        violation_error_message="A decision has a date.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "rejected"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="submission_rejected_with_reason",
                        violation_error_message="A submission is rejected with a reason.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Comment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="text")),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="written on"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="author",
                    ),
                ),
                (
                    "submission",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="comments",
                        to="partnerships.submission",
                        verbose_name="submission",
                    ),
                ),
            ],
            options={
                "verbose_name": "comment",
                "verbose_name_plural": "comments",
                "ordering": ["created_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="Suspension",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "suspended_by",
                    models.CharField(
                        choices=[("state", "the State"), ("party", "a party")],
                        max_length=10,
                        verbose_name="suspended by",
                    ),
                ),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                ("reason_en", models.CharField(blank=True, max_length=500, verbose_name="reason, English")),
                ("reason_fr", models.CharField(blank=True, max_length=500, verbose_name="reason, French")),
                ("act", models.CharField(blank=True, max_length=200, verbose_name="reference of the act")),
                (
                    "party",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suspensions",
                        to="partnerships.party",
                        verbose_name="party",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="suspensions",
                        to="partnerships.source",
                        verbose_name="source",
                    ),
                ),
            ],
            options={
                "verbose_name": "suspension",
                "verbose_name_plural": "suspensions",
                "ordering": ["party", "since"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("since")),
                        name="suspension_since_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("until")),
                        name="suspension_until_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("since"), models.F("until")),
                        name="suspension_since_before_until",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("suspended_by__in", ["state", "party"])),
                        name="suspension_suspended_by_is_known",
                    ),
                    models.UniqueConstraint(fields=("party", "since"), name="suspension_once", nulls_distinct=False),
                ],
            },
        ),
        migrations.CreateModel(
            name="SuspensionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "suspended_by",
                    models.CharField(
                        choices=[("state", "the State"), ("party", "a party")],
                        max_length=10,
                        verbose_name="suspended by",
                    ),
                ),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                ("reason_en", models.CharField(blank=True, max_length=500, verbose_name="reason, English")),
                ("reason_fr", models.CharField(blank=True, max_length=500, verbose_name="reason, French")),
                ("act", models.CharField(blank=True, max_length=200, verbose_name="reference of the act")),
                (
                    "party",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.party",
                        verbose_name="party",
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
                        to="partnerships.suspension",
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
            name="MandateEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("contributor", "contributor: submits"),
                            ("officer", "officer: publishes"),
                            ("coordinator", "coordinator: also invites and reviews"),
                        ],
                        default="contributor",
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                ("since", models.DateField(blank=True, null=True, verbose_name="since")),
                ("until", models.DateField(blank=True, null=True, verbose_name="until")),
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
                        to="partnerships.mandate",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="officer",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TerritoryEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("code", models.CharField(max_length=10, serialize=False, verbose_name="ISO 3166-2 code")),
                (
                    "level",
                    models.CharField(
                        choices=[("region", "region"), ("department", "department")],
                        max_length=12,
                        verbose_name="level",
                    ),
                ),
                ("name", models.CharField(max_length=150, verbose_name="name")),
                ("insee", models.CharField(blank=True, max_length=3, verbose_name="INSEE code")),
                (
                    "dissolved_on",
                    core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="dissolved on"),
                ),
                ("latitude", models.FloatField(blank=True, null=True, verbose_name="latitude")),
                ("longitude", models.FloatField(blank=True, null=True, verbose_name="longitude")),
                (
                    "country",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.country",
                        verbose_name="country",
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
                        to="partnerships.territory",
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
                        to="partnerships.territory",
                        verbose_name="successor",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TerritoryParent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                (
                    "parent",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="child_links",
                        to="partnerships.territory",
                        verbose_name="parent",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parent_links",
                        to="partnerships.territory",
                        verbose_name="territory",
                    ),
                ),
            ],
            options={
                "verbose_name": "parent of a territory",
                "verbose_name_plural": "parents of territories",
                "ordering": ["territory", "since"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("since")),
                        name="territoryparent_since_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("until")),
                        name="territoryparent_until_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=core.dates.InOrder(models.F("since"), models.F("until")),
                        name="territoryparent_since_before_until",
                        violation_error_message="The dates are in an impossible order: the end lies before the beginning.",
                    ),
                    models.UniqueConstraint(
                        fields=("territory", "parent", "since"), name="territoryparent_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("territory", models.F("parent")), _negated=True),
                        name="territoryparent_not_itself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TerritoryParentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("since", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="since")),
                ("until", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="until")),
                (
                    "parent",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.territory",
                        verbose_name="parent",
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
                        to="partnerships.territoryparent",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AgreementThemeEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "agreement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.agreement",
                        verbose_name="agreement",
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
                        to="partnerships.agreementtheme",
                    ),
                ),
                (
                    "theme",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.theme",
                        verbose_name="theme",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ThemeEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("code", models.SlugField(db_index=False, max_length=40, serialize=False, verbose_name="code")),
                ("name_en", models.CharField(max_length=100, verbose_name="name, English")),
                ("name_fr", models.CharField(max_length=100, verbose_name="name, French")),
                ("crs", models.CharField(blank=True, max_length=5, verbose_name="OECD CRS purpose code")),
                (
                    "sdgs",
                    models.CharField(
                        blank=True, help_text="Numbers from 1 to 17, by commas.", max_length=60, verbose_name="SDGs"
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
                        to="partnerships.theme",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PartyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("position", models.PositiveSmallIntegerField(default=1, verbose_name="position")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("partner", "partner"),
                            ("lead", "lead"),
                            ("associate", "associate"),
                            ("operator", "operator"),
                        ],
                        default="partner",
                        max_length=12,
                        verbose_name="role",
                    ),
                ),
                ("joined", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="joined")),
                ("left", core.dates.PartialDateField(blank=True, max_length=10, null=True, verbose_name="left")),
                (
                    "agreement",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.agreement",
                        verbose_name="agreement",
                    ),
                ),
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
                        to="partnerships.party",
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="OrganisationEvent",
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
                ("reference", core.fields.ReferenceField(prefix="O", unique=False)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                ("acronym", models.CharField(blank=True, max_length=30, verbose_name="acronym")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("association", "association"),
                            ("ngo", "non-governmental organisation"),
                            ("school", "school"),
                            ("hospital", "hospital"),
                            ("university", "university"),
                            ("company", "company"),
                            ("state-service", "State service"),
                            ("international", "international organisation"),
                            ("other", "other"),
                        ],
                        default="association",
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("website", models.URLField(blank=True, max_length=300, verbose_name="website")),
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
                        to="partnerships.organisation",
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
                        to="partnerships.organisation",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.territory",
                        verbose_name="territory",
                    ),
                ),
                (
                    "seat",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.town",
                        verbose_name="seat",
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
            name="ClaimEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("reference", core.fields.ReferenceField(prefix="C", unique=False)),
                ("figure", models.SlugField(blank=True, db_index=False, max_length=60, verbose_name="figure")),
                ("statement_en", models.TextField(verbose_name="statement, English")),
                ("statement_fr", models.TextField(verbose_name="statement, French")),
                (
                    "value",
                    models.DecimalField(blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="value"),
                ),
                ("unit", models.CharField(blank=True, max_length=30, verbose_name="unit")),
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
                    "agreement",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.agreement",
                        verbose_name="agreement",
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
                        to="partnerships.claim",
                    ),
                ),
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TownEvent",
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
                ("reference", core.fields.ReferenceField(prefix="T", unique=False)),
                ("name", models.CharField(max_length=200, verbose_name="name")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("district", "district"),
                            ("village", "village"),
                            ("municipality", "municipality"),
                            ("intermunicipal", "intermunicipal body"),
                            ("department", "department, county or province"),
                            ("region", "region or state"),
                        ],
                        default="municipality",
                        max_length=16,
                        verbose_name="level",
                    ),
                ),
                ("insee", models.CharField(blank=True, max_length=5, null=True, verbose_name="INSEE code")),
                ("geonames", models.PositiveIntegerField(blank=True, null=True, verbose_name="GeoNames id")),
                ("wikidata", models.CharField(blank=True, max_length=16, null=True, verbose_name="Wikidata id")),
                ("population", models.PositiveIntegerField(blank=True, null=True, verbose_name="population")),
                ("latitude", models.FloatField(blank=True, null=True, verbose_name="latitude")),
                ("longitude", models.FloatField(blank=True, null=True, verbose_name="longitude")),
                (
                    "coordinates_precision",
                    models.CharField(
                        choices=[
                            ("place", "the place itself"),
                            ("territory", "its department or region, for want of better"),
                        ],
                        default="place",
                        max_length=10,
                        verbose_name="coordinates point at",
                    ),
                ),
                ("website", models.URLField(blank=True, max_length=300, verbose_name="website")),
                (
                    "country",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.country",
                        verbose_name="country",
                    ),
                ),
                (
                    "governs",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="The department or region whose authority this is.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.territory",
                        verbose_name="governs",
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
                        to="partnerships.town",
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
                        to="partnerships.town",
                    ),
                ),
                (
                    "territory",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Where it lies.",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.territory",
                        verbose_name="territory",
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
            name="TownName",
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
                    "town",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="partnerships.town",
                        verbose_name="town",
                    ),
                ),
            ],
            options={
                "verbose_name": "name of a town",
                "verbose_name_plural": "names of towns",
                "ordering": ["name"],
                "indexes": [
                    models.Index(
                        fields=["normalised"], name="townname_normalised_prefix", opclasses=["text_pattern_ops"]
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        fields=["normalised"], name="townname_normalised_trgm", opclasses=["gin_trgm_ops"]
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["alternative", "printed", "former"])),
                        name="townname_kind_is_known",
                    ),
                    models.UniqueConstraint(
                        fields=("town", "name"),
                        name="townname_once",
                        violation_error_message="The town has this name already.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TownNameEvent",
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
                        to="partnerships.townname",
                    ),
                ),
                (
                    "town",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.town",
                        verbose_name="town",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TownSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="partnerships.source", verbose_name="source"
                    ),
                ),
                (
                    "town",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="partnerships.town", verbose_name="town"
                    ),
                ),
            ],
            options={
                "verbose_name": "source of a town",
                "verbose_name_plural": "sources of towns",
                "constraints": [models.UniqueConstraint(fields=("town", "source"), name="townsource_once")],
            },
        ),
        migrations.CreateModel(
            name="TownSourceEvent",
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
                        to="partnerships.townsource",
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
                    "town",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.town",
                        verbose_name="town",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ZoneCountry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason_en", models.CharField(max_length=300, verbose_name="reason, English")),
                ("reason_fr", models.CharField(max_length=300, verbose_name="reason, French")),
                (
                    "country",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="partnerships.country", verbose_name="country"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="partnerships.source", verbose_name="source"
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        to="partnerships.cooperationzone",
                        verbose_name="zone",
                    ),
                ),
            ],
            options={
                "verbose_name": "country of a zone",
                "verbose_name_plural": "countries of zones",
                "ordering": ["zone", "country"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("zone", "country"),
                        name="zonecountry_once",
                        violation_error_message="This country is already in the zone.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ZoneCountryEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("reason_en", models.CharField(max_length=300, verbose_name="reason, English")),
                ("reason_fr", models.CharField(max_length=300, verbose_name="reason, French")),
                (
                    "country",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.country",
                        verbose_name="country",
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
                        to="partnerships.zonecountry",
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
                    "zone",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnerships.cooperationzone",
                        verbose_name="zone",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="organisation",
            name="sources",
            field=models.ManyToManyField(
                related_name="organisations",
                through="partnerships.OrganisationSource",
                to="partnerships.source",
                verbose_name="sources",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="sources",
            field=models.ManyToManyField(
                related_name="agreements",
                through="partnerships.AgreementSource",
                to="partnerships.source",
                verbose_name="sources",
            ),
        ),
        migrations.AddField(
            model_name="territory",
            name="parents",
            field=models.ManyToManyField(
                related_name="children",
                through="partnerships.TerritoryParent",
                through_fields=("territory", "parent"),
                to="partnerships.territory",
                verbose_name="parents",
            ),
        ),
        migrations.AddField(
            model_name="agreement",
            name="themes",
            field=models.ManyToManyField(
                related_name="agreements",
                through="partnerships.AgreementTheme",
                to="partnerships.theme",
                verbose_name="themes",
            ),
        ),
        migrations.AddField(
            model_name="town",
            name="sources",
            field=models.ManyToManyField(
                related_name="towns",
                through="partnerships.TownSource",
                to="partnerships.source",
                verbose_name="sources",
            ),
        ),
        migrations.AddField(
            model_name="cooperationzone",
            name="countries",
            field=models.ManyToManyField(
                related_name="zones",
                through="partnerships.ZoneCountry",
                to="partnerships.country",
                verbose_name="countries",
            ),
        ),
        core.history.InstallTriggers(
            triggers=[
                (
                    "country",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="caba91fda23c6143d8d676abf714b890c442304b",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_6b186",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_country",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "country",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values UNION SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="0db9e1e1d61bb3f93c262548f41f58b8f463523c",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_0344f",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_country",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "country",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="94024b1b7c4a5454f99709aa6b0e839f46c05683",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_c1c62",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_country",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "country",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_countryevent" ("alpha3", "code", "continent", "name_en", "name_fr", "numeric", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subregion") SELECT new_values."alpha3", new_values."code", new_values."continent", new_values."name_en", new_values."name_fr", new_values."numeric", _pgh_attached_context.value, NOW(), \'insert\', new_values."code", new_values."subregion" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="eb7ac4023b75eafe011ab12a14126b86f8f0755f",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_05256",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_country",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "country",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_countryevent" ("alpha3", "code", "continent", "name_en", "name_fr", "numeric", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subregion") SELECT new_values."alpha3", new_values."code", new_values."continent", new_values."name_en", new_values."name_fr", new_values."numeric", _pgh_attached_context.value, NOW(), \'update\', new_values."code", new_values."subregion" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."code") = (new_values."code") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="654c825f2598a43cecd0e5fb70c48dc9a49eb52b",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_a9f9e",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_country",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "country",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_countryevent" ("alpha3", "code", "continent", "name_en", "name_fr", "numeric", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "subregion") SELECT old_values."alpha3", old_values."code", old_values."continent", old_values."name_en", old_values."name_fr", old_values."numeric", _pgh_attached_context.value, NOW(), \'delete\', old_values."code", old_values."subregion" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="b406254f1c7e75f4e347d5ddba5fea3bc87fdc89",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_92394",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_country",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingsource",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="0aa8f07cbdb24496b4a2b27652227aa8cccbd810",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_c4443",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_fundingsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingsource",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values UNION SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="58098f21c516e5faa75b51b0879d02a180b14e6a",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_3dd65",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_fundingsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingsource",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="a3915167ea8c1fbc2dc7cf0b997ee36457e16206",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_0e4ad",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_fundingsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingsource",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_fundingsourceevent" ("code", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."name_en", new_values."name_fr", _pgh_attached_context.value, NOW(), \'insert\', new_values."code" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="5714513312f138f62ffa906c3eef6cbae1b728ae",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_5ccc1",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_fundingsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingsource",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_fundingsourceevent" ("code", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."name_en", new_values."name_fr", _pgh_attached_context.value, NOW(), \'update\', new_values."code" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."code") = (new_values."code") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="14325d4fe15c4d692bbcd07a03c9c15dc7993133",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_10b29",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_fundingsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingsource",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_fundingsourceevent" ("code", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."code", old_values."name_en", old_values."name_fr", _pgh_attached_context.value, NOW(), \'delete\', old_values."code" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="03e3f341ffe117dd6891c4fcef76448b08443cd2",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_0549c",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_fundingsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "source",
                    pgtrigger.compiler.Trigger(
                        name="reference_is_immutable",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="aab477864088e549cddbe3f599433f4eeff98431",
                            operation="UPDATE",
                            pgid="pgtrigger_reference_is_immutable_04576",
                            table="partnerships_source",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "source",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_sourceevent" ("date", "id", "licence", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publisher", "reference", "title", "url") SELECT new_values."date", new_values."id", new_values."licence", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."publisher", new_values."reference", new_values."title", new_values."url" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="a6ce43146ea11b79edcc8eae617406dd05ba2c84",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_e2909",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_source",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "source",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_sourceevent" ("date", "id", "licence", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publisher", "reference", "title", "url") SELECT new_values."date", new_values."id", new_values."licence", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."publisher", new_values."reference", new_values."title", new_values."url" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="b7fbe5b7db8dda4955c0d21d5714eb2de677ae50",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_6204c",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_source",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "source",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_sourceevent" ("date", "id", "licence", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publisher", "reference", "title", "url") SELECT old_values."date", old_values."id", old_values."licence", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."publisher", old_values."reference", old_values."title", old_values."url" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="6693b47f23bc5e80fed1bd0549e82f87db0f477a",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_3825b",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_source",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "theme",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="7bcb3152a52242b7499f56498c7b45943a642190",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_be470",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_theme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "theme",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values UNION SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="9c6629bbe97676b61fa2acf70303a45bf5d29354",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_31362",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_theme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "theme",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="65d4c2594f76108caf58b13f5e3ac26c359c41f2",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_3612a",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_theme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "theme",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_themeevent" ("code", "crs", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sdgs") SELECT new_values."code", new_values."crs", new_values."name_en", new_values."name_fr", _pgh_attached_context.value, NOW(), \'insert\', new_values."code", new_values."sdgs" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="8ca9bcbe84f55bd1384e829715fe5f4b87362f30",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_9ac1f",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_theme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "theme",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_themeevent" ("code", "crs", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sdgs") SELECT new_values."code", new_values."crs", new_values."name_en", new_values."name_fr", _pgh_attached_context.value, NOW(), \'update\', new_values."code", new_values."sdgs" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."code") = (new_values."code") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="0824e253a70084426f2e07793acebfba7b9c905f",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_6d2c6",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_theme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "theme",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_themeevent" ("code", "crs", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sdgs") SELECT old_values."code", old_values."crs", old_values."name_en", old_values."name_fr", _pgh_attached_context.value, NOW(), \'delete\', old_values."code", old_values."sdgs" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="8e51b56c926cdfa289d28196ea844750be70e813",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_8762a",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_theme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "attachment",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_attachmentevent" ("agreement_id", "file", "id", "media_type", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size", "title") SELECT new_values."agreement_id", new_values."file", new_values."id", new_values."media_type", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."sha256", new_values."size", new_values."title" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="2313606a48f9fa06226aa19b097b8779d9764f10",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_bf2f0",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_attachment",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "attachment",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_attachmentevent" ("agreement_id", "file", "id", "media_type", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size", "title") SELECT new_values."agreement_id", new_values."file", new_values."id", new_values."media_type", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."sha256", new_values."size", new_values."title" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="f3ef93e6460467aba387ccc5a3a784b707308fd5",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_be0b9",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_attachment",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "attachment",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_attachmentevent" ("agreement_id", "file", "id", "media_type", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "sha256", "size", "title") SELECT old_values."agreement_id", old_values."file", old_values."id", old_values."media_type", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."sha256", old_values."size", old_values."title" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="9ad69c916b9da1e29fec3110fb746e7d08a9ad0e",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_e88f4",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_attachment",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "document",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_documentevent" ("agreement_id", "date", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "title", "url") SELECT new_values."agreement_id", new_values."date", new_values."id", new_values."language", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."title", new_values."url" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="ca193f192ed2b3af8ca2e0b417cce396985ef2b4",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_ea289",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_document",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "document",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_documentevent" ("agreement_id", "date", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "title", "url") SELECT new_values."agreement_id", new_values."date", new_values."id", new_values."language", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."title", new_values."url" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="c1a03415dc9e15a22e58a0ecb3282fbbe011215c",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_f41c3",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_document",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "document",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_documentevent" ("agreement_id", "date", "id", "language", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "title", "url") SELECT old_values."agreement_id", old_values."date", old_values."id", old_values."language", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."title", old_values."url" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="874b44a0ed915aac95fdcadc4d0b54e579c85ebe",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_f801c",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_document",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingcontribution",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="f9748ce2fb4eb77810311f30ed0bc88c97023788",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_00608",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_fundingcontribution",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingcontribution",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM old_values UNION SELECT agreement_id FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="4c855cc6cae5d4cd536d33d9ec552a9225b32eac",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_dc253",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_fundingcontribution",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingcontribution",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="c86e63a92fabc420fa721342b11424c43ec90994",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_4eea0",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_fundingcontribution",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingcontribution",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_fundingcontributionevent" ("agreement_id", "amount", "currency", "funding_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "year") SELECT new_values."agreement_id", new_values."amount", new_values."currency", new_values."funding_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."year" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="921c8dc7ff8054fc9d00778d2636918d99feb3ae",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_ed1c6",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_fundingcontribution",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingcontribution",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_fundingcontributionevent" ("agreement_id", "amount", "currency", "funding_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "year") SELECT new_values."agreement_id", new_values."amount", new_values."currency", new_values."funding_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."year" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="cf7d36a1e28f7fc54db4d67964890efe9a870343",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_653ca",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_fundingcontribution",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "fundingcontribution",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_fundingcontributionevent" ("agreement_id", "amount", "currency", "funding_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "year") SELECT old_values."agreement_id", old_values."amount", old_values."currency", old_values."funding_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."year" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="c640f436730ff18a0f7c10726b11c6a6127ff7ed",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_11fcd",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_fundingcontribution",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisationname",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_organisationnameevent" ("id", "kind", "language", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."kind", new_values."language", new_values."name", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="942ae344901878514be280e51753ebdf51b1583d",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_d7efa",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_organisationname",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisationname",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_organisationnameevent" ("id", "kind", "language", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."kind", new_values."language", new_values."name", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."language" IS DISTINCT FROM (new_values."language") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."organisation_id" IS DISTINCT FROM (new_values."organisation_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="81ad99457b378b369afafe7d266a5ee03ea88025",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_bb7e6",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_organisationname",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisationname",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_organisationnameevent" ("id", "kind", "language", "name", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."kind", old_values."language", old_values."name", old_values."organisation_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="0979ed6e9ed88ddddf493b9d208ef37577d0de2f",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_bb798",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_organisationname",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "renewal",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="3762eb7b12a3287ba594564d44a92e99882aef84",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_84f29",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_renewal",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "renewal",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM old_values UNION SELECT agreement_id FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="846125431672c3af5cee11c19cedc3c96e0b708c",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_9bc4a",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_renewal",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "renewal",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="f101ad26fa74d43135d4aec6441bf65fb26e2071",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_64ebb",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_renewal",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "renewal",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_renewalevent" ("agreement_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "renewed", "valid_until") SELECT new_values."agreement_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."renewed", new_values."valid_until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="6c7b469d2f56b82a17268f6d3f93becc8970893a",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_95f8e",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_renewal",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "renewal",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_renewalevent" ("agreement_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "renewed", "valid_until") SELECT new_values."agreement_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."renewed", new_values."valid_until" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="246f45b1e9dcbf15e97625f8b23e6cb0094d7fec",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_e1b7d",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_renewal",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "renewal",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_renewalevent" ("agreement_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "renewed", "valid_until") SELECT old_values."agreement_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."renewed", old_values."valid_until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="2b254b00c7e2ad649ee5fdcbc32d65899e92d059",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_65513",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_renewal",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisationsource",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_organisationsourceevent" ("id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") SELECT new_values."id", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."source_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="ab92880333237577f54e27e42e0bdd322c5a291a",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_d9cd0",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_organisationsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisationsource",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_organisationsourceevent" ("id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") SELECT new_values."id", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."source_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="b06229db80e721262fd7e32188ab6471563d69ec",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_c9702",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_organisationsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisationsource",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_organisationsourceevent" ("id", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") SELECT old_values."id", old_values."organisation_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."source_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="c334086a8f3311189feb6d1d1873caedf643346e",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_71b60",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_organisationsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreementsource",
                    pgtrigger.compiler.Trigger(
                        name="published_is_complete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            func="\n            IF EXISTS (\n                SELECT FROM partnerships_agreement AS a\n                WHERE a.id = OLD.agreement_id AND a.publication = 'published' AND (\n                    (SELECT count(*) FROM partnerships_party WHERE agreement_id = a.id) < 2\n                    OR NOT EXISTS (SELECT FROM partnerships_agreementsource WHERE agreement_id = a.id)\n                )\n            ) THEN\n                RAISE EXCEPTION 'A published agreement needs two parties and a source.'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'agreement_published_is_complete';\n            END IF;\n            RETURN NULL;\n        ",
                            hash="d875edbb974994549662a4b11170ea6fd8fe65d7",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_published_is_complete_6815f",
                            table="partnerships_agreementsource",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreementsource",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_agreementsourceevent" ("agreement_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") SELECT new_values."agreement_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."source_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="de19f524f238d921a54f2e610001c0f64d39b8fb",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_422a5",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_agreementsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreementsource",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_agreementsourceevent" ("agreement_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") SELECT new_values."agreement_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."source_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="fa8931f0874581eaf7dd218811d4d333a0c1f69d",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_af52e",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_agreementsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreementsource",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_agreementsourceevent" ("agreement_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id") SELECT old_values."agreement_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."source_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="fda0e070937117e8e1ea0a3022facf07066ddfd1",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_07598",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_agreementsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "staterelation",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_staterelationevent" ("counterpart", "country_id", "description_en", "description_fr", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "source_id", "until") SELECT new_values."counterpart", new_values."country_id", new_values."description_en", new_values."description_fr", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."since", new_values."source_id", new_values."until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="bdd0ed5cf250ad122688460384187278a0a890bb",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_ac209",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_staterelation",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "staterelation",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_staterelationevent" ("counterpart", "country_id", "description_en", "description_fr", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "source_id", "until") SELECT new_values."counterpart", new_values."country_id", new_values."description_en", new_values."description_fr", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."since", new_values."source_id", new_values."until" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="3cec32b17eedc23557b3d6753841397df00da2e8",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_42f5a",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_staterelation",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "staterelation",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_staterelationevent" ("counterpart", "country_id", "description_en", "description_fr", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "source_id", "until") SELECT old_values."counterpart", old_values."country_id", old_values."description_en", old_values."description_fr", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."since", old_values."source_id", old_values."until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="0db12233422a86bb95b3b3c0351ac10020f65491",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_6579a",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_staterelation",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "suspension",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM new_values JOIN partnerships_party AS party ON party.id = party_id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="829a36cca50b2a2d66250469316d4cbc69ed7452",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_f42b4",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_suspension",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "suspension",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM old_values JOIN partnerships_party AS party ON party.id = party_id UNION SELECT party.agreement_id FROM new_values JOIN partnerships_party AS party ON party.id = party_id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="f314be25ee8a46de7f7224f1d8fe287e496ec73e",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_c17a0",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_suspension",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "suspension",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM old_values JOIN partnerships_party AS party ON party.id = party_id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="333bb9dba3b31fa3b33e3aeff00347df69b616a3",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_157f1",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_suspension",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "suspension",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_suspensionevent" ("act", "id", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_en", "reason_fr", "since", "source_id", "suspended_by", "until") SELECT new_values."act", new_values."id", new_values."party_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason_en", new_values."reason_fr", new_values."since", new_values."source_id", new_values."suspended_by", new_values."until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="2b2e193822019b5679f7f44a3c8edb7454894806",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_54b56",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_suspension",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "suspension",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_suspensionevent" ("act", "id", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_en", "reason_fr", "since", "source_id", "suspended_by", "until") SELECT new_values."act", new_values."id", new_values."party_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason_en", new_values."reason_fr", new_values."since", new_values."source_id", new_values."suspended_by", new_values."until" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="f27cf034f10bca2b20d5b52b63e0df0e5f6227bf",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_9a558",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_suspension",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "suspension",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_suspensionevent" ("act", "id", "party_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_en", "reason_fr", "since", "source_id", "suspended_by", "until") SELECT old_values."act", old_values."id", old_values."party_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason_en", old_values."reason_fr", old_values."since", old_values."source_id", old_values."suspended_by", old_values."until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="9630ec836ce1e48558de8e44904dd6505c566c34",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_533ca",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_suspension",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "mandate",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_mandateevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "since", "territory_id", "until", "user_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."role", new_values."since", new_values."territory_id", new_values."until", new_values."user_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="da24f6afc89cf99ee2e49b5830c99703ff3db07e",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_00161",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_mandate",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "mandate",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_mandateevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "since", "territory_id", "until", "user_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."role", new_values."since", new_values."territory_id", new_values."until", new_values."user_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="faa608710d3b4df541c9265d3c638255ff78e794",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_9e003",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_mandate",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "mandate",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_mandateevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "since", "territory_id", "until", "user_id") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."role", old_values."since", old_values."territory_id", old_values."until", old_values."user_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="4a13a2302e6054438ec48890751307255efeb27e",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_22979",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_mandate",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "gazetteerplace",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'towns', record FROM (SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="3331eee27f5123089d5c59d19d53b9d4547acd49",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_c7dbb",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_gazetteerplace",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "gazetteerplace",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'towns', record FROM (SELECT 0 FROM old_values UNION SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="35024a27ed58bf040bd6898a9a00f326a3d5b0c5",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_82194",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_gazetteerplace",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "gazetteerplace",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'towns', record FROM (SELECT 0 FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="d4ac16b3f3b43629be93ee1685d7d337bd3f94f2",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_148af",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_gazetteerplace",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territoryparent",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="e36d1d57d4d918574d54be5fba20aa7a72afbc66",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_a1c42",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_territoryparent",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territoryparent",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT 0 FROM old_values UNION SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="2d045baf6fe4a493bd0ea13c57b5c72dd78f5ce9",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_efa72",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_territoryparent",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territoryparent",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT 0 FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="7f74940f8c74729f975b748fe37a1a612d14e414",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_22d25",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_territoryparent",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territoryparent",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_territoryparentevent" ("id", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "territory_id", "until") SELECT new_values."id", new_values."parent_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."since", new_values."territory_id", new_values."until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="03b9fb9a8ac4f3b180bb1177e59e8da4b140037b",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_c236a",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_territoryparent",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territoryparent",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_territoryparentevent" ("id", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "territory_id", "until") SELECT new_values."id", new_values."parent_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."since", new_values."territory_id", new_values."until" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="97195dc6c25d02e31eaef571e4b378092be5d0f6",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_39d20",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_territoryparent",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territoryparent",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_territoryparentevent" ("id", "parent_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "since", "territory_id", "until") SELECT old_values."id", old_values."parent_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."since", old_values."territory_id", old_values."until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="81f7292609a668f6f7d52e1d4220f2d4a9675787",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_3c041",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_territoryparent",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territory",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="cb6c7b41ff0763ffbc74b3f323efea5414af1e31",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_13269",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_territory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territory",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT 0 FROM old_values UNION SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="113e5aeb3634d425055da2812ff5b59b1dfe0dc4",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_d8a30",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_territory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territory",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT 0 FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="514e7ce93520c229297db3114153e7d2ef09ca4d",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_c25b9",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_territory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territory",
                    pgtrigger.compiler.Trigger(
                        name="report_label_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="d0cf3ef90c8d8aae7cfab74c6ef88d41d4ed381e",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_label_on_insert_c291a",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_territory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territory",
                    pgtrigger.compiler.Trigger(
                        name="report_label_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values UNION SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="739c0c55f207fa8796b7e47a930794fb90f22e63",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_label_on_update_899e2",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_territory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territory",
                    pgtrigger.compiler.Trigger(
                        name="report_label_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="5e1a3c9f164ad445eabd70358c6d8dad2e91c673",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_label_on_delete_132b9",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_territory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territory",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_territoryevent" ("code", "country_id", "dissolved_on", "insee", "latitude", "level", "longitude", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "successor_id") SELECT new_values."code", new_values."country_id", new_values."dissolved_on", new_values."insee", new_values."latitude", new_values."level", new_values."longitude", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."code", new_values."successor_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="e4a50974581e4ddb91ef9c554524c664ab235c44",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_92ce3",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_territory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territory",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_territoryevent" ("code", "country_id", "dissolved_on", "insee", "latitude", "level", "longitude", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "successor_id") SELECT new_values."code", new_values."country_id", new_values."dissolved_on", new_values."insee", new_values."latitude", new_values."level", new_values."longitude", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."code", new_values."successor_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."code") = (new_values."code") WHERE (old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."country_id" IS DISTINCT FROM (new_values."country_id") OR old_values."dissolved_on" IS DISTINCT FROM (new_values."dissolved_on") OR old_values."insee" IS DISTINCT FROM (new_values."insee") OR old_values."latitude" IS DISTINCT FROM (new_values."latitude") OR old_values."level" IS DISTINCT FROM (new_values."level") OR old_values."longitude" IS DISTINCT FROM (new_values."longitude") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."successor_id" IS DISTINCT FROM (new_values."successor_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="56e06f6206ab4eaa123b573f0c07ecb5fe13c55a",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_83a4a",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_territory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "territory",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_territoryevent" ("code", "country_id", "dissolved_on", "insee", "latitude", "level", "longitude", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "successor_id") SELECT old_values."code", old_values."country_id", old_values."dissolved_on", old_values."insee", old_values."latitude", old_values."level", old_values."longitude", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."code", old_values."successor_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="a86f5fb277d61059ed76849f5cb620c023adf4a0",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_622b4",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_territory",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreementtheme",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="699923c389068a5617c9054f8ae31f4353f12c32",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_94fb8",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_agreementtheme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreementtheme",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM old_values UNION SELECT agreement_id FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="eb77768bbca1dd0b2dab144e98de65daf8d46586",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_70373",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_agreementtheme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreementtheme",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="b0c7734c7c922e5e2dde803aaa5f328951036ca2",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_f3dd5",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_agreementtheme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreementtheme",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_agreementthemeevent" ("agreement_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "theme_id") SELECT new_values."agreement_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."theme_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="dc2831847eee55f8793561e883fcd8d0e7102025",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_96a50",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_agreementtheme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreementtheme",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_agreementthemeevent" ("agreement_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "theme_id") SELECT new_values."agreement_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."theme_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="8985446773af3098e99aba4f1b9786a287cfaa49",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_f5f11",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_agreementtheme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreementtheme",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_agreementthemeevent" ("agreement_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "theme_id") SELECT old_values."agreement_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."theme_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="9d9a59d2f3d9a497c68dc039120de9e124e88a6b",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_c06bb",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_agreementtheme",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreement",
                    pgtrigger.compiler.Trigger(
                        name="reference_is_immutable",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="2c083ab164749255c7597aac0665825b9186bf87",
                            operation="UPDATE",
                            pgid="pgtrigger_reference_is_immutable_58c6c",
                            table="partnerships_agreement",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "agreement",
                    pgtrigger.compiler.Trigger(
                        name="published_at_is_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."published_at" IS NOT NULL AND OLD."published_at" IS DISTINCT FROM (NEW."published_at"))',
                            func="NEW.published_at := OLD.published_at; RETURN NEW;",
                            hash="5d007f10ce71fc403d361fdec0e4ff5e24864f59",
                            operation="UPDATE",
                            pgid="pgtrigger_published_at_is_kept_e08da",
                            table="partnerships_agreement",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "agreement",
                    pgtrigger.compiler.Trigger(
                        name="published_at_is_set",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."publication" = \'published\' AND NEW."published_at" IS NULL)',
                            func="NEW.published_at := now(); RETURN NEW;",
                            hash="e34fe4fa54be8852bd96bcf03ae227c96128ee51",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_published_at_is_set_f98e9",
                            table="partnerships_agreement",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "agreement",
                    pgtrigger.compiler.Trigger(
                        name="published_is_complete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition="WHEN (NEW.\"publication\" = 'published')",
                            constraint="CONSTRAINT",
                            func="\n            IF EXISTS (\n                SELECT FROM partnerships_agreement AS a\n                WHERE a.id = NEW.id AND a.publication = 'published' AND (\n                    (SELECT count(*) FROM partnerships_party WHERE agreement_id = a.id) < 2\n                    OR NOT EXISTS (SELECT FROM partnerships_agreementsource WHERE agreement_id = a.id)\n                )\n            ) THEN\n                RAISE EXCEPTION 'A published agreement needs two parties and a source.'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'agreement_published_is_complete';\n            END IF;\n            RETURN NULL;\n        ",
                            hash="020b9f10acfec14652dc75ba27df3b5d82e763bc",
                            operation='INSERT OR UPDATE OF "publication"',
                            pgid="pgtrigger_published_is_complete_a5755",
                            table="partnerships_agreement",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreement",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT id FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="a9b52f4d7892b940e3c62092abc1b5432ec4fd8a",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_ac24b",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_agreement",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreement",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT id FROM old_values UNION SELECT id FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="1b506e5e244f2afd7d4403e3ba4eaf2043e87313",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_e2586",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_agreement",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreement",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT id FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="665ee1707b5cac81f43169ead9d8df5911a14ab5",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_ecc20",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_agreement",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreement",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_agreementevent" ("activity", "created_at", "description_en", "description_fr", "ended", "formal_status", "id", "kind", "mailbox", "merged_into_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "signed", "tacit_renewal", "valid_until", "verified_on") SELECT new_values."activity", new_values."created_at", new_values."description_en", new_values."description_fr", new_values."ended", new_values."formal_status", new_values."id", new_values."kind", new_values."mailbox", new_values."merged_into_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."publication", new_values."published_at", new_values."reference", new_values."signed", new_values."tacit_renewal", new_values."valid_until", new_values."verified_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="d866f2f3ad124bf842bbdac9d01c2b4efbfe625d",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_f7bf3",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_agreement",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreement",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_agreementevent" ("activity", "created_at", "description_en", "description_fr", "ended", "formal_status", "id", "kind", "mailbox", "merged_into_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "signed", "tacit_renewal", "valid_until", "verified_on") SELECT new_values."activity", new_values."created_at", new_values."description_en", new_values."description_fr", new_values."ended", new_values."formal_status", new_values."id", new_values."kind", new_values."mailbox", new_values."merged_into_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."publication", new_values."published_at", new_values."reference", new_values."signed", new_values."tacit_renewal", new_values."valid_until", new_values."verified_on" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."activity" IS DISTINCT FROM (new_values."activity") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."description_en" IS DISTINCT FROM (new_values."description_en") OR old_values."description_fr" IS DISTINCT FROM (new_values."description_fr") OR old_values."ended" IS DISTINCT FROM (new_values."ended") OR old_values."formal_status" IS DISTINCT FROM (new_values."formal_status") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."mailbox" IS DISTINCT FROM (new_values."mailbox") OR old_values."merged_into_id" IS DISTINCT FROM (new_values."merged_into_id") OR old_values."publication" IS DISTINCT FROM (new_values."publication") OR old_values."published_at" IS DISTINCT FROM (new_values."published_at") OR old_values."reference" IS DISTINCT FROM (new_values."reference") OR old_values."signed" IS DISTINCT FROM (new_values."signed") OR old_values."tacit_renewal" IS DISTINCT FROM (new_values."tacit_renewal") OR old_values."valid_until" IS DISTINCT FROM (new_values."valid_until") OR old_values."verified_on" IS DISTINCT FROM (new_values."verified_on")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="c4f312e9ae4007df195a2b4df4dae73c78b334fa",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_6130f",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_agreement",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "agreement",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_agreementevent" ("activity", "created_at", "description_en", "description_fr", "ended", "formal_status", "id", "kind", "mailbox", "merged_into_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "signed", "tacit_renewal", "valid_until", "verified_on") SELECT old_values."activity", old_values."created_at", old_values."description_en", old_values."description_fr", old_values."ended", old_values."formal_status", old_values."id", old_values."kind", old_values."mailbox", old_values."merged_into_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."publication", old_values."published_at", old_values."reference", old_values."signed", old_values."tacit_renewal", old_values."valid_until", old_values."verified_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="1e6587ef4bf6f70f36022b597dac3acfc8cdaf8b",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_7dce8",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_agreement",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "party",
                    pgtrigger.compiler.Trigger(
                        name="party_key_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    UPDATE partnerships_agreement AS agreement SET party_key = fresh.party_key\n    FROM (\n        SELECT touched.agreement_id, coalesce(string_agg(\n            CASE WHEN party.town_id IS NULL THEN 'o' || party.organisation_id ELSE 't' || party.town_id END,\n            ',' ORDER BY party.town_id NULLS LAST, party.organisation_id\n        ), '') AS party_key\n        FROM (SELECT agreement_id FROM new_values GROUP BY 1) AS touched\n        LEFT JOIN partnerships_party AS party ON party.agreement_id = touched.agreement_id\n        GROUP BY touched.agreement_id\n    ) AS fresh\n    WHERE agreement.id = fresh.agreement_id AND agreement.party_key <> fresh.party_key;\n    RETURN NULL;\n",
                            hash="afb2b066462c0574de24cd5f86a5e6dd70b7523b",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_party_key_on_insert_5692a",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_party",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "party",
                    pgtrigger.compiler.Trigger(
                        name="party_key_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    UPDATE partnerships_agreement AS agreement SET party_key = fresh.party_key\n    FROM (\n        SELECT touched.agreement_id, coalesce(string_agg(\n            CASE WHEN party.town_id IS NULL THEN 'o' || party.organisation_id ELSE 't' || party.town_id END,\n            ',' ORDER BY party.town_id NULLS LAST, party.organisation_id\n        ), '') AS party_key\n        FROM (SELECT agreement_id FROM new_values UNION SELECT agreement_id FROM old_values) AS touched\n        LEFT JOIN partnerships_party AS party ON party.agreement_id = touched.agreement_id\n        GROUP BY touched.agreement_id\n    ) AS fresh\n    WHERE agreement.id = fresh.agreement_id AND agreement.party_key <> fresh.party_key;\n    RETURN NULL;\n",
                            hash="45b16fe308e3ae739caf750b3901a3643242b11a",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_party_key_on_update_a2504",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_party",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "party",
                    pgtrigger.compiler.Trigger(
                        name="party_key_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    UPDATE partnerships_agreement AS agreement SET party_key = fresh.party_key\n    FROM (\n        SELECT touched.agreement_id, coalesce(string_agg(\n            CASE WHEN party.town_id IS NULL THEN 'o' || party.organisation_id ELSE 't' || party.town_id END,\n            ',' ORDER BY party.town_id NULLS LAST, party.organisation_id\n        ), '') AS party_key\n        FROM (SELECT agreement_id FROM old_values GROUP BY 1) AS touched\n        LEFT JOIN partnerships_party AS party ON party.agreement_id = touched.agreement_id\n        GROUP BY touched.agreement_id\n    ) AS fresh\n    WHERE agreement.id = fresh.agreement_id AND agreement.party_key <> fresh.party_key;\n    RETURN NULL;\n",
                            hash="966c3f5e3fff8e5419e7d30ff291a25d391fe123",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_party_key_on_delete_f0476",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_party",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "party",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="46b17f89a44ac5843419763fc7fa151d64f14484",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_cca94",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_party",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "party",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM old_values UNION SELECT agreement_id FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="aa870d0e1de6e2815f0b1b911586a7c8024fcc2b",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_a1fea",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_party",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "party",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT agreement_id FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="5d5a99f17ba065110bd45953ca9c893b0cd7ce28",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_80919",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_party",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "party",
                    pgtrigger.compiler.Trigger(
                        name="published_is_complete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            constraint="CONSTRAINT",
                            func="\n            IF EXISTS (\n                SELECT FROM partnerships_agreement AS a\n                WHERE a.id = OLD.agreement_id AND a.publication = 'published' AND (\n                    (SELECT count(*) FROM partnerships_party WHERE agreement_id = a.id) < 2\n                    OR NOT EXISTS (SELECT FROM partnerships_agreementsource WHERE agreement_id = a.id)\n                )\n            ) THEN\n                RAISE EXCEPTION 'A published agreement needs two parties and a source.'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'agreement_published_is_complete';\n            END IF;\n            RETURN NULL;\n        ",
                            hash="3578fbf2c0cfebc099f6dbedaa175861b850d371",
                            operation="UPDATE OR DELETE",
                            pgid="pgtrigger_published_is_complete_81d1f",
                            table="partnerships_party",
                            timing="DEFERRABLE INITIALLY DEFERRED",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "party",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_partyevent" ("agreement_id", "id", "joined", "left", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "role", "town_id") SELECT new_values."agreement_id", new_values."id", new_values."joined", new_values."left", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."position", new_values."role", new_values."town_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="b9a4d628a96e8421a932e9c8783ddc64f376b84f",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_fe592",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_party",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "party",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_partyevent" ("agreement_id", "id", "joined", "left", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "role", "town_id") SELECT new_values."agreement_id", new_values."id", new_values."joined", new_values."left", new_values."organisation_id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."position", new_values."role", new_values."town_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="7c1dea4c2c163e0c58cbe5ba04cf245aedfd3454",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_62584",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_party",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "party",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_partyevent" ("agreement_id", "id", "joined", "left", "organisation_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "position", "role", "town_id") SELECT old_values."agreement_id", old_values."id", old_values."joined", old_values."left", old_values."organisation_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."position", old_values."role", old_values."town_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="e78328b48f2711646ccff39f714c88f7e13e8d86",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_0028f",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_party",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisation",
                    pgtrigger.compiler.Trigger(
                        name="reference_is_immutable",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="472c0ede13900e3642ef1697809ae12f5909d0d5",
                            operation="UPDATE",
                            pgid="pgtrigger_reference_is_immutable_599c2",
                            table="partnerships_organisation",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "organisation",
                    pgtrigger.compiler.Trigger(
                        name="published_at_is_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."published_at" IS NOT NULL AND OLD."published_at" IS DISTINCT FROM (NEW."published_at"))',
                            func="NEW.published_at := OLD.published_at; RETURN NEW;",
                            hash="41caf28755a600c3a42752ad8a86e45fa8d21418",
                            operation="UPDATE",
                            pgid="pgtrigger_published_at_is_kept_12508",
                            table="partnerships_organisation",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "organisation",
                    pgtrigger.compiler.Trigger(
                        name="published_at_is_set",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."publication" = \'published\' AND NEW."published_at" IS NULL)',
                            func="NEW.published_at := now(); RETURN NEW;",
                            hash="d1eb2f4a5fea4d7fae585a27e07ad8a00dabc4c2",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_published_at_is_set_bf004",
                            table="partnerships_organisation",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "organisation",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM new_values AS organisation JOIN partnerships_party AS party ON party.organisation_id = organisation.id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="0aab8fbd3c15688bac3d9653f07132b8cfb16893",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_37d64",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_organisation",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisation",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM old_values AS organisation JOIN partnerships_party AS party ON party.organisation_id = organisation.id UNION SELECT party.agreement_id FROM new_values AS organisation JOIN partnerships_party AS party ON party.organisation_id = organisation.id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="ca628a84e0c4b7fddb31210ed04eb6ff080087b3",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_eab45",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_organisation",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisation",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM old_values AS organisation JOIN partnerships_party AS party ON party.organisation_id = organisation.id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="4b8c35db0dd17d14ed3efaac8674f6d00804e988",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_606dc",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_organisation",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisation",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_organisationevent" ("acronym", "country_id", "created_at", "id", "kind", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "seat_id", "territory_id", "website") SELECT new_values."acronym", new_values."country_id", new_values."created_at", new_values."id", new_values."kind", new_values."merged_into_id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."publication", new_values."published_at", new_values."reference", new_values."seat_id", new_values."territory_id", new_values."website" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="0b1133538d57039e83f06649e3741466fc35ab96",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_3e49a",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_organisation",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisation",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_organisationevent" ("acronym", "country_id", "created_at", "id", "kind", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "seat_id", "territory_id", "website") SELECT new_values."acronym", new_values."country_id", new_values."created_at", new_values."id", new_values."kind", new_values."merged_into_id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."publication", new_values."published_at", new_values."reference", new_values."seat_id", new_values."territory_id", new_values."website" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."acronym" IS DISTINCT FROM (new_values."acronym") OR old_values."country_id" IS DISTINCT FROM (new_values."country_id") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."merged_into_id" IS DISTINCT FROM (new_values."merged_into_id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."publication" IS DISTINCT FROM (new_values."publication") OR old_values."published_at" IS DISTINCT FROM (new_values."published_at") OR old_values."reference" IS DISTINCT FROM (new_values."reference") OR old_values."seat_id" IS DISTINCT FROM (new_values."seat_id") OR old_values."territory_id" IS DISTINCT FROM (new_values."territory_id") OR old_values."website" IS DISTINCT FROM (new_values."website")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="0a5fc02bd2d34e392b1f4e218b8d604a8c1ba3aa",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_789df",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_organisation",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "organisation",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_organisationevent" ("acronym", "country_id", "created_at", "id", "kind", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "publication", "published_at", "reference", "seat_id", "territory_id", "website") SELECT old_values."acronym", old_values."country_id", old_values."created_at", old_values."id", old_values."kind", old_values."merged_into_id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."publication", old_values."published_at", old_values."reference", old_values."seat_id", old_values."territory_id", old_values."website" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="0558ba741de7b3328f0ff0486deec5d04b983e0b",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_04c7a",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_organisation",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "claim",
                    pgtrigger.compiler.Trigger(
                        name="reference_is_immutable",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="e2dfb6df6ea0b4ef9eef918e0ffa2c89f468e786",
                            operation="UPDATE",
                            pgid="pgtrigger_reference_is_immutable_0fe1c",
                            table="partnerships_claim",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "claim",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_claimevent" ("agreement_id", "as_of", "country_id", "figure", "id", "note_en", "note_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "second_source_id", "source_id", "statement_en", "statement_fr", "town_id", "unit", "value", "verdict") SELECT new_values."agreement_id", new_values."as_of", new_values."country_id", new_values."figure", new_values."id", new_values."note_en", new_values."note_fr", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reference", new_values."second_source_id", new_values."source_id", new_values."statement_en", new_values."statement_fr", new_values."town_id", new_values."unit", new_values."value", new_values."verdict" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="6018ee36ad6270f4d0ff41f1bd5c49a4caabe0a9",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_eaf19",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_claim",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "claim",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_claimevent" ("agreement_id", "as_of", "country_id", "figure", "id", "note_en", "note_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "second_source_id", "source_id", "statement_en", "statement_fr", "town_id", "unit", "value", "verdict") SELECT new_values."agreement_id", new_values."as_of", new_values."country_id", new_values."figure", new_values."id", new_values."note_en", new_values."note_fr", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reference", new_values."second_source_id", new_values."source_id", new_values."statement_en", new_values."statement_fr", new_values."town_id", new_values."unit", new_values."value", new_values."verdict" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="25b9ba3b87214a021200f1a594fc59d3e7a9a2ce",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_b7627",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_claim",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "claim",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_claimevent" ("agreement_id", "as_of", "country_id", "figure", "id", "note_en", "note_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reference", "second_source_id", "source_id", "statement_en", "statement_fr", "town_id", "unit", "value", "verdict") SELECT old_values."agreement_id", old_values."as_of", old_values."country_id", old_values."figure", old_values."id", old_values."note_en", old_values."note_fr", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reference", old_values."second_source_id", old_values."source_id", old_values."statement_en", old_values."statement_fr", old_values."town_id", old_values."unit", old_values."value", old_values."verdict" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="e6cb22dcae898fb6aca54a64d52914f4feb557c5",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_00664",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_claim",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "townname",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_townnameevent" ("id", "kind", "language", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "town_id") SELECT new_values."id", new_values."kind", new_values."language", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."town_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="f95844272e960b9f10993f657d0c32a4e80b1cb2",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_fe8ef",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_townname",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "townname",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_townnameevent" ("id", "kind", "language", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "town_id") SELECT new_values."id", new_values."kind", new_values."language", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."town_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."language" IS DISTINCT FROM (new_values."language") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."town_id" IS DISTINCT FROM (new_values."town_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="6dd1c5e07d90db9934a7e967562e1eaa9665340d",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_3cf52",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_townname",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "townname",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_townnameevent" ("id", "kind", "language", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "town_id") SELECT old_values."id", old_values."kind", old_values."language", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."town_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="f428d66f15532b6168566756de8a40fabe50fb9e",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_7a0a3",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_townname",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "townsource",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_townsourceevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id", "town_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."source_id", new_values."town_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="2915e76effb4b7df072220ebd599dc202e68d353",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_52b30",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_townsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "townsource",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_townsourceevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id", "town_id") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."source_id", new_values."town_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="f8bf03d790658a930f0a6cb89299f4ee92edf082",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_53103",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_townsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "townsource",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_townsourceevent" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source_id", "town_id") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."source_id", old_values."town_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="32d122b7e1f8cbf7bb4ca3b7bec9152245e98468",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_8c54c",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_townsource",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="reference_is_immutable",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="4a78e9eb4826e05ef8d7083a5f527cda5d257d1e",
                            operation="UPDATE",
                            pgid="pgtrigger_reference_is_immutable_c5157",
                            table="partnerships_town",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="published_at_is_kept",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."published_at" IS NOT NULL AND OLD."published_at" IS DISTINCT FROM (NEW."published_at"))',
                            func="NEW.published_at := OLD.published_at; RETURN NEW;",
                            hash="1d29e47ba4737bab9917f24bd20760e0179286f1",
                            operation="UPDATE",
                            pgid="pgtrigger_published_at_is_kept_c2e5c",
                            table="partnerships_town",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="published_at_is_set",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (NEW."publication" = \'published\' AND NEW."published_at" IS NULL)',
                            func="NEW.published_at := now(); RETURN NEW;",
                            hash="a7955daac410df8badb527354ff3f2a34305ace6",
                            operation="INSERT OR UPDATE",
                            pgid="pgtrigger_published_at_is_set_5fa03",
                            table="partnerships_town",
                            when="BEFORE",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM new_values AS town JOIN partnerships_party AS party ON party.town_id = town.id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="3ccb9ff971619d4395f36b8bf79cfa91649ea157",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_a8e90",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_town",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM old_values AS town JOIN partnerships_party AS party ON party.town_id = town.id UNION SELECT party.agreement_id FROM new_values AS town JOIN partnerships_party AS party ON party.town_id = town.id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="83983409e4526cd3a0c3ae0582fb3f24d868f2b3",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_4214f",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_town",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT party.agreement_id FROM old_values AS town JOIN partnerships_party AS party ON party.town_id = town.id) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="7d498903250ff80371643b748ffdff561eafa474",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_4e9b2",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_town",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="report_town_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'towns', record FROM (SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="608eb142933474d78cf2871fc6b99585724f55db",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_town_on_insert_40b1b",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_town",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="report_town_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'towns', record FROM (SELECT 0 FROM old_values UNION SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="696485ec73fea6c9dab262d0e2608c349543331b",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_town_on_update_726b3",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_town",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="report_town_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'towns', record FROM (SELECT 0 FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="c0953a24ea537c89249b6ec9c710355a971c2514",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_town_on_delete_bdc53",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_town",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_townevent" ("coordinates_precision", "country_id", "created_at", "geonames", "governs_id", "id", "insee", "latitude", "level", "longitude", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "population", "publication", "published_at", "reference", "territory_id", "website", "wikidata") SELECT new_values."coordinates_precision", new_values."country_id", new_values."created_at", new_values."geonames", new_values."governs_id", new_values."id", new_values."insee", new_values."latitude", new_values."level", new_values."longitude", new_values."merged_into_id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."population", new_values."publication", new_values."published_at", new_values."reference", new_values."territory_id", new_values."website", new_values."wikidata" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="257472c0b4ab83e46277f123aacbbbf43d3474eb",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_1254f",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_town",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_townevent" ("coordinates_precision", "country_id", "created_at", "geonames", "governs_id", "id", "insee", "latitude", "level", "longitude", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "population", "publication", "published_at", "reference", "territory_id", "website", "wikidata") SELECT new_values."coordinates_precision", new_values."country_id", new_values."created_at", new_values."geonames", new_values."governs_id", new_values."id", new_values."insee", new_values."latitude", new_values."level", new_values."longitude", new_values."merged_into_id", new_values."name", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."population", new_values."publication", new_values."published_at", new_values."reference", new_values."territory_id", new_values."website", new_values."wikidata" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."coordinates_precision" IS DISTINCT FROM (new_values."coordinates_precision") OR old_values."country_id" IS DISTINCT FROM (new_values."country_id") OR old_values."created_at" IS DISTINCT FROM (new_values."created_at") OR old_values."geonames" IS DISTINCT FROM (new_values."geonames") OR old_values."governs_id" IS DISTINCT FROM (new_values."governs_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."insee" IS DISTINCT FROM (new_values."insee") OR old_values."latitude" IS DISTINCT FROM (new_values."latitude") OR old_values."level" IS DISTINCT FROM (new_values."level") OR old_values."longitude" IS DISTINCT FROM (new_values."longitude") OR old_values."merged_into_id" IS DISTINCT FROM (new_values."merged_into_id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."population" IS DISTINCT FROM (new_values."population") OR old_values."publication" IS DISTINCT FROM (new_values."publication") OR old_values."published_at" IS DISTINCT FROM (new_values."published_at") OR old_values."reference" IS DISTINCT FROM (new_values."reference") OR old_values."territory_id" IS DISTINCT FROM (new_values."territory_id") OR old_values."website" IS DISTINCT FROM (new_values."website") OR old_values."wikidata" IS DISTINCT FROM (new_values."wikidata")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="1d0cf36fc680dfc5f1bfba128e4c7787208f48d9",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_3eab8",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_town",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "town",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_townevent" ("coordinates_precision", "country_id", "created_at", "geonames", "governs_id", "id", "insee", "latitude", "level", "longitude", "merged_into_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "population", "publication", "published_at", "reference", "territory_id", "website", "wikidata") SELECT old_values."coordinates_precision", old_values."country_id", old_values."created_at", old_values."geonames", old_values."governs_id", old_values."id", old_values."insee", old_values."latitude", old_values."level", old_values."longitude", old_values."merged_into_id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."population", old_values."publication", old_values."published_at", old_values."reference", old_values."territory_id", old_values."website", old_values."wikidata" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="b89e6363b4ed1222622ee94577d2fef6dfe22e6a",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_78df9",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_town",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "zonecountry",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="27da626385045e4afc3de3268aad27702b112e11",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_31840",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_zonecountry",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "zonecountry",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT 0 FROM old_values UNION SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="14ed3b7f54e99405036c8dc2f65f6c8a98af1c3f",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_c6fe8",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_zonecountry",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "zonecountry",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'agreements', record FROM (SELECT 0 FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="0d883ebfb9a1f578c9e371386d613310aad4c0dd",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_a5eed",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_zonecountry",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "zonecountry",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_zonecountryevent" ("country_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_en", "reason_fr", "source_id", "zone_id") SELECT new_values."country_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason_en", new_values."reason_fr", new_values."source_id", new_values."zone_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="2610dafe8dfcd71f63919a78a9e761190e5b5893",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_c092a",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_zonecountry",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "zonecountry",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_zonecountryevent" ("country_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_en", "reason_fr", "source_id", "zone_id") SELECT new_values."country_id", new_values."id", _pgh_attached_context.value, NOW(), \'update\', new_values."id", new_values."reason_en", new_values."reason_fr", new_values."source_id", new_values."zone_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="92a7e9737e5a30631c45e50a255af9e226d3c330",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_fdbbe",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_zonecountry",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "zonecountry",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_zonecountryevent" ("country_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason_en", "reason_fr", "source_id", "zone_id") SELECT old_values."country_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason_en", old_values."reason_fr", old_values."source_id", old_values."zone_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="bf1b8723e1072572b4ae4ce32c0bd99be0643485",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_add57",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_zonecountry",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "cooperationzone",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="96fdf111f45315d231aa4b29c0dbb95a261dcaa3",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_report_change_on_insert_d7920",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_cooperationzone",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "cooperationzone",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values UNION SELECT 0 FROM new_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="4dacb516025502310cc1fcadab26a53ed6cf7e29",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_report_change_on_update_89861",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_cooperationzone",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "cooperationzone",
                    pgtrigger.compiler.Trigger(
                        name="report_change_on_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func="\n    INSERT INTO coopdir_change (subject, record)\n    SELECT DISTINCT 'labels', record FROM (SELECT 0 FROM old_values) AS touched (record) WHERE record IS NOT NULL;\n    RETURN NULL;\n",
                            hash="c5bf7ff574e127cafd791f374c87b92fb2875911",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_report_change_on_delete_f7215",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_cooperationzone",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "cooperationzone",
                    pgtrigger.compiler.Trigger(
                        name="insert_insert",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_cooperationzoneevent" ("code", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."name_en", new_values."name_fr", _pgh_attached_context.value, NOW(), \'insert\', new_values."code" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="ca37e0c0ca1e11ee7bfd3c658d4a64b01b8857f2",
                            level="STATEMENT",
                            operation="INSERT",
                            pgid="pgtrigger_insert_insert_8e12f",
                            referencing="REFERENCING NEW TABLE AS new_values ",
                            table="partnerships_cooperationzone",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "cooperationzone",
                    pgtrigger.compiler.Trigger(
                        name="update_update",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_cooperationzoneevent" ("code", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."name_en", new_values."name_fr", _pgh_attached_context.value, NOW(), \'update\', new_values."code" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."code") = (new_values."code") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                            hash="201fa51642839c005bf91f3a8c60aea92d440e8a",
                            level="STATEMENT",
                            operation="UPDATE",
                            pgid="pgtrigger_update_update_cdbf8",
                            referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                            table="partnerships_cooperationzone",
                            when="AFTER",
                        ),
                    ),
                ),
                (
                    "cooperationzone",
                    pgtrigger.compiler.Trigger(
                        name="delete_delete",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "partnerships_cooperationzoneevent" ("code", "name_en", "name_fr", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."code", old_values."name_en", old_values."name_fr", _pgh_attached_context.value, NOW(), \'delete\', old_values."code" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                            hash="c55d2092f747dc93b642fdf5605bcd2944435af7",
                            level="STATEMENT",
                            operation="DELETE",
                            pgid="pgtrigger_delete_delete_4ce3f",
                            referencing="REFERENCING OLD TABLE AS old_values ",
                            table="partnerships_cooperationzone",
                            when="AFTER",
                        ),
                    ),
                ),
            ],
        ),
    ]
