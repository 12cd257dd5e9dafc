"""What a phone keeps to log visits without a network: names to choose from, no amounts and no pay."""

from typing import Any

from django.db.models import BooleanField, Case, Value, When

from apps.access.models import User
from apps.access.scope import person_id_of
from apps.core.names import in_words
from apps.customers.models import Account
from apps.pipeline.models import Opportunity

LIMIT = 400


def book(viewer: User) -> dict[str, Any]:
    """Return the accounts and open deals in reach, the person's own first."""
    person_id = person_id_of(viewer)
    own = Case(When(owner_id=person_id, then=Value(True)), default=Value(False), output_field=BooleanField())
    accounts = Account.objects.visible_to(viewer).annotate(own=own).order_by("-own", "name_key", "pk")
    deals = Opportunity.objects.visible_to(viewer).open().select_related("account", "stage").annotate(own=own)
    return {
        "reader": viewer.pk,
        "accounts": [
            {"id": pk, "name": name, "key": key, "city": city, "own": mine}
            for pk, name, key, city, mine in accounts.values_list("pk", "name", "search", "city", "own")[
                :LIMIT
            ]
        ],
        "deals": [_deal(row) for row in deals.order_by("-own", "next_step_on", "-pk")[:LIMIT]],
    }


def _deal(row: Any) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "account_id": row.account_id,
        "account": row.account.name if row.account else "",
        "key": row.account.search if row.account else "",
        "stage": in_words(row.stage.name),
        "version": row.version,
        "next_step": row.next_step,
        "next_step_on": row.next_step_on.isoformat() if row.next_step_on else None,
        "own": row.own,
    }
