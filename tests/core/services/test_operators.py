import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import User

from emobi.core.errors import Conflict, Invalid
from emobi.core.models import AuditEntry, Membership
from emobi.core.services import operators


def test_a_new_operator_signs_in_with_the_password_that_is_shown_once(network):
    user, password = operators.create(network, "Alice@Example.com", "operator")
    assert (user.username, user.email) == ("alice@example.com", "alice@example.com")
    assert authenticate(username="alice@example.com", password=password) == user
    assert Membership.objects.get().role == "operator"
    assert not user.is_superuser
    assert not user.is_staff


def test_the_password_is_in_no_log(network):
    _, password = operators.create(network, "alice@example.com", "viewer")
    assert password
    assert password not in str(AuditEntry.objects.values().get())


def test_somebody_who_works_elsewhere_keeps_their_password(network, elsewhere):
    user, password = operators.create(elsewhere, "alice@example.com", "admin")
    again, none = operators.create(network, "ALICE@example.com", "viewer")
    assert (again, none) == (user, None)
    assert authenticate(username="alice@example.com", password=password) == user
    assert dict(Membership.objects.values_list("network__slug", "role")) == {
        "grid": "viewer",
        "elsewhere": "admin",
    }


def test_a_second_role_in_the_same_network_is_a_conflict(network):
    operators.create(network, "alice@example.com", "viewer")
    with pytest.raises(Conflict):
        operators.create(network, "alice@example.com", "admin")
    assert Membership.objects.get().role == "viewer"


def test_a_superuser_may_use_djangos_admin(network):
    user, _ = operators.create(network, "admin", "admin", superuser=True)
    assert user.is_superuser
    assert user.is_staff
    assert user.email == ""


def test_who_is_a_superuser_elsewhere_doesnt_become_one_by_joining(network, elsewhere):
    operators.create(elsewhere, "bob", "viewer")
    operators.create(network, "bob", "viewer", superuser=True)
    assert not User.objects.get(username="bob").is_superuser


@pytest.mark.parametrize("login", ["", "not an address", "a@", "@b", "a b", "x" * 151])
def test_a_login_that_is_neither_address_nor_name_is_refused(network, login):
    with pytest.raises(Invalid) as refused:
        operators.create(network, login, "viewer")
    assert refused.value.field == "email"
    assert not User.objects.exists()


def test_a_role_that_doesnt_exist_is_refused(network):
    with pytest.raises(Invalid):
        operators.create(network, "alice@example.com", "root")
