"""A few pay periods under a plan, paid by the engine: a weak one, a strong one, one with a return.

The examples of a single part leave out what happens to pay as a whole; this shows it: draws filled up and
paid back, caps, guarantees, what a return takes, what is held back and released.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from apps.incentives.rules.kinds import Commission, Mbo, OnCredits, Override, Pool, Spiff, Trail
from apps.incentives.rules.plan.conditions import FieldIn, leaves
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.parts import OnMilestone
from apps.incentives.rules.plan.settlement import OnEvent
from apps.incentives.rules.plan.standings import standings_asked
from apps.incentives.rules.plan.tables import QuotaUnit, Tiered
from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import RequestInvalid, read_request

_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12}
_WEAK, _POOR, _STRONG, _USUAL = Decimal("0.4"), Decimal("0.1"), Decimal("1.4"), Decimal(1)
_PERIODS = 3
_QUOTA = Decimal(100000)
_COUNT = Decimal(10)


@dataclass(frozen=True)
class Told:
    """One line of a period: which part of the plan it is of, why it is there, how much it is."""

    component: str
    kind: str
    amount: Decimal


@dataclass(frozen=True)
class Chapter:
    """One pay period: the share of the quota, the sales, the lines, what goes out and what is owed."""

    number: int
    share: Decimal
    sold: Mapping[str, Decimal]
    returned: Mapping[str, Decimal]
    lines: tuple[Told, ...]
    paid: Decimal
    balances: Mapping[str, Decimal]
    problem: str = ""


def story(plan: PlanDocument, kinds: Mapping[str, str], first: dt.date) -> list[Chapter]:
    """Return three pay periods from ``first`` on, each handing its balances to the next.

    ``kinds`` are those of the measures of the catalogue. Empty when the plan cannot be told this way.
    """
    teller = _Teller(plan.model_copy(update={"exchange": None}), kinds, _begin(plan, first))
    try:
        return [teller.chapter(number) for number in range(_PERIODS)]
    except RequestInvalid:
        return []


def _begin(plan: PlanDocument, first: dt.date) -> dt.date:
    """Return the first day of the story: a contest of the plan lies in its first period, if there is one."""
    contests = [one.from_ for one in plan.components if isinstance(one, Spiff)]
    year = contests[0].year if contests else first.year
    months = _MONTHS[plan.period]
    start = contests[0].month - (contests[0].month - 1) % months if contests else 1
    return dt.date(year, start, 1)


def _after(day: dt.date, months: int) -> dt.date:
    whole = day.year * 12 + day.month - 1 + months
    return dt.date(whole // 12, whole % 12 + 1, 1)


class _Teller:
    """Writes one request for each period and reads the answers."""

    def __init__(self, plan: PlanDocument, kinds: Mapping[str, str], first: dt.date) -> None:
        self.plan, self.kinds, self.first = plan, kinds, first
        self.handed: dict[str, Any] = {"balances": {}, "pending": [], "posted": []}
        self.whole = plan.model_dump(mode="json", by_alias=True, exclude_none=True)
        self.sold: list[dict[str, Any]] = []
        is_filled_up = plan.draw is not None or plan.guarantee is not None
        self.shares = (_POOR if is_filled_up else _WEAK, _STRONG, _USUAL)
        self.measures = sorted(
            {one.measure for one in plan.components if isinstance(one, OnCredits | Spiff)}
            | {code for code, _span in standings_asked(plan)}
            | {
                one.fund.measure
                for one in plan.components
                if isinstance(one, Pool) and one.fund.kind == "share"
            }
        )

    def chapter(self, number: int) -> Chapter:
        months = _MONTHS[self.plan.period]
        start = _after(self.first, number * months)
        before = _after(start, months)
        credits = self._credits(number, start)
        sold = {code: self._size(code) * self.shares[number] for code in self._counted()}
        answer = preview(read_request(self._request(number, start, before, credits)))
        problem = next((one.message for one in answer.exceptions if one.payee == "one"), "")
        lines = tuple(
            Told(one.component, one.kind, Decimal(one.amount))
            for one in answer.lines
            if one.payee == "one" and Decimal(one.amount)
        )
        self._hand_over(answer)
        returned = {one["measure"]: -Decimal(one["amount"]) for one in credits if one.get("reverses")}
        paid = sum((Decimal(one.amount) for one in answer.payments if one.payee == "one"), Decimal(0))
        balances = {name: Decimal(value) for name, value in self.handed["balances"].items() if Decimal(value)}
        return Chapter(number + 1, self.shares[number], sold, returned, lines, paid, balances, problem)

    def _counted(self) -> list[str]:
        return [one for one in self.measures if self.kinds.get(one, "money") in {"money", "count"}]

    def _size(self, code: str) -> Decimal:
        """Return the quota of a measure: round, and such that the tiers of the plan are met."""
        tables = [one.table for one in self.plan.components if isinstance(one, Commission | Override)
                  and one.measure == code and isinstance(one.table, Tiered)]  # fmt: skip
        edges = [
            tier.low for table in tables if not isinstance(table.unit, QuotaUnit) for tier in table.tiers
        ]
        if self.kinds.get(code, "money") not in {"money", "count"}:
            return Decimal(1)
        return max(edges, default=Decimal(0)) or (_COUNT if self.kinds.get(code) == "count" else _QUOTA)

    def _credits(self, number: int, start: dt.date) -> list[dict[str, Any]]:
        """Return the period's sales, and in the last period the return of a fifth of the strong one's."""
        of_team = {one.measure for one in self.plan.components if isinstance(one, Override)}
        own = {one.measure for one in self.plan.components if isinstance(one, OnCredits | Spiff)
               and not isinstance(one, Override)}  # fmt: skip
        made = []
        for code in sorted(own | of_team):
            for payee in [*(["one"] if code in own else []), *(["two"] if code in of_team else [])]:
                whole = self._size(code) * self.shares[number]
                for part, day in ((Decimal("0.8"), 10), (Decimal("0.2"), 20)):
                    name = f"{payee}-{code}-{number}-{day}"
                    made.append(self._credit(name, code, payee, whole * part, start, day))
        if number + 1 == _PERIODS and self.plan.returns is not None:
            made += [
                {
                    **one,
                    "id": f"{one['id']}-back",
                    "reverses": one["id"],
                    "date": start.replace(day=25).isoformat(),
                    "amount": f"-{one['amount']}",
                }
                for one in self.sold
                if one["id"].endswith(f"-{number - 1}-20")
            ]
        self.sold += made
        return [*self.sold] if number else made

    def _credit(
        self, name: str, code: str, payee: str, amount: Decimal, start: dt.date, day: int
    ) -> dict[str, Any]:
        on = start.replace(day=day)
        made = {
            "id": name, "transaction": name, "payee": payee, "measure": code, "amount": format(amount, "f"),
            "date": on.isoformat(), "fields": self._fields(),
            "deal_amount": format(amount, "f"),
        }  # fmt: skip
        if any(isinstance(one, Trail) for one in self.plan.components):
            made["sold_on"] = self.first.isoformat()
        names = {
            part.milestone
            for one in self.plan.components
            for part in getattr(one, "instalments", ())
            if isinstance(part, OnMilestone)
        }
        return made | ({"milestones": dict.fromkeys(names, on.isoformat())} if names else {})

    def _fields(self) -> dict[str, str]:
        """Return fields of a deal that the plan's conditions look for."""
        found: dict[str, str] = {}
        for one in self.plan.components:
            where = getattr(one, "where", None)
            for leaf, _place in leaves(where, "") if where is not None else ():
                if isinstance(leaf, FieldIn):
                    found.setdefault(leaf.name, leaf.is_in[0])
        return found

    def _request(
        self, number: int, start: dt.date, before: dt.date, credits: list[dict[str, Any]]
    ) -> dict[str, Any]:
        year = _after(self.first, 12)
        span = {"from": start.isoformat(), "before": before.isoformat()}
        quotas, measures = [], []
        for code in self.measures:
            size = format(self._size(code), "f")
            for index in range(12 // _MONTHS[self.plan.period]):
                day = _after(self.first, index * _MONTHS[self.plan.period])
                until = _after(day, _MONTHS[self.plan.period])
                quotas.append(
                    {"measure": code, "from": day.isoformat(), "before": until.isoformat(), "amount": size}
                )
            for past in range(number + 1):
                on = _after(self.first, past * _MONTHS[self.plan.period]).replace(day=20).isoformat()
                value = format(self._size(code) * self.shares[past], "f")
                measures.append({"measure": code, "value": value, "on": on})
        payee = {
            "id": "one", "quotas": quotas, "measures": measures, "tenure": number + 1, "target": "20000",
            "grades": {one.code: "1" for component in self.plan.components if isinstance(component, Mbo)
                       for one in component.objectives},
            "weights": {one.code: "1" for one in self.plan.components if isinstance(one, Pool)},
            **self.handed,
        }  # fmt: skip
        release = self.plan.holdback.release if self.plan.holdback is not None else None
        if isinstance(release, OnEvent):
            payee["events"] = {release.event: before.isoformat()}
        return {
            "plan": self.whole, "period": {"code": f"P{number + 1}", **span}, "run_date": before.isoformat(),
            "fiscal_year_starts": self.first.isoformat() if before <= year else None,
            "payees": [payee, {"id": "two"}] if any(one["payee"] == "two" for one in credits) else [payee],
            "credits": credits,
            "reporting": [{"payee": "two", "lead": "one"}],
            "pools": [{"component": one.code, "measures": measures, "quotas": quotas}
                      for one in self.plan.components if isinstance(one, Pool)],
        }  # fmt: skip

    def _hand_over(self, answer: Any) -> None:
        rows = answer.model_dump(mode="json", by_alias=True)
        own = [one for one in rows["balances"] if one["payee"] == "one"]
        self.handed["balances"] = {one["name"]: one["closing"] for one in own}
        for name in ("pending", "posted"):
            kept = [
                {key: value for key, value in one.items() if key != "payee"}
                for one in rows[name]
                if one["payee"] == "one"
            ]
            if name == "posted":
                fresh = {(one["component"], one["window"]) for one in kept}
                kept += [
                    one for one in self.handed["posted"] if (one["component"], one["window"]) not in fresh
                ]
            self.handed[name] = kept
