"""Poison into every parameter, path and field of the API: refused or taken as it is, never a crash."""

from collections.abc import Iterator

import pytest

from tests.api.operations import UNSAFE, Answer, Operation, call, operations, text_of
from tests.api.world import World

pytestmark = pytest.mark.django_db

# As JSON text, so that what no serializer of ours would write is sent as well.
TEXTS = {
    "nul": r'"a\u0000b"',
    "turned around": '"\u202egpj.exe"',
    "quote": '"\' OR 1=1; DROP TABLE x; --"',
    "formula": '"=1+1"',
    "braces": '"{{ settings.SECRET_KEY }}"',
}
NUMBERS = {
    "minus one": "-1",
    "beyond 32 bits": str(2**31),
    "beyond 64 bits": str(2**63),
    "exponent": '"1e999999"',
    "full width": '"１００"',
}
DAYS = {"first year": '"0001-01-01"', "last year": '"9999-12-31"', "year zero": '"0000-00-00"'}
SHAPES = {"nothing": "null", "true": "true", "list": "[null]", "object": r'{"\u0000": {"a": "__class__"}}'}
ANYTHING = TEXTS | NUMBERS | DAYS | SHAPES
REFUSED = {
    "cut off": "{",
    "list": "[1]",
    "word": '"word"',
    "not a number": '{"name": NaN, "version": 1}',
    "endless": '{"name": -Infinity, "version": 1}',
    "beyond a float": '{"name": 1e400, "version": 1}',
    "beyond digits": '{"name": 1%s, "version": 1}' % ("0" * 5000),
    "half a character": r'{"name": "\ud800", "version": 1}',
    "half a character as key": r'{"\udfff": 1, "version": 1}',
    "too deep": "[" * 100_000,
    "same key twice": '{"version": 1, "version": 1}',
    "mark of order": "\ufeff{}",
    "not text": b'{"name": "\xff\xfe"}',
}
LONG = '"' + "x" * 1_000_000 + '"'
WORDS = (
    "\x00", "-1", "0", "9" * 18, "9" * 40, "1e400", "１００", "0000-00-00", "0001-01-01", "9999-12-31",
    "' OR 1=1 --", "\u202e", "x" * 3000, "owner__email", "2026-Q9",
)  # fmt: skip
CURSORS = ("x", "\x00", "WzBd", "bnVsbA==", "WzAsICJ4Il0=", "W" * 600)
IDS = {"unit", "person", "product", "account", "position", "owner", "parent", "within", "run", "strategy"}


def crashes(answers: list[tuple[str, Answer]]) -> str:
    return "\n".join(f"{name}: {answer}" for name, answer in answers if answer.crashed)


def poison_for(schema: dict) -> dict[str, str]:
    """Return what a field of this kind may let through to the code behind it."""
    kind = "".join(schema.get("type", "string"))
    if schema.get("format") in {"date", "date-time"}:
        return DAYS | {"nothing": "null"}
    if "integer" in kind or "number" in kind or schema.get("format") == "decimal":
        return NUMBERS
    return TEXTS | {"nothing": "null"} if "string" in kind and not schema.get("enum") else SHAPES


def unsafe() -> Iterator[Operation]:
    return (one for one in operations() if one.method in UNSAFE)


def test_no_field_of_a_body_crashes_a_call(world: World) -> None:
    user, answers = world.user("everything"), []

    for one in unsafe():
        body = {**one.body(world), "version": 1}
        for name, schema in one.fields:
            for poison, text in poison_for(schema).items():
                sent = text_of(body, **{name: text})
                answers.append(
                    (f"{one.name} {name}: {poison}", call(user, one.method, one.address(world), sent))
                )

    assert not crashes(answers)
    assert len(answers) > 800


def test_no_body_full_of_poison_crashes_the_call_of_a_representative(world: World) -> None:
    user, answers = world.user("self"), []

    for one in unsafe():
        for poison, text in ANYTHING.items():
            sent = text_of({"version": 1}, **{name: text for name, _schema in one.fields})
            answers.append((f"{one.name} {poison}", call(user, one.method, one.address(world), sent)))

    assert not crashes(answers)


def test_what_is_not_plain_json_is_refused_by_every_call(world: World) -> None:
    user, wrong = world.user("everything"), []

    for number, one in enumerate(one for one in unsafe() if one.fields):
        for poison, text in list(REFUSED.items())[number % 2 :: 2]:
            answer = call(user, one.method, one.address(world), text)
            if answer.status not in {400, 404, 428} or answer.crashed:
                wrong.append(f"{one.name} {poison}: {answer}")
        long = text_of({"version": 1}, **{one.fields[0][0]: LONG})
        if call(user, one.method, one.address(world), long).status not in {400, 404}:
            wrong.append(f"{one.name}: a megabyte of text")

    assert not wrong, "\n".join(wrong)


def test_no_parameter_crashes_a_call_and_a_wrong_id_is_refused(world: World) -> None:
    user, answers, taken = world.user("everything"), [], []

    for one in operations():
        for number, name in enumerate(sorted({*one.asked} - {"cursor", "page_size", "format"})):
            needed = {key: value for key, value in one.query(world).items() if key != name}
            for word in WORDS if name in IDS else WORDS[number % 3 :: 3]:
                answer = call(user, "get", one.address(world), query={**needed, name: word})
                answers.append((f"{one.name} {name}={word[:40]!r}", answer))
                if name in IDS and not word.isdigit() and answer.status == 200:
                    taken.append(f"{one.name} {name}={word[:40]!r}")

    assert not crashes(answers)
    assert not taken


def test_unknown_parameters_orders_and_cursors_are_refused(world: World) -> None:
    wrong = []

    for caller in ("everything", "self"):
        user = world.user(caller)
        for one in operations():
            address, body = one.address(world), text_of({"version": 1}) if one.method in UNSAFE else None
            asked = [{"colour": "red"}, {"owner__password__startswith": "a"}]
            if "cursor" in one.asked:
                asked += [{"cursor": cursor} for cursor in CURSORS]
                asked += [{"ordering": "owner__password"}, {"page_size": "many"}]
            for more in asked if caller == "everything" else asked[:1]:
                answer = call(user, one.method, address, body, query={**one.query(world), **more})
                fine = {400, 403} | ({404} if "cursor" in more else set())
                if answer.status not in fine or answer.crashed:
                    wrong.append(f"{caller} {one.name} {more}: {answer}")

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("pk", ["0", "9" * 19, "%00", "１"])
def test_a_strange_id_in_the_address_is_not_found(world: World, pk: str) -> None:
    client = world.client("everything")

    wrong = {
        one.name: answer.status_code
        for one in operations()
        if "{" in one.path and one.method == "get" and one.path.count("/") == 5
        and (answer := client.get(one.path.format(id=pk, code=pk))).status_code != 404
    }  # fmt: skip

    assert not wrong
