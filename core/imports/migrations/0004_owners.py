"""Profiles belong to somebody or to everybody, and verdicts on names hold for territories."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

DECISIONS = [
    ("record", "this record"),
    ("place", "this place"),
    ("new", "a new record"),
    ("other", "something of another kind"),
    ("skip", "leave its rows out"),
    ("ask", "ask me, whatever others decided"),
]

# What administrators saved was offered to everybody, and stays so.
SHARE = """
UPDATE imports_importprofile SET user_id = NULL
WHERE user_id IN (SELECT id FROM auth_user WHERE is_superuser)
"""
# Once a name was there once for each kind of rows: of several the first keeps it.
NAME_APART = """
UPDATE imports_importprofile AS one SET name = left(one.name, 100 - length(' #' || one.id)) || ' #' || one.id
WHERE EXISTS (
    SELECT FROM imports_importprofile AS other
    WHERE other.resource = one.resource AND other.name = one.name AND other.id < one.id
)
"""
# What an administrator decided, or somebody whose account is gone, goes on holding everywhere; what an officer decided,
# for the territories that they publish in, or else did.
REACH = """
UPDATE imports_matchverdict AS verdict SET scope = coalesce(
    (SELECT array_agg(DISTINCT territory_id) FROM partnerships_mandate AS mandate
     WHERE mandate.user_id = verdict.user_id AND role IN ('officer', 'coordinator')
        AND (since IS NULL OR since <= current_date) AND (until IS NULL OR until >= current_date)),
    (SELECT array_agg(DISTINCT territory_id) FROM partnerships_mandate AS mandate
     WHERE mandate.user_id = verdict.user_id AND role IN ('officer', 'coordinator')),
    '{}'
)
WHERE user_id IN (SELECT id FROM auth_user WHERE NOT is_superuser)
"""
# Back to one verdict on a name: the one that holds everywhere, else the last.
ONE_A_NAME = """
UPDATE imports_matchverdict SET revoked_at = now(), decision = 'skip' WHERE decision = 'ask' AND revoked_at IS NULL;
UPDATE imports_matchverdict SET decision = 'skip' WHERE decision = 'ask';
UPDATE imports_matchverdict AS verdict SET revoked_at = now()
FROM (
    SELECT id, row_number() OVER (PARTITION BY key ORDER BY scope IS NOT NULL, decided_at DESC, id DESC) AS rank
    FROM imports_matchverdict WHERE revoked_at IS NULL
) AS ranked
WHERE ranked.id = verdict.id AND ranked.rank > 1
"""


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0003_other_kinds"),
        ("partnerships", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # Profiles
        migrations.RemoveConstraint(model_name="importprofile", name="importprofile_once"),
        migrations.AlterModelOptions(
            name="importprofile",
            options={
                "ordering": ["name", "id"],
                "verbose_name": "import profile",
                "verbose_name_plural": "import profiles",
            },
        ),
        migrations.AlterField(
            model_name="importprofile",
            name="user",
            field=models.ForeignKey(
                blank=True,
                help_text="Empty: shared with everybody who imports.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                to=settings.AUTH_USER_MODEL,
                verbose_name="owner",
            ),
        ),
        migrations.RunSQL(SHARE, NAME_APART),
        migrations.AddConstraint(
            model_name="importprofile",
            constraint=models.UniqueConstraint(
                fields=("resource", "name", "user"), name="importprofile_once", nulls_distinct=False
            ),
        ),
        # Verdicts
        migrations.RemoveConstraint(model_name="matchverdict", name="matchverdict_once"),
        migrations.RemoveConstraint(model_name="matchverdict", name="matchverdict_decision_is_known"),
        migrations.AlterField(
            model_name="matchverdict",
            name="decision",
            field=models.CharField(choices=DECISIONS, max_length=12, verbose_name="decision"),
        ),
        migrations.AddField(
            model_name="matchverdict",
            name="scope",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.TextField(),
                blank=True,
                null=True,
                size=None,
                verbose_name="areas it holds for",
            ),
        ),
        migrations.RunSQL(REACH, ONE_A_NAME),
        migrations.AddConstraint(
            model_name="matchverdict",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", [name for name, _label in DECISIONS])),
                name="matchverdict_decision_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchverdict",
            constraint=models.UniqueConstraint(
                condition=models.Q(("revoked_at", None)), fields=("key", "user"), name="matchverdict_once"
            ),
        ),
        migrations.AddField(
            model_name="importname",
            name="verdict",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="imports.matchverdict",
                verbose_name="decided by",
            ),
        ),
    ]
