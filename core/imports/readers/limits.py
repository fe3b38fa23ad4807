"""Limits of tables, and the exception for a file that is none: what the readers of text files and workbooks share.

Nothing here needs Django, so that a process which only reads a file starts in milliseconds.
"""

from collections.abc import Callable
from typing import Any

from core.text import clean

MOST_COLUMNS = 1300
"""Columns that a file may have: a record of 99 members, with a dozen columns each, has some 1,200."""

MOST_IN_A_ROW = 10_000_000
"""Characters that a row may have; a longer one is a file whose line ends or quotation marks are not what they seem."""

BLOCK_SIZE = 1 << 20
"""Bytes of a file that are looked at together."""


def gettext_noop(message: str) -> str:
    """The message as it is, marked for translation: `Unreadable` translates it when it is shown.

    It has the name of Django's, which `makemessages` looks for; Django itself is not there in the readers' processes.
    """
    return message


class Unreadable(Exception):
    """The file cannot be read as a table; the message says where and why, for the person who brought it.

    `message` is English, `told` what stands in its places: a dictionary (``%(line)s``) or a tuple (``%s``). With
    Django, ``str()`` gives it in the language of whoever reads it.
    """

    translate: Callable[[str], str] = staticmethod(str)
    """Set to ``gettext`` by the application; a process without Django leaves the message as it is."""

    def __init__(self, message: str, *values: object, **told: object) -> None:
        super().__init__(message, *values)
        self.message = message
        self.told = told or values

    @classmethod
    def of(cls, message: str, told: Any) -> "Unreadable":
        """The exception of these parts, which another process told."""
        return cls(message, **told) if isinstance(told, dict) else cls(message, *told)

    def __str__(self) -> str:
        message = type(self).translate(self.message)
        return message % self.told if self.told else message


DOCUMENT = gettext_noop("This is a text document, not a table: save the table in it as CSV.")

TOO_DEAR = gettext_noop(
    "The file takes more time or memory to read than a table of its size should: open it in its program and save the"
    " table as CSV."
)

BUSY_MESSAGE = gettext_noop(
    "Other files are being read: the site reads a few at once, two of one person at most. Please send this one again in"
    " a moment."
)

UNREADABLE = gettext_noop("The file cannot be read as a table: open it in its program and save the table as CSV.")


def tidy(text: str) -> str:
    """A cell as text (`clean`), without the spaces, of whatever kind, and byte order marks around it."""
    text = clean(text).strip()
    return text.strip("\ufeff").strip() if "\ufeff" in text else text
