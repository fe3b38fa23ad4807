"""`manage.py makemessages`: Django's own, which also knows the short name that layouts give ``gettext_lazy``."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Finds ``_l("…")`` too: the meanings of columns stand in it."""

    xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=_l"]
