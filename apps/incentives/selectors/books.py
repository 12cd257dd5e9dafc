"""Where a calculation reads what was paid before and which credits there are: the company's own books."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from apps.incentives.models import PlanVersion
from apps.incentives.rules.engine.shapes import Number, PostedCredit
from apps.incentives.rules.kinds import OnCredits
from apps.incentives.rules.plan.runnable import Needs
from apps.incentives.rules.plan.tables import PerTransaction, Retroactive, Tiered
from apps.incentives.selectors import crediting
from apps.incentives.selectors.crediting import NOTHING_ELSE, POSTED, Ask, Found
from apps.incentives.selectors.posted import Key, PostedPay, posted_pay


class Books:
    """Locked runs and the ledger, as the database has them. A simulation keeps books of its own."""

    def posted(
        self, people: Iterable[int], plan_ids: Iterable[int], since: dt.date, counted: Collection[str]
    ) -> PostedPay:
        """Return what was posted for people under plans since a day."""
        return posted_pay(people, plan_ids, since, counted)

    def credits_for(
        self,
        asks: Sequence[Ask],
        upto: int,
        *,
        held: Collection[str] = (),
        counted: Collection[str] = POSTED,
        needs: Needs = NOTHING_ELSE,
    ) -> Iterator[tuple[Ask, list[Found]]]:
        """Yield each ask with the credits that are not paid yet, in ledger order."""
        return crediting.credits_for(asks, upto, held=held, counted=counted, needs=needs)

    def paid_before(
        self,
        credit_ids: Collection[int],
        person_id: int,
        plan_id: int,
        component: str,
        counted: Collection[str],
    ) -> dict[int, tuple[str, Decimal, Number]]:
        """Return for posted credits the window they were paid in, what counted, and what they were paid."""
        return dict(crediting.paid_before(credit_ids, person_id, plan_id, component, counted))

    def credited_on(self, credit_ids: Collection[int]) -> dict[int, dt.date]:
        """Return the dates of credits."""
        return crediting.credited_on(credit_ids)

    def values_of(self, credit_ids: Collection[int]) -> dict[int, Decimal]:
        """Return what the ledger says of credits."""
        return crediting.values_of(credit_ids)

    def posted_credits(
        self, keys: Sequence[Key], counted: Collection[str]
    ) -> Mapping[tuple[int, int, str, str], tuple[PostedCredit, ...]]:
        """Return the posted credits of windows with what each was paid."""
        return crediting.posted_credits(keys, counted)


COMPANY = Books()


def with_credits(posted: PostedPay, versions: Mapping[int, PlanVersion], books: Books = COMPANY) -> PostedPay:
    """Return what was posted, with the single credits where a rule needs them, read for all at once."""
    singly = {
        (plan_id, component.code)
        for plan_id, version in versions.items()
        for component in version.plan_document.credited
        if _needs_credits(component)
    }
    wanted = [key for key in posted.windows if (key.plan_id, key.component) in singly] if singly else []
    if not wanted:
        return posted
    windows = dict(posted.windows)
    for key, credits in books.posted_credits(wanted, posted.counted).items():
        before = windows[Key(*key)]
        windows[Key(*key)] = replace(before, posted=replace(before.posted, credits=credits))
    return replace(posted, windows=windows)


def _needs_credits(component: OnCredits) -> bool:
    """Whether credits paid before are looked at one by one; a running table needs their sum alone."""
    table, cap = getattr(component, "table", None), component.cap
    if cap is not None and cap.excess.kind == "carry":
        return True  # a return strikes what was carried of its sale
    return not isinstance(table, Tiered) or isinstance(table, PerTransaction | Retroactive)
