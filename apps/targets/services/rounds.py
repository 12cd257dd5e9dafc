"""Bottom-up rounds: opened on a draft, figures entered, handed up, returned or accepted, then closed."""

import datetime as dt
import logging
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.db import lock_rows, requires_transaction
from apps.core.errors import DomainError, StaleVersion
from apps.core.names import in_words
from apps.targets.enums import FigureState, Method, NoteKind, PlanStatus
from apps.targets.models import (
    BottomUpRound,
    OwnFigure,
    OwnFigureNote,
    PlanMonth,
    RoundDue,
    Target,
    TargetPlan,
)
from apps.targets.rules.levels import Level, level_at
from apps.targets.rules.rounds import check_dues, year_of
from apps.targets.rules.tree import check_amount
from apps.targets.selectors.grid import names_of
from apps.targets.selectors.owners import owners_of
from apps.targets.selectors.trees import grid_of, levels_of
from apps.targets.services.editing import cascade
from apps.targets.services.settling import locked
from apps.targets.services.storing import PlanNotOpen
from apps.targets.services.telling import ROUND, tell, tell_users, title_of
from apps.targets.services.versions import ReasonMissing, RoundOpen, SamePerson

logger = logging.getLogger(__name__)


class RoundClosed(DomainError):
    """The round is over."""


class NotWithOwner(DomainError):
    """The figure was handed up and cannot be changed."""


class NotSubmitted(DomainError):
    """Only a figure that was handed up can be decided about."""


class NothingEntered(DomainError):
    """There is no figure to hand up or to blend in."""


@requires_transaction
def open_round(
    *,
    plan_id: int,
    dues: Mapping[int, dt.date],
    by_id: int,
    at: dt.datetime,
    on: dt.date,
    note: str = "",
    shows_proposal: bool = True,
) -> BottomUpRound:
    """Ask every seat and unit of a draft for its own figure, level by level until a day.

    ``dues`` maps each depth to its day; ``on`` is today. Everybody asked is told.
    Raises PlanNotOpen, RoundOpen, WrongDues.
    """
    plan = _locked_draft(plan_id)
    if BottomUpRound.objects.open().filter(plan=plan).exists():
        raise RoundOpen(_("A bottom-up round of this draft is already open. Close it first."))
    targets = list(Target.objects.filter(plan=plan).order_by("place", "pk"))
    depths = {target.depth for target in targets}
    check_dues(dues, depths, on)
    made = BottomUpRound.objects.create(
        plan=plan, note=note.strip(), shows_proposal=shows_proposal, opened_by_id=by_id, opened_at=at
    )
    RoundDue.objects.bulk_create(
        RoundDue(round=made, depth=depth, due_on=dues[depth]) for depth in sorted(depths)
    )
    asked = owners_of(targets, on)
    OwnFigure.objects.bulk_create(
        (OwnFigure(round=made, target=target, person_id=asked[target.pk]) for target in targets),
        batch_size=1000,
    )
    tell(
        asked.values(),
        ROUND,
        lambda: _("Your own figure is asked for: %(plan)s") % {"plan": title_of(plan)},
        url=reverse("targets:figures"),
        key=f"targets.round:{made.pk}",
    )
    logger.info("bottom-up round opened", extra={"round_id": made.pk, "by": by_id})
    return made


@requires_transaction
def enter_figure(
    *,
    figure_id: int,
    by_id: int,
    at: dt.datetime,
    amount: Decimal | None = None,
    months: Sequence[Decimal] = (),
    comment: str = "",
    version: int | None = None,
) -> OwnFigure:
    """Keep an own figure, as a year or month by month, without handing it up.

    Raises RoundClosed, NotWithOwner, StaleVersion, WrongTarget, WrongMonths, NothingEntered.
    """
    figure = _open_figure(figure_id, version)
    if not figure.is_with_its_owner:
        raise NotWithOwner(_("This figure was handed up. Ask for it to be returned to change it."))
    plan = figure.round.plan
    count = PlanMonth.objects.filter(plan=plan).count()
    grid = grid_of(plan, count)
    for one in months:
        check_amount(one, grid)
    year = year_of(months, count) if months and plan.is_additive else amount
    if year is None:
        raise NothingEntered(_("Enter a figure."), fields={"amount": _("Enter a figure.")})
    check_amount(year, grid)
    figure.amount, figure.months = year, list(months) if plan.is_additive else []
    figure.comment, figure.state = comment.strip(), FigureState.ENTERED
    figure.version += 1
    figure.save(update_fields=["amount", "months", "comment", "state", "version"])
    _note(figure, NoteKind.ENTERED, figure.comment, by_id, at)
    return figure


@requires_transaction
def submit_figure(*, figure_id: int, by_id: int, at: dt.datetime, version: int | None = None) -> OwnFigure:
    """Hand an own figure up to whoever answers for the node above; of the top node to the planner.

    Raises RoundClosed, NotWithOwner, NothingEntered, StaleVersion.
    """
    figure = _open_figure(figure_id, version)
    if not figure.is_with_its_owner:
        raise NotWithOwner(_("This figure was handed up already."))
    if figure.amount is None:
        raise NothingEntered(
            _("Enter a figure before handing it up."), fields={"amount": _("Enter a figure.")}
        )
    figure.state, figure.submitted_by_id, figure.submitted_at = FigureState.SUBMITTED, by_id, at
    figure.decided_by = figure.decided_at = None
    figure.version += 1
    figure.save(
        update_fields=["state", "submitted_by", "submitted_at", "decided_by", "decided_at", "version"]
    )
    _note(figure, NoteKind.SUBMITTED, "", by_id, at)
    _tell_above(figure)
    return figure


@requires_transaction
def return_figure(
    *, figure_id: int, by_id: int, at: dt.datetime, reason: str, version: int | None = None
) -> OwnFigure:
    """Give a submitted or accepted figure back to its owner with a reason.

    An accepted one no longer counts in the split. Raises ReasonMissing, RoundClosed, NotSubmitted,
    StaleVersion.
    """
    if not reason.strip():
        raise ReasonMissing(_("Give a reason."), fields={"reason": _("Give a reason.")})
    figure = _open_figure(figure_id, version)
    if figure.is_with_its_owner:
        raise NotSubmitted(_("This figure is with its owner already."))
    was_accepted = figure.state == FigureState.ACCEPTED
    figure.state, figure.decided_by_id, figure.decided_at = FigureState.RETURNED, by_id, at
    figure.version += 1
    figure.save(update_fields=["state", "decided_by", "decided_at", "version"])
    if was_accepted:
        Target.objects.filter(pk=figure.target_id).update(bottom_up=None)
    _note(figure, NoteKind.RETURNED, reason.strip(), by_id, at)
    plan = figure.round.plan
    tell(
        [figure.person_id],
        ROUND,
        lambda: (
            _("Your own figure for %(plan)s was returned: %(reason)s")
            % {"plan": title_of(plan), "reason": reason.strip()}
        ),
        url=reverse("targets:figure", args=[figure.pk]),
        key=f"targets.figure:{figure.pk}:returned:{figure.version}",
    )
    return figure


@requires_transaction
def accept_figures(*, figure_ids: Collection[int], by_id: int, at: dt.datetime) -> list[OwnFigure]:
    """Accept submitted figures; from then on they count as the bottom-up claim in a hybrid split.

    Raises NotSubmitted when one of them is not (any more), SamePerson for one's
    own hand-in, RoundClosed. Nothing is accepted when one is refused.
    """
    plans = set(OwnFigure.objects.filter(pk__in=figure_ids).values_list("round__plan_id", flat=True))
    for plan_id in sorted(plans):
        locked(plan_id)
    rows = _locked_figures(OwnFigure.objects.filter(pk__in=figure_ids))
    if not rows or any(row.state != FigureState.SUBMITTED for row in rows):
        raise NotSubmitted(_("Only figures that were handed up can be accepted."))
    if any(not row.round.is_open for row in rows):
        raise RoundClosed(_("This bottom-up round is closed."))
    if any(row.submitted_by_id == by_id for row in rows):
        raise SamePerson(_("You handed this figure up yourself. Somebody else accepts it."))
    for row in rows:
        row.state, row.decided_by_id, row.decided_at = FigureState.ACCEPTED, by_id, at
        row.version += 1
    OwnFigure.objects.bulk_update(rows, ["state", "decided_by", "decided_at", "version"], batch_size=500)
    claims = [Target(pk=row.target_id, bottom_up=row.amount) for row in rows]
    Target.objects.bulk_update(claims, ["bottom_up"], batch_size=500)
    OwnFigureNote.objects.bulk_create(
        OwnFigureNote(
            figure=row, kind=NoteKind.ACCEPTED, amount=row.amount, written_by_id=by_id, written_at=at
        )
        for row in rows
    )
    return rows


@requires_transaction
def close_round(*, round_id: int, by_id: int, at: dt.datetime) -> BottomUpRound:
    """End a round; what was accepted keeps counting. Raises RoundClosed."""
    [found] = lock_rows(BottomUpRound.objects.filter(pk=round_id))
    if not found.is_open:
        raise RoundClosed(_("This bottom-up round is closed."))
    found.closed_by_id, found.closed_at = by_id, at
    found.save(update_fields=["closed_by", "closed_at"])
    logger.info("bottom-up round closed", extra={"round_id": found.pk, "by": by_id})
    return found


@requires_transaction
def blend(
    *,
    plan_id: int,
    top_down: Decimal,
    by_id: int,
    at: dt.datetime,
    on: dt.date,
    revision: int | None = None,
) -> set[int]:
    """Split a draft again between top-down and bottom-up: ``top_down`` is the weight of the former.

    Over-assignment and figures set by hand stay. Returns the changed nodes.
    Raises NothingEntered before any figure was accepted, PlanNotOpen, StaleVersion.
    """
    plan = _locked_draft(plan_id)
    if not Target.objects.filter(plan=plan, bottom_up__isnull=False).exists():
        raise NothingEntered(_("No own figure was accepted yet."))
    now = levels_of(plan)
    levels = {
        depth: Level(
            method=Method.HYBRID, over_assignment=level_at(now, depth).over_assignment, top_down=top_down
        )
        for depth in now
    }
    return cascade(plan_id=plan_id, levels=levels, by_id=by_id, at=at, on=on, revision=revision)


def _locked_draft(plan_id: int) -> TargetPlan:
    plan = locked(plan_id)
    if plan.status != PlanStatus.DRAFT:
        raise PlanNotOpen(_("This version is no longer a draft."))
    return plan


def _locked_figures(rows) -> list[OwnFigure]:  # type: ignore[no-untyped-def]  # a queryset
    ids = [row.pk for row in lock_rows(rows)]
    found = OwnFigure.objects.filter(pk__in=ids)
    return list(found.select_related("round__plan__period", "target").order_by("pk"))


def _open_figure(figure_id: int, version: int | None) -> OwnFigure:
    [figure] = _locked_figures(OwnFigure.objects.filter(pk=figure_id))
    if not figure.round.is_open:
        raise RoundClosed(_("This bottom-up round is closed."))
    if version is not None and version != figure.version:
        raise StaleVersion(_("Somebody else changed this figure in the meantime. Reload to see it."))
    return figure


def _note(figure: OwnFigure, kind: NoteKind, text: str, by_id: int, at: dt.datetime) -> None:
    OwnFigureNote.objects.create(
        figure=figure, kind=kind, text=text, amount=figure.amount, written_by_id=by_id, written_at=at
    )


def _tell_above(figure: OwnFigure) -> None:
    """Tell whoever answers for the node above that a figure waits; of the top node the planner."""
    plan = figure.round.plan
    name = names_of(plan, [figure.target])[figure.target_id][0]
    url = reverse("targets:figure", args=[figure.pk])
    key = f"targets.figure:{figure.pk}:submitted:{figure.version}"

    def write() -> str:
        return _("%(name)s handed up an own figure for %(plan)s") % {
            "name": in_words(name),
            "plan": title_of(plan),
        }

    above = OwnFigure.objects.filter(round=figure.round, target=figure.target.parent_id).first()
    if above is not None and above.person_id not in {None, figure.person_id}:
        tell([above.person_id], ROUND, write, url=url, key=key)
    else:
        tell_users([figure.round.opened_by_id], ROUND, write, url=url, key=key)
