from django.db import migrations

FORWARDS = """
CREATE FUNCTION customers_account_refuse_cycle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above bigint := NEW.parent_id;
    steps int := 0;
BEGIN
    WHILE above IS NOT NULL LOOP
        steps := steps + 1;
        IF above = NEW.id OR steps > 100 THEN
            RAISE EXCEPTION 'customers_account_family_cycle: account % would be its own ancestor', NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'customers_account_family_cycle';
        END IF;
        SELECT parent_id INTO above FROM customers_account WHERE id = above;
    END LOOP;
    RETURN NULL;
END $$;

CREATE TRIGGER customers_account_family_cycle_insert AFTER INSERT ON customers_account
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION customers_account_refuse_cycle();
CREATE TRIGGER customers_account_family_cycle_update AFTER UPDATE OF parent_id ON customers_account
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION customers_account_refuse_cycle();
"""

BACKWARDS = """
DROP TRIGGER customers_account_family_cycle_insert ON customers_account;
DROP TRIGGER customers_account_family_cycle_update ON customers_account;
DROP FUNCTION customers_account_refuse_cycle();
"""


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial")]

    operations = [migrations.RunSQL(FORWARDS, BACKWARDS)]
