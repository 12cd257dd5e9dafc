"""The life of a version: submitted, approved by somebody else, replaced by the next."""

import datetime as dt
import logging
from collections.abc import Collection

from django.db import connection
from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.targets.enums import Grade, PlanStatus
from apps.targets.models import (
    BottomUpRound,
    PlanLevel,
    PlanMonth,
    ShareRequest,
    Target,
    TargetPlan,
    TargetWaiver,
)
from apps.targets.rules.smart import Verdict
from apps.targets.selectors.evidence import verdicts
from apps.targets.selectors.owners import owners_of
from apps.targets.services import chain
from apps.targets.services.building import OpenVersionExists
from apps.targets.services.storing import open_plan
from apps.targets.services.telling import APPROVAL, tell_users, title_of

logger = logging.getLogger(__name__)
_IN_FORCE = gettext_noop("%(plan)s, version %(version)s, is in force")
_RETURNED = gettext_noop("%(plan)s, version %(version)s, was returned: %(reason)s")


class NotWaiting(DomainError):
    """The version does not wait for approval."""


class SamePerson(DomainError):
    """Whoever planned a target cannot approve it."""


class NeedsWaiver(DomainError):
    """Targets fail their SMART check without a waiver."""


class NothingToWaive(DomainError):
    """The target has not failed its check."""


class ReasonMissing(DomainError):
    """The act needs a reason."""


class QuestionOpen(DomainError):
    """Somebody was asked about figures of this draft and has not answered."""


class RoundOpen(DomainError):
    """A bottom-up round of this draft is still open."""


class NotInForce(DomainError):
    """Only an approved version can be followed by a new one."""


@requires_transaction
def check_plan(*, plan_id: int, at: dt.datetime, on: dt.date) -> dict[int, Verdict]:
    """Judge every target of a plan and keep the verdicts."""
    plan = TargetPlan.objects.select_related("period").get(pk=plan_id)
    found = verdicts(plan, on)
    rows = list(Target.objects.filter(plan=plan).order_by("pk"))
    for row in rows:
        row.smart = found[row.pk].as_data()
        row.smart_grade = found[row.pk].grade
        row.checked_at = at
    Target.objects.bulk_update(rows, ["smart", "smart_grade", "checked_at"], batch_size=500)
    return found


@requires_transaction
def submit_plan(
    *, plan_id: int, by_id: int, at: dt.datetime, on: dt.date, revision: int | None = None
) -> TargetPlan:
    """Check a draft and hand it over for approval. Raises PlanNotOpen, StaleVersion, RoundOpen,
    QuestionOpen.
    """
    plan = open_plan(plan_id, revision, by_id)
    if BottomUpRound.objects.open().filter(plan=plan).exists():
        raise RoundOpen(_("Its bottom-up round is still open. Close it before submitting."))
    if ShareRequest.objects.waiting().filter(target__plan=plan).exists():
        raise QuestionOpen(_("Somebody was asked what becomes of the figures below a total. Wait or decide."))
    check_plan(plan_id=plan_id, at=at, on=on)
    plan.status, plan.submitted_by_id, plan.submitted_at = PlanStatus.SUBMITTED, by_id, at
    plan.save(update_fields=["status", "submitted_by", "submitted_at"])
    chain.start(plan, on=on)
    logger.info("target plan submitted", extra={"plan_id": plan.pk, "by": by_id})
    return plan


@requires_transaction
def return_plan(
    *,
    plan_id: int,
    by_id: int,
    at: dt.datetime,
    reason: str,
    approval_ids: Collection[int] | None = None,
) -> TargetPlan:
    """Give a submitted version back to its planners with a reason. Raises NotWaiting, ReasonMissing.

    ``approval_ids`` are the agreements that are refused, by default those of the open step.
    """
    _demand(reason)
    [plan] = lock_rows(TargetPlan.objects.filter(pk=plan_id))
    if plan.status != PlanStatus.SUBMITTED:
        raise NotWaiting(_("This version does not wait for approval."))
    chain.refuse(plan, approval_ids=approval_ids, by_id=by_id, at=at, reason=reason)
    _tell_planners(plan, _RETURNED, reason)
    plan.status, plan.submitted_by, plan.submitted_at = PlanStatus.DRAFT, None, None
    plan.reason, plan.revision = reason, plan.revision + 1
    plan.save(update_fields=["status", "submitted_by", "submitted_at", "reason", "revision"])
    logger.info("target plan returned", extra={"plan_id": plan.pk, "by": by_id})
    return plan


@requires_transaction
def waive(*, target_ids: list[int], by_id: int, at: dt.datetime, reason: str) -> int:
    """Accept targets that fail their check, with a reason; returns how many. Raises NothingToWaive."""
    _demand(reason)
    failing = Target.objects.filter(
        pk__in=target_ids, smart_grade=Grade.FAILED, plan__status=PlanStatus.SUBMITTED
    )
    rows = list(failing.order_by("pk"))
    if not rows:
        raise NothingToWaive(_("None of these targets waits for a waiver."))
    TargetWaiver.objects.filter(target__in=rows).delete()
    TargetWaiver.objects.bulk_create(
        TargetWaiver(
            target=row, letters="".join(failed_letters(row)), reason=reason, waived_by_id=by_id, waived_at=at
        )
        for row in rows
    )
    return len(rows)


def failed_letters(target: Target) -> list[str]:
    """Return the letters of a stored verdict that are not met."""
    return [str(one["letter"]) for one in target.smart if one["grade"] == Grade.FAILED]


@requires_transaction
def approve_plan(
    *,
    plan_id: int,
    by_id: int,
    at: dt.datetime,
    on: dt.date,
    approval_ids: Collection[int] | None = None,
    comment: str = "",
) -> TargetPlan:
    """Agree to a submitted version; the last agreement puts it into force and replaces the one before.

    ``approval_ids`` are the agreements given, by default that of a role. Raises
    NotWaiting (also when somebody else got there first), SamePerson, NotYourTurn,
    NeedsWaiver.
    """
    measure, period_id = TargetPlan.objects.values_list("measure", "period_id").get(pk=plan_id)
    versions = {
        plan.pk: plan for plan in lock_rows(TargetPlan.objects.filter(measure=measure, period=period_id))
    }
    plan = versions[plan_id]
    if plan.status != PlanStatus.SUBMITTED:
        raise NotWaiting(_("This version does not wait for approval (any more)."))
    if by_id in {plan.created_by_id, plan.submitted_by_id}:
        raise SamePerson(_("You planned or submitted this target. Somebody else has to approve it."))
    if not chain.agree(plan, approval_ids=approval_ids, by_id=by_id, at=at, on=on, comment=comment):
        logger.info("target plan agreed to", extra={"plan_id": plan.pk, "by": by_id})
        return plan
    _demand_waivers(plan)
    for other in versions.values():
        if other.status == PlanStatus.APPROVED:
            other.status, other.superseded_at = PlanStatus.SUPERSEDED, at
            other.save(update_fields=["status", "superseded_at"])
            plan.previous = other
    plan.status, plan.approved_by_id, plan.approved_at = PlanStatus.APPROVED, by_id, at
    plan.save(update_fields=["status", "approved_by", "approved_at", "previous"])
    name_owners(plan_id=plan.pk, on=max(on, plan.structure_on))
    _tell_planners(plan, _IN_FORCE)
    logger.info("target plan approved", extra={"plan_id": plan.pk, "by": by_id})
    return plan


def _tell_planners(plan: TargetPlan, sentence: str, reason: str = "") -> None:
    planners = {plan.created_by_id, plan.submitted_by_id or plan.created_by_id}
    tell_users(
        planners,
        APPROVAL,
        lambda: _(sentence) % {"plan": title_of(plan), "version": plan.version, "reason": reason},
        url=reverse("targets:course", args=[plan.pk]),
        key=f"targets.plan:{plan.pk}:{sentence[-12:]}:{plan.revision}",
    )


def _demand_waivers(plan: TargetPlan) -> None:
    failing = Target.objects.filter(plan=plan, smart_grade=Grade.FAILED, waiver__isnull=True)
    count = failing.count()
    if count:
        raise NeedsWaiver(
            _("%(count)s targets fail their SMART check. Change them or waive them with a reason.")
            % {"count": count}
        )


def _demand(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing(_("Give a reason."), fields={"reason": _("Give a reason.")})


@requires_transaction
def name_owners(*, plan_id: int, on: dt.date) -> int:
    """Write down who answers for each target on a day: the seat's holder or the unit's lead.

    A vacant seat is answered for by whoever leads its unit; the seat keeps its target.
    """
    rows = list(Target.objects.filter(plan=plan_id).order_by("place", "pk"))
    owner_of = owners_of(rows, on)
    changed = [row for row in rows if row.owner_id != owner_of[row.pk]]
    for row in changed:
        row.owner_id = owner_of[row.pk]
    Target.objects.bulk_update(changed, ["owner"], batch_size=500)
    return len(changed)


@requires_transaction
def new_version(*, plan_id: int, by_id: int, at: dt.datetime, reason: str) -> TargetPlan:
    """Copy the version in force into a draft, saying why. Raises NotInForce, OpenVersionExists."""
    _demand(reason)
    old = TargetPlan.objects.get(pk=plan_id)
    advisory_lock(f"targets.versions:{old.measure}:{old.period_id}")
    if old.status != PlanStatus.APPROVED:
        raise NotInForce(_("Only the version in force can be followed by a new one."))
    versions = TargetPlan.objects.filter(measure=old.measure, period=old.period_id)
    if versions.open().exists():
        raise OpenVersionExists(_("There is already an open draft of the next version."))
    last = versions.aggregate(last=Max("version"))["last"]
    new = TargetPlan.objects.get(pk=plan_id)
    new.pk, new.version, new.revision, new.touched = None, last + 1, 1, 0
    new._state.adding = True
    new.status, new.reason, new.previous = PlanStatus.DRAFT, reason, old
    new.created_by_id, new.created_at = by_id, at
    new.submitted_by = new.submitted_at = new.approved_by = new.approved_at = None
    new.save(force_insert=True)
    _copy_parts(old, new)
    return new


_COPY_NODES = """
    WITH pairs AS (
        SELECT id AS old_id, nextval(pg_get_serial_sequence('targets_target', 'id')) AS new_id
        FROM (SELECT id FROM targets_target WHERE plan_id = %(old)s ORDER BY place, id) ordered
    ), nodes AS (
        INSERT INTO targets_target (id, plan_id, parent_id, {columns})
        SELECT p.new_id, %(new)s, up.new_id, {picked}
        FROM targets_target t JOIN pairs p ON p.old_id = t.id LEFT JOIN pairs up ON up.old_id = t.parent_id
        ORDER BY t.place, t.id
        RETURNING id
    )
    INSERT INTO targets_targetslice (target_id, dimension, member, label, weight, amount)
    SELECT p.new_id, s.dimension, s.member, s.label, s.weight, s.amount
    FROM targets_targetslice s JOIN pairs p ON p.old_id = s.target_id
    WHERE EXISTS (SELECT FROM nodes)
"""


def _copy_parts(old: TargetPlan, new: TargetPlan) -> None:
    levels = list(PlanLevel.objects.filter(plan=old).order_by("pk"))
    for level in levels:
        level.pk, level.plan = None, new
    PlanLevel.objects.bulk_create(levels)
    months = list(PlanMonth.objects.filter(plan=old).order_by("pk"))
    for month in months:
        month.pk, month.plan = None, new
    PlanMonth.objects.bulk_create(months)
    names = [
        field.column
        for field in Target._meta.concrete_fields
        if field.column and field.column not in {"id", "plan_id", "parent_id"}
    ]
    sql = _COPY_NODES.format(columns=", ".join(names), picked=", ".join(f"t.{name}" for name in names))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"old": old.pk, "new": new.pk})


@requires_transaction
def discard_plan(*, plan_id: int, revision: int | None = None) -> None:
    """Throw a draft away. Raises PlanNotOpen, StaleVersion."""
    open_plan(plan_id, revision)
    TargetPlan.objects.filter(pk=plan_id).delete()
