"""An index for the question which changes an import made: history keeps the batch among a context's metadata."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("coopdir", "0002_changes"), ("pghistory", "0007_auto_20250421_0444")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX coopdir_context_batch ON pghistory_context ((metadata ->> 'batch'))",
            "DROP INDEX coopdir_context_batch",
        )
    ]
