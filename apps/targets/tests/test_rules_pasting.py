import datetime as dt
from decimal import Decimal as D
from fractions import Fraction as F

import pytest

from apps.core.errors import DomainError
from apps.targets.enums import Balance
from apps.targets.rules.allocation import DoesNotFit
from apps.targets.rules.editing import Cell, change_cells, positions_of
from apps.targets.rules.effective import Relief, relieved
from apps.targets.rules.pasting import NotAFigure, block, figure, land
from apps.targets.rules.proof import breaches, deviations
from apps.targets.rules.ramp import WrongRamp, check_ramp, share_in, share_of_year
from apps.targets.rules.slices import follow_mix
from apps.targets.rules.tree import WrongTarget, cascade
from apps.targets.tests.test_rules_tree import MONEY, company, node


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1234.5", "1234.5"),
        ("1,234,567.89", "1234567.89"),
        ("12,3456", "123456"),
        ("１，２３４", "1234"),
        ("¥3,000", "3000"),
        ("$ 3 000", "3000"),
        ("RMB 12.5万", "125000"),
        ("12.5 万元", "125000"),
        ("1.2亿", "120000000"),
        ("350w", "3500000"),
        ("2.5k", "2500"),
        ("1.5M", "1500000"),
        ("\u00a01,000\u00a0", "1000"),
        ("1'000", "1000"),
        ("0", "0"),
    ],
)
def test_figures_are_read_as_people_write_them(text, value):
    assert figure(text, is_additive=True, places=2).on(D(7), 2) == D(value)


@pytest.mark.parametrize(
    ("text", "now", "after"), [("+5%", "200", "210"), ("-12.5%", "200", "175"), ("+0.3%", "0.35", "0.35")]
)
def test_a_signed_percentage_changes_what_is_there(text, now, after):
    assert figure(text, is_additive=True, places=2).on(D(now), 2) == D(after)


def test_a_percentage_of_a_rate_is_the_rate():
    assert figure("35%", is_additive=False, places=4).on(D(0), 4) == D("0.35")


@pytest.mark.parametrize(
    "text",
    ["", "abc", "-5", "(500)", "1.234,50", "12,34", "1,23,4", "35%", "1.234", "NaN", "1e99", "-101%", "=A1"],
)  # fmt: skip
def test_what_is_no_figure_is_refused_with_the_fix(text):
    with pytest.raises(NotAFigure) as refusal:
        figure(text, is_additive=True, places=2)
    assert str(refusal.value)


def test_a_block_is_read_as_excel_and_wps_copy_it():
    assert block('1\t2\r\n"3"\t"4\n5"\r\n\r\n') == [["1", "2"], ["3", "4\n5"]]


def test_a_block_is_laid_from_the_chosen_cell_and_what_falls_beside_is_named():
    landed, outside = land([["1", "", "3"], ["4", "5", "6"]], [7], ["m0", "m1"])

    assert [(one.target_id, one.grid_column, one.text) for one in landed] == [(7, "m0", "1")]
    assert [(one.row, one.column) for one in outside] == [(1, 3), (2, 1), (2, 2), (2, 3)]


def test_one_value_fills_everything_chosen():
    landed, outside = land([["5"]], [7, 8], ["m0", "m1"])

    assert len(landed) == 4
    assert outside == []


@pytest.mark.parametrize("column", ["", "x1", "m12", "m-1", "q4", "m1x", "q", "m999"])
def test_columns_that_do_not_exist_are_refused(column):
    with pytest.raises(WrongTarget):
        positions_of(column)


def test_a_quarter_of_a_total_keeps_the_proportions_of_its_months_and_seats():
    top = company()
    change_cells(
        {one.key: one for one in top.walk()}, [Cell(2, (0, 1, 2), D("60.00"))], Balance.SIBLINGS, MONEY
    )

    assert sum(node(top, 2).months[:3]) == D("60.00")
    assert node(top, 2).amount == D("300.00")
    assert breaches(top, MONEY) == []
    assert deviations(top, MONEY) == []


def test_with_the_totals_following_a_month_raises_every_year_above():
    top = company()
    now = node(top, 3).months[0]
    cell = Cell(3, (0,), now + 100)

    change_cells({one.key: one for one in top.walk()}, [cell], Balance.UP, MONEY)

    assert (node(top, 3).amount, top.amount, node(top, 2).amount) == (D("800.00"), D("1100.00"), D("300.00"))
    assert node(top, 3).months[0] == now + 100


def test_under_over_assignment_a_month_of_a_total_lands_within_its_rounding():
    top = company(over="0.0735")

    change_cells({one.key: one for one in top.walk()}, [Cell(1, (4,), D("123.45"))], Balance.SIBLINGS, MONEY)

    assert abs(top.months[4] - D("123.45")) <= D("0.12")
    assert breaches(top, MONEY) == []


def test_figures_that_contradict_each_other_name_the_cell():
    top = company()
    cells = [Cell(20, (), D(150)), Cell(21, (), D(200)), Cell(2, (), D(300))]

    with pytest.raises(DoesNotFit, match=r"350\.00.*300\.00"):
        change_cells({one.key: one for one in top.walk()}, cells, Balance.UP, MONEY)

    top = company()
    months = [Cell(20, (0,), D(50)), Cell(21, (0,), D(50)), Cell(2, (0,), D(90))]
    with pytest.raises(DomainError):
        change_cells({one.key: one for one in top.walk()}, months, Balance.SIBLINGS, MONEY)


MONTHS = [dt.date(2026, month, 1) for month in range(1, 13)]
EVEN = [1] * 12


@pytest.mark.parametrize(
    ("hired", "month", "share"),
    [((2026, 3, 20), 3, "0"), ((2026, 3, 20), 4, "0.25"), ((2026, 3, 20), 5, "0.5"), ((2026, 3, 20), 6, "1"),
     ((2025, 12, 1), 1, "0.25"), ((2020, 1, 1), 1, "1"), ((2027, 1, 1), 12, "0")],
)  # fmt: skip
def test_a_ramp_rises_with_the_months_since_hiring(hired, month, share):
    steps = [D("0"), D("0.25"), D("0.5")]
    assert share_in(MONTHS[month - 1], dt.date(*hired), steps) == F(D(share))


def test_a_ramp_of_a_year_weighs_its_months():
    steps = [D("0"), D("0.5")]
    assert share_of_year(MONTHS, EVEN, dt.date(2026, 5, 1), steps) == F(13, 24)
    assert share_of_year(MONTHS, EVEN, None, steps) == 1


@pytest.mark.parametrize("steps", [["0.5", "0.25"], ["-0.1"], ["1.1"], ["0"] * 37])
def test_a_ramp_that_falls_or_leaves_its_bounds_is_refused(steps):
    with pytest.raises(WrongRamp):
        check_ramp([D(step) for step in steps])


@pytest.mark.parametrize(
    ("reliefs", "covered", "left"),
    [
        ([], "1", "100"),
        ([Relief(share=D("0.5"))], "1", "50"),
        ([Relief(amount=D(30))], "1", "70"),
        ([Relief(amount=D(30))], "0.5", "85"),
        ([Relief(share=D("0.5")), Relief(amount=D(30))], "1", "20"),
        ([Relief(share=D("0.8")), Relief(share=D("0.8"))], "1", "0"),
        ([Relief(amount=D(300))], "1", "0"),
    ],
)
def test_relief_takes_shares_then_amounts_and_never_below_nothing(reliefs, covered, left):
    assert relieved(F(100), F(D(covered)), reliefs) == F(D(left))


def test_slices_keep_their_mix_to_the_minor_unit_and_do_not_drift():
    mix = {"a": D("33.33"), "b": D("33.33"), "c": D("33.34")}

    small = follow_mix(D("0.05"), mix, places=2)
    again = follow_mix(D("100.00"), mix, places=2)

    assert sum(small.values()) == D("0.05")
    assert again == mix
    assert follow_mix(D(9), {"a": D(0), "b": D(0)}, places=0) == {"a": D(5), "b": D(4)}


def test_cascading_after_typed_months_keeps_them():
    top = company()
    change_cells({one.key: one for one in top.walk()}, [Cell(2, (0,), D("60.00"))], Balance.SIBLINGS, MONEY)
    top.amount = D("1100.00")

    cascade(top, MONEY)

    assert node(top, 2).months[0] == D("60.00")
    assert breaches(top, MONEY) == []
