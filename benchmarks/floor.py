"""The floor: the same work in hand-written SQL on a minimal, indexed schema in the same database."""

import datetime as dt
import time
from pathlib import Path

from django.db import connection

SCHEMA = """
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
CREATE TABLE floor.agent (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text UNIQUE, manager text,
                          region text);
CREATE TABLE floor.account (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text UNIQUE);
CREATE TABLE floor.product (id int PRIMARY KEY GENERATED ALWAYS AS IDENTITY, name text UNIQUE);
CREATE TABLE floor.deal (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, ext text NOT NULL,
    agent_id int NOT NULL REFERENCES floor.agent, product_id int REFERENCES floor.product,
    account_id int REFERENCES floor.account, stage smallint NOT NULL, engaged date, closed date,
    amount numeric(12, 2));
CREATE UNIQUE INDEX ON floor.deal (ext);
CREATE INDEX ON floor.deal (agent_id, closed DESC NULLS LAST, id DESC);
CREATE INDEX ON floor.deal (stage, closed DESC NULLS LAST, id DESC) INCLUDE (amount);
CREATE INDEX ON floor.deal (agent_id, closed) INCLUDE (amount) WHERE stage = 3;
"""
STAGE = """
CREATE TEMP TABLE stage (ext text, agent text, product text, account text, stage text, engaged date,
                         closed date, amount numeric)
"""
LOAD = """
INSERT INTO floor.deal (ext, agent_id, product_id, account_id, stage, engaged, closed, amount)
SELECT s.ext, a.id, p.id, c.id,
       CASE s.stage WHEN 'Prospecting' THEN 1 WHEN 'Engaging' THEN 2 WHEN 'Won' THEN 3 ELSE 4 END,
       s.engaged, s.closed, s.amount
FROM stage s JOIN floor.agent a ON a.name = s.agent
LEFT JOIN floor.product p ON p.name = s.product LEFT JOIN floor.account c ON c.name = s.account
"""
ROLL_UP = """
SELECT a.region, a.manager, a.name, date_trunc('month', d.closed)::date, sum(d.amount), count(*)
FROM floor.deal d JOIN floor.agent a ON a.id = d.agent_id WHERE d.stage = 3
GROUP BY ROLLUP (a.region, a.manager, a.name), date_trunc('month', d.closed)
"""
LIST = """
SELECT d.id, d.ext, d.stage, d.engaged, d.closed, d.amount, a.name, c.name, p.name
FROM floor.deal d JOIN floor.agent a ON a.id = d.agent_id LEFT JOIN floor.account c ON c.id = d.account_id
LEFT JOIN floor.product p ON p.id = d.product_id
WHERE a.manager = 'Melvin Marxen' ORDER BY d.closed DESC NULLS LAST, d.id DESC LIMIT 50
"""
COUNT = """
SELECT count(*) FROM floor.deal d JOIN floor.agent a ON a.id = d.agent_id WHERE a.manager = 'Melvin Marxen'
"""
TOTALS = "SELECT stage, count(*), sum(amount) FROM floor.deal GROUP BY stage"
INSERT = "INSERT INTO floor.deal (ext, agent_id, stage, amount) VALUES (%s, 1, 1, 1000)"
COMMISSION = """
CREATE TEMP TABLE floor_pay AS
SELECT agent_id, date_trunc('quarter', closed)::date AS quarter, id AS deal_id, amount,
       amount * 0.05 AS pay
FROM floor.deal WHERE stage = 3 AND closed >= '2017-01-01' AND closed < '2018-01-01'
"""

PAY_RUN = """
DROP SCHEMA IF EXISTS floor CASCADE;
CREATE SCHEMA floor;
CREATE TABLE floor.trace (payee bigint, credit bigint, amount numeric(20, 6), value numeric(38, 18),
                          PRIMARY KEY (payee, credit));
CREATE INDEX ON floor.trace (credit);
CREATE TABLE floor.line (payee bigint PRIMARY KEY, amount numeric(18, 2), bonus numeric(18, 2));
CREATE FUNCTION floor.due(x numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $$
    SELECT least(x, 250000) * 0.03 + greatest(least(x, 750000) - 250000, 0) * 0.05
           + greatest(x - 750000, 0) * 0.065
$$;
WITH leads AS MATERIALIZED (
    SELECT p.unit_id, s.person_id, p.valid * s.valid AS days FROM org_positionunit p
    JOIN org_assignment s ON s.position_id = p.position_id AND s.valid && p.valid WHERE p.is_lead
), reached AS (
    SELECT c.person_id AS payee, c.id, c.value, c.credited_on FROM measures_credit c
    WHERE c.measure = 'revenue' AND c.credited_on >= %(since)s AND c.credited_on < %(until)s
    UNION ALL
    SELECT l.person_id, c.id, c.value, c.credited_on FROM measures_credit c
    JOIN leads l ON l.unit_id = c.unit_id AND l.days @> c.credited_on AND l.person_id <> c.person_id
    WHERE c.measure = 'revenue' AND c.credited_on >= %(since)s AND c.credited_on < %(until)s
)
INSERT INTO floor.trace
SELECT payee, id, value, floor.due(total) - floor.due(total - value)
FROM (SELECT *, sum(value) OVER (PARTITION BY payee ORDER BY credited_on, id) AS total FROM reached) AS run;
INSERT INTO floor.line
SELECT payee, round(sum(value), 2), round(3000 * least(greatest(sum(amount) / 500000, 0.5), 2), 2)
FROM floor.trace GROUP BY payee;
"""


def pay_run(since: dt.date, until: dt.date) -> None:
    """Pay sellers and leads by the tiers with a row for every credit; no plan, no proof, no history."""
    with connection.cursor() as cursor:
        cursor.execute(PAY_RUN, {"since": since, "until": until})


def load(folder: Path) -> float:
    """Load the deals by COPY and one INSERT … SELECT, and return the seconds."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA)
        cursor.execute(STAGE)
        started = time.perf_counter()
        with (folder / "sales_pipeline.csv").open(encoding="utf-8") as file:
            cursor.copy_expert("COPY stage FROM STDIN WITH (FORMAT csv, HEADER true, NULL '')", file)
        cursor.execute("UPDATE stage SET product = 'GTX Pro' WHERE product = 'GTXPro'")
        cursor.execute("INSERT INTO floor.product (name) SELECT DISTINCT product FROM stage")
        cursor.execute(
            "INSERT INTO floor.account (name) SELECT DISTINCT account FROM stage WHERE account <> ''"
        )
        _agents(cursor, folder)
        cursor.execute(LOAD)
        seconds = time.perf_counter() - started
        cursor.execute("VACUUM ANALYZE floor.deal")
    return seconds


def _agents(cursor: object, folder: Path) -> None:
    cursor.execute("CREATE TEMP TABLE team (agent text, manager text, region text)")  # type: ignore[attr-defined]
    with (folder / "sales_teams.csv").open(encoding="utf-8") as file:
        cursor.copy_expert("COPY team FROM STDIN WITH (FORMAT csv, HEADER true)", file)  # type: ignore[attr-defined]
    cursor.execute("INSERT INTO floor.agent (name, manager, region) SELECT * FROM team")  # type: ignore[attr-defined]


CASCADE = """
DROP TABLE IF EXISTS floor_node, floor_month;
CREATE TEMP TABLE floor_node AS
SELECT id, parent_id, depth, capacity AS weight, 0::numeric AS amount
FROM targets_target WHERE plan_id = %(plan)s;
CREATE INDEX ON floor_node (parent_id);
CREATE TEMP TABLE floor_month (node_id bigint, position int, amount numeric);
"""
SPLIT = """
WITH exact AS (
    SELECT c.id, c.parent_id, p.amount * 100 AS total,
           p.amount * 100 * c.weight / sum(c.weight) OVER (PARTITION BY c.parent_id) AS share
    FROM floor_node c JOIN floor_node p ON p.id = c.parent_id WHERE c.depth = %(depth)s
), ranked AS (
    SELECT id, floor(share) AS units, total - sum(floor(share)) OVER (PARTITION BY parent_id) AS rest,
           row_number() OVER (PARTITION BY parent_id ORDER BY share - floor(share) DESC, id) AS place
    FROM exact
)
UPDATE floor_node n SET amount = (r.units + CASE WHEN r.place <= r.rest THEN 1 ELSE 0 END) / 100
FROM ranked r WHERE r.id = n.id
"""
SPREAD = """
WITH exact AS (
    SELECT n.id, m.position, n.amount * 100 AS total,
           n.amount * 100 * m.weight / sum(m.weight) OVER (PARTITION BY n.id) AS share
    FROM floor_node n CROSS JOIN targets_planmonth m
    WHERE m.plan_id = %(plan)s AND NOT EXISTS (SELECT FROM floor_node c WHERE c.parent_id = n.id)
), ranked AS (
    SELECT id, position, floor(share) AS units, total - sum(floor(share)) OVER (PARTITION BY id) AS rest,
           row_number() OVER (PARTITION BY id ORDER BY share - floor(share) DESC, position) AS place
    FROM exact
)
INSERT INTO floor_month
SELECT id, position, (units + CASE WHEN place <= rest THEN 1 ELSE 0 END) / 100 FROM ranked
"""
SUM_UP = """
INSERT INTO floor_month
SELECT n.parent_id, m.position, sum(m.amount) FROM floor_month m JOIN floor_node n ON n.id = m.node_id
WHERE n.depth = %(depth)s GROUP BY n.parent_id, m.position
"""


def cascade(plan_id: int) -> float:
    """Split a plan's top by capacity, level by level, spread and sum the months; return the seconds.

    No limits, no typed figures, no over-assignment, no record of the change: the bare arithmetic.
    """
    with connection.cursor() as cursor:
        cursor.execute(CASCADE, {"plan": plan_id})
        started = time.perf_counter()
        cursor.execute("UPDATE floor_node SET amount = 1300000000.01 WHERE parent_id IS NULL")
        for depth in (1, 2, 3):
            cursor.execute(SPLIT, {"depth": depth})
        cursor.execute(SPREAD, {"plan": plan_id})
        for depth in (3, 2, 1):
            cursor.execute(SUM_UP, {"depth": depth})
        return round(time.perf_counter() - started, 3)


REWRITE = """
CREATE TEMP TABLE floor_row AS SELECT id, amount, months FROM targets_target WHERE plan_id = %(plan)s;
ALTER TABLE floor_row ADD PRIMARY KEY (id);
CREATE TEMP TABLE floor_next AS
SELECT id, amount + 12 AS amount, ARRAY(SELECT m + 1 FROM unnest(months) AS m) AS months FROM floor_row;
"""
UPDATE_ROWS = """
UPDATE floor_row r SET amount = n.amount, months = n.months FROM floor_next n WHERE n.id = r.id
"""


def rewrite(plan_id: int) -> float:
    """Rewrite the figures of every node of a plan in a bare table; return the seconds of the update."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS floor_row, floor_next")
        cursor.execute(REWRITE, {"plan": plan_id})
        started = time.perf_counter()
        cursor.execute(UPDATE_ROWS)
        return round(time.perf_counter() - started, 3)
