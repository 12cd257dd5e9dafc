"""What settles pay as a whole, in sentences: guarantee, draw, recovery, payment, what is kept back."""

from collections.abc import Callable

from django.utils.translation import gettext as _

from apps.incentives.rules.describe.figures import percent
from apps.incentives.rules.describe.telling import Step, Telling, money_of


def _guarantee(step: Step, how: Telling) -> str:
    text = _("%(guaranteed)s are guaranteed, %(earned)s earned: %(value)s on top")
    return text % money_of(step, how, "guaranteed", "earned", "value")


def _draw(step: Step, how: Telling) -> str:
    told = money_of(step, how, "draw", "earned", "short", "repaid", "balance")
    if step["repaid"] != "0":
        return _("%(earned)s earned, %(repaid)s of the draw paid back; %(balance)s left") % told
    return _("%(earned)s earned, %(short)s drawn up to %(draw)s; balance %(balance)s") % told


def _draw_end(step: Step, how: Telling) -> str:
    return _("The draw has ended: the balance of %(balance)s is deducted") % money_of(step, how, "balance")


def _recovery(step: Step, how: Telling) -> str:
    text = _("%(opening)s owed before, %(taken)s new; at most %(limit)s now: %(value)s taken, %(left)s left")
    return text % money_of(step, how, "opening", "taken", "limit", "value", "left")


def _payment(step: Step, how: Telling) -> str:
    text = _("%(earned)s earned, %(before)s carried before: %(paid)s paid out, %(carried)s carried")
    return text % money_of(step, how, "earned", "before", "paid", "carried")


def _holdback(step: Step, how: Telling) -> str:
    text = _("%(share)s of %(payable)s is held back = %(value)s")
    return text % {"share": percent(step["share"]), **money_of(step, how, "payable", "value")}


def _instalments(step: Step, how: Telling) -> str:
    text = _("%(count)s instalments are still to come = %(value)s")
    return text % {"count": step["count"], "value": how.paid(step["value"])}


def _released(step: Step, how: Telling) -> str:
    return _("%(value)s from earlier periods is due now") % money_of(step, how, "value")


def _payment_rounded(step: Step, how: Telling) -> str:
    told = money_of(step, how, "due", "before", "unit", "paid", "carried")
    if step["unit"] == "0":
        return _("%(due)s due, %(before)s carried before: %(paid)s paid out") % told
    text = _("%(due)s due, %(before)s before, in multiples of %(unit)s: %(paid)s paid, %(carried)s carried")
    return text % told


SETTLED: dict[str, Callable[[Step, Telling], str]] = {
    "guarantee": _guarantee,
    "draw": _draw,
    "draw_end": _draw_end,
    "recovery": _recovery,
    "payment": _payment,
    "payment_rounded": _payment_rounded,
    "holdback": _holdback,
    "instalments": _instalments,
    "released": _released,
}
