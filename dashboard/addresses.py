"""Where a request comes from."""

import ipaddress

from django.http import HttpRequest


def client_address(request: HttpRequest) -> str | None:
    """The peer's address, for the audit log; None where it has none, as on a unix socket.

    No header is believed: whoever stands in front of us is told apart by nobody yet.
    """
    address: str = request.META.get("REMOTE_ADDR", "")
    try:
        # Without the interface of a link's own address, "fe80::1%eth0", which the log's column doesn't take.
        return str(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return None
