"""What a decided deal adds to the ledger."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core.db import advisory_lock
from apps.measures import services as ledger
from apps.measures.models import Credit
from apps.pipeline import rules
from apps.pipeline.enums import DealState
from apps.pipeline.models import Opportunity

SOURCE = "pipeline.opportunity"


def won_entries(
    deal: Opportunity,
    lines: Sequence[rules.LineAmount],
    shares: Sequence[rules.Share],
    *,
    booked_on: dt.date | None = None,
) -> list[ledger.Entry]:
    """Return the credits of a won deal: revenue by line and person; the deal and its cycle by person."""
    revenue = rules.revenue_shares(deal.base_amount, lines, shares, settings.COMPANY_CURRENCY)
    product = rules.main_product(lines)
    entries = [
        _entry(deal, "revenue", f"{part.line_id}:{part.person_id}", part.person_id, part.amount,
               product_id=part.product_id, booked_on=booked_on)
        for part in revenue
        if part.amount
    ]  # fmt: skip
    counts = {"deals_won": 1}
    if deal.created_on and deal.closed_on:
        counts["cycle_days"] = (deal.closed_on - deal.created_on).days
    for measure, value in counts.items():
        entries += _counted(deal, measure, value, shares, product, booked_on)
    return entries


def lost_entries(
    deal: Opportunity,
    lines: Sequence[rules.LineAmount],
    shares: Sequence[rules.Share],
    *,
    booked_on: dt.date | None = None,
) -> list[ledger.Entry]:
    """Return the credits of a lost deal; none when its reason does not count."""
    if deal.reason is not None and not deal.reason.counts:
        return []
    return _counted(deal, "deals_lost", 1, shares, rules.main_product(lines), booked_on)


def new_customer_entries(
    deal: Opportunity,
    shares: Sequence[rules.Share],
    product_id: int | None,
    *,
    booked_on: dt.date | None = None,
) -> list[ledger.Entry]:
    """Return the credit for a first sale to an account, or nothing when it bought before.

    Holds the account's lock to the end of the transaction, so that two first sales at once count one.
    """
    if deal.account_id is None:
        return []
    advisory_lock(f"pipeline.first_win:{deal.account_id}")
    if is_customer(deal.account_id):
        return []
    return _counted(deal, "new_customers", 1, shares, product_id, booked_on)


def is_customer(account_id: int) -> bool:
    """Tell whether an account has been credited as a new customer."""
    rows = Credit.objects.filter(measure="new_customers", account_id=account_id)
    return rows.standing().exists()


def earliest_other_win(deal: Opportunity) -> Opportunity | None:
    """Return the account's earliest won deal besides this one."""
    if deal.account_id is None:
        return None
    others = Opportunity.objects.filter(account_id=deal.account_id, state=DealState.WON).exclude(pk=deal.pk)
    return others.order_by("closed_on", "pk").first()


def reverse(deal: Opportunity, *, booked_on: dt.date, reason: str) -> None:
    """Cancel what a deal has in the ledger. Raises ClosedPeriod when ``booked_on`` is in a closed period."""
    ledger.reverse(
        source_type=SOURCE, source_id=deal.pk, booked_on=booked_on, reason=reason or _("Deal reopened")
    )


def _counted(
    deal: Opportunity,
    measure: str,
    value: int,
    shares: Sequence[rules.Share],
    product_id: int | None,
    booked_on: dt.date | None,
) -> list[ledger.Entry]:
    return [
        _entry(deal, measure, str(person_id), person_id, part, product_id=product_id, booked_on=booked_on)
        for person_id, part in rules.count_shares(value, shares)
        if part
    ]


def _entry(
    deal: Opportunity,
    measure: str,
    tail: str,
    person_id: int,
    value: Decimal,
    *,
    product_id: int | None,
    booked_on: dt.date | None,
) -> ledger.Entry:
    assert deal.closed_on is not None  # noqa: S101  # a decided deal has a date: database constraint
    return ledger.Entry(
        measure=measure,
        key=f"deal:{deal.pk}:{deal.decisions}:{measure}:{tail}",
        credited_on=deal.closed_on,
        booked_on=booked_on,
        value=value,
        currency=settings.COMPANY_CURRENCY if measure == "revenue" else "",
        person_id=person_id,
        product_id=product_id,
        account_id=deal.account_id,
        source_type=SOURCE,
        source_id=deal.pk,
    )
