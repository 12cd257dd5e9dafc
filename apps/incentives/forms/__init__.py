"""Forms of this room: the plan designer, assignments, runs, adjustments, disputes and more around pay."""

from apps.incentives.forms.contests import ContestForm
from apps.incentives.forms.design import AboutForm, PlanDraft
from apps.incentives.forms.disputes import AcceptForm, QuestionForm, RefuseForm, SpanForm, WriteForm
from apps.incentives.forms.holds import HoldForm, PolicyForm, ReleaseForm
from apps.incentives.forms.pay import (
    AccrualForm,
    AdjustmentForm,
    ReasonForm,
    RefusalForm,
    ReversalForm,
    RunForm,
    SendBackForm,
)
from apps.incentives.forms.plans import AssignForm
from apps.incentives.forms.simulations import SimulationForm
from apps.incentives.forms.what_if import WhatIfForm

__all__ = [
    "AboutForm",
    "AcceptForm",
    "AccrualForm",
    "AdjustmentForm",
    "AssignForm",
    "ContestForm",
    "HoldForm",
    "PlanDraft",
    "PolicyForm",
    "QuestionForm",
    "ReasonForm",
    "RefusalForm",
    "RefuseForm",
    "ReleaseForm",
    "ReversalForm",
    "RunForm",
    "SendBackForm",
    "SimulationForm",
    "SpanForm",
    "WhatIfForm",
    "WriteForm",
]
