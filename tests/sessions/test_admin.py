import pytest
from django.contrib.admin import site
from django.contrib.auth.models import User
from django.test import RequestFactory
from django.urls import reverse
from django.utils.html import escape

from emobi.core.models import Network
from sessions.models import AuthorizationEndpoint, ChargingSession, IdToken, MeterValue, Tariff
from sessions.services import charging_sessions
from tests.sessions.said import start_16, tell


@pytest.fixture
def request_of_admin(rf: RequestFactory, db):
    request = rf.get("/")
    request.user = User.objects.create_superuser("root")
    return request


@pytest.mark.parametrize("model", [ChargingSession, MeterValue])
def test_history_can_t_be_changed_by_anybody(request_of_admin, model):
    admin = site.get_model_admin(model)
    assert admin.has_view_permission(request_of_admin)
    assert not admin.has_add_permission(request_of_admin)
    assert not admin.has_change_permission(request_of_admin)
    assert not admin.has_delete_permission(request_of_admin)


def test_tokens_can(request_of_admin):
    admin = site.get_model_admin(IdToken)
    assert admin.has_add_permission(request_of_admin)
    assert admin.has_change_permission(request_of_admin)


@pytest.mark.parametrize(("type_", "named"), [("ISO14443", "4711"), ("KeyCode", "***")])
def test_what_is_done_to_tokens_here_is_in_the_audit_log(client, request_of_admin, network, type_, named):
    client.force_login(request_of_admin.user)
    form = {
        "network": network.pk, "id_token": "4711", "type": type_, "status": "accepted",
        "charging_priority": 0,
    }  # fmt: skip
    client.post(reverse("admin:charging_idtoken_add"), form)
    token = network.id_tokens.get(id_token="4711")
    client.post(reverse("admin:charging_idtoken_change", args=[token.pk]), form | {"status": "blocked"})
    client.post(reverse("admin:charging_idtoken_delete", args=[token.pk]), {"post": "yes"})
    found = network.audit_entries.order_by("id").values_list("actor", "action", "target")
    assert list(found) == [
        ("user:root", f"id_token.{verb}", named) for verb in ("created", "changed", "deleted")
    ]


def test_a_token_has_no_prices_of_another_network(client, request_of_admin, network):
    client.force_login(request_of_admin.user)
    other = Network.objects.create(slug="elsewhere", name="Elsewhere")
    prices = {
        of.slug: Tariff.objects.create(network=of, name="Day", currency="EUR") for of in (network, other)
    }
    form = {
        "network": network.pk, "id_token": "4711", "type": "ISO14443", "status": "accepted",
        "charging_priority": 0,
    }  # fmt: skip
    add = reverse("admin:charging_idtoken_add")
    refused = client.post(add, form | {"tariff": prices["elsewhere"].pk})
    assert "another network" in refused.content.decode()
    assert not network.id_tokens.filter(id_token="4711").exists()
    client.post(add, form | {"tariff": prices[network.slug].pk})
    assert network.id_tokens.get(id_token="4711").tariff == prices[network.slug]


def test_an_authorization_endpoint_is_audited_and_its_secret_shown_once(client, request_of_admin, network):
    client.force_login(request_of_admin.user)
    form = {"network": network.pk, "url": "https://tokens.example/ask", "enabled": "on"}
    made = client.post(reverse("admin:charging_authorizationendpoint_add"), form, follow=True)
    secret = AuthorizationEndpoint.objects.get().secret
    assert escape(secret) in made.content.decode()
    page = reverse("admin:charging_authorizationendpoint_change", args=[network.pk])
    assert escape(secret) not in client.get(page).content.decode()
    client.post(page, form | {"enabled": ""})
    found = AuthorizationEndpoint.objects.get()
    assert (found.enabled, found.secret) == (False, secret)
    client.post(reverse("admin:charging_authorizationendpoint_delete", args=[network.pk]), {"post": "yes"})
    assert list(network.audit_entries.order_by("id").values_list("actor", "action", "target")) == [
        ("user:root", f"authorization_endpoint.{verb}", "https://tokens.example/ask")
        for verb in ("created", "changed", "deleted")
    ]


@pytest.mark.parametrize("model", [ChargingSession, MeterValue, IdToken])
def test_lists_are_found_by_their_search(request_of_admin, rf, alpha, model):
    tell(charging_sessions.start, alpha, start_16())
    session = ChargingSession.objects.get()
    wanted = {ChargingSession: "GOOD", MeterValue: session.pk, IdToken: "goo"}[model]
    admin = site.get_model_admin(model)
    for text, expected in ((wanted, 1), ("nothing such", 0)):
        request = rf.get("/", {"q": text})
        request.user = request_of_admin.user
        assert admin.get_changelist_instance(request).get_queryset(request).count() == expected
