"""Names the product itself proposes read in every reader's language; all others stay as written."""

from django.utils.translation import gettext

_proposed: set[str] = set()


def propose(*names: str) -> None:
    """Let names be translated wherever they are shown; a room marks them with ``gettext_noop``."""
    _proposed.update(names)


def proposed() -> frozenset[str]:
    """Return every name the product proposes."""
    return frozenset(_proposed)


def in_words(name: str) -> str:
    """Return a proposed name in the reader's language and any other name as it was written."""
    return gettext(name) if name in _proposed else name
