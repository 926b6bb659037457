"""What pages and the API read of stations. The message log has its own: `stations.message_log`."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Value
from django.db.models.functions import Lower, Now

from emobi.core.errors import NotFound
from emobi.core.models import Network
from stations.models import Command, Connector, Deviation, GatewayProcess, Station


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
        q: Part of the identity, vendor, model, serial number or site.
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
        fields = ("identity", "vendor", "model", "serial_number", "site")
        found = found.filter(Q(*[(f"{field}__icontains", q) for field in fields], _connector=Q.OR))
    return _with_connectors(found.order_by("sort_key"))


def station(network: Network, identity: str) -> Station:
    """One station of a network, in whatever case its identity is written, as `stations` has it.

    Raises:
        NotFound: If the network has none of that identity.
    """
    of_network = Station.objects.filter(network=network).annotate(sort_key=Lower("identity"))
    found = _with_connectors(of_network.filter(sort_key=_lower(identity))).first()
    if found is None:
        raise NotFound(f"There is no station {identity[:64]}.")
    return found


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


def deviations(station: Station) -> QuerySet[Deviation]:
    """In which ways the station's messages differ from OCPP, the most frequent first."""
    return station.deviations.order_by("-count", "pk")


def commands(station: Station, *, before: str | None = None) -> QuerySet[Command]:
    """What the station was asked, the newest first; ``before``: older than the command of this id."""
    found = Command.objects.filter(station=station)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.order_by("-pk")


def live_gateways() -> int:
    """How many gateway processes have a lease that holds, by the database's clock."""
    return GatewayProcess.objects.filter(stopped_at=None, lease_until__gt=Now()).count()
