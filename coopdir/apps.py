"""App configuration of `coopdir`: pages and commands that span the domain apps."""

from django.apps import AppConfig


class RoofConfig(AppConfig):
    """App configuration of `coopdir`, without models; `core` has the label `coopdir`, with which its migrations were
    applied."""

    name = "coopdir"
    label = "roof"
    verbose_name = "CoopDir"
