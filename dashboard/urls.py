"""Pages of the NOC, and the fragments of them that are fetched alone: each room has its own."""

from django.urls import include, path, register_converter
from django.urls.converters import StringConverter


class Identity(StringConverter):
    """A station's identity: any text that PostgreSQL can be asked for."""

    regex = r"[^/\x00]+"


# Before the rooms are read: their paths name it.
register_converter(Identity, "station")

app_name = "dashboard"
urlpatterns = [
    path("", include("dashboard.overview.urls")),
    path("", include("dashboard.accounts.urls")),
    path("settings/notifications/", include("dashboard.notifications.urls")),
    path("settings/maintenance/", include("dashboard.maintenance.urls")),
    path("settings/templates/", include("dashboard.config_templates.urls")),
    path("settings/", include("dashboard.settings.urls")),
    path("audit/", include("dashboard.audit.urls")),
    path("", include("dashboard.palette.urls")),
    path("", include("dashboard.saved_views.urls")),
    path("", include("dashboard.onboarding.urls")),
    path("", include("dashboard.stations.urls")),
    path("", include("dashboard.bulk.urls")),
    path("", include("dashboard.station.urls")),
    path("", include("dashboard.commands.urls")),
    path("", include("dashboard.firmware.urls")),
    path("", include("dashboard.messages.urls")),
    path("", include("dashboard.incidents.urls")),
    path("", include("dashboard.reports.urls")),
    path("webhooks/", include("dashboard.webhooks.urls")),
    path("", include("dashboard.charging.urls")),
    path("", include("dashboard.playbooks.urls")),
]
