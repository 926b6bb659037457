"""What is answered when something is wrong, and what no address alone leads to."""

from collections.abc import Callable
from typing import Any
from unittest import mock

from allauth.core.internal import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client

from dashboard.stations import views
from emobi.core.models import Membership, Network
from tests.dashboard.conftest import PASSWORD

NAME = "tessa"


def _client(*, member: bool = True) -> Client:
    user = User.objects.get_or_create(username=f"troubled-{member}")[0]
    if member:
        network = Network.objects.get(slug="grid")
        Membership.objects.get_or_create(user=user, network=network, defaults={"role": "operator"})
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def no_network():
    return _client(member=False).get("/stations/")


def out_of_date():
    return Client(enforce_csrf_checks=True).post("/sign-in/", {"username": NAME})


def another_network():
    return _client().post("/bulk/new/", {"network": "another"})


def too_often():
    with mock.patch.object(ratelimit, "consume", return_value=None):
        return _client().post("/account/password/", {"oldpassword": "x"})


def broken():
    return _failing(RuntimeError("the cause"))


def database_away():
    return _failing(OperationalError("the database is away"))


def _failing(error: Exception):
    with mock.patch.object(views, "_listing", side_effect=error):
        return _client().get("/stations/")


def second_step():
    """The code that is asked for after the password."""
    user = User.objects.get(username=NAME)
    if not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, generate_totp_secret())
    client = Client()
    client.post("/sign-in/", {"username": NAME, "password": PASSWORD})
    return client.get("/account/second-factor/authenticate/")


ANSWERS: tuple[tuple[int, Callable[[], Any]], ...] = (
    (403, no_network),
    (403, out_of_date),
    (409, another_network),
    (429, too_often),
    (500, broken),
    (503, database_away),
)
