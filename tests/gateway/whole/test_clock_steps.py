"""A gateway process whose machine's clock is set by an hour."""

import time
from datetime import datetime

import pytest

from emobi.core.models import Event
from stations.models import CommandState, Connectivity
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, end_of, state_of
from tests.gateway.whole.presence import connectivity

# Python reads it when it starts: the clock with the date is ahead by what a file says.
SITE = """
import time

_time = time.time

def ahead():
    with open({file!r}) as file:
        return _time() + float(file.read() or 0)

time.time = ahead
"""


@pytest.fixture
def ahead(tmp_path):
    """Set the clock of the process ahead by so many seconds."""
    file = tmp_path / "ahead"
    file.write_text("0")
    (tmp_path / "sitecustomize.py").write_text(SITE.format(file=str(file)))

    def by(seconds):
        other = tmp_path / "other"
        other.write_text(str(seconds))
        other.replace(file)

    return by


@pytest.fixture
def gateway(make_gateway, ahead, tmp_path):
    process = make_gateway(PYTHONPATH=str(tmp_path), EMOBI_OFFLINE_GRACE_S="30", EMOBI_CALL_TIMEOUT_S="30")
    yield process
    process.kill()


@pytest.mark.parametrize("step_s", [3600, -3600])
def test_a_clock_that_jumps_ends_nothing_and_alarms_nobody(gateway, register, ahead, step_s):
    here, gone = register("here"), register("gone")
    with here.connect(gateway) as charger:
        charger.boot()
        with gone.connect(gateway) as other:
            other.boot()
        until(lambda: connectivity(gone) != Connectivity.ONLINE)
        waits = ask(gone.station, "clear_cache", expires_in_s=300)
        asked = ask(here.station, "clear_cache", expires_in_s=300)
        call = charger.next_call()
        ahead(step_s)
        until(lambda: "s off the database's" in gateway.log)
        answered_at = datetime.fromisoformat(charger.heartbeat()["currentTime"]).timestamp()
        assert abs(answered_at - time.time()) < 5
        charger.send([3, call[1], {"status": "Accepted"}])
        assert end_of(asked) == CommandState.ACCEPTED
        # Sweeps come once a second: what is due after such a jump would be done by now.
        assert charger.hears_nothing(3)
        assert state_of(waits) == CommandState.QUEUED
        assert (connectivity(here), connectivity(gone)) == (Connectivity.ONLINE, Connectivity.SILENT)
        times = Event.objects.filter(network=here.station.network).values_list("time", flat=True)
        assert all(abs(each.timestamp() - time.time()) < 300 for each in times)
