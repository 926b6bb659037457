"""The REST API: one router a resource, put together."""

from emobi.api import (
    access_changes,
    bulk_commands,
    certificates,
    charging_profiles,
    commands,
    device_model,
    display_messages,
    events,
    firmware_campaigns,
    firmware_images,
    id_token_import,
    id_tokens,
    incident_rules,
    incidents,
    maintenance_windows,
    messages,
    model_quirks,
    network_profiles,
    notifications,
    openapi,
    outages,
    playbook_runs,
    playbooks,
    problems,
    report_letters,
    reports,
    reservations,
    sessions,
    station_files,
    stations,
    stream,
    system,
    tariffs,
    templates,
    uptime,
    webhooks,
)
from emobi.api.auth import Key
from emobi.api.inputs import Inputs

api = openapi.Api(
    title="Emobi",
    version="1",
    description="Charging stations of OCPP 1.6 and 2.0.1 through one API. "
    "Send `Authorization: Bearer KEY`; a key belongs to one network and has a role.",
    auth=Key(),
    parser=Inputs(),
    docs=openapi.docs,
    docs_decorator=openapi.docs_policy,
    urls_namespace="api",
)
problems.install(api)
api.add_router("", system.router)
api.add_router("stations", stations.router)
api.add_router("stations", commands.of_station)
api.add_router("stations", messages.of_station)
api.add_router("stations", sessions.of_station)
api.add_router("stations", charging_profiles.of_station)
api.add_router("stations", station_files.router)
api.add_router("stations", device_model.of_station)
api.add_router("stations", display_messages.of_station)
api.add_router("stations", network_profiles.of_station)
api.add_router("stations", templates.of_station)
api.add_router("templates", templates.router)
api.add_router("stations", reservations.of_station)
api.add_router("stations", certificates.of_station)
api.add_router("stations", access_changes.of_station)
api.add_router("root-certificates", certificates.router)
api.add_router("revoked-certificates", certificates.revoked)
api.add_router("model-quirks", model_quirks.router)
api.add_router("firmware-images", firmware_images.router)
api.add_router("firmware-campaigns", firmware_campaigns.router)
api.add_router("messages", messages.router)
api.add_router("commands/bulk", bulk_commands.router)
api.add_router("commands", commands.router)
api.add_router("sessions", sessions.router)
api.add_router("id-tokens", id_token_import.router)
api.add_router("id-tokens", id_tokens.router)
api.add_router("tariffs", tariffs.router)
api.add_router("stations", uptime.of_station)
api.add_router("reports", uptime.router)
api.add_router("stations", outages.of_station)
api.add_router("reports", outages.router)
api.add_router("reports", reports.router)
api.add_router("reports", report_letters.router)
api.add_router("incidents", incidents.router)
api.add_router("incident-rules", incident_rules.router)
api.add_router("maintenance-windows", maintenance_windows.router)
api.add_router("playbooks", playbooks.router)
api.add_router("playbook-runs", playbook_runs.router)
api.add_router("events", events.router)
api.add_router("events", stream.router)
api.add_router("notification-routes", notifications.router)
api.add_router("notifications", notifications.of_notifications)
api.add_router("webhooks", webhooks.router)
api.add_router("deliveries", webhooks.of_delivery)
