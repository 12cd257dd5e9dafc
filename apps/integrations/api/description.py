"""The API's description, cut for a page: rooms, their calls, and what each takes."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.apps import apps
from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Call:
    """One operation."""

    method: str
    path: str
    text: str
    parameters: tuple[tuple[str, str, bool], ...] = ()
    body: tuple[tuple[str, str, bool], ...] = ()


@dataclass
class Room:
    """The calls of one room."""

    code: str
    name: str
    calls: list[Call] = field(default_factory=list)


def rooms() -> list[Room]:
    """Return every call by room, in the reader's language."""
    return _rooms(get_language() or "")


@lru_cache(maxsize=4)
def _rooms(_language: str) -> list[Room]:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    found: dict[str, Room] = {}
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method not in item:
                continue
            code = item[method]["tags"][0]
            room = found.setdefault(code, Room(code, str(apps.get_app_config(code).verbose_name)))
            room.calls.append(_call(method, path, item[method], schema))
    return list(found.values())


def _call(method: str, path: str, operation: dict[str, Any], schema: dict[str, Any]) -> Call:
    parameters = tuple(
        (one["name"], _kind(one.get("schema", {})), bool(one.get("required")))
        for one in operation.get("parameters", ())
        if one["in"] == "query"
    )
    return Call(method.upper(), path, operation.get("description", ""), parameters, _body(operation, schema))


def _body(operation: dict[str, Any], schema: dict[str, Any]) -> tuple[tuple[str, str, bool], ...]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    component = schema["components"]["schemas"].get(name, {})
    needed = component.get("required", ())
    return tuple(
        (key, _kind(value), key in needed)
        for key, value in component.get("properties", {}).items()
        if not value.get("readOnly")
    )


def _kind(schema: dict[str, Any]) -> str:
    if schema.get("enum"):
        return " | ".join(str(value) for value in schema["enum"] if value is not None)[:160]
    kind = schema.get("format") or schema.get("type") or "object"
    return kind if isinstance(kind, str) else " | ".join(one for one in kind if one != "null")
