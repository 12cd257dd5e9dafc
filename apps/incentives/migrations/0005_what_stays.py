"""What was said, confirmed, filed or won stays; holds and disputes take their path; a reversed run is marked."""

from django.db import migrations

APPEND_ONLY = (
    "incentives_disputeentry",
    "incentives_acknowledgement",
    "incentives_accrual",
    "incentives_contestaward",
)
EVENTS = (
    ("insert", "INSERT", "NEW"),
    ("update_from", "UPDATE", "OLD"),
    ("update_to", "UPDATE", "NEW"),
    ("delete", "DELETE", "OLD"),
)

RUN_PATH = """
CREATE OR REPLACE FUNCTION incentives_run_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state NOT IN ('draft', 'calculated') THEN
            RAISE EXCEPTION 'fixed_run: pay run % is %', OLD.id, OLD.state USING ERRCODE = '23514';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.state IN ('locked', 'paid') AND (
        (OLD.is_void AND NOT NEW.is_void)
        OR (NEW.state = OLD.state AND to_jsonb(NEW) - 'is_void' <> to_jsonb(OLD) - 'is_void')
        OR (NEW.state <> OLD.state AND (
            OLD.state = 'paid' OR NEW.state <> 'paid'
            OR to_jsonb(NEW) - '{state,paid_by_id,paid_at}'::text[]
               <> to_jsonb(OLD) - '{state,paid_by_id,paid_at}'::text[]))) THEN
        RAISE EXCEPTION 'fixed_run: pay run % is %', OLD.id, OLD.state USING ERRCODE = '23514';
    END IF;
    IF NEW.is_void AND NEW.state NOT IN ('locked', 'paid') THEN
        RAISE EXCEPTION 'run_path: pay run % is not locked', OLD.id USING ERRCODE = '23514';
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
"""
PATHS = """
CREATE FUNCTION incentives_hold_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.released_at IS NOT NULL
       OR to_jsonb(NEW) - '{released_by_id,released_at,note}'::text[]
          <> to_jsonb(OLD) - '{released_by_id,released_at,note}'::text[] THEN
        RAISE EXCEPTION 'fixed_hold: hold % refuses %', OLD.id, TG_OP USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER incentives_hold_path BEFORE UPDATE OR DELETE ON incentives_hold
FOR EACH ROW EXECUTE FUNCTION incentives_hold_path();

CREATE FUNCTION incentives_dispute_path() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'append_only: disputes refuse DELETE' USING ERRCODE = '23514';
    END IF;
    IF OLD.line_id <> NEW.line_id OR OLD.person_id <> NEW.person_id
       OR (OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (
        ('open', 'answered'), ('open', 'accepted'), ('open', 'refused'), ('open', 'withdrawn'),
        ('answered', 'open'), ('answered', 'accepted'), ('answered', 'refused'),
        ('answered', 'withdrawn'), ('accepted', 'open'))) THEN
        RAISE EXCEPTION 'dispute_path: dispute % from % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = '23514';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER incentives_dispute_path BEFORE UPDATE OR DELETE ON incentives_dispute
FOR EACH ROW EXECUTE FUNCTION incentives_dispute_path();
"""


def _append_only() -> str:
    return "\n".join(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION incentives_refuse_change();"
        for table in APPEND_ONLY
    )


def _pinned() -> str:
    return "\n".join(
        f"CREATE TRIGGER incentives_runhold_fixed_{name} AFTER {event} ON incentives_runhold "
        f"REFERENCING {side} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION incentives_refuse_fixed();"
        for name, event, side in EVENTS
    )


UNDO = "\n".join(
    [
        "DROP TRIGGER incentives_dispute_path ON incentives_dispute;",
        "DROP FUNCTION incentives_dispute_path();",
        "DROP TRIGGER incentives_hold_path ON incentives_hold;",
        "DROP FUNCTION incentives_hold_path();",
        *[f"DROP TRIGGER {table}_append_only ON {table};" for table in APPEND_ONLY],
        *[f"DROP TRIGGER incentives_runhold_fixed_{name} ON incentives_runhold;" for name, _e, _s in EVENTS],
    ]
)


class Migration(migrations.Migration):
    dependencies = [("incentives", "0004_pay_process")]
    operations = [
        migrations.RunSQL(RUN_PATH + PATHS + _append_only() + _pinned(), UNDO),
    ]
