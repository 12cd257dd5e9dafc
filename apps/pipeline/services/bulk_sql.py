"""The statements of the bulk load, in the order in which they run."""

CREDIT_COLUMNS = (
    "measure", "key", "credited_on", "booked_on", "value", "currency", "person_id", "product_id",
    "account_id", "is_overlay", "source_type", "source_id",
)  # fmt: skip

# Rows that were just written are in memory: finding them by index is cheap. Each plan runs once: nothing to
# compile.
SETTINGS = "SET LOCAL work_mem = '32MB'; SET LOCAL random_page_cost = 1.1; SET LOCAL jit = off"

STAGING = """
CREATE TEMP TABLE IF NOT EXISTS pipeline_staged (
    n int, external_id text, name text, account_id bigint, owner_id bigint, stage_id bigint, state text,
    amount numeric, currency text, rate numeric, base_amount numeric, created_on date,
    expected_close_on date, closed_on date, reason_id bigint, stage_since date, next_step text,
    next_step_on date, lines int, shares int, product_id bigint
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS pipeline_staged_line (
    n int, place int, product_id bigint, quantity numeric, unit_price numeric, discount numeric,
    amount numeric
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS pipeline_staged_share (
    n int, person_id bigint, share numeric
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS pipeline_staged_step (
    n int, place int, from_stage_id bigint, to_stage_id bigint, changed_on date
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS pipeline_staged_credit (
    measure text, key text, credited_on date, booked_on date, value numeric, currency text,
    person_id bigint, product_id bigint, account_id bigint, is_overlay boolean, source_type text,
    source_id bigint
) ON COMMIT DROP;
TRUNCATE pipeline_staged, pipeline_staged_line, pipeline_staged_share, pipeline_staged_step;
DROP TABLE IF EXISTS pipeline_known, pipeline_resolved;
"""

# A deal is changed when a column, its lines or its shares differ from the row. The deals that are there
# already come first, into a table of their own, so that the size of what follows is known.
RESOLVE = """
CREATE TEMP TABLE pipeline_known ON COMMIT DROP AS
SELECT s.n, o.id, o.decisions, o.stage_id AS old_stage_id,
       (o.name, o.account_id, o.owner_id, o.stage_id, o.amount, o.currency, o.created_on,
        o.expected_close_on, o.closed_on, o.reason_id)
       IS DISTINCT FROM
       (s.name, s.account_id, s.owner_id, s.stage_id, s.amount, s.currency, s.created_on,
        s.expected_close_on, s.closed_on, s.reason_id)
       OR (o.state <> 'open' AND o.rate IS DISTINCT FROM s.rate) AS differs
FROM pipeline_staged s
JOIN pipeline_opportunity o ON o.external_id = s.external_id AND o.external_id <> '';
CREATE TEMP TABLE pipeline_resolved ON COMMIT DROP AS
WITH line AS (
    SELECT n, string_agg(concat_ws('/', product_id, quantity::numeric(12,2), unit_price::numeric(18,2),
                                   discount::numeric(5,2), amount::numeric(18,2)),
                         ';' ORDER BY place) AS print
    FROM pipeline_staged_line WHERE n IN (SELECT n FROM pipeline_known) GROUP BY 1
), share AS (
    SELECT n, string_agg(concat_ws('/', person_id, share::numeric(5,2)), ';' ORDER BY person_id) AS print
    FROM pipeline_staged_share WHERE n IN (SELECT n FROM pipeline_known) GROUP BY 1
), compared AS (
    SELECT known.n, known.id, known.decisions, known.old_stage_id,
           known.differs
           OR line.print IS DISTINCT FROM (
               SELECT string_agg(concat_ws('/', l.product_id, l.quantity, l.unit_price, l.discount, l.amount),
                                 ';' ORDER BY l.id)
               FROM pipeline_opportunityline l WHERE l.opportunity_id = known.id)
           OR share.print IS DISTINCT FROM (
               SELECT string_agg(concat_ws('/', p.person_id, p.share), ';' ORDER BY p.person_id)
               FROM pipeline_opportunitysplit p WHERE p.opportunity_id = known.id) AS is_changed
    FROM pipeline_known AS known
    LEFT JOIN line ON line.n = known.n LEFT JOIN share ON share.n = known.n
)
SELECT s.*, coalesce(c.id, nextval('pipeline_opportunity_id_seq')) AS id, c.id IS NULL AS is_new,
       coalesce(c.is_changed, false) AS is_changed, c.id IS NULL OR c.is_changed AS is_written,
       (c.id IS NULL OR c.is_changed) AND s.state <> 'open' AND s.lines <= 1 AND s.shares = 0 AS is_plain,
       s.state = 'won' AS is_won,
       CASE WHEN s.lines = 1 AND (c.id IS NULL OR c.is_changed)
            THEN nextval('pipeline_opportunityline_id_seq') END AS line_id,
       c.old_stage_id, coalesce(c.decisions, 0) + CASE WHEN s.state = 'open' THEN 0 ELSE 1 END AS decisions
FROM pipeline_staged s LEFT JOIN compared c ON c.n = s.n;
SELECT count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE is_changed) FROM pipeline_resolved
"""

CHANGED = """
SELECT o.id, o.state <> 'open' FROM pipeline_resolved r JOIN pipeline_opportunity o ON o.id = r.id
WHERE r.is_changed ORDER BY o.id FOR UPDATE OF o
"""

CLEAR = """
DELETE FROM pipeline_opportunityline WHERE opportunity_id = ANY(%(ids)s);
DELETE FROM pipeline_opportunitysplit WHERE opportunity_id = ANY(%(ids)s);
"""

CREATE = """
INSERT INTO pipeline_opportunity (
    id, external_id, name, account_id, owner_id, stage_id, state, amount, currency, rate, base_amount,
    forecast_category, created_on, expected_close_on, closed_on, stage_since, reason_id, reason_note,
    next_step, next_step_on, push_count, note, decisions, version)
SELECT id, external_id, name, account_id, owner_id, stage_id, state, amount, currency, rate, base_amount,
       '', created_on, expected_close_on, closed_on, stage_since, reason_id, '',
       next_step, next_step_on, 0, '', decisions, 1
FROM pipeline_resolved WHERE is_new;
INSERT INTO pipeline_stagechange
    (opportunity_id, from_stage_id, to_stage_id, changed_on, by_id, override_reason)
SELECT r.id, t.from_stage_id, t.to_stage_id, t.changed_on, %(by)s, %(why)s
FROM pipeline_staged_step t JOIN pipeline_resolved r USING (n) WHERE r.is_new
ORDER BY r.id, t.place;
"""

UPDATE = """
UPDATE pipeline_opportunity o SET
    name = r.name, account_id = r.account_id, owner_id = r.owner_id, stage_id = r.stage_id,
    state = r.state, amount = r.amount, currency = r.currency, rate = r.rate,
    base_amount = r.base_amount, created_on = r.created_on, expected_close_on = r.expected_close_on,
    closed_on = r.closed_on, reason_id = r.reason_id, stage_since = r.stage_since,
    decisions = r.decisions, version = o.version + 1, updated_at = now()
FROM pipeline_resolved r WHERE r.is_changed AND o.id = r.id;
INSERT INTO pipeline_stagechange
    (opportunity_id, from_stage_id, to_stage_id, changed_on, by_id, override_reason)
SELECT id, old_stage_id, stage_id, coalesce(closed_on, stage_since), %(by)s, %(why)s
FROM pipeline_resolved WHERE is_changed AND old_stage_id <> stage_id;
"""

PARTS = """
INSERT INTO pipeline_opportunityline
    (id, opportunity_id, product_id, quantity, unit_price, discount, amount)
SELECT coalesce(r.line_id, nextval('pipeline_opportunityline_id_seq')), r.id, l.product_id, l.quantity,
       l.unit_price, l.discount, l.amount
FROM pipeline_staged_line l JOIN pipeline_resolved r USING (n)
WHERE r.is_written
ORDER BY r.id, l.place;
INSERT INTO pipeline_opportunitysplit (opportunity_id, person_id, share)
SELECT r.id, p.person_id, p.share
FROM pipeline_staged_share p JOIN pipeline_resolved r USING (n)
WHERE r.is_written;
INSERT INTO customers_accountmember (account_id, person_id)
SELECT account_id, owner_id FROM pipeline_resolved
WHERE is_written AND account_id IS NOT NULL
EXCEPT SELECT account_id, person_id FROM customers_accountmember
ON CONFLICT DO NOTHING;
"""

# Deals with at most one line and no shares need no splitting: the owner is credited with everything.
PLAIN_CREDITS = """
SELECT v.measure,
       'deal:' || v.id || ':' || v.decisions || ':' || v.measure || ':' || v.line || v.owner_id,
       v.closed_on, v.closed_on, v.value, v.currency, v.owner_id, v.product_id, v.account_id, false,
       'pipeline.opportunity', v.id
FROM (
    SELECT 'revenue' AS measure, base_amount AS value, %s AS currency, coalesce(line_id, 0) || ':' AS line,
           id, decisions, closed_on, owner_id, product_id, account_id
    FROM pipeline_resolved WHERE is_plain AND is_won AND base_amount <> 0
    UNION ALL
    SELECT 'deals_won', 1, '', '', id, decisions, closed_on, owner_id, product_id, account_id
    FROM pipeline_resolved WHERE is_plain AND is_won
    UNION ALL
    SELECT 'cycle_days', closed_on - created_on, '', '', id, decisions, closed_on, owner_id, product_id,
           account_id
    FROM pipeline_resolved WHERE is_plain AND is_won AND closed_on > created_on
    UNION ALL
    SELECT 'deals_lost', 1, '', '', id, decisions, closed_on, owner_id, product_id, account_id
    FROM pipeline_resolved WHERE is_plain AND NOT is_won
        AND (reason_id IS NULL OR reason_id IN (SELECT id FROM pipeline_outcomereason WHERE counts))
) AS v
"""

SHARED = """
SELECT id FROM pipeline_resolved WHERE is_written AND state <> 'open' AND NOT is_plain ORDER BY id
"""

STAGED_CREDITS = (
    "SELECT measure, key, credited_on, booked_on, value, currency, person_id, product_id, account_id, "
    "is_overlay, source_type, source_id FROM pipeline_staged_credit"
)

# The first sale to each account that nobody has been credited for: exact shares, in millionths.
# OFFSET 0 asks the index account by account, also while the tables are so new that their size is unknown.
NEW_CUSTOMERS = """
SELECT 'new_customers', 'deal:' || first.id || ':' || first.decisions || ':new_customers:' || person.id,
       first.closed_on, first.closed_on, person.part, '', person.id,
       (SELECT l.product_id FROM pipeline_opportunityline l WHERE l.opportunity_id = first.id
        ORDER BY l.amount DESC, l.id LIMIT 1),
       first.account_id, false, 'pipeline.opportunity', first.id
FROM (
    SELECT a.id AS account_id FROM customers_account a
    WHERE NOT EXISTS (
        SELECT 1 FROM measures_credit c
        WHERE c.account_id = a.id AND c.measure = 'new_customers' AND c.reverses_id IS NULL
          AND NOT EXISTS (SELECT 1 FROM measures_credit m WHERE m.reverses_id = c.id OFFSET 0)
        OFFSET 0)
) AS fresh
CROSS JOIN LATERAL (
    SELECT o.* FROM pipeline_opportunity o
    WHERE o.account_id = fresh.account_id AND o.state = 'won'
    ORDER BY o.closed_on, o.id LIMIT 1
) AS first
CROSS JOIN LATERAL (
    SELECT p.person_id AS id, p.share / 100 AS part
    FROM pipeline_opportunitysplit p WHERE p.opportunity_id = first.id
    UNION ALL
    SELECT first.owner_id, 1::numeric
    WHERE NOT EXISTS (SELECT 1 FROM pipeline_opportunitysplit p WHERE p.opportunity_id = first.id)
) AS person
"""

# Deals nobody has worked on since they were loaded.
UNTOUCHED = """
SELECT o.id FROM pipeline_opportunity o
WHERE o.id = ANY(%s) AND o.version = 1
  AND NOT EXISTS (SELECT 1 FROM pipeline_activity a WHERE a.opportunity_id = o.id)
  AND NOT EXISTS (SELECT 1 FROM pipeline_task t WHERE t.opportunity_id = o.id)
ORDER BY o.id FOR UPDATE OF o
"""

REMOVE = """
DELETE FROM pipeline_opportunityline WHERE opportunity_id = ANY(%(ids)s);
DELETE FROM pipeline_opportunitysplit WHERE opportunity_id = ANY(%(ids)s);
DELETE FROM pipeline_stagechange WHERE opportunity_id = ANY(%(ids)s);
DELETE FROM pipeline_opportunity WHERE id = ANY(%(ids)s);
"""
