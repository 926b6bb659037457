"""Whom to run PostgreSQL as when we are root, which it refuses to be."""

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    uid: int
    gid: int

    def can_reach(self, path: Path) -> bool:
        """Whether every folder on the way to ``path`` may be passed, and ``path`` itself entered or run."""
        asked = subprocess.run(
            ["/bin/sh", "-c", 'test -x "$1"', "sh", str(path)],
            cwd="/",
            user=self.uid,
            group=self.gid,
            extra_groups=[],
            check=False,
        )
        return asked.returncode == 0


def unprivileged(existing: Path) -> Account | None:
    """The account for a server whose data is in ``existing``, which needn't exist; None unless we are root.

    Data stays with whoever made it. New data goes to "nobody", the one account that every system has.
    """
    if os.geteuid() != 0:
        return None
    if existing.exists() and existing.stat().st_uid != 0:
        return Account(uid=existing.stat().st_uid, gid=existing.stat().st_gid)
    nobody = pwd.getpwnam("nobody")
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid)


def make_private(folder: Path) -> None:
    """Make a folder for ourselves; root's may be passed through, for a server with another account."""
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
