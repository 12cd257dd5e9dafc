"""What waits for somebody in reviews, training and strategy: parts to write, people to assess, dates."""

import datetime as dt

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.insights.waiting import Source, register
from apps.reviews.enums import Stage
from apps.reviews.models import Evaluation, EvaluationCycle
from apps.strategy.enums import InitiativeStatus, ReviewState, StrategyState
from apps.strategy.models import Decision, Initiative, StrategyReview
from apps.training.enums import EnrolmentState, SessionState
from apps.training.models import Completion, CourseSession, Enrolment

_RENEW_WITHIN = dt.timedelta(days=30)
_NOBODY = 0


def _person(user: User, permission: Permission) -> int:
    return scope_of(user, permission).own_person_id or _NOBODY


def _own_self_parts(user: User, today: dt.date) -> QuerySet:
    return Evaluation.objects.own(user).filter(stage=Stage.SELF)


def _own_to_read(user: User, today: dt.date) -> QuerySet:
    return Evaluation.objects.own(user).filter(stage=Stage.SHARED)


def _to_assess(user: User, today: dt.date) -> QuerySet:
    asked = Evaluation.objects.permitting(user, Permission.REVIEW_EDIT)
    mine = asked.filter(stage=Stage.MANAGER, manager=_person(user, Permission.REVIEW_VIEW))
    return _cycles_with(mine)


def _to_approve(user: User, today: dt.date) -> QuerySet:
    asked = Evaluation.objects.permitting(user, Permission.REVIEW_ADMIN).filter(stage=Stage.CALIBRATION)
    return _cycles_with(asked.exclude(assessed_by=user.pk))


def _to_share(user: User, today: dt.date) -> QuerySet:
    return EvaluationCycle.objects.permitting(user, Permission.REVIEW_ADMIN).filter(stage=Stage.APPROVED)


def _cycles_with(rows: QuerySet) -> QuerySet:
    """Return the cycles of some evaluations: one line for a period, however many people it is about."""
    return EvaluationCycle.objects.filter(Exists(rows.filter(cycle=OuterRef("pk"))))


def _attendance(user: User, today: dt.date) -> QuerySet:
    seats = Enrolment.objects.permitting(user, Permission.TRAINING_EDIT)
    unsaid = seats.filter(session=OuterRef("pk"), state=EnrolmentState.ENROLLED)
    over = CourseSession.objects.filter(state=SessionState.PLANNED, ends_at__date__lt=today)
    return over.filter(Exists(unsaid))


def _certificates(user: User, today: dt.date) -> QuerySet:
    own = Completion.objects.filter(person=_person(user, Permission.TRAINING_VIEW))
    newer = own.filter(course=OuterRef("course"), completed_on__gt=OuterRef("completed_on"))
    near = own.filter(expires_on__gt=today, expires_on__lte=today + _RENEW_WITHIN)
    return near.filter(~Exists(newer), course__retired_on__isnull=True)


def _reviews(user: User, today: dt.date) -> QuerySet:
    mine = StrategyReview.objects.filter(strategy__owner=_person(user, Permission.STRATEGY_VIEW))
    running = mine.filter(strategy__state=StrategyState.ACTIVE)
    return running.filter(state__in=[ReviewState.DUE, ReviewState.OVERDUE])


def _decisions(user: User, today: dt.date) -> QuerySet:
    mine = Decision.objects.open().filter(owner=_person(user, Permission.STRATEGY_VIEW), due_on__lte=today)
    return mine.exclude(strategy__state=StrategyState.CLOSED)


def _initiatives(user: User, today: dt.date) -> QuerySet:
    mine = Initiative.objects.filter(owner=_person(user, Permission.STRATEGY_VIEW), due_on__lte=today)
    running = mine.filter(status__in=[InitiativeStatus.PLANNED, InitiativeStatus.RUNNING])
    return running.exclude(strategy__state=StrategyState.CLOSED)


def register_standard() -> None:
    """Add what reviews, training and strategy ask of people."""
    for source in (
        Source(
            "review_self", _("Write your self-assessment for %(name)s"), Permission.REVIEW_VIEW,
            _own_self_parts, "cycle__period_code", "cycle__ends_before", "reviews:self",
            icon="writing-sign", is_day=True,
        ),
        Source(
            "review_read", _("Read and confirm your evaluation for %(name)s"), Permission.REVIEW_VIEW,
            _own_to_read, "cycle__period_code", "shared_at", "reviews:evaluation", icon="clipboard-check",
        ),
        Source(
            "review_assess", _("Assess your people for %(name)s"), Permission.REVIEW_EDIT,
            _to_assess, "period_code", "ends_before", "reviews:team", by_key=False,
            icon="users-group", is_day=True,
        ),
        Source(
            "review_approve", _("Calibrate and approve the evaluations for %(name)s"),
            Permission.REVIEW_ADMIN, _to_approve, "period_code", "ends_before", "reviews:cycle",
            icon="shield-check", is_day=True,
        ),
        Source(
            "review_share", _("Share the evaluations for %(name)s"), Permission.REVIEW_ADMIN,
            _to_share, "period_code", "ends_before", "reviews:cycle", icon="share", is_day=True,
        ),
        Source(
            "training_attendance", _("Record who came to “%(name)s”"), Permission.TRAINING_EDIT,
            _attendance, "course__name", "ends_at", "training:course", key="course_id", icon="school",
        ),
        Source(
            "training_renew", _("Renew your certificate “%(name)s” before it expires"),
            Permission.TRAINING_VIEW, _certificates, "course__name", "expires_on", "training:course",
            key="course_id", icon="certificate", is_day=True,
        ),
        Source(
            "strategy_review", _("Hold the review of “%(name)s”"), Permission.STRATEGY_VIEW,
            _reviews, "strategy__title", "due_on", "strategy:review", icon="compass", is_day=True,
        ),
        Source(
            "strategy_decision", _("Carry out: %(name)s"), Permission.STRATEGY_VIEW,
            _decisions, "text", "due_on", "strategy:mine", by_key=False, icon="gavel", is_day=True,
        ),
        Source(
            "strategy_initiative", _("Finish the initiative “%(name)s”"), Permission.STRATEGY_VIEW,
            _initiatives, "title", "due_on", "strategy:mine", by_key=False, icon="flag", is_day=True,
        ),
    ):  # fmt: skip
        register(source)
