"""After any sequence of accepted changes the sums hold, and every figure follows from what set it."""

import copy
from decimal import Decimal as D
from fractions import Fraction as F

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from apps.core.errors import DomainError
from apps.targets.enums import Balance, Method
from apps.targets.rules.allocation import Claim, Recipe
from apps.targets.rules.editing import (
    Cell,
    add_node,
    change_cells,
    lock,
    positions_of,
    release,
    remove_node,
    split_again,
    value_of,
)
from apps.targets.rules.proof import breaches, deviations
from apps.targets.rules.slices import follow_mix
from apps.targets.rules.tree import Grid, Node, cascade

MONEY = Grid(places=2)
SEASON = [8, 5, 10, 9, 9, 11, 8, 8, 10, 9, 9, 14]
RECIPES = {
    method: Recipe(
        method,
        growth=F(1, 10) if method == Method.SAME_GROWTH else None,
        weights={"history": F(1, 2), "capacity": F(3, 10), "potential": F(1, 5)}
        if method == Method.WEIGHTED
        else {},
    )
    for method in Method
    if method != Method.SAME_VALUE
}
columns = st.sampled_from(["year", "q0", "q3", "m0", "m1", "m6", "m11"])
figures = st.integers(0, 300_000).map(lambda units: D(units).scaleb(-2))
balances = st.sampled_from(list(Balance))
picks = st.integers(0, 10**6)


def seat(key):
    history, capacity = D(key % 7 * 10), D(key % 3 + 1) / 2
    bottom_up = D(key % 5 * 40) if key % 2 else None
    claim = Claim(key, history=history, capacity=capacity, potential=D(key % 4), bottom_up=bottom_up)
    return Node(key, claim=claim, season=SEASON)


def company():
    """A company of two regions; one with two teams of three seats, one with a team and a seat of its own."""
    top = Node(1, D("1000.00"), season=SEASON)
    west, east = seat(2), seat(3)
    top.add(west).add(east)
    for parent, key, seats in ((west, 4, 3), (west, 5, 3), (east, 6, 2)):
        team = seat(key)
        parent.add(team)
        for index in range(seats):
            team.add(seat(key * 10 + index))
    east.add(seat(7))
    cascade(top, MONEY)
    return top


class Planning(RuleBasedStateMachine):
    """A plan changed in every way; refused changes leave no trace, as the service rolls back."""

    @initialize()
    def start(self):
        self.top = company()
        self.done = []
        self.undone = []
        self.next_key = 1000
        self.mix = {"a": D(3), "b": D(5), "c": D(1)}

    def nodes(self):
        return list(self.top.walk())

    def pick(self, number, kind="all"):
        found = [one for one in self.nodes() if kind == "all" or bool(one.children) == (kind == "inner")]
        return found[number % len(found)]

    def attempt(self, change):
        """Apply a change to a copy, keep it when it is accepted."""
        trial = copy.deepcopy(self.top)
        try:
            change({one.key: one for one in trial.walk()})
        except DomainError:
            return False
        self.done.append(self.top)
        self.undone.clear()
        self.top = trial
        return True

    @rule(number=picks, column=columns, value=figures, balance=balances)
    def type_cell(self, number, column, value, balance):
        node = self.pick(number)
        cell = Cell(node.key, positions_of(column), value)
        accepted = self.attempt(lambda nodes: change_cells(nodes, [cell], balance, MONEY))
        if accepted and (not cell.positions or not any(one.over for one in self.nodes())):
            now = next(one for one in self.nodes() if one.key == node.key)
            assert value_of(now, cell.positions) == value

    @rule(cells=st.lists(st.tuples(picks, columns, figures), min_size=2, max_size=6), balance=balances)
    def paste(self, cells, balance):
        block = [Cell(self.pick(one).key, positions_of(column), value) for one, column, value in cells]
        block = list({(cell.key, cell.positions): cell for cell in block}.values())
        self.attempt(lambda nodes: change_cells(nodes, block, balance, MONEY))

    @rule(number=picks)
    def lock_node(self, number):
        key = self.pick(number).key
        self.attempt(lambda nodes: lock(nodes[key]))

    @rule(number=picks, column=columns)
    def release_node(self, number, column):
        key = self.pick(number).key
        months = positions_of(column) or None
        self.attempt(lambda nodes: release(nodes[key], MONEY, months_only=months))

    @rule(number=picks, low=figures, room=st.none() | figures)
    def set_limits(self, number, low, room):
        key = self.pick(number).key

        def change(nodes):
            node = nodes[key]
            known = node.claim or Claim(key)
            node.claim = Claim(
                key, known.history, known.capacity, known.potential, known.bottom_up, low / 10,
                None if room is None else low / 10 + room,
            )  # fmt: skip
            if node.parent is not None:
                split_again(node.parent, MONEY)

        self.attempt(change)

    @rule(number=picks, method=st.sampled_from(list(RECIPES)))
    def use_method(self, number, method):
        key = self.pick(number, "inner").key

        def change(nodes):
            nodes[key].recipe = RECIPES[method]
            split_again(nodes[key], MONEY)

        self.attempt(change)

    @rule(method=st.sampled_from(list(RECIPES)), over=st.integers(0, 3000), amount=st.none() | figures)
    def cascade_all(self, method, over, amount):
        def change(nodes):
            top = nodes[1]
            for node in nodes.values():
                if node.children:
                    node.recipe, node.over = RECIPES[method], D(over).scaleb(-4)
            top.amount = top.amount if amount is None else amount
            cascade(top, MONEY)

        self.attempt(change)

    @rule(number=picks)
    def add_seat(self, number):
        parent = self.pick(number, "inner").key
        self.next_key += 1
        self.attempt(lambda nodes: add_node(nodes[parent], seat(self.next_key), MONEY))

    @rule(number=picks)
    def remove_seat(self, number):
        key = self.pick(number, "leaf").key
        self.attempt(lambda nodes: remove_node(nodes[key], MONEY))

    @precondition(lambda self: self.done)
    @rule()
    def undo(self):
        self.undone.append(self.top)
        self.top = self.done.pop()

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self):
        self.done.append(self.top)
        self.top = self.undone.pop()

    @invariant()
    def everything_adds_up(self):
        if hasattr(self, "top"):
            assert breaches(self.top, MONEY) == []

    @invariant()
    def every_figure_follows_from_what_set_it(self):
        if hasattr(self, "top"):
            assert deviations(self.top, MONEY) == []

    @invariant()
    def quarters_and_slices_sum_to_their_total(self):
        if not hasattr(self, "top"):
            return
        for node in self.nodes():
            quarters = [value_of(node, positions_of(f"q{quarter}")) for quarter in range(4)]
            assert sum(quarters) == node.amount
            assert min(node.months) >= 0
            assert sum(follow_mix(node.amount, self.mix, places=2).values()) == node.amount


Planning.TestCase.settings = settings(deadline=None, max_examples=40, stateful_step_count=25)
TestPlanning = Planning.TestCase
