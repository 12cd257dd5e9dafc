"""The audit trigger function and the guard that keeps the trail append-only (ADR-0002)."""

from django.db import migrations

SQL = """
CREATE OR REPLACE FUNCTION events_mask(row_values jsonb, secrets text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $body$
    SELECT row_values || coalesce(
        (SELECT jsonb_object_agg(name, '•••'::text) FROM unnest(secrets) name
          WHERE row_values ? name AND row_values->name <> 'null'::jsonb), '{}'::jsonb)
$body$;

-- Arguments: the name of the key column, then the names of secret columns.
-- Nested loops are off because a plan cached for one row must not serve a bulk change;
-- OFFSET 0 keeps each row from being turned into JSON once per use. Whole rows are written as json, which
-- takes a third of the time of jsonb: half of what the trail costs a bulk load.
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

CREATE OR REPLACE FUNCTION events_append_only() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    IF TG_OP = 'TRUNCATE' AND coalesce(current_setting('salesorg.may_truncate', true), '') = 'on' THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'append_only' USING
        ERRCODE = 'insufficient_privilege',
        TABLE = TG_TABLE_NAME,
        DETAIL = format('Rows of %s are never changed or removed.', TG_TABLE_NAME);
END
$body$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION events_append_only();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events_accessentry
    FOR EACH STATEMENT EXECUTE FUNCTION events_append_only();
"""

UNDO = """
DROP TRIGGER append_only ON events_auditentry;
DROP TRIGGER append_only ON events_accessentry;
DROP FUNCTION events_append_only() CASCADE;
DROP FUNCTION events_audit() CASCADE;
DROP FUNCTION events_mask(jsonb, text[]);
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]

    operations = [migrations.RunSQL(SQL, UNDO)]
