"""Names that read in every reader's language: the courses the product itself proposes."""

from django.utils.translation import gettext_noop

from apps.core.names import propose


def register_all() -> None:
    """Let the proposed courses be translated."""
    propose(
        gettext_noop("Finding customers that fit"),
        gettext_noop("Opening doors in key accounts"),
        gettext_noop("Questions that uncover the need"),
        gettext_noop("Business cases customers believe"),
        gettext_noop("Instruments A to Z"),
        gettext_noop("Applications in pharma and food"),
        gettext_noop("Negotiating on value"),
        gettext_noop("Negotiating with central purchasing"),
        gettext_noop("Coaching in the field"),
        gettext_noop("Forecasts one can rely on"),
        gettext_noop("Reading sales figures"),
    )
