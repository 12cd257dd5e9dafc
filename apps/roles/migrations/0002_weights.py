"""A trigger that keeps the KPI weights of a role version at 100."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION roles_weights_complete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    total numeric;
BEGIN
    SELECT sum(weight) INTO total FROM roles_rolekpi
    WHERE version_id IN (SELECT version_id FROM changed)
    GROUP BY version_id HAVING sum(weight) <> 100 LIMIT 1;
    IF total IS NOT NULL THEN
        RAISE EXCEPTION 'the weights add up to %', total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'roles_rolekpi_weights_100', TABLE = 'roles_rolekpi';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER roles_rolekpi_weights_insert AFTER INSERT ON roles_rolekpi
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION roles_weights_complete();
CREATE TRIGGER roles_rolekpi_weights_update AFTER UPDATE ON roles_rolekpi
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION roles_weights_complete();
CREATE TRIGGER roles_rolekpi_weights_delete AFTER DELETE ON roles_rolekpi
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION roles_weights_complete();
"""
BACKWARD = """
DROP TRIGGER roles_rolekpi_weights_delete ON roles_rolekpi;
DROP TRIGGER roles_rolekpi_weights_update ON roles_rolekpi;
DROP TRIGGER roles_rolekpi_weights_insert ON roles_rolekpi;
DROP FUNCTION roles_weights_complete();
"""


class Migration(migrations.Migration):
    dependencies = [("roles", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
