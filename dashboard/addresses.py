"""Where a request comes from."""

import ipaddress

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The peer's address, for the audit log; None where it has none, as on a unix socket.

    No header is believed: whoever stands in front of us is told apart by nobody yet.
    """
    address: str = request.META.get("REMOTE_ADDR", "")
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
