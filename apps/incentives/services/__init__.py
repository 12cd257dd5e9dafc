"""The only writers of plans, runs, statements, adjustments and payroll files."""

from apps.incentives.services.accruals import make_accrual, request_accrual
from apps.incentives.services.adjustments import decide_adjustment, request_adjustment, reverse_line
from apps.incentives.services.calculation import (
    calculate_now,
    compute_batch,
    finish_calculation,
    is_computed,
    prepare_calculation,
    request_calculation,
)
from apps.incentives.services.contests import close_contest, create_contest, list_me
from apps.incentives.services.disputes import (
    accept_dispute,
    answer_dispute,
    chase_disputes,
    comment_dispute,
    raise_dispute,
    refuse_dispute,
    take_dispute,
    withdraw_dispute,
)
from apps.incentives.services.documents import confirm_plan, remind_confirmations
from apps.incentives.services.facts import (
    confirm_fact,
    refuse_fact,
    tell_deal_day,
    tell_event,
    tell_grade,
    tell_weight,
)
from apps.incentives.services.holds import place_hold, release_hold
from apps.incentives.services.payroll import export_payroll
from apps.incentives.services.plans import (
    approve_version,
    assign_plan,
    create_plan,
    end_assignment,
    plan_problems,
    return_version,
    save_draft,
    send_back_version,
    submit_version,
)
from apps.incentives.services.policy import set_policy
from apps.incentives.services.reversals import drop_reversal, reverse_run
from apps.incentives.services.runs import (
    approve_run,
    create_run,
    lock_run,
    mark_paid,
    review_run,
    send_back,
    take_back,
)
from apps.incentives.services.simulations import (
    delete_simulation,
    forget_simulations,
    request_simulation,
    simulate_now,
)
from apps.incentives.services.what_if import estimate_deal

__all__ = [
    "accept_dispute",
    "answer_dispute",
    "approve_run",
    "approve_version",
    "assign_plan",
    "calculate_now",
    "chase_disputes",
    "close_contest",
    "comment_dispute",
    "compute_batch",
    "confirm_fact",
    "confirm_plan",
    "create_contest",
    "create_plan",
    "create_run",
    "decide_adjustment",
    "delete_simulation",
    "drop_reversal",
    "end_assignment",
    "estimate_deal",
    "export_payroll",
    "finish_calculation",
    "forget_simulations",
    "is_computed",
    "list_me",
    "lock_run",
    "make_accrual",
    "mark_paid",
    "place_hold",
    "plan_problems",
    "prepare_calculation",
    "raise_dispute",
    "refuse_dispute",
    "refuse_fact",
    "release_hold",
    "remind_confirmations",
    "request_accrual",
    "request_adjustment",
    "request_calculation",
    "request_simulation",
    "return_version",
    "reverse_line",
    "reverse_run",
    "review_run",
    "save_draft",
    "send_back",
    "send_back_version",
    "set_policy",
    "simulate_now",
    "submit_version",
    "take_back",
    "take_dispute",
    "tell_deal_day",
    "tell_event",
    "tell_grade",
    "tell_weight",
    "withdraw_dispute",
]
