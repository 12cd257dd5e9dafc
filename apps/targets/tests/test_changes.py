"""Every change of a draft is recorded, can be undone exactly, and the sums hold after any sequence."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.db import IntegrityError, connection, transaction

from apps.core.errors import StaleVersion
from apps.core.tests.together import decided_at_once
from apps.customers.tests.factories import AccountFactory
from apps.org.tests.factories import AssignmentFactory, PersonFactory, PositionFactory
from apps.targets import services
from apps.targets.enums import Balance, Method, RampUse, Season
from apps.targets.models import PlanChange, Target, TargetPlan, TargetSlice
from apps.targets.rules.allocation import DoesNotFit
from apps.targets.rules.editing import CellsClash
from apps.targets.rules.levels import Level
from apps.targets.rules.proof import breaches, deviations
from apps.targets.rules.ramp import WrongRamp
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors.history import history
from apps.targets.selectors.lineage import lineage, months_of
from apps.targets.selectors.trees import load
from apps.targets.services import CellEdit, Inputs, Ramp, Tiers
from apps.targets.tests.factories import AT, TODAY, make_plan, seat_of, unit_of


def act(company, service, **options):
    with transaction.atomic():
        return service(by_id=company.planner.pk, at=AT, **options)


def type_cells(company, plan, cells, balance=Balance.SIBLINGS, **options):
    edits = [CellEdit(target.pk, column, D(value)) for target, column, value in cells]
    return act(company, services.edit_cells, plan_id=plan.pk, cells=edits, balance=balance, **options)


def picture(plan):
    """Return everything a plan says, to compare it before and after."""
    plan = TargetPlan.objects.get(pk=plan.pk)
    targets = Target.objects.filter(plan=plan).order_by("pk").values()
    slices = TargetSlice.objects.filter(target__plan=plan).order_by("target", "dimension", "member")
    return (
        list(targets),
        list(plan.levels.order_by("depth").values("depth", "method", "over_assignment", "weights")),
        list(plan.months.order_by("position").values_list("weight", flat=True)),
        (plan.season, plan.growth, plan.ramp, plan.ramp_use),
        list(slices.values_list("target", "dimension", "member", "weight", "amount")),
    )


def change_everything(company, plan):
    """Yield after one change of each kind."""
    ann, bob, dee = (seat_of(plan, one) for one in (company.ann, company.bob, company.dee))
    east, top = unit_of(plan, company.east), unit_of(plan, company.top)
    seat = PositionFactory(unit=company.west, title="New seat")
    levels = {0: Level(Method.EQUAL, D("0.05")), 1: Level(Method.CAPACITY, D("0.10"))}
    yield type_cells(company, plan, [(ann, "year", "2000")], reason="Key accounts")
    yield type_cells(company, plan, [(bob, "m0", "300"), (bob, "q2", "600")])
    yield type_cells(company, plan, [(east, "m5", "400")], Balance.UP)
    yield act(company, services.lock_node, target_id=dee.pk)
    yield act(company, services.release_node, target_id=ann.pk)
    yield act(company, services.set_inputs, target_id=dee.pk, inputs=Inputs(D(0), D(900), D("1.5"), D(7)))
    yield act(company, services.use_method, target_id=top.pk, level=Level(Method.EQUAL))
    yield act(
        company, services.set_slices, target_id=east.pk, dimension="segment", below=True,
        amounts={"retail": Target.objects.get(pk=east.pk).amount - 1, "bank": D(1)},
    )  # fmt: skip
    yield act(company, services.add_seat, plan_id=plan.pk, position_id=seat.pk, on=TODAY)
    yield act(company, services.cascade, plan_id=plan.pk, levels=levels, amount=D("9999.99"), on=TODAY)
    yield act(
        company, services.cascade, plan_id=plan.pk, season=Season.CUSTOM, on=TODAY,
        custom_season=[D(one) for one in range(1, 13)],
    )  # fmt: skip
    yield act(
        company, services.cascade, plan_id=plan.pk, on=TODAY,
        ramp=Ramp((D(0), D("0.5")), RampUse.CAPACITY),
    )  # fmt: skip
    yield act(company, services.remove_seat, target_id=ann.pk, reason="Seat closed")


@pytest.fixture
def segments(company):
    """Two segments to slice by."""
    for sector in ("retail", "bank"):
        AccountFactory(sector=sector)


def test_every_kind_of_change_is_undone_and_made_again_exactly(draft, company, segments):
    pictures = [picture(draft)]
    for _changed in change_everything(company, draft):
        pictures.append(picture(draft))
        tree = load(draft)
        assert breaches(tree.top, tree.grid) == []
        connection.check_constraints()

    for expected in pictures[-2::-1]:
        act(company, services.undo, plan_id=draft.pk)
        assert picture(draft) == expected
    for expected in pictures[1:]:
        act(company, services.redo, plan_id=draft.pk)
        assert picture(draft) == expected
    connection.check_constraints()


def test_every_figure_recomputes_after_every_change(draft, company, segments):
    for _changed in change_everything(company, draft):
        tree = load(draft)
        assert deviations(tree.top, tree.grid) == []
    for target in Target.objects.filter(plan=draft).select_related("plan"):
        assert all(step.agrees for step in lineage(target))
        assert all(month.agrees for month in months_of(target))


def test_the_history_says_who_changed_what(draft, company):
    ann = seat_of(draft, company.ann)
    type_cells(company, draft, [(ann, "year", "2000")], reason="Key accounts")
    act(company, services.undo, plan_id=draft.pk)

    [told] = history(draft, company.planner)

    assert (told.text, told.is_undone) == ("Ann, year: 1,440 → 2,000", True)
    assert (told.change.made_by, told.change.undone_by) == (company.planner, company.planner)
    assert told.change.reason == "Key accounts"


def test_a_new_change_ends_what_could_be_made_again(draft, company):
    ann = seat_of(draft, company.ann)
    type_cells(company, draft, [(ann, "year", "2000")])
    act(company, services.undo, plan_id=draft.pk)
    type_cells(company, draft, [(ann, "year", "1500")])

    with pytest.raises(services.NothingToUndo):
        act(company, services.redo, plan_id=draft.pk)
    act(company, services.undo, plan_id=draft.pk)
    with pytest.raises(services.NothingToUndo):
        act(company, services.undo, plan_id=draft.pk)

    assert seat_of(draft, company.ann).amount == D("1440")


def test_somebody_who_may_not_plan_all_undoes_only_their_own(draft, company):
    type_cells(company, draft, [(seat_of(draft, company.ann), "year", "2000")])

    with pytest.raises(services.NothingToUndo), transaction.atomic():
        services.undo(plan_id=draft.pk, by_id=company.chief.pk, at=AT, only_own=True)

    assert seat_of(draft, company.ann).amount == D("2000")


def test_a_submitted_plan_is_not_undone(draft, company):
    type_cells(company, draft, [(seat_of(draft, company.ann), "year", "2000")])
    act(company, services.submit_plan, plan_id=draft.pk, on=TODAY)

    with pytest.raises(services.PlanNotOpen):
        act(company, services.undo, plan_id=draft.pk)


def test_a_late_change_is_refused_with_what_the_others_did(draft, company):
    type_cells(company, draft, [(seat_of(draft, company.ann), "year", "2000")], revision=1)

    with pytest.raises(StaleVersion, match="Ann, year: 1,440 → 2,000"):
        type_cells(company, draft, [(seat_of(draft, company.bob), "year", "1")], revision=1)


@pytest.mark.django_db(transaction=True)
def test_of_two_edits_at_once_one_wins(draft, company):
    ann = seat_of(draft, company.ann)

    def edit():
        type_cells(company, draft, [(ann, "year", "2000")], revision=1)

    assert decided_at_once(edit, edit) == ["done", "stale_version"]
    assert PlanChange.objects.filter(plan=draft).count() == 1


@pytest.mark.parametrize(
    ("cells", "refusal"),
    [
        pytest.param(
            [("ann", "year", "2000"), ("bob", "year", "5000")], DoesNotFit, id="more than the team has"
        ),
        pytest.param([("ann", "q0", "100"), ("ann", "m0", "200")], CellsClash, id="month above its quarter"),
        pytest.param([("ann", "year", "100"), ("ann", "m0", "200")], WrongTarget, id="month above its year"),
        pytest.param([("ann", "m12", "1")], WrongTarget, id="no such month"),
        pytest.param([("ann", "year", "1.234")], WrongTarget, id="too many decimals"),
    ],
)
def test_a_block_is_taken_whole_or_not_at_all(draft, company, cells, refusal):
    before = picture(draft)
    block = [(seat_of(draft, getattr(company, name)), column, value) for name, column, value in cells]

    with pytest.raises(refusal):
        type_cells(company, draft, [*block, (seat_of(draft, company.cho), "m1", "1")])

    assert picture(draft) == before


def test_a_whole_sheet_pasted_back_with_its_totals_is_taken(draft, company):
    ann, bob, east, top = (
        seat_of(draft, company.ann), seat_of(draft, company.bob),
        unit_of(draft, company.east), unit_of(draft, company.top),
    )  # fmt: skip
    block = [(ann, "m0", "220"), (ann, "q0", "460"), (ann, "year", "1540")]
    block += [(bob, "m0", "340"), (bob, "q0", "820"), (bob, "year", "2980")]
    block += [(east, "m0", "560"), (east, "year", "4520"), (top, "m0", "920"), (top, "year", "8840")]

    type_cells(company, draft, block, Balance.UP)

    assert unit_of(draft, company.top).months[0] == D("920")
    assert unit_of(draft, company.west).amount == D("4320")
    assert seat_of(draft, company.ann).months[0] == D("220")


def test_a_seat_that_joins_is_split_in_and_one_that_leaves_hands_over(draft, company):
    act(company, services.cascade, plan_id=draft.pk, levels={0: Level(Method.EQUAL)}, on=TODAY)
    seat = PositionFactory(unit=company.west, title="New seat")
    AssignmentFactory(position=seat, person=PersonFactory(name="Fay"), fte_percent=50)

    made = act(company, services.add_seat, plan_id=draft.pk, position_id=seat.pk, on=TODAY)
    assert (made.amount, made.fte, made.owner.name) == (D("1440"), D("0.5"), "Fay")
    with pytest.raises(services.NotInPlan):
        act(company, services.add_seat, plan_id=draft.pk, position_id=seat.pk, on=TODAY)

    act(company, services.remove_seat, target_id=made.pk, reason="Not hired after all")
    assert seat_of(draft, company.cho).amount == D("2160")


def test_the_top_a_unit_and_the_last_seat_stay(draft, company):
    with pytest.raises(WrongTarget):
        act(company, services.remove_seat, target_id=unit_of(draft, company.east).pk, reason="x")
    with pytest.raises(services.ReasonMissing):
        act(company, services.remove_seat, target_id=seat_of(draft, company.ann).pk, reason=" ")
    act(company, services.remove_seat, target_id=seat_of(draft, company.cho).pk, reason="Closed")
    with pytest.raises(DoesNotFit):
        act(company, services.remove_seat, target_id=seat_of(draft, company.dee).pk, reason="Closed")

    assert seat_of(draft, company.dee).amount == D("4320")


def test_newcomers_count_with_less_capacity_when_the_colleagues_carry_the_rest(company):
    company.dee.hired_on = dt.date(2026, 5, 1)
    company.dee.save(update_fields=["hired_on"])
    plan = make_plan(company, levels={0: Level(Method.EQUAL), 1: Level(Method.CAPACITY)})
    steps = (D(0), D("0.5"))

    act(company, services.cascade, plan_id=plan.pk, ramp=Ramp(steps, RampUse.CAPACITY), on=TODAY)

    # January to May 0 (May is the month of hiring), June a half, then six whole months
    assert seat_of(plan, company.dee).capacity == D("0.5417")
    assert seat_of(plan, company.dee).amount == D("1517.90")  # 4320 × 0.5417 ÷ 1.5417
    with pytest.raises(WrongRamp):
        act(company, services.cascade, plan_id=plan.pk, ramp=Ramp((D(1), D(0))), on=TODAY)


def test_the_number_of_statements_of_an_edit_does_not_grow_with_the_plan(
    company, draft, django_assert_max_num_queries
):
    ann = seat_of(draft, company.ann)
    with django_assert_max_num_queries(20):
        type_cells(company, draft, [(ann, "year", "2000")])


def test_slices_that_do_not_sum_are_refused_by_the_database(draft, company, segments):
    east = unit_of(draft, company.east)
    act(
        company, services.set_slices, target_id=east.pk, dimension="segment",
        amounts={"retail": D("4000"), "bank": D("320")},
    )  # fmt: skip

    def break_it():
        with transaction.atomic():
            TargetSlice.objects.filter(target=east, member="bank").update(amount=321)
            connection.check_constraints()

    with pytest.raises(IntegrityError) as refusal:
        break_it()

    assert refusal.value.__cause__.diag.constraint_name == "targets_target_slices_sum"


def test_the_upper_tiers_are_set_for_the_whole_plan_and_undone(draft, company):
    def tiers():
        seat = seat_of(draft, company.ann)
        return seat.stretch_amount, seat.challenge_amount

    assert tiers() == (D("1584"), D("1728"))

    act(company, services.cascade, plan_id=draft.pk, tiers=Tiers(D("0.05"), D("0.125")), on=TODAY)
    assert tiers() == (D("1512"), D("1620"))

    act(company, services.undo, plan_id=draft.pk)
    assert tiers() == (D("1584"), D("1728"))
    with pytest.raises(WrongTarget):
        act(company, services.cascade, plan_id=draft.pk, tiers=Tiers(D("0.2"), D("0.1")), on=TODAY)
