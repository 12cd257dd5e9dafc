"""The form of the plan designer, made from what a plan document may say (``rules.design``).

``reading`` makes a tree of what was posted; every input is named by its place in the document. ``nodes``
makes of a tree what the page shows; ``about`` asks for what is not part of the document; ``draft`` holds
it all together.
"""

from apps.incentives.forms.design.about import AboutForm
from apps.incentives.forms.design.draft import PlanDraft

__all__ = ["AboutForm", "PlanDraft"]
