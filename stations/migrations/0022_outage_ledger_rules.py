"""What is in the uptime ledger stays: outages are closed once, exclusions withdrawn once. Pre-deploy.

Source of the error code: PostgreSQL's restrict_violation, an integrity error to Django.
"""

from django.db import migrations

RULE = """
CREATE FUNCTION {table}_keeps() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    closing text[] := ARRAY[{closing}];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.{closed} IS NOT NULL OR NEW.{closed} IS NULL
        OR (to_jsonb(OLD) - closing) IS DISTINCT FROM (to_jsonb(NEW) - closing) THEN
        RAISE EXCEPTION '{table} is append-only: {rule}' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER {table}_keeps BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_keeps();
"""
UNDO = """
DROP TRIGGER {table}_keeps ON {table};
DROP FUNCTION {table}_keeps();
"""
OUTAGES = {
    "table": "stations_outage",
    "closing": "'ended_at', 'ended_event', 'ended_sequence'",
    "closed": "ended_at",
    "rule": "an outage is closed once, and nothing else of it changes",
}
EXCLUSIONS = {
    "table": "stations_outageexclusion",
    "closing": "'withdrawn_at', 'withdrawn_by', 'withdrawn_reason'",
    "closed": "withdrawn_at",
    "rule": "an exclusion is withdrawn once, and nothing else of it changes",
}


class Migration(migrations.Migration):
    dependencies = [("stations", "0021_outages")]
    operations = [
        migrations.RunSQL(RULE.format(**each), UNDO.format(**each)) for each in (OUTAGES, EXCLUSIONS)
    ]
