"""Prints what several programs print, line by line, each line under its program's name."""

import itertools
import os
import selectors
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, TextIO

from emobi.logs import inert

OWN_NAME = "emobi"
LONGEST_LINE_BYTES = 64 * 1024

_COLOURS = (36, 32, 33, 35, 34, 96, 92, 93, 95, 94)


@dataclass(kw_only=True, slots=True)
class _Stream:
    name: str
    pipe: IO[bytes]
    beginning: bytes = b""  # of a line whose end hasn't come yet


class Printer:
    """Reads pipes and writes their lines to ``out``, without anything in them that isn't printable.

    Attributes:
        is_closed: Whether ``out`` can't be written to any more: its reader or its terminal has gone.
    """

    def __init__(self, out: TextIO, names: Sequence[str]) -> None:
        self.is_closed = False
        self._out = out
        self._width = max(len(name) for name in (OWN_NAME, *names))
        coloured = out.isatty() and "NO_COLOR" not in os.environ
        self._colours = dict(zip(names, itertools.cycle(_COLOURS), strict=False)) if coloured else {}
        self._selector = selectors.DefaultSelector()

    def add(self, name: str, pipe: IO[bytes]) -> None:
        """Read ``pipe`` from now on, and close it at its end."""
        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, selectors.EVENT_READ, _Stream(name=name, pipe=pipe))

    def say(self, text: str) -> None:
        """Print a line of our own."""
        self._line(OWN_NAME, text)

    def forward(self, within_s: float) -> bool:
        """Print what is there, or else what comes first within ``within_s``; False if nothing came."""
        ready = self._selector.select(within_s)
        for key, _ in ready:
            self._read(key.data)
        return bool(ready)

    def close(self) -> None:
        """Print what is still there, and close every pipe."""
        while self.forward(0):
            pass
        for key in list(self._selector.get_map().values()):
            self._end(key.data)
        self._selector.close()

    def _read(self, stream: _Stream) -> None:
        read = os.read(stream.pipe.fileno(), LONGEST_LINE_BYTES)
        if not read:
            self._end(stream)
            return
        *lines, stream.beginning = (stream.beginning + read).split(b"\n")
        if len(stream.beginning) > LONGEST_LINE_BYTES:
            lines.append(stream.beginning)
            stream.beginning = b""
        for line in lines:
            self._line(stream.name, line.decode(errors="replace"))

    def _end(self, stream: _Stream) -> None:
        self._selector.unregister(stream.pipe)
        stream.pipe.close()
        if stream.beginning:
            self._line(stream.name, stream.beginning.decode(errors="replace"))

    def _line(self, name: str, text: str) -> None:
        label = f"{name:<{self._width}} |"
        if colour := self._colours.get(name):
            label = f"\x1b[{colour}m{label}\x1b[0m"
        try:
            self._out.write(f"{label} {inert(text.rstrip())}\n")
            self._out.flush()
        except OSError:
            self.is_closed = True
