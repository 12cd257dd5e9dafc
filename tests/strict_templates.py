"""Make a variable that a template of ours names and nobody passed an error instead of an empty space."""

import sys
from pathlib import Path

from django.conf import settings

_FORGIVING = {"default", "default_if_none"}


class UndefinedVariable(LookupError):
    """A template names a variable that its context does not hold."""


class Strict(str):
    """Stands in for Django's ``string_if_invalid`` and raises for templates below ``templates/``.

    ``{% if name %}`` and ``{{ name|default:"" }}`` stay allowed: they say that the value may be absent.
    """

    __slots__ = ()

    def __bool__(self) -> bool:
        frame = sys._getframe(1)
        expression, context = frame.f_locals.get("self"), frame.f_locals.get("context")
        if expression is None or context is None or not hasattr(expression, "filters"):
            return False
        template = context.render_context.template or context.template
        if not _ours(template) or _FORGIVING & {function.__name__ for function, _ in expression.filters}:
            return False
        raise UndefinedVariable(f"{template.name}: {{{{ {expression.token} }}}}")


def _ours(template: object) -> bool:
    origin = getattr(getattr(template, "origin", None), "name", None)
    if not origin:
        return False
    return (Path(settings.BASE_DIR) / "templates") in Path(str(origin)).parents
