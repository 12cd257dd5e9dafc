"""Recording when people are away. Pay settled before stands; the next pay run brings the difference."""

import datetime as dt
import logging
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import lock_rows, requires_transaction
from apps.core.effective import span
from apps.core.errors import DomainError, StaleVersion
from apps.org.enums import AbsenceKind
from apps.org.models import Absence, Person
from apps.org.services.guards import refuse_oneself, refuse_reversed
from apps.org.services.people import NotEmployed

logger = logging.getLogger(__name__)

ALL_DAY = Decimal(100)


class AbsenceOverlaps(DomainError):
    """The person is absent on some of these days already."""


class AbsenceCancelled(DomainError):
    """The absence was cancelled before."""


class WrongShare(DomainError):
    """The share of the working time is not between 1 % and 100 %."""


class UnpaidIsPaid(DomainError):
    """Unpaid leave cannot be paid."""


@requires_transaction
def record_absence(
    *,
    person_id: int,
    kind: str,
    starts_on: dt.date,
    at: dt.datetime,
    ends_before: dt.date | None = None,
    is_paid: bool | None = None,
    time_percent: Decimal = ALL_DAY,
    relieves_quota: bool = False,
    note: str = "",
    by: User | None = None,
) -> Absence:
    """Record that a person is away on some days, past ones too; without an end until further notice.

    Unpaid days always lower the quota. Raises ActOnOneself, RangeReversed, NotEmployed, WrongShare,
    UnpaidIsPaid, AbsenceOverlaps.
    """
    [person] = lock_rows(Person.objects.filter(pk=person_id))
    refuse_oneself(by, person_id)
    is_paid = kind != AbsenceKind.UNPAID if is_paid is None else is_paid
    _check(person, kind, starts_on, ends_before, is_paid, time_percent)
    _refuse_overlap(person_id, starts_on, ends_before)
    absence = Absence.objects.create(
        person=person,
        kind=kind,
        is_paid=is_paid,
        time_percent=time_percent,
        relieves_quota=relieves_quota or not is_paid,
        note=note.strip(),
        valid=span(starts_on, ends_before),
        recorded_by=by,
        recorded_at=at,
    )
    logger.info("absence recorded", extra={"absence_id": absence.pk, "by": by and by.pk})
    return absence


@requires_transaction
def change_absence(
    *,
    absence_id: int,
    version: int,
    kind: str,
    starts_on: dt.date,
    ends_before: dt.date | None,
    is_paid: bool,
    time_percent: Decimal,
    relieves_quota: bool,
    note: str,
    by: User | None,
) -> Absence:
    """Change what is recorded about an absence, its end above all.

    Raises StaleVersion, AbsenceCancelled, and what ``record_absence`` raises.
    """
    absence = _locked(absence_id, version, by)
    _check(absence.person, kind, starts_on, ends_before, is_paid, time_percent)
    _refuse_overlap(absence.person_id, starts_on, ends_before, besides=absence.pk)
    absence.kind, absence.is_paid, absence.time_percent = kind, is_paid, time_percent
    absence.relieves_quota, absence.note = relieves_quota or not is_paid, note.strip()
    absence.valid, absence.version = span(starts_on, ends_before), absence.version + 1
    absence.save(
        update_fields=["kind", "is_paid", "time_percent", "relieves_quota", "note", "valid", "version"]
    )
    logger.info("absence changed", extra={"absence_id": absence.pk, "by": by and by.pk})
    return absence


@requires_transaction
def cancel_absence(*, absence_id: int, version: int, by: User, at: dt.datetime) -> Absence:
    """Take an absence back; it stays on record. Raises StaleVersion, AbsenceCancelled, ActOnOneself."""
    absence = _locked(absence_id, version, by)
    absence.cancelled_by, absence.cancelled_at, absence.version = by, at, absence.version + 1
    absence.save(update_fields=["cancelled_by", "cancelled_at", "version"])
    logger.info("absence cancelled", extra={"absence_id": absence.pk, "by": by.pk})
    return absence


def _locked(absence_id: int, version: int, by: User | None) -> Absence:
    """Lock the person, then the absence, as recording does."""
    person_id = Absence.objects.values_list("person_id", flat=True).get(pk=absence_id)
    lock_rows(Person.objects.filter(pk=person_id))
    [absence] = lock_rows(Absence.objects.filter(pk=absence_id).select_related("person"))
    refuse_oneself(by, person_id)
    if absence.cancelled_at is not None:
        raise AbsenceCancelled(_("This absence was cancelled before."))
    if absence.version != version:
        raise StaleVersion(
            _("Somebody else changed this meanwhile. Read it again and repeat your change."),
            fields={"version": str(absence.version)},
        )
    return absence


def _check(
    person: Person,
    kind: str,
    starts_on: dt.date,
    ends_before: dt.date | None,
    is_paid: bool,
    time_percent: Decimal,
) -> None:
    refuse_reversed(starts_on, ends_before)
    if starts_on < person.hired_on or (person.left_on is not None and starts_on >= person.left_on):
        text = _("The person does not work here on that day. Choose a day of the employment.")
        raise NotEmployed(text, fields={"starts_on": text})
    if not 1 <= time_percent <= ALL_DAY:
        text = _("Choose a share between 1 % and 100 %.")
        raise WrongShare(text, fields={"time_percent": text})
    if kind == AbsenceKind.UNPAID and is_paid:
        text = _("Unpaid leave is not paid. Choose another kind, or do not mark it as paid.")
        raise UnpaidIsPaid(text, fields={"is_paid": text})


def _refuse_overlap(
    person_id: int, starts_on: dt.date, ends_before: dt.date | None, besides: int | None = None
) -> None:
    others = Absence.objects.standing().filter(person=person_id).during(starts_on, ends_before)
    if others.exclude(pk=besides or 0).exists():
        text = _("The person is absent on some of these days already. Change that absence instead.")
        raise AbsenceOverlaps(text, fields={"starts_on": text})
