"""One home page, composed of blocks by what the person is."""

import datetime as dt
from dataclasses import dataclass, field

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.insights.selectors import desk, guide
from apps.insights.selectors.desk import Section
from apps.insights.selectors.frame import Frame, frame_of
from apps.insights.selectors.guide import Step
from apps.insights.selectors.next_steps import NextStep, next_steps
from apps.insights.selectors.seller_home import SellerHome, seller_home
from apps.insights.selectors.unit_home import UnitHome, unit_home
from apps.insights.waiting import Waiting, waiting_for
from apps.org import selectors as org


@dataclass
class Home:
    """What one person's home shows; blocks that are not theirs are None or empty."""

    today: dt.date
    frame: Frame | None = None
    steps: list[Step] = field(default_factory=list)
    unit: UnitHome | None = None
    seller: SellerHome | None = None
    sections: list[Section] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)
    next_steps: list[NextStep] = field(default_factory=list)
    may_earn: bool = False


def home(user: User, today: dt.date) -> Home:
    """Return the home of a person as of today.

    Whoever leads a unit, or decides for the whole company, sees the unit; who
    works for the sales organisation sees their desk; everybody else with a seat
    sees their own number.
    """
    found = Home(today=today, frame=frame_of(today))
    found.waiting = waiting_for(user, today)
    if not found.waiting:
        found.next_steps = next_steps(user)
    person_id = scope_of(user, Permission.HOME, today).own_person_id
    has_desk = desk.has_desk(user)
    unit_id = unit_of(user, today, has_desk=has_desk)
    if found.frame is not None and unit_id is not None:
        found.unit = unit_home(user, unit_id, found.frame)
    elif found.frame is not None and person_id is not None and not has_desk:
        found.seller = seller_home(user, person_id, found.frame)
        found.may_earn = scope_of(user, Permission.STATEMENT_VIEW, today).covers_person(person_id)
    if has_desk:
        found.sections = desk.sections_for(user, today)
    if not _has_deals(found) and guide.needs_guide():
        return Home(today, found.frame, steps=guide.steps(user), sections=found.sections)
    return found


def _has_deals(found: Home) -> bool:
    """Tell whether the blocks prove that there are deals, so that nobody needs to ask."""
    mine = found.unit or found.seller
    return mine is not None and bool(mine.open.deals or mine.standing.actual)


def unit_of(user: User, today: dt.date, *, has_desk: bool) -> int | None:
    """Return the unit a person answers for: the widest they lead, or the company of who decides for it.

    Who works at a desk for the sales organisation answers for their work, not for revenue.
    """
    scope = scope_of(user, Permission.INSIGHT_VIEW, today)
    if not scope:
        return None
    if scope_of(user, Permission.TARGET_APPROVE, today).everything and scope.everything:
        return org.root_known_to(user, today)
    person_id = scope.own_person_id or scope_of(user, Permission.HOME, today).own_person_id
    if has_desk or person_id is None:
        return None
    led = [
        unit for unit, lead in org.leads_on(today).items() if lead == person_id and scope.covers_unit(unit)
    ]
    if len(led) < 2:
        return led[0] if led else None
    sizes = {unit: len(org.subtree(unit, today)) for unit in led}
    return max(led, key=lambda unit: (sizes[unit], -unit))
