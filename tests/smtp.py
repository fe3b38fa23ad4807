"""A mail server of the tests' own: real SMTP, which takes mail, refuses it, hangs, or hangs up."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable
from email import message_from_bytes

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

TAKEN = "250 taken"


class MailServer:
    """Listens while it is started. What it says to a recipient or to a text is told by the recipient's local part:

    ``nobody@`` is refused for good and ``busy@`` for now; of ``spam@`` the text is refused for good, of ``later@`` for
    now; with ``drop@`` the connection ends in the text, with ``hang@`` nothing is answered. `relays` off, it
    takes nothing for anybody. `mood` gives the name under which everybody else is treated. `taken` counts Message-IDs.
    """

    RECIPIENT = {"nobody": "550 5.1.1 no such user", "busy": "450 4.2.1 try later"}
    TEXT = {"spam": "554 5.6.0 not wanted", "later": "451 4.3.0 try later"}

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.taken: Counter[str] = Counter()
        self.recipients: list[str] = []
        self.relays = True
        self.mood: Callable[[], str] = str
        self._controller: Controller | None = None

    @property
    def settings(self) -> dict[str, object]:
        """What makes Django send by it."""
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": self.port,
            "EMAIL_USE_TLS": False,
            "EMAIL_TIMEOUT": 0.5,
        }

    def start(self) -> "MailServer":
        """Listen."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def stop(self) -> None:
        """Nobody listens any more; who is connected is cut off."""
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """aiosmtpd's hook."""
        if not self.relays:
            return "554 5.7.1 relay access denied"
        answer = self.RECIPIENT.get(_local(address), self.RECIPIENT.get(self.mood(), "250 ok"))
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook."""
        (to,) = envelope.rcpt_tos
        mood = self.mood()
        if "drop" in (_local(to), mood):
            server.transport.abort()
            return "421 gone"
        if "hang" in (_local(to), mood):
            await asyncio.sleep(3600)
        answer = self.TEXT.get(_local(to), self.TEXT.get(mood, TAKEN))
        if answer == TAKEN:
            self.taken[message_from_bytes(envelope.content)["Message-ID"]] += 1
            self.recipients.append(to)
        return answer


def _local(address: str) -> str:
    return address.partition("@")[0].partition("+")[0]
