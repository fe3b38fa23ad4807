"""When a record was first published becomes a column, in place of what could be guessed of its state.

Of what is there it is told by its history: the time of the first event in which it was published. The events from then
on say so too, so that an import that is taken back restores it. The rows are written without their triggers: what is
added to them is no change of theirs.
"""

import pgtrigger.compiler
from django.db import migrations, models

from core.history import InstallTriggers


def first_published(*tables: str) -> list[migrations.RunSQL]:
    """What fills the column of some tables and their events. What is published and older than its history is taken to
    be so since it was entered."""
    return [migrations.RunSQL(FIRST_PUBLISHED.format(table=table), migrations.RunSQL.noop) for table in tables]


FIRST_PUBLISHED = """
    ALTER TABLE {table} DISABLE TRIGGER USER;
    CREATE TEMPORARY TABLE first_published ON COMMIT DROP AS
        SELECT pgh_obj_id AS id, min(pgh_id) AS event, min(pgh_created_at) AS at
        FROM {table}event WHERE publication = 'published' GROUP BY 1;
    UPDATE {table}event AS event SET published_at = at
        FROM first_published AS first WHERE event.pgh_obj_id = first.id AND event.pgh_id >= first.event;
    UPDATE {table} AS record SET published_at = coalesce(at, own.created_at)
        FROM {table} AS own LEFT JOIN first_published AS first USING (id)
        WHERE own.id = record.id AND (at IS NOT NULL OR own.publication = 'published');
    DROP TABLE first_published;
    ALTER TABLE {table} ENABLE TRIGGER USER;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("partnerships", "0007_outbox"),
    ]

    operations = [
        migrations.AddField(
            model_name="agreement",
            name="published_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                null=True,
                verbose_name="first published on",
            ),
        ),
        migrations.AddField(
            model_name="agreementevent",
            name="published_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                null=True,
                verbose_name="first published on",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="published_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                null=True,
                verbose_name="first published on",
            ),
        ),
        migrations.AddField(
            model_name="organisationevent",
            name="published_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                null=True,
                verbose_name="first published on",
            ),
        ),
        migrations.AddField(
            model_name="town",
            name="published_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                null=True,
                verbose_name="first published on",
            ),
        ),
        migrations.AddField(
            model_name="townevent",
            name="published_at",
            field=models.DateTimeField(
                editable=False,
                help_text="When it was first public; empty if it never was. The database sets it, and keeps it for ever.",
                null=True,
                verbose_name="first published on",
            ),
        ),
        *first_published("partnerships_agreement", "partnerships_town", "partnerships_organisation"),
        InstallTriggers(
            [
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
            ]
        ),
        migrations.AddConstraint(
            model_name="agreement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("publication", "published"), _negated=True),
                    ("published_at__isnull", False),
                    _connector="OR",
                ),
                name="agreement_published_has_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("publication", "published"), _negated=True),
                    ("published_at__isnull", False),
                    _connector="OR",
                ),
                name="organisation_published_has_a_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="town",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("publication", "published"), _negated=True),
                    ("published_at__isnull", False),
                    _connector="OR",
                ),
                name="town_published_has_a_date",
            ),
        ),
    ]
