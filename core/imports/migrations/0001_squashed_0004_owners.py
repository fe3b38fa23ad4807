"""The tables of imports, in place of 0001 to 0004."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import core.dates
import core.fields
import core.history


class Migration(migrations.Migration):
    replaces = [
        ("imports", "0001_initial"),
        ("imports", "0002_pipeline"),
        ("imports", "0003_other_kinds"),
        ("imports", "0004_owners"),
    ]
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("coopdir", "0001_squashed_0003_batch_of_context"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportProgress",
            fields=[
                ("batch", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="batch")),
                ("phase", models.CharField(blank=True, max_length=20, verbose_name="phase")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="done")),
                ("total", models.PositiveIntegerField(default=0, verbose_name="of")),
                ("cancelled", models.BooleanField(default=False, verbose_name="to be cancelled")),
            ],
            options={
                "verbose_name": "progress of an import",
                "verbose_name_plural": "progress of imports",
                "ordering": ["batch"],
            },
        ),
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reference", core.fields.ReferenceField(prefix="I")),
                ("resource", models.CharField(max_length=40, verbose_name="kind of rows")),
                ("file_name", models.CharField(max_length=255, verbose_name="file")),
                ("sha256", models.CharField(db_index=True, max_length=64, verbose_name="SHA-256 of the file")),
                ("source_title", models.CharField(max_length=300, verbose_name="title of the source")),
                ("source_publisher", models.CharField(blank=True, max_length=300, verbose_name="publisher")),
                (
                    "source_date",
                    core.dates.PartialDateField(
                        blank=True, max_length=10, null=True, verbose_name="date of the source"
                    ),
                ),
                ("source_url", models.URLField(blank=True, max_length=500, verbose_name="address of the source")),
                ("source_licence", models.CharField(max_length=60, verbose_name="licence of the source")),
                (
                    "options",
                    models.JSONField(
                        default=dict,
                        help_text="How the file is read: mapping, constants, values, delimiter, encoding, sheet; and what is allowed.",
                        verbose_name="options",
                    ),
                ),
                ("counts", models.JSONField(default=dict, verbose_name="rows by outcome")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("uploaded", "uploaded"),
                            ("planning", "being planned"),
                            ("planned", "planned"),
                            ("applying", "being applied"),
                            ("applied", "applied"),
                            ("failed", "failed"),
                            ("cancelled", "cancelled"),
                            ("undoing", "being undone"),
                            ("undone", "undone"),
                        ],
                        default="applied",
                        max_length=10,
                        verbose_name="status",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="imported on"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="imported by",
                    ),
                ),
                ("applied_at", models.DateTimeField(blank=True, editable=False, null=True, verbose_name="applied on")),
                (
                    "file",
                    models.FileField(blank=True, max_length=300, upload_to="imports/%Y", verbose_name="kept file"),
                ),
                (
                    "headers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), blank=True, default=list, size=None, verbose_name="headers"
                    ),
                ),
                ("message", models.TextField(blank=True, verbose_name="what happened")),
            ],
            options={
                "verbose_name": "import batch",
                "verbose_name_plural": "import batches",
                "ordering": ["-created_at"],
                "constraints": [
                    models.CheckConstraint(
                        condition=core.dates.IsPartialDate(models.F("source_date")),
                        name="importbatch_source_date_is_a_date",
                        violation_error_message="A date is a year, a month or a day that exists in the calendar.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "status__in",
                                [
                                    "uploaded",
                                    "planning",
                                    "planned",
                                    "applying",
                                    "applied",
                                    "failed",
                                    "cancelled",
                                    "undoing",
                                    "undone",
                                ],
                            )
                        ),
                        name="importbatch_status_is_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportProfile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, verbose_name="name")),
                ("resource", models.CharField(max_length=40, verbose_name="kind of rows")),
                (
                    "headers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None, verbose_name="headers"
                    ),
                ),
                ("options", models.JSONField(default=dict, verbose_name="options")),
                ("saved_at", models.DateTimeField(auto_now=True, verbose_name="saved on")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: shared with everybody who imports.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
            ],
            options={
                "verbose_name": "import profile",
                "verbose_name_plural": "import profiles",
                "ordering": ["name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("resource", "name", "user"), name="importprofile_once", nulls_distinct=False
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.PositiveIntegerField(verbose_name="line")),
                (
                    "raw",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), size=None, verbose_name="cells"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("created", "created"),
                            ("updated", "updated"),
                            ("unchanged", "unchanged"),
                            ("duplicate", "duplicate"),
                            ("question", "needs a decision"),
                            ("refused", "refused"),
                        ],
                        max_length=10,
                        verbose_name="outcome",
                    ),
                ),
                ("faults", models.JSONField(default=list, verbose_name="faults")),
                ("changes", models.JSONField(default=list, verbose_name="changes")),
                ("record", models.CharField(blank=True, max_length=40, null=True, verbose_name="key of the record")),
                ("twin", models.PositiveIntegerField(blank=True, null=True, verbose_name="line that it repeats")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="imports.importbatch",
                        verbose_name="batch",
                    ),
                ),
            ],
            options={
                "verbose_name": "row of an import",
                "verbose_name_plural": "rows of imports",
                "ordering": ["batch", "line"],
                "indexes": [models.Index(fields=["batch", "outcome", "line"], name="importrow_outcome")],
                "constraints": [models.UniqueConstraint(fields=("batch", "line"), name="importrow_once")],
            },
        ),
        migrations.CreateModel(
            name="MatchVerdict",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=32, verbose_name="key")),
                ("said", models.JSONField(verbose_name="what is said")),
                (
                    "decision",
                    models.CharField(
                        choices=[
                            ("record", "this record"),
                            ("place", "this place"),
                            ("new", "a new record"),
                            ("other", "something of another kind"),
                            ("skip", "leave its rows out"),
                            ("ask", "ask me, whatever others decided"),
                        ],
                        max_length=12,
                        verbose_name="decision",
                    ),
                ),
                ("target", models.CharField(blank=True, max_length=40, verbose_name="stands for")),
                ("title", models.CharField(blank=True, max_length=300, verbose_name="name of the record")),
                (
                    "decided_at",
                    models.DateTimeField(
                        db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name="decided on"
                    ),
                ),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked on")),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
                (
                    "scope",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="areas it holds for",
                    ),
                ),
            ],
            options={
                "verbose_name": "verdict on a name",
                "verbose_name_plural": "verdicts on names",
                "ordering": ["-decided_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ["record", "place", "new", "other", "skip", "ask"])),
                        name="matchverdict_decision_is_known",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("revoked_at", None)), fields=("key", "user"), name="matchverdict_once"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportName",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=32, verbose_name="key")),
                ("said", models.JSONField(verbose_name="what is said")),
                ("normalised", models.TextField(blank=True, verbose_name="normalised")),
                ("rows", models.PositiveIntegerField(default=0, verbose_name="rows")),
                ("target", models.CharField(blank=True, max_length=40, verbose_name="stands for")),
                ("title", models.CharField(blank=True, max_length=300, verbose_name="name of the record")),
                ("made", models.JSONField(blank=True, null=True, verbose_name="new record")),
                ("question", models.BooleanField(default=False, verbose_name="needs a decision")),
                ("reason", models.TextField(blank=True, verbose_name="reason")),
                ("candidates", models.JSONField(default=list, verbose_name="candidates")),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="names",
                        to="imports.importbatch",
                        verbose_name="batch",
                    ),
                ),
                (
                    "verdict",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="imports.matchverdict",
                        verbose_name="decided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "name in an import",
                "verbose_name_plural": "names in imports",
                "ordering": ["batch", "normalised", "key"],
                "indexes": [models.Index(fields=["batch", "question", "normalised"], name="importname_question")],
                "constraints": [models.UniqueConstraint(fields=("batch", "key"), name="importname_once")],
            },
        ),
        core.history.InstallTriggers(
            triggers=[
                (
                    "importbatch",
                    pgtrigger.compiler.Trigger(
                        name="reference_is_immutable",
                        sql=pgtrigger.compiler.UpsertTriggerSql(
                            condition='WHEN (OLD."reference" IS DISTINCT FROM (NEW."reference"))',
                            func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;",
                            hash="b9f3cfc9cba1200edb0739805bab05098b888a0f",
                            operation="UPDATE",
                            pgid="pgtrigger_reference_is_immutable_be0f9",
                            table="imports_importbatch",
                            when="BEFORE",
                        ),
                    ),
                )
            ],
        ),
    ]
