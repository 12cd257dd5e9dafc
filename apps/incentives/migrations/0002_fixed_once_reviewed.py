"""Lines of a reviewed, approved or locked run, and of a closed period, cannot be written by anybody."""

from django.db import migrations

from apps.core.references import refers

CHECK = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fixed bigint;
BEGIN
    SELECT r.id INTO fixed
    FROM (SELECT DISTINCT {run} AS run_id FROM changed c {join}) AS touched
    JOIN incentives_payrun r ON r.id = touched.run_id
    JOIN calendars_fiscalperiod p ON p.id = r.period_id
    WHERE r.state NOT IN ('draft', 'calculated') OR p.closed_at IS NOT NULL
    LIMIT 1;
    IF fixed IS NOT NULL THEN
        RAISE EXCEPTION 'fixed_run: % refuses % for pay run %', TG_TABLE_NAME, TG_OP, fixed
            USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END
$$;
"""
TABLES = {
    "incentives_statement": "incentives_refuse_fixed",
    "incentives_payline": "incentives_refuse_fixed",
    "incentives_paytrace": "incentives_refuse_fixed_trace",
}
EVENTS = (
    ("insert", "INSERT", "NEW"),
    ("update_from", "UPDATE", "OLD"),
    ("update_to", "UPDATE", "NEW"),
    ("delete", "DELETE", "OLD"),
)


def _triggers() -> str:
    parts = []
    for table, function in TABLES.items():
        for name, event, side in EVENTS:
            parts.append(
                f"CREATE TRIGGER {table}_fixed_{name} AFTER {event} ON {table} "
                f"REFERENCING {side} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION {function}();"
            )
    return "\n".join(parts)


ROWS = """
CREATE FUNCTION incentives_run_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state NOT IN ('draft', 'calculated') THEN
            RAISE EXCEPTION 'fixed_run: pay run % is %', OLD.id, OLD.state USING ERRCODE = '23514';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state = 'paid' OR (OLD.state = 'locked' AND (
        NEW.state <> 'paid'
        OR to_jsonb(NEW) - '{state,paid_by_id,paid_at}'::text[]
           <> to_jsonb(OLD) - '{state,paid_by_id,paid_at}'::text[])) THEN
        RAISE EXCEPTION 'fixed_run: pay run % is %', OLD.id, OLD.state USING ERRCODE = '23514';
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('draft', 'calculated'), ('calculated', 'draft'), ('calculated', 'reviewed'),
        ('reviewed', 'calculated'), ('reviewed', 'approved'), ('approved', 'calculated'),
        ('approved', 'locked'), ('locked', 'paid')) THEN
        RAISE EXCEPTION 'run_path: pay run % from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER incentives_payrun_path BEFORE UPDATE OR DELETE ON incentives_payrun
FOR EACH ROW EXECUTE FUNCTION incentives_run_path();

CREATE FUNCTION incentives_version_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'approved' AND (TG_OP = 'DELETE' OR
        to_jsonb(NEW) - 'valid' <> to_jsonb(OLD) - 'valid') THEN
        RAISE EXCEPTION 'fixed_version: plan version % is approved', OLD.id USING ERRCODE = '23514';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER incentives_planversion_frozen BEFORE UPDATE OR DELETE ON incentives_planversion
FOR EACH ROW EXECUTE FUNCTION incentives_version_frozen();

CREATE FUNCTION incentives_adjustment_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'requested' OR TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'fixed_adjustment: adjustment % is %', OLD.id, OLD.status USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER incentives_adjustment_frozen BEFORE UPDATE OR DELETE ON incentives_adjustment
FOR EACH ROW EXECUTE FUNCTION incentives_adjustment_frozen();

CREATE FUNCTION incentives_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append_only: % refuses %', TG_TABLE_NAME, TG_OP USING ERRCODE = '23514';
END
$$;
CREATE TRIGGER incentives_payrollexport_append_only BEFORE UPDATE OR DELETE ON incentives_payrollexport
FOR EACH STATEMENT EXECUTE FUNCTION incentives_refuse_change();
"""

SQL = (
    CHECK.format(name="incentives_refuse_fixed", run="c.run_id", join="")
    + CHECK.format(
        name="incentives_refuse_fixed_trace",
        run="l.run_id",
        join="JOIN incentives_payline l ON l.id = c.line_id",
    )
    + _triggers()
    + ROWS
)
UNDO = "\n".join(
    [
        "DROP TRIGGER incentives_payrollexport_append_only ON incentives_payrollexport;",
        "DROP FUNCTION incentives_refuse_change();",
        "DROP TRIGGER incentives_adjustment_frozen ON incentives_adjustment;",
        "DROP FUNCTION incentives_adjustment_frozen();",
        "DROP TRIGGER incentives_planversion_frozen ON incentives_planversion;",
        "DROP FUNCTION incentives_version_frozen();",
        "DROP TRIGGER incentives_payrun_path ON incentives_payrun;",
        "DROP FUNCTION incentives_run_path();",
        *[
            f"DROP TRIGGER {table}_fixed_{name} ON {table};"
            for table in TABLES
            for name, _event, _side in EVENTS
        ],
        "DROP FUNCTION incentives_refuse_fixed_trace();",
        "DROP FUNCTION incentives_refuse_fixed();",
    ]
)


class Migration(migrations.Migration):
    dependencies = [("incentives", "0001_initial")]
    operations = [
        migrations.RunSQL(SQL, UNDO),
        migrations.RunSQL(*refers("incentives_paytrace", line_id="incentives_payline")),
    ]
