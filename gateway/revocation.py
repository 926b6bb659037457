"""Whether a station's certificate was revoked: its authority's OCSP responders are asked, before the 101.

A station waits for the answer no longer than `EMOBI_OCSP_TIMEOUT_S`, which is far less than a handshake may
take. Each certificate is asked about once at a time, on threads that judge no other handshake, and what is
answered is remembered until it ends: a fleet that comes back costs no question. A responder that is dead is
left alone for a while (`gateway.breaker`).

What can't be found out is `UNKNOWN`; what follows from that is for `gateway.handshake` to say.

Source: OCPP 2.0.1 part 2 and security whitepaper of 1.6, A00.FR.403, .407; RFC 6960.
"""

import asyncio
import itertools
import logging
import time
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.ocsp import OCSPCertStatus
from django.conf import settings

from emobi.core import clock
from gateway.breaker import Breaker
from gateway.client_certificate import ClientCertificate
from gateway.standing import GOOD, Standing, Status
from stations import ocsp, x509_text
from stations.ocsp import NoStatus

log = logging.getLogger(__name__)

# Questions that are asked at once; more wait in line.
THREADS = 16
# The listener gives a handshake 30 s in all.
LONGEST_WAIT_S = 10.0
# An answer without an end, or with one that is near, is good for a storm of reconnects.
SHORTEST_KEPT = timedelta(minutes=1)
# What couldn't be found out is tried again after so long.
UNKNOWN_KEPT = timedelta(seconds=30)
MOST_KEPT = 50_000
# So many failures in a row, and a responder is left alone for a while.
FAILURES = 5
REST_S = 30.0
MOST_RESPONDERS = 1_000

type Found = tuple[Standing, datetime]


class Revocations:
    """What responders say of certificates; called on the event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="revocation")
        self._known: OrderedDict[str, Found] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Standing]] = {}
        self._breakers: OrderedDict[str, Breaker] = OrderedDict()

    async def standing(self, certificate: ClientCertificate) -> Standing:
        """How a certificate stands, and those between it and its root. Never raises."""
        name = certificate.fingerprints[0]
        known = self._known.get(name)
        if known is not None and known[1] > clock.wall():
            self._known.move_to_end(name)
            return known[0]
        asking = self._asking.get(name)
        if asking is None:
            asking = asyncio.get_running_loop().create_task(self._ask(name, certificate.chain))
            self._asking[name] = asking
        try:
            async with asyncio.timeout(min(settings.EMOBI_OCSP_TIMEOUT_S, LONGEST_WAIT_S)):
                # Who stops waiting leaves the question to the others, and its answer to the next time.
                return await asyncio.shield(asking)
        except TimeoutError:
            return Standing(Status.UNKNOWN, "its responder took too long")

    async def _ask(self, name: str, chain: Sequence[str]) -> Standing:
        try:
            found = await asyncio.get_running_loop().run_in_executor(self._threads, self._find_out, chain)
        except Exception:
            log.exception("a certificate's standing can't be found out")
            found = Standing(Status.UNKNOWN, "failed here; see the gateway's log"), clock.wall()
        finally:
            del self._asking[name]
        self._known[name] = found
        self._known.move_to_end(name)
        while len(self._known) > MOST_KEPT:
            self._known.popitem(last=False)
        return found[0]

    def _find_out(self, pem: Sequence[str]) -> Found:
        """Ask about all of a chain but its root. Blocks."""
        chain = [x509.load_pem_x509_certificate(each.encode()) for each in pem]
        now = clock.wall()
        until, unknown = now + ocsp.LONGEST_KEPT, ""
        for certificate, issuer in itertools.pairwise(chain):
            urls = ocsp.responders(certificate)
            answer = self._answer(certificate, issuer, urls) if urls else None
            if isinstance(answer, str):
                unknown = unknown or answer
            elif answer is not None:
                until = min(until, max(answer.until, now + SHORTEST_KEPT))
                if answer.status is OCSPCertStatus.REVOKED:
                    when = answer.response.revocation_time_utc
                    return Standing(Status.REVOKED, f"since {clock.iso(when)}" if when else ""), until
        if unknown:
            return Standing(Status.UNKNOWN, unknown), now + UNKNOWN_KEPT
        return GOOD, until

    def _answer(
        self, certificate: x509.Certificate, issuer: x509.Certificate, urls: Sequence[str]
    ) -> ocsp.OcspAnswer | str:
        """What the first responder that knows it says; or why none does."""
        named, why = x509_text.hash_of(certificate, issuer), ""
        for url in urls:
            host, breaker = self._responder(url)
            if not breaker.may_ask(time.monotonic()):
                why = why or f"{host} doesn't answer, and isn't asked for a while"
                continue
            try:
                answer = ocsp.ask(named, url, timeout_s=settings.EMOBI_OCSP_TIMEOUT_S)
            except NoStatus as reason:
                if breaker.failed(time.monotonic()):
                    log.warning("OCSP responder %s isn't asked for %d s: %s", host, REST_S, reason)
                why = str(reason)
                continue
            breaker.succeeded()
            if not ocsp.is_signed_for(answer, named, [issuer]):
                why = f"{host}: an answer that the authority didn't sign"
            elif answer.status is OCSPCertStatus.UNKNOWN:
                why = f"{host} doesn't know the certificate"
            else:
                return answer
        return why

    def _responder(self, url: str) -> tuple[str, Breaker]:
        """Its host, and how it is doing."""
        host = urlsplit(url).netloc
        breaker = self._breakers.setdefault(host, Breaker(failures=FAILURES, rest_s=REST_S))
        while len(self._breakers) > MOST_RESPONDERS:
            self._breakers.popitem(last=False)
        return host, breaker
