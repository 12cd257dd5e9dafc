"""Forms of this room: the plan designer, assignments, runs and adjustments."""

from apps.incentives.forms.pay import AdjustmentForm, ReasonForm, RunForm
from apps.incentives.forms.plans import AssignForm, PlanForm
from apps.incentives.forms.values import form_values

__all__ = ["AdjustmentForm", "AssignForm", "PlanForm", "ReasonForm", "RunForm", "form_values"]
