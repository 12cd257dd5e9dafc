from django.db import migrations

from apps.core.references import refers

SPLITS = """
CREATE FUNCTION pipeline_split_check_sum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    deal bigint := coalesce(NEW.opportunity_id, OLD.opportunity_id);
    total numeric;
BEGIN
    SELECT sum(share) INTO total FROM pipeline_opportunitysplit WHERE opportunity_id = deal;
    IF total IS NOT NULL AND total <> 100 THEN
        RAISE EXCEPTION 'pipeline_split_sums_to_100: the shares of deal % sum to %', deal, total
            USING ERRCODE = 'check_violation', CONSTRAINT = 'pipeline_split_sums_to_100';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER pipeline_split_sums_to_100
    AFTER INSERT OR UPDATE OR DELETE ON pipeline_opportunitysplit
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pipeline_split_check_sum();
"""

SPLITS_BACK = """
DROP TRIGGER pipeline_split_sums_to_100 ON pipeline_opportunitysplit;
DROP FUNCTION pipeline_split_check_sum();
"""

CELLS = """
CREATE FUNCTION pipeline_cell_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO pipeline_pipelinecell (owner_id, stage_id, currency, month, deals, amount, base_amount)
        SELECT owner_id, stage_id, currency, date_trunc('month', closes_on)::date,
               count(*), sum(amount), sum(base_amount)
        FROM fresh GROUP BY 1, 2, 3, 4;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO pipeline_pipelinecell (owner_id, stage_id, currency, month, deals, amount, base_amount)
        SELECT owner_id, stage_id, currency, date_trunc('month', closes_on)::date,
               -count(*), -sum(amount), -sum(base_amount)
        FROM gone GROUP BY 1, 2, 3, 4;
    ELSE
        INSERT INTO pipeline_pipelinecell (owner_id, stage_id, currency, month, deals, amount, base_amount)
        SELECT owner_id, stage_id, currency, month, sum(deals), sum(amount), sum(base_amount)
        FROM (
            SELECT owner_id, stage_id, currency, date_trunc('month', closes_on)::date AS month,
                   1 AS deals, amount, base_amount FROM fresh
            UNION ALL
            SELECT owner_id, stage_id, currency, date_trunc('month', closes_on)::date,
                   -1, -amount, -base_amount FROM gone
        ) AS change
        GROUP BY 1, 2, 3, 4
        HAVING sum(deals) <> 0 OR sum(amount) <> 0 OR sum(base_amount) <> 0;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER pipeline_cell_insert AFTER INSERT ON pipeline_opportunity
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION pipeline_cell_append();
CREATE TRIGGER pipeline_cell_update AFTER UPDATE ON pipeline_opportunity
    REFERENCING NEW TABLE AS fresh OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION pipeline_cell_append();
CREATE TRIGGER pipeline_cell_delete AFTER DELETE ON pipeline_opportunity
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION pipeline_cell_append();
"""

CELLS_BACK = """
DROP TRIGGER pipeline_cell_insert ON pipeline_opportunity;
DROP TRIGGER pipeline_cell_update ON pipeline_opportunity;
DROP TRIGGER pipeline_cell_delete ON pipeline_opportunity;
DROP FUNCTION pipeline_cell_append();
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0001_initial")]

    operations = [
        migrations.RunSQL(SPLITS, SPLITS_BACK),
        migrations.RunSQL(CELLS, CELLS_BACK),
        migrations.RunSQL(
            *refers(
                "pipeline_opportunity",
                account_id="customers_account",
                contact_id="customers_contact",
                owner_id="org_person",
                stage_id="pipeline_stage",
                reason_id="pipeline_outcomereason",
            )
        ),
        migrations.RunSQL(
            *refers(
                "pipeline_opportunityline", opportunity_id="pipeline_opportunity", product_id="pipeline_product"
            )
        ),
        migrations.RunSQL(
            *refers(
                "pipeline_stagechange",
                opportunity_id="pipeline_opportunity",
                from_stage_id="pipeline_stage",
                to_stage_id="pipeline_stage",
                by_id="access_user",
            )
        ),
    ]
