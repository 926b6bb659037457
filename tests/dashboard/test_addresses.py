import pytest
from django.test import RequestFactory

from dashboard.addresses import client_address


@pytest.mark.parametrize(
    ("peer", "told"),
    [("192.0.2.7", "192.0.2.7"), ("fe80::1%eth0", "fe80::1"), ("2001:DB8::1", "2001:db8::1"), ("", None)],
)
def test_a_peer_s_address_is_told_as_the_database_takes_it(peer, told):
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=peer)) == told
