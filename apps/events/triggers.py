"""Put the audit triggers in place: after every ``migrate``, for exactly the models that asked."""

from typing import Any

from django.apps import apps
from django.db import connections, models

from apps.events.audit import Tracked, tracked

_PREFIX = "audit_"
_TABLES = {
    "insert": "NEW TABLE AS new_rows",
    "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "delete": "OLD TABLE AS old_rows",
}
_EXISTING = """
SELECT c.relname, t.tgname, t.tgargs
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
 WHERE p.proname = 'events_audit' AND c.relnamespace = current_schema()::regnamespace
"""


def install(using: str = "default", **_signal: Any) -> int:
    """Create missing triggers, replace changed ones, drop those nobody asks for; return how many changed."""
    connection = connections[using]
    if "events_auditentry" not in connection.introspection.table_names():
        return 0
    wanted = _wanted(set(connection.introspection.table_names()))
    changed = 0
    with connection.cursor() as cursor:
        cursor.execute(_EXISTING)
        existing = {(table, name): bytes(args) for table, name, args in cursor.fetchall()}
        quote = connection.ops.quote_name
        for table, name in existing.keys() - wanted.keys():
            cursor.execute(f"DROP TRIGGER {quote(name)} ON {quote(table)}")
            changed += 1
        for (table, name), arguments in wanted.items():
            if existing.get((table, name)) == _stored(arguments):
                continue
            operation = name.removeprefix(_PREFIX)
            cursor.execute(
                f"CREATE OR REPLACE TRIGGER {quote(name)} AFTER {operation.upper()} ON {quote(table)}"
                f" REFERENCING {_TABLES[operation]} FOR EACH STATEMENT"
                f" EXECUTE FUNCTION events_audit({', '.join(['%s'] * len(arguments))})",
                arguments,
            )
            changed += 1
    return changed


def _wanted(tables: set[str]) -> dict[tuple[str, str], list[str]]:
    wanted: dict[tuple[str, str], list[str]] = {}
    for entry in tracked.values():
        model = apps.get_model(entry.model)
        if model._meta.db_table in tables:
            for operation in _TABLES:
                wanted[model._meta.db_table, _PREFIX + operation] = _arguments(model, entry)
    return wanted


def _arguments(model: type[models.Model], entry: Tracked) -> list[str]:
    columns = {field.name: str(field.column) for field in model._meta.concrete_fields}
    secrets = [columns[name] for name in entry.secret_fields]
    return [str(model._meta.pk.column), *secrets]


def _stored(arguments: list[str]) -> bytes:
    """Return the arguments as pg_trigger keeps them: each ended by a zero byte."""
    return b"".join(argument.encode() + b"\x00" for argument in arguments)
