"""A documented example in the company's own records: whatever its request states is entered by the services.

What a request calls by a name the product does not have is entered under one it has (``MEASURES``,
``FIELDS``): a count as a count, a share as a share. Nothing else is translated, so that a new example is run
as soon as it stands on the page.
"""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.calendars import selectors as calendars
from apps.calendars import services as calendar_services
from apps.calendars.models import FiscalPeriod
from apps.calendars.tests.factories import WorkingCalendarFactory
from apps.core.effective import span
from apps.customers.tests.factories import AccountFactory
from apps.incentives import services
from apps.incentives.models import IncentivePlan, PayRun
from apps.incentives.tests.factories import AT, Company
from apps.measures import registry
from apps.measures import services as ledger
from apps.measures.services import Entry
from apps.org import services as org
from apps.org.models import OrgUnit, Person, Position
from apps.org.tests.factories import (
    AssignmentFactory,
    OrgUnitFactory,
    PersonFactory,
    PositionFactory,
    PositionUnitFactory,
)
from apps.pipeline.models import Product
from apps.pipeline.tests.factories import ProductFactory
from apps.targets import services as targets
from apps.targets.enums import Balance, Method, Season
from apps.targets.models import Target
from apps.targets.rules.levels import Level

Row = Mapping[str, Any]
_ZERO = Decimal(0)
_BEGIN = dt.date(2025, 1, 1)
_SOURCE = "test.source"
_HOME = settings.COMPANY_CURRENCY
MEASURES = {
    "installations": "deals_won",
    "invoiced": "revenue",
    "complaints": "deals_lost",
    "margin": "satisfaction",
}
FIELDS = {"type": "series"}


def translated(request: Row) -> dict[str, Any]:
    """Return a request in the names of the product."""
    told = json.dumps(request)
    for name, known in MEASURES.items():
        told = told.replace(f'"measure": "{name}"', f'"measure": "{known}"')
    for name, known in FIELDS.items():
        told = told.replace(f'"name": "{name}"', f'"name": "{known}"').replace(f'"{name}":', f'"{known}":')
    found: dict[str, Any] = json.loads(told)
    code = found["period"]["code"]
    found["period"]["code"] = code if "Q" in code else code.replace("-", "-M")
    return found


def day(text: str) -> dt.date:
    """Return a date of a request."""
    return dt.date.fromisoformat(text)


@dataclass
class Fed:
    """An example in the records of a company."""

    company: Company
    request: dict[str, Any]
    earlier: Sequence[Row] = ()
    period: FiscalPeriod = field(init=False)
    unit: OrgUnit = field(init=False)
    people: dict[str, Person] = field(default_factory=dict)
    plans: dict[str, IncentivePlan] = field(default_factory=dict)
    deals: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    runs: list[PayRun] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.request = translated(self.request)
        self.period = calendars.period(self.request["period"]["code"])
        with transaction.atomic():
            self._calendar()
            _rates(self.request)
            self._people()
            self._plans()
            self._quotas()
            self._absences()

    # What there is before anything is sold

    def _calendar(self) -> None:
        if "calendar" not in self.request:
            return
        standard = WorkingCalendarFactory(is_default=True)
        for name, is_working in (("off", False), ("made_up", True)):
            for on in self.request["calendar"].get(name, ()):
                calendar_services.set_day(calendar_id=standard.pk, day=day(on), is_working=is_working)

    def _people(self) -> None:
        """Seat everybody: those whom others lead in a unit their leads lead, one after the other."""
        above: dict[str, list[Row]] = defaultdict(list)
        for row in self.request.get("reporting", ()):
            above[row["payee"]].append(row)
        named = [row["id"] for row in self.request["payees"]]
        named += [row["payee"] for row in self.request.get("credits", ())]
        named += [row["lead"] for rows in above.values() for row in rows]
        for name in dict.fromkeys(named):
            self.people[name] = PersonFactory(name=name.title(), hired_on=_BEGIN)
        self.unit = OrgUnitFactory(name="Sales", parent=self.company.top)
        units: dict[str, OrgUnit] = {}
        for name in above:
            if not any(row["lead"] == name for rows in above.values() for row in rows):
                self._seat(name, self._unit_of(name, above, units), [(_BEGIN, None)])
        led = {row["lead"] for rows in above.values() for row in rows}
        self.seats: dict[tuple[str, str | None], Position] = {}
        for row in self.request["payees"]:
            if row["id"] not in above and row["id"] not in led:
                for code, spans in _days_of(row).items():
                    self.seats[row["id"], code] = self._seat(row["id"], self.unit, spans)
        for name in self.people:
            if name not in above and name not in led and not any(one == name for one, _code in self.seats):
                self._seat(name, self.unit, [(_BEGIN, None)])

    def _unit_of(self, name: str, above: Mapping[str, list[Row]], units: dict[str, OrgUnit]) -> OrgUnit:
        """Return the unit whose leads are those of somebody, below the unit of the first one's leads."""
        rows = above.get(name, [])
        if not rows:
            return self.company.top
        key = json.dumps([[row["lead"], row.get("from"), row.get("before")] for row in rows])
        if key not in units:
            parent = self._unit_of(rows[0]["lead"], above, units)
            units[key] = OrgUnitFactory(name=f"Unit of {name}", parent=parent)
            position = PositionFactory()
            PositionUnitFactory(position=position, unit=units[key], is_lead=True)
            for row in rows:
                since = day(row["from"]) if "from" in row else _BEGIN
                self._hold(row["lead"], position, since, day(row["before"]) if "before" in row else None)
        return units[key]

    def _seat(self, name: str, unit: OrgUnit, spans: Iterable[tuple[dt.date, dt.date | None]]) -> Position:
        position = PositionFactory(unit=unit)
        for since, before in spans:
            self._hold(name, position, since, before)
        return position

    def _hold(self, name: str, position: Position, since: dt.date, before: dt.date | None) -> None:
        AssignmentFactory(person=self.people[name], position=position, valid=span(since, before))

    def _plans(self) -> None:
        stated = self.request.get("plans") or {"": self.request["plan"]}
        for name, document in stated.items():
            others = {key: one for key, one in document.items() if key not in {"schema", "components"}}
            self.plans[name] = self.company.approved(*document["components"], code=name or "plan", **others)
        for row in self.request["payees"]:
            for code, spans in _days_of(row).items():
                segment = next((one for one in row.get("segments", ()) if one.get("code", "") == code), {})
                name = segment.get("plan") or next(iter(self.plans))
                for since, before in self._spans_under(row, spans):
                    self._assign(row, segment, self.plans[name], since, before)

    def _spans_under(
        self, row: Row, spans: Iterable[tuple[dt.date, dt.date | None]]
    ) -> Iterable[tuple[dt.date, dt.date | None]]:
        """Return the days of assignments; the last one began as many pay periods ago as the tenure says."""
        since = self._since(row.get("tenure"))
        own = [day(one["date"]) for one in self.earlier if one["payee"] == row["id"]]
        first = calendars.period_of(min(own, default=since), self.period.kind).starts_on
        for start, before in spans:
            if start <= first < since:
                yield first, since
            yield max(start, since), before

    def _since(self, tenure: int | None) -> dt.date:
        found = self.period
        for _number in range((tenure or 1) - 1):
            found = calendars.period_of(found.starts_on - dt.timedelta(days=1), found.kind)
        return found.starts_on if tenure else _BEGIN

    def _assign(
        self, row: Row, segment: Row, plan: IncentivePlan, since: dt.date, before: dt.date | None
    ) -> None:
        stated = [one for one in plan.versions.get().document["components"] if "true_up" not in one]
        kinds = {one["code"]: one["kind"] for one in stated}  # a true-up has the target of what it looks at
        annual = {**row.get("annual", {}), **segment.get("annual", {})}
        annual = {code: one for code, one in annual.items() if code in kinds}
        salary = [Decimal(one) for code, one in annual.items() if kinds[code] == "base_salary"]
        bonus = [Decimal(one) for code, one in annual.items() if kinds[code] != "base_salary"]
        bonus += [Decimal(row["target"])] if "target" in row else []
        services.assign_plan(
            plan_id=plan.pk, person_id=self.people[row["id"]].pk, starts_on=since, ends_before=before,
            annual_salary=sum(salary, _ZERO) if salary else None,
            annual_bonus=sum(bonus, _ZERO) if bonus else None, by=self.company.admin,
        )  # fmt: skip

    def _quotas(self) -> None:
        """Put a target in force on every measure somebody has a quota of, by the months of their seats."""
        wanted: dict[str, dict[int, dict[int, Decimal]]] = defaultdict(lambda: defaultdict(dict))
        for row in self.request["payees"]:
            for quota in row.get("quotas", ()):
                code = quota.get("segment", next(iter(_days_of(row))))
                months = wanted[quota["measure"]][self.seats[row["id"], code].pk]
                months |= _by_working_days(Decimal(quota["amount"]), day(quota["from"]), day(quota["before"]))
        for measure, seats in wanted.items():
            self._target(measure, seats)

    def _target(self, measure: str, seats: Mapping[int, Mapping[int, Decimal]]) -> None:
        by, chief, on = self.company.admin.pk, self.company.users["executive"].pk, AT.date()
        plan = targets.create_plan(
            measure=measure, year=str(self.period.starts_on.year), root_unit_id=self.unit.pk, by_id=by, at=AT,
            on=on, amount=Decimal(12 * len(seats)), levels={0: Level(Method.EQUAL)}, season=Season.EVEN,
            unit_ids=[self.unit.pk],
        )  # fmt: skip
        rows = dict(Target.objects.filter(plan=plan).exclude(position=None).values_list("position_id", "pk"))
        later = (
            self.period.ends_before.month - 1
        )  # there is something to reach after the example's period, too
        cells = [
            targets.CellEdit(
                rows[seat], f"m{month}", months.get(month, Decimal(100) if month >= later else _ZERO)
            )
            for seat, months in seats.items()
            for month in range(12)
        ]
        targets.edit_cells(plan_id=plan.pk, cells=cells, balance=Balance.UP, by_id=by, at=AT)
        targets.submit_plan(plan_id=plan.pk, by_id=by, at=AT, on=on)
        failed = list(Target.objects.filter(plan=plan, smart_grade="failed").values_list("pk", flat=True))
        if failed:
            targets.waive(target_ids=failed, by_id=chief, at=AT, reason="As the example states")
        targets.approve_plan(plan_id=plan.pk, by_id=chief, at=AT, on=on)

    def _absences(self) -> None:
        for row in self.request["payees"]:
            for one in row.get("absences", ()):
                is_paid = one.get("paid", False)
                org.record_absence(
                    person_id=self.people[row["id"]].pk, kind="annual" if is_paid else "unpaid", at=AT,
                    starts_on=day(one["from"]), ends_before=day(one["before"]),
                    time_percent=Decimal(one.get("share", "1")) * 100,
                    relieves_quota=one.get("relieves_quota", False),
                )  # fmt: skip

    # What happens

    def book(self, rows: Iterable[Row]) -> None:
        """Enter credits, returns, and days of deals; what no rate is known for is refused, as a deal is."""
        for row in rows:
            number = self.deals.setdefault(row["transaction"], len(self.deals) + 1)
            with transaction.atomic():
                if "reverses" in row:
                    self._return(row, number)
                elif Decimal(row["amount"]):
                    self._credit(row, number)
            for kind, name, on in _deal_days(row):
                self.tell(
                    "tell_deal_day", kind=kind, milestone=name, on=day(on), source_type=_SOURCE,
                    source_id=number,
                )  # fmt: skip

    def _credit(self, row: Row, number: int) -> None:
        on, currency = day(row["date"]), row.get("currency", _HOME)
        rate = Decimal(1)
        if currency != _HOME:
            try:
                rate = calendars.rate(currency, on)
            except calendars.MissingRate:
                self.refused.add(row["payee"])
                return
        fields = row.get("fields", {})
        entry = Entry(
            measure=row["measure"], key=f"example:{row['id']}", credited_on=on,
            value=Decimal(row["amount"]) * Decimal(row.get("share", "1")) * rate,
            source_type=_SOURCE, source_id=number, person_id=self.people[row["payee"]].pk,
            booked_on=day(row["booked_at"][:10]) if "booked_at" in row else None,
            is_overlay=row.get("overlay", False),
            product_id=_product(fields), account_id=_account(fields),
        )  # fmt: skip
        ledger.post([entry])

    def _return(self, row: Row, number: int) -> None:
        mirrors = ledger.reverse(
            source_type=_SOURCE, source_id=number, booked_on=day(row["date"]), reason="Came back"
        )
        assert sum(one.value for one in mirrors) == Decimal(row["amount"])

    def come_back(self, on: dt.date) -> None:
        """Have every deal come back on a day."""
        with transaction.atomic():
            for number in self.deals.values():
                ledger.reverse(source_type=_SOURCE, source_id=number, booked_on=on, reason="Came back")

    def measure(self) -> None:
        """Enter what the request states of measures; a rate by what it is worked out from."""
        for number, (name, one) in enumerate(
            (row["id"], one) for row in self.request["payees"] for one in row.get("measures", ())
        ):
            known, on = registry.measures.get(one["measure"]), day(one.get("on", self._first_day()))
            parts = {known.code: Decimal(one["value"])}
            if known.source == "ratio":
                top, bottom = Fraction(one["value"]).as_integer_ratio()
                parts = {known.numerator: Decimal(top), known.denominator: Decimal(bottom)}
            with transaction.atomic():
                ledger.post(
                    [
                        Entry(
                            measure=code, key=f"measured:{number}:{code}", credited_on=on, value=value,
                            source_type="test.measured", source_id=number + 1,
                            person_id=self.people[name].pk,
                        )
                        for code, value in parts.items()
                    ]
                )  # fmt: skip

    def _first_day(self) -> str:
        return str(self.request["period"]["from"])

    def grade(self) -> None:
        """Tell grades, weights and events of the request, each confirmed by a second person."""
        [plan, *_others] = self.plans.values()
        for row in self.request["payees"]:
            about = {"plan_id": plan.pk, "person_id": self.people[row["id"]].pk}
            for name, value in row.get("grades", {}).items():
                told = {"objective": name, "value": Decimal(value), "period_id": self.period.pk}
                self.tell("tell_grade", **about, **told)
            for name, value in row.get("weights", {}).items():
                told = {"pool": name, "value": Decimal(value), "period_id": self.period.pk}
                self.tell("tell_weight", **about, **told)
            for name, on in row.get("events", {}).items():
                self.tell("tell_event", event=name, on=day(on), **about)

    def tell(self, name: str, **given: Any) -> None:
        """Tell a fact of pay and have it confirmed."""
        with transaction.atomic():
            fact = getattr(services, name)(**given, by=self.company.admin, at=AT)
            services.confirm_fact(fact_id=fact.pk, by=self.company.checker, at=AT)

    # Earlier runs

    def pay_earlier(self, rows: Sequence[Row], since: Iterable[dt.date] = ()) -> None:
        """Enter credits of earlier pay periods and lock a run for each, the oldest first."""
        days = [*(day(row["date"]) for row in rows), *since]
        if not days:
            return
        start = min(days)
        for period in calendars.periods_between(start, self.period.starts_on, self.period.kind):
            self.book(row for row in rows if period.starts_on <= day(row["date"]) < period.ends_before)
            self.runs.append(self.company.locked(period.code))

    def posted(self) -> list[Row]:
        """Return the credits that stand behind what the request says was posted."""
        sold = {row["reverses"]: row for row in self.request.get("credits", ()) if "reverses" in row}
        found = []
        for payee in self.request["payees"]:
            for row in payee.get("posted", ()):
                if not self._measure_of(row["component"]):
                    continue
                whole = [{"id": f"before:{row['window']}", "transaction": "before", "amount": row["basis"]}]
                for one in row.get("credits") or whole:
                    on = sold.get(one["id"], {}).get("sold_on", row["from"])
                    told = {"payee": payee["id"], "measure": self._measure_of(row["component"]), "date": on}
                    found.append({**told, **{name: one[name] for name in ("id", "transaction", "amount")}})
        return found

    def _measure_of(self, code: str) -> str:
        documents = [plan.versions.get().document for plan in self.plans.values()]
        return next(
            str(c.get("measure", "")) for one in documents for c in one["components"] if c["code"] == code
        )

    def bonuses_paid(self) -> list[dt.date]:
        """Return the first days of windows for which a bonus was paid, by what was measured then."""
        rows = [row for payee in self.request["payees"] for row in payee.get("posted", ())]
        return [day(row["from"]) for row in rows if not self._measure_of(row["component"])]


def _days_of(row: Row) -> dict[str, list[tuple[dt.date, dt.date | None]]]:
    """Return by segment the days somebody is there, without the gaps; one without segments is always."""
    stated: dict[str, tuple[dt.date, dt.date | None]] = {
        one.get("code", ""): (max(day(one["from"]), _BEGIN), day(one["before"]))
        for one in row.get("segments", ())
    }
    found = {}
    for code, (start, end) in (stated or {"": (_BEGIN, None)}).items():
        spans = []
        for gap in sorted(row.get("leave", ()), key=lambda one: one["from"]):
            spans.append((start, day(gap["from"])))
            start = day(gap["before"])
        found[code] = [*spans, (start, end)]
    return found


def _by_working_days(amount: Decimal, start: dt.date, end: dt.date) -> dict[int, Decimal]:
    """Return a quota by the months of its year, each by its working days; in cents, the last has the rest."""
    months = calendars.periods_between(start, end, "month")
    days = [calendars.working_days(one.starts_on, one.ends_before) for one in months]
    parts = [(amount * one / sum(days)).quantize(Decimal("0.01")) for one in days[:-1]]
    parts.append(amount - sum(parts, _ZERO))
    return {one.starts_on.month - 1: part for one, part in zip(months, parts, strict=True)}


def _deal_days(row: Row) -> list[tuple[str, str, str]]:
    days = [("milestone", name, on) for name, on in row.get("milestones", {}).items()]
    sold = [(kind, "", row[f"{kind}_on"]) for kind in ("sold", "ended") if f"{kind}_on" in row]
    return days + ([] if "reverses" in row else sold)


def _product(fields: Row) -> int | None:
    if not fields.keys() & {"product", "series"}:
        return None
    code = fields.get("product", fields.get("series"))
    known = Product.objects.filter(code=code).first()
    return (known or ProductFactory(code=code, series=fields.get("series", ""))).pk


def _account(fields: Row) -> int | None:
    told = {
        "external_id" if name == "account" else name: fields[name] for name in _OF_ACCOUNTS & fields.keys()
    }
    return AccountFactory(**told).pk if told else None


_OF_ACCOUNTS = {"account": "external_id", "sector": "sector", "country": "country"}


def _rates(request: Row) -> None:
    """Enter the company's rates that lead to those of a request, which are from its currency or to it."""
    known = {_HOME: Decimal(1)}
    for row in request.get("rates", ()):
        if row["source"] in known:
            currency, worth = row["target"], known[row["source"]] / Decimal(row["rate"])
        else:
            currency, worth = row["source"], known[row["target"]] * Decimal(row["rate"])
        known[currency] = worth
        calendar_services.set_rate(currency=currency, on=_BEGIN, rate=worth)


def feed(company: Company, request: Row, earlier: Sequence[Row] = ()) -> Fed:
    """Enter an example, with locked runs of all that was before; the credits of its own period are booked."""
    fed = Fed(company, dict(request), earlier)
    bonuses = fed.bonuses_paid()
    if bonuses:
        fed.measure()
    fed.pay_earlier([*fed.posted(), *earlier], bonuses)
    if not bonuses:
        fed.measure()
    fed.grade()
    return fed
