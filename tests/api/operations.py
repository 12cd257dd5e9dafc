"""Every operation of ``docs/openapi.yaml``, and calls that go straight to its view."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml
from django.db import connection, transaction
from django.urls import resolve
from rest_framework.test import APIRequestFactory, force_authenticate

from apps.access.models import User
from tests.api.world import World

DESCRIPTION = Path(__file__).parents[2] / "docs" / "openapi.yaml"
UNSAFE = {"post", "put", "patch", "delete"}


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    asked: tuple[str, ...]
    fields: tuple[tuple[str, Any], ...]
    versioned: bool
    once: bool

    @property
    def name(self) -> str:
        """Return what failures call it."""
        return f"{self.method.upper()} {self.path}"

    @property
    def resource(self) -> str:
        """Return the resource, the first word below the root."""
        return self.path.split("/")[3]

    def address(self, world: World, **known: Any) -> str:
        """Return the address with the ids of the world in it."""
        return self.path.format(**{"id": world.ids.get(self.resource, 1), "code": "revenue", **known})

    def query(self, world: World) -> dict[str, Any]:
        """Return the parameters without which the operation answers nothing."""
        needed = {"measure", "start", "end"} & set(self.asked)
        needed |= {"stage"} if self.path.endswith("/deals/") else set()
        return {name: world.known[name] for name in needed}

    def body(self, world: World) -> dict[str, Any]:
        """Return a body whose values mean something in the world."""
        return {name: _value(name, schema, world) for name, schema in self.fields if name != "version"}


@lru_cache(maxsize=1)
def operations() -> tuple[Operation, ...]:
    """Return every operation of the committed description."""
    described = yaml.load(DESCRIPTION.read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506  # both are safe
    return tuple(_operations(described))


def _operations(described: dict[str, Any]) -> Iterator[Operation]:
    for path, item in described["paths"].items():
        for method, call in item.items():
            parameters = call.get("parameters", ())
            headers = {one["name"] for one in parameters if one["in"] == "header"}
            yield Operation(
                method,
                path,
                tuple(one["name"] for one in parameters if one["in"] == "query"),
                tuple(_fields(call, described).items()),
                "If-Match" in headers,
                "Idempotency-Key" in headers,
            )


def _fields(call: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    content = call.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    found = described["components"]["schemas"].get(name, {})
    return {
        key: _resolved(value, described)
        for key, value in found.get("properties", {}).items()
        if not value.get("readOnly")
    }


def _resolved(schema: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    for part in (schema, *schema.get("allOf", ()), *schema.get("oneOf", ())):
        name = part.get("$ref", "").rpartition("/")[2]
        if name:
            return described["components"]["schemas"][name]
    if "items" in schema:
        return {**schema, "items": _resolved(schema["items"], described)}
    if "properties" in schema:
        return {
            **schema, "properties": {k: _resolved(v, described) for k, v in schema["properties"].items()}
        }  # fmt: skip
    return schema


def _value(name: str, schema: dict[str, Any], world: World) -> Any:
    if schema.get("enum"):
        return schema["enum"][0]
    if name in world.known:
        return world.known[name]
    kind = schema.get("type", "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "array":
        return [_value(name.removesuffix("s"), schema["items"], world)]
    if kind == "object":
        return {key: _value(key, value, world) for key, value in schema.get("properties", {}).items()}
    if kind == "string":
        return _TEXT.get(schema.get("format", ""), f"some-{name.replace('_', '-')}"[:30])
    return {"integer": 1, "number": 1, "boolean": False}[kind]


_TEXT = {
    "date": "2026-07-01",
    "date-time": "2026-06-30T09:00:00Z",
    "decimal": "1",
    "email": "someone@example.com",
    "uuid": "7b0a3f3e-6a51-4c53-9d61-6e2c3f1d2a10",
}


@dataclass(frozen=True)
class Answer:
    """What a call was answered: 599 with the traceback's last line when it crashed."""

    status: int
    text: str

    @property
    def crashed(self) -> bool:
        """Tell whether something happened that nobody foresaw."""
        return self.status >= 500 or "Traceback" in self.text or 'File "' in self.text


def call(
    user: User,
    method: str,
    address: str,
    body: str | bytes | None = None,
    query: dict[str, Any] | None = None,
) -> Answer:
    """Send a call past the middleware straight to its view, and take back what it wrote."""
    request = APIRequestFactory().generic(
        method.upper(),
        f"{address}?{urlencode(query)}" if query else address,
        body.encode() if isinstance(body, str) else body or b"",
        "application/json",
    )
    force_authenticate(request, user)
    match = resolve(request.path_info)
    try:
        with transaction.atomic():
            try:
                response = match.func(request, *match.args, **match.kwargs)
                response.render()
                if response.status_code < 400 and method in UNSAFE:
                    connection.check_constraints()
            finally:
                transaction.set_rollback(True)
    except Exception as error:  # a crash is what these tests look for
        return Answer(599, f"{type(error).__name__}: {error}"[:300])
    return Answer(response.status_code, response.content.decode()[:5000])


def text_of(body: dict[str, Any], **raw: str) -> str:
    """Write a body as JSON in which some values are put in as they are."""
    marks = {f"@@{name}@@": value for name, value in raw.items()}
    text = json.dumps({**body, **{name: f"@@{name}@@" for name in raw}})
    for mark, value in marks.items():
        text = text.replace(f'"{mark}"', value)
    return text
