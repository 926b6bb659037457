"""Stations that speak TLS, and the arguments of a listener for them."""

import math
import select
import ssl
import threading
import time
from typing import Any, Self, override

from gateway.development_certificates import DevelopmentCertificates, KeyPair
from tests.gateway.listener_process import ListenerProcess

READY_MS = 50


class InTurns(ssl.SSLSocket):
    """Lets one thread into OpenSSL at a time.

    Older CPythons let a reader in beside a writer: now and then one of them is told of an end that there
    wasn't, or the process dies. `websockets.sync` reads in a thread of its own.
    """

    turn: threading.RLock

    def __new__(cls, *arguments: Any, **options: Any) -> Self:
        made = super().__new__(cls, *arguments, **options)
        made.turn = threading.RLock()
        return made

    @override
    def recv(self, buflen: int = 1024, flags: int = 0) -> bytes:
        patience_s = self.gettimeout()
        late = math.inf if patience_s is None else time.monotonic() + patience_s
        ready = select.poll()
        ready.register(self, select.POLLIN)
        while True:
            with self.turn:
                before = self.gettimeout()
                self.settimeout(0)
                try:
                    return super().recv(buflen, flags)
                except ssl.SSLWantReadError:  # what had come was for TLS itself
                    pass
                finally:
                    self.settimeout(before)
            if time.monotonic() >= late:
                raise TimeoutError("nothing to read")
            ready.poll(READY_MS)  # not longer, for the other thread may have closed

    @override
    def send(self, data: Any, flags: int = 0) -> int:
        with self.turn:
            return super().send(data, flags)

    @override
    def settimeout(self, value: float | None) -> None:
        with self.turn:
            super().settimeout(value)


def tls(certificates: DevelopmentCertificates, **more: bool) -> dict[str, object]:
    """Arguments of `Tls`."""
    pairs = [[str(path) for path in pair] for pair in certificates.certificates]
    return {"certificates": pairs, "client_ca": str(certificates.ca), **more}


def trusting(certificates: DevelopmentCertificates, own: KeyPair | None = None) -> ssl.SSLContext:
    """A station that trusts this authority, perhaps with a certificate of its own."""
    context = ssl.create_default_context(cafile=str(certificates.ca))
    context.sslsocket_class = InTurns
    if own is not None:
        context.load_cert_chain(*own)
    return context


def secure(
    listener: ListenerProcess, context: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> ssl.SSLSocket:
    return context.wrap_socket(listener.dial(), server_hostname="localhost", session=session)
