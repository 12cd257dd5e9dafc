"""References that the database checks once per statement, for tables that are loaded in bulk.

A foreign key is checked row by row, about ten microseconds each: most of the time of a large import. What
``refers`` puts in its place refuses the same things: a row that points at nothing, and taking away (or giving
another key to) what a row points at. Like a foreign key it holds the rows pointed at against deletion until
the transaction ends, so that two transactions at once cannot break it either. It checks at the end of the
statement, not of the transaction. The model's field says ``db_constraint=False``.
"""

# A look-up in the index for each key, whatever the planner thinks of the size of the table: while rows arrive
# in a transaction its statistics say "empty", and a join it would then choose takes time by the square.
_CHECK = """
    SELECT count(*), count(held.id) INTO wanted, found
    FROM (SELECT DISTINCT {column} AS id FROM new_rows WHERE {column} IS NOT NULL) AS named
    LEFT JOIN LATERAL (SELECT t.id FROM {target} AS t WHERE t.id = named.id FOR KEY SHARE) AS held ON true;
    IF found <> wanted THEN
        RAISE EXCEPTION '{table}.{column} refers to a row of {target} that is not there' USING
            ERRCODE = 'foreign_key_violation', TABLE = '{table}', COLUMN = '{column}';
    END IF;
"""
_OF_TABLE = """
CREATE FUNCTION {table}_refers() RETURNS trigger LANGUAGE plpgsql
SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $body$
DECLARE
    wanted bigint;
    found bigint;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NOT EXISTS (SELECT {columns} FROM new_rows EXCEPT SELECT {columns} FROM old_rows) THEN
            RETURN NULL;
        END IF;
    END IF;
{checks}
    RETURN NULL;
END
$body$;
CREATE TRIGGER refers_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_refers();
CREATE TRIGGER refers_update AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {table}_refers();
"""
_OF_TARGET = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    held boolean;
BEGIN
    IF TG_LEVEL = 'ROW' THEN
        held := EXISTS (SELECT 1 FROM {table} WHERE {column} = OLD.id);
    ELSE
        held := EXISTS (SELECT 1 FROM {table} WHERE {column} IN (SELECT id FROM old_rows));
    END IF;
    IF held THEN
        RAISE EXCEPTION 'rows of {table} still refer to this row of {target}' USING
            ERRCODE = 'foreign_key_violation', TABLE = '{target}';
    END IF;
    RETURN NULL;
END
$body$;
CREATE TRIGGER {name} AFTER DELETE ON {target} REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION {name}();
CREATE TRIGGER {name}_key AFTER UPDATE OF id ON {target}
    FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION {name}();
"""


def refers(table: str, **targets: str) -> tuple[str, str]:
    """Return the SQL that makes columns of a table refer to ids of other tables, and what undoes it."""
    checks = [_CHECK.format(table=table, column=column, target=target) for column, target in targets.items()]
    there = [_OF_TABLE.format(table=table, columns=", ".join(targets), checks="".join(checks))]
    back = [f"DROP FUNCTION {table}_refers() CASCADE;"]
    for column, target in targets.items():
        name = f"{table}_holds_{column.removesuffix('_id')}"
        there.append(_OF_TARGET.format(name=name, table=table, column=column, target=target))
        back.append(f"DROP FUNCTION {name}() CASCADE;")
    return "".join(there), "\n".join(back)
