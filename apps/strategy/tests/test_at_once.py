"""Two people decide at the same moment: one counts, the other is told."""

import datetime as dt

import pytest
from django.db import transaction

from apps.core.tests.together import decided_at_once
from apps.strategy import services
from apps.strategy.models import Decision, Strategy
from apps.strategy.tests.factories import AT, TODAY


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_counts_and_the_other_is_told(request):
    with transaction.atomic():
        draft, company = (request.getfixturevalue(name) for name in ("draft", "company"))

    def activate():
        services.activate_strategy(strategy_id=draft.pk, by=company.editor, at=AT, on=TODAY)

    outcomes = decided_at_once(activate, activate)
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

    assert decided_at_once(hold, hold) == ["already_held", "done"]
    held = strategy.reviews.get(pk=review.pk)
    assert (held.state, held.version) == ("held", review.version + 1)

    def complete():
        services.complete_decision(decision_id=decision.pk, by=company.editor, on=TODAY)

    assert decided_at_once(complete, complete) == ["already_done", "done"]
    assert Decision.objects.get(pk=decision.pk).done_on == TODAY
