"""Crediting: which rule takes a transaction and why, what leads are credited with, and which cell."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from apps.incentives.rules.engine.conditions import matches
from apps.incentives.rules.engine.proration import Range, add_months
from apps.incentives.rules.engine.shapes import (
    Cell,
    CreditIn,
    Deal,
    Key,
    NotPayable,
    Posted,
    PostedCredit,
    ReturnIn,
)
from apps.incentives.rules.engine.windows import Window
from apps.incentives.rules.kinds import OnCredits, Override
from apps.incentives.rules.plan.settlement import Crediting

_ONE = Decimal(1)


@dataclass(frozen=True)
class Offered:
    """A credit as the ledger holds it, in the plan's currency, before the plan's rules. ``level`` above 0 is
    that of a lead who is credited through somebody below."""

    id: Key
    transaction: str
    payee: Key
    measure: str
    amount: Decimal
    on: dt.date
    booked_at: dt.datetime | None = None
    is_overlay: bool = False
    share: Decimal = _ONE
    deal: Deal = field(default_factory=Deal)
    reverses: Key | None = None
    level: int = 0

    @property
    def order(self) -> tuple[Any, ...]:
        """The order in which credits count: by date, then as booked, then by id."""
        booked = self.booked_at or dt.datetime.min.replace(tzinfo=dt.UTC)
        return (self.on, booked, str(self.id))

    @property
    def booked_order(self) -> tuple[Any, ...]:
        """The order in which a budget is used up: as booked."""
        booked = self.booked_at or dt.datetime.min.replace(tzinfo=dt.UTC)
        return (booked, self.on, str(self.id))


class Tried(NamedTuple):
    """One crediting rule that was tried on a transaction."""

    rule: str
    matched: bool


class Verdict(NamedTuple):
    """What crediting rules make of a credit."""

    commission: Decimal
    quota: Decimal
    tried: tuple[Tried, ...]


def judge(crediting: Crediting | None, offered: Offered) -> Verdict:
    """Return the factors for commission and quota credit, and every rule that was tried.

    The first rule that matches decides, or all that match add their factors. Without rules a credit counts
    once for both; with rules, one that matches none counts for nothing.
    """
    if crediting is None:
        return Verdict(_ONE, _ONE, ())
    commission = quota = Decimal(0)
    tried = []
    for rule in crediting.rules:
        matched = matches(rule.when, offered.deal.fields, offered.on, offered.deal.amount)
        tried.append(Tried(rule.code, matched))
        if matched:
            commission += rule.commission_factor
            quota += rule.quota_factor
            if crediting.match == "first":
                break
    return Verdict(commission, quota, tuple(tried))


@dataclass(frozen=True)
class Reporting:
    """Somebody reports to a lead on some days."""

    payee: Key
    lead: Key
    days: Range


def leads_above(reporting: Mapping[Key, Sequence[Reporting]], payee: Key, on: dt.date) -> list[Key]:
    """Return the leads of a payee on a day, nearest first, each once."""
    found: list[Key] = []
    here = payee
    while True:
        lead = next(
            (one.lead for one in reporting.get(here, ()) if one.days.start <= on < one.days.end), None
        )
        if lead is None or lead in found or lead == payee:
            return found
        found.append(lead)
        here = lead


def override_credits(credits: Iterable[Offered], reporting: Iterable[Reporting]) -> list[Offered]:
    """Credit every lead above the payee as of the day of the credit, once, with the level they lead from.

    Overlay credit and credit somebody has through others give none.
    """
    lines: dict[Key, list[Reporting]] = defaultdict(list)
    for one in reporting:
        lines[one.payee].append(one)
    found = []
    for credit in credits:
        if credit.is_overlay or credit.level:
            continue
        for level, lead in enumerate(leads_above(lines, credit.payee, credit.on), start=1):
            found.append(_at_level(credit, lead, level))
    return found


def _at_level(credit: Offered, lead: Key, level: int) -> Offered:
    return Offered(
        id=credit.id,
        transaction=credit.transaction,
        payee=lead,
        measure=credit.measure,
        amount=credit.amount,
        on=credit.on,
        booked_at=credit.booked_at,
        share=credit.share,
        deal=credit.deal,
        reverses=credit.reverses,
        level=level,
    )


def takes(component: OnCredits, offered: Offered) -> bool:
    """Tell whether a component is paid on a credit."""
    if offered.measure != component.measure:
        return False
    if isinstance(component, Override):
        high = component.levels.high or offered.level
        is_theirs = bool(offered.level) and component.levels.low <= offered.level <= high
    else:
        wanted = getattr(component, "credits", "direct")
        kind = "overlay" if offered.is_overlay else "direct"
        is_theirs = not offered.level and wanted in {kind, "all"}
    return is_theirs and matches(component.where, offered.deal.fields, offered.on, offered.deal.amount)


def counted(component: OnCredits, offered: Offered) -> Decimal:
    """Return how many times a credit counts for a component; the first condition that holds decides."""
    for counts in component.counts:
        if matches(counts.when, offered.deal.fields, offered.on, offered.deal.amount):
            return counts.factor
    return _ONE


@dataclass(frozen=True)
class Placing:
    """Where the credits of a component go: the current window and earlier ones that were posted.

    ``rolled`` is how many months before its own period a rolling window looks at.
    """

    component: OnCredits
    current: Window
    posted: Mapping[str, tuple[Window, Posted]]
    nets_returns: bool = True
    rolled: int = 0

    def before(self, window: Window) -> Range | None:
        """Return the days before a window that it still looks at: ``rolled`` months of a rolling one."""
        start = window.days.start
        return Range(add_months(start, -self.rolled), start) if self.rolled else None


def cells_of(
    placing: Placing, offered: Iterable[Offered], factor: Callable[[Offered], Decimal]
) -> list[Cell]:
    """Put every credit of a component into its cell, current window first.

    A return follows its sale: into the sale's window when that is paid now as well (or is still open and
    nets, as a window to date does), otherwise back at what the sale was paid. Raises NotPayable for a
    return whose sale is not known.
    """
    rows = sorted((one for one in offered if takes(placing.component, one)), key=lambda one: one.order)
    known = _known(placing)
    fresh = {one.id: one for one in rows if one.id not in known and one.reverses is None}
    # a window to date has grown since it was posted: its current days count
    earlier = {code: window for code, (window, _posted) in placing.posted.items()}
    windows = {**earlier, placing.current.code: placing.current}
    credits: dict[str, list[CreditIn]] = defaultdict(list)
    returns: dict[str, list[ReturnIn]] = defaultdict(list)
    before = {code: days for code, window in windows.items() if (days := placing.before(window)) is not None}
    prior: dict[str, Decimal] = defaultdict(Decimal)
    for one in rows:
        amount = one.amount * counted(placing.component, one) * factor(one)
        for code, days in before.items():
            if days.start <= one.on < days.end:
                prior[code] += amount
        if one.id in known:
            continue
        sale = fresh.get(one.reverses) if one.reverses is not None else None
        own = _window_of(windows, one.on if sale is None else sale.on)
        if one.reverses is None or sale is not None:
            if own is not None:
                credits[own].append(CreditIn(one.id, amount, one.transaction, one.on, one.deal))
            continue
        _place_return(placing, one, amount, known, credits, returns)
    order = dict.fromkeys([placing.current.code, *windows])
    return [_cell(placing, code, credits[code], returns[code], prior[code]) for code in order]


def _known(placing: Placing) -> dict[Key, tuple[str, PostedCredit]]:
    return {
        credit.id: (code, credit)
        for code, (_window, posted) in placing.posted.items()
        for credit in posted.credits
    }


def _window_of(windows: Mapping[str, Window], on: dt.date) -> str | None:
    for code, window in windows.items():
        if window.days.start <= on < window.days.end:
            return code
    return None


def _place_return(
    placing: Placing,
    one: Offered,
    amount: Decimal,
    known: Mapping[Key, tuple[str, PostedCredit]],
    credits: dict[str, list[CreditIn]],
    returns: dict[str, list[ReturnIn]],
) -> None:
    if one.reverses is None or one.reverses not in known:
        raise NotPayable("unknown_sale", credit=str(one.id), reverses=str(one.reverses))
    code, sale = known[one.reverses]
    is_open = code == placing.current.code and placing.current.days.start < one.on
    if is_open and placing.nets_returns:
        credits[code].append(CreditIn(one.id, amount, one.transaction, one.on, one.deal))
        return
    part = Fraction(-amount) / Fraction(sale.amount) if sale.amount else Fraction(1)
    paid = Fraction(sale.paid) * part
    returned = ReturnIn(one.id, amount, paid, sale.id, part, one.deal.sold_on, one.on)
    returns[code].append(returned)


def returned_awards(posted: Mapping[str, tuple[Window, Posted]], offered: Iterable[Offered]) -> list[Cell]:
    """Return a cell for each posted window whose awarded sales came back: the award is taken back."""
    known = {credit.id: (code, credit) for code, (_w, own) in posted.items() for credit in own.credits}
    found: dict[str, list[ReturnIn]] = defaultdict(list)
    for one in sorted(offered, key=lambda row: row.order):
        if one.reverses is not None and one.reverses in known and one.id not in known:
            code, sale = known[one.reverses]
            part = Fraction(-one.amount) / Fraction(sale.amount) if sale.amount else Fraction(1)
            paid = Fraction(sale.paid) * part
            found[code].append(ReturnIn(one.id, one.amount, paid, sale.id, part, one.deal.sold_on, one.on))
    return [Cell(code, returns=own, posted=posted[code][1], is_current=False) for code, own in found.items()]


def _cell(
    placing: Placing, code: str, credits: list[CreditIn], returns: list[ReturnIn], prior: Decimal
) -> Cell:
    is_current = code == placing.current.code
    posted = placing.posted[code][1] if code in placing.posted else Posted()
    return Cell(code, credits, returns, posted, is_current, prior)
