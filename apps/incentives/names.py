"""Names that read in every reader's language: those the product itself proposes for plans and their parts."""

from django.utils.translation import gettext_noop

from apps.core.names import in_words, propose

__all__ = ["in_words"]

propose(
    gettext_noop("Adjustment"),
    gettext_noop("Base salary"),
    gettext_noop("Base salary, an override on the revenue of everybody below, and a bonus on wins."),
    gettext_noop(
        "Base salary, commission on revenue with an accelerator, and a bonus on deals and new customers."
    ),
    gettext_noop("Commission"),
    gettext_noop("Correction after a dispute"),
    gettext_noop("Field sales"),
    gettext_noop("First version"),
    gettext_noop("Growth bonus"),
    gettext_noop("KPI bonus"),
    gettext_noop("Override"),
    gettext_noop("Plan cap"),
    gettext_noop("Sales leads"),
    gettext_noop("Team override"),
    gettext_noop("Win rate bonus"),
    gettext_noop("Sprint to the end of the quarter"),
    gettext_noop("The most revenue by the last day; equal figures share a place."),
    gettext_noop("Dinner with the board"),
    gettext_noop("A day off"),
    gettext_noop("A good book"),
    gettext_noop("Larger than the deals of the year before by far"),
    gettext_noop("One deal makes most of a target"),
    gettext_noop("A line far above what such lines usually pay"),
)
