from django.apps import AppConfig
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .readers.limits import Unreadable


class ImportsConfig(AppConfig):
    """Bulk import: files, their plan and their result."""

    name = "core.imports"
    label = "imports"
    verbose_name = _("imports")

    def ready(self) -> None:
        """Django's hook: what is wrong with a file is said in the reader's language."""
        Unreadable.translate = staticmethod(gettext)
