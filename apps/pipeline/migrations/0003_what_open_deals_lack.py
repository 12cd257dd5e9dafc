from django.db import migrations, models

LACKS = ("without_step", "without_account", "without_amount")
COUNTED = ("deals", "amount", "base_amount", *LACKS)

# One row per deal as its cell counts it: `sign` is 1 for what a statement wrote, -1 for what it replaced.
ROW = """
    SELECT owner_id, stage_id, currency, date_trunc('month', closes_on)::date AS month, {sign} AS deals,
           {sign} * amount AS amount, {sign} * base_amount AS base_amount,
           {sign} * (next_step = '' AND next_step_on IS NULL)::int AS without_step,
           {sign} * (account_id IS NULL)::int AS without_account,
           {sign} * (amount = 0)::int AS without_amount
    FROM {rows}
"""
FRESH, GONE = (ROW.format(rows=rows, sign=sign) for rows, sign in (("fresh", 1), ("gone", -1)))


def insert(rows, counted):
    sums = ", ".join(f"sum({column})" for column in counted)
    return f"""
    INSERT INTO pipeline_pipelinecell (owner_id, stage_id, currency, month, {", ".join(counted)})
    SELECT owner_id, stage_id, currency, month, {sums} FROM ({rows}) AS change GROUP BY 1, 2, 3, 4"""


def appending(counted):
    differs = " OR ".join(f"sum({column}) <> 0" for column in counted)
    return f"""
CREATE OR REPLACE FUNCTION pipeline_cell_append() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN {insert(FRESH, counted)};
    ELSIF TG_OP = 'DELETE' THEN {insert(GONE, counted)};
    ELSE {insert(f"{FRESH} UNION ALL {GONE}", counted)} HAVING {differs};
    END IF;
    RETURN NULL;
END $$;
"""


REBUILD = f"""
TRUNCATE pipeline_pipelinecell;
{insert(ROW.format(rows="pipeline_opportunity", sign=1), COUNTED)};
"""


class Migration(migrations.Migration):
    dependencies = [("pipeline", "0002_splits_and_cells")]

    operations = [
        *[migrations.AddField("pipelinecell", name, models.BigIntegerField(default=0)) for name in LACKS],
        migrations.RunSQL(appending(COUNTED) + REBUILD, appending(COUNTED[:3])),
        migrations.AddIndex(
            "opportunity",
            models.Index(
                fields=["-base_amount", "-id"],
                condition=models.Q(state="open"),
                name="pipeline_deal_largest_open",
            ),
        ),
        migrations.AddIndex(
            "opportunity",
            models.Index(
                fields=["-base_amount", "-id"],
                condition=models.Q(state="open", closes_on__isnull=False),
                name="pipeline_deal_largest_dated",
            ),
        ),
    ]
