"""Find the strings a person can read, in Python, templates and JavaScript."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from babel.messages.extract import extract
from django.utils.translation.template import templatize

ROOT_ROOM = "salesorg"

_KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_TEMPLATES = {".html", ".txt", ".svg", ".xml", ".webmanifest"}
_SKIPPED = {"tests", "migrations", "locale", "__pycache__", "node_modules"}


@dataclass
class Message:
    """One string and the files it stands in."""

    text: str
    plural: str = ""
    context: str = ""
    files: set[str] = field(default_factory=set)

    @property
    def key(self) -> tuple[str, str]:
        """Return what makes the string unique in a catalogue."""
        return self.context, self.text


def rooms(root: Path) -> list[str]:
    """Return the names of the rooms that hold strings: the apps, then the project itself."""
    apps = sorted(path.parent.name for path in root.glob("apps/*/apps.py"))
    return [*apps, ROOT_ROOM]


def messages_of(root: Path, room: str, *, script: bool = False) -> dict[tuple[str, str], Message]:
    """Return the strings of a room by key; with ``script``, those of the JavaScript."""
    found: dict[tuple[str, str], Message] = {}
    files = _scripts(root) if script else _files(root, room)
    for path in sorted(files):
        for message in _read(path):
            known = found.setdefault(message.key, message)
            known.plural = known.plural or message.plural
            known.files.add(path.relative_to(root).as_posix())
    return found


def _files(root: Path, room: str) -> Iterator[Path]:
    if room != ROOT_ROOM:
        yield from _walk(root / "apps" / room)
        yield from _walk(root / "templates" / room)
        return
    yield from _walk(root / "salesorg")
    apps = set(rooms(root))
    for path in _walk(root / "templates"):
        if path.relative_to(root / "templates").parts[0] not in apps:
            yield path


def _scripts(root: Path) -> Iterator[Path]:
    return (path for path in (root / "frontend").rglob("*.js") if not _SKIPPED & set(path.parts))


def _walk(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.suffix in _TEMPLATES | {".py"} and not _SKIPPED & set(path.relative_to(folder).parts):
            yield path


def _read(path: Path) -> Iterator[Message]:
    text = path.read_text(encoding="utf-8")
    method = "javascript" if path.suffix == ".js" else "python"
    if path.suffix in _TEMPLATES:
        # What is left of a template is read as Python, in which leading blanks would mean a block.
        text = "\n".join(line.lstrip() for line in templatize(text, origin=str(path)).split("\n"))
    hits: Iterable[tuple[int, str | tuple[str, ...], list[str], str | None]] = extract(
        method, io.BytesIO(text.encode()), keywords=_KEYWORDS, options={"encoding": "utf-8"}
    )
    for _line, words, _comments, context in hits:
        singular, plural = (
            (words[0], words[1]) if isinstance(words, tuple) and len(words) > 1 else (words, "")
        )
        text_of = singular[0] if isinstance(singular, tuple) else singular
        if text_of:
            yield Message(text_of, plural, context or "")
