"""Stations that are simulated because somebody asked for one: no charger at hand, and a wish to see
something.

Whoever asks registers a station; the demo's process (`manage.py simulate --on-request`) sees the row and
lends it a life for `LASTS`. Its tag says that it wants one: taking the tag away ends it. Only where the demo
runs.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings

from emobi.core import clock, ulid
from emobi.core.errors import Conflict
from emobi.core.models import Network
from stations.models import Registration, Station
from stations.services.registry import registration

PREFIX = "SIM-"
TAG = "simulated"
SITE = "Simulated"
LASTS = timedelta(hours=1)
# In all networks together: each costs the machine some.
MOST = 8
VERSIONS = ("1.6", "2.0.1")


def is_offered() -> bool:
    """Whether the demo's process runs here."""
    return settings.EMOBI_DEMO_STATIONS > 0


def password_of(network_slug: str, identity: str) -> str:
    """A simulated station's password: the same in every run of this installation, and kept nowhere."""
    key = f"simulator:{network_slug}:{identity}".encode()
    digest = hmac.digest(settings.SECRET_KEY.encode(), key, hashlib.sha256)
    return base64.b32encode(digest).decode()[:20]


def request(network: Network, version: str, *, by: str, address: str | None = None) -> Station:
    """Ask for a simulated station that speaks ``version``; it connects within seconds.

    Raises:
        Conflict: If the demo doesn't run here, or there are too many already.
    """
    if not is_offered() or version not in VERSIONS:
        raise Conflict("There is no simulator here: the demo is off (EMOBI_DEMO_STATIONS).")
    if len(wanted()) >= MOST:
        raise Conflict(f"{MOST} simulated stations run already; stop one, or wait until its hour is over.")
    identity = f"{PREFIX}{ulid.new()[-6:]}"
    station, _ = registration.register(
        network, identity, password=password_of(network.slug, identity), security_profile=1, by=by,
        address=address, site=SITE, tags=[TAG], allowed_versions=[version],
    )  # fmt: skip
    return station


def stop(station: Station, *, by: str, address: str | None = None) -> None:
    """End its life; the station and its history stay."""
    tags = [each for each in station.tags if each != TAG]
    registration.change(station, {"tags": tags}, by=by, address=address)


def is_wanted(station: Station) -> bool:
    """Whether a station is one of them, and its time isn't over."""
    return (
        station.identity.startswith(PREFIX)
        and TAG in station.tags
        and station.created_at > clock.wall() - LASTS
    )


def wanted() -> Sequence[Station]:
    """Those that are to live now, the oldest first; never more than `MOST`."""
    found = Station.objects.filter(
        identity__startswith=PREFIX, tags__contains=[TAG], created_at__gt=clock.wall() - LASTS,
        registration=Registration.ACCEPTED,
    )  # fmt: skip
    return list(found.select_related("network").order_by("pk")[:MOST])
