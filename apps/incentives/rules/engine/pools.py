"""Pools: a team's fund, and how it falls to its members. All shares add up to the fund to the cent."""

from collections.abc import Mapping
from decimal import Decimal, localcontext
from fractions import Fraction

from apps.core.money import round_money, split
from apps.incentives.rules.engine.book import Facts, Given
from apps.incentives.rules.engine.numbers import EXACT
from apps.incentives.rules.engine.shapes import Cell, Key, NotPayable, Number, PoolShare, Standings
from apps.incentives.rules.engine.tables import read_table
from apps.incentives.rules.kinds import Pool
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.parts import FundShare


def fund_of(plan: PlanDocument, component: Pool, team: Standings) -> Decimal:
    """Return a pool's fund in whole cents. Raises NotPayable when the team's figure is missing."""
    fund = component.fund
    if isinstance(fund, FundShare):
        actual = team.get((fund.measure, "period"))
        if actual is None or actual.actual is None:
            raise NotPayable("no_pool_measure", component=component.code, measure=fund.measure)
        due = Fraction(actual.actual) * Fraction(fund.share)
    else:
        due = Fraction(fund.amount)
        if fund.table is not None:
            given = Given(plan, component, Cell(""), Facts(team))
            due *= read_table(fund.table, given, []) or Fraction(0)
    return round_money(max(Fraction(0), due), plan.currency, plan.rounding)


def share_pool(
    plan: PlanDocument, component: Pool, team: Standings, weights: Mapping[Key, Number]
) -> dict[Key, PoolShare]:
    """Return what falls to each member by weight; ties of a cent go to the smaller id.

    Weights below zero count as zero. Raises NotPayable when nobody has any.
    """
    with localcontext(EXACT):
        fund = fund_of(plan, component, team)
        members = sorted(weights, key=str)
        told = [max(Fraction(0), Fraction(weights[member])) for member in members]
        if not any(told):
            raise NotPayable("no_pool_weights", component=component.code)
        parts = split(fund, told, currency=plan.currency, keys=[str(member) for member in members])
        total = sum(told, Fraction(0))
        return {
            member: PoolShare(part, fund, weight, total)
            for member, part, weight in zip(members, parts, told, strict=True)
        }
