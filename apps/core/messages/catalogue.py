"""Keep the catalogues: add what is missing, name what is wrong, compile what is stale."""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polib

from apps.core.messages.extraction import ROOT_ROOM, Message, messages_of, rooms

LANGUAGE = "zh_Hans"
_HEADER = {
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": LANGUAGE,
    "MIME-Version": "1.0",
    "Plural-Forms": "nplurals=1; plural=0;",
}
_PLACEHOLDER = re.compile(r"%\([^)]+\)[a-z]|(?<!%)%[sd]|\{[a-z_][a-z_0-9]*\}")


@dataclass(frozen=True)
class Problem:
    """One thing wrong with one entry of a catalogue."""

    room: str
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.room}: {self.kind}: {self.text!r}"


def update(root: Path, names: Iterable[str] | None = None) -> dict[str, tuple[int, int]]:
    """Bring the catalogues up to date; return how many entries each gained and lost.

    A string another room already translates is filled in from there.
    """
    known = _translations(root)
    changes = {}
    for name, path, script in _catalogues(root, names):
        found = messages_of(root, name, script=script)
        if not found and not path.exists():
            continue
        changes[f"{name} (scripts)" if script else name] = _merge(path, found, known)
    return changes


def check(root: Path, names: Iterable[str] | None = None) -> list[Problem]:
    """Return what is missing, fuzzy, obsolete, put differently by two rooms or has other placeholders."""
    names = list(names or rooms(root))
    problems = [problem for problem in _collisions(root) if problem.room in names]
    for name, path, script in _catalogues(root, names):
        found = messages_of(root, name, script=script)
        entries = {_key(entry): entry for entry in _load(path) if not entry.obsolete}
        problems += [
            Problem(name, "not in the catalogue", found[key].text) for key in found.keys() - entries.keys()
        ]
        problems += [
            Problem(name, "no longer used", entries[key].msgid) for key in entries.keys() - found.keys()
        ]
        for key in found.keys() & entries.keys():
            problems += [Problem(name, kind, found[key].text) for kind in _faults(entries[key])]
    return sorted(problems, key=lambda problem: (problem.room, problem.kind, problem.text))


def compile_stale(root: Path, *, everything: bool = False) -> int:
    """Compile catalogues newer than their compiled form; return how many."""
    count = 0
    for path in [*root.glob("locale/*/LC_MESSAGES/*.po"), *root.glob("apps/*/locale/*/LC_MESSAGES/*.po")]:
        target = path.with_suffix(".mo")
        fresh = target.exists() and target.stat().st_mtime >= path.stat().st_mtime
        if (fresh and not everything) or not os.access(path.parent, os.W_OK):
            continue
        draft = target.with_suffix(f".{os.getpid()}.tmp")
        _load(path).save_as_mofile(str(draft))
        draft.replace(target)  # a reader at this moment sees the old file or the new one
        count += 1
    return count


def _catalogues(root: Path, names: Iterable[str] | None) -> Iterator[tuple[str, Path, bool]]:
    for name in names or rooms(root):
        folder = root if name == ROOT_ROOM else root / "apps" / name
        yield name, folder / "locale" / LANGUAGE / "LC_MESSAGES" / "django.po", False
        if name == ROOT_ROOM:
            yield name, folder / "locale" / LANGUAGE / "LC_MESSAGES" / "djangojs.po", True


def _collisions(root: Path) -> Iterator[Problem]:
    """Name the strings two rooms put differently: Django merges the catalogues, so only one would show."""
    wordings: dict[tuple[str, str, bool], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, path, script in _catalogues(root, None):
        for entry in _load(path):
            if not entry.obsolete and _text_of(entry):
                wordings[*_key(entry), script][_text_of(entry)].append(name)
    for (_context, text, _script), found in wordings.items():
        if len(found) > 1:
            kind = "translated differently: " + ", ".join(
                f"{wording} ({', '.join(users)})" for wording, users in sorted(found.items())
            )
            yield from (Problem(name, kind, text) for users in found.values() for name in users)


def _merge(
    path: Path, found: dict[tuple[str, str], Message], known: dict[tuple[str, str], str]
) -> tuple[int, int]:
    old = {_key(entry): entry for entry in _load(path) if not entry.obsolete}
    catalogue = polib.POFile(wrapwidth=100)
    catalogue.metadata = dict(_HEADER)
    for key in sorted(found, key=lambda key: (key[1], key[0])):
        catalogue.append(_entry(found[key], old.get(key), known.get(key, "")))
    path.parent.mkdir(parents=True, exist_ok=True)
    catalogue.save(str(path))
    return len(found.keys() - old.keys()), len(old.keys() - found.keys())


def _entry(message: Message, old: polib.POEntry | None, known: str) -> polib.POEntry:
    entry = polib.POEntry(
        msgid=message.text,
        msgctxt=message.context or None,
        occurrences=[(name, "") for name in sorted(message.files)],
        flags=["python-format"] if "%(" in message.text + message.plural else [],
    )
    translated = _text_of(old) if old else known
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = {0: translated}
    else:
        entry.msgstr = translated
    if old and old.fuzzy:
        entry.flags.append("fuzzy")
    if old and old.tcomment:
        entry.tcomment = old.tcomment
    return entry


def _faults(entry: polib.POEntry) -> Iterator[str]:
    translated = _text_of(entry)
    if not translated:
        yield "not translated"
    elif set(_PLACEHOLDER.findall(translated)) != set(
        _PLACEHOLDER.findall(entry.msgid_plural or entry.msgid)
    ):
        yield "other placeholders than the source"
    if entry.fuzzy:
        yield "fuzzy"


def _translations(root: Path) -> dict[tuple[str, str], str]:
    known: dict[tuple[str, str], str] = {}
    for _name, path, _script in _catalogues(root, None):
        known |= {
            _key(entry): _text_of(entry) for entry in _load(path) if _text_of(entry) and not entry.fuzzy
        }
    return known


def _load(path: Path) -> polib.POFile:
    return polib.pofile(str(path), encoding="utf-8") if path.exists() else polib.POFile()


def _key(entry: polib.POEntry) -> tuple[str, str]:
    return entry.msgctxt or "", entry.msgid


def _text_of(entry: polib.POEntry) -> str:
    return entry.msgstr_plural.get(0, "") if entry.msgid_plural else entry.msgstr
