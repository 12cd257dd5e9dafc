"""Team performance as plain data, every figure with the address of its rows."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from rest_framework.request import Request

from apps.core.money import round_units
from apps.insights.rules import figure
from apps.insights.selectors.conversion import StageStep
from apps.insights.selectors.standing import Member
from apps.insights.selectors.team import Cell, Question, Team, funnel
from apps.targets.rules.pacing import Attainment

API = "/api/v1/insights/team-performance/"
_REVENUE = "revenue"


def shown(request: Request, found: Team) -> dict[str, Any]:
    """Return the answer to one question."""
    return _Answer(request, found).whole()


def text(value: Decimal | Fraction | None, places: int | None = None) -> str | None:
    """Write a figure plainly, rounded if so asked."""
    exact = figure(value)
    if exact is None:
        return None
    written = format(exact if places is None else round_units(exact, places), "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


class _Answer:
    def __init__(self, request: Request, found: Team) -> None:
        self.request, self.found, self.question = request, found, found.question
        self.key: tuple[str, int] = _key(self.question)

    def whole(self) -> dict[str, Any]:
        found, question = self.found, self.question
        # What people sold for the unit adds up to it; some of them sell for another one today.
        within = {"unit": question.unit_id} if found.dimension == "person" and question.unit_id else {}
        return {
            "subject": self._subject(*self.key, found.name),
            "period": {
                "code": question.period.code,
                "start": question.period.starts_on,
                "end": question.end,
                "ends_before": question.period.ends_before,
                "today": question.today,
            },
            "structure": question.structure,
            "currency": settings.COMPANY_CURRENCY,
            "attainment": self._attainment(found.standing, *self.key),
            "crowd": {
                "members": found.crowd.members,
                "median": text(found.crowd.median, 6),
                "made_it": text(found.crowd.made_it, 6),
            },
            "figures": [self._figure(cell, *self.key) for cell in found.cells],
            "funnel": [self._step(step) for step in funnel(question, found.people)],
            "trend": self._trend(),
            "leaderboard": [self._place(one) for one in found.board],
            "breakdown": [
                {
                    "subject": self._subject(line.dimension, line.key, line.name),
                    "attainment": self._attainment(line.standing, line.dimension, line.key),
                    "figures": [
                        self._figure(cell, line.dimension, line.key, **within) for cell in line.cells
                    ],
                }
                for line in found.lines
            ],
        }

    def _address(self, path: str, **query: Any) -> str:
        return self.request.build_absolute_uri(f"{path}?{urlencode(query)}")

    def _rows(
        self, measure: str, start: dt.date, end: dt.date, dimension: str, key: int, **within: int
    ) -> str:
        asked: dict[str, Any] = {"measure": measure, "start": start, "end": end, dimension: key, **within}
        if self.question.structure != "as_was":
            asked |= {"structure": self.question.structure, "as_of": self.question.as_of}
        return self._address("/api/v1/credits/", **asked)

    def _subject(self, dimension: str, key: int, name: str) -> dict[str, Any]:
        asked = {dimension: key, "period": self.question.period.code, "structure": self.question.structure}
        return {"type": dimension, "id": key, "name": name, "url": self._address(API, **asked)}

    def _attainment(self, one: Attainment, dimension: str, key: int) -> dict[str, Any]:
        return {
            "actual": text(one.actual),
            "quota": text(one.quota),
            "ratio": text(one.ratio, 6),
            "expected": text(one.expected, 6),
            "pace": text(one.pace, 6),
            "elapsed": text(one.elapsed, 6),
            "projection": text(one.projection, 6),
            "rows_url": self._rows(
                _REVENUE, self.question.period.starts_on, self.question.end, dimension, key
            ),
        }

    def _figure(self, cell: Cell, dimension: str, key: int, **within: int) -> dict[str, Any]:
        measure, days = cell.measure, (self.question.period.starts_on, self.question.end)
        has_rows = measure.source != "stock"
        return {
            "measure": measure.code,
            "name": str(measure.name),
            "kind": measure.kind,
            "value": text(cell.value),
            "numerator": text(cell.row.numerator if cell.row else Decimal(0)),
            "denominator": text(cell.row.denominator) if cell.row else None,
            "rows_url": self._rows(measure.code, *days, dimension, key, **within) if has_rows else None,
            "why_url": self.request.build_absolute_uri(cell.why),
        }

    def _step(self, step: StageStep) -> dict[str, Any]:
        dimension, key = self.key
        asked = {dimension: key, "period": self.question.period.code, "stage": step.stage_id}
        if self.question.structure != "as_was":
            asked["structure"] = self.question.structure
        return {
            "stage": step.stage_id,
            "name": step.name,
            "entered": step.entered,
            "passed": step.passed,
            "rate": text(step.rate, 6),
            "entered_url": self._address(f"{API}deals/", **asked),
            "passed_url": self._address(f"{API}deals/", **asked, passed="true"),
        }

    def _trend(self) -> list[dict[str, Any]]:
        months, frame = self.found.months, self.found.frame
        if frame is None:
            return []
        return [
            {
                "month": period.code,
                "actual": text(months.actual[index]),
                "earlier": text(months.earlier[index]) if index < len(months.earlier) else None,
                "quota": text(months.quota[index]) if months.quota else None,
                "rows_url": self._rows(_REVENUE, period.starts_on, period.ends_before, *self.key),
            }
            for index, period in enumerate(frame.months)
        ]

    def _place(self, one: Member) -> dict[str, Any]:
        return {
            "place": one.place,
            "subject": self._subject("person", one.key, one.name),
            "attainment": self._attainment(one.standing, "person", one.key),
        }


def _key(question: Question) -> tuple[str, int]:
    if question.person_id is not None:
        return "person", question.person_id
    return "unit", question.unit_id or 0
