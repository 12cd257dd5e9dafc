"""A question about a figure, checked, and the days it is answered from."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.calendars import selectors as calendars
from apps.calendars.models import FiscalPeriod
from apps.core.errors import DomainError
from apps.measures import registry
from apps.measures.models import CellMonth
from apps.measures.registry import Measure
from apps.measures.rules import ReadPlan, Span, cuts_of, plan_read
from apps.org import selectors as org
from apps.org.models import OrgUnit, Position

T = TypeVar("T")
TIME = ("month", "quarter", "half", "year")
DIMENSIONS = ("unit", "person", "position", "product", "account")


class InvalidQuestion(DomainError):
    """The figure cannot be asked for like that."""


class NotVisible(DomainError):
    """The viewer may not see figures of that unit or person (answer 404)."""


@dataclass(frozen=True)
class Question:
    """One checked question; see :func:`apps.measures.selectors.query` for the fields."""

    measure: Measure
    start: dt.date
    end: dt.date
    by: tuple[str, ...]
    unit_id: int | None
    person_id: int | None
    person_ids: frozenset[int] | None
    product_id: int | None
    account_id: int | None
    structure: str
    as_of: dt.date
    seats_apart: bool = False

    @property
    def time_key(self) -> str | None:
        """The grain of time asked for, if any."""
        return next((key for key in self.by if key in TIME), None)

    @property
    def keeps_overlay(self) -> bool:
        """Whether overlay credit counts: it does for a person, never in a total of a unit or the company."""
        apart = self.seats_apart or "person" in self.by or "position" in self.by
        return self.person_id is not None or apart

    @property
    def cells_fit(self) -> bool:
        """Whether cells keep every dimension the question has."""
        return self.account_id is None and "account" not in self.by


def build(  # the one place where every argument of a question is checked
    measure: str,
    start: dt.date,
    end: dt.date,
    *,
    by: Iterable[str] = (),
    unit_id: int | None = None,
    person_id: int | None = None,
    product_id: int | None = None,
    account_id: int | None = None,
    structure: str = "as_was",
    as_of: dt.date | None = None,
    viewer: User | None = None,
    keep_to_reach: bool = False,
    seats_apart: bool = False,
) -> Question:
    """Check a question and narrow it to what the viewer may see. Raises InvalidQuestion, NotVisible.

    With ``keep_to_reach`` a unit is narrowed to the people in the viewer's reach
    instead of being refused, as the units of a split are; ``seats_apart`` asks
    about one seat or about credit without a person, where overlay credit counts.
    """
    keys = tuple(by)
    if measure not in registry.measures:
        raise InvalidQuestion(
            _("There is no measure “%(code)s”.") % {"code": measure}, fields={"measure": measure}
        )
    if end <= start:
        raise InvalidQuestion(
            _("The end must come after the start."), fields={"end": _("Choose a later date.")}
        )
    unknown = [key for key in keys if key not in TIME + DIMENSIONS]
    if unknown or len(set(keys)) != len(keys) or sum(key in TIME for key in keys) > 1:
        raise InvalidQuestion(
            _("Figures cannot be split by “%(keys)s”.") % {"keys": ", ".join(keys)},
            fields={"by": _("Choose among: %(known)s.") % {"known": ", ".join(TIME + DIMENSIONS)}},
        )
    if structure not in {"as_was", "as_is"}:
        raise InvalidQuestion(_("The structure is either as_was or as_is."), fields={"structure": structure})
    day = as_of or end - dt.timedelta(days=1)
    return Question(
        measure=registry.measures.get(measure),
        start=start,
        end=end,
        by=keys,
        unit_id=unit_id,
        person_id=person_id,
        person_ids=_reach(viewer, None if keep_to_reach else unit_id, person_id),
        product_id=product_id,
        account_id=account_id,
        structure=structure,
        as_of=day,
        seats_apart=seats_apart,
    )


def _reach(viewer: User | None, unit_id: int | None, person_id: int | None) -> frozenset[int] | None:
    """Return the people to keep to, or None when the question needs no narrowing."""
    if viewer is None:
        return None
    scope = scope_of(viewer, Permission.MEASURE_VIEW)
    if scope.everything:
        return None
    if unit_id is not None and scope.covers_unit(unit_id):
        return None
    if person_id is not None:
        if not scope.covers_person(person_id):
            raise NotVisible(_("There is no such person."))
        return None
    if unit_id is not None:
        raise NotVisible(_("There is no such unit."))
    return scope.person_ids


_shared: ContextVar[dict[Any, Any] | None] = ContextVar("shared_reads", default=None)


@contextmanager
def reading_together(months: Sequence[FiscalPeriod] = ()) -> Iterator[None]:
    """Ask several questions for one page: periods, structure and read plans are looked up once.

    Sums of the ledger are read anew by every question, the stock of a day once. ``months`` are fiscal
    months the caller has read already, without gaps.
    """
    token = _shared.set({"months": list(months)})
    try:
        yield
    finally:
        _shared.reset(token)


@contextmanager
def reading_once() -> Iterator[None]:
    """Look up periods once for one question, or with the questions read together."""
    if _shared.get() is not None:
        yield
        return
    with reading_together():
        yield


def remembered(key: tuple[Any, ...], read: Callable[[], T]) -> T:
    """Return what ``read`` answers: once for the questions that are read together."""
    memo = _shared.get()
    if memo is None:
        return read()
    if key not in memo:
        memo[key] = read()
    return memo[key]


def read_plan(question: Question) -> ReadPlan:
    """Decide which days of the question come from cells and which from the ledger."""
    key = ("plan", question.start, question.end, question.cells_fit)
    return remembered(key, lambda: _read_plan(question))


def _read_plan(question: Question) -> ReadPlan:
    start, end = question.start, question.end
    months = _periods(start, end, "month")
    first, last = _read_together(start, end)
    cells, changes = remembered(("cells", first, last), lambda: _cells_and_changes(first, last))
    known = {cell[0]: cell[1:] for cell in cells if start <= cell[0] and cell[1] <= end}
    inside = [day for day in changes if start <= day < end]
    spans = [Span(month.starts_on, month.ends_before) for month in months]
    usable = [
        (cell := known.get(span.start)) is None
        or (cell[0] == span.end and tuple(cell[1]) == cuts_of(span, inside))
        for span in spans
    ]
    return plan_read(start, end, spans, usable, cells_fit=question.cells_fit)


def _read_together(start: dt.date, end: dt.date) -> tuple[dt.date, dt.date]:
    """Return the days of all months read together, if they hold the days asked for, else those days."""
    memo = _shared.get()
    months = memo["months"] if memo is not None else []
    if months and months[0].starts_on <= start and end <= months[-1].ends_before:
        return months[0].starts_on, months[-1].ends_before
    return start, end


def _cells_and_changes(
    start: dt.date, end: dt.date
) -> tuple[list[tuple[dt.date, dt.date, list[dt.date]]], list[dt.date]]:
    filled = CellMonth.objects.filter(starts_on__gte=start, ends_before__lte=end)
    cells = list(filled.values_list("starts_on", "ends_before", "cuts"))
    return cells, org.structure_dates(start, end) if cells else []


def present_places(on: dt.date) -> tuple[dict[int, int], dict[int, int]]:
    """Map every position and every unit to the unit that stands for it on a day."""
    return remembered(("places", on), lambda: _present_places(on))


def _present_places(on: dt.date) -> tuple[dict[int, int], dict[int, int]]:
    positions = Position.objects.order_by("pk").values_list("pk", flat=True)
    units = OrgUnit.objects.order_by("pk").values_list("pk", flat=True)
    return org.as_is_units(positions, units, on)


def time_buckets(question: Question) -> tuple[list[dt.date], list[dt.date], list[str]]:
    """Return start, end and code of the periods that a time key splits the question into."""
    periods = _periods(question.start, question.end, question.time_key or "month")
    return (
        [period.starts_on for period in periods],
        [period.ends_before for period in periods],
        [period.code for period in periods],
    )


def _periods(start: dt.date, end: dt.date, kind: str) -> list[FiscalPeriod]:
    memo = _shared.get()
    key = ("periods", start, end, kind)
    if memo is not None and key in memo:
        return memo[key]
    known = memo["months"] if memo is not None and kind == "month" else []
    if known and _read_together(start, end) == (known[0].starts_on, known[-1].ends_before):
        return [month for month in known if month.starts_on < end and month.ends_before > start]
    periods = calendars.periods_between(start, end, kind)
    if memo is not None:
        memo[key] = periods
    return periods


def days_of(period_code: str) -> tuple[dt.date, dt.date]:
    """Return the half-open days of a period code that a time key answered with."""
    period = calendars.period(period_code)
    return period.starts_on, period.ends_before
