"""Charging in Django's admin: tokens are an operator's to change, history is nobody's."""

from typing import Any, override

from django import forms
from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest

from emobi.core.admin import AuditedAdmin
from sessions.models import (
    AuthorizationEndpoint,
    ChargingSession,
    EvNegotiation,
    IdToken,
    InstalledProfile,
    MeterValue,
    Tariff,
)
from sessions.services import id_tokens


class IdTokenForm(forms.ModelForm):  # type: ignore[type-arg]  # as in `emobi.core.admin`
    """Refuses the prices of another network."""

    @override
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        network, tariff = cleaned.get("network"), cleaned.get("tariff")
        if network and tariff and tariff.network_id != network.pk:
            self.add_error("tariff", "It is another network's.")
        return cleaned


@admin.register(IdToken)
class IdTokenAdmin(AuditedAdmin):
    noun = "id_token"
    form = IdTokenForm
    list_display = ("id_token", "network", "type", "status", "expires_at", "group", "master_pass", "note")
    list_filter = ("network", "status", "type", "master_pass", "concurrent")
    search_fields = ("id_token", "group", "note")
    list_select_related = ("network",)
    # What it holds has a form, which the API keeps.
    readonly_fields = ("allowed_evses", "created_at")

    @override
    def target(self, obj: Model) -> str:
        named = super().target(obj)
        return id_tokens.named_in_log(named, obj.type) if isinstance(obj, IdToken) else named


@admin.register(AuthorizationEndpoint)
class AuthorizationEndpointAdmin(AuditedAdmin):
    """Its secret is made with it, and shown once."""

    noun = "authorization_endpoint"
    list_display = ("network", "url", "enabled", "created_at")
    list_filter = ("enabled",)
    list_select_related = ("network",)
    search_fields = ("url", "network__slug")
    exclude = ("secret",)
    readonly_fields = ("created_at",)

    @override
    def save_model(
        self, request: HttpRequest, obj: Model, form: "forms.ModelForm[Any]", change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if isinstance(obj, AuthorizationEndpoint) and not change:
            messages.warning(request, f"The endpoint's secret, shown this once: {obj.secret}")


class HistoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # it takes none when it runs
    """Rows that tell what happened: to be read."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Tariff)
class TariffAdmin(HistoryAdmin):
    """A change of prices is a new row, which the API makes."""

    list_display = (
        "name", "network", "currency", "price_per_kwh", "price_per_minute", "start_fee", "default",
        "replaced_at",
    )  # fmt: skip
    list_filter = ("network", "default")
    list_select_related = ("network",)


@admin.register(ChargingSession)
class ChargingSessionAdmin(HistoryAdmin):
    list_display = (
        "id", "network", "station", "evse_id", "transaction_id", "state", "id_token", "started_at", "suspect"
    )  # fmt: skip
    list_filter = ("network", "state")
    search_fields = ("=id", "=transaction_id", "=id_token", "station__identity")
    list_select_related = ("network", "station")
    ordering = ("-id",)


@admin.register(MeterValue)
class MeterValueAdmin(HistoryAdmin):
    list_display = ("id", "station", "evse_id", "at", "context", "energy_wh", "power_w", "soc_percent")
    search_fields = ("=session", "=station__identity")
    list_select_related = ("station",)
    ordering = ("-id",)


@admin.register(InstalledProfile)
class InstalledProfileAdmin(HistoryAdmin):
    list_display = (
        "profile_id", "station", "evse_id", "purpose", "stack_level", "source", "limit_source", "set_at"
    )  # fmt: skip
    list_filter = ("purpose", "source")
    search_fields = ("=profile_id", "=transaction_id", "station__identity")
    list_select_related = ("station",)
    ordering = ("-id",)


@admin.register(EvNegotiation)
class EvNegotiationAdmin(HistoryAdmin):
    list_display = ("station", "evse_id", "transaction_id", "answer", "needs_at", "schedule_answer")
    search_fields = ("=transaction_id", "station__identity")
    list_select_related = ("station",)
    ordering = ("-id",)
