"""Names that read in every reader's language: stages and reasons the product itself proposes."""

from django.utils.translation import gettext_noop

from apps.core.names import propose


def register_all() -> None:
    """Let the proposed stages and reasons be translated."""
    propose(
        gettext_noop("Qualify"),
        gettext_noop("Discover needs"),
        gettext_noop("Propose"),
        gettext_noop("Negotiate"),
        gettext_noop("Won"),
        gettext_noop("Lost"),
    )
    propose(
        gettext_noop("Best technical fit"),
        gettext_noop("Service and support"),
        gettext_noop("Price"),
        gettext_noop("Competitor chosen"),
        gettext_noop("No decision"),
        gettext_noop("Budget moved"),
        gettext_noop("Duplicate"),
    )
