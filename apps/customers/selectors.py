"""Reads about customers for screens."""

from collections.abc import Mapping, Sequence

from django.db import connection

from apps.access.models import User
from apps.customers import rules
from apps.customers.models import Account, Contact, SatisfactionResponse

_ANCESTORS = """
WITH RECURSIVE up (id, parent_id) AS (
    SELECT id, parent_id FROM customers_account WHERE id = %s
    UNION
    SELECT a.id, a.parent_id FROM customers_account a JOIN up ON a.id = up.parent_id
)
SELECT id FROM up
"""

_FAMILY = """
WITH RECURSIVE down (id) AS (
    SELECT id FROM customers_account WHERE id = %s
    UNION
    SELECT a.id FROM customers_account a JOIN down ON a.parent_id = down.id
)
SELECT id FROM down
"""


def ancestors_of(account_id: int) -> list[int]:
    """Return the account and everything above it, nearest first."""
    return _ids(_ANCESTORS, account_id)


def family_of(account_id: int) -> list[int]:
    """Return the account and everything below it."""
    return _ids(_FAMILY, account_id)


def family_tree(account: Account, user: User) -> list[tuple[int, Account]]:
    """Return the visible family as ``(depth, account)`` from its top, in the order of a tree."""
    top = ancestors_of(account.pk)[-1]
    found = Account.objects.visible_to(user).filter(pk__in=family_of(top)).alphabetical()
    members = {row.pk: row for row in found.select_related("owner")}
    below: dict[int | None, list[Account]] = {}
    for row in members.values():
        below.setdefault(row.parent_id if row.parent_id in members else None, []).append(row)
    tree: list[tuple[int, Account]] = []
    stack = [(0, row) for row in reversed(below.get(None, []))]
    while stack:
        depth, row = stack.pop()
        tree.append((depth, row))
        stack.extend((depth + 1, child) for child in reversed(below.get(row.pk, [])))
    return tree


def duplicates_of(name: str, *, exclude: int | None = None) -> list[Account]:
    """Return accounts whose name is the same but for legal form, punctuation, case and width."""
    key = rules.match_key(name)
    if not key:
        return []
    found = Account.objects.filter(match_key=key)
    if exclude is not None:
        found = found.exclude(pk=exclude)
    return list(found.alphabetical()[:5])


def account_names(ids: Sequence[int]) -> Mapping[int, str]:
    """Return the names of accounts by id."""
    return dict(Account.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "name"))


def contacts_of(account: Account) -> list[Contact]:
    """Return the people at an account, those still there first."""
    rows = account.contacts.order_by("name_key", "pk")
    return sorted(rows, key=lambda contact: contact.left_on is not None)


def responses_of(account: Account, limit: int = 20) -> list[SatisfactionResponse]:
    """Return the latest answers of an account."""
    return list(
        account.responses.select_related("contact", "person").order_by("-responded_on", "-pk")[:limit]
    )


def _ids(sql: str, account_id: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [account_id])
        return [row[0] for row in cursor.fetchall()]
