"""A calculation of pay, killed at every kind of step, pays to the byte what an undisturbed one pays."""

import random
import time

import pytest

from tests.faults.stage import PAYEES_A_BATCH, deaths_of, until

pytestmark = pytest.mark.process

PAID = """
    SELECT s.run_id, s.person_id, s.total, s.variable, s.head_hash, l.sequence, l.amount, l.raw, l.hash,
           t.sequence, t.credit_id, t.amount, t.value
    FROM incentives_statement s
    LEFT JOIN incentives_payline l ON l.statement_id = s.id
    LEFT JOIN incentives_paytrace t ON t.line_id = l.id
    ORDER BY s.run_id, s.person_id, l.sequence, t.sequence
"""
RUNS = "SELECT id, state, total, payees, digest FROM incentives_payrun ORDER BY id"
LEDGER = "SELECT count(*), count(DISTINCT key), sum(value), max(id) FROM measures_credit"
DOUBLED = "SELECT statement_id FROM incentives_payline GROUP BY statement_id, sequence HAVING count(*) > 1"
OPEN = "SELECT name, state, error FROM events_outboxentry WHERE state <> 'done'"
UNDONE = "SELECT state FROM events_longtask WHERE state <> 'done'"

# Two deaths each: with the third one the product would give a calculation up.
BETWEEN_STEPS = [
    ("prepare_calculation 1 called", "prepare_calculation 1 written"),
    ("compute_batch 2 written", "compute_batch 3 called"),
    ("compute_batch 1 called", "finish_calculation 1 called"),
    ("finish_calculation 1 written", "finish 1 called"),
    ("compute_batch 1 written", "finish 1 written"),
]
# A calculation of two hundred payees sends well over twice as many, also when it is taken up half done.
LAST_STATEMENT = 60


@pytest.fixture(scope="module")
def reference(servers, runs):
    """What undisturbed calculations of all runs wrote."""
    return servers.sql(PAID), servers.sql(RUNS), servers.sql(LEDGER)


def at_random(seed: int) -> list[tuple[str, ...]]:
    """Return two statements to die at for each run."""
    chance = random.Random(seed)  # noqa: S311  # to be drawn again
    points = [chance.sample(range(1, LAST_STATEMENT + 1), 2) for _run in BETWEEN_STEPS]
    return [tuple(f"statement {number}" for number in pair) for pair in points]


def recalculate(stage, runs, deaths):
    for run, points in zip(runs, deaths, strict=True):
        deaths_of(stage.folder, run).write_text("\n".join(points))
    stage.python(f"from tests.faults import company; company.calculate(*{runs!r})")


def left_to_die(stage, runs):
    return "".join(deaths_of(stage.folder, run).read_text() for run in runs)


def finished(stage):
    return stage.sql(UNDONE) == [] and stage.sql(OPEN) == []


def assert_paid_as(stage, reference):
    assert stage.sql(RUNS) == reference[1]
    assert stage.sql(PAID) == reference[0]
    assert stage.sql(LEDGER) == reference[2]
    assert stage.sql(DOUBLED) == []


def test_pool_children_killed_at_any_step_and_statement_change_no_byte(stage, runs, reference):
    assert len({row[1] for row in reference[0]}) > 1000
    with stage.worker(processes=4, VISIBILITY="60"):
        for deaths in (BETWEEN_STEPS, at_random(48), at_random(49)):
            recalculate(stage, runs, deaths)

            assert until(lambda: left_to_die(stage, runs) == "", 60), left_to_die(stage, runs)
            killed = time.monotonic()
            assert until(lambda: finished(stage), 60), (deaths, stage.sql(OPEN), stage.sql(UNDONE))
            assert time.monotonic() - killed < 60
            assert_paid_as(stage, reference)


def test_a_worker_killed_in_the_middle_is_taken_over_and_changes_no_byte(stage, runs, reference):
    run = runs[0]
    with stage.worker() as worker:
        recalculate(stage, [run], [["all compute_batch 3 written"]])
        assert until(lambda: worker.poll() is not None, 30)
    computed = f"SELECT count(*) FROM incentives_statement WHERE computed_at IS NOT NULL AND run_id = {run}"
    assert stage.sql(computed) == [(2 * PAYEES_A_BATCH,)]

    with stage.worker():
        assert until(lambda: finished(stage), 30), (stage.sql(OPEN), stage.sql(UNDONE))

    assert_paid_as(stage, reference)
