"""One strategy's page: objectives with their standing and warnings, reviews, decisions, progress."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.names import in_words
from apps.measures import registry
from apps.org.models import Person
from apps.strategy import rules
from apps.strategy.enums import ReviewState
from apps.strategy.models import (
    Decision,
    Initiative,
    Objective,
    ProgressNote,
    ReviewCadence,
    Strategy,
    StrategyReview,
)
from apps.strategy.selectors.standing import Standing, objectives_of, open_pipeline, sees, standings
from apps.ui import formatting

_FED_BY_PIPELINE = frozenset({"revenue", "deals_won", "new_customers"})
_LOG = 12


@dataclass(frozen=True)
class Line:
    """One objective as the reader may see it; ``hidden`` says why figures are missing."""

    objective: Objective
    standing: Standing
    measure: str
    kind: str
    hidden: str
    warnings: list[str]
    initiatives: list[Initiative]
    why: str

    @property
    def tone(self) -> str:
        """Good, warn or bad by pace; muted where nothing is known."""
        if self.hidden or self.standing.pace is None:
            return "muted"
        if self.standing.pace >= 1:
            return "good"
        return "warn" if self.standing.pace >= Fraction(self.objective.strategy.watch_below) else "bad"


@dataclass(frozen=True)
class StrategyPage:
    """Everything the page of a strategy shows."""

    strategy: Strategy
    lines: list[Line]
    progress: Fraction | None
    seen_share: int
    participants: list[Person]
    cadence: ReviewCadence | None
    upcoming: Sequence[StrategyReview]
    timeline: list[dict[str, Any]]
    open_decisions: list[Decision]
    completable: set[int]
    notes: list[ProgressNote]
    may_change: bool
    may_report: bool
    warnings: int = field(default=0)


def strategy_page(user: User, strategy: Strategy, on: dt.date) -> StrategyPage:
    """Return what a reader may see of a strategy at the end of a day, at a constant cost for more rows."""
    objectives = objectives_of([strategy.pk])
    lines = _lines(user, strategy, objectives, on)
    reviews = list(
        StrategyReview.objects.filter(strategy=strategy)
        .exclude(state=ReviewState.DROPPED)
        .select_related("held_by")
        .defer("pack")
        .annotate(decided=Count("decisions"))
        .order_by("due_on", "pk")
    )
    decisions = list(
        Decision.objects.filter(strategy=strategy)
        .select_related("owner", "objective", "review")
        .order_by("due_on", "pk")
    )
    notes = ProgressNote.objects.filter(strategy=strategy).select_related("written_by", "objective")
    shown = list(notes.order_by("-written_at", "-pk")[:_LOG])
    ids = strategy.participants.order_by("pk").values("person_id")
    seen = [one for one in lines if not one.hidden]
    return StrategyPage(
        strategy=strategy,
        lines=lines,
        progress=rules.weighted((one.objective.weight, one.standing.attainment.ratio) for one in seen),
        seen_share=len(seen),
        participants=list(Person.objects.filter(pk__in=ids).order_by("name", "pk")),
        cadence=ReviewCadence.objects.filter(strategy=strategy).first(),
        upcoming=[one for one in reviews if one.state != ReviewState.HELD][:4],
        timeline=_timeline(reviews, decisions, shown),
        open_decisions=[one for one in decisions if one.done_on is None],
        completable=set(
            Decision.objects.completable_by(user)
            .filter(strategy=strategy, done_on__isnull=True)
            .values_list("pk", flat=True)
        ),
        notes=shown,
        may_change=Strategy.objects.permitting(user, Permission.STRATEGY_EDIT)
        .filter(pk=strategy.pk)
        .exists(),
        may_report=Strategy.objects.joined_by(user).filter(pk=strategy.pk).exists(),
        warnings=sum(len(one.warnings) for one in lines),
    )


def _lines(user: User, strategy: Strategy, objectives: list[Objective], on: dt.date) -> list[Line]:
    found = standings(objectives, on)
    initiatives: dict[int, list[Initiative]] = defaultdict(list)
    rows = Initiative.objects.filter(strategy=strategy).select_related("owner")
    for initiative in rows.order_by("due_on", "pk"):
        initiatives[initiative.objective_id].append(initiative)
    pipeline = open_pipeline({_unit_of(one) for one in found.values() if _needs_pipeline(one, on)}, on)
    lines = []
    for objective in objectives:
        one = found[objective.pk]
        aim = one.aim
        hidden = ""
        if aim is not None and not sees(user, aim.unit_id, aim.person_id):
            hidden = _("Your role does not show figures of %(name)s.") % {"name": in_words(aim.name)}
        measure = registry.measures.get(aim.measure) if aim else None
        lines.append(
            Line(
                objective=objective,
                standing=one,
                measure=str(measure.name) if measure else "",
                kind=measure.kind if measure else "",
                hidden=hidden,
                warnings=_warnings(one, pipeline, on, hidden=bool(hidden)),
                initiatives=initiatives[objective.pk],
                why="" if hidden else one.why,
            )
        )
    return lines


def _unit_of(found: Standing) -> int:
    if found.aim is not None and found.aim.unit_id is not None:
        return found.aim.unit_id
    return found.objective.strategy.unit_id


def _needs_pipeline(found: Standing, on: dt.date) -> bool:
    aim = found.aim
    return (
        aim is not None
        and aim.measure in _FED_BY_PIPELINE
        and aim.unit_id is not None
        and aim.period.starts_on <= on < aim.period.ends_before
        and (found.attainment.gap or 0) > 0
    )


def _warnings(found: Standing, pipeline: dict[int, Decimal], on: dt.date, *, hidden: bool) -> list[str]:
    """Return what an objective lacks, one sentence each."""
    objective = found.objective
    texts = []
    if objective.owner is None:
        texts.append(_("Nobody owns this objective."))
    elif objective.owner.left_on and objective.owner.left_on <= on:
        texts.append(_("Its owner %(name)s has left.") % {"name": objective.owner.name})
    if found.aim is None:
        texts.append(_("It has neither a target nor a goal."))
    elif found.attainment.quota is None:
        texts.append(_("No target is in force behind it."))
    if not hidden and _needs_pipeline(found, on) and found.aim is not None:
        texts += _pipeline_warning(found, pipeline.get(_unit_of(found), Decimal(0)))
    return texts


def _pipeline_warning(found: Standing, pipeline: Decimal) -> list[str]:
    if not pipeline:
        return [_("No open pipeline feeds it.")]
    gap = found.attainment.gap
    if found.aim is None or found.aim.measure != "revenue" or not gap or pipeline >= gap:
        return []
    share = formatting.percent(pipeline / gap, 0)
    return [_("Open pipeline covers only %(share)s of what is missing.") % {"share": share}]


_DECISION_ICONS = {True: ("circle-check", "good"), False: ("gavel", "accent")}
_OUTLOOK_TONES = {"on_track": "good", "at_risk": "warn", "off_track": "bad"}


def _timeline(
    reviews: Sequence[StrategyReview], decisions: list[Decision], notes: list[ProgressNote]
) -> list[dict[str, Any]]:
    """Return reviews held, decisions and progress notes, newest first."""
    items: list[tuple[dt.date, int, dict[str, Any]]] = []
    for review in reviews:
        if review.held_on is not None:
            items.append((review.held_on, 2, {"kind": "review", "review": review, "tone": "accent"}))
    for decision in decisions:
        icon, tone = _DECISION_ICONS[decision.done_on is not None]
        entry = {"kind": "decision", "decision": decision, "icon": icon, "tone": tone}
        items.append((decision.decided_on, 1, entry))
    for note in notes:
        entry = {"kind": "note", "note": note, "tone": _OUTLOOK_TONES[note.outlook]}
        items.append((clock.date_of(note.written_at), 0, entry))
    items.sort(key=lambda item: (item[0], item[1]), reverse=True)
    return [{"on": on, **entry} for on, _rank, entry in items[:_LOG]]
