"""The URLs that people paste into chargers."""

from urllib.parse import quote

from django.conf import settings


def station_urls(network_slug: str, identity: str) -> list[str]:
    """Where a station connects, the best first; any OCPP version uses any of them."""
    path = f"/ocpp/{network_slug}/{quote(identity, safe='')}"
    if settings.EMOBI_OCPP_URL:
        return [settings.EMOBI_OCPP_URL.rstrip("/").removesuffix("/ocpp") + path]
    binds = (("ws", settings.EMOBI_OCPP_BIND), ("wss", settings.EMOBI_OCPP_TLS_BIND))
    return [f"{scheme}://{bind}{path}" for scheme, bind in binds if bind]
