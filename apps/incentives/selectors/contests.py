"""What crosses payees in a run: SPIFF awards in the order of booking, pools shared among all under a plan."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from django.db.models import Sum

from apps.calendars.models import FiscalPeriod
from apps.core.money import split_units
from apps.incentives.models import PayLine, PayTrace, PlanVersion
from apps.incentives.rules.engine.crediting import Offered
from apps.incentives.rules.engine.pools import share_pool
from apps.incentives.rules.engine.shapes import Award, Key, NotPayable, PoolShare, ReturnIn, Standing
from apps.incentives.rules.engine.spiffs import award_spiff
from apps.incentives.rules.kinds import Pool, Spiff
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.parts import FundShare
from apps.incentives.rules.plan.runnable import needs_of
from apps.incentives.rules.segments import Days
from apps.incentives.selectors.abroad import booked, sold_abroad
from apps.incentives.selectors.bonuses import target_bonus_of
from apps.incentives.selectors.exchange import (
    YEAR,
    CompanyRates,
    company_currency,
    is_money,
    kind_of,
    no_rate,
)
from apps.incentives.selectors.facts import pool_weights
from apps.incentives.selectors.payees import PayeeSegment, share_of, window_of
from apps.incentives.selectors.transactions import Behind, Refs, deals_behind
from apps.measures.models import Credit
from apps.targets import selectors as targets

Segments = Mapping[int, Sequence[PayeeSegment]]


@dataclass
class Shared:
    """What contests and pools give one payee under one plan, as a statement pins it."""

    awards: dict[str, list[list[str]]] = field(default_factory=dict)
    returns: dict[str, list[list[str]]] = field(default_factory=dict)
    pools: dict[str, list[str]] = field(default_factory=dict)
    problem: list[Any] = field(default_factory=list)

    def pinned(self) -> dict[str, Any]:
        """Return it as a statement keeps it."""
        told: dict[str, Any] = {"awards": self.awards, "returns": self.returns, "pools": self.pools}
        told["problem"] = self.problem
        return {name: rows for name, rows in told.items() if rows}


@dataclass
class Awarded:
    """What a SPIFF has awarded: sum, credit → (window, amount, value, person), and returns taken back."""

    spent: Decimal = Decimal(0)
    paid: dict[int, tuple[str, Decimal, Decimal, int]] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)


Found = dict[int, dict[str, dict[str, Any]]]


def shared_between(
    segments: Segments,
    versions: Mapping[int, PlanVersion],
    period: FiscalPeriod,
    upto: int,
    awarded: "Callable[[int, str], Awarded] | None" = None,
) -> Found:
    """Return by person and plan what SPIFFs and pools give; a pool nobody can share stops its members.

    ``awarded`` says what a SPIFF has awarded before: the locked runs unless told otherwise.
    """
    found: dict[int, dict[str, Shared]] = defaultdict(lambda: defaultdict(Shared))
    for plan_id, version in versions.items():
        plan = version.plan_document
        members = {
            person_id: mine
            for person_id, own in segments.items()
            if (mine := [segment for segment in own if segment.plan_id == plan_id])
        }
        for component in plan.components:
            if isinstance(component, Spiff):
                before = (awarded or awarded_by_runs)(plan_id, component.code)
                with _stopping(found, plan_id, members):
                    _award(found, plan_id, plan, component, members, period, upto, before)
            elif isinstance(component, Pool) and members:
                _pool(found, plan_id, plan, component, members, period)
    return {
        person_id: {plan_id: pinned for plan_id, one in plans.items() if (pinned := one.pinned())}
        for person_id, plans in found.items()
    }


def _pool(
    found: dict[int, dict[str, Shared]],
    plan_id: int,
    plan: PlanDocument,
    component: Pool,
    members: Segments,
    period: FiscalPeriod,
) -> None:
    with _stopping(found, plan_id, members):
        for member, share in _share(plan_id, plan, component, members, period).items():
            told = [str(share.amount), str(share.fund), str(share.weight), str(share.weights)]
            found[int(member)][str(plan_id)].pools[component.code] = told


@contextmanager
def _stopping(found: dict[int, dict[str, Shared]], plan_id: int, members: Segments) -> Iterator[None]:
    """Have what is missing stop everybody under the plan, by name."""
    try:
        yield
    except NotPayable as problem:
        for person_id in members:
            found[person_id][str(plan_id)].problem = [problem.reason, problem.details]


def _award(
    found: dict[int, dict[str, Shared]],
    plan_id: int,
    plan: PlanDocument,
    component: Spiff,
    members: Segments,
    period: FiscalPeriod,
    upto: int,
    before: Awarded,
) -> None:
    """Award what has not been awarded yet, while the budget lasts; take back what came back."""
    done = {*before.paid, *before.taken}
    rows = list(
        Credit.objects.filter(
            measure=component.measure, person__in=list(members), is_overlay=False, pk__lte=upto
        )
        .filter(credited_on__gte=component.from_, credited_on__lt=min(component.before, period.ends_before))
        .exclude(pk__in=done)
        .order_by("pk")
    )
    awards = award_spiff(component, _offered(rows, plan, members, period, done), before.spent)
    for person_id, own in awards.items():
        told = [[str(a.credit_id), str(a.basis), str(a.amount), str(a.cut)] for a in own]
        found[int(person_id)][str(plan_id)].awards[component.code] = told
    _take_back(found, plan_id, component.code, before, upto, is_abroad=plan.currency != company_currency())


def _offered(
    rows: Sequence[Credit],
    plan: PlanDocument,
    members: Segments,
    period: FiscalPeriod,
    done: Collection[int | None],
) -> list[Offered]:
    """Return credits as the engine's contests take them; sellers must be under the plan on the day."""
    behind = [
        Behind(row.pk, _transaction(row), row.credited_on, Refs(row.product_id, row.account_id))
        for row in rows
    ]
    deals = deals_behind(behind, needs_of(plan)._replace(fields=True, days=False))
    at = _Rate(plan, [row.reverses_id for row in rows if row.reverses_id])
    shares = _shares(rows)
    offered = []
    for row in rows:
        person_id = cast("int", row.person_id)  # the query asks for credits of members
        is_early = row.credited_on < period.starts_on
        is_under = any(one.days.start <= row.credited_on < one.days.end for one in members[person_id])
        if row.reverses_id in done or not (is_early or is_under):
            continue  # a return of an awarded sale is taken back at what was paid
        deal = deals[row.pk]
        offered.append(
            Offered(
                id=row.pk,
                transaction=_transaction(row),
                payee=person_id,
                measure=row.measure,
                amount=at.of(row, row.value) if is_money(row.measure) else row.value,
                on=row.credited_on,
                booked_at=dt.datetime.combine(row.booked_on, dt.time(), tzinfo=dt.UTC),
                share=shares.get(row.pk, Decimal(1)),
                deal=replace(deal, amount=at.of(row, deal.amount)) if deal.amount is not None else deal,
                reverses=row.reverses_id,
            )
        )
    return offered


class _Rate:
    """The rates at which credits count for a plan; a return counts at that of its sale."""

    def __init__(self, plan: PlanDocument, sales: Sequence[int]) -> None:
        self._currency, self._kind = plan.currency, kind_of(plan)
        self._rates = CompanyRates() if plan.currency != company_currency() else None
        wanted = sales if self._rates else ()
        self._dates = dict(Credit.objects.filter(pk__in=wanted).values_list("pk", "credited_on"))

    def of(self, row: Credit, amount: Decimal) -> Decimal:
        """Return an amount of a credit in the plan's currency. Raises NotPayable."""
        if self._rates is None:
            return amount
        on = self._dates.get(row.reverses_id or 0, row.credited_on)
        return booked(amount, self._rates.rate(company_currency(), self._currency, self._kind, on))


def _transaction(row: Credit) -> str:
    return f"{row.source_type}:{row.source_id}"


def _shares(rows: Sequence[Credit]) -> dict[int, Decimal]:
    """Return each credit's share of its transaction to a millionth; they add up to exactly 1."""
    beside = Credit.objects.filter(
        measure__in={row.measure for row in rows},
        source_id__in={row.source_id for row in rows},
        is_overlay=False,
        reverses__isnull=True,
        value__gt=0,
    )
    groups: dict[tuple[str, str, int], list[Credit]] = defaultdict(list)
    for row in beside.order_by("pk"):
        groups[row.measure, row.source_type, row.source_id].append(row)
    found = {}
    for own in groups.values():
        parts = split_units(Decimal(1), [row.value for row in own], places=6, keys=[row.pk for row in own])
        found.update({row.pk: part for row, part in zip(own, parts, strict=True)})
    return found


def awarded_by_runs(plan_id: int, code: str) -> Awarded:
    """Return what locked runs have awarded."""
    posted = PayLine.objects.posted().filter(version__plan=plan_id, component=code)
    traces = PayTrace.objects.filter(line__in=posted.exclude(kind="return").values("pk"))
    traces = traces.exclude(credit=None)
    taken = PayTrace.objects.filter(line__in=posted.filter(kind="return").values("pk"))
    taken = taken.exclude(credit=None)
    return Awarded(
        spent=posted.exclude(kind="return").aggregate(total=Sum("raw"))["total"] or Decimal(0),
        paid={
            credit_id: (window, amount, value, person_id)
            for credit_id, window, amount, value, person_id in traces.values_list(
                "credit_id", "line__window", "amount", "value", "line__person_id"
            )
        },
        taken=set(taken.values_list("credit_id", flat=True)),
    )


def _take_back(
    found: dict[int, dict[str, Shared]],
    plan_id: int,
    code: str,
    before: Awarded,
    upto: int,
    *,
    is_abroad: bool,
) -> None:
    """Note what returns of awarded sales take back, by the window the award was paid in."""
    paid = before.paid
    rows = Credit.objects.filter(reverses__in=list(paid), pk__lte=upto)
    rows = rows.exclude(pk__in=list(before.taken)).select_related("reverses")
    for row in rows.order_by("pk"):
        sale = cast("Credit", row.reverses)  # the query asks for reversals
        window, amount, value, person_id = paid[sale.pk]
        counted, returned = (sale.value, -row.value) if is_abroad else (amount, -row.value)
        part = Fraction(returned) / Fraction(counted) if counted else Fraction(1)
        back = booked(-amount, part) if is_abroad else row.value
        told = [
            window, str(row.pk), str(back), str(Fraction(value) * part), str(sale.pk), str(part),
            sale.credited_on.isoformat(), row.booked_on.isoformat(),
        ]  # fmt: skip
        found[person_id][str(plan_id)].returns.setdefault(code, []).append(told)


def _share(
    plan_id: int, plan: PlanDocument, component: Pool, members: Segments, period: FiscalPeriod
) -> dict[Key, PoolShare]:
    weights: dict[Key, Decimal | Fraction] = {}
    agreed = pool_weights(plan_id, component.code, period) if component.share_by == "weights" else {}
    brought = _people(component.contribution, members, period) if component.contribution else {}
    for person_id, own in members.items():
        active = sum((share_of(plan.proration.days, one.days, period, one.leave) for one in own), Fraction(0))
        if component.share_by == "equal":
            weights[person_id] = Decimal(1)
        elif component.share_by == "days":
            weights[person_id] = active
        elif component.share_by == "weights":
            weights[person_id] = agreed.get(person_id, Decimal(0))
        elif component.share_by == "target_incentive":
            weights[person_id] = Fraction(_target(plan, own)) * active
        else:
            weights[person_id] = Fraction(brought.get(person_id) or 0)
    return share_pool(plan, component, _team(plan, component, members, period), weights)


def _target(plan: PlanDocument, own: Sequence[PayeeSegment]) -> Decimal:
    stated = next((one.annual_bonus for one in reversed(own) if one.annual_bonus is not None), None)
    if stated is not None:
        return stated
    return target_bonus_of(plan) or Decimal(0)


def _people(measure: str, members: Segments, period: FiscalPeriod) -> dict[int, Decimal | None]:
    ids = sorted(members)
    answer = targets.standings(
        measure=measure, start=period.starts_on, end=period.ends_before, person_ids=ids
    )
    return {person_id: answer.of_person(person_id).actual for person_id in ids}


def _team(
    plan: PlanDocument, component: Pool, members: Segments, period: FiscalPeriod
) -> dict[tuple[str, str], Standing]:
    """Return where everybody under the plan stands together, in the plan's currency. Raises NotPayable."""
    fund = component.fund
    axis = None if isinstance(fund, FundShare) or fund.table is None else fund.table.axis
    measure = fund.measure if isinstance(fund, FundShare) else axis.measure if axis is not None else None
    if measure is None:
        return {}
    ids, found = sorted(members), {}
    for span in ("period", "year_to_date", "year"):
        window = window_of(period, span)
        answer = targets.standings(measure=measure, start=window.start, end=window.end, person_ids=ids)
        each = [answer.of_person(person_id) for person_id in ids]
        actual = sum((one.actual for one in each if one.actual is not None), Decimal(0))
        quotas = [one.quota for one in each if one.quota is not None]
        found[measure, span] = Standing(actual, sum(quotas, Decimal(0)) if quotas else None)
    return _abroad(plan, measure, found, ids, period)


def _abroad(
    plan: PlanDocument,
    measure: str,
    found: dict[tuple[str, str], Standing],
    ids: Sequence[int],
    period: FiscalPeriod,
) -> dict[tuple[str, str], Standing]:
    """Return standings of a team in the currency of a plan. Raises NotPayable."""
    if plan.currency == company_currency() or not is_money(measure):
        return found
    rates, kind = CompanyRates(), kind_of(plan)
    brought = {}
    for (_measure, span), standing in found.items():
        window = window_of(period, span)
        days = Days(window.start, min(window.end, period.ends_before))
        sold = sold_abroad(measure, [days], ids, {}, plan.currency, kind, rates)
        gap = next((one for one in sold.values() if isinstance(one, list)), None)
        if gap is not None:
            raise no_rate(gap[0], dt.date.fromisoformat(gap[1]))
        yearly = rates.rate(company_currency(), plan.currency, YEAR, window.start)
        quota = None if standing.quota is None else Fraction(standing.quota) * Fraction(yearly)
        brought[measure, span] = Standing(sum(map(Decimal, sold.values()), Decimal(0)), quota)
    return brought


def awards_in(shared: Mapping[str, Any]) -> dict[str, list[Award]]:
    """Return the awards a statement pinned."""
    return {
        code: [Award(int(one[0]), *map(Decimal, one[1:])) for one in rows]
        for code, rows in shared.get("awards", {}).items()
    }


def pools_in(shared: Mapping[str, Any]) -> dict[str, PoolShare]:
    """Return the pool shares a statement pinned."""
    return {
        code: PoolShare(Decimal(row[0]), Decimal(row[1]), Fraction(row[2]), Fraction(row[3]))
        for code, row in shared.get("pools", {}).items()
    }


def returns_in(shared: Mapping[str, Any], code: str) -> dict[str, list[ReturnIn]]:
    """Return by window what returns of awarded sales take back."""
    found: dict[str, list[ReturnIn]] = defaultdict(list)
    for window, pk, amount, paid, original, part, sold_on, on in shared.get("returns", {}).get(code, ()):
        found[window].append(
            ReturnIn(
                int(pk),
                Decimal(amount),
                Fraction(paid),
                int(original),
                Fraction(part),
                dt.date.fromisoformat(sold_on),
                dt.date.fromisoformat(on),
            )
        )
    return found
