"""Names that read in every reader's language: the stages of the processes the product itself proposes."""

from django.utils.translation import gettext_noop

from apps.core.names import propose


def register_all() -> None:
    """Let the proposed stages be translated."""
    propose(
        gettext_noop("Qualify"),
        gettext_noop("Discover needs"),
        gettext_noop("Propose"),
        gettext_noop("Negotiate"),
        gettext_noop("Won"),
        gettext_noop("Lost"),
    )
