"""A mail server that keeps what it is given: a real one, on a port of its own."""

import email.policy
import threading
from email.message import EmailMessage
from email.parser import BytesParser

from aiosmtpd.controller import Controller

from tests.emobi.ports import free_ports


class Kept:
    """Takes letters. ``answers`` are given instead, one a letter, as long as there are some."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.answers: list[str] = []
        self._lock = threading.Lock()

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's name
        with self._lock:
            if self.answers:
                return self.answers.pop(0)
            parsed = BytesParser(policy=email.policy.default).parsebytes(envelope.content)
            self.letters.append(parsed)
        return "250 kept"


class MailServer:
    """One that runs until it is stopped."""

    def __init__(self) -> None:
        self.kept = Kept()
        (self.port,) = free_ports(1)
        self._controller = Controller(self.kept, hostname="127.0.0.1", port=self.port)

    def start(self) -> "MailServer":
        self._controller.start()
        return self

    def stop(self) -> None:
        self._controller.stop()
