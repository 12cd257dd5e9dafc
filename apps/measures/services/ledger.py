"""Posting to the credit ledger: append-only, stamped with the organisation of the day."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import InternalError, transaction
from django.db.utils import DatabaseError
from django.utils.translation import gettext as _

from apps.calendars import selectors as calendars
from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.measures import registry
from apps.measures.models import VALUE_LIMIT, Credit, PendingCredit
from apps.org import selectors as org


class InvalidEntry(DomainError):
    """An entry names an unknown measure or carries an impossible value."""


class AlreadyPosted(DomainError):
    """The same share of the same fact is in the ledger already."""


class ClosedPeriod(DomainError):
    """The booking date lies in a closed period."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One credited share to post.

    ``key`` is unique for ever and names the share ("deal:17:revenue:3"), so a
    repeat is refused. ``value`` is in company currency for money measures.
    Position and unit are stamped from the person's seat on ``credited_on``
    unless given; without a seat the credit goes to the top unit.
    """

    measure: str
    key: str
    credited_on: dt.date
    value: Decimal
    source_type: str
    source_id: int
    currency: str = ""
    person_id: int | None = None
    position_id: int | None = None
    unit_id: int | None = None
    product_id: int | None = None
    account_id: int | None = None
    booked_on: dt.date | None = None
    is_overlay: bool = False


@requires_transaction
def post(entries: Sequence[Entry]) -> list[Credit]:
    """Append credits and return them.

    Raises InvalidEntry, AlreadyPosted, or ClosedPeriod when a booking date
    lies in a closed period; nothing is written then.
    """
    if not entries:
        return []
    for entry in entries:
        _check(entry)
    stamps = _stamps(entries)
    credits = [_credit(entry, *stamps[index]) for index, entry in enumerate(entries)]
    return _insert(credits)


@requires_transaction
def reverse(*, source_type: str, source_id: int, booked_on: dt.date, reason: str) -> list[Credit]:
    """Cancel everything a source has standing in the ledger by mirror rows, and return those.

    A mirror counts on the day of its original while that day's period is open,
    otherwise on ``booked_on``, so that a closed period never changes. Raises
    ClosedPeriod when ``booked_on`` itself lies in a closed period.
    """
    standing = list(
        Credit.objects.of_source(source_type, source_id)
        .standing()
        .order_by("pk")
        .select_for_update(of=("self",))
    )
    mirrors = [_mirror(credit, booked_on=booked_on, reason=reason) for credit in standing]
    return _insert(mirrors)


def _check(entry: Entry) -> None:
    if entry.measure not in registry.measures or registry.measures.get(entry.measure).source != "ledger":
        raise InvalidEntry(
            _("“%(code)s” is not a measure that takes credits.") % {"code": entry.measure},
            fields={"measure": _("Choose a measure from the catalogue.")},
        )
    if not entry.value.is_finite() or abs(entry.value) > VALUE_LIMIT:
        raise InvalidEntry(
            _("The value %(value)s cannot be credited.") % {"value": entry.value},
            fields={"value": _("Enter a number below one trillion.")},
        )


def _stamps(entries: Sequence[Entry]) -> list[tuple[int | None, int | None]]:
    """Return position and unit for each entry, one question to the organisation per date."""
    open_dates: dict[dt.date, set[int]] = {}
    for entry in entries:
        if entry.unit_id is None and entry.person_id is not None:
            open_dates.setdefault(entry.credited_on, set()).add(entry.person_id)
    seats = {day: org.seats_of(people, day) for day, people in open_dates.items()}
    return [_stamp(entry, seats) for entry in entries]


def _stamp(entry: Entry, seats: Mapping[dt.date, Mapping[int, org.Seat]]) -> tuple[int | None, int | None]:
    if entry.unit_id is not None:
        return entry.position_id, entry.unit_id
    seat = seats.get(entry.credited_on, {}).get(entry.person_id or 0)
    if seat is None:
        return entry.position_id, org.root_unit_id(entry.credited_on)
    return seat.position_id, seat.unit_id


def _credit(entry: Entry, position_id: int | None, unit_id: int | None) -> Credit:
    return Credit(
        measure=entry.measure,
        key=entry.key,
        credited_on=entry.credited_on,
        booked_on=entry.booked_on or entry.credited_on,
        value=entry.value,
        currency=entry.currency,
        person_id=entry.person_id,
        position_id=position_id,
        unit_id=unit_id,
        product_id=entry.product_id,
        account_id=entry.account_id,
        is_overlay=entry.is_overlay,
        source_type=entry.source_type,
        source_id=entry.source_id,
    )


def _mirror(credit: Credit, *, booked_on: dt.date, reason: str) -> Credit:
    closed = calendars.is_closed(credit.credited_on)
    return Credit(
        measure=credit.measure,
        key=f"{credit.key}:reversed",
        credited_on=booked_on if closed else credit.credited_on,
        booked_on=booked_on,
        value=-credit.value,
        currency=credit.currency,
        person_id=credit.person_id,
        position_id=credit.position_id,
        unit_id=credit.unit_id,
        product_id=credit.product_id,
        account_id=credit.account_id,
        is_overlay=credit.is_overlay,
        source_type=credit.source_type,
        source_id=credit.source_id,
        reverses=credit,
        reason=reason,
    )


def _insert(credits: list[Credit]) -> list[Credit]:
    try:
        with transaction.atomic():
            Credit.objects.bulk_create(credits)
            PendingCredit.objects.bulk_create([PendingCredit(credit=credit) for credit in credits])
    except DatabaseError as error:
        raise translated(error) from error
    return credits


def translated(error: DatabaseError) -> Exception:
    """Turn what the database refused into a refusal a person can read."""
    text = str(error)
    if "measures_credit_key_once" in text:
        return AlreadyPosted(_("This credit is in the ledger already."))
    if isinstance(error, InternalError) or "closed_period" in text:
        return ClosedPeriod(
            _("The booking date lies in a closed period. Book the correction in an open period."),
            fields={"booked_on": _("Choose a date in an open period.")},
        )
    return error
