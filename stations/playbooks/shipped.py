"""The playbooks that every network begins with. Networks change their own copies.

They are written as a person would write them in the editor, and read by the same `definition.parse`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Shipped:
    """A playbook that is made with a network."""

    slug: str
    name: str
    description: str
    written: Mapping[str, Any]


_NOT_ONLINE = [{"fact": "station.connectivity", "op": "not_equals", "value": "online"}]
# Only 1.6 tells resets apart; of another station the same is asked once more.
_TELLS_RESETS_APART = [{"fact": "station.ocpp_version", "value": "1.6"}]
_KNOWS_ONE_RESET = [{"fact": "station.ocpp_version", "op": "not_equals", "value": "1.6"}]
_AT_AN_EVSE = [{"fact": "cause.evse_id", "op": "known"}]


def _wait(label: str, timeout_s: int) -> dict[str, Any]:
    """Wait for the goal, and be done when it holds."""
    return {
        "do": "wait",
        "label": label,
        "timeout_s": timeout_s,
        "then": "goto done",
        "on_failure": "continue",
    }


def _ask(command: str, params: Mapping[str, Any], **more: object) -> dict[str, Any]:
    """Ask the station for something, and go on whatever it says."""
    return {"do": "command", "command": command, "params": params, "on_failure": "continue"} | more


def _ending(text: str, severity: str = "major") -> list[dict[str, Any]]:
    """Nothing has helped: people are told; or, at ``done``, the incident is over."""
    return [
        {"do": "open_incident", "label": "hand_over", "text": text, "severity": severity},
        {"do": "notify", "text": text, "severity": severity},
        {"do": "stop", "verdict": "not_verified", "reason": text},
        {"do": "close_incident", "label": "done"},
        {"do": "stop", "verdict": "verified"},
    ]


RECONNECT = Shipped(
    slug="reconnect-silent-station",
    name="Reconnect a silent station",
    description="A station is offline. It gets a while to come back by itself; then it is probed, asked to "
    "boot, and reset. What is asked of a station without a socket is forgotten after half a minute.",
    written={
        "trigger": {"event": "station.offline"},
        "goal": [{"fact": "station.connectivity", "value": "online"}],
        "guard_rails": {"cooldown_s": 1800},
        "steps": [
            _wait("by_itself", 60),
            _ask("trigger_message", {"requested_message": "Heartbeat"}, label="probe", expires_in_s=30),
            _wait("after_probe", 30),
            # Unsupported by whoever was accepted and has booted since (F06.FR.17): then on to the reset.
            _ask(
                "trigger_message",
                {"requested_message": "BootNotification"},
                label="boot",
                when=_NOT_ONLINE,
                expires_in_s=30,
            ),
            _wait("after_boot", 30),
            _ask("reset", {"type": "Immediate"}, label="soft_reset", when=_NOT_ONLINE, expires_in_s=30),
            _wait("after_soft_reset", 180),
            _ask(
                "reset",
                {"type": "Immediate", "hard": True},
                label="hard_reset",
                when=[*_NOT_ONLINE, *_TELLS_RESETS_APART],
                expires_in_s=30,
            ),
            _ask(
                "reset",
                {"type": "Immediate"},
                label="second_reset",
                when=[*_NOT_ONLINE, *_KNOWS_ONE_RESET],
                expires_in_s=30,
            ),
            _wait("after_hard_reset", 300),
            *_ending(
                "The station doesn't come back: somebody has to look at its power and network.", "critical"
            ),
        ],
    },
)

# A residual current device or a welded contactor isn't reset from afar, and a weak signal not by a reset.
_LEFT_TO_PEOPLE = ["GroundFailure", "PowerSwitchFailure", "WeakSignal"]


def _look_at_the_code(label: str) -> dict[str, Any]:
    """What a fault is may be told after it: 2.0.1 says Faulted by one message, and why by another."""
    return {
        "do": "check",
        "label": label,
        "when": [{"fact": "evse.error_code", "op": "one_of", "value": _LEFT_TO_PEOPLE}],
        "that": [{"fact": "evse.faulted", "value": False}],
        "on_failure": "goto hand_over",
    }


CLEAR_FAULT = Shipped(
    slug="clear-fault",
    name="Clear a fault",
    description="A fault is there that may go with a restart. Its EVSE is taken out of service and back, its "
    "plug is let go, and the station is reset, first softly. What can be dangerous is left to people.",
    written={
        "trigger": {
            "event": "station.fault",
            "where": [{"fact": "event.error_code", "op": "not_one_of", "value": _LEFT_TO_PEOPLE}],
        },
        "goal": [
            {"fact": "evse.faulted", "value": False},
            {"fact": "evse.status", "op": "one_of", "value": ["Available", "Occupied", "Reserved"]},
        ],
        "guard_rails": {"cooldown_s": 3600},
        "steps": [
            _wait("by_itself", 30),
            _look_at_the_code("look"),
            _ask(
                "set_availability",
                {"operational_status": "Inoperative", "evse_id": "$cause.evse_id"},
                label="out_of_service",
            ),
            _ask(
                "set_availability",
                {"operational_status": "Operative", "evse_id": "$cause.evse_id"},
                label="back_in_service",
            ),
            _wait("after_availability", 20),
            _ask("unlock", {"evse_id": "$cause.evse_id"}, label="unlock", when=_AT_AN_EVSE),
            _wait("after_unlock", 10),
            _look_at_the_code("look_again"),
            _ask("reset", {"type": "Immediate"}, label="soft_reset"),
            _wait("after_soft_reset", 180),
            _ask(
                "reset",
                {"type": "Immediate", "hard": True},
                label="hard_reset",
                when=_TELLS_RESETS_APART,
            ),
            _ask("reset", {"type": "Immediate"}, label="second_reset", when=_KNOWS_ONE_RESET),
            _wait("after_hard_reset", 300),
            *_ending("The fault doesn't go: somebody has to look at the station."),
        ],
    },
)

ZOMBIE = Shipped(
    slug="end-zombie-session",
    name="End a zombie session",
    description="A charging session goes on that nobody charges in. The station is asked about it, then to "
    "end it, and is reset if it can't.",
    written={
        "trigger": {
            "event": "incident.opened",
            "where": [{"fact": "event.kind", "value": "zombie_session"}],
        },
        "goal": [{"fact": "session.state", "op": "not_equals", "value": "active"}],
        # Ending that very session is what it is for; those of others at the station it leaves alone.
        "guard_rails": {"cooldown_s": 3600, "may_interrupt_sessions": "own"},
        "steps": [
            _ask(
                "get_session_status",
                {"session_id": "$cause.session_id"},
                label="status",
                when=[{"fact": "station.ocpp_version", "op": "not_equals", "value": "1.6"}],
            ),
            _ask("remote_stop", {"session_id": "$cause.session_id"}, label="stop"),
            _wait("after_stop", 60),
            _ask("reset", {"type": "Immediate"}, label="reset"),
            _wait("after_reset", 180),
            *_ending("The session can't be ended from afar: its costs have to be looked at."),
        ],
    },
)

NO_METER_VALUES = Shipped(
    slug="no-meter-values",
    name="No meter values",
    description="A charging session sends no meter values. They are asked for; a reset waits for the end of "
    "all sessions, where the station can do that.",
    written={
        "trigger": {
            "event": "incident.opened",
            "where": [{"fact": "event.kind", "value": "no_meter_values"}],
        },
        "goal": [{"fact": "seen.session.meter_values", "value": True}],
        "guard_rails": {"cooldown_s": 3600},
        "steps": [
            _ask(
                "trigger_message",
                {"requested_message": "MeterValues", "evse_id": "$cause.evse_id"},
                label="ask",
            ),
            _wait("after_asking", 60),
            _ask(
                "reset",
                {"type": "OnIdle"},
                label="reset_when_idle",
                when=[{"fact": "station.ocpp_version", "op": "not_equals", "value": "1.6"}],
            ),
            *_ending("A session isn't metered: its costs will be in doubt."),
        ],
    },
)


def _ask_for_key(message: str, label: str, *when: Mapping[str, Any]) -> dict[str, Any]:
    """Have the station make a key and ask for its certificate."""
    return {
        "do": "command",
        "command": "trigger_message",
        "params": {"requested_message": message},
        "label": label,
        "when": when,
        "expires_in_s": 3600,
        "then": "goto request",
        "on_failure": "goto hand_over",
    }


RENEW_CERTIFICATE = Shipped(
    slug="renew-certificate",
    name="Renew a certificate",
    description="A station's certificate ends soon. It is asked for a new key of the same use, and its new "
    "certificate is brought by whoever signs it (docs/certificates.md).",
    written={
        "trigger": {
            "event": "incident.opened",
            "where": [{"fact": "event.kind", "value": "certificate_expiring"}],
        },
        "goal": [{"fact": "certificate.renewed", "value": True}],
        "guard_rails": {"cooldown_s": 86_400},
        "steps": [
            # 1.6 has no word for a certificate that serves for both sides.
            _ask_for_key(
                "SignCombinedCertificate",
                "ask_for_both",
                {"fact": "cause.combined", "value": True},
                {"fact": "station.ocpp_version", "op": "not_equals", "value": "1.6"},
            ),
            _ask_for_key(
                "SignV2GCertificate", "ask_for_v2g", {"fact": "certificate.use", "value": "V2GCertificate"}
            ),
            _ask_for_key("SignChargingStationCertificate", "ask"),
            {
                "do": "wait",
                "label": "request",
                "event": "certificate.sign_requested",
                "where": [{"fact": "event.certificate_type", "value": "$certificate.use"}],
                "timeout_s": 300,
                "on_failure": "goto hand_over",
            },
            _wait("installed", 3600),
            *_ending("The certificate wasn't renewed: look at its signing request."),
        ],
    },
)

SHIPPED = (RECONNECT, CLEAR_FAULT, ZOMBIE, NO_METER_VALUES, RENEW_CERTIFICATE)
