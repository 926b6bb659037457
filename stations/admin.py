"""Django's admin for stations, for superusers. The message log isn't here: it has pages of its own."""

from typing import Any, override

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest

from emobi.core.admin import AuditedAdmin, ReadOnlyAdmin, actor
from emobi.core.errors import Refused
from stations import operations_admin as operations_admin  # Django looks for lists here alone
from stations.models import (
    AccessChange,
    BulkCommand,
    BulkTarget,
    Command,
    CommandPart,
    ConfigurationTemplate,
    Connection,
    Connector,
    Deviation,
    DisplayMessage,
    FirmwareCampaign,
    FirmwareCampaignTarget,
    FirmwareImage,
    FirmwareStep,
    FollowUp,
    GatewayProcess,
    InstalledCertificate,
    ModelQuirks,
    Monitor,
    MonitoredEvent,
    NetworkProfile,
    RefusedHandshake,
    Reservation,
    RevokedCertificate,
    RootCertificate,
    SecurityEventEntry,
    SigningRequest,
    Station,
    StationLog,
    Variable,
)
from stations.services.device_model import changeable
from stations.services.registry import model_quirks, registration

# What `registration.change` takes, but for the password: that is shown to nobody.
CHANGEABLE = [name for name in changeable.FIELDS if name != "password"]


class StationForm(forms.ModelForm):  # type: ignore[type-arg]  # as in `emobi.core.admin`
    """Refuses what the services would refuse, where it is typed in."""

    @override
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in self.changed_data:
            if name in cleaned:
                self._check(name, cleaned[name])
        return cleaned

    def _check(self, name: str, value: Any) -> None:  # noqa: ANN401 — each field has its type
        try:
            if name == "identity":
                registration.check_identity(value)
            elif name in CHANGEABLE:
                changeable.columns({name: value})
        except Refused as reason:
            self.add_error(name, ValidationError(str(reason)))


@admin.register(Station)
class StationAdmin(AuditedAdmin):
    noun = "station"
    form = StationForm
    list_display = ("identity", "network", "connectivity", "registration", "ocpp_version", "vendor", "model")
    list_filter = ("connectivity", "registration", "ocpp_version", "network")
    list_select_related = ("network",)
    search_fields = ("identity", "vendor", "model", "serial_number")
    show_full_result_count = False

    @override
    def get_fields(self, request: HttpRequest, obj: Station | None = None) -> list[Any]:
        if obj is None:
            return ["network", "identity", "security_profile"]
        return ["network", "identity", *CHANGEABLE, *self._told()]

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: Station | None = None) -> list[str]:
        return [] if obj is None else ["network", "identity", *self._told()]

    @override
    def save_model(
        self, request: HttpRequest, obj: Model, form: "forms.ModelForm[Any]", change: bool
    ) -> None:
        assert isinstance(obj, Station)
        if change:
            changes = {name: form.cleaned_data[name] for name in form.changed_data}
            registration.change(obj, changes, by=actor(request))
            return
        made, password = registration.register(
            obj.network, obj.identity, security_profile=obj.security_profile, by=actor(request)
        )
        obj.pk = made.pk
        if password is not None:
            messages.warning(request, f"The station's password, shown this once: {password}")

    def _told(self) -> list[str]:
        """What the station said, or what we noticed."""
        hidden = {"id", "password_hash", "network", "identity", *CHANGEABLE}
        return [field.name for field in Station._meta.concrete_fields if field.name not in hidden]


@admin.register(Command)
class CommandAdmin(ReadOnlyAdmin):
    list_display = ("id", "network", "station", "name", "state", "requested_by", "created_at", "ended_at")
    list_filter = ("state", "name", "network")
    list_select_related = ("network", "station")
    search_fields = ("=id", "station__identity")
    exclude = ("params", "sealed")
    readonly_fields = ("asked",)
    ordering = ("-id",)

    @admin.display(description="params")
    def asked(self, obj: Command) -> str:
        return str(obj.shown_params)


@admin.register(BulkCommand)
class BulkCommandAdmin(ReadOnlyAdmin):
    list_display = ("id", "network", "name", "state", "requested_by", "created_at", "ended_at")
    list_filter = ("state", "name", "network")
    list_select_related = ("network",)
    exclude = ("params", "sealed")
    readonly_fields = ("asked",)
    ordering = ("-id",)

    @admin.display(description="params")
    def asked(self, obj: BulkCommand) -> str:
        return str(obj.shown_params)


@admin.register(BulkTarget)
class BulkTargetAdmin(ReadOnlyAdmin):
    list_display = ("bulk", "position", "station", "command", "refusal")
    list_select_related = ("bulk", "station", "command")
    search_fields = ("=bulk__id", "=station__identity")


@admin.register(CommandPart)
class CommandPartAdmin(ReadOnlyAdmin):
    list_display = ("command", "key", "received_at")
    list_select_related = ("command",)
    search_fields = ("=command__id",)


@admin.register(FollowUp)
class FollowUpAdmin(ReadOnlyAdmin):
    list_display = ("command", "station", "since", "deadline", "answered")
    list_select_related = ("command", "station")
    search_fields = ("=command__id", "=station__identity")


@admin.register(Connector)
class ConnectorAdmin(ReadOnlyAdmin):
    list_display = ("station", "evse_id", "connector_id", "status", "detail", "error_code", "changed_at")
    list_filter = ("status",)
    list_select_related = ("station",)
    search_fields = ("station__identity",)


@admin.register(Variable)
class VariableAdmin(ReadOnlyAdmin):
    list_display = (
        "station",
        "component",
        "variable",
        "variable_instance",
        "attribute",
        "value",
        "reported_at",
    )
    list_select_related = ("station",)
    search_fields = ("=station__identity", "component", "variable", "key")


@admin.register(Monitor)
class MonitorAdmin(ReadOnlyAdmin):
    list_display = ("station", "monitor_id", "component", "variable", "type", "value", "severity", "ours")
    list_filter = ("type",)
    list_select_related = ("station",)
    search_fields = ("=station__identity", "component", "variable")


@admin.register(DisplayMessage)
class DisplayMessageAdmin(ReadOnlyAdmin):
    list_display = ("station", "message_id", "priority", "state", "content", "start_at", "end_at")
    list_filter = ("priority",)
    list_select_related = ("station",)
    search_fields = ("=station__identity", "content")


@admin.register(NetworkProfile)
class NetworkProfileAdmin(ReadOnlyAdmin):
    list_display = ("station", "configuration_slot", "ocpp_csms_url", "security_profile", "accepted_at")
    list_filter = ("security_profile",)
    list_select_related = ("station",)
    search_fields = ("=station__identity", "ocpp_csms_url")


@admin.register(ConfigurationTemplate)
class ConfigurationTemplateAdmin(ReadOnlyAdmin):
    list_display = ("name", "network", "vendor", "model", "changed_at")
    list_filter = ("network",)
    list_select_related = ("network",)
    search_fields = ("name",)


class ModelQuirksForm(forms.ModelForm):  # type: ignore[type-arg]  # as in `emobi.core.admin`
    """Refuses what the service would refuse, where it is typed in."""

    def clean_quirks(self) -> dict[str, Any]:
        try:
            taken: dict[str, Any] = changeable.columns({"quirks": self.cleaned_data["quirks"]})["quirks"]
        except Refused as reason:
            raise ValidationError(str(reason)) from reason
        return taken


@admin.register(ModelQuirks)
class ModelQuirksAdmin(AuditedAdmin):
    noun = "model_quirks"
    form = ModelQuirksForm
    list_display = ("vendor", "model", "firmware_version", "network", "quirks")
    list_filter = ("network",)
    list_select_related = ("network",)
    search_fields = ("vendor", "model")
    fields = ("network", "vendor", "model", "firmware_version", "quirks")

    @override
    def get_readonly_fields(self, request: HttpRequest, obj: ModelQuirks | None = None) -> list[str]:
        return [] if obj is None else ["network", "vendor", "model", "firmware_version"]

    @override
    def save_model(
        self, request: HttpRequest, obj: Model, form: "forms.ModelForm[Any]", change: bool
    ) -> None:
        assert isinstance(obj, ModelQuirks)
        if change:
            model_quirks.change(obj, form.cleaned_data["quirks"], by=actor(request))
            return
        made = model_quirks.create(
            obj.network, obj.vendor, obj.model, obj.firmware_version, obj.quirks, by=actor(request)
        )
        obj.pk = made.pk

    @override
    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        assert isinstance(obj, ModelQuirks)
        model_quirks.delete(obj, by=actor(request))


@admin.register(FirmwareImage)
class FirmwareImageAdmin(ReadOnlyAdmin):
    list_display = ("version", "vendor", "model", "filename", "size", "network", "created_at")
    list_filter = ("network",)
    list_select_related = ("network",)
    search_fields = ("version", "vendor", "model", "sha256")
    # Whoever knows it may fetch the file.
    exclude = ("token",)


@admin.register(FirmwareStep)
class FirmwareStepAdmin(ReadOnlyAdmin):
    list_display = ("station", "command", "status", "received_at")
    list_select_related = ("station", "command")
    search_fields = ("=station__identity", "=status")


@admin.register(FirmwareCampaign)
class FirmwareCampaignAdmin(ReadOnlyAdmin):
    list_display = ("id", "name", "network", "image", "state", "wave", "created_by", "created_at")
    list_filter = ("network", "state")
    list_select_related = ("network", "image")


@admin.register(FirmwareCampaignTarget)
class FirmwareCampaignTargetAdmin(ReadOnlyAdmin):
    list_display = ("campaign", "station", "wave", "state", "reason", "asked_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("campaign", "station")
    search_fields = ("=station__identity",)


@admin.register(StationLog)
class StationLogAdmin(ReadOnlyAdmin):
    list_display = ("station", "type", "filename", "status", "size", "stored_at", "created_at")
    list_select_related = ("station",)
    search_fields = ("=station__identity", "filename")
    # Whoever knows it may upload the file.
    exclude = ("token",)


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = ("station", "epoch", "gateway", "ocpp_version", "remote_address", "opened_at", "closed_at")
    list_select_related = ("station",)
    search_fields = ("station__identity", "gateway")


@admin.register(GatewayProcess)
class GatewayProcessAdmin(ReadOnlyAdmin):
    list_display = ("name", "host", "pid", "started_at", "lease_until", "stopped_at")
    search_fields = ("name", "host")


@admin.register(RefusedHandshake)
class RefusedHandshakeAdmin(ReadOnlyAdmin):
    list_display = ("network_slug", "identity", "remote_address", "reason", "status", "count", "last_at")
    list_filter = ("reason", "status")
    search_fields = ("identity", "remote_address")


@admin.register(Deviation)
class DeviationAdmin(ReadOnlyAdmin):
    list_display = ("station", "action", "path", "rule", "count", "last_at")
    list_filter = ("rule", "action")
    list_select_related = ("station",)
    search_fields = ("station__identity", "path")


@admin.register(SecurityEventEntry)
class SecurityEventEntryAdmin(ReadOnlyAdmin):
    list_display = ("station", "type", "station_time", "received_at")
    list_select_related = ("station",)
    search_fields = ("station__identity", "type")


@admin.register(MonitoredEvent)
class MonitoredEventAdmin(ReadOnlyAdmin):
    list_display = ("station", "component", "variable", "actual_value", "trigger", "received_at")
    list_select_related = ("station",)
    search_fields = ("station__identity", "component", "variable")


@admin.register(InstalledCertificate)
class InstalledCertificateAdmin(ReadOnlyAdmin):
    list_display = ("station", "use", "subject", "serial_number", "not_after", "listed_at")
    list_filter = ("use",)
    search_fields = ("station__identity", "subject", "serial_number")


@admin.register(RootCertificate)
class RootCertificateAdmin(ReadOnlyAdmin):
    list_display = ("network", "use", "subject", "not_after", "added_at")
    list_filter = ("network", "use")
    search_fields = ("subject", "fingerprint")


@admin.register(RevokedCertificate)
class RevokedCertificateAdmin(ReadOnlyAdmin):
    list_display = ("network", "subject", "serial_number", "reason", "revoked_at", "revoked_by")
    list_filter = ("network", "reason")
    search_fields = ("subject", "serial_number", "fingerprint")


@admin.register(SigningRequest)
class SigningRequestAdmin(ReadOnlyAdmin):
    list_display = ("station", "use", "state", "common_name", "not_after", "created_at")
    list_filter = ("state", "use")
    search_fields = ("station__identity", "common_name", "serial_number")


@admin.register(AccessChange)
class AccessChangeAdmin(ReadOnlyAdmin):
    list_display = ("station", "kind", "state", "requested_by", "created_at", "ended_at")
    list_filter = ("state", "kind")
    search_fields = ("station__identity",)


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ("station", "reservation_id", "evse_id", "id_token", "expires_at", "ended_at", "reason")
    list_filter = ("reason",)
    search_fields = ("station__identity", "id_token")
