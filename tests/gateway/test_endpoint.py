"""Ports for charging stations."""

import socket

import pytest

from gateway.endpoint import bind


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "0.0.0.0", "::"])
def test_addresses_of_both_families_and_names_can_be_bound(host):
    with bind(host, 0) as sock:
        sock.listen()
        socket.create_connection(sock.getsockname()[:2]).close()


def test_a_port_can_be_bound_more_than_once():
    with bind("127.0.0.1", 0) as first, bind("127.0.0.1", first.getsockname()[1]) as second:
        assert second.getsockname() == first.getsockname()


def test_a_port_that_someone_else_holds_is_an_error():
    with socket.create_server(("127.0.0.1", 0)) as other, pytest.raises(OSError, match="in use"):
        bind("127.0.0.1", other.getsockname()[1])


def test_a_connection_whose_network_dies_is_noticed_by_tcp():
    with bind("127.0.0.1", 0) as sock:
        sock.listen()
        with socket.create_connection(sock.getsockname()), sock.accept()[0] as accepted:
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            idle, interval, count = (
                accepted.getsockopt(socket.IPPROTO_TCP, option)
                for option in (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            )
        assert idle + interval * count <= 60
