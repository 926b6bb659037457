"""`/stations`: the network's charging stations, and how they are doing."""

from datetime import datetime
from typing import Annotated, Any, Literal, Required, TypedDict

from django.http import HttpRequest
from ninja import Body, Query, Router, Status
from pydantic import BaseModel, Field, with_config

from dashboard.addresses import client_address
from emobi.api import auth, paging
from emobi.api.fields import NullIsEmpty, Time, body, example
from emobi.core.models import Role
from sessions import station_health
from sessions.services import removal
from stations import capabilities, selectors, suggested_quirks
from stations.addresses import station_urls
from stations.health import Health
from stations.models import Connection, Connectivity, Connector, Deviation, Registration, Station
from stations.services.registry import registration

router = Router(tags=["stations"])

Version = Literal["1.6", "2.0.1"]


class ConnectorOut(BaseModel):
    """A plug and its last reported status."""

    connector_id: int
    type: str | None
    status: str | None = Field(
        description="Available, Occupied, Reserved, Unavailable or Faulted; null: not reported."
    )
    detail: str | None = Field(description="OCPP 1.6's finer word.")
    error_code: str | None
    vendor_error_code: str | None
    info: str | None
    changed_at: Time
    reported_at: Time


class EvseOut(BaseModel):
    """What charges one EV at a time."""

    evse_id: int
    connectors: list[ConnectorOut]


class DeviationOut(BaseModel, from_attributes=True):
    """A way in which the station's messages differ from OCPP."""

    action: str
    path: str
    rule: str
    detail: str
    count: int
    last_at: Time


class CapabilityOut(BaseModel, from_attributes=True):
    """What is known of one feature at this station."""

    in_version: bool | None = Field(
        description="Whether its OCPP version has words for it; null: never spoken."
    )
    claimed: bool | None = Field(description="Whether the station says that it can; null: it hasn't said.")
    worked_at: Time | None = Field(description="When it last did it.")
    refused_at: Time | None = Field(description="When it last refused it, or gave no proper answer.")
    failure: str | None = Field(description="How it failed then: its word, its error, or no answer.")


class SuggestionOut(BaseModel, from_attributes=True):
    """A quirk flag that would help the station."""

    quirk: str
    value: str | int | float | bool
    because: str


class ReasonOut(BaseModel, from_attributes=True):
    """Points that a station lost, and why."""

    points: int
    words: str
    evidence: str = Field(description="Where that can be seen, below the station's path; empty: the station.")


class HealthOut(BaseModel, from_attributes=True):
    """How well a station does: 100 less the points of all reasons."""

    score: int | None = Field(description="0 to 100; null: it was never there.")
    reasons: list[ReasonOut]


_EXAMPLE: dict[str, Any] = {
    "identity": "CP001",
    "connectivity": "online",
    "connectivity_since": "2026-11-22T06:00:00.000Z",
    "registration": "accepted",
    "ocpp_version": "1.6",
    "security_profile": 2,
    "allowed_versions": [],
    "vendor": "Wallworks",
    "model": "W1",
    "serial_number": "S-77",
    "firmware_version": "1.0.3",
    "iccid": None,
    "imsi": None,
    "booted_at": "2026-11-22T06:00:01.000Z",
    "last_heard_at": "2026-11-22T07:00:00.123Z",
    "connected_at": "2026-11-22T06:00:00.000Z",
    "heartbeat_interval_s": 300,
    "clock_skew_s": 0.4,
    "status": "Available",
    "evses": [
        {
            "evse_id": 1,
            "connectors": [
                {
                    "connector_id": 1,
                    "type": "cType2",
                    "status": "Occupied",
                    "detail": "Charging",
                    "error_code": "NoError",
                    "vendor_error_code": None,
                    "info": None,
                    "changed_at": "2026-11-22T06:55:00.000Z",
                    "reported_at": "2026-11-22T06:55:00.000Z",
                }
            ],
        }
    ],
    "capabilities": None,
    "deviations": None,
    "quirks": {},
    "model_quirks": {},
    "suggested_quirks": None,
    "tags": ["fast"],
    "site": "Harbour",
    "name": "Quay, by the crane",
    "zone": "Europe/Berlin",
    "notes": None,
    "maintenance": False,
    "created_at": "2026-11-01T08:00:00.000Z",
}


class StationOut(BaseModel):
    """A charging station."""

    model_config = example(_EXAMPLE)

    identity: str
    connectivity: Connectivity
    connectivity_since: Time
    registration: Registration
    ocpp_version: str | None
    security_profile: int
    allowed_versions: list[str]
    vendor: str | None
    model: str | None
    serial_number: str | None
    firmware_version: str | None
    iccid: str | None
    imsi: str | None
    booted_at: Time | None
    last_heard_at: Time | None
    connected_at: Time | None
    heartbeat_interval_s: int
    clock_skew_s: float | None
    status: str | None = Field(description="Of the station itself, as last reported.")
    evses: list[EvseOut]
    capabilities: dict[str, CapabilityOut] | None = Field(
        description="By feature, most of which are commands. Of one station; null in lists."
    )
    deviations: list[DeviationOut] | None = Field(description="Of one station; null in lists.")
    quirks: dict[str, Any]
    model_quirks: dict[str, Any] = Field(description="Those of its model; its own go over them.")
    suggested_quirks: list[SuggestionOut] | None = Field(
        description="From what was seen of it; nothing is set by itself. Of one station; null in lists."
    )
    tags: list[str]
    site: str | None
    name: str | None = Field(description="What people call it.")
    zone: str | None = Field(description="The time zone where it stands, as in the IANA database.")
    notes: str | None = Field(description="For whoever looks after it.")
    maintenance: bool
    created_at: Time


@with_config(body({"registration": "accepted"}, {"maintenance": True}))
class StationChanges(TypedDict, total=False):
    """What may be said of a station; what isn't named stays."""

    registration: Annotated[Registration, Field(description="What its next BootNotification is answered.")]
    security_profile: Annotated[int | None, Field(ge=0, le=3, description="null: as the network asks.")]
    password: Annotated[str, Field(min_length=16, max_length=40)]
    serial_number: Annotated[str, Field(max_length=255), NullIsEmpty()]
    allowed_versions: Annotated[list[Version], Field(description="Empty: as the network allows.")]
    heartbeat_interval_s: Annotated[
        int | None,
        Field(ge=1, le=86400, description="Told at its next boot; null: EMOBI_HEARTBEAT_INTERVAL_S."),
    ]
    quirks: Annotated[
        dict[str, str | int | float | bool | None],
        Field(max_length=50, description="What to do differently for it."),
    ]
    tags: Annotated[list[Annotated[str, Field(max_length=120)]], Field(max_length=50)]
    site: Annotated[str, Field(max_length=120), NullIsEmpty()]
    name: Annotated[str, Field(max_length=120, description="What people call it."), NullIsEmpty()]
    zone: Annotated[
        str,
        Field(max_length=64, description="The time zone where it stands, e.g. Europe/Berlin."),
        NullIsEmpty(),
    ]
    notes: Annotated[
        str, Field(max_length=4000, description="For whoever looks after it; several lines."), NullIsEmpty()
    ]
    maintenance: Annotated[bool, Field(description="Somebody works on it.")]


@with_config(body({"identity": "CP001", "site": "Harbour", "tags": ["new"]}))
class StationIn(StationChanges):
    """A new station."""

    identity: Required[Annotated[str, Field(min_length=1, max_length=48)]]


class NewStation(StationOut):
    """A station that was just registered."""

    model_config = example(
        _EXAMPLE
        | {
            "password": "s3NdQ8v1Zk0TqYw7LrBc",
            "urls": ["wss://ocpp.example.org/1.6/demo/CP001", "wss://ocpp.example.org/2.0.1/demo/CP001"],
        }
    )

    password: str | None = Field(description="Shown this once; null for security profile 0 or 3.")
    urls: list[str] = Field(description="What to paste into the station.")


def shown(station: Station, deviations: list[Deviation] | None = None) -> dict[str, Any]:
    """A station as the API shows it; ``station`` as `stations.selectors` reads it."""
    connection: Connection | None = getattr(station, "connection", None)
    plugs = list(station.connectors.all())
    itself = next((plug for plug in plugs if plug.evse_id == 0), None)
    return {
        "identity": station.identity,
        "connectivity": station.connectivity,
        "connectivity_since": station.connectivity_since,
        "registration": station.registration,
        "ocpp_version": station.ocpp_version or None,
        "security_profile": station.profile,
        "allowed_versions": station.allowed_versions,
        "vendor": station.vendor or None,
        "model": station.model or None,
        "serial_number": station.serial_number or None,
        "firmware_version": station.firmware_version or None,
        "iccid": station.iccid or None,
        "imsi": station.imsi or None,
        "booted_at": station.booted_at,
        "last_heard_at": connection.last_heard_at if connection else None,
        "connected_at": _connected_at(connection),
        "heartbeat_interval_s": station.heartbeat_s,
        "clock_skew_s": station.clock_skew_s,
        "status": itself.status or None if itself else None,
        "evses": [
            {"evse_id": evse.evse_id, "connectors": [_connector(plug) for plug in evse.connectors]}
            for evse in selectors.evses(plugs)
        ],
        "capabilities": None,
        "deviations": deviations,
        "quirks": station.quirks,
        "model_quirks": station.model_quirks,
        "suggested_quirks": None,
        "tags": station.tags,
        "site": station.site or None,
        "name": station.name or None,
        "zone": station.zone or None,
        "notes": station.notes or None,
        "maintenance": station.maintenance,
        "created_at": station.created_at,
    }


def _connected_at(connection: Connection | None) -> datetime | None:
    """Since when the socket is open; None while none is."""
    return connection.opened_at if connection and connection.closed_at is None else None


def _connector(plug: Connector) -> dict[str, Any]:
    return {
        "connector_id": plug.connector_id,
        "type": plug.type or None,
        "status": plug.status or None,
        "detail": plug.detail or None,
        "error_code": plug.error_code or None,
        "vendor_error_code": plug.vendor_error_code or None,
        "info": plug.info or None,
        "changed_at": plug.changed_at,
        "reported_at": plug.reported_at,
    }


@router.get("", response=paging.Page[StationOut], summary="Stations, by identity")
def list_stations(
    request: HttpRequest,
    connectivity: Connectivity | None = None,
    status: Annotated[
        str | None, Query(max_length=40, description="Of at least one connector; 1.6's words work, too.")
    ] = None,
    q: Annotated[
        str | None,
        Query(max_length=100, description="Part of identity, vendor, model, serial number or site."),
    ] = None,
    version: Version | None = None,
    vendor: Annotated[str | None, Query(max_length=255)] = None,
    model: Annotated[str | None, Query(max_length=255)] = None,
    firmware: Annotated[str | None, Query(max_length=255)] = None,
    cursor: paging.Cursor = None,
    limit: paging.Limit = 100,
) -> dict[str, Any]:
    """Both versions in one list."""
    found = selectors.stations(
        auth.network_of(request),
        connectivity=connectivity,
        status=status,
        q=q,
        version=version,
        vendor=vendor,
        model=model,
        firmware=firmware,
        after=paging.decode(cursor),
    )
    return paging.page(found, limit, key=lambda station: station.identity, shown=shown)


@router.post("", response={201: NewStation}, summary="Register a station")
def create_station(request: HttpRequest, body: Body[StationIn]) -> Status[dict[str, Any]]:
    """Needs the role operator. The password is shown this once; one is made where none is given."""
    key = auth.demand(request, Role.OPERATOR)
    station, password = registration.register(
        key.network,
        by=auth.actor(key),
        address=client_address(request),
        **body,
    )
    urls = station_urls(key.network.slug, station.identity)
    return Status(201, {**read_station(request, station.identity), "password": password, "urls": urls})


@router.get("/{segment:identity}", response=StationOut, summary="One station")
def read_station(request: HttpRequest, identity: str) -> dict[str, Any]:
    """With what it can do, and the ways in which its messages differ from OCPP."""
    station = selectors.station(auth.network_of(request), identity)
    deviations = list(selectors.deviations(station)[:100])
    found = capabilities.of(station)
    return {
        **shown(station, deviations),
        "capabilities": found,
        "suggested_quirks": suggested_quirks.of(station, found),
    }


@router.get("/{segment:identity}/health", response=HealthOut, summary="How well a station does")
def read_health(request: HttpRequest, identity: str) -> Health:
    """A score from 0 to 100; every point that is lost has its reason and the place of its evidence."""
    station = selectors.station(auth.network_of(request), identity)
    return station_health.of(station.network, [station])[station.pk]


@router.patch("/{segment:identity}", response=StationOut, summary="Change a station")
def change_station(request: HttpRequest, identity: str, body: Body[StationChanges]) -> dict[str, Any]:
    """Needs the role operator."""
    key = auth.demand(request, Role.OPERATOR)
    station = selectors.station(key.network, identity)
    registration.change(
        station,
        body,
        by=auth.actor(key),
        address=client_address(request),
    )
    return read_station(request, identity)


@router.delete("/{segment:identity}", response={204: None}, summary="Delete a station")
def delete_station(
    request: HttpRequest,
    identity: str,
    history: Annotated[bool, Query(description="Delete its charging sessions too.")] = False,
) -> Status[None]:
    """Needs the role admin.

    What the station said of itself goes with it. Its events, OCPP messages and audit entries stay for as long
    as they are kept. A station with charging sessions is a conflict unless `history` says that they may go.
    """
    key = auth.demand(request, Role.ADMIN)
    station = selectors.station(key.network, identity)
    removal.remove(station, with_history=history, by=auth.actor(key), address=client_address(request))
    return Status(204, None)
