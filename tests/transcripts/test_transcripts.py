"""Conversations with stations, as the specification has them, over a socket with a real gateway."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from emobi.core.models import Event, Network
from sessions.models import IdToken, Tariff, TokenStatus
from stations.models import Station
from stations.services.incidents import rules
from tests.transcripts.outside import CANCELLED, EMAID
from tests.transcripts.player import Player
from tests.transcripts.transcript import Unlike, read

HERE = Path(__file__).parent
# Each folder's version, and the station that speaks it.
CAST = {"ocpp16": ("1.6", "alpha"), "ocpp201": ("2.0.1", "bravo")}
TRANSCRIPTS = sorted(path for folder in CAST for path in (HERE / folder).iterdir())
TOLD_BY_BOTH = sorted(path.name for path in HERE.glob("ocpp16/*") if (HERE / "ocpp201" / path.name).exists())

# Scenarios that only one of the versions knows.
ONLY = {
    "ocpp16": {
        "configuration_at_first_boot.jsonl",
        "profile_raised_by_key.jsonl",
        "status_of_the_station.jsonl",
        "unsigned_firmware_and_diagnostics.jsonl",
        "unsupported_command.jsonl",
        "zero_and_minus_one.jsonl",
    },
    "ocpp201": {
        "base_report.jsonl",
        "cable_plugged_in_first.jsonl",
        "certificate_not_obtained.jsonl",
        "certificate_status.jsonl",
        "charging_profiles_reported.jsonl",
        "connection_lost_while_charging.jsonl",
        "contract_authorized.jsonl",
        "contract_certificate.jsonl",
        "custom_report.jsonl",
        "customer_information.jsonl",
        "device_model_at_first_boot.jsonl",
        "display_messages.jsonl",
        "ev_charging_needs.jsonl",
        "external_limit.jsonl",
        "limits_changed_while_charging.jsonl",
        "monitors.jsonl",
        "network_profile.jsonl",
        "never_said.jsonl",
        "out_of_order.jsonl",
        "periodic_event.jsonl",
        "problem_and_clear.jsonl",
        "profile_raised_by_network_profile.jsonl",
        "published_firmware.jsonl",
        "restart_of_an_evse.jsonl",
        "remote_start_with_the_cable_in.jsonl",
        "reports_while_pending.jsonl",
        "reservation_ends.jsonl",
        "session_status_and_cost.jsonl",
        "signed_meter_values.jsonl",
        "split_commands.jsonl",
        "tariff_and_cost.jsonl",
        "token_first.jsonl",
        "token_of_one_evse.jsonl",
        "tokens_of_other_types.jsonl",
    },
}

# What a version has no words for, and what its events say then (docs/ocpp/mapping.md).
FAULT = {"error_code": "OtherError", "vendor_error_code": None, "info": None}
UNSAID: dict[str, dict[str, dict[str, Any]]] = {
    "1.6": {
        "station.booted": {"reason": None},
        "station.pending": {"reason": None},
        "session.authorized": {"id_token_type": None},
        "session.started": {"id_token_type": None, "remote_start_id": None, "offline": False},
        "session.updated": {"offline": False},
        "session.ended": {"offline": False},
    },
    "2.0.1": {
        "connector.status_changed": {
            "detail": None,
            "error_code": None,
            "vendor_error_code": None,
            "info": None,
        },
        "station.fault": FAULT,
        "station.fault_cleared": FAULT,
        "command.completed": {
            "outcome.detail.variables.key": "",
            "outcome.detail.variables.mutability": None,
        },
    },
}
# Made anew for each, or the station's own words.
NEVER_ALIKE = (
    "session_id",
    "transaction_id",
    "fault_id",
    "command_id",
    "signing_request_id",
    "outcome.raw",
)
# Of events that are about what somebody made anew.
NEVER_ALIKE_OF = {"certificate.installed": ("serial_number", "expires_at")}

BOOT = [
    '> [2,"1","BootNotification",{"chargePointVendor":"Acme","chargePointModel":"One"}]',
    '< [3,"1",{"status":"Accepted","currentTime":"$time","interval":300}]',
]

_numbers = itertools.count(1)


def cast(folder: str) -> Station:
    """A network for one transcript, with tokens, and the station that speaks the version of ``folder``."""
    version, identity = CAST[folder]
    name = f"played{next(_numbers)}"
    # Stations are asked what a transcript says, and nothing else.
    network = Network.objects.create(
        slug=name, name=name, security_profile=0, operator_name="Grid", reads_device_model=False
    )
    # When a sweep finds something to be an incident is a matter of time, of which transcripts don't tell.
    rules.seed(network)
    network.incident_rules.update(enabled=False)
    IdToken.objects.create(network=network, id_token="GOOD")
    IdToken.objects.create(network=network, id_token=EMAID, type="eMAID")
    IdToken.objects.create(network=network, id_token="BLOCKED", status=TokenStatus.BLOCKED)
    IdToken.objects.create(network=network, id_token="EXPIRED", expires_at=datetime(2026, 1, 1, tzinfo=UTC))
    IdToken.objects.create(network=network, id_token="SISTER", group="FAMILY")
    IdToken.objects.create(network=network, id_token="BROTHER", group="FAMILY")
    IdToken.objects.create(network=network, id_token="MASTER", group="CREW", master_pass=True)
    IdToken.objects.create(network=network, id_token="0815", type="KeyCode")
    IdToken.objects.create(network=network, id_token=CANCELLED, type="eMAID", status=TokenStatus.BLOCKED)
    places = [{"station": identity, "evse_ids": [1]}]
    IdToken.objects.create(network=network, id_token="NEIGHBOUR", allowed_evses=places)
    free = Tariff.objects.create(network=network, name="Guests", currency="EUR")
    IdToken.objects.create(network=network, id_token="GUEST", tariff=free)
    paying = Tariff.objects.create(network=network, name="Day", currency="EUR", price_per_kwh=Decimal("0.5"))
    IdToken.objects.create(
        network=network, id_token="PAYING", tariff=paying, expires_at=datetime(2099, 1, 1, tzinfo=UTC)
    )
    return Station.objects.create(network=network, identity=identity, ocpp_version=version)


@pytest.fixture(scope="module")
def played(gateway, world):
    """Plays a transcript, once for all tests; the events that it caused."""

    def play(path: Path) -> list[Event]:
        station = cast(path.parent.name)
        world.trusted_by(station.network_id)
        return Player(station, gateway, world.names).play(read(path.read_text()))

    return cache(play)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_the_conversation_goes_as_written(path, played):
    played(path)


@pytest.mark.parametrize(
    ("lines", "noticed"),
    [
        (['> [2,"1","Heartbeat",{}]', '< [3,"1",{}]'], r"unexpected \['currentTime'\]"),
        (['> [2,"1","Heartbeat",{}]'], r"not in the transcript: the answers to \['1'\]"),
        ([*BOOT, '= station.booted {"vendor":"Other"}'], 'line 3: .*\n.vendor: "Acme", and not "Other"'),
        ([*BOOT, "= station.booted {}", "= station.booted {}"], "recorded were"),
        (BOOT, "recorded were"),
        (['! command reset {"type":"OnIdle"}'], "the last command"),
        (['! command reset {"type":"OnIdle"}', "! expect command accepted"], "unsupported"),
        (["! dance"], "nobody can do that"),
    ],
)
def test_what_is_not_so_is_noticed(lines, noticed, gateway):
    with pytest.raises(Unlike, match=noticed):
        Player(cast("ocpp16"), gateway, {}).play(read("\n".join(lines)))


@pytest.mark.parametrize("name", TOLD_BY_BOTH)
def test_the_same_scenario_gives_the_same_events(name, played):
    told_16, told_201 = (played(HERE / folder / name) for folder in CAST)
    assert [event.type for event in told_16] == [event.type for event in told_201]
    for event_16, event_201 in zip(told_16, told_201, strict=True):
        assert facts(event_16) == facts(event_201), event_16.type


def test_a_scenario_is_told_in_both_versions_or_known_to_one_only():
    for folder, only in ONLY.items():
        assert {path.name for path in (HERE / folder).iterdir()} - set(TOLD_BY_BOTH) == only


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_transcript_begins_with_its_place_in_the_specification(path):
    first = read(path.read_text())[0]
    version, _ = CAST[path.parent.name]
    assert first.sign == "#"
    assert first.text.startswith(f"OCPP {version}, ")
    assert any(kind in first.text for kind in ("section", "use case", "errata"))


def facts(event: Event) -> list[tuple[str, Any]]:
    """What an event says, by path, but for what differs by its nature or can't be said in both versions."""
    for path, value in leaves(event.data):
        unsaid = UNSAID.get(event.ocpp_version or "", {}).get(event.type, {})
        assert value == unsaid.get(path, value), f"{event.type}: {path}"
    never_alike = (*NEVER_ALIKE, *NEVER_ALIKE_OF.get(event.type, ()))
    unsaid_by_any = {path for version in UNSAID.values() for path in version.get(event.type, {})}
    return [
        (path, value if value != event.data.get("received_at", "") else "when it was received")
        for path, value in leaves(event.data)
        if path not in unsaid_by_any and not path.startswith(never_alike)
    ]


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """The values in JSON that are neither object nor list, each with the names that lead to it."""
    match value:
        case dict():
            for name, member in value.items():
                yield from leaves(member, f"{path}.{name}".removeprefix("."))
        case list():
            for element in value:
                yield from leaves(element, path)
        case _:
            yield path, value
