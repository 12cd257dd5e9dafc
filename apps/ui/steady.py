"""Parts of a page that a few values decide: written once, then kept in the process.

    {% steady menu=shell.menu at_home=shell.at_home %}…{% endsteady %}

The part sees the values it names and nothing else of the page, and is kept under exactly those values
and the language. So it cannot show what belongs to another person, and it cannot grow old: other values
are another key. Do not put a form token, an instant or the time of day into one.
"""

import dataclasses
import datetime as dt
from typing import Any, cast

from django.template import Context
from django.template.base import FilterExpression, Node, NodeList, Parser, Template, Token, token_kwargs
from django.template.exceptions import TemplateSyntaxError
from django.urls import get_script_prefix, get_urlconf
from django.utils.safestring import SafeString
from django.utils.translation import get_language

LIMIT = 500  # texts kept per place in a template; then it starts anew
_PLAIN = frozenset({str, SafeString, int, bool, dt.date, type(None)})


class Unnamed(RuntimeError):
    """A steady part reads a variable that its tag does not name."""


class _OnlyNamed(Context):
    """A context that refuses to be asked for what it does not hold: the part would depend on it unseen."""

    def __getitem__(self, key: Any) -> Any:
        if key in self:
            return super().__getitem__(key)
        raise Unnamed(f"{{% steady %}} must name the variable {key!r} that its part reads.")

    def get(self, key: Any, otherwise: Any = None) -> Any:
        return self[key]


class SteadyNode(Node):
    """Writes its part once per set of values and language."""

    def __init__(self, values: dict[str, FilterExpression], nodelist: NodeList) -> None:
        self.values = values
        self.nodelist = nodelist
        self._kept: dict[Any, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        values = {name: value.resolve(context) for name, value in self.values.items()}
        told = [_told(value) for value in values.values()]
        key = (get_language(), get_urlconf(), get_script_prefix(), context.autoescape, *told)
        text = self._kept.get(key)
        if text is None:
            own, template = (
                _OnlyNamed(values, autoescape=context.autoescape),
                cast(Template, context.template),
            )
            with own.bind_template(template), own.render_context.push_state(template):
                text = self.nodelist.render(own)
            if len(self._kept) >= LIMIT:
                self._kept.clear()
            self._kept[key] = text
        return text


def _told(value: Any) -> Any:
    """Return what tells a value apart, type included: safe and unsafe text are equal, as are 1 and True."""
    kind = type(value)
    if kind is tuple:
        return tuple([_told(one) for one in value])
    if kind in _PLAIN or _is_frozen_record(kind):
        return kind, value
    raise TypeError(f"{{% steady %}} takes text, whole numbers, dates, frozen records; not {kind.__name__}.")


def _is_frozen_record(kind: Any) -> bool:
    return dataclasses.is_dataclass(kind) and getattr(kind, "__dataclass_params__").frozen  # noqa: B009


def steady(parser: Parser, token: Token) -> SteadyNode:
    """Keep the text of a part under the values named: {% steady name=value … %}…{% endsteady %}."""
    bits = token.split_contents()[1:]
    values = token_kwargs(bits, parser)
    if bits:
        raise TemplateSyntaxError("{% steady %} takes name=value pairs and nothing else.")
    nodelist = parser.parse(("endsteady",))
    parser.delete_first_token()
    return SteadyNode(values, nodelist)
