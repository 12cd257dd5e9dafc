"""Two people decide at the same moment: one counts, the other is told."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from apps.core import clock
from apps.core.errors import DomainError
from apps.strategy import services
from apps.strategy.models import Decision, Strategy
from apps.strategy.tests.factories import AT, TODAY


def twice_at_once(work: Callable[[], object]) -> list[str]:
    """Start the work twice together, each on its own connection, and return what became of both, sorted."""
    ready, outcomes = threading.Barrier(2), []

    def one() -> None:
        try:
            ready.wait(timeout=20)
            with clock.fixed(AT), transaction.atomic():
                work()
            outcomes.append("done")
        except DomainError as refusal:
            outcomes.append(type(refusal).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_counts_and_the_other_is_told(request):
    with transaction.atomic():
        draft, company = (request.getfixturevalue(name) for name in ("draft", "company"))

    def activate():
        services.activate_strategy(strategy_id=draft.pk, by=company.editor, at=AT, on=TODAY)

    outcomes = twice_at_once(activate)
    assert outcomes.count("done") == 1
    strategy = Strategy.objects.get(pk=draft.pk)
    days = list(strategy.reviews.order_by("due_on").values_list("due_on", flat=True))
    assert (strategy.state, len(days), len(set(days))) == ("active", 4, 4)

    review = strategy.reviews.order_by("due_on").first()
    with transaction.atomic():
        decision = services.record_decision(
            strategy_id=strategy.pk, text="Call every lost account", owner_id=company.bob.pk,
            due_on=dt.date(2026, 4, 1), review_id=review.pk, by=company.editor, on=TODAY,
        )  # fmt: skip

    def hold():
        services.hold_review(
            review_id=review.pk, minutes="All well.", by=company.editor, at=AT, on=review.due_on
        )

    assert twice_at_once(hold) == ["AlreadyHeld", "done"]
    held = strategy.reviews.get(pk=review.pk)
    assert (held.state, held.version) == ("held", review.version + 1)

    def complete():
        services.complete_decision(decision_id=decision.pk, by=company.editor, on=TODAY)

    assert twice_at_once(complete) == ["AlreadyDone", "done"]
    assert Decision.objects.get(pk=decision.pk).done_on == TODAY
