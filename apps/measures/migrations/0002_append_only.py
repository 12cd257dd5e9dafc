"""The ledger is append-only: the database refuses to change a credit, or to book one into a closed period."""

from django.db import migrations

from apps.core.references import refers

SQL = """
CREATE FUNCTION measures_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append_only: % refuses %', TG_TABLE_NAME, TG_OP USING ERRCODE = '23514';
END
$$;
CREATE TRIGGER measures_credit_append_only BEFORE UPDATE OR DELETE ON measures_credit
FOR EACH STATEMENT EXECUTE FUNCTION measures_refuse_change();
CREATE TRIGGER measures_credit_refuse_closed AFTER INSERT ON measures_credit
REFERENCING NEW TABLE AS new_rows
FOR EACH STATEMENT EXECUTE FUNCTION calendars_refuse_closed();
"""
UNDO = """
DROP TRIGGER measures_credit_refuse_closed ON measures_credit;
DROP TRIGGER measures_credit_append_only ON measures_credit;
DROP FUNCTION measures_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("measures", "0001_initial"), ("calendars", "0002_refuse_closed")]
    operations = [
        migrations.RunSQL(SQL, UNDO),
        migrations.RunSQL(
            *refers(
                "measures_credit",
                person_id="org_person",
                position_id="org_position",
                unit_id="org_orgunit",
                reverses_id="measures_credit",
            )
        ),
    ]
