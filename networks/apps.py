from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NetworksConfig(AppConfig):
    """City networks, support bodies and the history of the field."""

    name = "networks"
    verbose_name = _("networks")
