"""The cast: `alpha` (1.6) and `bravo` (2.0.1) of the network that people look at; `stranger` of another."""

import functools

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
from django.test import Client

from dashboard.overview import lately
from emobi.core import clock
from emobi.core.models import Membership, Network
from stations.models import Connection, Connectivity, Station

PASSWORD = "correct horse battery staple"


@pytest.fixture
def network(db) -> Network:
    return Network.objects.create(slug="grid", name="Grid")


@pytest.fixture
def elsewhere(db) -> Network:
    return Network.objects.create(slug="elsewhere", name="Elsewhere")


def put_online(network: Network, identity: str, version: str) -> Station:
    station = Station.objects.create(
        network=network,
        identity=identity,
        ocpp_version=version,
        connectivity=Connectivity.ONLINE,
        vendor="Volt",
        model="One",
        firmware_version="1.2.3",
    )
    now = clock.wall()
    Connection.objects.create(
        station=station, epoch=1, gateway="gateway-1", ocpp_version=version, security_profile=1,
        remote_address="192.0.2.7", opened_at=now, last_heard_at=now,
    )  # fmt: skip
    return station


@pytest.fixture
def alpha(network) -> Station:
    return put_online(network, "alpha", "1.6")


@pytest.fixture
def bravo(network) -> Station:
    return put_online(network, "bravo", "2.0.1")


@pytest.fixture
def stranger(elsewhere) -> Station:
    return put_online(elsewhere, "stranger", "2.0.1")


def enlist(network: Network, username: str, role: str) -> User:
    """A person with a role; a second network is added to whom there is already."""
    user = User.objects.filter(username=username).first() or User.objects.create(
        username=username, password=_hashed()
    )
    Membership.objects.create(network=network, user=user, role=role)
    return user


@functools.cache
def _hashed() -> str:
    """`PASSWORD` as it is kept: to take long is what its hash is for, and once is enough for all tests."""
    return make_password(PASSWORD)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def viewer(network) -> Client:
    return signed_in(enlist(network, "vera", "viewer"))


@pytest.fixture
def operator(network) -> Client:
    return signed_in(enlist(network, "otto", "operator"))


@pytest.fixture
def admin(network) -> Client:
    return signed_in(enlist(network, "ada", "admin"))


@pytest.fixture(autouse=True)
def nothing_kept():
    """What pages keep for a moment is of one test."""
    lately.forget()
