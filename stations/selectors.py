"""What pages and the API read of stations. The message log has its own: `stations.message_log`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery, Value
from django.db.models.functions import Lower, Now

from emobi.core.errors import Invalid, NotFound
from emobi.core.models import Network
from stations.models import (
    BulkCommand,
    BulkTarget,
    Command,
    Connector,
    Deviation,
    GatewayProcess,
    Monitor,
    MonitoredEvent,
    Reservation,
    RevokedCertificate,
    SigningRequest,
    Station,
    Variable,
    Watch,
)


def stations(
    network: Network,
    *,
    connectivity: str | None = None,
    status: str | None = None,
    q: str | None = None,
    version: str | None = None,
    vendor: str | None = None,
    model: str | None = None,
    firmware: str | None = None,
    after: str | None = None,
) -> QuerySet[Station]:
    """Stations of a network by identity, each with its connection and its connectors.

    Args:
        network: The network.
        connectivity: online, silent, offline or never.
        status: That of at least one connector, in 2.0.1's words or 1.6's.
        q: Part of the identity, name, vendor, model, serial number or site.
        version: Of OCPP, spoken last.
        vendor: As the station spells it, in whatever case; so are ``model`` and ``firmware``.
        model: As ``vendor``.
        firmware: As ``vendor``.
        after: Identity of the last station of the page before.
    """
    found = Station.objects.filter(network=network).annotate(sort_key=Lower("identity"))
    exact = {
        "connectivity": connectivity,
        "ocpp_version": version,
        "vendor__iexact": vendor,
        "model__iexact": model,
        "firmware_version__iexact": firmware,
        "sort_key__gt": None if after is None else _lower(after),
    }
    found = found.filter(**{field: wanted for field, wanted in exact.items() if wanted is not None})
    if status is not None:
        of_station = Connector.objects.filter(station=OuterRef("pk"), evse_id__gt=0)
        found = found.filter(Exists(of_station.filter(Q(status=status) | Q(detail=status))))
    if q:
        fields = ("identity", "name", "vendor", "model", "serial_number", "site")
        found = found.filter(Q(*[(f"{field}__icontains", q) for field in fields], _connector=Q.OR))
    return _with_connectors(found.order_by("sort_key"))


def station(network: Network, identity: str, watcher: User | None = None) -> Station:
    """One station of a network, in whatever case its identity is written, as `stations` has it.

    With a ``watcher`` it says whether they watch it, as `is_watched`.

    Raises:
        NotFound: If the network has none of that identity.
    """
    of_network = Station.objects.filter(network=network).annotate(sort_key=Lower("identity"))
    if watcher is not None:
        stars = Watch.objects.filter(station=OuterRef("pk"), user=watcher)
        of_network = of_network.annotate(watched=Exists(stars))
    return _first(_with_connectors(of_network.filter(sort_key=_lower(identity))), identity)


def bare_station(network: Network, identity: str) -> Station:
    """The same without its connection and connectors.

    Raises:
        NotFound: If the network has none of that identity.
    """
    of_network = Station.objects.filter(network=network).annotate(sort_key=Lower("identity"))
    return _first(of_network.filter(sort_key=_lower(identity)), identity)


def _first(stations: QuerySet[Station], identity: str) -> Station:
    found = stations.first()
    if found is None:
        raise NotFound(f"There is no station {identity[:64]}.")
    return found


def is_watched(station: Station) -> bool:
    """Whether it is watched by whom `station` was asked for."""
    return bool(vars(station).get("watched"))


def named(network: Network, identities: Sequence[str], field: str = "identities") -> list[Station]:
    """The stations of these identities, each once and in their order, in whatever case they are written.

    Args:
        network: The network.
        identities: As somebody wrote them.
        field: Where they stood, for the error.

    Raises:
        Invalid: If the network has none of one of them.
    """
    lower = _in_lower_case(identities)
    of_network = Station.objects.filter(network=network).annotate(sort_key=Lower("identity"))
    found = {vars(station)["sort_key"]: station for station in of_network.filter(sort_key__in=lower)}
    missing = [identity for identity, key in zip(identities, lower, strict=True) if key not in found]
    if missing:
        more = f", and {len(missing) - 1} more" if missing[1:] else ""
        raise Invalid(f"There is no station {missing[0][:64]}{more}.", field)
    return [found[key] for key in dict.fromkeys(lower)]


def _in_lower_case(identities: Sequence[str]) -> list[str]:
    """Each in lower case by the database's rules, not by Python's."""
    statement = "SELECT lower(i) FROM unnest(%s::text[]) WITH ORDINALITY AS given(i, place) ORDER BY place"
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(identities)])
        return [lower for (lower,) in cursor.fetchall()]


def _lower(identity: str) -> Lower:
    """In lower case by the database's rules, not by Python's."""
    return Lower(Value(identity))


def _with_connectors(found: QuerySet[Station]) -> QuerySet[Station]:
    in_order = Connector.objects.order_by("evse_id", "connector_id")
    return found.select_related("network", "connection").prefetch_related(Prefetch("connectors", in_order))


@dataclass(frozen=True, kw_only=True)
class Evse:
    """An EVSE and its connectors, in order."""

    evse_id: int
    connectors: tuple[Connector, ...]


def evses(connectors: Iterable[Connector]) -> list[Evse]:
    """Connectors by EVSE, without the station itself; given in order, as `station` has them."""
    plugs = (connector for connector in connectors if connector.evse_id)
    return [
        Evse(evse_id=evse_id, connectors=tuple(of_evse))
        for evse_id, of_evse in groupby(plugs, key=lambda connector: connector.evse_id)
    ]


def signing_requests(station: Station) -> QuerySet[SigningRequest, SigningRequest]:
    """Its keys that it wanted signed, the newest first, each with ``revoked_at``, if its certificate was."""
    same = RevokedCertificate.objects.filter(
        network=station.network_id, serial_number=OuterRef("serial_number")
    )
    return (
        SigningRequest.objects.filter(station=station)
        .annotate(revoked_at=Subquery(same.values("revoked_at")[:1]))
        .order_by("-pk")
    )


def revoked_at(request: SigningRequest) -> datetime | None:
    """When its certificate was revoked, where it was read with that (`signing_requests`)."""
    found: datetime | None = vars(request).get("revoked_at")
    return found


def deviations(station: Station) -> QuerySet[Deviation]:
    """In which ways the station's messages differ from OCPP, the most frequent first."""
    return station.deviations.order_by("-count", "pk")


@dataclass(frozen=True, kw_only=True)
class MessageLimits:
    """The most that a station takes in one message; None: it never said."""

    items: int | None = None
    bytes: int | None = None


def message_limits(station: Station, component: str, instance: str = "") -> MessageLimits:
    """What the device model says of the size of a message; a key of 1.6 counts where it stands there.

    Args:
        station: Who gets it.
        component: DeviceDataCtrlr, MonitoringCtrlr, LocalAuthListCtrlr.
        instance: Of the variables ItemsPerMessage and BytesPerMessage: the action, for most components.
    """
    found = Variable.objects.filter(
        station=station, component__iexact=component, variable_instance__iexact=instance, attribute="Actual"
    )
    said = {name.casefold(): _positive(value) for name, value in found.values_list("variable", "value")}
    return MessageLimits(items=said.get("itemspermessage"), bytes=said.get("bytespermessage"))


# As the schemas of both versions have it.
LONGEST_CHAIN = 10_000


def longest_chain(station: Station) -> int:
    """How many characters of a certificate's chain the station takes (2.0.1, A02.FR.16)."""
    said = Variable.objects.filter(
        station=station,
        component__iexact="SecurityCtrlr",
        variable__iexact="MaxCertificateChainSize",
        attribute="Actual",
    ).values_list("value", flat=True)
    return min([LONGEST_CHAIN, *filter(None, map(_positive, said))])


# No station takes more, and no more digits are read.
_LONGEST_LIMIT = 9


def _positive(value: str | None) -> int | None:
    if not value or len(value) > _LONGEST_LIMIT or not (value.isascii() and value.isdecimal()):
        return None
    return int(value) or None


def variables(
    station: Station,
    *,
    component: str | None = None,
    variable: str | None = None,
    reboot_required: bool | None = None,
    after: int | None = None,
) -> QuerySet[Variable]:
    """A station's device model in the order in which it was told; ``after``: what comes after that row."""
    found = _of_device_model(Variable.objects.filter(station=station), component, variable, after)
    return found if reboot_required is None else found.filter(reboot_required=reboot_required)


def components(station: Station) -> dict[tuple[int | None, int | None], dict[str, int]]:
    """How many variables each component has, by EVSE and connector; (None, None) is the station itself."""
    rows = Variable.objects.filter(station=station, attribute="Actual")
    told = rows.values_list("evse_id", "connector_id", "component").annotate(count=Count("pk")).order_by()
    found: dict[tuple[int | None, int | None], dict[str, int]] = {}
    for evse_id, connector_id, component, count in told:
        found.setdefault((evse_id, connector_id), {})[component] = count
    return found


def monitors(
    station: Station,
    *,
    component: str | None = None,
    variable: str | None = None,
    after: int | None = None,
) -> QuerySet[Monitor]:
    """A station's monitors in the order in which they became known; ``after``: what comes after that row."""
    return _of_device_model(Monitor.objects.filter(station=station), component, variable, after)


def monitored_events(
    station: Station,
    *,
    component: str | None = None,
    variable: str | None = None,
    before: int | None = None,
) -> QuerySet[MonitoredEvent]:
    """What a station's monitors noticed, the newest first; ``before``: what came before that row."""
    exact = {"component__iexact": component, "variable__iexact": variable, "pk__lt": before}
    wanted = {field: value for field, value in exact.items() if value is not None}
    return MonitoredEvent.objects.filter(station=station, **wanted).order_by("-pk")


def _of_device_model[Row: (Variable, Monitor)](
    rows: QuerySet[Row], component: str | None, variable: str | None, after: int | None
) -> QuerySet[Row]:
    exact = {"component__iexact": component, "variable__iexact": variable, "pk__gt": after}
    return rows.filter(**{field: value for field, value in exact.items() if value is not None}).order_by("pk")


def commands(station: Station, *, before: str | None = None) -> QuerySet[Command]:
    """What the station was asked, the newest first; ``before``: older than the command of this id."""
    found = Command.objects.filter(station=station)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")


def bulk_commands(network: Network, *, before: str | None = None) -> QuerySet[BulkCommand]:
    """The network's, the newest first; ``before``: older than the one of this id."""
    found = BulkCommand.objects.filter(network=network)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")


def bulk_targets(bulk: BulkCommand, *, after: int | None = None) -> QuerySet[BulkTarget]:
    """The stations of a bulk command with their commands, as they are asked; ``after``: this position."""
    found = BulkTarget.objects.filter(bulk=bulk).select_related("station", "command")
    if after is not None:
        found = found.filter(position__gt=after)
    return found.order_by("position")


def live_gateways() -> int:
    """How many gateway processes have a lease that holds, by the database's clock."""
    return GatewayProcess.objects.filter(stopped_at=None, lease_until__gt=Now()).count()


def reservations(
    station: Station, *, active: bool | None = None, before: int | None = None
) -> QuerySet[Reservation]:
    """Reservations at a station, the newest first; ``before`` is the row of the last of the page before."""
    found = Reservation.objects.filter(station=station)
    if active is not None:
        found = found.filter(ended_at__isnull=active)
    if before is not None:
        found = found.filter(id__lt=before)
    return found.order_by("-id")
