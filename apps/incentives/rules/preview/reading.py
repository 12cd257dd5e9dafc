"""Read a request, refusing what cannot be calculated with the place and the fix."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import ValidationError

from apps.core.errors import DomainError
from apps.incentives.rules.engine.proration import add_months
from apps.incentives.rules.engine.windows import MONTHS
from apps.incentives.rules.kinds import Mbo, Pool, Spiff
from apps.incentives.rules.plan.checks import semantic_problems
from apps.incentives.rules.plan.problems import Problem, problems_of
from apps.incentives.rules.preview.request import PreviewRequest

Problems = Iterator[Problem]
MAX_BUCKET = 1100


class RequestInvalid(DomainError):
    """The request cannot be calculated."""

    code = "preview_invalid"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__(
            gettext_lazy("The request has mistakes. Correct the marked places and send it again."),
            fields={problem.place: problem.fix for problem in problems[:200]},
        )


def read_request(data: Any) -> PreviewRequest:
    """Read a request. Raises RequestInvalid naming every place and its fix."""
    try:
        request = PreviewRequest.model_validate(data)
    except ValidationError as error:
        raise RequestInvalid(problems_of(error, data)) from error
    problems = [*_plans(request), *_period(request), *_payees(request), *_credits(request), *_named(request)]
    if problems:
        raise RequestInvalid(problems)
    return request


def _plans(request: PreviewRequest) -> Problems:
    if (request.plan is None) == (not request.plans):
        yield Problem("plan", _("Give one plan, or several by name under “plans”."))
    plans = {"plan": request.plan} if request.plan else {f"plans.{k}": p for k, p in request.plans.items()}
    for place, plan in plans.items():
        for problem in semantic_problems(plan):  # type: ignore[arg-type]  # never None
            yield Problem(f"{place}.{problem.place}", problem.fix)


def _period(request: PreviewRequest) -> Problems:
    start, before = request.period.from_, request.period.before
    plans = [plan for plan in (request.plan, *request.plans.values()) if plan is not None]
    for plan in plans:
        if (before - start).days > 400 or add_months(start, MONTHS[plan.period]) != before:
            fix = _("The plan pays every %(period)s. Give a period of that length.")
            yield Problem("period.before", fix % {"period": plan.period})
            return
    year = request.fiscal_year_starts
    if year is not None and not year <= start < add_months(year, 12):
        yield Problem("fiscal_year_starts", _("The period must lie in this fiscal year."))


def _payees(request: PreviewRequest) -> Problems:
    seen: set[str] = set()
    for index, payee in enumerate(request.payees):
        place = f"payees[{index}]"
        if payee.id in seen:
            yield Problem(f"{place}.id", _("Two payees share this id. Give each its own."))
        seen.add(payee.id)
        yield from _segments(request, payee, place)
        yield from _rows(payee, place)
        yield from _posted(payee, place)
        yield from _absences(payee, place)


def _posted(payee: Any, place: str) -> Problems:
    seen: set[tuple[str, str, str]] = set()
    for i, row in enumerate(payee.posted):
        key = (row.component, row.segment, row.window)
        if key in seen:
            fix = _("This window of the component is listed twice. Give what the last answer said, once.")
            yield Problem(f"{place}.posted[{i}].window", fix)
        seen.add(key)


def _rows(payee: Any, place: str) -> Problems:
    for i, pending in enumerate(payee.pending):
        if not _is_due(pending.due):
            fix = _("State “on” a day, a “tenure”, an “event”, or a “transaction” with its “milestone”.")
            yield Problem(f"{place}.pending[{i}].due", fix)
    for i, one in enumerate(payee.measures):
        if one.of is not None and one.on is not None:
            fix = _("State a span or a day, not both.")
            yield Problem(f"{place}.measures[{i}].of", fix)
    for name in ("quotas", "leave", "absences", "posted"):
        for i, days in enumerate(getattr(payee, name)):
            if (days.before - days.from_).days > MAX_BUCKET:
                yield Problem(f"{place}.{name}[{i}].before", _("State at most three years in one entry."))
            if days.from_ >= days.before:
                yield Problem(f"{place}.{name}[{i}].before", _("It must end after it begins."))


def _absences(payee: Any, place: str) -> Problems:
    last: dt.date | None = None
    for i, one in sorted(enumerate(payee.absences), key=lambda row: row[1].from_):
        if last is not None and one.from_ < last:
            fix = _("Absences must not overlap: a day is missed once.")
            yield Problem(f"{place}.absences[{i}].from", fix)
        last = one.before if last is None else max(last, one.before)


def _is_due(due: Mapping[str, str]) -> bool:
    """Tell whether pending pay says when it is due, the way an answer writes it."""
    names = set(due)
    if names == {"on"}:
        try:
            dt.date.fromisoformat(due["on"])
        except ValueError:
            return False
        return True
    if names == {"tenure"}:
        return re.fullmatch(r"\d{1,4}", due["tenure"]) is not None
    return names in ({"event"}, {"transaction", "milestone"})


def _segments(request: PreviewRequest, payee: Any, place: str) -> Problems:
    if not payee.segments and len(request.plans) > 1:
        yield Problem(f"{place}.segments", _("Several plans are given. Say which one holds when."))
    codes: set[str] = set()
    for i, one in enumerate(payee.segments):
        where = f"{place}.segments[{i}]"
        if one.plan is not None and one.plan not in request.plans:
            fix = _("There is no plan “%(name)s” under “plans”.") % {"name": one.plan}
            yield Problem(f"{where}.plan", fix)
        if one.plan is None and len(request.plans) > 1:
            yield Problem(f"{where}.plan", _("Several plans are given. Say which one holds."))
        if one.from_ >= one.before:
            yield Problem(f"{where}.before", _("It must end after it begins."))
        if i and one.from_ < payee.segments[i - 1].before:
            yield Problem(f"{where}.from", _("Segments must follow one another without overlaps."))
        if one.code in codes:
            yield Problem(f"{where}.code", _("Two segments share this code. Give each its own."))
        codes.add(one.code)
    if payee.segments and not any(
        one.from_ < request.period.before and request.period.from_ < one.before for one in payee.segments
    ):
        yield Problem(f"{place}.segments", _("No segment reaches into the period."))


def _credits(request: PreviewRequest) -> Problems:
    seen: set[str] = set()
    shares: dict[tuple[str, str], Decimal] = {}
    stated: dict[tuple[str, str], int] = {}
    for index, row in enumerate(request.credits):
        if row.id in seen:
            yield Problem(f"credits[{index}].id", _("Two credits share this id. Give each its own."))
        seen.add(row.id)
        if row.reverses is not None and row.amount > 0:
            fix = _("What comes back has a negative amount.")
            yield Problem(f"credits[{index}].amount", fix)
        if not row.overlay and row.reverses is None and row.share is not None:
            key = (row.transaction, row.measure)
            shares[key] = shares.get(key, Decimal(0)) + row.share
            stated.setdefault(key, index)
    for key, total in shares.items():
        if total != 1:
            fix = _("The direct shares of %(transaction)s add up to %(total)s. Make them add up to 1.")
            told = {"transaction": key[0], "total": total}
            yield Problem(f"credits[{stated[key]}].share", fix % told)


def _named(request: PreviewRequest) -> Problems:
    """Refuse figures for components and objectives that no plan has: a slip would pay something else."""
    plans = [plan for plan in (request.plan, *request.plans.values()) if plan is not None]
    components = [component for plan in plans for component in plan.components]
    pools = {one.code for one in components if isinstance(one, Pool)}
    spiffs = {one.code for one in components if isinstance(one, Spiff)}
    graded = {goal.code for one in components if isinstance(one, Mbo) for goal in one.objectives}
    codes = {one.code for one in components}
    asked = [(f"spiff_spent.{code}", code, spiffs) for code in request.spiff_spent]
    asked += [(f"pools[{i}].component", one.component, pools) for i, one in enumerate(request.pools)]
    for i, payee in enumerate(request.payees):
        place = f"payees[{i}]"
        asked += [(f"{place}.annual.{code}", code, codes) for code in payee.annual]
        asked += [(f"{place}.weights.{code}", code, pools) for code in payee.weights]
        asked += [(f"{place}.grades.{code}", code, graded) for code in payee.grades]
        for j, segment in enumerate(payee.segments):
            asked += [(f"{place}.segments[{j}].annual.{code}", code, codes) for code in segment.annual]
    for place, code, known in asked:
        if code not in known:
            fix = _("No plan has anything of this name to which it could apply. Known: %(known)s.")
            yield Problem(place, fix % {"known": ", ".join(sorted(known)) or "—"})
