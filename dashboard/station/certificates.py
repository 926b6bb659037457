"""The certificates of a station, its keys that were to be signed, and what of that is revoked."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from dashboard import figures
from dashboard.access import Access, page, requires, viewer
from dashboard.addresses import client_address
from dashboard.found import or_404
from dashboard.station import certificate_chains, station_page, tabs
from dashboard.station.certificate_chains import Place
from emobi.core import clock
from emobi.core.errors import Invalid, NotFound, Refused
from emobi.core.models import Role
from stations import known_revocations, selectors
from stations.known_revocations import Known, Told
from stations.message_log import MOST_ROWS
from stations.models import InstalledCertificate, RevocationReason, SigningRequest, Station
from stations.services.trust import revocations
from stations.services.trust.installed_certificates import ROOTS

SHOWN = 200
REQUESTS = 25
# A certificate that ends within it should be renewed.
SOON = timedelta(days=30)

_ANSWERS = {
    Told.GOOD: ("Good", "ok", ""),
    Told.REVOKED: ("Revoked", "fault", "by its authority"),
    Told.UNKNOWN: ("Not known", "wait", "to its authority"),
    Told.NOTHING: ("No answer", "wait", ""),
}


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A certificate that the station has: where in its chain, and what is known of its revocation."""

    place: Place
    known: Known

    @property
    def row(self) -> InstalledCertificate:
        return self.place.row

    @property
    def answer(self) -> tuple[str, str, str] | None:
        """What the station was told of it: in a word, how grave that is, and more; None: nothing."""
        answer = self.known.answer
        if answer is None:
            return None
        word, tone, more = _ANSWERS[answer.told]
        until, since = answer.until, answer.revoked_at
        when = answer.reason
        if since is not None:
            when = f"since {figures.local(since)}"
        elif until is not None:
            when = f"{'until' if until > clock.wall() else 'that ended'} {figures.local(until)}"
        return word, tone, " ".join(filter(None, (more, when)))

    @property
    def asks(self) -> bool:
        """Whether the station asks by OCSP about such a one: a root is trusted as long as it is there."""
        return self.row.use not in ROOTS

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
    rows = list(InstalledCertificate.objects.filter(station=station).order_by("use", "pk")[:SHOWN])
    known = known_revocations.of(station, rows)
    requests = list(selectors.signing_requests(station)[:REQUESTS])
    context |= {
        "certificates": [
            Certificate(place=place, known=known[place.row.pk]) for place in certificate_chains.in_order(rows)
        ],
        "looked_at": MOST_ROWS if any(row.use not in ROOTS for row in rows) else 0,
        "requests": requests,
        "revocable": [each for each in requests if each.chain and selectors.revoked_at(each) is None],
        "reasons": RevocationReason.choices,
    }
    return page(request, access, "dashboard/station/certificates.html", context)


@require_POST
@requires(Role.ADMIN)
def revoke(request: HttpRequest, access: Access, identity: str) -> HttpResponse:
    """Revoke a certificate that the station asked for."""
    station = or_404(selectors.station, access.network, identity)
    try:
        found = _issued(station, request.POST.get("request", "").replace("\0", ""))
        reason = request.POST.get("reason", "")
        if reason not in RevocationReason.values:
            raise Invalid("Say why.", "reason")
        revocations.revoke(
            access.network, found.chain, reason, by=access.actor, address=client_address(request)
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "Revoked.")
    return redirect(tabs.address(station, tabs.CERTIFICATES))


def _issued(station: Station, request_id: str) -> SigningRequest:
    found = SigningRequest.objects.filter(station=station, pk=request_id[:26]).exclude(chain="").first()
    if found is None:
        raise NotFound("Choose a certificate.")
    return found
