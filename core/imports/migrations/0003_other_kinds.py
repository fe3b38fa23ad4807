"""A decision that a name stands for something of another kind has a name that fits all layouts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_pipeline")]

    operations = [
        migrations.RemoveConstraint(model_name="matchverdict", name="matchverdict_decision_is_known"),
        migrations.RunSQL(
            "UPDATE imports_matchverdict SET decision = 'other' WHERE decision = 'organisation'",
            "UPDATE imports_matchverdict SET decision = 'organisation' WHERE decision = 'other'",
        ),
        migrations.AlterField(
            model_name="matchverdict",
            name="decision",
            field=models.CharField(
                choices=[
                    ("record", "this record"),
                    ("place", "this place"),
                    ("new", "a new record"),
                    ("other", "something of another kind"),
                    ("skip", "leave its rows out"),
                ],
                max_length=12,
                verbose_name="decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchverdict",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["record", "place", "new", "other", "skip"])),
                name="matchverdict_decision_is_known",
            ),
        ),
    ]
