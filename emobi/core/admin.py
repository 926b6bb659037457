"""Django's admin over all networks, for superusers. What has a rule goes through its service."""

from typing import Any, override

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from emobi.core.models import ApiKey, AuditEntry, Event, EventCounter, Membership, Network
from emobi.core.services import api_keys, audit
from emobi.core.unit_of_work import begin


def actor(request: HttpRequest) -> str:
    """Who is at work, as the audit log names them."""
    return f"user:{request.user.get_username()}"


def _network_id(obj: models.Model) -> int | None:
    network_id: int | None = obj.pk if isinstance(obj, Network) else getattr(obj, "network_id", None)
    return network_id


# Django's stubs know type parameters here that Django itself doesn't.
class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Records of what happened: nobody changes them."""

    show_full_result_count = False

    @override
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @override
    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class AuditedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Changes made here are in the audit log too."""

    noun: str

    def target(self, obj: models.Model) -> str:
        """What the log calls it."""
        return str(obj)

    @override
    def save_model(
        self, request: HttpRequest, obj: models.Model, form: "forms.ModelForm[Any]", change: bool
    ) -> None:
        with begin():
            super().save_model(request, obj, form, change)
            verb = "changed" if change else "created"
            fields = {"fields": form.changed_data}
            audit.record(_network_id(obj), actor(request), f"{self.noun}.{verb}", self.target(obj), fields)

    @override
    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        with begin():
            # A network takes its own log with it.
            network_id = None if isinstance(obj, Network) else _network_id(obj)
            audit.record(network_id, actor(request), f"{self.noun}.deleted", self.target(obj))
            super().delete_model(request, obj)

    @override
    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[models.Model]) -> None:
        for obj in queryset:
            self.delete_model(request, obj)


@admin.register(Network)
class NetworkAdmin(AuditedAdmin):
    noun = "network"
    list_display = ("slug", "name", "security_profile", "auto_register", "created_at")
    search_fields = ("slug", "name")
    readonly_fields = ("created_at",)


@admin.register(Membership)
class MembershipAdmin(AuditedAdmin):
    noun = "membership"
    list_display = ("user", "network", "role", "created_at")
    list_filter = ("role", "network")
    list_select_related = ("user", "network")
    autocomplete_fields = ("user", "network")
    readonly_fields = ("created_at",)


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """A key is made by its service, which shows it once; afterwards it can only be revoked."""

    list_display = ("name", "prefix", "network", "role", "created_at", "last_used_at", "revoked_at")
    list_filter = ("role", "network")
    list_select_related = ("network",)
    fields = ("network", "role", "name")
    actions = ("revoke",)

    @override
    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        # The list's action needs the permission; a key's own page offers nothing to change.
        return obj is None and super().has_change_permission(request, obj)

    @override
    def has_delete_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return False

    @override
    def save_model(
        self, request: HttpRequest, obj: ApiKey, form: "forms.ModelForm[Any]", change: bool
    ) -> None:
        key, text = api_keys.create(obj.network, obj.role, obj.name, by=actor(request))
        obj.pk, obj.prefix = key.pk, key.prefix
        messages.warning(request, f"The key, shown this once: {text}")

    @admin.action(description="Revoke the selected keys", permissions=["change"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            api_keys.revoke(key, by=actor(request))
        messages.success(request, "Revoked: they are refused from now on.")


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("sequence", "time", "network", "type", "station", "ocpp_version")
    list_filter = ("network", "type")
    list_select_related = ("network",)
    search_fields = ("=id", "=station")
    ordering = ("-network", "-sequence")


@admin.register(EventCounter)
class EventCounterAdmin(ReadOnlyAdmin):
    list_display = ("network", "value")


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "network", "actor", "action", "target", "address")
    list_filter = ("network", "action")
    list_select_related = ("network",)
    search_fields = ("actor", "target")
    ordering = ("-id",)
