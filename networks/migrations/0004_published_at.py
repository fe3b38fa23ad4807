"""When a record was first published becomes a column: see the migration of partnerships."""

from importlib import import_module

import pgtrigger.compiler
from django.db import migrations, models

from core.history import InstallTriggers

first_published = import_module("partnerships.migrations.0005_published_at").first_published


class Migration(migrations.Migration):
    dependencies = [
        ("networks", "0003_event_times"),
        ("partnerships", "0005_published_at"),
    ]

    operations = [
        migrations.AddField(
            model_name="network",
            name="published_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                null=True,
                verbose_name="first published on",
            ),
        ),
        migrations.AddField(
            model_name="networkevent",
            name="published_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                null=True,
                verbose_name="first published on",
            ),
        ),
        migrations.AddField(
            model_name="supportbody",
            name="published_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                null=True,
                verbose_name="first published on",
            ),
        ),
        migrations.AddField(
            model_name="supportbodyevent",
            name="published_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                null=True,
                verbose_name="first published on",
            ),
        ),
        *first_published("networks_network", "networks_supportbody"),
        InstallTriggers(
            [
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
            ]
        ),
        migrations.AddConstraint(
            model_name="network",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("publication", "published"), _negated=True),
                    ("published_at__isnull", False),
                    _connector="OR",
                ),
                name="network_published_has_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="supportbody",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("publication", "published"), _negated=True),
                    ("published_at__isnull", False),
                    _connector="OR",
                ),
                name="supportbody_published_has_a_date",
            ),
        ),
    ]
