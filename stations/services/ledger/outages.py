"""The uptime ledger is written from the events, in the order of their commits, each exactly once.

A cursor a network is locked, moved and committed together with the outages that its events begin and end: two
writers at once do the work of one, and none for a while only delays it. What was recorded before there was a
ledger is read from the first event that is still kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Greatest

from emobi.core import clock
from emobi.core.events import (
    ConnectorStatusChanged,
    StationFault,
    StationFaultCleared,
    StationOffline,
    StationOnline,
)
from emobi.core.models import Event, EventCounter, Network
from emobi.core.walls import apart
from stations.models import (
    Availability,
    GatewayProcess,
    LedgerCursor,
    Outage,
    OutageCause,
    ServiceRecord,
    Station,
)

READ = (
    StationOffline.type,
    StationOnline.type,
    ConnectorStatusChanged.type,
    StationFault.type,
    StationFaultCleared.type,
)
# Events of one transaction, and portions of one call.
PORTION = 500
MOST_PORTIONS = 100

LOST = (OutageCause.OFFLINE, OutageCause.OURS)
BROKEN = (OutageCause.FAULTED, OutageCause.UNAVAILABLE)

type _Place = tuple[int, int]


def advance_all() -> None:
    """Bring the ledgers of all networks up to date. Safe to run any time, and twice at once."""
    behind = Network.objects.filter(event_counter__value__gt=0).exclude(
        ledger_cursor__sequence__gte=F("event_counter__value")
    )
    given_back = Outage.objects.filter(ended_at=None, cause=OutageCause.OURS).values("network_id")
    for network_id in behind.union(Network.objects.filter(pk__in=given_back)).values_list("pk", flat=True):
        with apart(network_id, "the uptime ledger"):
            advance(network_id)


def advance(network_id: int) -> None:
    """Bring the ledger of a network up to date, as far as nobody else does so now."""
    for _ in range(MOST_PORTIONS):
        if not _advance(network_id):
            return


def _advance(network_id: int) -> bool:
    """Write what a portion of events says; whether there may be more."""
    LedgerCursor.objects.get_or_create(network_id=network_id)
    with transaction.atomic():
        cursor = (
            LedgerCursor.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(network_id=network_id)
            .first()
        )
        if cursor is None:
            return False
        # Numbers have no gap and grow in commit order: whatever is up to the counter can be seen.
        last = EventCounter.objects.filter(network_id=network_id).values_list("value", flat=True).first() or 0
        found = list(
            Event.objects.filter(
                network_id=network_id, type__in=READ, sequence__gt=cursor.sequence, sequence__lte=last
            ).order_by("sequence")[:PORTION]
        )
        page = _Page(network_id, found)
        for event in found:
            page.apply(event)
        page.give_back(clock.now())
        page.write()
        cursor.sequence = found[-1].sequence if len(found) == PORTION else last
        cursor.save(update_fields=["sequence"])
    return len(found) == PORTION


@dataclass(slots=True)
class _Known:
    """What is known of the stations of a portion."""

    stations: dict[str, Station] = field(default_factory=dict)
    records: dict[_Place, ServiceRecord] = field(default_factory=dict)
    lost: dict[_Place, Outage] = field(default_factory=dict)
    broken: dict[_Place, Outage] = field(default_factory=dict)
    # When a station last came back: no loss begins before.
    back_at: dict[int, datetime | None] = field(default_factory=dict)


class _Page:
    """The part of the ledger that a portion of events is about: read, changed in memory, and written."""

    def __init__(self, network_id: int, events: Iterable[Event]) -> None:
        self._network_id = network_id
        self._known = _Known()
        self._made: list[Outage] = []
        self._closed: list[Outage] = []
        self._touched: dict[_Place, ServiceRecord] = {}
        self._told_at: dict[_Place, datetime] = {}
        identities = {event.station for event in events if event.station}
        found = Station.objects.filter(network_id=network_id, identity__in=identities)
        self._known.stations = {station.identity: station for station in found}
        pks = [station.pk for station in self._known.stations.values()]
        for record in ServiceRecord.objects.filter(station__in=pks):
            self._known.records[record.station_id, record.evse_id] = record
        ours = Outage.objects.filter(network_id=network_id, ended_at=None, cause=OutageCause.OURS)
        for outage in Outage.objects.filter(station__in=pks, ended_at=None).union(ours):
            home = self._known.lost if outage.cause in LOST else self._known.broken
            home[outage.station_id, outage.evse_id] = outage
        ended = Outage.objects.filter(station__in=pks, cause__in=LOST, ended_at__isnull=False)
        self._known.back_at = dict(
            ended.order_by("station_id", "-ended_at")
            .distinct("station_id")
            .values_list("station_id", "ended_at")
        )

    def apply(self, event: Event) -> None:
        """Take one event in."""
        station = self._known.stations.get(event.station or "")
        # Another station may have had the identity before.
        if station is None or event.time < station.created_at:
            return
        if event.type == StationOnline.type:
            self._come_back(station, event)
        elif event.type == StationOffline.type:
            self._lose(station, event)
        else:
            self._hear(station, event)

    def _come_back(self, station: Station, event: Event) -> None:
        self._record(station, 0, event.time)
        self.give_back(event.time, station.pk)
        if outage := self._known.lost.pop((station.pk, 0), None):
            self._close(outage, event.time, event)
            self._known.back_at[station.pk] = outage.ended_at or event.time

    def _lose(self, station: Station, event: Event) -> None:
        heard = event.data.get("last_heard_at")
        began = min(event.time, datetime.fromisoformat(heard)) if heard else event.time
        began = max(began, self._known.back_at.get(station.pk) or began)
        self._record(station, 0, began)
        if (station.pk, 0) in self._known.lost:
            return
        cause = OutageCause.OURS if event.data.get("by_us") else OutageCause.OFFLINE
        detail = str(event.data.get("reason") or "")
        self._told_at[station.pk, 0] = event.time
        self._known.lost[station.pk, 0] = self._open(station, 0, cause, began, event, detail)

    def _hear(self, station: Station, event: Event) -> None:
        """A connector, or the station itself, has another status or fault."""
        evse_id = event.data.get("evse_id") or 0
        connector = str(event.data.get("connector_id") or 0)
        record = self._record(station, evse_id, event.time)
        self._touched[station.pk, evse_id] = record
        if event.type == StationFault.type:
            record.faults[connector] = event.data["fault_id"]
            self._name_fault(station.pk, evse_id, event.data["fault_id"])
            return
        if event.type == StationFaultCleared.type:
            record.faults.pop(connector, None)
            return
        record.statuses[connector] = event.data.get("status")
        cause = _broken(record.statuses.values())
        place = (station.pk, evse_id)
        before = self._known.broken.get(place)
        if before is not None and before.cause != cause:
            self._close(self._known.broken.pop(place), event.time, event)
        if cause is not None and place not in self._known.broken:
            words = [event.data.get(key) for key in ("detail", "error_code", "vendor_error_code", "info")]
            outage = self._open(
                station, evse_id, cause, event.time, event, ", ".join(word for word in words if word)
            )
            outage.fault_id = next(iter(record.faults.values()), "")
            self._known.broken[place] = outage

    def _name_fault(self, station_id: int, evse_id: int, fault_id: str) -> None:
        """The fault is told right after the status; what is written already can't be changed any more."""
        outage = self._known.broken.get((station_id, evse_id))
        if outage is not None and outage._state.adding and not outage.fault_id:
            outage.fault_id = fault_id

    def give_back(self, until: datetime, station_id: int | None = None) -> None:
        """What goes on although our service has long been back isn't ours any more."""
        for place, outage in list(self._known.lost.items()):
            if outage.cause != OutageCause.OURS or station_id not in (None, place[0]):
                continue
            at = _given_back_at(outage.began_at, self._told_at.get(place, until))
            if at is not None and at < until:
                theirs = Outage(
                    network_id=outage.network_id,
                    station_id=outage.station_id,
                    identity=outage.identity,
                    evse_id=outage.evse_id,
                    cause=OutageCause.OFFLINE,
                    began_at=max(at, outage.began_at),
                    began_event=outage.began_event,
                    began_sequence=outage.began_sequence,
                    detail="our service was back, the station was not",
                )
                self._close(outage, theirs.began_at)
                self._made.append(theirs)
                self._known.lost[place] = theirs

    def _record(self, station: Station, evse_id: int, since: datetime) -> ServiceRecord:
        place = (station.pk, evse_id)
        if place not in self._known.records:
            made = ServiceRecord(station=station, evse_id=evse_id, since=since)
            self._known.records[place] = self._touched[place] = made
        return self._known.records[place]

    def _open(
        self, station: Station, evse_id: int, cause: OutageCause, at: datetime, event: Event, detail: str
    ) -> Outage:
        outage = Outage(
            network_id=self._network_id,
            station=station,
            identity=station.identity,
            evse_id=evse_id,
            cause=cause,
            began_at=at,
            began_event=event.pk,
            began_sequence=event.sequence,
            detail=detail[:500],
        )
        self._made.append(outage)
        return outage

    def _close(self, outage: Outage, at: datetime, event: Event | None = None) -> None:
        outage.ended_at = max(at, outage.began_at)
        if event is not None:
            outage.ended_event, outage.ended_sequence = event.pk, event.sequence
        if not outage._state.adding:
            self._closed.append(outage)

    def write(self) -> None:
        """Write what is new. What goes on is closed first: one of a kind goes on at a time."""
        Outage.objects.bulk_update(self._closed, ["ended_at", "ended_event", "ended_sequence"])
        Outage.objects.bulk_create(self._made)
        ServiceRecord.objects.bulk_create(
            self._touched.values(),
            update_conflicts=True,
            unique_fields=["station", "evse_id"],
            update_fields=["statuses", "faults"],
        )


def end_all(station: Station) -> None:
    """A station leaves: what goes on at it ends with it."""
    Outage.objects.filter(station=station, ended_at=None).update(
        ended_at=Greatest("began_at", Value(clock.now()))
    )


def _broken(statuses: Iterable[str]) -> OutageCause | None:
    """Why no connector of an EVSE can be used; None: one can."""
    said = set(statuses)
    if not said or said - {Availability.FAULTED, Availability.UNAVAILABLE}:
        return None
    return OutageCause.FAULTED if Availability.FAULTED in said else OutageCause.UNAVAILABLE


def _given_back_at(began_at: datetime, told_at: datetime) -> datetime | None:
    """When stations that were lost by us had had their time to come back; None: our service isn't there yet.

    ``told_at``: when it was found that they hadn't; whoever served then has served since it started.
    """
    grace = timedelta(seconds=settings.EMOBI_RESTART_GRACE_S)
    served_then = GatewayProcess.objects.filter(
        Q(stopped_at=None) | Q(stopped_at__gt=told_at - grace), lease_until__gt=told_at - grace
    )
    started_at = served_then.order_by("started_at").values_list("started_at", flat=True).first()
    return None if started_at is None else max(started_at, began_at) + grace
