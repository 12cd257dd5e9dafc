"""``calendars_refuse_closed()``: a trigger function that keeps bookings out of closed fiscal months.

A table with a ``booked_on`` date opts in with either of

    CREATE TRIGGER refuse_closed BEFORE INSERT ON the_table
    FOR EACH ROW EXECUTE FUNCTION calendars_refuse_closed();

or, for tables that are loaded in bulk, one check per statement:

    CREATE TRIGGER refuse_closed AFTER INSERT ON the_table
    REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION calendars_refuse_closed();

It raises a check violation (SQLSTATE 23514, constraint ``closed_period``, message
``closed_period``; Django's IntegrityError). The months of the company calendar decide.
A shared advisory lock, held to the end of the booking transaction, makes closing wait
for bookings under way and bookings wait for a closing under way.
"""

from django.db import migrations

SQL = """
CREATE OR REPLACE FUNCTION calendars_refuse_closed() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    found text;
    refused date;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('calendars.closing', 0));
    IF TG_LEVEL = 'ROW' THEN
        SELECT p.code, NEW.booked_on INTO found, refused
          FROM calendars_fiscalperiod p JOIN calendars_fiscalcalendar c ON c.id = p.calendar_id
         WHERE c.is_default AND p.kind = 'month' AND p.closed_at IS NOT NULL
           AND p.starts_on <= NEW.booked_on AND p.ends_before > NEW.booked_on
         LIMIT 1;
    ELSE
        SELECT p.code, days.booked_on INTO found, refused
          FROM (SELECT DISTINCT booked_on FROM new_rows) days
          JOIN calendars_fiscalperiod p
            ON p.starts_on <= days.booked_on AND p.ends_before > days.booked_on
          JOIN calendars_fiscalcalendar c ON c.id = p.calendar_id
         WHERE c.is_default AND p.kind = 'month' AND p.closed_at IS NOT NULL
         LIMIT 1;
    END IF;
    IF found IS NOT NULL THEN
        RAISE EXCEPTION 'closed_period' USING
            ERRCODE = 'check_violation',
            CONSTRAINT = 'closed_period',
            TABLE = TG_TABLE_NAME,
            COLUMN = 'booked_on',
            DETAIL = format('%s is closed; %s cannot be booked there.', found, refused);
    END IF;
    IF TG_LEVEL = 'ROW' THEN
        RETURN NEW;
    END IF;
    RETURN NULL;
END
$body$;
"""


class Migration(migrations.Migration):
    dependencies = [("calendars", "0001_initial")]

    operations = [migrations.RunSQL(SQL, "DROP FUNCTION calendars_refuse_closed()")]
