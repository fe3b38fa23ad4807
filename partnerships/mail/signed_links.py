"""Keys to pages that need no account: the number of a row, signed, so that nobody can guess another's.

Each kind has a salt of its own: a key to one kind of page opens no other. When a key expires stands in its row.
"""

from django.core import signing


class Keyring:
    """The keys of one kind of page."""

    def __init__(self, name: str) -> None:
        self._signer = signing.Signer(salt=f"coopdir.{name}", sep=".")

    def key(self, number: int) -> str:
        """The key of a row, to be put in an address."""
        return self._signer.sign(str(number))

    def number(self, key: str) -> int | None:
        """The row that a key is of; None where we did not make it."""
        try:
            return int(self._signer.unsign(key))
        except (signing.BadSignature, ValueError):
            return None


PROPOSAL = Keyring("proposal")
CONFIRMATION = Keyring("confirmation")
DIGEST = Keyring("digest")
INVITATION = Keyring("invitation")
