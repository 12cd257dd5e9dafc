"""The pipeline's tables, by business noun."""

from apps.pipeline.models.catalogue import Price, Product
from apps.pipeline.models.deals import (
    Opportunity,
    OpportunityLine,
    OpportunitySplit,
    PipelineCell,
    StageChange,
)
from apps.pipeline.models.process import OutcomeReason, SalesProcess, Stage, StageGate
from apps.pipeline.models.work import Activity, Task

__all__ = [
    "Activity",
    "Opportunity",
    "OpportunityLine",
    "OpportunitySplit",
    "OutcomeReason",
    "PipelineCell",
    "Price",
    "Product",
    "SalesProcess",
    "Stage",
    "StageChange",
    "StageGate",
    "Task",
]
