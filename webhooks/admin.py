"""Django's admin over all networks' webhooks, for superusers. Secrets aren't shown."""

from typing import override

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from emobi.core.admin import ReadOnlyAdmin, actor
from emobi.core.errors import Refused
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.services import deliveries, endpoints


@admin.register(Endpoint)
class EndpointAdmin(ReadOnlyAdmin):
    list_display = ("url", "network", "types", "enabled", "disabled_reason", "failing_since", "failures")
    list_filter = ("enabled", "network")
    list_select_related = ("network",)
    search_fields = ("url", "description")
    exclude = ("secret", "previous_secret")
    actions = ("resume", "disable")

    @override
    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        # The list's actions need the permission; an endpoint's own page offers nothing to change.
        return obj is None and request.user.has_perm("webhooks.change_endpoint")

    @admin.action(description="Resume the selected endpoints", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        self._enable(request, queryset, enabled=True)

    @admin.action(description="Disable the selected endpoints", permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        self._enable(request, queryset, enabled=False)

    def _enable(self, request: HttpRequest, queryset: QuerySet[Endpoint], *, enabled: bool) -> None:
        for endpoint in queryset:
            endpoints.change(endpoint, enabled=enabled, by=actor(request))


class AttemptsInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Attempt
    fields = ("at", "url", "status", "error", "duration_ms", "response_headers", "response_body")
    readonly_fields = fields
    ordering = ("-pk",)
    extra = 0

    @override
    def has_add_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    @override
    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    @override
    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("id", "type", "station", "endpoint", "state", "attempts", "next_attempt_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("endpoint",)
    search_fields = ("=event__id", "=station")
    ordering = ("-pk",)
    inlines = (AttemptsInline,)
    actions = ("redeliver",)

    @override
    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return obj is None and request.user.has_perm("webhooks.change_delivery")

    @admin.action(description="Deliver the selected ones again", permissions=["change"])
    def redeliver(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        for delivery in queryset.select_related("endpoint"):
            try:
                deliveries.redeliver(delivery, by=actor(request))
            except Refused as reason:
                messages.error(request, f"{delivery.pk}: {reason}")
