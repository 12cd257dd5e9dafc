"""The database proves that months sum to their year, children to their parent and slices to their target.

Months stand in the row of their target and are proven by the statement that
writes them. For the rest, statement triggers touch the plan; a deferred
constraint trigger on the plan then checks the whole plan once, however many
statements changed it.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION targets_touch_by_target() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong bigint;
BEGIN
    IF TG_OP <> 'DELETE' THEN
        SELECT c.id INTO wrong FROM changed c JOIN targets_targetplan p ON p.id = c.plan_id
        WHERE p.is_additive
          AND c.amount <> coalesce((SELECT sum(m) FROM unnest(c.months) AS m), 0) LIMIT 1;
        IF wrong IS NOT NULL THEN
            RAISE EXCEPTION 'the months of target % do not sum to it', wrong
                USING ERRCODE = 'check_violation', CONSTRAINT = 'targets_target_months_sum';
        END IF;
    END IF;
    UPDATE targets_targetplan SET touched = touched + 1
    WHERE id IN (SELECT plan_id FROM changed);
    RETURN NULL;
END $$;

CREATE FUNCTION targets_touch_by_slice() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE targets_targetplan SET touched = touched + 1
    WHERE id IN (SELECT t.plan_id FROM targets_target t JOIN changed ON changed.target_id = t.id);
    RETURN NULL;
END $$;

CREATE FUNCTION targets_prove_sums() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop TO 'off'  -- a plan just made has no statistics yet, and nested loops over it take seconds
AS $$
DECLARE
    latest bigint;
    wrong bigint;
BEGIN
    SELECT touched INTO latest FROM targets_targetplan WHERE id = NEW.id;
    IF NOT FOUND OR latest <> NEW.touched THEN
        RETURN NULL;  -- gone, or a later event of this transaction will check
    END IF;
    SELECT c.id INTO wrong FROM targets_target c JOIN targets_target p ON p.id = c.parent_id
    WHERE c.plan_id = NEW.id AND p.plan_id <> c.plan_id LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'target % hangs below a target of another plan', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'targets_target_same_plan';
    END IF;
    IF NOT NEW.is_additive THEN
        RETURN NULL;
    END IF;
    SELECT p.id INTO wrong FROM targets_target p
    JOIN (SELECT parent_id, sum(amount) AS total FROM targets_target
          WHERE plan_id = NEW.id AND parent_id IS NOT NULL GROUP BY parent_id) c ON c.parent_id = p.id
    WHERE c.total <> round(p.amount * (1 + p.over_assignment), NEW.decimals) LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the children of target % do not sum to it', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'targets_target_children_sum';
    END IF;
    SELECT t.id INTO wrong FROM targets_target t
    JOIN (SELECT s.target_id, s.dimension, sum(s.amount) AS total FROM targets_targetslice s
          JOIN targets_target o ON o.id = s.target_id WHERE o.plan_id = NEW.id
          GROUP BY s.target_id, s.dimension) sliced ON sliced.target_id = t.id
    WHERE sliced.total <> t.amount LIMIT 1;
    IF wrong IS NOT NULL THEN
        RAISE EXCEPTION 'the slices of target % do not sum to it', wrong
            USING ERRCODE = 'check_violation', CONSTRAINT = 'targets_target_slices_sum';
    END IF;
    RETURN NULL;
END $$;

ALTER TABLE targets_target SET (fillfactor = 60);  -- a cascade rewrites every row, beside the old one

CREATE TRIGGER targets_target_added AFTER INSERT ON targets_target
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION targets_touch_by_target();
CREATE TRIGGER targets_target_changed AFTER UPDATE ON targets_target
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION targets_touch_by_target();
CREATE TRIGGER targets_target_removed AFTER DELETE ON targets_target
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION targets_touch_by_target();
CREATE TRIGGER targets_slice_added AFTER INSERT ON targets_targetslice
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION targets_touch_by_slice();
CREATE TRIGGER targets_slice_changed AFTER UPDATE ON targets_targetslice
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION targets_touch_by_slice();
CREATE TRIGGER targets_slice_removed AFTER DELETE ON targets_targetslice
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION targets_touch_by_slice();

CREATE CONSTRAINT TRIGGER targets_plan_sums
    AFTER INSERT OR UPDATE OF touched, is_additive, decimals ON targets_targetplan
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION targets_prove_sums();
"""
BACKWARD = """
ALTER TABLE targets_target RESET (fillfactor);
DROP TRIGGER targets_plan_sums ON targets_targetplan;
DROP TRIGGER targets_slice_removed ON targets_targetslice;
DROP TRIGGER targets_slice_changed ON targets_targetslice;
DROP TRIGGER targets_slice_added ON targets_targetslice;
DROP TRIGGER targets_target_removed ON targets_target;
DROP TRIGGER targets_target_changed ON targets_target;
DROP TRIGGER targets_target_added ON targets_target;
DROP FUNCTION targets_prove_sums();
DROP FUNCTION targets_touch_by_slice();
DROP FUNCTION targets_touch_by_target();
"""


class Migration(migrations.Migration):
    dependencies = [("targets", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
