"""Days no business has: refused wherever a call or a page takes a day, never a crash, never taken."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django import forms

from tests.api.operations import UNSAFE, Operation, call, operations, text_of
from tests.api.world import World

pytestmark = pytest.mark.django_db

DAYS = ("0000-01-01", "0001-01-01", "1900-01-01", "9999-12-31", "2026-02-30", "+292278994-08-17")
FORMATS = {"date", "date-time"}


def days_in(schema: dict[str, Any], value: Any) -> Iterator[Any]:
    """Return a value of the schema again and again, each time with another of its days marked."""
    if schema.get("format") in FORMATS:
        yield "@@day@@"
    elif schema.get("items") and value:
        yield from ([one] for one in days_in(schema["items"], value[0]))
    elif isinstance(value, dict):
        for name, inner in schema.get("properties", {}).items():
            yield from ({**value, name: one} for one in days_in(inner, value[name]))


def asked(one: Operation, world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    body = {**one.body(world), "version": 1}
    for name, schema in one.fields:
        for value in days_in(schema, body.get(name)):
            yield name, {**body, name: value}


def test_no_call_takes_such_a_day_in_its_body(world: World) -> None:
    user, wrong, places = world.user("everything"), [], 0

    for one in operations():
        if one.method not in UNSAFE:
            continue
        for name, body in asked(one, world):
            places += 1
            for day in DAYS:
                answer = call(user, one.method, one.address(world), text_of(body).replace("@@day@@", day))
                if answer.status != 400 or name not in answer.text:
                    wrong.append(f"{one.name} {name} {body} {day}: {answer}")

    assert not wrong, "\n".join(wrong)
    assert places > 40


def test_no_call_takes_such_a_day_in_its_address(world: World) -> None:
    user, wrong, places = world.user("everything"), [], 0

    for one in operations():
        for name in sorted({*one.asked} & {"start", "end", "on", "as_of"}):
            places += 1
            for day in DAYS:
                answer = call(user, "get", one.address(world), query={**one.query(world), name: day})
                if answer.status != 400:
                    wrong.append(f"{one.name} ?{name}={day}: {answer}")

    assert not wrong, "\n".join(wrong)
    assert places > 10


PAGES = {
    "/measures/why/?measure=revenue": ("start", "end", "as_of"),
    "/org/": ("as_of",),
    "/org/people/": ("as_of",),
    "/roles/": ("as_of",),
    "/pipeline/deals/": ("closes_from", "closes_to", "created_from", "created_to", "as_of"),
    "/pipeline/activities/": ("happened_from", "happened_to"),
    "/events/audit/": ("start", "until"),
    "/incentives/disputes/report/": ("since", "until"),
    "/": ("as_of",),
}


def test_no_page_takes_such_a_day_in_its_address(world: World) -> None:
    client, wrong = world.client("everything"), []

    for page, names in PAGES.items():
        for name in names:
            for day in DAYS[1:4]:
                address = f"{page}{'&' if '?' in page else '?'}{name}={day}"
                answer = client.get(address)
                if answer.status_code != 400 or "no such day" not in answer.content.decode():
                    wrong.append(f"{address}: {answer.status_code}")

    assert not wrong, "\n".join(wrong)
    assert client.get("/ui/search/?q=1900-01-01").status_code == 200


def forms_below(form: type[forms.BaseForm]) -> Iterator[type[forms.BaseForm]]:
    for one in form.__subclasses__():
        yield one
        yield from forms_below(one)


def test_every_form_refuses_such_a_day() -> None:
    import_module("salesorg.urls")
    dated = [
        (form, name, field)
        for form in forms_below(forms.BaseForm)
        if form.__module__.startswith("apps.") and not form.__module__.startswith("apps.access.admin")
        for name, field in form.base_fields.items()
        if isinstance(field, forms.DateField | forms.DateTimeField)
    ]

    assert len(dated) > 30
    for form, name, field in dated:
        for day in DAYS:
            with pytest.raises(forms.ValidationError):
                assert field.clean(day) is None, (form, name, day)
