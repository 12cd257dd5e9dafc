"""What changed since the statement before: per component how much, and because of which inputs."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from apps.incentives.enums import LineKind
from apps.incentives.models import PayLine, Statement
from apps.incentives.names import in_words
from apps.incentives.rules.engine.shapes import Number, Standing
from apps.incentives.rules.kinds import BaseSalary, Component, Mbo
from apps.incentives.rules.meaning import Named, by_meaning
from apps.incentives.rules.plan.standings import asked_by
from apps.incentives.selectors.late import BY_DAYS
from apps.incentives.selectors.pages import line_label, money_measures
from apps.incentives.selectors.plan_pages import measure_names
from apps.incentives.selectors.posted import standings_under
from apps.incentives.selectors.rates_shown import rates_of_period
from apps.measures.registry import measures
from apps.ui import formatting

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Change:
    """A component now and before, with the reasons for the difference."""

    label: str
    now: Decimal
    before: Decimal
    reasons: tuple[str, ...]
    currency: str

    @property
    def difference(self) -> Decimal:
        """By how much it pays more; negative when less."""
        return self.now - self.before


def changes(
    statement: Statement, lines: Sequence[PayLine], before: Statement | None, earlier: Sequence[PayLine]
) -> list[Change]:
    """Return the components whose amount differs from the statement before, largest difference first."""
    if before is None:
        return []
    names = measure_names()
    keys = by_meaning(
        ((line.statement_id, line.version and line.version.plan_id), line.component, line.label)
        for line in (*lines, *earlier)
    )
    now_by, before_by = _by_component(lines, keys), _by_component(earlier, keys)
    found = []
    for code in {**now_by, **before_by}:  # component and currency
        now, then = now_by.get(code, []), before_by.get(code, [])
        row = (now or then)[0]
        sums = sum((one.amount for one in now), _ZERO), sum((one.amount for one in then), _ZERO)
        if sums[0] == sums[1]:
            continue
        reasons = _reasons(_Side(statement, now), _Side(before, then), names)
        found.append(Change(line_label(row, row.label), *sums, tuple(reasons), row.currency))
    return sorted(found, key=lambda one: (-abs(one.difference), one.label))


def _by_component(lines: Iterable[PayLine], keys: Mapping[Named, Named]) -> dict[Named, list[PayLine]]:
    """Return the lines by component and currency; what two plans call by one name is one component."""
    found: dict[Named, list[PayLine]] = defaultdict(list)
    for line in lines:
        found[keys[line.component, line.label][0], line.currency].append(line)
    return found


@dataclass(frozen=True)
class _Side:
    """The lines of a component in one of the two statements, with what they rest on."""

    statement: Statement
    lines: Sequence[PayLine]

    @property
    def earned(self) -> list[PayLine]:
        return [line for line in self.lines if line.kind == LineKind.EARNED]

    @property
    def component(self) -> Component | None:
        for line in self.earned:
            if line.version is not None:
                for component in line.version.plan_document.components:
                    if component.code == line.component:
                        return component
        return None

    @property
    def segments(self) -> list[Mapping[str, Any]]:
        versions = {line.version_id for line in self.lines}
        own: list[Mapping[str, Any]] = self.statement.inputs.get("segments", [])
        return [segment for segment in own if segment["version"] in versions]

    @property
    def days(self) -> int:
        spans = [
            dt.date.fromisoformat(one["end"]) - dt.date.fromisoformat(one["start"]) for one in self.segments
        ]
        return sum(span.days for span in spans)

    def standings(self) -> dict[str, Standing]:
        """Return where the payee stood on each measure the component looks at, in its first span."""
        component, found = self.component, dict[str, Standing]()
        versions = [line.version for line in self.earned if line.version is not None]
        if component is None:
            return found
        pinned = standings_under(versions[0], self.statement.inputs, self.statement.run.period)
        for measure, span in asked_by(versions[0].plan_document, component):
            if (measure, span) in pinned:
                found.setdefault(measure, pinned[measure, span])
        return found


def _reasons(now: _Side, then: _Side, names: Mapping[str, str]) -> list[str]:
    if not then.lines:
        return [_("New in this statement."), *_others(now, then)]
    if not now.lines:
        return [_("Not in this statement any more.")]
    reasons = [*_plan(now, then), *_away(now, then), *_credited(now, then), *_reached(now, then, names)]
    reasons += [*_graded(now, then), *_others(now, then)]
    reasons += _rates(now, then)
    return reasons or [_("The same inputs; the rule has counted on from what was paid before.")]


def _plan(now: _Side, then: _Side) -> list[str]:
    found = []
    behind = [[line.version for line in side.earned if line.version] for side in (now, then)]
    plans = [{in_words(version.plan.name) for version in own} for own in behind]
    versions = [{version.number for version in own} for own in behind]
    if plans[0] and plans[1] and plans[0] != plans[1]:
        text = _("Under %(now)s instead of %(before)s.")
        found.append(text % {"now": _named(plans[0]), "before": _named(plans[1])})
    elif versions[0] and versions[1] and versions[0] != versions[1]:
        text = _("Plan version %(now)s instead of %(before)s.")
        found.append(text % {"now": _listed(versions[0]), "before": _listed(versions[1])})
    pairs = [{one.get("salary") for one in side.segments} for side in (now, then)]
    component = now.component
    if component is not None and isinstance(component, BaseSalary) and pairs[0] != pairs[1]:
        found.append(_("The yearly salary changed."))
    share = [_share(side) for side in (now, then)]
    if component is not None and isinstance(component, BY_DAYS) and share[0] != share[1]:
        text = _("%(now)s days under the plan instead of %(before)s.")
        found.append(text % {"now": now.days, "before": then.days})
    return found


def _rates(now: _Side, then: _Side) -> list[str]:
    """Say which exchange rates differ at the ends of the two periods, where credits or pay rest on them."""
    if not any(line.credits or line.kind == LineKind.EXCHANGE for line in (*now.lines, *then.lines)):
        return []
    latest, known = (
        {(one.source, one.target, one.kind): one.rate for one in rates_of_period(side.statement)}
        for side in (now, then)
    )
    text = _("Exchange rate: 1 %(source)s = %(now)s %(target)s instead of %(before)s.")
    return [
        text
        % {
            "source": key[0],
            "target": key[1],
            "now": formatting.number(rate, 4),
            "before": formatting.number(known[key], 4),
        }
        for key, rate in latest.items()
        if key in known and known[key] != rate
    ]


def _away(now: _Side, then: _Side) -> list[str]:
    """Say how much working time unpaid leave took off what rests on days."""
    if now.component is None or not isinstance(now.component, BY_DAYS):
        return []
    sides = [_missed(side.earned) for side in (now, then)]
    if sides[0] == sides[1]:
        return []
    text = _("Unpaid leave: %(now)s days instead of %(before)s.")
    return [text % {"now": formatting.number(sides[0]), "before": formatting.number(sides[1])}]


def _missed(lines: Iterable[PayLine]) -> Decimal:
    """Return the days of unpaid leave that lines name, in the days of their plan."""
    told = (Decimal(step["away"]) for line in lines for step in line.steps if step.get("away"))
    return sum(told, _ZERO)


def _graded(now: _Side, then: _Side) -> list[str]:
    """Say which objectives were graded otherwise."""
    component, text = now.component, _("“%(objective)s”: %(now)s instead of %(before)s.")
    if not isinstance(component, Mbo):
        return []
    sides = [_grades(side.earned) for side in (now, then)]
    return [
        text % {"objective": in_words(one.name), "now": _grade(latest), "before": _grade(earlier)}
        for one in component.objectives
        for latest, earlier in [[side.get(one.code) for side in sides]]
        if latest != earlier
    ]


def _grades(lines: Iterable[PayLine]) -> dict[str, str]:
    steps = (step for line in lines for step in line.steps if step.get("op") == "objective")
    return {step["objective"]: step["grade"] for step in steps if step["grade"] is not None}


def _grade(told: str | None) -> str:
    return formatting.NOTHING if told is None else formatting.percent(Fraction(told))


def _share(side: _Side) -> Decimal:
    period = side.statement.run.period
    return Decimal(side.days) / (period.ends_before - period.starts_on).days


def _named(plans: Iterable[str]) -> str:
    return ", ".join(_("“%(plan)s”") % {"plan": one} for one in sorted(plans))


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _credited(now: _Side, then: _Side) -> list[str]:
    sides = [sum((line.basis for line in side.earned), _ZERO) for side in (now, then)]
    if sides[0] == sides[1]:
        return []
    text = _("Credited %(now)s instead of %(before)s.")
    of_money = getattr(now.component or then.component, "measure", "") in money_measures()
    currency = (now.earned or then.earned)[0].currency
    told = [formatting.money(one, currency) if of_money else formatting.number(one, 2) for one in sides]
    return [text % {"now": told[0], "before": told[1]}]


def _reached(now: _Side, then: _Side, names: Mapping[str, str]) -> list[str]:
    found = []
    nothing = Standing(None, None)
    currency = now.earned[0].currency if now.earned else ""
    sides = now.standings(), then.standings()
    for measure in sides[0]:
        (actual, quota), (actual_then, quota_then) = (side.get(measure, nothing) for side in sides)
        name = names.get(measure, measure)
        if quota != quota_then:
            text = _("Target for %(measure)s: %(now)s instead of %(before)s.")
            found.append(text % _pair(name, measure, quota, quota_then, currency))
        if actual != actual_then and (actual is not None or actual_then is not None):
            text = _("%(measure)s: %(now)s instead of %(before)s.")
            found.append(text % _pair(name, measure, actual, actual_then, currency))
    return found


def _pair(
    name: str, measure: str, now: Number | None, before: Number | None, currency: str
) -> dict[str, str]:
    told = [_written(measure, value, currency) for value in (now, before)]
    return {"measure": name, "now": told[0], "before": told[1]}


def _written(measure: str, value: Number | None, currency: str) -> str:
    known = measures.get(measure) if measure in measures else None
    if value is not None and known is not None and known.is_proportion:
        return formatting.percent(value)
    if value is not None and measure in money_measures():
        return formatting.money(value, currency)
    return formatting.number(value) if value is not None else formatting.NOTHING


def _others(now: _Side, then: _Side) -> list[str]:
    """Say what lines of other kinds bring: late changes, returns, caps, adjustments, reversals."""
    found = []
    for kind in LineKind:
        if kind == LineKind.EARNED:
            continue
        sums = [sum((line.amount for line in side.lines if line.kind == kind), _ZERO) for side in (now, then)]
        if sums[0] != sums[1] and any(sums):
            currency = (now.lines or then.lines)[0].currency
            text = _("%(kind)s: %(now)s instead of %(before)s.")
            found.append(
                text
                % {
                    "kind": kind.label,
                    "now": formatting.money(sums[0], currency),
                    "before": formatting.money(sums[1], currency),
                }
            )
    return found
