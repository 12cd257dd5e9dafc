"""The life of a pay run, a plan version and an adjustment, as tables."""

from apps.incentives.enums import RunState

TRANSITIONS: dict[RunState, frozenset[RunState]] = {
    RunState.DRAFT: frozenset({RunState.CALCULATED}),
    RunState.CALCULATED: frozenset({RunState.DRAFT, RunState.REVIEWED}),
    RunState.REVIEWED: frozenset({RunState.CALCULATED, RunState.APPROVED}),
    RunState.APPROVED: frozenset({RunState.CALCULATED, RunState.LOCKED}),
    RunState.LOCKED: frozenset({RunState.PAID}),
    RunState.PAID: frozenset(),
}

PATH = (
    RunState.DRAFT,
    RunState.CALCULATED,
    RunState.REVIEWED,
    RunState.APPROVED,
    RunState.LOCKED,
    RunState.PAID,
)
RECALCULABLE = frozenset({RunState.DRAFT, RunState.CALCULATED})
UNLOCKED = frozenset({RunState.CALCULATED, RunState.REVIEWED, RunState.APPROVED})
POSTED = frozenset({RunState.LOCKED, RunState.PAID})


def allowed(before: RunState, after: RunState) -> bool:
    """Tell whether a run may go from one state to another."""
    return after in TRANSITIONS[before]
