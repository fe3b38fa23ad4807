"""`manage.py makemessages`: Django's own, which also knows the short name that layouts give ``gettext_lazy``."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Command that also extracts ``_l("…")``: the meanings of columns."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_l"]
