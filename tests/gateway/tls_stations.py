"""Stations that speak TLS, and the arguments of a listener for them."""

import ssl

from gateway.development_certificates import DevelopmentCertificates, KeyPair
from tests.gateway.listener_process import ListenerProcess


def tls(certificates: DevelopmentCertificates, **more: bool) -> dict[str, object]:
    """Arguments of `Tls`."""
    pairs = [[str(path) for path in pair] for pair in certificates.certificates]
    return {"certificates": pairs, "client_ca": str(certificates.ca), **more}


def trusting(certificates: DevelopmentCertificates, own: KeyPair | None = None) -> ssl.SSLContext:
    """A station that trusts this authority, perhaps with a certificate of its own."""
    context = ssl.create_default_context(cafile=str(certificates.ca))
    if own is not None:
        context.load_cert_chain(*own)
    return context


def secure(
    listener: ListenerProcess, context: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> ssl.SSLSocket:
    return context.wrap_socket(listener.dial(), server_hostname="localhost", session=session)
