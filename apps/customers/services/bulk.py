"""Loading many accounts at once, for imports."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from apps.core.db import advisory_lock, requires_transaction
from apps.customers.models import Account
from apps.customers.services.accounts import AccountCycle, checked_values, derived_keys


@dataclass(frozen=True, kw_only=True)
class AccountRow:
    """One account of an import; ``parent_external_id`` may name a later row."""

    external_id: str
    name: str
    parent_external_id: str = ""
    owner_id: int | None = None
    sector: str = ""
    country: str = ""
    city: str = ""
    employees: int | None = None
    annual_revenue: Decimal | None = None
    founded: int | None = None
    registration_code: str = ""


@dataclass
class LoadedAccounts:
    """What a load did, and the id of every account by its external id."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    ids: dict[str, int] = field(default_factory=dict)


_PLAIN = tuple(f.name for f in fields(AccountRow) if f.name not in {"external_id", "parent_external_id"})
_WRITTEN = [
    *(name.removesuffix("_id") for name in _PLAIN),
    "parent", "name_key", "match_key", "search", "search_grams", "version", "updated_at",
]  # fmt: skip


@requires_transaction
def load_accounts(rows: Iterable[AccountRow]) -> LoadedAccounts:
    """Create or update accounts by external id; a second load of the same rows changes nothing.

    Duplicate names are accepted: the file's own id decides. Raises AccountCycle
    when the parents close a circle and InvalidAccountValue for absurd numbers.
    """
    advisory_lock("customers.family")
    wanted = {row.external_id: row for row in rows}
    known = {
        account.external_id: account
        for account in Account.objects.filter(external_id__in=wanted).order_by("pk")
    }
    result = LoadedAccounts()
    fresh = [_built(row) for code, row in wanted.items() if code not in known]
    Account.objects.bulk_create(fresh, batch_size=2000)
    result.created = len(fresh)
    new_codes = {account.external_id for account in fresh}
    known |= {account.external_id: account for account in fresh}
    result.ids = {code: account.pk for code, account in known.items()}
    _refuse_cycles(wanted)
    changed = [
        account
        for code, account in known.items()
        if _apply(account, wanted[code], result.ids) and code not in new_codes
    ]
    children = [account for code, account in known.items() if code in new_codes and account.parent_id]
    for account in changed:
        account.version += 1
        account.updated_at = Now()
    Account.objects.bulk_update(changed, _WRITTEN, batch_size=1000)
    Account.objects.bulk_update(children, ["parent"], batch_size=1000)
    result.updated = len(changed)
    result.unchanged = len(wanted) - result.created - result.updated
    return result


def _built(row: AccountRow) -> Account:
    values = checked_values({name: getattr(row, name) for name in _PLAIN})
    return Account(
        external_id=row.external_id, **values, **derived_keys(row.name, {"external_id": row.external_id})
    )


def _apply(account: Account, row: AccountRow, ids: dict[str, int]) -> bool:
    """Put a row's values on its account; tell whether any differs."""
    values = checked_values({name: getattr(row, name) for name in _PLAIN})
    values["parent_id"] = ids.get(row.parent_external_id) if row.parent_external_id else None
    if row.owner_id is None:
        values.pop("owner_id")
    before = {name: getattr(account, name) for name in values}
    if before == values:
        return False
    for name, value in values.items():
        setattr(account, name, value)
    for name, value in derived_keys(account.name, {"external_id": account.external_id}).items():
        setattr(account, name, value)
    return True


def _refuse_cycles(rows: dict[str, AccountRow]) -> None:
    for code in rows:
        seen = {code}
        parent = rows[code].parent_external_id
        while parent and parent in rows:
            if parent in seen:
                text = _("The parents of “%(name)s” form a circle.") % {"name": rows[code].name}
                raise AccountCycle(text, fields={"parent_external_id": text})
            seen.add(parent)
            parent = rows[parent].parent_external_id
