"""A trigger that keeps the dated structure free of cycles, whoever writes to it."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION org_refuse_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    offender bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('org.structure', 0));
    WITH RECURSIVE up AS (
        SELECT n.unit_id AS start, n.parent_id AS at, n.valid FROM changed n WHERE n.parent_id IS NOT NULL
        UNION
        SELECT up.start, e.parent_id, up.valid * e.valid
        FROM up JOIN org_unitparent e ON e.unit_id = up.at AND e.valid && up.valid
        WHERE e.parent_id IS NOT NULL AND up.at <> up.start
    )
    SELECT start INTO offender FROM up WHERE at = start LIMIT 1;
    IF offender IS NOT NULL THEN
        RAISE EXCEPTION 'unit % would lie inside itself', offender
            USING ERRCODE = 'check_violation', CONSTRAINT = 'org_unitparent_no_cycle', TABLE = 'org_unitparent';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER org_unitparent_cycle_insert AFTER INSERT ON org_unitparent
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION org_refuse_cycle();
CREATE TRIGGER org_unitparent_cycle_update AFTER UPDATE ON org_unitparent
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION org_refuse_cycle();
"""
BACKWARD = """
DROP TRIGGER org_unitparent_cycle_update ON org_unitparent;
DROP TRIGGER org_unitparent_cycle_insert ON org_unitparent;
DROP FUNCTION org_refuse_cycle();
"""


class Migration(migrations.Migration):
    dependencies = [("org", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
