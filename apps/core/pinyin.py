"""How Chinese is typed on a Latin keyboard."""

import functools
from types import ModuleType


def syllables(text: str) -> list[str]:
    """Return the text with Chinese spelled out, one item per character; other text stays as it is."""
    return [text] if text.isascii() else list(_pypinyin().lazy_pinyin(text))


def initials(text: str) -> str:
    """Return the first letter of each Chinese character; other text stays as it is."""
    if text.isascii():
        return text
    library = _pypinyin()
    return "".join(library.lazy_pinyin(text, style=library.Style.FIRST_LETTER))


@functools.cache
def _pypinyin() -> ModuleType:
    # Its dictionaries take half of the time in which a process starts, and most never spell anything.
    import pypinyin  # noqa: PLC0415  # see above

    return pypinyin
