"""Writing accounts."""

from collections.abc import Mapping
from decimal import Decimal

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError, StaleVersion
from apps.core.money import MAX_AMOUNT
from apps.customers import rules, selectors
from apps.customers.models import Account, AccountMember

EDITABLE = frozenset(
    {
        "external_id", "name", "parent_id", "owner_id", "registration_code", "sector", "country", "city",
        "website", "phone", "employees", "annual_revenue", "founded", "note",
    }
)  # fmt: skip


class AccountNameMissing(DomainError):
    """An account needs a name."""


class AccountCycle(DomainError):
    """The parent is the account itself or lies below it."""


class PossibleDuplicate(DomainError):
    """An account of the same name exists; the person may insist."""


class InvalidAccountValue(DomainError):
    """A number is out of its bounds."""


@requires_transaction
def create_account(*, name: str, accept_duplicate: bool = False, **details: object) -> Account:
    """Create an account.

    ``details`` are any of ``EDITABLE``. Raises PossibleDuplicate when a company of the
    same normalised name exists, unless the duplicate is accepted; AccountNameMissing;
    InvalidAccountValue.
    """
    values = checked_values({"name": name, **details})
    if not accept_duplicate:
        _refuse_duplicates(str(values["name"]))
    return Account.objects.create(**values, **derived_keys(str(values["name"]), values))


@requires_transaction
def update_account(
    *, account_id: int, version: int, changes: Mapping[str, object], accept_duplicate: bool = False
) -> Account:
    """Change an account and return it with its next version.

    Raises StaleVersion when somebody saved it in the meantime, AccountCycle when the
    new parent lies below the account, and what create_account raises.
    """
    if "parent_id" in changes:
        advisory_lock("customers.family")
    [account] = lock_rows(Account.objects.filter(pk=account_id))
    if account.version != version:
        raise StaleVersion(
            _("Somebody changed “%(name)s” in the meantime. Look at their changes and save again.")
            % {"name": account.name}
        )
    values = checked_values(changes)
    new_name = str(values.get("name", account.name))
    if not accept_duplicate and rules.match_key(new_name) != account.match_key:
        _refuse_duplicates(new_name, exclude=account.pk)
    _refuse_cycle(account, values.get("parent_id"))
    for field, value in values.items():
        setattr(account, field, value)
    for field, value in derived_keys(account.name, {"external_id": account.external_id, **values}).items():
        setattr(account, field, value)
    account.version += 1
    account.updated_at = Now()
    account.save(
        update_fields=[*values, "name_key", "match_key", "search", "search_grams", "version", "updated_at"]
    )
    return account


@requires_transaction
def add_member(*, account_id: int, person_id: int) -> AccountMember:
    """Let a person work on an account; adding somebody twice changes nothing."""
    member, _created = AccountMember.objects.get_or_create(account_id=account_id, person_id=person_id)
    return member


@requires_transaction
def remove_member(*, account_id: int, person_id: int) -> int:
    """End a person's work on an account and return how many rows went."""
    count, _by_model = AccountMember.objects.filter(account_id=account_id, person_id=person_id).delete()
    return count


def derived_keys(name: str, values: Mapping[str, object]) -> dict[str, object]:
    """Return the sort, comparison and search keys of an account."""
    code = str(values.get("external_id") or "")
    return {
        "name_key": rules.name_key(name),
        "match_key": rules.match_key(name),
        "search": rules.search_text(name, code),
        "search_grams": rules.search_grams(name, code),
    }


def checked_values(changes: Mapping[str, object]) -> dict[str, object]:
    """Return trimmed values. Raises AccountNameMissing or InvalidAccountValue."""
    unknown = set(changes) - EDITABLE
    if unknown:
        raise TypeError(f"Not fields of an account: {sorted(unknown)}")
    values = {field: value.strip() if isinstance(value, str) else value for field, value in changes.items()}
    if "name" in values and not values["name"]:
        raise AccountNameMissing(_("Enter the name of the account."), fields={"name": _("Enter a name.")})
    _bounded(values, "annual_revenue", Decimal(0), MAX_AMOUNT)
    _bounded(values, "employees", 0, 2_147_483_647)
    _bounded(values, "founded", 1000, 2200)
    return values


def _bounded(values: Mapping[str, object], field: str, low: Decimal | int, high: Decimal | int) -> None:
    value = values.get(field)
    if value is None:
        return
    number = Decimal(str(value))
    if not number.is_finite() or not low <= number <= high:
        text = _("Enter a number from %(low)s to %(high)s.") % {"low": low, "high": high}
        raise InvalidAccountValue(text, fields={field: text})


def _refuse_duplicates(name: str, exclude: int | None = None) -> None:
    found = selectors.duplicates_of(name, exclude=exclude)
    if found:
        names = ", ".join(account.name for account in found)
        text = _("There is already an account of this name: %(names)s.") % {"names": names}
        raise PossibleDuplicate(
            text, fields={"name": _("Open the existing account, or confirm that this is another company.")}
        )


def _refuse_cycle(account: Account, parent_id: object) -> None:
    if not isinstance(parent_id, int):
        return
    if rules.makes_cycle(account.pk, parent_id, selectors.ancestors_of(parent_id)):
        text = _("An account cannot belong to itself or to an account below it.")
        raise AccountCycle(text, fields={"parent": text})
