"""How a station gets in: its URL, its password, its trust and its certificate.

Source: OCPP-J 1.6 sections 3.1 and 6.2; OCPP 2.0.1 part 4, section 3.1, and part 2, A00.
"""

import base64
import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import quote


@dataclass(frozen=True, kw_only=True, slots=True)
class Access:
    """Everything that a connection attempt needs.

    Attributes:
        url: Address of the central system; "{identity}" in it is filled in, and where it
            is missing the identity is appended as the last segment.
        password: Text goes out as UTF-8. Bytes go out as they are, as a 1.6 station sends the
            decoded AuthorizationKey. None: no Basic authentication (profiles 0 and 3).
        ca_file: Roots that the station trusts; None: those of the machine.
        certificate_file: Client certificate with its chain (profile 3).
    """

    url: str
    password: str | bytes | None = field(default=None, repr=False)
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None

    def url_of(self, identity: str) -> str:
        segment = quote(identity, safe="")
        if "{identity}" in self.url:
            return self.url.replace("{identity}", segment)
        return f"{self.url.rstrip('/')}/{segment}"

    def headers_of(self, identity: str) -> dict[str, str]:
        if self.password is None:
            return {}
        secret = self.password.encode() if isinstance(self.password, str) else self.password
        return {"Authorization": "Basic " + base64.b64encode(identity.encode() + b":" + secret).decode()}

    def tls(self) -> ssl.SSLContext | None:
        if not self.url.startswith("wss:"):
            return None
        return _tls_context(self.ca_file, self.certificate_file, self.key_file)


@lru_cache(maxsize=64)
def _tls_context(ca_file: str | None, certificate_file: str | None, key_file: str | None) -> ssl.SSLContext:
    """One context for all stations of the same trust: each costs some hundred kilobytes."""
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate_file is not None:
        context.load_cert_chain(certificate_file, key_file)
    return context
