import pytest

from apps.events import progress
from apps.events.enums import LongState
from apps.events.models import Cancelled, LongTask


def test_progress_inside_a_transaction_is_seen_without_waiting_for_it(user):
    task = progress.start("import", by=user, title="Deals", total=10)

    task.advance(4, note="Halfway")

    seen = progress.latest(LongTask.objects.get())
    assert (seen.done, seen.total, seen.note, seen.percent) == (4, 10, "Halfway", 40)


def test_cancelled_work_stops_at_its_next_step(user):
    task = progress.start("import", by=user, title="Deals", total=10)

    assert progress.request_cancel(task_id=task.pk)

    with pytest.raises(Cancelled):
        task.advance(5)
    task.stop()
    assert LongTask.objects.get().state == LongState.CANCELLED
    assert not progress.request_cancel(task_id=task.pk)


def test_finished_and_failed_work_keep_their_word(user):
    done, bad = (progress.start("import", by=user, title="Deals", total=3) for _ in range(2))

    done.finish({"rows": 3}, url="/x/")
    bad.fail("Row 2 has no date.")

    assert LongTask.objects.get(pk=done.pk).percent == 100
    assert LongTask.objects.get(pk=bad.pk).note == "Row 2 has no date."
