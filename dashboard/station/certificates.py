"""The certificates of a station, and its keys that were to be signed."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from dashboard.access import Access, page, viewer
from dashboard.station import station_page, tabs
from emobi.core import clock
from stations.models import InstalledCertificate, SigningRequest

SHOWN = 200
REQUESTS = 25
# A certificate that ends within it should be renewed.
SOON = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate that the station has."""

    row: InstalledCertificate

    @property
    def expiry(self) -> str:
        """over, soon, or "" for neither."""
        ends = self.row.not_after
        if ends is None or ends > clock.wall() + SOON:
            return ""
        return "over" if ends <= clock.wall() else "soon"

    @property
    def deletion(self) -> str:
        """The query that fills in the form which deletes it, in the station's own words (M04.FR.07)."""
        names = ("hash_algorithm", "issuer_name_hash", "issuer_key_hash", "serial_number")
        return "?" + urlencode({name: getattr(self.row, name) for name in names})


@require_safe
@viewer
def certificates(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """The tab."""
    station, context = station_page.read(access, identity, tabs.CERTIFICATES)
    rows = InstalledCertificate.objects.filter(station=station).order_by("use", "pk")[:SHOWN]
    requests = SigningRequest.objects.filter(station=station).order_by("-pk")[:REQUESTS]
    context |= {"certificates": [Certificate(row=row) for row in rows], "requests": list(requests)}
    return page(request, access, "dashboard/station/certificates.html", context)
