"""Campaigns: a fleet gets an image in waves, and is spared one that doesn't work."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from emobi.core import clock, unit_of_work
from emobi.core.errors import Conflict, Invalid
from emobi.core.models import AuditEntry
from stations.models import (
    CampaignState,
    Command,
    CommandState,
    Connectivity,
    FirmwareCampaign,
    Registration,
    Station,
    TargetState,
)
from stations.reports import ProgressReport
from stations.services.commanding import commands, progress
from stations.services.files import firmware_campaigns, firmware_waves
from stations.services.files.firmware_campaigns import Plan
from tests.stations.services.files.test_firmware_images import add, folder  # noqa: F401 — a fixture


@pytest.fixture
def image(network):
    return add(network, version="2.0", vendor="Wallworks")


@pytest.fixture
def fleet(network):
    """Make stations that are here."""

    def make(count=6, **columns):
        given = {
            "network": network,
            "vendor": "Wallworks",
            "firmware_version": "1.0",
            "ocpp_version": "2.0.1",
            "connectivity": Connectivity.ONLINE,
            **columns,
        }
        return [Station.objects.create(identity=f"CP{number}", **given) for number in range(1, count + 1)]

    return make


def begin(network, image, identities=None, **plan):
    return firmware_campaigns.begin(
        network, image, identities, Plan(**{"wave_size": 2, **plan}), by="user:alice"
    )


def look(campaign, times=1):
    for _ in range(times):
        firmware_waves.sweep()
    campaign.refresh_from_db()


def states(campaign):
    """By station, how it is doing."""
    return dict(campaign.targets.order_by("pk").values_list("station__identity", "state"))


def commands_of(station):
    return list(Command.objects.filter(station=station, name="update_firmware").order_by("pk"))


def answer(*stations, state=CommandState.ACCEPTED):
    """The stations were reached, and answered."""
    waiting = Command.objects.filter(station__in=stations, state=CommandState.QUEUED)
    waiting.update(state=state, sent_at=clock.now(), ended_at=clock.now(), outcome={"status": "Word"})


def say(status, *stations, version=None):
    for station in stations:
        number = commands_of(station)[-1].params["request_id"]
        with unit_of_work.begin():
            progress.firmware(station, ProgressReport(status=status, request_id=number))
        if version:
            Station.objects.filter(pk=station.pk).update(firmware_version=version)


def test_a_campaign_is_for_the_stations_that_the_image_is_new_to(network, image, fleet):
    fleet(4)
    Station.objects.filter(identity="CP2").update(firmware_version="2.0")
    Station.objects.filter(identity="CP3").update(vendor="Other")
    campaign = begin(network, image, wave_size=1)
    waves = dict(campaign.targets.values_list("station__identity", "wave"))
    assert waves == {"CP1": 1, "CP4": 2}
    entry = AuditEntry.objects.get(action="firmware_campaign.begun")
    assert (entry.actor, entry.detail["stations"]) == ("user:alice", 2)


def test_named_stations_come_in_the_order_in_which_they_are_named(network, image, fleet):
    fleet(4)
    campaign = begin(network, image, ["cp3", "CP1", "CP3", "CP2"], wave_size=None, wave_percent=50)
    assert list(campaign.targets.order_by("pk").values_list("station__identity", "wave")) == [
        ("CP3", 1),
        ("CP1", 1),
        ("CP2", 2),
    ]


def test_stations_are_named_in_any_letters(network, image):
    for identity in ("Straße", "ΣΤΑΘΜΟΣ", "İZMİR1"):
        Station.objects.create(network=network, identity=identity, vendor="Wallworks")
    campaign = begin(network, image, ["ΣΤΑΘΜΟΣ", "İZMİR1", "Straße"])
    assert campaign.targets.count() == 3


@pytest.mark.parametrize(
    ("identities", "plan", "field"),
    [
        (["CP1", "CP9"], {}, "stations"),
        (["CP1", "other"], {}, "stations"),
        ([], {}, "stations"),
        (["CP1"], {"wave_percent": 10}, "wave_size"),
        (["CP1"], {"wave_size": None}, "wave_size"),
    ],
)
def test_what_makes_no_campaign_is_refused(network, image, fleet, identities, plan, field):
    fleet(1)
    Station.objects.create(network=network, identity="other", vendor="Other")
    with pytest.raises(Invalid) as refusal:
        begin(network, image, identities, **plan)
    assert refusal.value.field == field
    assert not FirmwareCampaign.objects.exists()


def test_waves_follow_each_other_to_the_end(network, image, fleet):
    one, two, three = fleet(3)
    campaign = begin(network, image)
    look(campaign, times=3)
    assert states(campaign) == {"CP1": "updating", "CP2": "updating", "CP3": "waiting"}
    (command,) = commands_of(one)
    assert (command.params["image"], command.requested_by) == (image.pk, "system:firmware-campaigns")
    answer(one, two)
    say("Installed", one, version="2.0")
    look(campaign, times=2)
    assert states(campaign) == {"CP1": "installed", "CP2": "updating", "CP3": "waiting"}
    say("Installed", two, version="2.0")
    look(campaign, times=2)
    assert campaign.wave == 2
    assert states(campaign)["CP3"] == "updating"
    answer(three)
    say("Installed", three, version="2.0")
    look(campaign)
    assert (campaign.state, campaign.ended_at is not None) == (CampaignState.FINISHED, True)
    assert [len(commands_of(station)) for station in (one, two, three)] == [1, 1, 1]
    assert AuditEntry.objects.filter(action="firmware_campaign.finished").exists()


def test_a_station_that_boots_with_the_version_has_it_whatever_else_it_said(network, image, fleet):
    (one,) = fleet(1)
    campaign = begin(network, image)
    look(campaign)
    answer(one)
    say("Downloading", one, version="2.0")
    look(campaign)
    assert states(campaign) == {"CP1": "installed"}


def test_a_station_that_has_it_installed_and_doesnt_come_back_is_no_success(network, image, fleet):
    (one,) = fleet(1)
    campaign = begin(network, image, station_timeout_s=3600)
    look(campaign)
    answer(one)
    say("Installed", one, version="2.0")
    Station.objects.update(connectivity=Connectivity.OFFLINE)
    look(campaign)
    assert states(campaign) == {"CP1": "updating"}
    with clock.at(clock.wall() + timedelta(seconds=3601)):
        look(campaign)
    assert states(campaign) == {"CP1": "failed"}
    assert campaign.state == CampaignState.HALTED


def _boots_as_it_was(station):
    Station.objects.filter(pk=station.pk).update(booted_at=clock.wall() + timedelta(seconds=60))


def _is_not_seen(station):
    outcome = {"status": "Word", "verification": {"state": "not_seen"}}
    Command.objects.filter(station=station).update(outcome=outcome)


@pytest.mark.parametrize("afterwards", [_boots_as_it_was, _is_not_seen])
def test_the_word_installed_is_no_success_without_the_version(network, image, fleet, afterwards):
    (one,) = fleet(1)
    campaign = begin(network, image)
    look(campaign)
    answer(one)
    say("Installed", one, version="1.0")
    look(campaign)
    assert states(campaign) == {"CP1": "updating"}
    afterwards(one)
    look(campaign)
    assert states(campaign) == {"CP1": "failed"}
    assert campaign.targets.get().reason == "it said Installed and didn't boot with 2.0"


@pytest.mark.parametrize(
    ("end", "state", "reason"),
    [
        (lambda one: answer(one, state=CommandState.REJECTED), "failed", "Word"),
        (lambda one: answer(one, state=CommandState.FAILED), "failed", "Word"),
        (lambda one: (answer(one), say("DownloadFailed", one)), "failed", "DownloadFailed"),
        (lambda one: (answer(one), say("InvalidSignature", one)), "failed", "InvalidSignature"),
        (
            lambda one: (answer(one), say("DownloadFailed", one), say("Downloading", one)),
            "updating",
            "",
        ),
        (lambda one: answer(one, state=CommandState.UNKNOWN), "updating", ""),
        (lambda one: answer(one, state=CommandState.UNSUPPORTED), "skipped", "Word"),
        (lambda one: Command.objects.update(state=CommandState.EXPIRED), "skipped", ""),
    ],
)
def test_what_becomes_of_a_station(network, image, fleet, end, state, reason):
    (one,) = fleet(1)
    campaign = begin(network, image)
    look(campaign)
    end(one)
    look(campaign)
    target = campaign.targets.get()
    assert (target.state, target.reason) == (state, reason)


def test_a_station_that_may_fetch_it_again_is_waited_for(network, image, fleet):
    (one,) = fleet(1, ocpp_version="1.6")
    campaign = begin(network, image, station_timeout_s=3600)
    look(campaign)
    answer(one)
    say("DownloadFailed", one)
    look(campaign)
    assert states(campaign) == {"CP1": "updating"}
    with clock.at(clock.wall() + timedelta(seconds=3601)):
        look(campaign)
    assert campaign.targets.get().reason == "DownloadFailed"


def test_a_station_that_may_not_be_asked_is_skipped(network, image, fleet):
    fleet(2, registration=Registration.REJECTED)
    campaign = begin(network, image)
    look(campaign, times=2)
    assert set(states(campaign).values()) == {"skipped"}
    assert campaign.state == CampaignState.FINISHED


def test_a_station_that_runs_the_version_is_left_alone(network, image, fleet):
    (one,) = fleet(1)
    campaign = begin(network, image)
    Station.objects.update(firmware_version="2.0")
    look(campaign, times=2)
    assert states(campaign) == {"CP1": "installed"}
    assert commands_of(one) == []


def test_a_wave_that_fails_halts_the_campaign_and_spares_the_others(network, image, fleet):
    one, two, three, *_ = fleet(6)
    campaign = begin(network, image, wave_size=3, max_failure_percent=33)
    look(campaign)
    answer(one, two)
    say("InstallationFailed", one)
    look(campaign)
    assert campaign.state == CampaignState.HALTED  # 33.3 % is more than 33
    assert campaign.reason == "more than 33 % of wave 1 failed"
    # Who wasn't reached isn't any more.
    assert commands_of(three)[0].state == CommandState.CANCELLED
    assert states(campaign)["CP3"] == "waiting"
    say("Installed", two, version="2.0")
    look(campaign, times=3)
    assert Command.objects.filter(name="update_firmware").count() == 3
    assert AuditEntry.objects.get(action="firmware_campaign.halted").actor == "system:firmware-campaigns"


def test_whoever_resumes_knows_of_the_failures_so_far(network, image, fleet):
    one, two, three = fleet(3)
    campaign = begin(network, image, wave_size=2, max_failure_percent=0)
    look(campaign)
    answer(one)
    say("InstallationFailed", one)
    look(campaign)
    assert campaign.state == CampaignState.HALTED
    firmware_campaigns.resume(campaign, by="user:alice")
    look(campaign)
    assert campaign.state == CampaignState.RUNNING
    assert [command.state for command in commands_of(two)] == [CommandState.CANCELLED, CommandState.QUEUED]
    answer(two)
    say("Installed", two, version="2.0")
    look(campaign, times=3)
    answer(three, state=CommandState.REJECTED)
    look(campaign)
    assert campaign.state == CampaignState.HALTED


def test_a_pause_takes_back_what_wasnt_said(network, image, fleet):
    one, _ = fleet(2)
    campaign = begin(network, image)
    look(campaign)
    answer(one)
    firmware_campaigns.pause(campaign, by="user:alice")
    look(campaign)
    assert states(campaign) == {"CP1": "updating", "CP2": "waiting"}
    say("Installed", one, version="2.0")
    firmware_campaigns.resume(campaign, by="user:alice")
    look(campaign)
    assert states(campaign) == {"CP1": "installed", "CP2": "updating"}


def test_a_cancelled_campaign_asks_nobody_any_more(network, image, fleet):
    fleet(3)
    campaign = begin(network, image)
    look(campaign)
    firmware_campaigns.cancel(campaign, by="user:alice")
    look(campaign)
    assert set(states(campaign).values()) == {TargetState.SKIPPED}
    assert set(Command.objects.values_list("state", flat=True)) == {CommandState.CANCELLED}
    for verb in (firmware_campaigns.pause, firmware_campaigns.resume, firmware_campaigns.cancel):
        with pytest.raises(Conflict, match="cancelled"):
            verb(campaign, by="user:alice")


def test_two_campaigns_are_not_at_a_station_at_once(network, image, fleet):
    (one,) = fleet(1)
    newer = add(network, version="3.0")
    first, second = begin(network, image), begin(network, newer)
    look(first)
    assert (states(first), states(second)) == ({"CP1": "updating"}, {"CP1": "waiting"})
    answer(one)
    say("Installed", one, version="2.0")
    look(first)
    look(second)
    assert (states(first), states(second)) == ({"CP1": "installed"}, {"CP1": "updating"})


@pytest.mark.parametrize("stop", [firmware_campaigns.pause, firmware_campaigns.cancel])
def test_a_campaign_that_stopped_lets_go_of_its_stations(network, image, fleet, stop):
    one, two = fleet(2)
    newer = add(network, version="3.0")
    first = begin(network, image)
    look(first)
    answer(one, two)
    state = stop(first, by="user:alice").state
    second = begin(network, newer)
    look(second)
    assert states(second) == {"CP1": "waiting", "CP2": "waiting"}
    say("Installed", one, version="2.0")
    say("InstallationFailed", two)
    look(first)
    look(second)
    assert (states(first), first.state) == ({"CP1": "installed", "CP2": "failed"}, state)
    assert states(second) == {"CP1": "updating", "CP2": "updating"}


def test_a_station_whose_command_cannot_be_made_holds_up_no_other(network, image, fleet):
    fleet(2)
    broken = begin(network, image, ["CP1"])
    other = begin(network, image, ["CP2"])
    Command.objects.create(
        id="taken",
        network=network,
        station=Station.objects.get(identity="CP2"),
        name="reset",
        expires_at=clock.now(),
        idempotency_key=f"firmware-campaign:{broken.pk}:{broken.targets.get().pk}:0",
    )
    look(other)
    assert states(other) == {"CP2": "updating"}
    assert states(broken) == {"CP1": "skipped"}  # somebody has the key of its command


def test_a_wave_costs_as_many_queries_whatever_its_size(network, image, fleet, django_assert_max_num_queries):
    stations = fleet(20)
    campaign = begin(network, image, wave_size=20)
    look(campaign)
    answer(*stations)
    with django_assert_max_num_queries(12):
        firmware_waves.sweep()
    assert commands.get(network, commands_of(stations[0])[0].pk).state == CommandState.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_sweeps_at_the_same_time_ask_each_station_once(network, image, fleet):
    stations = fleet(20)
    campaign = begin(network, image, wave_size=20)

    def sweep(_):
        try:
            firmware_waves.sweep()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as beats:
        list(beats.map(sweep, range(8)))
    assert set(states(campaign).values()) == {"updating"}
    assert [len(commands_of(station)) for station in stations] == [1] * 20
