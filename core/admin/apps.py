"""The administration as an application; apart from `core.admin.site`, which needs the models to be loaded."""

from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    """Django's admin with the directory's own site."""

    default_site = "core.admin.site.DirectorySite"
