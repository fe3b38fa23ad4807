from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("partnerships", "0004_tokens"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="ended_by",
            field=models.CharField(
                blank=True,
                choices=[
                    ("owner", "revoked by its owner"),
                    ("password", "the password was changed"),
                    ("mandate", "the mandate ended or changed"),
                    ("account", "the account was closed"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=10,
                verbose_name="ended by",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_by__in", ["", "owner", "password", "mandate", "account"])),
                name="token_ended_by_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="apitoken",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_by", ""), ("revoked_at__isnull", False), _connector="OR"),
                name="token_ended_on_a_day",
            ),
        ),
    ]
