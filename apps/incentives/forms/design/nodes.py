"""What the page shows of a tree: inputs with label, help, unit and mistake; parts, rows, additions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.forms.design.options import Options
from apps.incentives.rules.design.choices import kind_help, kind_label
from apps.incentives.rules.design.spec import Choice, Field, Group, Many, OneOf, Scalar, Spec, document_spec
from apps.incentives.rules.design.tree import (
    PAID_BY,
    Spot,
    Tree,
    fixed_at,
    kinds_at,
    matters,
    word_is_always,
    write_place,
)
from apps.incentives.rules.design.units import NUMBERS, PERCENT, Units, typed
from apps.incentives.rules.design.words import Text, word_of
from apps.incentives.rules.plan.problems import Problem
from apps.incentives.rules.plan.tables import Tier
from apps.ui import formatting

ORDER = (
    "kind", "name", "measure", "component", "weight", "annual", "credits", "basis", "rolling_periods",
    "levels", "axis", "row_axis", "column_axis", "from", "to", "before", "at", "when", "measures",
    "objectives", "schedule", "fund", "share_by", "contribution", "award", "budget", "pays", "unit",
    "tiers", "points", "read", "edge", "table", "curve", "below", "above", "ungraded", "where", "counts",
    "gate", "modifiers", "deal_cap", "floor", "cap", "instalments", "zero_quota", "code",
)  # fmt: skip
_RANK = {key: rank for rank, key in enumerate(ORDER)}


@dataclass(frozen=True)
class Add:
    """Something that may be added: what the button does, what it is called, what it is."""

    act: str
    label: Text
    help: Text = ""
    icon: str = "plus"


@dataclass
class Node:
    """One thing the page shows. ``kind`` says which; ``inputs`` are small ones, ``parts`` have their own."""

    kind: str
    place: str
    label: Text = ""
    help: Text = ""
    name: str = ""
    value: Any = ""
    unit: str = ""
    is_percent: bool = False
    options: Sequence[tuple[str, Text]] = ()
    switches: bool = False
    required: bool = False
    problems: list[str] = field(default_factory=list)
    inputs: list["Node"] = field(default_factory=list)
    parts: list["Node"] = field(default_factory=list)
    adds: list[Add] = field(default_factory=list)
    remove: str = ""
    moves: list[tuple[str, str, Text]] = field(default_factory=list)
    title: Text = ""
    matrix: Any = None
    way: str = ""
    way_name: str = ""

    def every(self) -> Iterator["Node"]:
        """Yield this node and everything below it."""
        yield self
        for one in [*self.inputs, *self.parts]:
            yield from one.every()


def _fix(problem: Problem, node: Node) -> str:
    """Say how to put a figure right as it is typed here: documents keep 0.05 for what is typed as 5 %."""
    if problem.bounds is None or node.kind not in {"number", "paid"}:
        return str(problem.fix)
    unit = PERCENT if node.is_percent else NUMBERS
    low, high = (typed(bound, unit) for bound in problem.bounds)
    if node.is_percent:
        fix = _("Write a percentage from %(low)s to %(high)s, for example 5.")
    else:
        fix = _("Write a number from %(low)s to %(high)s, for example 1,000.50.")
    return fix % {"low": formatting.number(low), "high": formatting.number(high)}


def _by_place(whole: Node) -> dict[str, Node]:
    nodes: dict[str, Node] = {}
    for one in whole.every():
        nodes.setdefault(one.place, one)
    return nodes


@dataclass(frozen=True)
class Painter:
    """Makes nodes of a tree, for a catalogue of measures and a currency."""

    tree: Tree
    options: Options
    units: Units

    def paint(self, problems: Mapping[str, Problem]) -> Node:
        """Return the whole plan; each mistake is shown at its place, or at the nearest one around it."""
        whole = self._group(self.tree, document_spec(), Spot())
        nodes = _by_place(whole)
        for place, problem in problems.items():
            node = nodes[_nearest(place, nodes)]
            node.problems.append(_fix(problem, node))
        return whole

    def fixes(self, problems: Sequence[Problem]) -> list[str]:
        """Say how each mistake is put right, with figures as they are typed at its place."""
        nodes = _by_place(self._group(self.tree, document_spec(), Spot()))
        return [_fix(problem, nodes[_nearest(problem.place, nodes)]) for problem in problems]

    def _group(self, value: Mapping[str, Any], group: Group, spot: Spot) -> Node:
        node = Node("part", write_place(spot.place))
        for one in sorted(group.fields, key=lambda one: _RANK.get(one.key, 20)):
            if one.key in value:
                self._show(node, one, value, spot.into(value, one.key))
            elif matters(one, value, spot) is not False:
                below = spot.into(value, one.key)
                word = word_of(one.model, one.key)
                node.adds.append(Add(f"add:{write_place(below.place)}", word.label, word.help))
        return node

    def _show(self, node: Node, one: Field, here: Mapping[str, Any], spot: Spot) -> None:
        """Put a field where it belongs: an input beside others, or a part below them."""
        around = Spot(spot.place[:-1], spot.above[:-1])
        if one.key == "schema" or fixed_at(one, around) is not None:
            return
        if one.key == "kind" and isinstance(one.spec, Choice) and len(one.spec.values) == 1:
            return
        value = here[one.key]
        is_wanted = matters(one, here, around) is True or one.default is not None or word_is_always(one)
        remove = "" if is_wanted else f"remove:{write_place(spot.place)}"
        if isinstance(one.spec, Choice | Scalar) or _is_plain_list(one.spec, one.key):
            made = self._input(one, value, spot)
            made.remove = remove
            node.inputs.append(made)
            return
        made, word = self._part(one, value, spot), word_of(one.model, one.key)
        made.label, made.help, made.remove = word.label, word.help, remove
        if isinstance(one.spec, OneOf) and not made.parts and not made.adds and len(spot.place) > 1:
            chooser = made.inputs[0]
            chooser.label, chooser.help, chooser.remove = word.label, word.help or chooser.help, remove
            node.inputs += made.inputs
        else:
            node.parts.append(made)

    def _input(self, one: Field, value: Any, spot: Spot) -> Node:
        word, place = word_of(one.model, one.key) if one.key != "kind" else None, write_place(spot.place)
        node = Node("text", place, name=place, value=value, required=one.is_required)
        node.label, node.help = (word.label, word.help) if word else (_("Kind"), "")
        unit = self.units.of(one, spot)
        offered = self.options.of(one, spot, value)
        if isinstance(one.spec, Many):
            node.kind, node.name = ("ticks", f"{place}[]") if offered else ("words", f"{place}~words")
            node.options, node.value = offered or (), value if offered else ", ".join(value)
        elif offered is not None:
            node.kind, node.options = "select", offered
            node.switches = one.key in _SWITCHES
        elif isinstance(one.spec, Scalar) and one.spec.kind == "day":
            node.kind = "day"
        elif isinstance(one.spec, Scalar) and one.spec.kind in {"number", "whole"}:
            node.kind, node.value = "number", typed(str(value), unit)
            node.unit, node.is_percent = self._symbol(unit), unit == PERCENT
        if one.model is Tier and one.key in PAID_BY:
            node.kind, node.options, node.label = "paid", self.options.ways(spot), _("Pays")
            node.way, node.way_name = one.key, f"{write_place(spot.place[:-1])}~pays"
        return node

    def _symbol(self, unit: str) -> str:
        if unit == "money":
            return formatting.symbol(str(self.tree.get("currency") or "")).strip()
        return {"percent": "%", "weight": "%", "times": "×"}.get(unit, "")

    def _part(self, one: Field, value: Any, spot: Spot) -> Node:
        if isinstance(one.spec, Many):
            return self._list(one.spec, value, spot)
        return self._object(value, one.spec, spot)

    def _object(self, value: Mapping[str, Any], spec: Spec, spot: Spot) -> Node:
        group = spec.of(value.get("kind")) if isinstance(spec, OneOf) else spec
        assert isinstance(group, Group), spot  # noqa: S101  # the tree is tidied
        node = self._matrix(value, group, spot) if "cells" in value else self._group(value, group, spot)
        if not isinstance(spec, OneOf):
            return node
        place = f"{write_place(spot.place)}.kind"
        kinds = dict(kinds_at(spec, spot)) | {str(value["kind"]): group}
        options = [(kind, kind_label(one.model)) for kind, one in kinds.items()]
        chooser = Node(
            "select", place, _("Kind"), name=place, value=value["kind"], options=options, switches=True
        )
        chooser.help = kind_help(group.model)
        if spot.place[0] == "components" and len(spot.place) == 2:
            chooser.kind, node.title, node.help = "hidden", kind_label(group.model), kind_help(group.model)
        node.inputs.insert(0, chooser)
        return node

    def _list(self, spec: Many, rows: list[Any], spot: Spot) -> Node:
        node = Node("rows", write_place(spot.place))
        for index, row in enumerate(rows):
            below = Spot((*spot.place, index), spot.above)
            made = self._object(row, spec.item, below)
            made.kind, made.value, made.way = "row", index + 1, "flat" if spot.key in _ORDERED else ""
            made.moves = self._moves(made.place, index, len(rows), spot.key)
            if len(rows) > spec.least or spot.key == "components":
                made.remove = f"remove:{made.place}"
            node.parts.append(made)
        if len(rows) < spec.most:
            node.adds = self._adds(spec, spot)
        return node

    def _adds(self, spec: Many, spot: Spot) -> list[Add]:
        place = write_place(spot.place)
        if isinstance(spec.item, OneOf):
            return [
                Add(
                    f"add:{place}:{kind}",
                    kind_label(group.model),
                    kind_help(group.model),
                    self.options.icon(kind),
                )
                for kind, group in kinds_at(spec.item, spot)
            ]
        return [Add(f"add:{place}", self.options.row_name(spot.key))]

    def _moves(self, place: str, index: int, count: int, key: str) -> list[tuple[str, str, Text]]:
        if key in _ORDERED:
            return []
        found: list[tuple[str, str, Text]] = []
        if index:
            found.append((f"up:{place}", "arrow-up", _("Move up")))
        if index + 1 < count:
            found.append((f"down:{place}", "arrow-down", _("Move down")))
        return [*found, (f"copy:{place}", "copy", _("Copy"))] if key == "components" else found

    def _matrix(self, value: Mapping[str, Any], group: Group, spot: Spot) -> Node:
        """Return a table of two measures: its axes as parts, edges and cells as a grid of inputs."""
        rest = {key: one for key, one in value.items() if key not in {"rows", "columns", "cells"}}
        node = self._group(rest, group, spot)
        node.adds = []
        edges = {key: self._edges(group.field(key), value, spot) for key in ("rows", "columns")}
        cells = group.field("cells")
        unit = self.units.of(cells, spot.into(value, "cells"))
        lines = []
        for i, head in enumerate(edges["rows"]):
            line = value["cells"][i] if i < len(value["cells"]) else []
            lines.append((head, [self._cell(value, spot, unit, i, j, one) for j, one in enumerate(line)]))
        grid = Node("matrix", write_place((*spot.place, "cells")), word_of(cells.model, "cells").label)
        grid.matrix, grid.unit = {"columns": edges["columns"], "lines": lines}, self._symbol(unit)
        grid.inputs = [*edges["columns"], *(one for head, line in lines for one in (head, *line))]
        place = write_place(spot.place)
        grid.adds = [Add(f"add:{place}.rows", _("Row")), Add(f"add:{place}.columns", _("Column"))]
        node.parts.append(grid)
        return node

    def _edges(self, one: Field, value: Mapping[str, Any], spot: Spot) -> list[Node]:
        unit = self.units.of(one, spot.into(value, one.key))
        found = []
        for index, edge in enumerate(value[one.key]):
            place = write_place((*spot.place, one.key, index))
            node = Node("number", place, word_of(one.model, one.key).label, name=place)
            node.value, node.unit = typed(str(edge), unit), self._symbol(unit)
            if len(value[one.key]) > 1:
                node.remove = f"remove:{place}"
            found.append(node)
        return found

    def _cell(self, value: Mapping[str, Any], spot: Spot, unit: str, i: int, j: int, cell: Any) -> Node:
        place = write_place((*spot.place, "cells", i, j))
        return Node("number", place, _("Row %(row)s, column %(column)s") % {"row": i + 1, "column": j + 1},
                    name=place, value=typed(str(cell), unit), unit=self._symbol(unit))  # fmt: skip


_SWITCHES = {"kind", "basis", "share_by", "pays", "period", "measure"}
_ORDERED = {"tiers", "points", "schedule", "steps"}


def _is_plain_list(spec: Spec, key: str) -> bool:
    return isinstance(spec, Many) and isinstance(spec.item, Scalar) and key not in {"rows", "columns"}


def _nearest(place: str, nodes: Mapping[str, Node]) -> str:
    """Return the place of the node that shows a mistake: its own, or the nearest one around it."""
    while place and place not in nodes:
        cut = max(place.rfind("."), place.rfind("["))
        place = place[:cut] if cut > 0 else ""
    return place
