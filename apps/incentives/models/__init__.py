from apps.incentives.models.contests import (
    Contest,
    ContestAward,
    ContestPlayer,
    ContestPrize,
    Unlisted,
)
from apps.incentives.models.disputes import Dispute, DisputeEntry
from apps.incentives.models.facts import PayFact
from apps.incentives.models.holds import Hold, RunHold
from apps.incentives.models.lines import Adjustment, PayLine, PayrollExport, PayTrace, Statement
from apps.incentives.models.papers import Accrual, Acknowledgement, PayPolicy
from apps.incentives.models.plans import IncentivePlan, PlanAssignment, PlanVersion, VersionStep
from apps.incentives.models.runs import PayRun, RunPlan, RunStep
from apps.incentives.models.simulations import SimulatedPayee, Simulation

__all__ = [
    "Accrual",
    "Acknowledgement",
    "Adjustment",
    "Contest",
    "ContestAward",
    "ContestPlayer",
    "ContestPrize",
    "Dispute",
    "DisputeEntry",
    "Hold",
    "IncentivePlan",
    "PayFact",
    "PayLine",
    "PayPolicy",
    "PayRun",
    "PayTrace",
    "PayrollExport",
    "PlanAssignment",
    "PlanVersion",
    "RunHold",
    "RunPlan",
    "RunStep",
    "SimulatedPayee",
    "Simulation",
    "Statement",
    "Unlisted",
    "VersionStep",
]
