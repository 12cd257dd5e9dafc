"""Forms of this room: the plan designer, assignments, runs, adjustments, disputes and more around pay."""

from apps.incentives.forms.disputes import AcceptForm, QuestionForm, RefuseForm, SpanForm, WriteForm
from apps.incentives.forms.pay import AdjustmentForm, ReasonForm, RunForm
from apps.incentives.forms.plans import AssignForm, PlanForm
from apps.incentives.forms.values import form_values

__all__ = [
    "AcceptForm",
    "AdjustmentForm",
    "AssignForm",
    "PlanForm",
    "QuestionForm",
    "ReasonForm",
    "RefuseForm",
    "RunForm",
    "SpanForm",
    "WriteForm",
    "form_values",
]
