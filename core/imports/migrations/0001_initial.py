import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
from django.conf import settings
from django.db import migrations, models

import core.dates
import core.fields
import core.history


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "__first__"),
        ("coopdir", "0001_functions"),
    ]

    operations = [
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
                        default=dict, help_text="Mapping, constants and format used.", verbose_name="options"
                    ),
                ),
                ("counts", models.JSONField(default=dict, verbose_name="rows by outcome")),
                (
                    "status",
                    models.CharField(
                        choices=[("applied", "applied"), ("failed", "failed")],
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
                        condition=models.Q(("status__in", ["applied", "failed"])), name="importbatch_status_is_known"
                    ),
                ],
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
