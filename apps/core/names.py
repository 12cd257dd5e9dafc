"""Names the product itself proposes read in every reader's language; all others stay as written.

A proposed name is stored once, as it was proposed. Fields of the types below
hand such a name out as :class:`Proposed`: a page that shows it writes it in the
reader's language, while code, edit forms, the API and the database see what is
stored. Text that code puts together says :func:`in_words`.
"""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.functional import lazy
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext

_proposed: set[str] = set()


class Proposed(str):
    """A stored name that the product proposed: a page shows it in the reader's language."""

    __slots__ = ()

    def __html__(self) -> SafeString:
        return escape(gettext(self))


def propose(*names: str) -> None:
    """Let names be translated wherever they are shown; a room marks them with ``gettext_noop``."""
    _proposed.update(names)


def told(text: str) -> str:
    """Return a text of the demo company and let it be translated wherever it is shown."""
    propose(text)
    return text


def hear(module: str) -> None:
    """Learn the texts of a room's demo company, except in production, where there is no demo company."""
    if not settings.PRODUCTION:
        import_module(module)


def proposed() -> frozenset[str]:
    """Return every name the product proposes."""
    return frozenset(_proposed)


def in_words(name: str) -> str:
    """Return a proposed name in the reader's language and any other name as it was written."""
    return gettext(name) if name in _proposed else name


def named(name: str) -> str:
    """Return a name read past the fields below (hand-written SQL, stored JSON) as they hand it out."""
    return Proposed(name) if name in _proposed else name


lazy_words = lazy(in_words, str)


def called(field: str, text: str) -> models.Q:
    """Return the condition that a field contains a text, as it is stored or as the reader reads it."""
    condition = models.Q(**{f"{field}__icontains": text})
    return condition | models.Q(**{f"{field}__in": names}) if (names := meant_by(text)) else condition


def is_called(name: str, text: str) -> bool:
    """Tell whether a name contains a text in lower case, as it is stored or as the reader reads it."""
    return text in name.casefold() or text in in_words(name).casefold()


def meant_by(text: str) -> list[str]:
    """Return the proposed names that contain a text as the reader reads them, but not as they are stored."""
    wanted = text.casefold()
    return sorted(
        name
        for name in _proposed
        if (words := gettext(name)) != name and wanted in words.casefold() and wanted not in name.casefold()
    )


class _HandsOutProposed:
    """A text field that marks what the product proposed. For the schema it is a plain field of Django."""

    def from_db_value(self, value: str | None, expression: object, connection: object) -> str | None:
        return Proposed(value) if value in _proposed else value

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]  # of the field it is mixed into
        return name, f"django.db.models.{type(self).__bases__[1].__name__}", args, kwargs


class NameField(_HandsOutProposed, models.CharField):
    """A short name that the product may have proposed."""


class WordsField(_HandsOutProposed, models.TextField):
    """A longer text that the product may have proposed."""
