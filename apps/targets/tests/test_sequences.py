"""Any sequence of acts on a stored plan, through the services: the sums hold and undo is exact."""

from decimal import Decimal as D

from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from apps.calendars import selectors as calendars
from apps.core.errors import DomainError
from apps.core.money import split_units
from apps.customers.tests.factories import AccountFactory
from apps.targets import services
from apps.targets.enums import Balance, Below, Method
from apps.targets.models import QuotaRelief, ShareRequest, Target, TargetPlan, TargetSlice
from apps.targets.rules.levels import Level
from apps.targets.rules.proof import breaches, deviations
from apps.targets.selectors.trees import STATE, load
from apps.targets.tests.factories import AT, TODAY

columns = st.sampled_from(["year", "q1", "q3", "m0", "m5", "m11"])
figures = st.integers(0, 900_000).map(lambda units: D(units).scaleb(-2))
balances = st.sampled_from(list(Balance))
picks = st.integers(0, 99)
methods = st.sampled_from([one for one in Method if one != Method.SAME_VALUE])
tiers = st.none() | st.tuples(*[st.integers(0, 50).map(lambda percent: D(percent).scaleb(-2))] * 2)
TIERS = ("stretch_amount", "challenge_amount")
SECTORS = ["banking", "retail", "software"]


class Planning(RuleBasedStateMachine):
    """The draft of the company, changed as its pages change it; an example leaves nothing behind."""

    company = None
    plan_id = 0

    def __init__(self):
        super().__init__()
        self.savepoint = transaction.savepoint()
        self.plan = TargetPlan.objects.get(pk=self.plan_id)
        self.done, self.undone = [], []
        self.was_approved = False

    def teardown(self):
        transaction.savepoint_rollback(self.savepoint)

    def pick(self, number, **only):
        rows = list(Target.objects.filter(plan=self.plan, **only).order_by("place", "pk"))
        return rows[number % len(rows)] if rows else None

    def state(self):
        """Return everything an undo has to bring back."""
        rows = Target.objects.filter(plan=self.plan).order_by("pk").values("pk", "parent_id", *TIERS, *STATE)
        slices = TargetSlice.objects.filter(target__plan=self.plan).order_by("target", "dimension", "member")
        asked = ShareRequest.objects.waiting().filter(target__plan=self.plan).order_by("pk")
        return (
            list(rows),
            list(slices.values_list("target", "dimension", "member", "amount")),
            list(asked.values_list("target", flat=True)),
        )

    def attempt(self, act, **data):
        """Do something; what is refused leaves no trace."""
        before = self.state()
        try:
            with transaction.atomic():
                act(by_id=self.company.planner.pk, at=AT, **data)
                connection.check_constraints()
        except DomainError:
            assert self.state() == before
            return
        self.done.append(before)
        self.undone.clear()

    @rule(cells=st.lists(st.tuples(picks, columns, figures), min_size=1, max_size=4), balance=balances)
    def type_or_paste(self, cells, balance):
        edits = {(self.pick(one).pk, column): value for one, column, value in cells}
        block = [services.CellEdit(pk, column, value) for (pk, column), value in edits.items()]
        self.attempt(services.edit_cells, plan_id=self.plan.pk, cells=block, balance=balance)

    @rule(number=picks, column=columns)
    def lock_or_release(self, number, column):
        target = self.pick(number)
        if number % 2:
            self.attempt(services.lock_node, target_id=target.pk)
        else:
            self.attempt(services.release_node, target_id=target.pk, column=column)

    @rule(number=picks, low=figures, room=figures)
    def limit(self, number, low, room):
        self.attempt(services.set_limits, target_id=self.pick(number).pk, low=low / 20, high=low / 20 + room)

    @rule(number=picks, amount=figures, below=st.sampled_from(list(Below)), balance=balances)
    def change_total(self, number, amount, below, balance):
        self.attempt(
            services.change_total, target_id=self.pick(number, unit__isnull=False).pk, amount=amount,
            below=below, balance=balance, reason="Because", on=TODAY,
        )  # fmt: skip

    @rule(method=methods, over=st.integers(0, 900), amount=st.none() | figures, tiers=tiers)
    def cascade(self, method, over, amount, tiers):
        weights = {"history": D("0.5"), "equal": D("0.5")} if method == Method.WEIGHTED else {}
        level = Level(method, D(over).scaleb(-4), growth=D("0.1"), weights=weights)
        self.attempt(
            services.cascade, plan_id=self.plan.pk, levels={0: level, 1: level}, amount=amount, on=TODAY,
            tiers=tiers and services.Tiers(*tiers),
        )  # fmt: skip

    @rule(number=picks, parts=st.lists(st.integers(1, 9), min_size=2, max_size=3))
    def slice(self, number, parts):
        target = self.pick(number)
        members = SECTORS[: len(parts)]
        amounts = split_units(target.amount, parts, places=2, keys=members)
        self.attempt(
            services.set_slices, target_id=target.pk, dimension="segment", below=bool(number % 2),
            amounts=dict(zip(members, amounts, strict=True)),
        )  # fmt: skip

    @rule(number=picks)
    def take_a_seat_out(self, number):
        seat = self.pick(number, position__isnull=False)
        if seat is not None:
            self.attempt(services.remove_seat, target_id=seat.pk, reason="Closed")

    @rule(share=st.integers(1, 100))
    def relieve(self, share):
        before = self.state()
        with transaction.atomic():
            [made] = services.grant_relief(
                measure="revenue", person_id=self.company.ann.pk, by=self.company.chief, at=AT,
                months=[calendars.period("2026-M05", "month")], share=D(share).scaleb(-2), reason="Leave",
            )  # fmt: skip
            if share % 2:
                services.revoke_relief(relief_id=made.pk, by=self.company.chief, at=AT)
        assert self.state() == before  # a relief never touches what is planned
        assert QuotaRelief.objects.filter(pk=made.pk).exists()

    @precondition(lambda self: self.done)
    @rule()
    def undo(self):
        now = self.state()
        with transaction.atomic():
            services.undo(plan_id=self.plan.pk, by_id=self.company.planner.pk, at=AT)
            connection.check_constraints()
        assert self.state() == self.done.pop()
        self.undone.append(now)

    @precondition(lambda self: self.undone)
    @rule()
    def redo(self):
        self.done.append(self.state())
        with transaction.atomic():
            services.redo(plan_id=self.plan.pk, by_id=self.company.planner.pk, at=AT)
            connection.check_constraints()
        assert self.state() == self.undone.pop()

    @precondition(lambda self: not self.was_approved)
    @rule()
    def put_into_force_and_follow(self):
        planner, chief = self.company.planner.pk, self.company.chief.pk
        try:
            with transaction.atomic():
                services.submit_plan(plan_id=self.plan.pk, by_id=planner, at=AT, on=TODAY)
                failing = Target.objects.filter(plan=self.plan, smart_grade="failed")
                if failing:
                    ids = [row.pk for row in failing]
                    services.waive(target_ids=ids, by_id=chief, at=AT, reason="Seen")
                services.approve_plan(plan_id=self.plan.pk, by_id=chief, at=AT, on=TODAY)
                self.plan = services.new_version(plan_id=self.plan.pk, by_id=planner, at=AT, reason="Next")
                connection.check_constraints()
        except services.QuestionOpen:
            return
        self.was_approved = True
        self.done.clear()
        self.undone.clear()

    @invariant()
    def years_months_and_slices_add_up(self):
        tree = load(self.plan)
        assert breaches(tree.top, tree.grid) == []
        assert deviations(tree.top, tree.grid) == []
        for target in Target.objects.filter(plan=self.plan).prefetch_related("slices"):
            assert sum(target.months) == target.amount
            assert target.amount <= target.stretch_amount <= target.challenge_amount
            parts = [one.amount for one in target.slices.all()]
            assert not parts or sum(parts) == target.amount

    @invariant()
    def vacancies_carry_and_one_version_is_in_force(self):
        versions = TargetPlan.objects.filter(measure="revenue", period=self.plan.period_id)
        assert versions.in_force().count() == int(self.was_approved)
        assert Target.objects.filter(plan=self.plan, parent=None).count() == 1


def test_any_sequence_of_acts_keeps_the_invariants(company, draft):
    for sector in SECTORS:
        AccountFactory(sector=sector)
    Planning.company, Planning.plan_id = company, draft.pk
    run_state_machine_as_test(
        Planning,
        settings=settings(
            max_examples=10, stateful_step_count=10, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
