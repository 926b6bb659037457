"""The beginning of a log's file as text that does nothing: stations may call anything a log."""

import zlib
from dataclasses import dataclass
from pathlib import Path

# So much is shown; the rest is in the file.
MOST = 64 * 1024

_GZIP = b"\x1f\x8b"
# How files begin that are no text, and what people call them.
_KINDS = {
    b"PK\x03\x04": "a ZIP archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"%PDF": "a PDF",
}
# What a terminal would act on, and what turns the direction of writing, is shown as what it is: no text.
_CONTROLS = (
    *range(9),
    11,
    12,
    *range(14, 32),
    *range(0x7F, 0xA0),
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
)
_SHOWN = dict.fromkeys(_CONTROLS, "\N{REPLACEMENT CHARACTER}")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What was read of it.

    Attributes:
        text: None where it is no text.
        kind: What it is instead, in words, if that is known.
        bytes: How many were read, of the file or of what is packed in it.
        more: Whether there are others.
        unpacked: Whether the station had packed it by gzip.
    """

    text: str | None
    kind: str = ""
    bytes: int = 0
    more: bool = False
    unpacked: bool = False


def beginning(path: Path) -> Seen:
    """Read at most `MOST` bytes, however much is in the file or comes out of it.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    with path.open("rb") as file:
        found = file.read(MOST + 1)
    unpacked = found.startswith(_GZIP)
    if unpacked:
        try:
            found = zlib.decompressobj(wbits=31).decompress(found, MOST + 1)
        except zlib.error:
            return Seen(text=None, kind="a damaged gzip archive")
    read, more = found[:MOST], len(found) > MOST or (unpacked and path.stat().st_size > MOST)
    kind = _kind(read)
    if kind or b"\0" in read:
        return Seen(text=None, kind=kind)
    text = read.decode("utf-8", "replace").translate(_SHOWN)
    return Seen(text=text, bytes=len(read), more=more, unpacked=unpacked)


def _kind(read: bytes) -> str:
    return next((kind for begin, kind in _KINDS.items() if read.startswith(begin)), "")
