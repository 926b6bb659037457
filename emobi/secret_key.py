"""Secrets of an installation that wasn't given them."""

import contextlib
import os
import secrets
from pathlib import Path

from emobi import accounts


def of(data_dir: Path, name: str = "secret_key") -> str:
    """A secret in the data folder; made there the first time, readable by its owner alone."""
    accounts.make_private(data_dir)
    file = data_dir / name
    if not file.exists():
        new = data_dir / f"{name}.{os.getpid()}"
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as writing:
            writing.write(secrets.token_urlsafe(48))
        # Two processes may make one at the same time: the first name given stays.
        with contextlib.suppress(FileExistsError):
            os.link(new, file)
        new.unlink()
    return file.read_text().strip()
