"""A station's health from 0 to 100: what costs points, and where that can be seen. Pure.

Each part of it takes points off 100, up to a limit of its own, and says why in words with the place of its
evidence: a path of the API below the station.
"""

from dataclasses import dataclass

from stations import uptime

# The span that all but the deviations and commands are of; those are of a week.
DAYS = 30
WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What is known of a station.

    Attributes:
        uptime_percent: Of its worst EVSE in the last 30 days; None: never heard of.
        losses: Times that it was lost in them, but for our own faults and what was excluded.
        sessions: That started in them; ``failed_starts`` of these were refused or brought no energy.
        commands: That ended within a week; ``failed_commands`` of these were refused or went wrong.
        deviations: Ways in which its messages differed from OCPP within a week.
        open_faults: Of its connectors, now.
        drifted: Variables that are something else than a configuration template wants.
        firmware_status: What it said of its last update.
    """

    uptime_percent: float | None
    losses: int = 0
    sessions: int = 0
    failed_starts: int = 0
    commands: int = 0
    failed_commands: int = 0
    deviations: int = 0
    clock_skew_s: float | None = None
    open_faults: int = 0
    drifted: int = 0
    firmware_status: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Points that it lost, why, and below which path of the station that can be seen."""

    points: int
    words: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """``score`` None: it was never there."""

    score: int | None
    reasons: tuple[Reason, ...]


def judge(signs: Signs) -> Health:
    """The score, and every point that is missing, the worst reason first."""
    if signs.uptime_percent is None:
        return Health(score=None, reasons=())
    found = [
        _away(signs.uptime_percent),
        Reason(
            points=min(10, 2 * max(0, signs.losses - 1)),
            words=f"lost {signs.losses} times in {DAYS} days",
            evidence="outages",
        ),
        _failures(
            signs.failed_starts, signs.sessions, 25, "sessions were refused or brought no energy", "sessions"
        ),
        _failures(signs.failed_commands, signs.commands, 10, "commands were refused or failed", "commands"),
        Reason(
            points=min(10, 2 * signs.deviations),
            words=f"its messages differ from OCPP in {signs.deviations} ways",
            evidence="messages",
        ),
        Reason(
            points=min(10, 2 * signs.drifted),
            words=f"{signs.drifted} of its settings {_as_wanted(signs.drifted)}",
            evidence="variables",
        ),
        _skew(signs.clock_skew_s or 0.0),
        Reason(
            points=min(30, 15 * signs.open_faults),
            words=f"{signs.open_faults} {'faults are' if signs.open_faults > 1 else 'fault is'} open",
            evidence="",
        ),
        Reason(
            points=5 if signs.firmware_status in FAILED_UPDATES else 0,
            words=f"its last firmware update ended with {signs.firmware_status}",
            evidence="firmware",
        ),
    ]
    reasons = sorted((each for each in found if each.points), key=lambda each: -each.points)
    return Health(score=max(0, 100 - sum(each.points for each in reasons)), reasons=tuple(reasons))


# FirmwareStatusEnumType. Source: OCPP 2.0.1 part 2, section 3.34.
FAILED_UPDATES = frozenset(
    {
        "DownloadFailed",
        "InstallationFailed",
        "InstallVerificationFailed",
        "InvalidSignature",
    }
)


def _away(percent: float) -> Reason:
    """10 points at the target, 40 at four times as much absence."""
    missing = max(0.0, 100 - percent)
    points = min(40, round(10 * missing / (100 * (1 - uptime.TARGET))))
    return Reason(points=points, words=f"in service {percent:.2f} % of {DAYS} days", evidence="outages")


def _as_wanted(drifted: int) -> str:
    return "is not as a template wants it" if drifted == 1 else "are not as templates want them"


def _failures(failed: int, of: int, most: int, words: str, evidence: str) -> Reason:
    """All of ``most`` where half of them failed; a single one says little."""
    share = failed / of if of else 0.0
    points = 0 if failed < 2 else min(most, round(2 * most * share))
    return Reason(points=points, words=f"{failed} of {of} {words}", evidence=evidence)


def _skew(skew_s: float) -> Reason:
    off = abs(skew_s)
    points = 0 if off <= 10 else 3 if off <= 60 else 10
    direction = "ahead" if skew_s > 0 else "behind"
    return Reason(points=points, words=f"its clock is {off:.0f} s {direction}", evidence="")
