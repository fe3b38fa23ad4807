from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    """Bulk import: files, their plan and their result."""

    name = "coopdir.imports"
    label = "imports"
    verbose_name = _("imports")
