"""The only writers of targets."""

from apps.targets.services.building import (
    NobodyTakesPart,
    NoTopFigure,
    OpenVersionExists,
    UnknownMeasure,
    create_plan,
)
from apps.targets.services.editing import (
    WrongLevel,
    cascade,
    edit_months,
    edit_node,
    release_node,
    set_limits,
)
from apps.targets.services.storing import PlanNotOpen, SumsBroken
from apps.targets.services.versions import (
    NeedsWaiver,
    NothingToWaive,
    NotInForce,
    NotWaiting,
    ReasonMissing,
    SamePerson,
    approve_plan,
    check_plan,
    discard_plan,
    name_owners,
    new_version,
    return_plan,
    submit_plan,
    waive,
)

__all__ = [
    "NeedsWaiver",
    "NoTopFigure",
    "NobodyTakesPart",
    "NotInForce",
    "NotWaiting",
    "NothingToWaive",
    "OpenVersionExists",
    "PlanNotOpen",
    "ReasonMissing",
    "SamePerson",
    "SumsBroken",
    "UnknownMeasure",
    "WrongLevel",
    "approve_plan",
    "cascade",
    "check_plan",
    "create_plan",
    "discard_plan",
    "edit_months",
    "edit_node",
    "name_owners",
    "new_version",
    "release_node",
    "return_plan",
    "set_limits",
    "submit_plan",
    "waive",
]
