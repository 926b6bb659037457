"""What a network's stations run on now: firmware, security profiles, certificates that end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from emobi.core import clock
from emobi.core.models import Network
from stations.models import InstalledCertificate, SigningRequest, SigningState, Station

MOST_FIRMWARE = 12
SOON = timedelta(days=30)
PROFILES: dict[int | None, str] = {
    0: "0: no password, not encrypted",
    1: "1: password, not encrypted",
    2: "2: password, TLS",
    3: "3: client certificate, TLS",
}


@dataclass(frozen=True, kw_only=True)
class Firmware:
    """A version of a model, and on how many stations."""

    model: str
    version: str
    stations: int


@dataclass(frozen=True, kw_only=True)
class Posture:
    """All of it.

    Attributes:
        firmware: The most common first; ``more``: how many stations run others.
        profiles: By security profile in words, how many stations.
        ended: Stations with a certificate that has ended; ``ending``: that will within 30 days.
    """

    firmware: Sequence[Firmware]
    more: int
    profiles: Sequence[tuple[str, int]]
    ended: int
    ending: int


def read(network: Network) -> Posture:
    """Three queries."""
    stations = Station.objects.filter(network=network)
    versions = list(
        stations.values_list("vendor", "model", "firmware_version")
        .annotate(number=Count("pk"))
        .order_by("-number", "vendor", "model", "firmware_version")
    )
    firmware = [
        Firmware(model=f"{vendor} {model}".strip() or "not known yet", version=version, stations=number)
        for vendor, model, version, number in versions[:MOST_FIRMWARE]
    ]
    profiles = (
        stations.values_list("security_profile").annotate(number=Count("pk")).order_by("security_profile")
    )
    now = clock.wall()
    own = SigningRequest.objects.filter(station=OuterRef("pk"), state=SigningState.INSTALLED).order_by("-pk")
    listed = InstalledCertificate.objects.filter(station=OuterRef("pk"))
    soon = now + SOON
    dated = stations.annotate(
        own_ends=Subquery(own.values("not_after")[:1]),
        listed_ended=Exists(listed.filter(not_after__lt=now)),
        listed_ending=Exists(listed.filter(not_after__gte=now, not_after__lt=soon)),
    )
    counted = dated.aggregate(
        ended=Count("pk", filter=Q(own_ends__lt=now) | Q(listed_ended=True)),
        ending=Count("pk", filter=Q(own_ends__gte=now, own_ends__lt=soon) | Q(listed_ending=True)),
    )
    return Posture(
        firmware=firmware,
        more=sum(number for *_, number in versions[MOST_FIRMWARE:]),
        profiles=[(PROFILES.get(profile, "not set"), number) for profile, number in profiles],
        ended=counted["ended"],
        ending=counted["ending"],
    )
