"""What a well-formed plan may still get wrong: components, their order, pay as a whole."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.core.money import minor_units
from apps.incentives.rules.kinds import (
    BaseSalary,
    Commission,
    Kicker,
    KpiBonus,
    MatrixBonus,
    Mbo,
    OnCredits,
    Override,
    Pool,
    Spiff,
    Trail,
    Variable,
)
from apps.incentives.rules.plan.checks_tables import (
    check_axis,
    check_credit_condition,
    check_payee_condition,
    check_points,
    check_table,
)
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.order import Circular, conditions_of, in_order, needs
from apps.incentives.rules.plan.parts import Carry, FundFixed, MultiplyBy, ShareLimit
from apps.incentives.rules.plan.problems import Problem
from apps.incentives.rules.plan.settlement import Draw, Payment, Returns, SteppedClawback
from apps.incentives.rules.plan.tables import PerTransaction

RESERVED = {
    "plan", "plan_cap", "plan_modifiers", "guarantee", "draw", "recovery", "payment", "holdback",
    "instalments", "adjustment",
}  # fmt: skip
_TOO_SHORT_FOR = {
    "month": set(),
    "quarter": {"quarter_to_date"},
    "half": {"quarter_to_date", "half_to_date"},
    "year": {"quarter_to_date", "half_to_date", "year_to_date"},
}
_TRUED_UP = (KpiBonus, MatrixBonus, Mbo, Kicker)
Problems = Iterator[Problem]


def semantic_problems(plan: PlanDocument) -> list[Problem]:
    """Return everything that does not hold together."""
    found = [*_codes(plan), *_references(plan)]
    for index, component in enumerate(plan.components):
        place = f"components[{index}]"
        found += _component(plan, component, place)
    found += _as_a_whole(plan)
    return found


def _codes(plan: PlanDocument) -> Problems:
    seen: set[str] = set()
    for index, component in enumerate(plan.components):
        place = f"components[{index}].code"
        if component.code in seen:
            yield Problem(place, _("Two components share this code. Give each its own."))
        if component.code in RESERVED:
            yield Problem(place, _("Lines of the product use this code. Choose another one."))
        seen.add(component.code)


def _references(plan: PlanDocument) -> Problems:
    codes = {component.code for component in plan.components}
    for index, component in enumerate(plan.components):
        for code, place in needs(component):
            if code not in codes:
                fix = _("There is no component “%(code)s” in this plan.") % {"code": code}
                yield Problem(f"components[{index}]{place}", fix)
    try:
        in_order(plan)
    except Circular as error:
        fix = _("These components wait for one another: %(codes)s. Break the circle.")
        yield Problem("components", fix % {"codes": " → ".join(error.codes)})


def _component(plan: PlanDocument, component: Any, place: str) -> Problems:
    if isinstance(component, Variable):
        yield from _variable(component, place)
    if isinstance(component, OnCredits):
        yield from _on_credits(component, place)
    if isinstance(component, Commission | Override):
        yield from _window(plan, component, place)
    if isinstance(component, KpiBonus):
        yield from _bonus_window(plan, component, place)
    check = _KINDS.get(type(component))
    if check is not None:
        yield from check(component, place)


def _variable(component: Variable, place: str) -> Problems:
    for condition, where in conditions_of(component):
        yield from check_payee_condition(condition, f"{place}{where}")
    for index, modifier in enumerate(component.modifiers):
        if isinstance(modifier, MultiplyBy):
            yield from _factor_table(modifier.table, f"{place}.modifiers[{index}].table")
    cap = component.cap
    if cap is not None and isinstance(cap.excess, Carry) and not _carries(component):
        fix = _(
            "Only a component paid on the credits of one period can carry. Forfeit or decelerate instead."
        )
        yield Problem(f"{place}.cap.excess.kind", fix)
    if cap is not None and isinstance(cap.limit, ShareLimit) and not isinstance(component, OnCredits | Spiff):
        fix = _("A share of what was credited needs credits. State an amount or a multiple of the target.")
        yield Problem(f"{place}.cap.limit.kind", fix)


def _carries(component: Variable) -> bool:
    return isinstance(component, Commission | Override) and component.basis in {"period", "transaction"}


def _factor_table(table: Any, place: str) -> Problems:
    yield from check_points(table, place)
    yield from check_axis(table, place, is_wanted=True)
    if table.pays != "share":
        yield Problem(f"{place}.pays", _("A factor is a share: state “share”."))


def _on_credits(component: OnCredits, place: str) -> Problems:
    yield from check_credit_condition(component.where, f"{place}.where")
    for index, counts in enumerate(component.counts):
        yield from check_credit_condition(counts.when, f"{place}.counts[{index}].when")
    total = sum(part.share for part in component.instalments)
    if component.instalments and total != 1:
        fix = _("The instalments add up to %(total)s. Make them add up to 1.") % {"total": total}
        yield Problem(f"{place}.instalments", fix)
    if component.deal_cap is not None and not isinstance(getattr(component, "table", None), PerTransaction):
        fix = _("A cap on single deals needs a table of the kind “per_transaction”.")
        yield Problem(f"{place}.deal_cap", fix)


def _window(plan: PlanDocument, component: Commission | Override, place: str) -> Problems:
    yield from check_table(component.table, f"{place}.table")
    yield from _long_enough(plan, component, place)
    is_single = isinstance(component.table, PerTransaction)
    if is_single != (component.basis == "transaction"):
        fix = _("The basis “transaction” and a table of the kind “per_transaction” belong together.")
        yield Problem(f"{place}.basis", fix)
    if (component.basis == "rolling") != (component.rolling_periods is not None):
        fix = _("State over how many periods the window rolls, and only with the basis “rolling”.")
        yield Problem(f"{place}.rolling_periods", fix)


def _kpi(component: KpiBonus, place: str) -> Problems:
    yield from _weights([part.weight for part in component.measures], f"{place}.measures")
    own = [part.curve for part in component.measures if part.curve is not None]
    if component.curve is not None and own:
        fix = _("Give one curve for the weighted attainment, or one to each measure, not both.")
        yield Problem(f"{place}.curve", fix)
    if component.curve is None and len(own) != len(component.measures):
        fix = _("State a curve for the weighted attainment, or one for each measure.")
        yield Problem(f"{place}.curve", fix)
    tables = [(component.curve, f"{place}.curve")]
    tables += [(part.curve, f"{place}.measures[{i}].curve") for i, part in enumerate(component.measures)]
    for table, where in tables:
        yield from _payout(table, where)


def _bonus_window(plan: PlanDocument, component: KpiBonus, place: str) -> Problems:
    yield from _long_enough(plan, component, place)
    if component.basis == "period":
        if component.true_up is not None:
            fix = _("A true-up settles a window longer than the pay period. State which.")
            yield Problem(f"{place}.basis", fix)
        return
    for index, part in enumerate(component.measures):
        if part.of == "period":
            fix = _("The bonus looks at a window to date. Hold it against the quota to date.")
            yield Problem(f"{place}.measures[{index}].of", fix)
    by_code = {one.code: one for one in plan.components}
    for index, code in enumerate(component.true_up.of if component.true_up else ()):
        other = by_code.get(code)
        if other is not None and not (isinstance(other, _TRUED_UP) and plan.basis_of(other) == "period"):
            fix = _("A true-up takes off bonuses, objectives and kickers of a pay period; commissions settle"
                    " themselves to date.")  # fmt: skip
            yield Problem(f"{place}.true_up.of[{index}]", fix)


def _long_enough(plan: PlanDocument, component: Any, place: str) -> Problems:
    if component.basis in _TOO_SHORT_FOR[plan.period]:
        fix = _("A plan paid every %(period)s cannot look at a window that is no longer. State “period”.")
        yield Problem(f"{place}.basis", fix % {"period": plan.period})


def _payout(table: Any, place: str) -> Problems:
    if table is None:
        return
    yield from check_points(table, place)
    yield from check_axis(table, place, is_wanted=False)
    if table.pays != "share":
        yield Problem(f"{place}.pays", _("It pays a share of the target: state “share”."))


def _mbo(component: Mbo, place: str) -> Problems:
    yield from _weights([one.weight for one in component.objectives], f"{place}.objectives")
    codes = [one.code for one in component.objectives]
    for index, code in enumerate(codes):
        if code in codes[:index]:
            fix = _("Two objectives share this code. Give each its own.")
            yield Problem(f"{place}.objectives[{index}].code", fix)
    yield from _payout(component.curve, f"{place}.curve")


def _weights(weights: Sequence[Any], place: str) -> Problems:
    total = sum(weights)
    if total != 100:
        fix = _("The weights add up to %(total)s. Make them add up to 100.") % {"total": total}
        yield Problem(place, fix)


def _matrix(component: Any, place: str) -> Problems:
    yield from check_table(component.table, f"{place}.table")
    if component.table.pays == "rate":
        yield Problem(
            f"{place}.table.pays", _("A bonus pays a share of its target or an amount, not a rate.")
        )
    if component.table.pays == "share" and component.annual is None:
        yield Problem(f"{place}.annual", _("State the target of which a share is paid."))


def _spiff(component: Spiff, place: str) -> Problems:
    yield from check_credit_condition(component.where, f"{place}.where")
    if component.from_ >= component.before:
        yield Problem(f"{place}.before", _("It must end after it begins."))


def _pool(component: Pool, place: str) -> Problems:
    if (component.share_by == "contribution") != (component.contribution is not None):
        fix = _("State the measure of the contributions, and only when it is shared by contribution.")
        yield Problem(f"{place}.contribution", fix)
    if isinstance(component.fund, FundFixed) and component.fund.table is not None:
        yield from _factor_table(component.fund.table, f"{place}.fund.table")


def _trail(component: Trail, place: str) -> Problems:
    expected: int | None = 0
    for index, step in enumerate(component.schedule):
        if expected is None or step.low != expected:
            fix = _("The months must follow one another from 0 without gaps or overlaps.")
            yield Problem(f"{place}.schedule[{index}].from_month", fix)
            return
        if step.high is not None and step.high <= step.low:
            yield Problem(f"{place}.schedule[{index}].before_month", _("It must end after it begins."))
            return
        expected = step.high


def _kicker(component: Any, place: str) -> Problems:
    if component.gate is None:
        yield Problem(f"{place}.gate", _("Say when it is paid."))


def _as_a_whole(plan: PlanDocument) -> Problems:
    for index, modifier in enumerate(plan.modifiers):
        if isinstance(modifier, MultiplyBy):
            yield from _factor_table(modifier.table, f"modifiers[{index}].table")
        else:
            yield from check_payee_condition(modifier.when, f"modifiers[{index}].when")
    if plan.cap is not None and isinstance(plan.cap.limit, ShareLimit):
        yield Problem("cap.limit.kind", _("A plan's cap is an amount or a multiple of the target."))
    if plan.crediting is not None:
        for index, rule in enumerate(plan.crediting.rules):
            yield from check_credit_condition(rule.when, f"crediting.rules[{index}].when")
    if plan.returns is not None:
        yield from _returns(plan.returns)
    if plan.draw is not None:
        yield from _draw(plan.draw)
    if plan.payment is not None:
        yield from _payment(plan.payment)
        yield from _unit_of_payment(plan)
    if all(isinstance(component, BaseSalary) for component in plan.components) and plan.draw is not None:
        yield Problem("draw", _("A draw needs variable pay to be drawn against."))


def _returns(returns: Returns) -> Problems:
    schedule = returns.schedule
    if isinstance(schedule, SteppedClawback):
        months = [step.before_month for step in schedule.steps]
        for index in range(1, len(months)):
            if months[index] <= months[index - 1]:
                fix = _("The months must rise from step to step.")
                yield Problem(f"returns.schedule.steps[{index}].before_month", fix)


def _draw(draw: Draw) -> Problems:
    if draw.kind == "recoverable" and draw.recovery_share is None:
        yield Problem("draw.recovery_share", _("State which share of surplus pays the draw back."))
    if draw.kind == "non_recoverable" and (draw.recovery_share is not None or draw.balance_cap is not None):
        fix = _("Nothing is recovered of this draw. Leave this out or make it recoverable.")
        yield Problem("draw.recovery_share", fix)


def _payment(payment: Payment) -> Problems:
    if payment.maximum is not None and payment.excess is None:
        yield Problem("payment.excess", _("Say what happens to what lies above: carry or forfeit."))
    bounds = (payment.minimum, payment.maximum)
    if None not in bounds and bounds[0] > bounds[1]:  # type: ignore[operator]  # both are numbers
        yield Problem("payment.maximum", _("The maximum must not lie below the minimum."))


def _unit_of_payment(plan: PlanDocument) -> Problems:
    unit = None if plan.payment is None else plan.payment.round_to
    if unit is None:
        return
    cent = Decimal(1).scaleb(-minor_units(plan.currency))
    if unit % cent:
        fix = _("State a multiple of the smallest unit of the currency, %(cent)s.")
        yield Problem("payment.round_to", fix % {"cent": cent})
    if plan.exchange is not None and plan.exchange.payout not in {None, plan.currency}:
        fix = _("Pay goes out in another currency, to its cent. Leave the rounding out.")
        yield Problem("payment.round_to", fix)


_KINDS: dict[type, Callable[[Any, str], Problems]] = {
    KpiBonus: _kpi,
    MatrixBonus: _matrix,
    Mbo: _mbo,
    Spiff: _spiff,
    Pool: _pool,
    Trail: _trail,
    Kicker: _kicker,
}
