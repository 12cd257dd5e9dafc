"""What a change of quotas would mean for pay: asked here, answered by the room that pays."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol

from apps.access.models import User
from apps.core.registry import Port
from apps.targets.models import TargetPlan


@dataclass(frozen=True)
class PayChange:
    """One payee in one pay period: the quota before and after, and what it pays at the present attainment.

    A pay of None means that the plan cannot pay on this quota.
    """

    person_id: int
    name: str
    plan: str
    period: str
    quota_before: Decimal | None
    quota_after: Decimal | None
    pay_before: Decimal | None
    pay_after: Decimal | None

    @property
    def delta(self) -> Decimal | None:
        """Pay after minus pay before."""
        if self.pay_before is None or self.pay_after is None:
            return None
        return self.pay_after - self.pay_before


@dataclass(frozen=True)
class PayImpact:
    """The payees whose quota a version changes, as far as the reader may see pay."""

    on: dt.date
    currency: str
    changes: list[PayChange] = field(default_factory=list)
    hidden: int = 0

    @property
    def total(self) -> Decimal:
        """What all shown changes sum to."""
        return sum((one.delta or Decimal(0) for one in self.changes), Decimal(0))


class PayPort(Protocol):
    """What targets ask of the room that pays."""

    def impact(self, *, plan: TargetPlan, viewer: User, on: dt.date) -> PayImpact:
        """Return what a version changes in the pay of the running periods, payee by payee."""
        ...


port: Port[PayPort] = Port("pay impact")


def impact(plan: TargetPlan, viewer: User, on: dt.date) -> PayImpact | None:
    """Return the pay impact of a version; None where nothing pays or its year does not run."""
    if not plan.period.starts_on <= on < plan.period.ends_before:
        return None
    try:
        answer = port.answer
    except LookupError:
        return None
    return answer.impact(plan=plan, viewer=viewer, on=on)
