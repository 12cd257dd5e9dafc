"""Writing plans: versions that two people decide, and who is under a plan when."""

import datetime as dt
import logging
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core import clock
from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.effective import span
from apps.core.errors import DomainError, StaleVersion
from apps.incentives.enums import PayFrequency, VersionAct, VersionStatus
from apps.incentives.models import (
    IncentivePlan,
    PayRun,
    PlanAssignment,
    PlanVersion,
    Statement,
    VersionStep,
)
from apps.incentives.rules.chain import document_hash
from apps.incentives.rules.plan.catalogue import MeasureFacts, check_measures
from apps.incentives.rules.plan.currencies import check_currencies
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.parsing import parse_plan
from apps.incentives.rules.plan.problems import PlanInvalid, Problem
from apps.incentives.rules.plan.runnable import check_runnable
from apps.incentives.rules.plan.upgrade import upgrade
from apps.incentives.selectors.exchange import company_currency, missing_rates
from apps.incentives.services import telling
from apps.incentives.services.separation import are_one, people_behind
from apps.measures.registry import measures

logger = logging.getLogger(__name__)


class PlanCodeTaken(DomainError):
    """Another plan has this code."""


class InvalidPlan(DomainError):
    """Name, code or dates of the plan cannot be used."""


class VersionNotOpen(DomainError):
    """The version is approved, or waits for approval, and cannot be edited."""


class SecondPersonNeeded(DomainError):
    """The same person may not write and approve."""


class AlreadyPaid(DomainError):
    """Days that a locked run has paid cannot be given to another version or plan."""


class AssignmentOverlaps(DomainError):
    """Somebody or some position is under another plan on these days."""


def catalogue() -> dict[str, MeasureFacts]:
    """Return what plans may name: the measures of the catalogue."""
    return {
        measure.code: MeasureFacts(measure.kind, measure.source == "ledger") for measure in measures.values()
    }


@requires_transaction
def create_plan(
    *,
    code: str,
    name: str,
    purpose: str,
    document: Mapping[str, Any],
    starts_on: dt.date,
    by: User,
    at: dt.datetime,
) -> PlanVersion:
    """Create a plan with the draft of its first version. Raises PlanCodeTaken, InvalidPlan, PlanInvalid."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", code) or not name.strip():
        fields = {"code": _("Use small letters, digits and hyphens."), "name": _("Give the plan a name.")}
        raise InvalidPlan(_("The plan needs a name and a code."), fields=fields)
    if IncentivePlan.objects.filter(code=code).exists():
        raise PlanCodeTaken(
            _("A plan with the code %(code)s exists. Choose another code.") % {"code": code},
            fields={"code": _("This code is taken.")},
        )
    document = upgrade(document)
    read = _checked(document, starts_on)
    plan = IncentivePlan.objects.create(
        code=code, name=name.strip(), purpose=purpose, frequency=read, created_by=by, created_at=at
    )
    return _new_version(plan, 1, document, starts_on, _("First version"), by, at)


def plan_problems(document: Mapping[str, Any], on: dt.date, plan_id: int | None = None) -> list[Problem]:
    """Return everything for which a document would be refused when it is saved to begin on a day."""
    try:
        plan = parse_plan(upgrade(document))
    except PlanInvalid as error:
        return error.problems
    found: list[Problem] = []
    for check in (
        lambda: check_measures(plan, catalogue()),
        lambda: check_runnable(plan),
        lambda: _check_currencies(plan, on, plan_id),
    ):
        try:
            check()
        except PlanInvalid as error:
            found += error.problems
    return found


def _checked(document: Mapping[str, Any], on: dt.date, plan_id: int | None = None) -> str:
    plan = parse_plan(upgrade(document))
    check_measures(plan, catalogue())
    check_runnable(plan)
    _check_currencies(plan, on, plan_id)
    return plan.period


def _check_currencies(plan: PlanDocument, on: dt.date, plan_id: int | None) -> None:
    approved = PlanVersion.objects.approved().filter(plan=plan_id).order_by("-number").first()
    kept = "" if approved is None else approved.plan_document.currency
    check_currencies(plan, company_currency(), missing_rates(plan, on), kept)


def _new_version(
    plan: IncentivePlan,
    number: int,
    document: Mapping[str, Any],
    starts_on: dt.date,
    note: str,
    by: User,
    at: dt.datetime,
) -> PlanVersion:
    version = PlanVersion.objects.create(
        plan=plan,
        number=number,
        document=document,
        document_hash=document_hash(document),
        valid=span(starts_on),
        note=note[:300],
        created_by=by,
        created_at=at,
    )
    _note(version, VersionAct.WRITTEN, by, at)
    return version


def _note(version: PlanVersion, act: VersionAct, by: User, at: dt.datetime, note: str = "") -> VersionStep:
    """Write down what somebody did with a version."""
    logger.info("plan version step", extra={"version_id": version.pk, "act": str(act), "by": by.pk})
    return VersionStep.objects.create(version=version, act=act, by=by, at=at, note=note)


@requires_transaction
def save_draft(
    *,
    plan_id: int,
    document: Mapping[str, Any],
    starts_on: dt.date,
    note: str,
    revision: int | None,
    by: User,
    at: dt.datetime,
) -> PlanVersion:
    """Save the draft of a plan's next version, starting one when there is none.

    ``revision`` is the edit the caller had read; None starts a new draft.
    Raises PlanInvalid, StaleVersion, VersionNotOpen, InvalidPlan.
    """
    document = upgrade(document)
    [plan] = lock_rows(IncentivePlan.objects.filter(pk=plan_id))
    if _checked(document, starts_on, plan.pk) != plan.frequency:
        fix = _("This plan pays every %(frequency)s; a new version must keep that.")
        shown = PayFrequency(plan.frequency).label
        raise PlanInvalid([Problem("period", fix % {"frequency": shown})])
    draft = PlanVersion.objects.filter(plan=plan).exclude(status=VersionStatus.APPROVED).first()
    if draft is None:
        last = PlanVersion.objects.filter(plan=plan).order_by("-number").first()
        return _new_version(plan, (last.number if last else 0) + 1, document, starts_on, note, by, at)
    if draft.status != VersionStatus.DRAFT:
        raise VersionNotOpen(_("This version waits for approval. Return it to draft before editing."))
    if revision is not None and revision != draft.revision:
        raise StaleVersion(_("Somebody else saved this draft in the meantime. Reload it and try again."))
    if not are_one(by, draft.created_by):
        _note(draft, VersionAct.WRITTEN, by, at)
    draft.document, draft.document_hash = dict(document), document_hash(document)
    draft.valid, draft.note, draft.created_by = span(starts_on), note[:300], by
    draft.revision += 1
    draft.save(update_fields=["document", "document_hash", "valid", "note", "created_by", "revision"])
    return draft


def _locked_version(version_id: int) -> PlanVersion:
    plan_id = PlanVersion.objects.values_list("plan_id", flat=True).get(pk=version_id)
    lock_rows(IncentivePlan.objects.filter(pk=plan_id))
    rows = PlanVersion.objects.filter(pk=version_id).select_related("created_by", "submitted_by")
    [version] = lock_rows(rows)
    return version


@requires_transaction
def submit_version(*, version_id: int, by: User, at: dt.datetime) -> PlanVersion:
    """Hand a draft over for approval. Raises VersionNotOpen, PlanInvalid."""
    version = _locked_version(version_id)
    if version.status != VersionStatus.DRAFT:
        raise VersionNotOpen(_("Only a draft can be submitted."))
    _checked(version.document, version.valid.lower, version.plan_id)
    version.status, version.submitted_by, version.submitted_at = VersionStatus.SUBMITTED, by, at
    version.save(update_fields=["status", "submitted_by", "submitted_at"])
    _note(version, VersionAct.SUBMITTED, by, at)
    return version


@requires_transaction
def return_version(*, version_id: int, by: User, at: dt.datetime) -> PlanVersion:
    """Take a submitted version back to be edited. Raises VersionNotOpen."""
    version = _locked_version(version_id)
    if version.status != VersionStatus.SUBMITTED:
        raise VersionNotOpen(_("Only a version that waits for approval can be returned."))
    version.status = VersionStatus.DRAFT
    version.save(update_fields=["status"])
    _note(version, VersionAct.RETURNED, by, at)
    return version


@requires_transaction
def send_back_version(*, version_id: int, reason: str, by: User, at: dt.datetime) -> PlanVersion:
    """Send a submitted version back to its author with a reason, as somebody who might approve it.

    Raises InvalidPlan without a reason, VersionNotOpen, SecondPersonNeeded.
    """
    if not (reason := reason.strip()[:500]):
        raise InvalidPlan(_("Say why the plan goes back."), fields={"reason": _("Give a reason.")})
    version = _locked_version(version_id)
    if version.status != VersionStatus.SUBMITTED:
        raise VersionNotOpen(_("Only a version that waits for approval can be sent back."))
    _refuse_own_decision(version, by, at)
    version.status = VersionStatus.DRAFT
    version.save(update_fields=["status"])
    telling.plan_sent_back(version, _note(version, VersionAct.SENT_BACK, by, at, reason))
    return version


def _refuse_own_decision(version: PlanVersion, by: User, at: dt.datetime) -> None:
    """Refuse whoever wrote or submitted a version, or is under its plan. Raises SecondPersonNeeded."""
    wrote = version.steps.filter(act=VersionAct.WRITTEN).select_related("by")
    if any(
        are_one(by, one) for one in (version.created_by, version.submitted_by, *(row.by for row in wrote))
    ):
        raise SecondPersonNeeded(_("Somebody who did not write or submit this version must decide."))
    _refuse_own_plan(version.plan_id, by, max(version.valid.lower, clock.date_of(at)))


@requires_transaction
def approve_version(*, version_id: int, by: User, at: dt.datetime) -> PlanVersion:
    """Put a submitted version in force from its first day, ending the one before.

    Raises VersionNotOpen, SecondPersonNeeded, AlreadyPaid when a locked run
    has paid days from its first day on.
    """
    version = _locked_version(version_id)
    if version.status != VersionStatus.SUBMITTED:
        raise VersionNotOpen(_("Only a version that waits for approval can be approved."))
    _refuse_own_decision(version, by, at)
    starts_on: dt.date = version.valid.lower
    _refuse_paid_days(version.plan_id, starts_on)
    _check_measures_still_known(version)
    later = PlanVersion.objects.approved().filter(plan=version.plan_id, valid__startswith__gte=starts_on)
    if later.exists():
        raise AlreadyPaid(_("A version from the same day or later is approved. Choose a later first day."))
    for earlier in PlanVersion.objects.approved().filter(plan=version.plan_id, valid__contains=starts_on):
        earlier.valid = span(earlier.valid.lower, starts_on)
        earlier.save(update_fields=["valid"])
    version.status, version.approved_by, version.approved_at = VersionStatus.APPROVED, by, at
    version.save(update_fields=["status", "approved_by", "approved_at"])
    _note(version, VersionAct.APPROVED, by, at)
    return version


def _check_measures_still_known(version: PlanVersion) -> None:
    check_measures(version.plan_document, catalogue())
    _check_currencies(version.plan_document, version.valid.lower, version.plan_id)


def _refuse_own_plan(plan_id: int, by: User, day: dt.date) -> None:
    if PlanAssignment.objects.filter(plan=plan_id).reaching(people_behind(by), day).exists():
        raise SecondPersonNeeded(_("This plan pays you. Somebody else must decide."))


def _refuse_paid_days(plan_id: int, from_day: dt.date) -> None:
    paid = PayRun.objects.posted().filter(plans=plan_id, period__ends_before__gt=from_day)
    if paid.exists():
        raise AlreadyPaid(
            _("A locked pay run has paid days from %(day)s on. Choose a first day after it.")
            % {"day": from_day.isoformat()}
        )


def _refuse_days_paid_elsewhere(
    person_id: int, plan_id: int, starts_on: dt.date, ends_before: dt.date | None
) -> None:
    """Refuse days for which a locked run has paid somebody under another plan."""
    paid = Statement.objects.filter(
        person=person_id, run__in=PayRun.objects.posted(), run__period__ends_before__gt=starts_on
    )
    if ends_before is not None:
        paid = paid.filter(run__period__starts_on__lt=ends_before)
    for segments in paid.values_list("inputs__segments", flat=True):
        for segment in segments or ():
            is_in = segment["end"] > starts_on.isoformat() and (
                ends_before is None or segment["start"] < ends_before.isoformat()
            )
            if is_in and segment["plan"] != plan_id:
                raise AlreadyPaid(
                    _(
                        "A locked pay run has paid these days under another plan. "
                        "Choose a day from %(day)s on, and correct the past by an adjustment."
                    )
                    % {"day": segment["end"]}
                )


@requires_transaction
def assign_plan(
    *,
    plan_id: int,
    starts_on: dt.date,
    ends_before: dt.date | None = None,
    person_id: int | None = None,
    position_id: int | None = None,
    role_id: int | None = None,
    annual_salary: Decimal | None = None,
    annual_bonus: Decimal | None = None,
    by: User,
) -> PlanAssignment:
    """Put a person, whoever holds a position, or everybody in a role under a plan.

    Raises InvalidPlan, AssignmentOverlaps, SecondPersonNeeded for oneself, AlreadyPaid when a locked run
    has paid the person for some of the days under another plan.
    """
    chosen = {"person": person_id, "position": position_id, "role": role_id}
    target = {name: value for name, value in chosen.items() if value is not None}
    if len(target) != 1:
        raise InvalidPlan(_("Choose one of person, position and role."))
    if ends_before is not None and ends_before <= starts_on:
        fields = {"ends_before": _("Choose a day after the first one.")}
        raise InvalidPlan(_("The assignment must last at least a day."), fields=fields)
    lock_rows(IncentivePlan.objects.filter(pk=plan_id))
    [(kind, target_id)] = target.items()
    advisory_lock(f"incentives.assign_plan:{kind}:{target_id}")  # another plan's row is another lock
    if PlanAssignment.objects.during(starts_on, ends_before).filter(**target).exists():
        raise AssignmentOverlaps(_("A plan is assigned on some of these days. End that assignment first."))
    if person_id is not None:
        _refuse_days_paid_elsewhere(person_id, plan_id, starts_on, ends_before)
    row = PlanAssignment.objects.create(
        plan_id=plan_id,
        person_id=person_id,
        position_id=position_id,
        role_id=role_id,
        valid=span(starts_on, ends_before),
        annual_salary=annual_salary,
        annual_bonus=annual_bonus,
    )
    _refuse_own_assignment(row, by, starts_on)
    return row


def _refuse_own_assignment(row: PlanAssignment, by: User, day: dt.date) -> None:
    """Refuse to put oneself under a plan or out of it, by name, by seat or by role."""
    if PlanAssignment.objects.filter(pk=row.pk).reaching(people_behind(by), day).exists():
        raise SecondPersonNeeded(_("This concerns your own pay. Somebody else must do it."))


@requires_transaction
def end_assignment(*, assignment_id: int, ends_before: dt.date, by: User) -> PlanAssignment:
    """End an assignment before a day. Raises InvalidPlan, AlreadyPaid, SecondPersonNeeded for oneself."""
    [row] = lock_rows(PlanAssignment.objects.filter(pk=assignment_id))
    _refuse_own_assignment(row, by, max(ends_before, row.valid.lower))
    if ends_before <= row.valid.lower:
        raise InvalidPlan(_("The assignment must last at least a day."))
    if row.valid.upper is not None and ends_before > row.valid.upper:
        raise InvalidPlan(_("The assignment ends earlier already."))
    _refuse_paid_days(row.plan_id, ends_before)
    row.valid = span(row.valid.lower, ends_before)
    row.save(update_fields=["valid"])
    logger.info("plan assignment ended", extra={"assignment_id": row.pk, "by": by.pk})
    return row
