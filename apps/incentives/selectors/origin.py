"""Where a line of pay comes from, in words: its run, who asked and approved, its plan version, its inputs."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may, person_id_of, scope_of
from apps.incentives.enums import RunState
from apps.incentives.models import PayLine
from apps.incentives.names import in_words
from apps.incentives.rules.engine.shapes import Number
from apps.incentives.rules.kinds import Mbo
from apps.incentives.rules.plan.standings import asked_by
from apps.incentives.selectors.pages import money_measures
from apps.incentives.selectors.plan_pages import measure_names
from apps.incentives.selectors.posted import standings_under
from apps.incentives.selectors.provenance import Provenance, provenance
from apps.incentives.selectors.rates_shown import rates_told
from apps.measures.registry import measures
from apps.ui import formatting

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Act:
    """Who did what, and when; an empty name is nobody the reader knows of."""

    label: str
    who: str
    at: dt.datetime | None = None


@dataclass
class Origin:
    """Everything a line goes back to, as its page shows it; ``trail`` only for who reads the audit trail."""

    acts: list[Act] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    credits: int = 0
    trail: Provenance | None = None


def origin(line: PayLine, reader: User) -> Origin | None:
    """Return where a line comes from, None for readers who see no pay runs of the payee."""
    if not scope_of(reader, Permission.RUN_VIEW).covers_person(line.person_id):
        return None
    [found] = provenance([line.pk])
    return Origin(
        acts=_acts(found, line.run.state),
        inputs=list(_inputs(line, knows_salary=_knows_salary(line, reader))),
        credits=len(found.credits),
        trail=found if may(reader, Permission.AUDIT_VIEW) else None,
    )


def _acts(found: Provenance, state: str) -> list[Act]:
    told = [
        (_("Plan version written"), found.version_by, None),
        (_("Plan version approved"), found.version_approved_by, None),
        (_("Adjustment asked for"), found.adjustment_by, None),
        (_("Adjustment approved"), found.adjustment_approved_by, None),
        (_("Calculation asked for"), found.asked_by or found.calculated_by, found.calculated_at),
        (_("Pay run approved"), found.approved_by, found.approved_at),
    ]
    names = dict.fromkeys(who for _label, who, _at in told if who)
    users = {user.username: user.name for user in User.objects.filter(username__in=names)}
    acts = [Act(label, users.get(who, who), at) for label, who, at in told if who]
    if found.approved_by is None and state in {RunState.DRAFT, RunState.CALCULATED, RunState.REVIEWED}:
        acts.append(Act(_("Pay run approved"), ""))
    return acts


def _knows_salary(line: PayLine, reader: User) -> bool:
    """Whether the reader may see yearly amounts of an assignment: managers and executives may not."""
    is_own = line.person_id == person_id_of(reader)
    return is_own or may(reader, Permission.RUN_CALCULATE) or may(reader, Permission.AUDIT_VIEW)


def _inputs(line: PayLine, *, knows_salary: bool) -> Iterable[str]:
    """Yield what was pinned for the payee, sentence by sentence; only what bears on the line's own plan."""
    inputs, version = line.statement.inputs, line.version
    plan = str(version.plan_id) if version is not None else ""
    for one in inputs.get("segments", ()):
        if version is None or one["version"] == version.pk:
            yield from _segment(one, line.currency, knows_salary=knows_salary)
    if version is None:
        return
    yield from _standings(line)
    grades = inputs.get("facts", {}).get(plan, {}).get("grades", {})
    for component in version.plan_document.components if grades else ():
        if isinstance(component, Mbo) and component.code == line.component:
            for one in component.objectives:
                if one.code in grades:
                    text = _("Grade of “%(objective)s”: %(grade)s")
                    grade = formatting.percent(Decimal(grades[one.code]))
                    yield text % {"objective": in_words(one.name), "grade": grade}
    yield from _opening(inputs.get("opening", {}).get(plan, {}), line)
    yield from rates_told(line.statement)


def _segment(one: Mapping[str, Any], currency: str, *, knows_salary: bool) -> Iterable[str]:
    yield _("Under the plan: %(days)s") % {"days": _days(one["start"], one["end"])}
    for key, text in (("salary", _("Own yearly salary: %(amount)s")), ("bonus", _("Own bonus: %(amount)s"))):
        if knows_salary and one.get(key) is not None:
            yield text % {"amount": formatting.money(Decimal(one[key]), currency)}
    for start, end, share in one.get("leave", ()):
        text = _("Unpaid leave: %(days)s, %(share)s of the working time")
        yield text % {"days": _days(start, end), "share": formatting.percent(Decimal(share))}


def _days(start: str, end: str) -> str:
    first, last = dt.date.fromisoformat(start), dt.date.fromisoformat(end) - _DAY
    return _("%(first)s to %(last)s") % {"first": formatting.day(first), "last": formatting.day(last)}


def _standings(line: PayLine) -> Iterable[str]:
    """Yield where the payee stood on each measure that the component of the line looks at."""
    assert line.version is not None  # noqa: S101  # asked for lines of a plan only
    names, document = measure_names(), line.version.plan_document
    asked = {
        pair
        for part in document.components
        if part.code == line.component
        for pair in asked_by(document, part)
    }
    found = standings_under(line.version, line.statement.inputs, line.run.period)
    for measure, span in sorted(asked & found.keys()):
        actual, quota = found[measure, span]
        values = {
            "measure": names.get(measure, measure),
            "actual": _written(measure, actual, line.currency),
            "quota": _written(measure, quota, line.currency),
        }
        if quota is not None:
            yield _("%(measure)s: %(actual)s of %(quota)s") % values
        elif actual is not None:
            yield _("%(measure)s: %(actual)s") % values


def _written(measure: str, value: Number | None, currency: str) -> str:
    if value is None:
        return formatting.NOTHING
    number = Decimal(value.numerator) / value.denominator if isinstance(value, Fraction) else Decimal(value)
    if measure in money_measures():
        return formatting.money(number, currency)
    if measure in measures and measures.get(measure).is_proportion:
        return formatting.percent(number)
    return formatting.number(number)


def _opening(opening: Mapping[str, Any], line: PayLine) -> Iterable[str]:
    """Yield what earlier periods handed over: balances, and pay that was still to come."""
    names = {
        "draw": _("Draw still to be recovered: %(amount)s"),
        "recovery": _("Returns still to be recovered: %(amount)s"),
        "carried": _("Carried from earlier periods: %(amount)s"),
    }
    for name, value in opening.get("balances", {}).items():
        if name in names and Decimal(value):
            yield names[name] % {"amount": formatting.money(Decimal(value), line.currency)}
    pending = opening.get("pending", ())
    if pending:
        total = sum((Decimal(one["amount"]) for one in pending), Decimal(0))
        text = ngettext(
            "%(n)s amount kept back in earlier periods: %(amount)s",
            "%(n)s amounts kept back in earlier periods: %(amount)s",
            len(pending),
        )
        yield text % {"n": len(pending), "amount": formatting.money(total, line.currency)}
