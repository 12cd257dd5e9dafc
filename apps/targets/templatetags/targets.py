"""What templates of targets need besides the page kit."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template

from apps.measures import registry
from apps.targets.enums import Decision, FigureState, NoteKind, PlanStatus
from apps.ui import formatting
from apps.ui.charts import pace_tone

register = template.Library()
_TONES = {
    PlanStatus.DRAFT: "muted",
    PlanStatus.SUBMITTED: "warn",
    PlanStatus.APPROVED: "good",
    PlanStatus.SUPERSEDED: "muted",
}


@register.filter
def as_ratio(value: Fraction | Decimal | None) -> Decimal | None:
    """Turn an exact fraction into a figure that can be written."""
    if value is None or isinstance(value, Decimal):
        return value
    return Decimal(value.numerator) / Decimal(value.denominator)


@register.filter
def plan_title(plan: Any) -> str:
    """Return what a plan is called in the reader's language: its measure and its year."""
    if plan.measure not in registry.measures:
        return plan.name
    return f"{registry.measures.get(plan.measure).name} · {plan.period.code}"


@register.filter
def growth(plan: Any) -> Decimal | None:
    """Return what a listed plan asks for on top of its base year, as its grid says."""
    return plan.top_amount / plan.top_history - 1 if plan.top_history else None


@register.filter
def status_tone(plan: Any) -> str:
    """Return the tone of a version's status."""
    return _TONES[PlanStatus(plan.status)]


@register.filter
def tone(standing: Any) -> str:
    """Return good, warn or bad by pace; muted without a target."""
    return pace_tone(as_ratio(standing.ratio), as_ratio(standing.elapsed))


_FIGURE_TONES = {
    FigureState.WAITING: "muted",
    FigureState.ENTERED: "info",
    FigureState.SUBMITTED: "warn",
    FigureState.RETURNED: "bad",
    FigureState.ACCEPTED: "good",
}


@register.filter
def figure_tone(state: str) -> str:
    """Return the tone of the status of an own figure."""
    return _FIGURE_TONES[FigureState(state)]


_NOTE_TONES = {
    NoteKind.ENTERED: "muted",
    NoteKind.SUBMITTED: "warn",
    NoteKind.RETURNED: "bad",
    NoteKind.ACCEPTED: "good",
}


@register.filter
def note_tone(kind: str) -> str:
    """Return the tone of what happened to an own figure."""
    return _NOTE_TONES[NoteKind(kind)]


_DECISION_TONES = {
    Decision.WAITING: "warn",
    Decision.APPROVED: "good",
    Decision.RETURNED: "bad",
    Decision.DROPPED: "muted",
}


@register.filter
def decision_tone(state: str) -> str:
    """Return the tone of one agreement."""
    return _DECISION_TONES[Decision(state)]


@register.filter
def as_figure(text: str | None) -> Decimal | None:
    """Turn a figure stored as text into one that can be written."""
    return Decimal(text) if text else None


@register.filter
def at(found: Mapping[str, Any], name: str) -> Any:
    """Return what a mapping holds under a name."""
    return found.get(name, "")


@register.filter
def gap_text(value: Decimal | None, places: int = 0) -> str:
    """Write what is missing with its sign: a plus is missing, a minus to spare."""
    if value is None:
        return "–"
    return f"{'+' if value > 0 else ''}{formatting.number(value, places)}"


@register.filter
def gap_money(value: Decimal | None, currency: str) -> str:
    """Write the money that is missing with its sign, shortened."""
    if value is None:
        return "–"
    return f"{'+' if value > 0 else ''}{formatting.money(value, currency, short=True)}"
