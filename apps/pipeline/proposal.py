"""What a new sales process starts with: stages with their criteria, and reasons for winning and losing."""

from django.utils.translation import gettext_noop

from apps.pipeline.enums import GateField

# code, name, probability, what a deal needs to leave the stage
STAGES: tuple[tuple[str, str, int, tuple[str, ...]], ...] = (
    ("qualify", gettext_noop("Qualify"), 10, ()),
    ("discover", gettext_noop("Discover needs"), 25, (GateField.ACCOUNT,)),
    ("propose", gettext_noop("Propose"), 50, (GateField.AMOUNT, GateField.EXPECTED_CLOSE)),
    ("negotiate", gettext_noop("Negotiate"), 75, (GateField.NEXT_STEP,)),
)
WON, LOST = gettext_noop("Won"), gettext_noop("Lost")
# won or lost, code, name, whether it counts in the win rate
REASONS: tuple[tuple[str, str, str, bool], ...] = (
    ("won", "best-fit", gettext_noop("Best technical fit"), True),
    ("won", "service", gettext_noop("Service and support"), True),
    ("won", "price-won", gettext_noop("Price"), True),
    ("lost", "price", gettext_noop("Price"), True),
    ("lost", "competitor", gettext_noop("Competitor chosen"), True),
    ("lost", "no-decision", gettext_noop("No decision"), True),
    ("lost", "timing", gettext_noop("Budget moved"), True),
    ("lost", "duplicate", gettext_noop("Duplicate"), False),
)
