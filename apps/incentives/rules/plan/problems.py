"""What is wrong in a document: the place and the fix, in the reader's language."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from apps.core.errors import DomainError


@dataclass(frozen=True)
class Problem:
    """What is wrong in a document: where, and how to put it right; of a number also between which bounds."""

    place: str
    fix: object
    bounds: tuple[str, str] | None = None


class PlanInvalid(DomainError):
    """The plan document does not hold together."""

    code = "plan_invalid"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(
            gettext_lazy("The plan has mistakes. Correct the marked places and save again."),
            fields={problem.place: problem.fix for problem in problems},
        )

    def __str__(self) -> str:
        return "; ".join(f"{problem.place}: {problem.fix}" for problem in self.problems)


def problems_of(error: ValidationError, data: Any) -> list[Problem]:
    """Return what a reader of typed documents refused, each with its place and fix."""
    found = [_problem(one, data) for one in error.errors(include_url=False)]
    places = [problem.place for problem in found]
    told = {
        problem.place: problem
        for problem in found
        # a list is called too short for the very entries that were refused
        if not any(place.startswith(f"{problem.place}[") for place in places)
    }
    return list(told.values())


def _problem(error: Mapping[str, Any], data: Any) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    place = place_of(error["loc"], data, is_missing=kind == "missing")
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        place = f"{place}.kind" if place else "kind"
    write = _FIXES.get(kind)
    if write is None:
        write = next((fix for prefix, fix in _PREFIXES.items() if kind.startswith(prefix)), _other)
    bounds = (context["low"], context["high"]) if write is _number else None
    return Problem(place or "plan", write(context), bounds)


def place_of(location: Sequence[int | str], data: Any, *, is_missing: bool = False) -> str:
    """Write a location as people read it, leaving out the kinds that pydantic names on the way."""
    place, here = "", data
    for index, part in enumerate(location):
        if isinstance(part, int):
            place += f"[{part}]"
            here = here[part] if isinstance(here, list | tuple) and part < len(here) else None
            continue
        is_tag = isinstance(here, Mapping) and part not in here and here.get("kind") == part
        if is_tag and not (is_missing and index == len(location) - 1):
            continue
        place += f".{part}" if place else part
        here = here.get(part) if isinstance(here, Mapping) else None
    return place


def _choices(context: Mapping[str, Any]) -> str:
    told = str(context.get("expected") or context.get("expected_tags") or "")
    options = re.findall(r"'([^']*)'", told)
    if not options and "discriminator" in context:
        return _("State which kind it is.")
    return _("State one of: %(options)s.") % {"options": ", ".join(options)}


def _number(context: Mapping[str, Any]) -> str:
    fix = _("Write a number from %(low)s to %(high)s as text, for example “0.05”.")
    return fix % {"low": context["low"], "high": context["high"]}


def _entries(context: Mapping[str, Any]) -> str:
    if "max_length" in context:
        return _("At most %(high)s are allowed here.") % {"high": context["max_length"]}
    return _("At least %(low)s is needed here.") % {"low": context.get("min_length", 1)}


def _text(context: Mapping[str, Any]) -> str:
    if "max_length" in context:
        return _("Give a text of at most %(limit)s characters.") % {"limit": context["max_length"]}
    return _("Give a text.")


def _whole(context: Mapping[str, Any]) -> str:
    if isinstance(context.get("ge", context.get("le")), dt.date):
        return _("Give a day between 1980 and 2180.")
    for name, fix in (
        ("ge", _("Give a whole number of at least %(limit)s.")),
        ("le", _("Give a whole number of at most %(limit)s.")),
    ):
        if name in context:
            return fix % {"limit": context[name]}
    return _("Give a whole number.")


def _other(_context: Mapping[str, Any]) -> str:
    return _("This does not fit here. Look it up in the JSON Schema.")


_FIXES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "exact_number": _number,
    "missing": lambda _c: _("This is missing. State it."),
    "extra_forbidden": lambda _c: _("This field is not known here. Remove it or correct its name."),
    "literal_error": _choices,
    "union_tag_invalid": _choices,
    "union_tag_not_found": lambda _c: _("State which kind it is."),
    "string_pattern_mismatch": lambda _c: _(
        "Use small letters, digits and underscores, starting with a letter."
    ),
    "too_short": _entries,
    "too_long": _entries,
    "greater_than_equal": _whole,
    "less_than_equal": _whole,
    "bool_type": lambda _c: _("State true or false."),
    "bool_parsing": lambda _c: _("State true or false."),
}
_PREFIXES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "string_": _text,
    "int_": _whole,
    "date": lambda _c: _("Give a date such as 2026-01-31."),
    "tuple_type": lambda _c: _("Give a list here."),
    "list_type": lambda _c: _("Give a list here."),
    "model_": lambda _c: _("Give an object with named fields here."),
    "dict_type": lambda _c: _("Give an object with named fields here."),
    "mapping_type": lambda _c: _("Give an object with named fields here."),
}
