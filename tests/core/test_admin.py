import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import path, reverse

from emobi.core import events, unit_of_work
from emobi.core.models import ApiKey, AuditEntry, Network
from emobi.core.services import api_keys


@pytest.fixture
def staff(client, db, settings):
    settings.ROOT_URLCONF = (path("admin/", admin.site.urls),)
    settings.STATIC_ROOT = None
    client.force_login(User.objects.create_superuser("root"))
    return client


def test_a_new_key_is_shown_once_and_works(staff, network):
    form = {"network": network.pk, "role": "viewer", "name": "ERP"}
    shown = staff.post(reverse("admin:core_apikey_add"), form, follow=True).content.decode()
    text = shown.partition("shown this once: ")[2].partition("<")[0]
    assert api_keys.verify(text) == ApiKey.objects.get()
    again = staff.get(reverse("admin:core_apikey_changelist")).content.decode()
    assert text not in again


def test_selected_keys_are_revoked(staff, network):
    key, text = api_keys.create(network, "viewer")
    chosen = {"action": "revoke", "_selected_action": [key.pk]}
    staff.post(reverse("admin:core_apikey_changelist"), chosen)
    assert api_keys.verify(text) is None
    assert AuditEntry.objects.filter(action="api_key.revoked", actor="user:root").exists()


@pytest.mark.parametrize("model", ["event", "eventcounter", "auditentry"])
def test_records_can_be_read_and_not_changed(staff, network, model):
    with unit_of_work.begin():
        events.record(events.Subject(network_id=network.pk), events.StationOnline(offline_s=None))
    api_keys.create(network, "viewer")
    assert staff.get(reverse(f"admin:core_{model}_changelist")).status_code == 200
    assert staff.get(reverse(f"admin:core_{model}_add")).status_code == 403


def test_a_change_made_here_is_in_the_audit_log(staff, network):
    form = {
        "slug": "grid", "name": "Grid", "security_profile": 0, "allowed_versions": "[]", "operator_name": "",
    }  # fmt: skip
    staff.post(reverse("admin:core_network_change", args=[network.pk]), form)
    assert Network.objects.get().security_profile == 0
    entry = AuditEntry.objects.get(action="network.changed")
    assert "security_profile" in entry.detail["fields"]
    assert "name" not in entry.detail["fields"]


def test_a_network_that_was_deleted_is_remembered(staff, network):
    staff.post(reverse("admin:core_network_delete", args=[network.pk]), {"post": "yes"})
    assert not Network.objects.exists()
    assert AuditEntry.objects.get().action == "network.deleted"
