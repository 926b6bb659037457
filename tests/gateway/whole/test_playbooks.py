"""A playbook on simulated stations: what a reset cures, and what it can't, told apart truthfully."""

import pytest

from stations.models import Incident, PlaybookRun
from stations.services.playbooks import playbooks, runs, seeding
from tests.gateway.listener_process import until
from tests.stations.playing import gone, sent_resets, written


def cure(timeout_s):
    return written(
        {"do": "command", "label": "reset", "command": "reset", "params": {"type": "Immediate"}},
        {"do": "wait", "label": "well", "timeout_s": timeout_s, "on_failure": "continue"},
        {"do": "notify", "text": "A reset doesn't help.", "when": [{"fact": "step.well", "value": "failed"}]},
    )


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
