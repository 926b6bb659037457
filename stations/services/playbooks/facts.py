"""What conditions ask for: of an event, a station, its EVSE and session, and what came since a run began.

Each is looked up when it is asked for, in the state of now. docs/playbooks.md has the list.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import Q

from emobi.core.models import Event
from stations.models import (
    Availability,
    CertificateUse,
    Connector,
    PlaybookRun,
    RunStep,
    SigningRequest,
    SigningState,
    Station,
)
from stations.playbooks import conditions
from stations.playbooks.conditions import CAUSE, EVENT, SEEN, STEP, Facts

# The worst first: an EVSE, or a station, is as ill as its worst connector.
_WORST_FIRST = (
    Availability.FAULTED,
    Availability.UNAVAILABLE,
    Availability.OCCUPIED,
    Availability.RESERVED,
    Availability.AVAILABLE,
)
_ACTIVE = "active"


def of_event(event: Mapping[str, Any], station: Station) -> Facts:
    """What a trigger may ask for: an event as `PlaybookRun.cause` keeps it, and what its station is."""

    def fact(name: str) -> Any:  # noqa: ANN401 - JSON
        if name.startswith(EVENT):
            return _of(event, name.removeprefix(EVENT))
        return _lasting(station, name)

    return fact


def _of(event: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - JSON
    return event["type"] if key == "type" else event["data"].get(key)


def _lasting(station: Station, name: str) -> Any:  # noqa: ANN401 - JSON
    column = name.removeprefix("station.")
    return getattr(station, column) or None


class OfRun:
    """What a step may ask for."""

    def __init__(self, run: PlaybookRun, event: Mapping[str, Any] | None = None) -> None:
        """``event``: the one that is looked at, where the step waits for one."""
        self._run = run
        self._event = event
        self._cause: Mapping[str, Any] = run.cause

    def __call__(self, name: str) -> Any:  # noqa: ANN401 - JSON
        """The fact of that name; None: not known."""
        if name.startswith(CAUSE):
            return _of(self._cause, name.removeprefix(CAUSE))
        if name.startswith(EVENT):
            return _of(self._event or self._cause, name.removeprefix(EVENT))
        if name.startswith(SEEN):
            return self._seen(name.removeprefix(SEEN))
        if name.startswith(STEP):
            return self._step(name.removeprefix(STEP))
        return self._passing(name)

    @property
    def evse_id(self) -> int | None:
        """The EVSE that the run is about; None: the whole station."""
        found = self._cause["data"].get("evse_id")
        return found if isinstance(found, int) else None

    @property
    def session_id(self) -> str | None:
        """The charging session that it is about."""
        found = self._cause["data"].get("session_id")
        return found if isinstance(found, str) else None

    def _passing(self, name: str) -> Any:  # noqa: ANN401 - JSON
        station = self._run.station
        match name:
            case "station.maintenance":
                return station.maintenance
            case "station.charging":
                return bool(self.running_sessions())
            case "evse.charging":
                return bool(self.running_sessions(self.evse_id))
            case "evse.status":
                found = {connector.status for connector in self._connectors}
                return next((status.value for status in _WORST_FIRST if status in found), None)
            case "evse.error_code":
                return next((each.error_code for each in self._connectors if each.error_code), None)
            case "evse.faulted":
                return any(each.fault_id or each.status == Availability.FAULTED for each in self._connectors)
            case "session.state":
                return self._session_state()
            case "certificate.use":
                return self._certificate_use
            case "certificate.renewed":
                return self._is_renewed()
        return _lasting(station, name)

    @cached_property
    def _connectors(self) -> list[Connector]:
        found = Connector.objects.filter(station=self._run.station)
        if self.evse_id is not None:
            found = found.filter(evse_id=self.evse_id)
        return list(found.order_by("evse_id", "connector_id"))

    def running_sessions(self, evse_id: int | None = None) -> list[tuple[str, int | None]]:
        """Charging sessions that run at the station, with their EVSEs; of one EVSE only, if given.

        A session whose EVSE nobody said is at every EVSE.
        """
        sessions = self._run.station.charging_sessions.filter(state=_ACTIVE)
        if evse_id is not None:
            sessions = sessions.filter(Q(evse_id=evse_id) | Q(evse_id=None))
        return list(sessions.values_list("pk", "evse_id"))

    def _session_state(self) -> str | None:
        if self.session_id is None:
            return None
        sessions = self._run.station.charging_sessions.filter(pk=self.session_id)
        return sessions.values_list("state", flat=True).first()

    @property
    def _certificate_use(self) -> str:
        """Of the certificate that it is about; nobody said: the one by which the station signs in."""
        found = self._cause["data"].get("use")
        return found if isinstance(found, str) else CertificateUse.CHARGING_STATION.value

    def _is_renewed(self) -> bool:
        """Whether the station has taken one of that use since the run's cause; roots are none."""
        taken = SigningRequest.objects.filter(
            station=self._run.station,
            use=self._certificate_use,
            state=SigningState.INSTALLED,
            ended_at__gt=datetime.fromisoformat(self._cause["time"]),
        )
        return taken.exists()

    def _seen(self, event_type: str) -> bool:
        since = Event.objects.filter(
            network=self._run.network_id,
            station=self._run.station.identity,
            sequence__gt=self._run.since_sequence,
            type=event_type,
        )
        if self.session_id is not None and event_type.startswith("session."):
            since = since.filter(data__session_id=self.session_id)
        if self.evse_id is not None:
            since = since.filter(Q(data__evse_id=self.evse_id) | ~Q(data__has_key="evse_id"))
        return since.exists()

    def _step(self, label: str) -> str | None:
        steps = RunStep.objects.filter(run=self._run, label=label).order_by("-attempt")
        return steps.values_list("state", flat=True).first()


def goal_holds(run: PlaybookRun) -> bool:
    """Whether what the playbook is for is so now."""
    return conditions.hold(run.version.definition.goal, OfRun(run))


def is_well_again(run: PlaybookRun) -> bool:
    """Whether what it was begun for has gone by itself. A person's own wish stands, whatever is the case."""
    return run.cause_event_id is not None and run.attempt == 1 and goal_holds(run)
