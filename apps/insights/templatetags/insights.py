"""What templates of home and the team page need besides the page kit."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.insights import rules
from apps.ui.charts import pace_tone

register = template.Library()

CONCERNS: dict[str, tuple[Promise, str]] = {
    "overdue": (_("Close date passed"), "bad"),
    "step_late": (_("Next step late"), "bad"),
    "no_step": (_("No next step"), "warn"),
    "stalled": (_("Over 30 days in this stage"), "warn"),
    "pushed": (_("Pushed again and again"), "warn"),
    "behind": (_("Behind pace"), "bad"),
    "quiet": (_("Nothing logged for two weeks"), "warn"),
}


@register.filter
def ratio(value: Fraction | Decimal | None) -> Decimal | None:
    """Turn an exact fraction into a figure that can be written."""
    return rules.figure(value)


@register.filter
def concern(code: str) -> Promise:
    """Say a concern in words."""
    return CONCERNS[code][0]


@register.filter
def concern_tone(code: str) -> str:
    """Return the tone of a concern."""
    return CONCERNS[code][1]


@register.filter
def pace_colour(standing: Any) -> str:
    """Return good, warn or bad by pace; muted without a target."""
    return pace_tone(rules.figure(standing.ratio), rules.figure(standing.elapsed))


@register.filter
def share_of(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Return a part as a ratio of a whole."""
    return None if part is None or not whole else Decimal(part) / Decimal(whole)
