import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import path, reverse

from tests.api.furnishing import furnish
from webhooks.models import Delivery, Endpoint


@pytest.fixture
def staff(client, db, settings):
    settings.ROOT_URLCONF = (path("admin/", admin.site.urls),)
    settings.STATIC_ROOT = None
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def delivery(network) -> Delivery:
    return Delivery.objects.get(pk=furnish(network, "{delivery_id}"))


@pytest.mark.parametrize("model", ["endpoint", "delivery"])
def test_pages_show_rows_and_no_secret(staff, delivery, model):
    pk = delivery.pk if model == "delivery" else delivery.endpoint_id
    pages = [
        staff.get(reverse(f"admin:webhooks_{model}_changelist")),
        staff.get(reverse(f"admin:webhooks_{model}_change", args=[pk])),
    ]
    assert [page.status_code for page in pages] == [200, 200]
    assert delivery.endpoint.secret not in "".join(page.content.decode() for page in pages)
    assert staff.get(reverse(f"admin:webhooks_{model}_add")).status_code == 403


def test_endpoints_are_disabled_and_resumed(staff, delivery):
    page = reverse("admin:webhooks_endpoint_changelist")
    for action, enabled in [("disable", False), ("resume", True)]:
        staff.post(page, {"action": action, "_selected_action": [delivery.endpoint_id]})
        assert Endpoint.objects.get().enabled is enabled


def test_dead_letters_are_redelivered(staff, delivery):
    Delivery.objects.update(state="dead", attempts=8)
    page = reverse("admin:webhooks_delivery_changelist")
    staff.post(page, {"action": "redeliver", "_selected_action": [delivery.pk]})
    assert Delivery.objects.get().state == "pending"
