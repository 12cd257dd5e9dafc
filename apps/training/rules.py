"""Held levels, gaps and what to learn next. Pure."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.training.enums import EnrolmentState

SEATED = (EnrolmentState.ENROLLED, EnrolmentState.ATTENDED, EnrolmentState.COMPLETED, EnrolmentState.NO_SHOW)
OPEN = (EnrolmentState.ENROLLED, EnrolmentState.WAITING)
HIGHEST = 5


@dataclass(frozen=True)
class Proof:
    """Evidence of a skill: an observer's judgement, or a course that was completed."""

    level: int
    on: dt.date
    is_assessment: bool
    expires_on: dt.date | None = None


@dataclass(frozen=True)
class Offer:
    """A course as far as a choice needs it: the level it leads to in one skill, and its next free session."""

    course_id: int
    level: int
    starts_on: dt.date | None = None


def held_level(proofs: Iterable[Proof], on: dt.date) -> int:
    """Return the level of a skill held on a day, 0 without proof.

    The latest assessment counts whatever it says; a course completed on the
    same day or later, and not expired, can only raise it.
    """
    known = [proof for proof in proofs if proof.on <= on]
    judged = max((proof for proof in known if proof.is_assessment), key=lambda proof: proof.on, default=None)
    courses = [
        proof.level
        for proof in known
        if not proof.is_assessment
        and (proof.expires_on is None or proof.expires_on > on)
        and (judged is None or proof.on >= judged.on)
    ]
    return max([judged.level if judged else 0, *courses])


def gap(required: int, held: int) -> int:
    """Return how many levels are missing; more than required is no gap."""
    return max(required - held, 0)


def next_course(offers: Sequence[Offer], *, held: int, required: int) -> Offer | None:
    """Return the course to take next: one that closes the gap, else the highest step towards it.

    Only courses above the held level help. Among those that close the gap the
    lowest level wins, then the soonest session; a course without a session comes last.
    """
    useful = [offer for offer in offers if offer.level > held]
    closing = [offer for offer in useful if offer.level >= required]
    if closing:
        return min(closing, key=lambda offer: (offer.level, *_soonest(offer)))
    return min(useful, key=lambda offer: (-offer.level, *_soonest(offer)), default=None)


def expiry(completed_on: dt.date, months: int | None) -> dt.date | None:
    """Return the day a proof ends to count, some months after completion; None for one that never does."""
    if not months:
        return None
    year, month = divmod(completed_on.year * 12 + completed_on.month - 1 + months, 12)
    for day in range(completed_on.day, 27, -1):
        try:
            return dt.date(year, month + 1, day)
        except ValueError:
            continue
    return dt.date(year, month + 1, completed_on.day)


def place_for(seated: int, capacity: int) -> EnrolmentState:
    """Return whether the next one gets a seat or waits."""
    return EnrolmentState.ENROLLED if seated < capacity else EnrolmentState.WAITING


def _soonest(offer: Offer) -> tuple[bool, dt.date, int]:
    return offer.starts_on is None, offer.starts_on or dt.date.max, offer.course_id
