"""Names that read in every reader's language: the roles, skills and steps the product itself proposes."""

from django.utils.translation import gettext_noop

from apps.core.names import propose


def register_all() -> None:
    """Let the proposed roles, skills and steps be translated."""
    propose(
        gettext_noop("Sales representative"),
        gettext_noop("Sales team manager"),
        gettext_noop("Regional director"),
        gettext_noop("Sales operations"),
        gettext_noop("Commercial executive"),
        gettext_noop("Prospecting"),
        gettext_noop("Needs analysis"),
        gettext_noop("Product knowledge"),
        gettext_noop("Negotiation"),
        gettext_noop("Forecasting"),
        gettext_noop("Coaching"),
        gettext_noop("Sales analysis"),
        gettext_noop("Research the market and name target accounts"),
        gettext_noop("Make the first contact"),
        gettext_noop("Qualify need, budget and decision makers"),
        gettext_noop("Work out and present the proposal"),
        gettext_noop("Negotiate terms"),
        gettext_noop("Close, and hand over to delivery"),
        gettext_noop("Accompany delivery and first use"),
        gettext_noop("Ask for satisfaction and act on it"),
        gettext_noop("Renew and widen the business"),
        gettext_noop("Set and share out targets"),
        gettext_noop("Review deals and submit the forecast"),
    )
