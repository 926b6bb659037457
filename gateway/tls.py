"""TLS on a charger port: the certificates we show, and the station's own.

OCPP's security profile 2 is TLS with a password, profile 3 TLS with a certificate of the station's. Both come
to one port, so that a station's certificate is asked for and verified if shown, but not required: whether the
station may do without is for the handshake to say.

Source: OCPP 1.6 security whitepaper edition 3 and OCPP 2.0.1 part 2, A00.FR.312-323.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding
from OpenSSL import SSL
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator, IProtocol
from zope.interface import implementer  # type: ignore[import-untyped]

logger = logging.getLogger(__name__)

# The four suites that OCPP names for TLS 1.2. The last two have no forward secrecy, and are all that some
# stations know. TLS 1.3 has its own, all of them good.
OCPP_CIPHERS = (
    b"ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:AES128-GCM-SHA256:AES256-GCM-SHA384"
)
# The suites' numbers at IANA, as the ASGI extension names them.
CIPHER_SUITES = {
    "TLS_AES_128_GCM_SHA256": 0x1301,
    "TLS_AES_256_GCM_SHA384": 0x1302,
    "TLS_CHACHA20_POLY1305_SHA256": 0x1303,
    "ECDHE-ECDSA-AES128-GCM-SHA256": 0xC02B,
    "ECDHE-ECDSA-AES256-GCM-SHA384": 0xC02C,
    "AES128-GCM-SHA256": 0x009C,
    "AES256-GCM-SHA384": 0x009D,
}


@implementer(IOpenSSLServerConnectionCreator)
class Tls:
    """The server's side of TLS; gives each new connection the certificates of the last `reload`.

    Args:
        certificates: Pairs of PEM files: a certificate with its chain, and its key. An ECDSA and an RSA
            certificate may stand side by side; a station gets the one that it can verify.
        client_ca: PEM file with the authorities that stations' certificates come from; None: no certificate
            is asked for.
        allow_tls_1_2: For stations that don't know TLS 1.3.

    Raises:
        OSError, OpenSSL.SSL.Error: If a file can't be read, or isn't what it should be.
    """

    def __init__(
        self,
        certificates: Sequence[tuple[Path, Path]],
        client_ca: Path | None = None,
        *,
        allow_tls_1_2: bool = False,
    ) -> None:
        self._certificates = list(certificates)
        self._client_ca = client_ca
        self._minimum = SSL.TLS1_2_VERSION if allow_tls_1_2 else SSL.TLS1_3_VERSION
        self._context = self._load()

    def reload(self) -> None:
        """Read the files again, for the connections to come; with a damaged one, all stays as it was."""
        try:
            self._context = self._load()
        except (OSError, SSL.Error) as error:
            logger.error("The certificates stay as they were, for the new ones can't be used: %s", error)
        else:
            logger.info("Certificates reloaded")

    def serverConnectionForTLS(self, protocol: IProtocol) -> SSL.Connection:  # noqa: N802 - Twisted's name
        return SSL.Connection(self._context, None)

    def _load(self) -> SSL.Context:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.set_min_proto_version(self._minimum)
        context.set_cipher_list(OCPP_CIPHERS)
        # A resumed session brings no certificate along, so that a station of profile 3 would come without: no
        # tickets, no cache, a whole handshake each time.
        context.set_options(
            SSL.OP_NO_COMPRESSION
            | SSL.OP_NO_RENEGOTIATION
            | SSL.OP_NO_TICKET
            | SSL.OP_CIPHER_SERVER_PREFERENCE
        )
        context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
        context.set_mode(SSL.MODE_RELEASE_BUFFERS)  # 34 KiB less for an idle connection
        for chain, key in self._certificates:
            context.use_certificate_chain_file(chain)
            context.use_privatekey_file(key)
            context.check_privatekey()
        if self._client_ca is not None:
            context.load_verify_locations(self._client_ca)
            context.load_client_ca(bytes(self._client_ca))
            context.set_verify(SSL.VERIFY_PEER)
        return context


def tls_extension(connection: SSL.Connection) -> dict[str, Any]:
    """ASGI's ``tls`` extension: what the application may know of a connection that completed its handshake.

    The chain is the verified one, the station's certificate first; empty if it showed none.
    """
    chain = connection.get_verified_chain(as_cryptography=True) or []
    return {
        "server_cert": None,
        "client_cert_chain": [certificate.public_bytes(Encoding.PEM).decode() for certificate in chain],
        "client_cert_name": chain[0].subject.rfc4514_string() if chain else None,
        "client_cert_error": None,
        "tls_version": connection.get_protocol_version(),
        "cipher_suite": CIPHER_SUITES.get(connection.get_cipher_name() or ""),
    }
