"""What is pasted into a charger: URLs by protocol and profile, a QR code, the CA; and many at once."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import segno
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from emobi.core.errors import Refused
from emobi.core.models import Network
from stations.addresses import station_urls
from stations.issuing import authority_files
from stations.models import Station
from stations.services.registry import registration

MOST_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Field:
    """A setting as a version of OCPP calls it, and what to paste there."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything for one station."""

    urls: Sequence[str]
    qr: SafeString
    of_16: Sequence[Field]
    of_201: Sequence[Field]
    needs_ca: bool


def urls(station: Station) -> list[str]:
    """Those that its security profile allows, the best first; all where none of them does."""
    every = station_urls(station.network.slug, station.identity)
    secure = [url for url in every if url.startswith("wss:")]
    if station.profile >= 2:
        return secure or every
    return [url for url in every if url not in secure] + secure


def sheet(station: Station) -> Sheet:
    """For the station's page of onboarding."""
    found = urls(station)
    best = found[0] if found else ""
    base = best.rpartition("/")[0] + "/"
    return Sheet(
        urls=found,
        qr=qr(best),
        of_16=[
            Field(name="Central system URL", value=best, note="With the identity at its end."),
            Field(
                name="Or, where the charger adds its identity",
                value=base,
                note=f"Then its ChargeBoxId, or charge point identity, is {station.identity}.",
            ),
            Field(name="SecurityProfile", value=str(station.profile)),
        ],
        of_201=[
            Field(
                name="ocppCsmsUrl",
                value=base,
                note="In NetworkConnectionProfile; the station adds its identity.",
            ),
            Field(name="SecurityCtrlr.Identity", value=station.identity),
            Field(name="securityProfile", value=str(station.profile)),
        ],
        needs_ca=any(url.startswith("wss:") for url in found) and authority() is not None,
    )


def qr(text: str) -> SafeString:
    """As SVG without a style: the policy of our pages allows none."""
    drawn = segno.make(text or "-", error="m").svg_inline(scale=4, border=3, light="#fff", omitsize=True)
    # mark_safe: segno draws paths; the text is in them as squares alone.
    return mark_safe(drawn)


def authority() -> Path | None:
    """The development CA's certificate; None where certificates come from elsewhere."""
    if settings.EMOBI_TLS_CERTIFICATES:
        return None
    path = authority_files(Path(settings.EMOBI_DATA_DIR) / "tls").certificate
    return path if path.exists() else None


def register_many(
    network: Network, lines: Iterable[str], *, by: str, address: str | None
) -> Iterator[tuple[str, ...]]:
    """Register a station a line (identity, then its site after a comma); rows of a file, passwords once.

    A line that can't be registered says why, and the others are.
    """
    yield "identity", "password", "url", "problem"
    for number, row in enumerate(csv.reader(io.StringIO("\n".join(lines)))):
        identity = row[0].strip() if row else ""
        if not identity or number >= MOST_AT_ONCE:
            continue
        site = row[1].strip() if len(row) > 1 else ""
        try:
            station, password = registration.register(network, identity, by=by, address=address, site=site)
        except Refused as refusal:
            yield identity, "", "", str(refusal)
        else:
            yield identity, password or "", urls(station)[0], ""


def offers_tls(network: Network) -> bool:
    """Whether chargers can come by wss."""
    return any(url.startswith("wss:") for url in station_urls(network.slug, "-"))
