"""Bulk updates are audited by a statement made for their table: a third of the time (ADR-0002)."""

from importlib import import_module

from django.db import migrations

SQL = """
-- The statement that writes the trail of a bulk update: every column is compared as what it is, and only
-- those that differ become text. Taking both rows apart as jsonb, as for a few rows, takes three times as long;
-- planning this one takes longer than a few rows do.
CREATE FUNCTION events_audit_statement(table_id oid, key_column text, secrets text[]) RETURNS text
LANGUAGE sql STABLE AS $body$
    WITH columns AS (
        SELECT a.attnum, quote_ident(a.attname) AS name, to_json(a.attname::text)::text || ':' AS label,
               CASE WHEN a.atttypid = 'json'::regtype THEN '::jsonb' ELSE '' END AS comparable,
               CASE WHEN a.attname = ANY (secrets) THEN $f$CASE WHEN %1$s IS NULL THEN 'null' ELSE '"•••"' END$f$
                    ELSE $f$coalesce(to_json(%1$s)::text, 'null')$f$ END AS shown
          FROM pg_attribute a WHERE a.attrelid = table_id AND a.attnum > 0 AND NOT a.attisdropped
    ), parts AS (
        SELECT string_agg(format('CASE WHEN o.%1$s%2$s IS DISTINCT FROM n.%1$s%2$s THEN %3$L || %4$s END',
                                 name, comparable, label, format(shown, 'o.' || name)), ', ' ORDER BY attnum) AS before,
               string_agg(format('CASE WHEN o.%1$s%2$s IS DISTINCT FROM n.%1$s%2$s THEN %3$L || %4$s END',
                                 name, comparable, label, format(shown, 'n.' || name)), ', ' ORDER BY attnum) AS after
          FROM columns
    )
    SELECT format($f$
        INSERT INTO events_auditentry
            (at, action, "table", row_id, before, after, actor_id, on_behalf_id, request_id, source)
        SELECT $1, 'update', $2, changes.row_key, changes.before::json, changes.after::json, $3, $4, $5, $6
          FROM (SELECT coalesce(n.%1$I, o.%1$I)::text AS row_key,
                       CASE WHEN o.%1$I IS NOT NULL THEN '{' || concat_ws(',', %2$s) || '}' END AS before,
                       CASE WHEN n.%1$I IS NOT NULL THEN '{' || concat_ws(',', %3$s) || '}' END AS after
                  FROM old_rows o FULL JOIN new_rows n ON n.%1$I = o.%1$I OFFSET 0) changes
         WHERE changes.before IS NULL OR changes.after IS NULL OR changes.before <> '{}'
    $f$, key_column, before, after) FROM parts
$body$;

CREATE OR REPLACE FUNCTION events_audit() RETURNS trigger LANGUAGE plpgsql
SET enable_nestloop = off AS $body$
DECLARE
    key_column text := TG_ARGV[0];
    secrets text[] := TG_ARGV[1:];
    actor bigint := nullif(current_setting('salesorg.actor', true), '')::bigint;
    behalf bigint := nullif(current_setting('salesorg.on_behalf', true), '')::bigint;
    request text := coalesce(current_setting('salesorg.request_id', true), '');
    origin text := coalesce(current_setting('salesorg.source', true), '');
    at_once timestamptz := clock_timestamp();
    has_secrets boolean := coalesce(array_length(secrets, 1), 0) > 0;
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO events_auditentry
            (at, action, "table", row_id, before, after, actor_id, on_behalf_id, request_id, source)
        SELECT at_once, 'insert', TG_TABLE_NAME, rows.item->>key_column, NULL,
               CASE WHEN has_secrets THEN events_mask(rows.item::jsonb, secrets)::json ELSE rows.item END,
               actor, behalf, request, origin
          FROM (SELECT row_to_json(n) AS item FROM new_rows n OFFSET 0) rows;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO events_auditentry
            (at, action, "table", row_id, before, after, actor_id, on_behalf_id, request_id, source)
        SELECT at_once, 'delete', TG_TABLE_NAME, rows.item->>key_column,
               CASE WHEN has_secrets THEN events_mask(rows.item::jsonb, secrets)::json ELSE rows.item END, NULL,
               actor, behalf, request, origin
          FROM (SELECT row_to_json(o) AS item FROM old_rows o OFFSET 0) rows;
    ELSIF (SELECT count(*) > 50 FROM (SELECT FROM new_rows LIMIT 51) AS many) THEN
        EXECUTE events_audit_statement(TG_RELID, key_column, secrets)
            USING at_once, TG_TABLE_NAME::text, actor, behalf, request, origin;
    ELSE
        INSERT INTO events_auditentry
            (at, action, "table", row_id, before, after, actor_id, on_behalf_id, request_id, source)
        SELECT at_once, 'update', TG_TABLE_NAME, changes.row_key,
               (CASE WHEN has_secrets THEN events_mask(changes.before, secrets) ELSE changes.before END)::json,
               (CASE WHEN has_secrets THEN events_mask(changes.after, secrets) ELSE changes.after END)::json,
               actor, behalf, request, origin
          FROM (
            SELECT coalesce(o.item, n.item)->>key_column AS row_key,
                   (SELECT jsonb_object_agg(pair.key, pair.value) FROM jsonb_each(o.item) pair
                     WHERE n.item IS NULL OR n.item->pair.key IS DISTINCT FROM pair.value) AS before,
                   (SELECT jsonb_object_agg(pair.key, pair.value) FROM jsonb_each(n.item) pair
                     WHERE o.item IS NULL OR o.item->pair.key IS DISTINCT FROM pair.value) AS after
              FROM (SELECT to_jsonb(r) AS item FROM old_rows r OFFSET 0) o
              FULL JOIN (SELECT to_jsonb(r) AS item FROM new_rows r OFFSET 0) n
                ON n.item->>key_column = o.item->>key_column
             WHERE o.item IS DISTINCT FROM n.item
          ) changes;
    END IF;
    RETURN NULL;
END
$body$;
"""
_BEFORE = import_module("apps.events.migrations.0002_audit_trail").SQL.split("CREATE TRIGGER")[0]
UNDO = _BEFORE + "DROP FUNCTION events_audit_statement(oid, text, text[]);"


class Migration(migrations.Migration):
    dependencies = [("events", "0002_audit_trail")]

    operations = [migrations.RunSQL(SQL, UNDO)]
