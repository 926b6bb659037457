from datetime import timedelta

import pytest

from emobi.core import clock, ulid
from stations import capabilities
from stations.capable import condition
from stations.commands.catalogue import entry
from stations.models import (
    Command,
    CommandState,
    FirmwareStep,
    SecurityEventEntry,
    Station,
    StationLog,
    Variable,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def station(network):
    return Station.objects.create(network=network, identity="alpha", ocpp_version="1.6")


def ended(station, name, state, ago, sent=True, **outcome):
    now = clock.now()
    Command.objects.create(
        id=ulid.new(), network=station.network, station=station, name=name, state=state,
        requested_by="user:x", expires_at=now, ended_at=now - ago, outcome=outcome,
        sent_at=now - ago if sent else None,
    )  # fmt: skip
    return now - ago


def test_what_a_version_has_no_words_for_is_told(station):
    found = capabilities.of(station)
    assert found["get_base_report"].in_version is False
    assert found["reset"].in_version is True


def test_of_a_station_that_never_spoke_nothing_is_known(network):
    stranger = Station.objects.create(network=network, identity="bravo")
    assert capabilities.of(stranger)["reset"].in_version is None


def test_the_last_success_and_the_last_refusal_are_told(station):
    ended(station, "reset", CommandState.ACCEPTED, timedelta(days=2))
    worked_at = ended(station, "reset", CommandState.SCHEDULED, timedelta(days=1))
    ended(station, "reset", CommandState.REJECTED, timedelta(days=3), status="Rejected")
    refused_at = ended(station, "reset", CommandState.FAILED, timedelta(hours=1), reason="InternalError: no")
    ended(station, "reset", CommandState.EXPIRED, timedelta(minutes=1))
    found = capabilities.of(station)["reset"]
    assert (found.worked_at, found.refused_at) == (worked_at, refused_at)
    assert found.failure == "InternalError: no"


def test_what_was_never_asked_has_neither_worked_nor_failed(station):
    found = capabilities.of(station)["unlock"]
    assert (found.worked_at, found.refused_at, found.failure) == (None, None, None)


def test_what_failed_here_is_no_failure_of_the_stations(station):
    ended(station, "reset", CommandState.FAILED, timedelta(days=1), sent=False, reason="failed here")
    found = capabilities.of(station)["reset"]
    assert (found.refused_at, found.failure) == (None, None)


def verified(state, **detail):
    return {"state": state, "within_s": 300, "detail": detail or None}


def test_what_was_accepted_and_never_seen_has_not_worked(station):
    ended(station, "reset", CommandState.ACCEPTED, timedelta(days=2), verification=verified("pending"))
    found = capabilities.of(station)["reset"]
    assert (found.worked_at, found.refused_at, found.failure) == (None, None, None)
    at = ended(station, "reset", CommandState.ACCEPTED, timedelta(days=1), verification=verified("not_seen"))
    found = capabilities.of(station)["reset"]
    assert (found.worked_at, found.refused_at) == (None, at)
    assert found.failure == "accepted, not seen in 300 s"


@pytest.mark.parametrize("state", [CommandState.ACCEPTED, CommandState.SCHEDULED, CommandState.UNKNOWN])
def test_what_was_seen_has_worked_whatever_was_answered(station, state):
    at = ended(station, "reset", state, timedelta(days=1), verification=verified("verified"))
    found = capabilities.of(station)["reset"]
    assert (found.worked_at, found.refused_at) == (at, None)


def test_an_update_that_failed_says_how(station):
    ended(
        station, "update_firmware", CommandState.ACCEPTED, timedelta(days=1),
        verification=verified("not_seen", status="InstallationFailed"),
    )  # fmt: skip
    found = capabilities.of(station)["update_firmware"]
    assert (found.worked_at, found.failure) == (None, "accepted, then InstallationFailed")


@pytest.mark.parametrize(
    ("status", "worked", "failure"),
    [
        ("", False, None),
        ("Uploading", False, None),
        ("Uploaded", True, None),
        ("UploadFailure", False, "accepted, then UploadFailure"),
    ],
)
def test_a_log_has_worked_when_it_was_uploaded(station, status, worked, failure):
    ended(station, "get_log", CommandState.ACCEPTED, timedelta(days=1))
    StationLog.objects.create(
        id=ulid.new(), station=station, command=Command.objects.get(), type="DiagnosticsLog", status=status
    )
    found = capabilities.of(station)["get_log"]
    assert (found.worked_at is not None, found.failure) == (worked, failure)


@pytest.mark.parametrize(
    ("steps", "worked", "failure"),
    [
        ([], False, None),
        (["Downloading", "Published"], True, None),
        (["Downloading", "InvalidChecksum"], False, "accepted, then InvalidChecksum"),
    ],
)
def test_a_publication_has_worked_when_it_was_published(station, steps, worked, failure):
    ended(station, "publish_firmware", CommandState.ACCEPTED, timedelta(days=1))
    for status in steps:
        FirmwareStep.objects.create(
            station=station, command=Command.objects.get(), status=status, received_at=clock.now()
        )
    found = capabilities.of(station)["publish_firmware"]
    assert (found.worked_at is not None, found.failure) == (worked, failure)


def said(station, component, variable, value):
    Variable.objects.create(
        station=station, component=component, variable=variable, value=value, reported_at=clock.now()
    )


def test_a_16_station_claims_feature_profiles(station):
    assert capabilities.of(station)["reset"].claimed is None
    said(station, "OCPP16", "SupportedFeatureProfiles", "Core, RemoteTriger")
    found = capabilities.of(station)
    assert found["reset"].claimed is True
    assert found["trigger_message"].claimed is True
    assert capabilities._claims(station)["Reservation"] is False


def test_a_201_station_claims_controllers(network):
    bravo = Station.objects.create(network=network, identity="bravo", ocpp_version="2.0.1")
    assert capabilities.of(bravo)["clear_cache"].claimed is None
    said(bravo, "AuthCacheCtrlr", "Available", "TRUE")
    said(bravo, "MonitoringCtrlr", "Available", "false")
    found = capabilities.of(bravo)
    assert found["clear_cache"].claimed is True
    assert found["monitored_events"].claimed is False
    assert found["reset"].claimed is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Core,FirmwareManagement", {"Core", "FirmwareManagement"}),
        (" core ; Smart Charging ", {"Core", "SmartCharging"}),
        ("LocalAuthListManagment,RemoteTrigger", {"LocalAuthListManagement", "RemoteTrigger"}),
        ("", set()),
        ("Vendor", set()),
    ],
)
def test_feature_profiles_are_read_with_spaces_and_misspelt(text, found):
    assert capabilities.profiles(text) == found


def test_what_a_station_does_of_its_own_accord_is_seen(station):
    assert capabilities.of(station)["security_events"].worked_at is None
    at = clock.now()
    SecurityEventEntry.objects.create(station=station, type="FirmwareUpdated", received_at=at)
    assert capabilities.of(station)["security_events"].worked_at == at


def test_it_takes_four_queries_however_much_was_asked(station, django_assert_num_queries):
    for command in ("reset", "unlock", "reset", "clear_cache"):
        ended(station, command, CommandState.ACCEPTED, timedelta(days=2))
        ended(station, command, CommandState.REJECTED, timedelta(days=2), status="Rejected")
    with django_assert_num_queries(4):
        capabilities.of(station)


def test_stations_are_found_by_what_they_claim_or_did_last(network, station):
    bravo = Station.objects.create(network=network, identity="bravo", ocpp_version="2.0.1")
    Station.objects.create(network=network, identity="charlie")

    def able(name):
        return sorted(each.identity for each in Station.objects.filter(condition(network, entry(name))))

    assert able("reserve") == []
    said = {"reported_at": clock.now()}
    Variable.objects.create(
        station=station, component="OCPP16", variable="SupportedFeatureProfiles", value="Core, Reservaton",
        **said,
    )  # fmt: skip
    Variable.objects.create(
        station=bravo, component="ReservationCtrlr", variable="Available", value="TRUE", **said
    )
    assert able("reserve") == ["alpha", "bravo"]
    ended(bravo, "reserve", CommandState.ACCEPTED, timedelta(days=2))
    assert able("reserve") == ["alpha", "bravo"]
    ended(bravo, "reserve", CommandState.FAILED, timedelta(days=1))
    assert able("reserve") == ["alpha"]
    # What nobody claims has to have been seen, and by a version that has words for it.
    assert able("get_base_report") == []
    ended(bravo, "get_base_report", CommandState.ACCEPTED, timedelta(days=1))
    ended(station, "get_base_report", CommandState.ACCEPTED, timedelta(days=1))
    assert able("get_base_report") == ["bravo"]
