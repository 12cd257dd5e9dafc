"""A plan in the designer: blocks or, for experts, text; what is wrong with it; what one does to it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Self

from django.http import QueryDict
from django.utils.translation import gettext as _

from apps.incentives.forms.design.nodes import Node, Painter
from apps.incentives.forms.design.options import Options, kinds_of
from apps.incentives.forms.design.reading import read_tree
from apps.incentives.rules.design.names import place_name
from apps.incentives.rules.design.tree import Tree, document, is_held, read_place, tidied, value_at
from apps.incentives.rules.design.units import Units
from apps.incentives.rules.design.work import work
from apps.incentives.rules.plan.problems import Problem
from apps.incentives.rules.plan.upgrade import upgrade
from apps.incentives.selectors.design import Measured


@dataclass(frozen=True)
class PlanDraft:
    """What is in the designer: a tree, or a text that may be no plan at all."""

    measures: Sequence[Measured]
    tree: Tree
    text: str | None = None
    focus: str = ""

    @classmethod
    def of_document(cls, given: Mapping[str, Any], measures: Sequence[Measured]) -> Self:
        """Open a document: as blocks, or as text where blocks could not show all of it."""
        whole = upgrade(given)
        if is_held(whole):
            return cls(measures, tidied(whole))
        return cls(measures, {}, _written(whole))

    @classmethod
    def posted(cls, data: QueryDict, measures: Sequence[Measured]) -> Self:
        """Return what was posted, as it was typed."""
        if "as_text" in data:
            return cls(measures, {}, data["as_text"])
        return cls(measures, tidied(read_tree(data, Units(kinds_of(measures)))))

    @property
    def document(self) -> dict[str, Any] | None:
        """The document it stands for; None for a text that is no JSON object."""
        return document(self.tree) if self.text is None else _read(self.text)

    def after(self, asked: str, changed: str = "") -> Self:
        """Return the draft after an act of the page: a part added or moved, blocks shown as text or back."""
        if asked == "text" and self.text is None:
            return replace(self, tree={}, text=_written(document(self.tree)))
        if self.text is not None:
            given = _read(self.text) if asked == "blocks" else None
            return (
                replace(self, tree=tidied(given), text=None) if given is not None and is_held(given) else self
            )
        made = work(self.tree, asked, changed)
        return replace(self, tree=made, focus=_new_place(made, asked))

    def cannot_be_blocks(self) -> Problem | None:
        """Say why a text cannot be shown as blocks, if it cannot."""
        if self.text is None:
            return None
        given = _read(self.text)
        if given is None:
            return Problem("as_text", _("This is not JSON. Correct it near the marked place."))
        if not is_held(upgrade(given)):
            return Problem("as_text", _("The blocks cannot show all of this. Correct what is refused first."))
        return None

    def painted(self, problems: Sequence[Problem] = ()) -> Node:
        """Return what the page shows, each mistake at its place."""
        return self._painter().paint({one.place: one for one in reversed(problems)})

    def told(self, problems: Sequence[Problem]) -> list[tuple[str, str, str]]:
        """Return of each mistake its place, what the page calls that, and the fix in figures as typed."""
        if self.text is None and problems:
            fixes = self._painter().fixes(problems)
        else:
            fixes = [str(one.fix) for one in problems]
        return [(one.place, self.named(one.place), fix) for one, fix in zip(problems, fixes, strict=True)]

    def _painter(self) -> Painter:
        units = Units(kinds_of(self.measures))
        return Painter(self.tree, Options(self.tree, self.measures), units)

    def named(self, place: str) -> str:
        """Return a place in the words of the page."""
        return place_name(self.tree if self.text is None else self.document or {}, place)


def _new_place(tree: Tree, asked: str) -> str:
    act, _colon, rest = asked.partition(":")
    text = rest.partition(":")[0]
    place = read_place(text)
    if act != "add" or place is None:
        return text.rpartition("[")[0] if act == "remove" else text
    here = value_at(tree, place)
    return f"{text}[{len(here) - 1}]" if isinstance(here, list) and here else text


def _written(given: Mapping[str, Any]) -> str:
    return json.dumps(given, indent=2, ensure_ascii=False)


def _read(text: str) -> dict[str, Any] | None:
    try:
        read = json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return _plain(read) if isinstance(read, dict) else None


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value
