"""Creating and changing deals."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.core.db import requires_transaction
from apps.core.errors import DomainError
from apps.customers.models import AccountMember, Contact
from apps.pipeline import rules
from apps.pipeline.enums import DealState
from apps.pipeline.models import Opportunity, OpportunitySplit, SalesProcess, Stage, StageChange
from apps.pipeline.selectors.rates import in_base, rate_on
from apps.pipeline.services.lines import NewLine, spread_amount, write_lines
from apps.pipeline.services.locking import DealClosed, locked_deal, locked_open_deal

FREE = frozenset(
    {"name", "contact_id", "forecast_category", "next_step", "next_step_on", "note", "external_id"}
)
OPEN_ONLY = frozenset({"account_id", "owner_id", "amount", "currency", "expected_close_on", "created_on"})


class DealNameMissing(DomainError):
    """A deal needs a name."""


class NoSalesProcess(DomainError):
    """No process is set up, or the stage does not start an open deal."""


class ForeignContact(DomainError):
    """The contact belongs to another account."""


class InvalidDate(DomainError):
    """A date lies where it cannot."""


@requires_transaction
def create_opportunity(
    *,
    name: str,
    owner_id: int,
    today: dt.date,
    by: User | None = None,
    account_id: int | None = None,
    contact_id: int | None = None,
    stage_id: int | None = None,
    amount: Decimal | int = 0,
    currency: str = "",
    created_on: dt.date | None = None,
    expected_close_on: dt.date | None = None,
    next_step: str = "",
    next_step_on: dt.date | None = None,
    note: str = "",
    external_id: str = "",
    forecast_category: str = "",
    lines: Sequence[NewLine] = (),
    shares: Sequence[rules.Share] = (),
) -> Opportunity:
    """Create an open deal, by default in the first stage of the default process.

    With ``lines`` the amount is their sum. Whoever owns the deal works on its account from
    now on. Raises DealNameMissing, NoSalesProcess, InvalidAmount, UnknownCurrency,
    InvalidShares, ForeignContact, InvalidDate, MissingRate.
    """
    code = rules.checked_currency(currency or settings.COMPANY_CURRENCY)
    value = rules.checked_amount(amount, code)
    started = created_on or today
    _refuse_future_start(started, today)
    stage = _first_stage() if stage_id is None else _open_stage(stage_id)
    _refuse_foreign_contact(contact_id, account_id)
    rate = rate_on(code, today)
    deal = Opportunity(
        name=_named(name),
        owner_id=owner_id,
        account_id=account_id,
        contact_id=contact_id,
        stage=stage,
        state=DealState.OPEN,
        amount=value,
        currency=code,
        rate=rate,
        base_amount=in_base(value, rate),
        created_on=started,
        expected_close_on=expected_close_on,
        stage_since=started,
        next_step=next_step.strip(),
        next_step_on=next_step_on,
        note=note.strip(),
        external_id=external_id.strip(),
        forecast_category=forecast_category,
    )
    deal.save(force_insert=True)
    StageChange.objects.create(opportunity=deal, to_stage=stage, changed_on=started, by=by)
    _join_account(account_id, owner_id)
    if lines:
        deal.amount = write_lines(deal, lines)
        deal.base_amount = in_base(deal.amount, rate)
        deal.save(update_fields=["amount", "base_amount"])
    if shares:
        _write_shares(deal, shares)
    return deal


@requires_transaction
def update_opportunity(
    *, opportunity_id: int, version: int | None, changes: Mapping[str, object], today: dt.date
) -> Opportunity:
    """Change fields of a deal and return it with its next version.

    ``changes`` holds any of ``FREE`` and, while the deal is open, ``OPEN_ONLY``. A close date
    moved later counts as a push. Raises StaleVersion, DealClosed, and what create_opportunity raises.
    """
    unknown = set(changes) - FREE - OPEN_ONLY
    if unknown:
        raise TypeError(f"Not fields of a deal: {sorted(unknown)}")
    deal = locked_deal(opportunity_id, version)
    values = {key: value.strip() if isinstance(value, str) else value for key, value in changes.items()}
    worth = {key for key in OPEN_ONLY & set(values) if getattr(deal, key) != values[key]}
    if worth and not deal.is_open:
        raise DealClosed(
            _("“%(name)s” is closed. Reopen it before changing what it is worth.") % {"name": deal.name},
            fields={field.removesuffix("_id"): _("Reopen the deal first.") for field in sorted(worth)},
        )
    if "name" in values:
        values["name"] = _named(str(values["name"]))
    if {"contact_id", "account_id"} & set(values):
        account_id = values.get("account_id", deal.account_id)
        _refuse_foreign_contact(values.get("contact_id", deal.contact_id), account_id)
    if deal.is_open:
        values |= _worth(deal, values, today)
    for key, value in values.items():
        setattr(deal, key, value)
    _join_account(deal.account_id if "account_id" in worth or "owner_id" in worth else None, deal.owner_id)
    return _saved(deal, values)


@requires_transaction
def set_splits(*, opportunity_id: int, version: int | None, shares: Sequence[rules.Share]) -> Opportunity:
    """Give people their shares of an open deal; no shares mean the owner has all of it.

    Raises InvalidShares unless they sum to exactly 100.00 %, StaleVersion, DealClosed.
    """
    deal = locked_open_deal(opportunity_id, version)
    _write_shares(deal, shares)
    return _saved(deal, {})


def shares_of(deal: Opportunity) -> list[rules.Share]:
    """Return who is credited with which percent of a deal."""
    rows = list(deal.splits.order_by("person_id").values_list("person_id", "share"))
    return [rules.Share(*row) for row in rows] or [rules.Share(deal.owner_id, rules.WHOLE)]


def _worth(deal: Opportunity, values: Mapping[str, object], today: dt.date) -> dict[str, object]:
    """Return amount, currency and base amount as they will be, and the push count."""
    currency = rules.checked_currency(values.get("currency", deal.currency))
    amount = rules.checked_amount(values.get("amount", deal.amount), currency)
    rate = rate_on(currency, today)
    new: dict[str, object] = {
        "currency": currency, "amount": amount, "rate": rate, "base_amount": in_base(amount, rate),
    }  # fmt: skip
    if amount != deal.amount:
        spread_amount(deal, amount, currency)
    start = values.get("created_on")
    if isinstance(start, dt.date):
        _refuse_future_start(start, today)
    close = values.get("expected_close_on", deal.expected_close_on)
    if rules.is_push(deal.expected_close_on, close if isinstance(close, dt.date) else None):
        new["push_count"] = deal.push_count + 1
    return new


def _saved(deal: Opportunity, values: Mapping[str, object]) -> Opportunity:
    deal.version += 1
    deal.updated_at = Now()
    deal.save(
        update_fields=[
            *(key.removesuffix("_id") if key != "external_id" else key for key in values),
            "version",
            "updated_at",
        ]
    )
    return deal


def _write_shares(deal: Opportunity, shares: Sequence[rules.Share]) -> None:
    wanted = rules.checked_shares(shares) if shares else []
    if [share.person_id for share in wanted] == [deal.owner_id]:
        wanted = []
    deal.splits.all().delete()
    OpportunitySplit.objects.bulk_create(
        OpportunitySplit(opportunity=deal, person_id=share.person_id, share=share.percent) for share in wanted
    )


def _named(name: str) -> str:
    text = name.strip()
    if not text:
        raise DealNameMissing(_("Enter the name of the deal."), fields={"name": _("Enter a name.")})
    return text[:200]


def _first_stage() -> Stage:
    stages = Stage.objects.filter(
        process__is_default=True, process__retired_on__isnull=True, kind=DealState.OPEN
    )
    stage = stages.order_by("order").first()
    if stage is None:
        raise NoSalesProcess(_("Set up a sales process with at least one open stage first."))
    return stage


def _open_stage(stage_id: int) -> Stage:
    stage = Stage.objects.filter(pk=stage_id, kind=DealState.OPEN).first()
    if stage is None:
        text = _("A new deal starts in an open stage.")
        raise NoSalesProcess(text, fields={"stage": text})
    return stage


def _refuse_foreign_contact(contact_id: Any, account_id: Any) -> None:
    if contact_id is None:
        return
    if account_id is None or not Contact.objects.filter(pk=contact_id, account_id=account_id).exists():
        text = _("Choose a contact of this deal's account.")
        raise ForeignContact(text, fields={"contact": text})


def _refuse_future_start(created_on: dt.date, today: dt.date) -> None:
    if created_on > today:
        text = _("The deal cannot have been created in the future.")
        raise InvalidDate(text, fields={"created_on": text})


def _join_account(account_id: int | None, person_id: int) -> None:
    """Let the owner of a deal see its account."""
    if account_id is not None:
        AccountMember.objects.bulk_create(
            [AccountMember(account_id=account_id, person_id=person_id)], ignore_conflicts=True
        )


def default_process() -> SalesProcess:
    """Return the process new deals follow. Raises NoSalesProcess."""
    process = SalesProcess.objects.filter(is_default=True, retired_on__isnull=True).first()
    if process is None:
        raise NoSalesProcess(_("Set up a sales process with at least one open stage first."))
    return process
