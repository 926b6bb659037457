"""From a charging session that is ill to its incident, and to the shipped playbook that sees to it."""

import pytest

from emobi.core import clock
from sessions.models import ChargingSession, SessionState
from sessions.services import charging_sessions, incident_findings
from stations.models import Connector, Incident, Playbook, PlaybookRun, Station
from stations.services.incidents import rules
from stations.services.playbooks import seeding
from tests.sessions.said import meter_16, reading, start_16, tell
from tests.stations.playing import advance, answer, asked, gone, how, only_run
from tests.stations.telling import after, tell_at

MINUTE = 60


@pytest.fixture
def station(alpha, network):
    """One that is online, in a network whose playbooks act."""
    rules.seed(network)
    seeding.seed(network)
    seeding.enable_in_earnest(network)
    Station.objects.filter(pk=alpha.pk).update(connectivity="online")
    alpha.refresh_from_db()
    return alpha


def plug(station, status, detail, seconds=0):
    at = after(seconds)
    Connector.objects.update_or_create(
        station=station, evse_id=1, connector_id=1,
        defaults={"status": status, "detail": detail, "changed_at": at, "reported_at": at},
    )  # fmt: skip


def read(station, session, seconds):
    said = meter_16(session.transaction_id, reading(1, 1100))
    tell_at(after(seconds), charging_sessions.meter, station, said)


def look(seconds):
    """The rules look, and playbooks begin with what they found."""
    with clock.at(after(seconds)):
        incident_findings.sweep()
    advance(seconds)


def test_a_session_that_nobody_charges_in_is_ended_by_its_station(station, network):
    session = tell(charging_sessions.start, station, start_16(0)).session
    plug(station, "Available", "Available", MINUTE)
    look(8 * MINUTE)
    assert Incident.objects.get(network=network).kind == "zombie_session"
    run = only_run(network)
    assert (run.playbook.slug, asked(station)) == ("end-zombie-session", ["remote_stop"])
    (stop,) = answer(station, seconds=8 * MINUTE + 1)
    assert stop.params["session_id"] == session.pk
    advance(8 * MINUTE + 2)
    ChargingSession.objects.filter(pk=session.pk).update(state=SessionState.ENDED, ended_at=after(8 * MINUTE))
    advance(9 * MINUTE)
    assert how(run) == ("succeeded", "", True)
    assert asked(station) == ["remote_stop"]


def test_one_that_it_cannot_end_reaches_a_person(station, network):
    tell(charging_sessions.start, station, start_16(0))
    plug(station, "Available", "Available", MINUTE)
    look(8 * MINUTE)
    at = 8 * MINUTE
    while only_run(network).ended_at is None and at < 60 * MINUTE:
        answer(station, seconds=at)
        at += 30
        advance(at)
    run = only_run(network)
    assert (run.state, run.verified) == ("not_verified", False)
    assert asked(station) == ["remote_stop", "reset"]
    assert Incident.objects.get(network=network, kind="zombie_session").state == "open"


def test_a_session_without_readings_is_asked_for_them(station, network):
    session = tell(charging_sessions.start, station, start_16(0)).session
    plug(station, "Occupied", "Charging")
    look(20 * MINUTE)
    run = only_run(network)
    assert (run.playbook.slug, asked(station)) == ("no-meter-values", ["trigger_message"])
    answer(station, seconds=20 * MINUTE + 1)
    advance(20 * MINUTE + 2)
    tell_at(
        after(20 * MINUTE + 5),
        charging_sessions.meter,
        station,
        meter_16(session.transaction_id, reading(1, 1100)),
    )
    advance(20 * MINUTE + 6)
    assert how(run) == ("succeeded", "", True)
    assert "reset_when_idle" not in dict(gone(run))


def test_nothing_is_begun_for_sessions_that_are_well(station, network):
    session = tell(charging_sessions.start, station, start_16(0)).session
    plug(station, "Occupied", "Charging")
    tell_at(
        after(19 * MINUTE),
        charging_sessions.meter,
        station,
        meter_16(session.transaction_id, reading(1, 1100)),
    )
    look(20 * MINUTE)
    assert not Incident.objects.filter(network=network).exists()
    assert not PlaybookRun.objects.filter(network=network).exists()
    assert Playbook.objects.filter(network=network, enabled=True, dry_run=False).count() == 5
