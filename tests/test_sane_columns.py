"""What a station says can't poison our tables: every number and time that one can send has bounds.

A model counts as fed by stations, and a column of it as theirs, unless it is named here with a reason.
"""

import pytest
from django.apps import apps
from django.db import connection, models

NUMBERS = (models.IntegerField, models.FloatField, models.DecimalField)
TIMES = (models.DateTimeField, models.DateField)

# What nothing in a station's message is written to.
OURS = {
    "what people decide": {
        "AccessChange", "AuthorizationEndpoint", "BulkCommand", "BulkTarget", "ConfigurationTemplate",
        "FirmwareCampaign", "FirmwareCampaignTarget", "FirmwareImage", "IdToken", "IncidentRule",
        "MaintenanceWindow", "ModelQuirks", "NetworkProfile", "NotificationRoute", "OutageExclusion",
        "Playbook", "PlaybookControl", "PlaybookKillSwitch", "PlaybookVersion", "ReportSubscription",
        "RevokedCertificate", "RootCertificate", "Tariff", "Watch",
    },
    "what we do": {
        "Command", "FollowUp", "GatewayProcess", "Letter", "Notification", "NotificationReader",
        "PlaybookRun", "RaisedNotification", "RefusedHandshake", "RunStep",
    },
    "made of events, by our clock, of EVSEs that have rows of their own": {
        "Incident", "IncidentCondition", "IncidentEntry", "IncidentReader", "IncidentStation",
        "IncidentTally", "LedgerCursor", "Outage", "ServiceRecord",
    },
}  # fmt: skip

# Columns of the others that no station can reach.
OUR_CLOCK = {
    "at", "changed_at", "closed_at", "connectivity_since", "cost_told_at", "created_at", "ended_at",
    "first_at", "heard_at", "installed_at", "last_at", "last_heard_at", "listed_at", "needs_at",
    "next_attempt_at",
    "opened_at", "password_changing_since", "received_at", "renewal_asked_at", "reported_at", "schedule_at",
    "set_at", "signed_at",
}  # fmt: skip
OUR_NUMBERS = {
    "we chose it": {
        "Connection.security_profile", "Station.heartbeat_interval_s", "Station.negotiated_heartbeat_s",
        "Station.security_profile", "Station.upgrading_to", "Frame.network_id",
    },
    "we counted or measured it": {
        "Connection.epoch", "Deviation.count", "EvNegotiation.offers", "Frame.pair_id", "Frame.round_trip_ms",
        "LocalList.tries",
        "SigningRequest.attempts", "SigningRequest.repeats", "StationLog.size",
    },
    "one of two or three words": {"Frame.direction", "Frame.kind"},
}  # fmt: skip


def fed():
    ours = set().union(*OURS.values())
    every = [m for label in ("stations", "charging") for m in apps.get_app_config(label).get_models()]
    assert ours <= {model.__name__ for model in every}
    return [model for model in every if model.__name__ not in ours]


def columns():
    """The columns that a station can reach."""
    ours = set().union(*OUR_NUMBERS.values())
    for model in fed():
        for field in model._meta.local_fields:
            if field.primary_key or not isinstance(field, (*NUMBERS, *TIMES)):
                continue
            clocked = isinstance(field, TIMES) and field.name in OUR_CLOCK
            if f"{model.__name__}.{field.name}" in ours or (clocked and not bounded(model, field)):
                continue
            yield model, field


def bounded(model, field):
    return any(each.name.endswith(f"{field.name}_sane") for each in model._meta.constraints)


def test_no_exception_is_out_of_date():
    known = {f"{model.__name__}.{field.name}" for model in fed() for field in model._meta.local_fields}
    assert set().union(*OUR_NUMBERS.values()) <= known
    assert {name.partition(".")[2] for name in known} >= OUR_CLOCK


def test_every_column_that_a_station_can_reach_has_bounds():
    assert [f"{model.__name__}.{field.name}" for model, field in columns() if not bounded(model, field)] == []


BEYOND = {
    "numeric": ["NaN"],
    "double precision": ["NaN", "Infinity", "-Infinity"],
    "integer": [-(2**31), 2**31 - 1],
    "smallint": [-(2**15), 2**15 - 1],
    "bigint": [-(2**63), 2**63 - 1],
    "timestamp with time zone": ["infinity", "-infinity", "0001-01-01", "200000-01-01", "0001-01-01 BC"],
}


@pytest.mark.django_db
def test_the_database_refuses_what_is_beyond_bounds():
    """As its own definitions of the constraints say, which hold for all rows."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT relname, attname, format_type(atttypid, NULL), pg_get_expr(conbin, conrelid), convalidated
            FROM pg_constraint JOIN pg_class AS t ON t.oid = conrelid
            JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
            WHERE contype = 'c' AND conname = ANY (%s)
            """,
            [[c.name for model in fed() for c in model._meta.constraints if c.name.endswith("_sane")]],
        )
        found = {(table, column): rest for table, column, *rest in cursor.fetchall()}
        assert {(model._meta.db_table, field.column) for model, field in columns()} <= set(found)
        for (table, column), (kind, expression, validated) in found.items():
            assert validated, (table, column)
            for value in BEYOND[kind]:
                cursor.execute(
                    f"SELECT {expression} FROM (SELECT CAST(%s AS {kind})) AS row({column})", [str(value)]
                )
                assert cursor.fetchone() == (False,), (table, column, value)
