"""What a plan does with pay as a whole, in sentences."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.incentives.rules.describe.components import modifier_sentence
from apps.incentives.rules.describe.conditions import cap_sentence, condition_words
from apps.incentives.rules.describe.figures import Names, amount, money, percent
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.settlement import (
    AfterPeriods,
    Crediting,
    Draw,
    FullClawback,
    LinearClawback,
    Returns,
)


def plan_sentences(plan: PlanDocument, names: Names) -> list[str]:
    """Return what holds for all pay under a plan."""
    return list(_told(plan, names))


def _told(plan: PlanDocument, names: Names) -> Iterator[str]:
    currency = plan.currency
    if plan.crediting is not None:
        yield from _crediting(plan.crediting, currency, names)
    for modifier in plan.modifiers:
        yield _("All variable pay: %(rule)s") % {"rule": modifier_sentence(modifier, currency, names)}
    if plan.cap is not None:
        yield _("All variable pay: %(rule)s") % {"rule": cap_sentence(plan.cap, currency)}
    if plan.returns is not None:
        yield from _returns(plan.returns)
    if plan.guarantee is not None:
        for step in plan.guarantee.steps:
            text = _("For %(periods)s pay periods at least %(amount)s is paid.")
            yield text % {"periods": step.periods, "amount": money(step.amount, currency)}
        if plan.guarantee.basis == "to_date":
            yield _("The guarantee counts all pay periods so far together.")
    if plan.draw is not None:
        yield from _draw(plan.draw, currency)
    yield from _payment(plan)
    yield from _fine(plan)


def _fine(plan: PlanDocument) -> Iterator[str]:
    """Yield the small print, where it says something else than a plan does by itself."""
    if plan.zero_quota != "error":
        yield {
            "full": _("A missing quota counts as reached in full."),
            "skip": _("A measure without a quota is left out."),
        }[plan.zero_quota]
    if plan.rounding == "half_even":
        yield _("Half a cent is rounded to the even cent.")
    if plan.proration.days != "days":
        yield {
            "working_days": _("Parts of a period count by working days."),
            "months": _("Parts of a period count by months."),
            "30/360": _("Parts of a period count by months of 30 days."),
        }[plan.proration.days]
    if plan.proration.transfers == "blended":
        yield _("A move within a period blends both plans by days.")
    if plan.proration.unpaid_leave == "taken_off":
        yield _("Days of unpaid leave are taken off the active days.")
    if plan.exchange is not None:
        yield {
            "plan_year": _("Deals in other currencies count at the plan's rate of the year."),
            "transaction_date": _("Deals in other currencies count at the rate of their day."),
            "month_average": _("Deals in other currencies count at the average rate of their month."),
        }[plan.exchange.transactions]
        if plan.exchange.payout is not None:
            text = _("Pay goes out in %(currency)s at the rate of the day of the pay run.")
            yield text % {"currency": plan.exchange.payout}


def _crediting(crediting: Crediting, currency: str, names: Names) -> Iterator[str]:
    for rule in crediting.rules:
        when = _("everything else") if rule.when is None else condition_words(rule.when, currency, names)
        text = _("%(name)s (%(condition)s): counts %(commission)s for commission, %(quota)s for the quota.")
        yield text % {
            "name": rule.name,
            "condition": when,
            "commission": amount(rule.commission_factor),
            "quota": amount(rule.quota_factor),
        }
    if crediting.match == "first":
        yield _("The first of these rules that fits decides.")
    else:
        yield _("All of these rules that fit add up.")


def _returns(returns: Returns) -> Iterator[str]:
    schedule = returns.schedule
    if isinstance(schedule, LinearClawback):
        text = _("Pay for a sale is earned over %(months)s months; a return takes back the rest.")
        yield text % {"months": schedule.months}
        if schedule.failing_month == "earned":
            yield _("The month of the return still counts as earned.")
        else:
            yield _("The month of the return no longer counts as earned.")
    elif isinstance(schedule, FullClawback):
        if schedule.months is None:
            yield _("A return takes back all that was paid for the sale.")
        else:
            text = _("A return within %(months)s months takes back all that was paid for the sale.")
            yield text % {"months": schedule.months}
    else:
        for step in schedule.steps:
            text = _("A return before month %(month)s takes back %(share)s.")
            yield text % {"month": step.before_month, "share": percent(step.share)}
    if returns.at_most is not None:
        text = _("At most %(share)s of a period's variable pay is taken back; the rest is carried.")
        yield text % {"share": percent(returns.at_most)}
    if returns.order == "after_draw":
        yield _("Returns are taken back after the draw.")


def _draw(draw: Draw, currency: str) -> Iterator[str]:
    numbers = {"amount": money(draw.amount, currency), "periods": draw.periods}
    yield _("For %(periods)s pay periods pay is filled up to %(amount)s as a draw.") % numbers
    if draw.kind == "non_recoverable":
        yield _("The draw is not paid back.")
        return
    share = percent(draw.recovery_share)
    yield _("%(share)s of what exceeds it pays the draw back.") % {"share": share}
    if draw.recovery_after:
        text = _("The first %(periods)s pay periods are free of that.")
        yield text % {"periods": draw.recovery_after}
    if draw.balance_cap is not None:
        text = _("Never more than %(amount)s of the draw is owed.")
        yield text % {"amount": money(draw.balance_cap, currency)}
    yield {
        "forgive": _("What is left at the end is forgiven."),
        "bill": _("What is left at the end is deducted."),
        "carry": _("What is left at the end is recovered from later pay."),
    }[draw.at_end]


def _payment(plan: PlanDocument) -> Iterator[str]:
    rule, currency = plan.payment, plan.currency
    if rule is not None and rule.minimum is not None:
        text = _("Less than %(amount)s is not paid out but carried.")
        yield text % {"amount": money(rule.minimum, currency)}
    if rule is not None and rule.maximum is not None:
        text = _("At most %(amount)s is paid out; the rest is carried.")
        if rule.excess == "forfeit":
            text = _("At most %(amount)s is paid out; the rest is forfeited.")
        yield text % {"amount": money(rule.maximum, currency)}
    if rule is not None and rule.negative == "carry":
        yield _("What is owed is carried, never deducted from other pay.")
    if rule is not None and rule.round_to is not None:
        text = _("Payments are multiples of %(amount)s; the rest is carried to the next one.")
        yield text % {"amount": money(rule.round_to, currency)}
    holdback = plan.holdback
    if holdback is not None:
        share = percent(holdback.share)
        if isinstance(holdback.release, AfterPeriods):
            text = _("%(share)s of variable pay is held back for %(periods)s pay periods.")
            yield text % {"share": share, "periods": holdback.release.periods}
        else:
            text = _("%(share)s of variable pay is held back until %(event)s.")
            yield text % {"share": share, "event": holdback.release.event}
