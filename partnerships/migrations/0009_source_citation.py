from typing import Any

from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import MD5, Coalesce


def _told_apart(apps: Any, schema_editor: Any) -> None:
    """Back: sources of the same title and address, which may be from now on, are told apart by their reference."""
    model = apps.get_model("partnerships", "Source")
    seen = set()
    for source in model.objects.order_by("pk").iterator():
        key = (source.title, source.url)
        if key in seen:
            source.title = f"{source.title[:280]} ({source.reference})"
            source.save(update_fields=["title"])
        seen.add((source.title, source.url))


class Migration(migrations.Migration):
    """A source is known by all of its citation."""

    dependencies = [
        ("partnerships", "0008_confirmation_route"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="source", name="source_title_and_url"),
        migrations.AddConstraint(
            model_name="source",
            constraint=models.UniqueConstraint(
                MD5("title"),
                MD5("url"),
                MD5("publisher"),
                Coalesce("date", Value("")),
                models.F("licence"),
                name="source_citation",
                violation_error_message="This source is already here.",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, _told_apart),
    ]
