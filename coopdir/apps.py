"""The roof as a Django application: pages and commands that span the domain apps."""

from django.apps import AppConfig


class RoofConfig(AppConfig):
    """Holds no models: the label of before is that of `core`, whose migrations were applied under it."""

    name = "coopdir"
    label = "roof"
    verbose_name = "CoopDir"
