"""What happens to open rounds every day: who is asked follows the structure, who is late is told."""

import datetime as dt
from collections.abc import Callable

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.core.db import lock_rows, requires_transaction
from apps.org import selectors as org
from apps.targets.enums import FigureState
from apps.targets.models import BottomUpRound, OwnFigure, Target
from apps.targets.rules.rounds import Stage, stage
from apps.targets.selectors.owners import owners_of
from apps.targets.services.telling import ROUND, tell, title_of
from apps.ui import formatting


@requires_transaction
def remind(*, on: dt.date) -> int:
    """Bring open rounds to the state of a day and return how many notices were written.

    A figure follows its seat or unit to whoever answers for it now. People are
    told three days before, on the day, after it, and their manager once three
    days are over; a second run tells nobody anything twice.
    """
    written = 0
    for one in lock_rows(BottomUpRound.objects.open()):
        ask_whoever_answers(round_id=one.pk, on=on)
        written += _remind_of(one, on)
    return written


@requires_transaction
def ask_whoever_answers(*, round_id: int, on: dt.date) -> int:
    """Give the figures of a round to whoever answers for their nodes on a day; returns how many moved."""
    plan_id = BottomUpRound.objects.values_list("plan_id", flat=True).get(pk=round_id)
    asked = owners_of(list(Target.objects.filter(plan=plan_id).order_by("place", "pk")), on)
    rows = lock_rows(OwnFigure.objects.filter(round=round_id))
    moved = [row for row in rows if row.person_id != asked.get(row.target_id)]
    for row in moved:
        row.person_id = asked.get(row.target_id)
    OwnFigure.objects.bulk_update(moved, ["person"], batch_size=500)
    return len(moved)


def _remind_of(one: BottomUpRound, on: dt.date) -> int:
    dues = dict(one.dues.values_list("depth", "due_on"))
    with_owner = [FigureState.WAITING, FigureState.ENTERED, FigureState.RETURNED]
    rows = OwnFigure.objects.filter(round=one, state__in=with_owner, person__isnull=False)
    nearest: dict[int, dt.date] = {}
    for person_id, depth in rows.order_by("pk").values_list("person_id", "target__depth"):
        if person_id is not None:
            nearest[person_id] = min(dues[depth], nearest.get(person_id, dues[depth]))
    plan = one.plan
    written = 0
    for person_id, due_on in sorted(nearest.items()):
        found = stage(due_on, on)
        if found is None:
            continue
        told = [person_id, org.manager_of(person_id, on)] if found == Stage.VERY_LATE else [person_id]
        notices = tell(
            told,
            ROUND,
            _sentence(found, title_of, plan, due_on),
            url=reverse("targets:figures"),
            key=f"targets.round:{one.pk}:{person_id}:{found}",
        )
        written += len(notices)
    return written


def _sentence(found: Stage, title: Callable[..., str], plan: object, due_on: dt.date) -> Callable[[], str]:
    def write() -> str:
        texts = {
            Stage.SOON: _("Own figures for %(plan)s are due on %(day)s"),
            Stage.TODAY: _("Own figures for %(plan)s are due today"),
            Stage.LATE: _("Own figures for %(plan)s were due on %(day)s"),
            Stage.VERY_LATE: _("Own figures for %(plan)s are overdue since %(day)s"),
        }
        return texts[found] % {"plan": title(plan), "day": formatting.day(due_on)}

    return write
