import pgtrigger.compiler
from django.db import migrations

from core.history import InstallTriggers


class Migration(migrations.Migration):
    dependencies = [
        ("partnerships", "0002_editing"),
    ]

    operations = [
        InstallTriggers(
            [
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
            ]
        ),
    ]
