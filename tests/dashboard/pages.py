"""Every page of the dashboard, for the tests that look at all of them.

A room adds a function that puts something to see there and says which pages show it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from emobi.core.models import Network
from stations.models import Station
from tests.dashboard.state import charge, exchange, report


@dataclass(frozen=True)
class Page:
    """One page, or what opens over it."""

    path: str
    # What is pressed or clicked, in this order, before one looks: "key:?" a key, else a selector.
    then: tuple[str, ...] = ()
    role: str = "admin"


@dataclass(frozen=True)
class Cast:
    """Who is there: `alpha` speaks 1.6, `bravo` 2.0.1, both are online."""

    network: Network
    alpha: Station
    bravo: Station


type Room = Callable[[Cast], Iterable[Page]]


def stations(cast: Cast) -> Iterable[Page]:
    report(cast.alpha, "Occupied", 1, detail="Charging")
    report(cast.alpha, "Faulted", 2, error_code="GroundFailure", vendor_error_code="E-0471", info="residual")
    report(cast.bravo, "Occupied", 1)
    report(cast.bravo, "Reserved", 2)
    charge(cast.alpha)
    charge(cast.bravo, charging_state="SuspendedEV")
    charge(cast.bravo, state="ended", suspect=["its meter went back"])
    Station.objects.create(network=cast.network, identity="charlie", registration="pending")
    Station.objects.create(network=cast.network, identity="delta", connectivity="offline", ocpp_version="1.6")
    yield Page("/stations/")
    yield Page("/stations/?q=nobody")
    yield Page("/stations/alpha/")
    yield Page("/stations/bravo/")
    yield Page("/stations/charlie/")
    yield Page("/connect/")


def commands(cast: Cast) -> Iterable[Page]:
    yield Page("/stations/bravo/commands/reset/")
    yield Page("/stations/alpha/commands/get_config/")
    yield Page("/stations/alpha/", then=("#commands a:text-is('Reset')", "#dialog[open]"))


def messages(cast: Cast) -> Iterable[Page]:
    exchange(cast.alpha, "StatusNotification", {"status": "Charging", "connectorId": 1}, {})
    exchange(cast.bravo, "NotifyEvent", {}, error="NotImplemented")
    shown = exchange(cast.bravo, "Reset", {"type": "Immediate"}, {"status": "Rejected"}, sent=True)
    known = {"idTagInfo": {"status": "Accepted"}}
    authorized = exchange(cast.alpha, "Authorize", {"idTag": "04A1B2C3D4"}, known)
    yield Page("/messages/")
    yield Page("/messages/?q=result:error+latency:soon", then=("summary#m-help",))
    yield Page("/messages/?q=nowhere")
    yield Page("/messages/live/")
    yield Page(f"/messages/{shown}/", then=("details.raw summary",))
    yield Page(f"/messages/{shown}/?diff={authorized}")
    yield Page(f"/messages/{authorized}/", then=("details.reveal summary",))


def frame(cast: Cast) -> Iterable[Page]:
    yield Page("/stations/", then=("key:?",))
    yield Page("/stations/", then=("details.menu summary",))
    yield Page("/sign-in/", role="")
    yield Page("/nowhere/")
    yield Page("/stations/alpha/", role="viewer")


ROOMS: tuple[Room, ...] = (
    stations,
    commands,
    messages,
    frame,
)
