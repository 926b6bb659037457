"""A playbook on simulated stations: what a reset cures, and what it can't, told apart truthfully."""

import pytest

from emobi.core.models import Network
from stations.models import Incident, PlaybookRun, SigningRequest, Station
from stations.playbooks.shipped import CLEAR_FAULT, RENEW_CERTIFICATE, Shipped
from stations.services.playbooks import interventions, playbooks, runs, seeding
from stations.services.trust import signing
from tests.gateway.listener_process import until
from tests.stations.playing import gone, sent_resets, written


def cure(timeout_s):
    return written(
        {"do": "command", "label": "reset", "command": "reset", "params": {"type": "Immediate"}},
        {"do": "wait", "label": "well", "timeout_s": timeout_s, "on_failure": "continue"},
        {"do": "notify", "text": "A reset doesn't help.", "when": [{"fact": "step.well", "value": "failed"}]},
    )


def hurried(network: Network, shipped: Shipped, longest_s: int):
    """A shipped playbook, alone and in earnest, that waits less long."""
    seeding.seed(network)
    network.playbooks.update(enabled=False)
    steps = [
        step | ({"timeout_s": min(step["timeout_s"], longest_s)} if "timeout_s" in step else {})
        for step in shipped.written["steps"]
    ]
    definition = {**shipped.written, "steps": steps}
    return playbooks.create(network, "hurried", definition, enabled=True, dry_run=False, by="user:a")


@pytest.mark.parametrize(
    ("version", "fault", "state"),
    [("1.6", "InternalError", "succeeded"), ("2.0.1", "InternalError", "succeeded"),
     ("1.6", "HighTemperature", "not_verified")],
)  # fmt: skip
def test_what_a_reset_cures_is_cured_and_what_not_reaches_a_person(
    gateway, network, simulate, version, fault, state
):
    seeding.seed(network)
    network.playbooks.update(enabled=False)
    playbooks.create(
        network, "cure", cure(60 if state == "succeeded" else 3), enabled=True, dry_run=False, by="user:a"
    )
    sim = simulate(gateway, version)
    sim.do(sim.station.break_down(fault, 1))

    def ended():
        runs.advance()
        return PlaybookRun.objects.filter(network=network, state=state, ended_at__isnull=False).first()

    run = until(ended)
    assert (run.verified, sent_resets(sim.known.station)) == (state == "succeeded", 1)
    assert [name for name, _ in gone(run)] == ["reset", "well", "notify"]
    assert Incident.objects.filter(network=network, pk=run.incident_id).exists() == (state != "succeeded")


VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


@VERSIONS
def test_the_shipped_playbook_clears_a_fault(gateway, network, simulate, version):
    hurried(network, CLEAR_FAULT, 5)
    sim = simulate(gateway, version)
    sim.do(sim.station.break_down("InternalError", 1))

    def ended():
        runs.advance()
        return PlaybookRun.objects.filter(network=network, ended_at__isnull=False).first()

    run = until(ended)
    assert (run.state, run.verified) == ("succeeded", True)
    assert sim.station.evse(1).fault is None
    assert sim.station.operative
    assert sent_resets(sim.known.station) == 1


@VERSIONS
def test_the_shipped_playbook_renews_a_certificate(gateway, network, simulate, version, settings, tmp_path):
    settings.EMOBI_DATA_DIR = tmp_path
    playbook = hurried(network, RENEW_CERTIFICATE, 60)
    sim = simulate(gateway, version)
    station = sim.known.station
    Network.objects.filter(pk=network.pk).update(operator_name=sim.station.plan.operator)
    until(lambda: Station.objects.exclude(serial_number="").filter(pk=station.pk).exists())
    run = interventions.start(playbook, station, by="user:alice")

    def ended():
        runs.advance()
        signing.sign_due()
        signing.bring_due()
        return PlaybookRun.objects.filter(pk=run.pk, ended_at__isnull=False).first()

    run = until(ended)
    assert (run.state, run.verified) == ("succeeded", True)
    assert sim.station.certificates.chain_pem == SigningRequest.objects.get(station=station).chain
