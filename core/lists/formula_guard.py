"""The formula guard: cells of exported files that a spreadsheet would run are marked as text, and read back unchanged.

A text that begins like a formula gets an apostrophe before it, which spreadsheets take for the mark of a text. Numbers,
degrees and telephone numbers begin like that too and are harmless: they stay. The characters are those that OWASP names
under "CSV Injection".
"""

import re

TEXT_MARK = "'"
"""Character that spreadsheets take for the mark of a text."""

STARTS = "=+-@\t\r\n＝＋－＠"
"""Characters that a formula may begin with; East Asian versions of spreadsheets take the wide forms too."""

HARMLESS = re.compile(r"[-+]?[0-9][0-9.,]*(e[-+]?[0-9]{1,3})?|\+[0-9][0-9 ().\u00a0\u202f]*", re.IGNORECASE | re.ASCII)
"""Numbers, and telephone numbers as they are written internationally."""
HARMLESS_SQL = r"^([-+]?[0-9][0-9.,]*([eE][-+]?[0-9]{1,3})?|\+[0-9][0-9 ().\u00a0\u202f]*)$"
"""The pattern `HARMLESS` for PostgreSQL."""


def dangerous(text: str) -> bool:
    """True if a spreadsheet may run a text, or if the text itself looks like a guarded one."""
    body = text.lstrip("'")
    return body[:1] in STARTS and body != "" and not HARMLESS.fullmatch(body)


def guard(text: str) -> str:
    """A text as a cell of an exported file holds it."""
    return f"'{text}" if dangerous(text) else text


def unguard(text: str) -> str:
    """The text that a cell means: the inverse of `guard`, which changes nothing that `guard` would not have made."""
    return text[1:] if text.startswith("'") and dangerous(text[1:]) else text
