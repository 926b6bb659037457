"""Charging in Django's admin: tokens are an operator's to change, history is nobody's."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from sessions.models import ChargingSession, IdToken, MeterValue


@admin.register(IdToken)
class IdTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # it takes none when it runs
    list_display = ("id_token", "network", "type", "status", "expires_at", "group", "master_pass", "note")
    list_filter = ("network", "status", "type", "master_pass", "concurrent")
    search_fields = ("id_token", "group", "note")
    list_select_related = ("network",)
    readonly_fields = ("created_at",)


class HistoryAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # it takes none when it runs
    """Rows that tell what happened: to be read."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


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
