import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import path, reverse

from emobi.core.models import AuditEntry, Role
from stations import models
from stations.models import Station
from stations.services.commanding import commands
from stations.services.trust import credentials


@pytest.fixture
def staff(client, db, settings):
    settings.ROOT_URLCONF = (path("admin/", admin.site.urls),)
    settings.STATIC_ROOT = None
    client.force_login(User.objects.create_superuser("root"))
    return client


def form_of(page) -> dict[str, str]:
    """The values that a form's fields came with."""
    return {
        name: value for name, value in page.context["adminform"].form.initial.items() if value is not None
    }


def test_a_new_stations_password_is_shown_once(staff, network):
    form = {"network": network.pk, "identity": "CP1", "security_profile": ""}
    shown = staff.post(reverse("admin:stations_station_add"), form, follow=True).content.decode()
    password = shown.partition("shown this once: ")[2].partition("<")[0]
    station = Station.objects.get()
    assert credentials.matching(station.pk, station.password_hash, password.encode())
    again = staff.get(reverse("admin:stations_station_change", args=[station.pk])).content.decode()
    assert password not in again
    assert station.password_hash not in again


def test_a_change_is_made_by_the_service(staff, alpha):
    url = reverse("admin:stations_station_change", args=[alpha.pk])
    form = form_of(staff.get(url)) | {
        "site": "Harbour",
        "quirks": "{}",
        "tags": "[]",
        "allowed_versions": "[]",
    }
    staff.post(url, form)
    alpha.refresh_from_db()
    assert alpha.site == "Harbour"
    assert AuditEntry.objects.get(action="station.changed").detail["site"] == {"from": "", "to": "Harbour"}


def test_what_the_service_would_refuse_is_said_at_the_field(staff, alpha):
    url = reverse("admin:stations_station_change", args=[alpha.pk])
    form = form_of(staff.get(url)) | {"quirks": "{}", "tags": "[]", "allowed_versions": '["1.5"]'}
    shown = staff.post(url, form)
    assert "allowed_versions" in shown.context["adminform"].form.errors
    alpha.refresh_from_db()
    assert alpha.allowed_versions == []


@pytest.mark.parametrize(
    "model",
    [
        "command", "connector", "variable", "connection", "gatewayprocess", "refusedhandshake", "deviation",
        "securityevententry", "monitoredevent",
    ],
)  # fmt: skip
def test_what_stations_say_can_be_read_and_not_changed(staff, model):
    assert staff.get(reverse(f"admin:stations_{model}_changelist")).status_code == 200
    assert staff.get(reverse(f"admin:stations_{model}_add")).status_code == 403


def test_a_waiting_commands_secret_isnt_shown(staff, alpha):
    command = commands.request(
        alpha.network, alpha, "set_config",
        {"variables": [{"key": "AuthorizationKey", "value": "the new password"}]},
        requested_by="user:alice", role=Role.ADMIN,
    )  # fmt: skip
    shown = staff.get(reverse("admin:stations_command_change", args=[command.pk])).content.decode()
    assert "AuthorizationKey" in shown
    assert "the new password" not in shown


def test_a_models_quirks_reach_its_stations(staff, alpha):
    Station.objects.filter(pk=alpha.pk).update(vendor="Acme", model="One")
    form = {"network": alpha.network_id, "vendor": "Acme", "model": "One", "firmware_version": ""}
    add = reverse("admin:stations_modelquirks_add")
    refused = staff.post(add, form | {"quirks": '{"boot_wait_s": "long"}'})
    assert "quirks" in refused.context["adminform"].form.errors
    staff.post(add, form | {"quirks": '{"boot_wait_s": 5}'})
    alpha.refresh_from_db()
    assert alpha.flags == {"boot_wait_s": 5}
    row = models.ModelQuirks.objects.get()
    staff.post(reverse("admin:stations_modelquirks_delete", args=[row.pk]), {"post": "yes"})
    alpha.refresh_from_db()
    assert alpha.flags == {}


@pytest.mark.parametrize("identity", ["a:b", "alpha", "ALPHA"])
def test_an_identity_that_cant_be_is_said_at_the_field(staff, alpha, identity):
    form = {"network": alpha.network_id, "identity": identity, "security_profile": ""}
    shown = staff.post(reverse("admin:stations_station_add"), form)
    assert shown.context["adminform"].form.errors
    assert Station.objects.get() == alpha


def test_every_model_but_the_log_is_there():
    there = {model for model in admin.site._registry if model._meta.app_label == "stations"}
    assert there == {getattr(models, name) for name in models.__all__ if name not in NOT_THERE}


# The log has pages of its own; the others are the words of its fields.
NOT_THERE = {
    "AccessChangeKind", "AccessChangeState", "CertificateUse", "OPEN_SIGNING_STATES", "SigningState",
    "UNSUCCESSFUL_COMMAND_STATES",
    "IncidentKind", "IncidentState", "Resolution", "Severity",
    "JUDGED_RUN_STATES", "OPEN_RUN_STATES", "RunState", "StepState",
    "Channel", "LetterState", "OutageCause",
    "CampaignState", "ReservationEnd", "RevocationReason", "TargetState",
    "Availability", "BulkState", "CommandState", "Connectivity", "Direction", "Frame", "Kind", "Registration",
    "WindowState",
}  # fmt: skip


LISTS = {
    str(model._meta.model_name): kind
    for model, kind in admin.site._registry.items()
    if model in vars(models).values()
}


@pytest.mark.parametrize("model", sorted(LISTS))
def test_every_list_has_columns_and_can_be_narrowed(staff, alpha, model):
    kind = LISTS[model]
    assert kind.list_display != ("__str__",)
    assert kind.search_fields or kind.list_filter
    assert staff.get(reverse(f"admin:stations_{model}_changelist"), {"q": "alpha"}).status_code == 200
