#!/usr/bin/env python
"""Emobi's commands. What they need and the environment doesn't name is found in the data folder, or made."""

import contextlib
import os
import runpy
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from emobi import embedded, env, secret_key
from emobi.embedded import Servers
from emobi.engine import ServerFailed

ROOT = Path(__file__).resolve().parent

# These neither read nor write what the servers hold.
WITHOUT_SERVERS = {
    "check",
    "collectstatic",
    "diffsettings",
    "findstatic",
    "help",
    "makemigrations",
    "version",
}
HELP = {"-h", "--help", "--version"}


def main(argv: Sequence[str]) -> None:
    # SIGTERM ends us like Ctrl-C does, by way of every `finally`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "emobi.settings")
    command = argv[1] if len(argv) > 1 else "help"
    try:
        if command in WITHOUT_SERVERS or HELP & set(argv):
            execute_from_command_line(list(argv))
        else:
            with surroundings(alone=command == "up"):
                execute_from_command_line(list(argv))
    except (ImproperlyConfigured, ServerFailed) as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


@contextlib.contextmanager
def surroundings(*, alone: bool) -> Iterator[None]:
    """Put what the settings need into the environment, and keep it running until the end of the block.

    Args:
        alone: Keep the servers ourselves, rather than join whoever does.
    """
    # Before anything is started, a wrong value has refused. Read in earnest they are with what is set below.
    runpy.run_module("emobi.settings")
    if alone:
        # One machine, for trying out: receivers of webhooks are on it, too.
        os.environ.setdefault("EMOBI_WEBHOOK_ALLOW_PRIVATE", "1")
    data_dir = Path(env.text("EMOBI_DATA_DIR", default=str(ROOT / ".emobi"))).resolve()
    with _servers(data_dir, alone=alone) as servers:
        os.environ["EMOBI_DATA_DIR"] = str(data_dir)
        if servers.database_url:
            os.environ["DATABASE_URL"] = servers.database_url
        if servers.redis_url:
            os.environ["REDIS_URL"] = servers.redis_url
        if not os.environ.get("EMOBI_SECRET_KEY"):
            os.environ["EMOBI_SECRET_KEY"] = secret_key.of(data_dir)
        if not os.environ.get("EMOBI_METRICS_TOKEN"):
            os.environ["EMOBI_METRICS_TOKEN"] = secret_key.of(data_dir, "metrics-token")
        yield


@contextlib.contextmanager
def _servers(data_dir: Path, *, alone: bool) -> Iterator[Servers]:
    postgresql, redis = (not os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL"))
    if not alone:
        with embedded.servers(data_dir, postgresql=postgresql, redis=redis) as servers:
            yield servers
        return
    servers = embedded.start(data_dir, postgresql=postgresql, redis=redis)
    try:
        yield servers
    finally:
        embedded.stop()


if __name__ == "__main__":
    main(sys.argv)
