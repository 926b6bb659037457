"""What a server must be able to do and tell for `keeping` to keep it running."""

from pathlib import Path
from typing import Protocol

from emobi.process import Program


class ServerFailed(Exception):
    """A server that everything needs can't run; the text, one line, says why."""


class Engine(Protocol):
    """One server, of one folder."""

    folder: Path

    @property
    def url(self) -> str:
        """Where the application finds it; known once it is prepared."""

    def prepare(self) -> None:
        """Make what it needs to start. No process of it is running."""

    def program(self, *, keep_open: int) -> Program:
        """What to run, now and again, after one ``prepare``; it inherits the descriptor ``keep_open``."""

    def is_ready(self) -> bool:
        """Whether it takes connections."""

    def complete(self) -> None:
        """Make what the application needs in it; it is ready."""

    def answers(self, url: str) -> bool:
        """Whether the application would be served at ``url``."""

    def discard(self) -> None:
        """Forget what only a running server needs; it has ended."""
