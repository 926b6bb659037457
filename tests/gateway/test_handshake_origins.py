"""Web pages that may speak for a charger."""

import pytest

from gateway.presented import _is_foreign_page

HOST = (b"host", b"csms.example:9000")


@pytest.mark.parametrize(
    ("origin", "foreign"),
    [
        (b"http://csms.example", False),
        (b"https://OCPP.example:8443", False),
        (b"http://simulator.example", False),
        (b"http://elsewhere.example", True),
    ],
)
def test_pages_of_hosts_that_are_named_may(settings, origin, foreign):
    settings.EMOBI_OCPP_URL = "wss://ocpp.example"
    settings.EMOBI_OCPP_ORIGINS = ["Simulator.example"]
    assert _is_foreign_page([HOST, (b"origin", origin)]) == foreign
