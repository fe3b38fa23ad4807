from django.db import migrations, models


class Migration(migrations.Migration):
    """Another label; the database holds nothing of it."""

    dependencies = [
        ("partnerships", "0005_published_at"),
    ]

    operations = [
        migrations.AlterField(
            model_name="confirmation",
            name="route",
            field=models.CharField(
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
    ]
