"""What `up` runs, and when it is ready."""

import http.client
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from emobi.env import NOWHERE, Address
from emobi.process import Program

HEALTH_PATH = "/api/v1/health"
# One of them delivers webhooks, and two do when one takes over from the other (`webhooks.couriers`).
WORKER_PROCESSES = 3
ANSWER_WITHIN_S = 1.0

# The order of a stop, highest first: those who ask go before those who answer.
BEAT, WORKER, WEB, GATEWAY, DEMO = range(5)


def programs(
    *, root: Path, data_dir: Path, web: Address, gateways: int, demo_stations: int, for_people: bool
) -> list[Program]:
    """Every process of one machine but its servers; each knows its name as EMOBI_PROCESS.

    Args:
        root: The folder of manage.py.
        web: Where the dashboard and the API are served; NOWHERE if they aren't.
        gateways: Processes that share the charger ports; 0 if chargers are served nowhere.
        demo_stations: Simulated stations; 0 for none.
        for_people: Whether the log lines are for a terminal, unless EMOBI_LOG_FORMAT says otherwise.
    """
    manage = [sys.executable, str(root / "manage.py")]
    # Root has been warned already, by whoever starts PostgreSQL as another account.
    quiet = ["-W", "ignore:You're running the worker with superuser privileges"]
    celery = [sys.executable, *quiet, "-m", "celery", "--quiet", "--workdir", str(root), "--app", "emobi"]
    # A worker alone needs no word from others at its start.
    worker = ["worker", f"--concurrency={WORKER_PROCESSES}", "--without-gossip", "--without-mingle"]
    log_format = os.environ.get("EMOBI_LOG_FORMAT") or ("console" if for_people else "json")

    def program(name: str, stage: int, argv: Sequence[str]) -> Program:
        env = {"EMOBI_PROCESS": name, "EMOBI_LOG_FORMAT": log_format, "PYTHONUNBUFFERED": "1"}
        return Program(name=name, stage=stage, argv=argv, env=env)

    return [
        *([program("web", WEB, [*manage, "web"])] if web else []),
        *(program(f"gateway-{number}", GATEWAY, [*manage, "gateway"]) for number in range(1, gateways + 1)),
        program("worker", WORKER, [*celery, *worker]),
        program("beat", BEAT, [*celery, "beat", f"--schedule={data_dir / 'celerybeat-schedule'}"]),
        *(
            [program("demo", DEMO, [*manage, "simulate", "--on-request", f"--stations={demo_stations}"])]
            if demo_stations
            else []
        ),
    ]


def is_ready(*, web: Address, chargers: Sequence[Address]) -> bool:
    """Whether the API says that it is well, and every charger port takes connections; seconds at most."""
    return (web == NOWHERE or _is_well(web)) and all(_listens(address) for address in chargers)


def _is_well(web: Address) -> bool:
    connection = http.client.HTTPConnection(_near(web), web.port, timeout=ANSWER_WITHIN_S)
    try:
        connection.request("GET", HEALTH_PATH)
        # 400 is the answer to a host that isn't among EMOBI_ALLOWED_HOSTS: we ask by address.
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _listens(address: Address) -> bool:
    try:
        socket.create_connection((_near(address), address.port), timeout=ANSWER_WITHIN_S).close()
    except OSError:
        return False
    return True


def _near(address: Address) -> str:
    """An address of this machine where ``address`` listens."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address.host, address.host)
