"""Files that are kept in the data folder: firmware images, and logs that stations uploaded.

A file is there whole or not at all: it is written under another name, made durable, and then renamed.
"""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

FIRMWARE = "firmware"
LOGS = "logs"
INCOMING = "incoming"

CHUNK = 1 << 18
# What was written so long ago, and nothing refers to it, belongs to a process that ended half-way.
ABANDONED_AFTER_S = 86400


class TooLarge(Exception):
    """More came than may be kept."""


class Empty(Exception):
    """Nothing came."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file that isn't kept yet; `keep` or `discard` follows.

    Attributes:
        size: In bytes.
        md5: For OCPP 2.0.1's local controllers, which know a file by it; it protects nothing.
    """

    path: Path
    size: int
    sha256: str
    md5: str


def write(chunks: Iterable[bytes]) -> Written:
    """Write what comes to disk, as it comes.

    Raises:
        TooLarge: If it is more than EMOBI_UPLOAD_LIMIT_MB.
        Empty: If it is nothing.
    """
    path = _folder(INCOMING) / f"{secrets.token_hex(16)}.part"
    try:
        return _write(path, chunks)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(path: Path, chunks: Iterable[bytes]) -> Written:
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    size = 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > settings.EMOBI_UPLOAD_LIMIT_MB << 20:
                raise TooLarge
            sha256.update(chunk)
            md5.update(chunk)
            file.write(chunk)
        if not size:
            raise Empty
        file.flush()
        os.fsync(file.fileno())
    return Written(path=path, size=size, sha256=sha256.hexdigest(), md5=md5.hexdigest())


def keep(written: Written, kind: str, name: str) -> None:
    """Keep a file under its name, in place of one that has it."""
    folder = _folder(kind)
    written.path.replace(folder / name)
    _make_durable(folder)


def discard(written: Written) -> None:
    """Forget a file that isn't to be kept."""
    written.path.unlink(missing_ok=True)


def path(kind: str, name: str) -> Path:
    """Where a file is, if it is there."""
    return settings.EMOBI_DATA_DIR / "files" / kind / name


def delete(kind: str, name: str) -> None:
    """Delete a file; one that is gone already is no matter."""
    path(kind, name).unlink(missing_ok=True)


def sweep(kind: str, known: Callable[[Collection[str]], Collection[str]]) -> None:
    """Delete files that nobody knows of: what they belong to is gone, or never came to be.

    Args:
        kind: Of the files.
        known: Says which of some names something belongs to. It is asked of old files only: what a new one
            belongs to may not be committed yet.
    """
    for left in _old(INCOMING):
        delete(INCOMING, left)
    old = _old(kind)
    for name in set(old) - set(known(old)):
        delete(kind, name)


def _old(kind: str) -> list[str]:
    before = time.time() - ABANDONED_AFTER_S
    found = []
    for each in _folder(kind).iterdir():
        with suppress(FileNotFoundError):
            if each.stat().st_mtime < before:
                found.append(each.name)
    return found


def _folder(kind: str) -> Path:
    folder = path(kind, "")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
