from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnershipsConfig(AppConfig):
    """Places, agreements and the mandates of those who keep them."""

    name = "partnerships"
    verbose_name = _("partnerships")
    index_modules = ("agreements.facets",)
    """Modules in which a `LiveIndex` stands."""
