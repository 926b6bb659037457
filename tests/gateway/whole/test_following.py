"""Commands are followed to what they do, in both versions."""

import pytest

from sessions.models import ChargingSession, IdToken
from stations.models import Command
from stations.services.commanding import command_parts
from tests.gateway.listener_process import until
from tests.gateway.whole.asking import ask, end_of

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


def verified(command):
    """What was seen of it, once it was."""
    end_of(command)

    def found():
        command.refresh_from_db()
        return command.outcome["verification"]["state"] == "verified"

    until(found)
    return command.outcome["verification"]["detail"]


def test_a_signed_update_is_told_when_the_security_extension_asks(gateway, simulate):
    station = simulate(gateway, "1.6").known.station
    params = {"requested_message": "FirmwareStatusNotification", "security_extension": True}
    told = verified(ask(station, "trigger_message", params))
    assert told["action"] == "SignedFirmwareStatusNotification"


@VERSIONS
def test_what_a_station_does_is_seen(gateway, simulate, version):
    sim = simulate(gateway, version)
    station = sim.known.station
    IdToken.objects.create(network=station.network, id_token="GOOD")
    assert verified(ask(station, "trigger_message", {"requested_message": "Heartbeat"})) == {
        "action": "Heartbeat", "evse_id": None, "after_s": pytest.approx(20, abs=20),
    }  # fmt: skip
    sim.do(sim.station.plug_in(1))
    started = verified(ask(station, "remote_start", {"id_token": "GOOD", "evse_id": 1}))
    session = ChargingSession.objects.get(station=station)
    assert (started["session_id"], started["transaction_id"]) == (session.pk, session.transaction_id)
    ended = verified(ask(station, "remote_stop", {"session_id": session.pk}))
    assert (ended["session_id"], ended["reason"]) == (session.pk, "Remote")
    inoperative = {"operational_status": "Inoperative", "evse_id": 2}
    assert verified(ask(station, "set_availability", inoperative))
    assert verified(ask(station, "set_availability", inoperative))
    if version == "2.0.1":
        report = ask(station, "get_base_report")
        until(lambda: complete(report))
        items = command_parts.report(report)["items"]
        assert "HeartbeatInterval" in {item["variable"] for item in items}
        assert verified(ask(station, "reset", {"evse_id": 1}))["status"]
    booted = verified(ask(station, "reset"))
    assert booted["firmware_version"]
    assert booted["reason"] == {"1.6": None, "2.0.1": "RemoteReset"}[version]


def complete(command: Command) -> bool:
    command.refresh_from_db()
    return command.report is not None and command.report["complete"]
