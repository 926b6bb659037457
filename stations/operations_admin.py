"""What happened, and what is watched for, in Django's admin: to be found and read, over all networks."""

from django.contrib import admin

from emobi.core.admin import ReadOnlyAdmin
from stations.models import (
    Incident,
    IncidentCondition,
    IncidentEntry,
    IncidentReader,
    IncidentRule,
    IncidentStation,
    IncidentTally,
    LedgerCursor,
    Letter,
    MaintenanceWindow,
    Notification,
    NotificationReader,
    NotificationRoute,
    Outage,
    OutageExclusion,
    Playbook,
    PlaybookControl,
    PlaybookKillSwitch,
    PlaybookRun,
    PlaybookVersion,
    RaisedNotification,
    RunStep,
    ServiceRecord,
    Watch,
)


@admin.register(MaintenanceWindow)
class MaintenanceWindowAdmin(ReadOnlyAdmin):
    list_display = ("network", "site", "begins_at", "ends_at", "state", "reason", "author")
    list_filter = ("network", "state")
    list_select_related = ("network",)
    search_fields = ("site", "reason", "author")


@admin.register(Outage)
class OutageAdmin(ReadOnlyAdmin):
    list_display = ("network", "identity", "evse_id", "cause", "began_at", "ended_at")
    list_filter = ("network", "cause")
    list_select_related = ("network",)
    search_fields = ("=identity",)


@admin.register(OutageExclusion)
class OutageExclusionAdmin(ReadOnlyAdmin):
    list_display = ("network", "identity", "evse_id", "from_at", "to_at", "reason", "author", "withdrawn_at")
    list_filter = ("network",)
    list_select_related = ("network",)
    search_fields = ("=identity", "reason", "author")


@admin.register(ServiceRecord)
class ServiceRecordAdmin(ReadOnlyAdmin):
    list_display = ("station", "evse_id", "since")
    list_select_related = ("station",)
    search_fields = ("=station__identity",)


@admin.register(LedgerCursor)
class LedgerCursorAdmin(ReadOnlyAdmin):
    list_display = ("network", "sequence")
    list_select_related = ("network",)
    search_fields = ("network__slug",)


@admin.register(Watch)
class WatchAdmin(ReadOnlyAdmin):
    list_display = ("station", "user", "created_at")
    list_select_related = ("station", "user")
    search_fields = ("=station__identity", "user__username")


@admin.register(NotificationRoute)
class NotificationRouteAdmin(ReadOnlyAdmin):
    list_display = ("name", "network", "channel", "enabled", "digest_s", "created_by", "created_at")
    list_filter = ("network", "channel", "enabled")
    list_select_related = ("network",)
    search_fields = ("name", "created_by")


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "network", "route", "recipient", "severity", "subject", "due_at")
    list_filter = ("network", "severity")
    list_select_related = ("network", "route")
    search_fields = ("recipient", "subject", "=cause")


@admin.register(Letter)
class LetterAdmin(ReadOnlyAdmin):
    list_display = (
        "created_at",
        "network",
        "recipient",
        "subject",
        "state",
        "attempts",
        "next_attempt_at",
        "ended_at",
    )
    list_filter = ("network", "state")
    list_select_related = ("network",)
    search_fields = ("recipient", "subject", "=message_id")


@admin.register(NotificationReader)
class NotificationReaderAdmin(ReadOnlyAdmin):
    list_display = ("network", "sequence")
    list_select_related = ("network",)
    search_fields = ("network__slug",)


@admin.register(RaisedNotification)
class RaisedNotificationAdmin(ReadOnlyAdmin):
    list_display = ("route", "key", "at")
    list_filter = ("route",)
    list_select_related = ("route",)
    search_fields = ("key",)


@admin.register(IncidentRule)
class IncidentRuleAdmin(ReadOnlyAdmin):
    list_display = ("name", "network", "kind", "severity", "enabled", "shipped", "changed_at", "changed_by")
    list_filter = ("network", "kind", "severity", "enabled")
    list_select_related = ("network",)
    search_fields = ("name",)


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "network",
        "kind",
        "severity",
        "state",
        "title",
        "occurrences",
        "opened_at",
        "resolved_at",
        "assignee",
    )
    list_filter = ("network", "state", "severity", "kind")
    list_select_related = ("network", "assignee")
    search_fields = ("=id", "title")


@admin.register(IncidentStation)
class IncidentStationAdmin(ReadOnlyAdmin):
    list_display = ("incident", "station", "evse_id", "since", "recovered_at")
    list_select_related = ("incident", "station")
    search_fields = ("=incident__id", "=station__identity")


@admin.register(IncidentEntry)
class IncidentEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "incident", "by", "what")
    list_filter = ("what",)
    list_select_related = ("incident",)
    search_fields = ("=incident__id", "by")


@admin.register(IncidentCondition)
class IncidentConditionAdmin(ReadOnlyAdmin):
    list_display = ("rule", "station", "evse_id", "severity", "since", "due_at", "incident")
    list_filter = ("severity",)
    list_select_related = ("rule", "station", "incident")
    search_fields = ("=station__identity", "=incident__id")


@admin.register(IncidentReader)
class IncidentReaderAdmin(ReadOnlyAdmin):
    list_display = ("network", "sequence", "swept_at")
    list_select_related = ("network",)
    search_fields = ("network__slug",)


@admin.register(IncidentTally)
class IncidentTallyAdmin(ReadOnlyAdmin):
    list_display = ("rule", "station", "evse_id", "at", "what", "amount")
    list_filter = ("what",)
    list_select_related = ("rule", "station")
    search_fields = ("=station__identity",)


@admin.register(Playbook)
class PlaybookAdmin(ReadOnlyAdmin):
    list_display = ("slug", "network", "name", "enabled", "dry_run", "changed_at", "archived_at")
    list_filter = ("network", "enabled", "dry_run")
    list_select_related = ("network",)
    search_fields = ("slug", "name")


@admin.register(PlaybookVersion)
class PlaybookVersionAdmin(ReadOnlyAdmin):
    list_display = ("playbook", "number", "event", "note", "created_by", "created_at")
    list_select_related = ("playbook",)
    search_fields = ("playbook__slug", "=event", "created_by")


@admin.register(PlaybookControl)
class PlaybookControlAdmin(ReadOnlyAdmin):
    list_display = ("network", "stopped", "stop_reason", "changed_by", "changed_at")
    list_filter = ("stopped",)
    list_select_related = ("network",)
    search_fields = ("network__slug",)


@admin.register(PlaybookKillSwitch)
class PlaybookKillSwitchAdmin(ReadOnlyAdmin):
    list_display = ("stopped", "stop_reason", "changed_by", "changed_at")
    list_filter = ("stopped",)


@admin.register(PlaybookRun)
class PlaybookRunAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "network",
        "playbook",
        "station",
        "state",
        "dry_run",
        "requested_by",
        "created_at",
        "ended_at",
    )
    list_filter = ("network", "state", "dry_run")
    list_select_related = ("network", "playbook", "station")
    search_fields = ("=id", "=station__identity", "playbook__slug")


@admin.register(RunStep)
class RunStepAdmin(ReadOnlyAdmin):
    list_display = ("run", "index", "attempt", "do", "state", "message", "begun_at", "ended_at")
    list_filter = ("state", "do")
    list_select_related = ("run",)
    search_fields = ("=run__id",)
