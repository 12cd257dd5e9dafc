"""What every field of a plan document is called, in one line of help, and in what it is counted.

Keys are ``Model.field``; kinds that share a field share its words. ``unit`` is one of ``percent`` (typed as
5, kept as 0.05), ``money``, ``times``, ``weight``, or a question that ``units`` answers by what stands
around the field: ``edge``, ``at``, ``pays``, ``bound``, ``row``, ``column``. ``always`` shows an optional
field without asking for it. ``parts`` are fields that only matter while another one says so.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.incentives.rules.plan.values import Part

Text = str | Promise


@dataclass(frozen=True)
class Word:
    """What a field is called, what it does, in what it is counted."""

    label: Text
    help: Text = ""
    unit: str = ""
    always: bool = False


def word_of(model: type[Part], key: str) -> Word:
    """Return the words of a field. Raises KeyError."""
    return WORDS[f"{model.__name__}.{key}"]


_MEASURE = Word(_("Measure"), _("What is counted: a number of the company's catalogue."))
_KIND = Word(_("Kind"))
_AT_LEAST = Word(_("At least"), "", "bound")
_ABOVE = Word(_("More than"), "", "bound")
_AT_MOST = Word(_("At most"), "", "bound")
_BELOW = Word(_("Less than"), "", "bound")
_BOUNDS = {"at_least": _AT_LEAST, "above": _ABOVE, "at_most": _AT_MOST, "below": _BELOW}
_AGAINST = Word(_("Held against"), _("Which quota it is compared with."))
_PAYS = Word(_("The table pays"), _("A rate on the credits, an amount of money, or a share of the target."))
_AXIS = Word(_("It reads"), _("The number that decides where in the table somebody stands."))
_EDGE = Word(_("Exactly on an edge"), _("To which tier somebody belongs who stands exactly on its edge."))
_WHEN = Word(_("Condition"))

DOCUMENT = {
    "PlanDocument.schema": Word(_("Form of the document")),
    "PlanDocument.currency": Word(_("Currency"), _("Every amount of the plan is in it.")),
    "PlanDocument.period": Word(_("Pays"), _("How often it pays. A plan keeps this for good."), always=True),
    "PlanDocument.rounding": Word(_("Half a cent"), _("How the last cent of a line is decided.")),
    "PlanDocument.zero_quota": Word(
        _("A missing quota"), _("What it means when somebody has no quota, or a quota of zero.")
    ),
    "PlanDocument.crediting": Word(
        _("Crediting rules"), _("How much of a deal counts for commission and for the quota.")
    ),
    "PlanDocument.exchange": Word(_("Other currencies"), _("At which rate deals in other currencies count.")),
    "PlanDocument.proration": Word(
        _("Part of a period"), _("How pay is shared out when somebody joins, leaves or moves on the way.")
    ),
    "PlanDocument.components": Word(_("What the plan pays for")),
    "PlanDocument.modifiers": Word(
        _("Factors on all variable pay"),
        _("Multiplies everything but base salaries while a condition holds."),
    ),
    "PlanDocument.cap": Word(_("Cap on all variable pay"), _("The most that one pay period can earn.")),
    "PlanDocument.returns": Word(
        _("Returns and clawback"), _("What is taken back when a customer returns a purchase.")
    ),
    "PlanDocument.guarantee": Word(
        _("Guarantee"), _("Variable pay never lies below an amount, for example while somebody ramps up.")
    ),
    "PlanDocument.draw": Word(
        _("Draw"), _("Pay is filled up to an amount; a recoverable draw is paid back from better periods.")
    ),
    "PlanDocument.payment": Word(
        _("Smallest and largest payment"),
        _("Too little is carried; too much is carried or lost; if need be in whole units."),
    ),
    "PlanDocument.holdback": Word(_("Holdback"), _("A share of variable pay that is kept back for a while.")),
}

SHARED = {
    "Component.code": Word(
        _("Short code"), _("Names it in exports and in conditions. Small letters and digits.")
    ),
    "Component.name": Word(_("Name"), _("What people read on their statement.")),
    "Variable.gate": Word(_("Only while"), _("Nothing is paid while this does not hold.")),
    "Variable.modifiers": Word(
        _("Accelerators and factors"), _("Multiplies it, or adds to it, while a condition holds.")
    ),
    "Variable.floor": Word(_("At least"), _("The least that is paid in a period."), "money"),
    "Variable.cap": Word(_("Cap"), _("The most that is paid, and what happens to the rest.")),
    "Variable.zero_quota": Word(_("A missing quota"), _("Replaces what the plan says for this part alone.")),
    "OnCredits.measure": _MEASURE,
    "OnCredits.where": Word(_("Only some deals"), _("Which credits take part: products, sectors, days.")),
    "OnCredits.counts": Word(
        _("Deals that count more or less"), _("For example new customers count one and a half times.")
    ),
    "OnCredits.deal_cap": Word(_("Cap on a single deal"), _("The most that one deal pays.")),
    "OnCredits.instalments": Word(_("Instalments"), _("Paid in parts, later. The parts add up to 100 %.")),
    "BaseSalary.annual": Word(_("Salary of a year"), _("Somebody's own amount replaces it."), "money"),
    "Commission.kind": _KIND,
    "Commission.basis": Word(_("Looks at"), _("Which deals are added up before the table is read.")),
    "Commission.rolling_periods": Word(
        _("Number of pay periods"), _("How many it looks back, this one included.")
    ),
    "Commission.credits": Word(_("Whose deals"), _("Own deals, overlay credit, or both.")),
    "Commission.table": Word(_("Rates")),
    "Override.kind": _KIND,
    "Override.basis": Word(_("Looks at"), _("Which deals are added up before the table is read.")),
    "Override.rolling_periods": Word(
        _("Number of pay periods"), _("How many it looks back, this one included.")
    ),
    "Override.levels": Word(_("Levels above the seller"), _("1 is the seller's own lead.")),
    "Override.table": Word(_("Rates")),
    "Levels.from": Word(_("From level"), "", always=True),
    "Levels.to": Word(_("To level"), _("Empty: up to the top."), always=True),
    "Trail.kind": _KIND,
    "Trail.credits": Word(_("Whose deals"), _("Own deals, overlay credit, or both.")),
    "Trail.schedule": Word(_("Rate by months since the sale"), _("The months follow one another from 0.")),
    "TrailStep.from_month": Word(_("From month")),
    "TrailStep.before_month": Word(_("Before month"), _("Empty: as long as the contract runs."), always=True),
    "TrailStep.rate": Word(_("Rate"), "", "percent"),
    "KpiBonus.kind": _KIND,
    "KpiBonus.annual": Word(_("Target bonus of a year"), _("Somebody's own amount replaces it."), "money"),
    "KpiBonus.measures": Word(_("Weighted measures"), _("The weights add up to 100.")),
    "KpiBonus.curve": Word(_("Payout curve"), _("Which share of the target each attainment pays.")),
    "KpiBonus.basis": Word(_("Looks at"), _("To date: pays for the pay periods so far, less what it paid.")),
    "KpiBonus.true_up": Word(
        _("True-up at the end"), _("Pays with the last pay period of its window what other parts left open.")
    ),
    "TrueUp.of": Word(_("Of these parts"), _("What they paid in the window is taken off.")),
    "TrueUp.shortfall": Word(_("If they paid more")),
    "KpiPart.measure": _MEASURE,
    "KpiPart.weight": Word(_("Weight"), "", "weight"),
    "KpiPart.goal": Word(_("Goal, if not the quota"), _("Empty: the quota decides."), "goal", always=True),
    "KpiPart.of": _AGAINST,
    "KpiPart.curve": Word(_("A curve of its own"), _("Then payouts are weighted, not attainments.")),
    "MatrixBonus.kind": _KIND,
    "MatrixBonus.annual": Word(_("Target bonus of a year"), _("Of which the table pays a share."), "money"),
    "MatrixBonus.table": Word(_("Table of two measures")),
    "Mbo.kind": _KIND,
    "Mbo.annual": Word(_("Target of a year"), _("Somebody's own amount replaces it."), "money"),
    "Mbo.objectives": Word(pgettext_lazy("pay", "Objectives"), _("The weights add up to 100.")),
    "Mbo.curve": Word(_("Payout curve"), _("Which share of the target each grade pays.")),
    "Mbo.ungraded": Word(_("An objective without a grade")),
    "Graded.code": Word(_("Short code")),
    "Graded.name": Word(pgettext_lazy("pay", "Objective")),
    "Graded.weight": Word(_("Weight"), "", "weight"),
    "Milestone.code": Word(_("Short code")),
    "Milestone.name": Word(pgettext_lazy("pay", "Objective")),
    "Milestone.weight": Word(_("Weight"), "", "weight"),
    "Spiff.kind": _KIND,
    "Spiff.measure": _MEASURE,
    "Spiff.from": Word(_("First day")),
    "Spiff.before": Word(_("Ends before"), _("The first day that no longer counts.")),
    "Spiff.where": Word(_("Only some deals"), _("Which credits take part: products, sectors, days.")),
    "Spiff.award": Word(_("Award")),
    "Spiff.budget": Word(_("Budget"), _("Awards end when it is used up, in the order of booking."), "money"),
    "PerUnit.amount": Word(_("Amount"), "", "money"),
    "PerDeal.amount": Word(_("Amount"), "", "money"),
    "PerCent.rate": Word(_("Rate"), "", "percent"),
    "Pool.kind": _KIND,
    "Pool.fund": Word(_("The fund")),
    "Pool.share_by": Word(_("Shared by")),
    "Pool.contribution": Word(_("Measure of the contributions"), _("Of which each member brought a part.")),
    "FundShare.measure": Word(_("Measure of the team"), _("What the whole team brought.")),
    "FundShare.share": Word(_("Share"), "", "percent"),
    "FundFixed.amount": Word(_("Amount of a pay period"), "", "money"),
    "FundFixed.table": Word(_("Grows or shrinks with"), _("Multiplies the fund by what the team reached.")),
    "Kicker.kind": _KIND,
    "Kicker.pays": Word(_("On top")),
    "FixedKick.amount": Word(_("Amount"), "", "money"),
    "ShareKick.share": Word(_("Share"), "", "percent"),
    "ShareKick.of": Word(_("Of these parts")),
}

RULES = {
    "Tiered.tiers": Word(
        _("Tiers"), _("Each tier begins where the one before ends; the last one has no end.")
    ),
    "Tiered.edge": _EDGE,
    "Tiered.unit": Word(_("Edges are")),
    "Tier.from": Word(_("From"), "", "edge"),
    "Tier.to": Word(_("To"), "", "edge", always=True),
    "Tier.rate": Word(_("Rate"), "", "percent"),
    "Tier.per_unit": Word(_("Amount per unit"), "", "money"),
    "Tier.fixed": Word(_("Fixed amount"), "", "money"),
    "PerTransaction.inner": Word(_("Inside a deal"), _("How the tiers of a single deal are read.")),
    "QuotaUnit.of": _AGAINST,
    "Curve.axis": _AXIS,
    "Curve.pays": _PAYS,
    "Curve.points": Word(_("Points of the curve"), _("Joined by straight lines.")),
    "Curve.below": Word(_("Below the first point")),
    "Curve.above": Word(_("Above the last point")),
    "Step.axis": _AXIS,
    "Step.pays": _PAYS,
    "Step.points": Word(
        _("Steps"), _("The last step that was reached holds; below the first nothing is paid.")
    ),
    "Step.edge": _EDGE,
    "Point.at": Word(_("At"), "", "at"),
    "Point.pays": Word(_("Pays"), "", "pays"),
    "Matrix.pays": _PAYS,
    "Matrix.read": Word(_("Between the edges")),
    "Matrix.row_axis": Word(_("Down the side")),
    "Matrix.column_axis": Word(_("Across the top")),
    "Matrix.rows": Word(_("Edges of the rows"), "", "row"),
    "Matrix.columns": Word(_("Edges of the columns"), "", "column"),
    "Matrix.cells": Word(_("What is paid"), "", "pays"),
    "AttainmentAxis.measure": _MEASURE,
    "AttainmentAxis.of": _AGAINST,
    "ValueAxis.measure": _MEASURE,
    "ValueAxis.of": Word(_("Over")),
    "Attainment.measure": _MEASURE,
    "Attainment.of": _AGAINST,
    "Value.measure": _MEASURE,
    "Value.of": Word(_("Over")),
    "Pay.component": Word(_("Part of the plan")),
    "FieldIn.name": Word(_("Field of the deal")),
    "FieldIn.in": Word(_("Is one of"), _("Several values are divided by commas.")),
    "CreditedOn.from": Word(_("First day"), "", always=True),
    "CreditedOn.before": Word(_("Ends before"), _("The first day that no longer counts."), always=True),
    "AllOf.of": Word(_("All of these hold")),
    "AnyOf.of": Word(_("One of these holds")),
    "NoneOf.of": Word(_("None of these holds")),
    **{
        f"{model}.{key}": word
        for model in ("Attainment", "Value", "Pay", "DealAmount")
        for key, word in _BOUNDS.items()
    },
    "Tenure.at_least": Word(_("At least"), _("1 is the first pay period under the plan.")),
    "Tenure.at_most": Word(_("At most")),
    "Multiply.when": _WHEN,
    "Multiply.factor": Word(_("Factor"), "", "times"),
    "MultiplyBy.table": Word(_("Factor by")),
    "AddAmount.when": _WHEN,
    "AddAmount.amount": Word(_("Amount"), "", "money"),
    "AddRate.when": _WHEN,
    "AddRate.rate": Word(_("Extra rate"), _("On everything credited in the window."), "percent"),
    "Cap.limit": Word(_("The most")),
    "Cap.excess": Word(_("What lies above")),
    "DealCap.limit": Word(_("The most")),
    "DealCap.excess": Word(_("What lies above")),
    "AmountLimit.amount": Word(_("Amount"), "", "money"),
    "TargetLimit.multiple": Word(_("Times the target"), "", "times"),
    "ShareLimit.share": Word(_("Share"), "", "percent"),
    "Decelerate.rate": Word(_("Share that goes on"), "", "percent"),
    "Counts.when": Word(_("Which deals")),
    "Counts.factor": Word(_("Count"), "", "times"),
    "OnMilestone.share": Word(_("Share"), "", "percent"),
    "OnMilestone.milestone": Word(_("Milestone")),
    "AfterMonths.share": Word(_("Share"), "", "percent"),
    "AfterMonths.months": Word(_("Months after the deal")),
}

WHOLE = {
    "Crediting.match": Word(_("When several rules fit")),
    "Crediting.rules": Word(_("Rules, tried in this order")),
    "CreditingRule.code": Word(_("Short code")),
    "CreditingRule.name": Word(_("Name")),
    "CreditingRule.when": Word(_("Which deals"), _("Left out: every deal.")),
    "CreditingRule.commission_factor": Word(_("Counts for commission"), "", "times"),
    "CreditingRule.quota_factor": Word(_("Counts for the quota"), "", "times"),
    "Exchange.transactions": Word(_("Deals count at")),
    "Exchange.payout": Word(_("Pay goes out in"), _("At the rate of the day of the pay run."), always=True),
    "Proration.days": Word(_("Days are counted as")),
    "Proration.transfers": Word(_("A move within a period is")),
    "Proration.unpaid_leave": Word(
        _("Unpaid leave"),
        _("Taken off, it lowers target pay, fixed pay, floors and draws by the days missed."),
    ),
    "Returns.schedule": Word(_("What is taken back")),
    "Returns.at_most": Word(
        _("At most in one period"), _("Of variable pay; the rest is carried."), "percent", always=True
    ),
    "Returns.order": Word(_("Order")),
    "FullClawback.months": Word(_("Within so many months"), _("Empty: always."), always=True),
    "SteppedClawback.steps": Word(_("Steps"), _("After the last step nothing is taken back.")),
    "ClawbackStep.before_month": Word(_("Before month")),
    "ClawbackStep.share": Word(pgettext_lazy("clawback", "Taken back"), "", "percent"),
    "LinearClawback.months": Word(_("Earned over so many months")),
    "LinearClawback.failing_month": Word(_("The month of the return")),
    "Guarantee.basis": Word(_("Counted")),
    "Guarantee.steps": Word(_("Guaranteed amounts"), _("One after the other, from the first pay period.")),
    "GuaranteeStep.periods": Word(_("Pay periods")),
    "GuaranteeStep.amount": Word(_("Amount"), "", "money"),
    "Draw.kind": _KIND,
    "Draw.amount": Word(_("Filled up to"), _("For each pay period."), "money"),
    "Draw.periods": Word(_("For so many pay periods")),
    "Draw.at_end": Word(_("What is left at the end")),
    "Draw.recovery_share": Word(
        _("Share of surplus that pays it back"), _("Of what is earned above the draw."), "percent"
    ),
    "Draw.recovery_after": Word(_("Paid back only after"), _("So many pay periods are free of recovery.")),
    "Draw.balance_cap": Word(_("Most that may be owed"), "", "money"),
    "Payment.minimum": Word(_("Smallest payment"), _("Less is carried forward."), "money", always=True),
    "Payment.maximum": Word(_("Largest payment"), "", "money", always=True),
    "Payment.excess": Word(_("What lies above")),
    "Payment.negative": Word(_("When more is owed than earned")),
    "Payment.round_to": Word(
        _("Paid in multiples of"), _("1 pays whole units of the currency; the rest is carried."), "money"
    ),
    "Holdback.share": Word(_("Share that is kept back"), "", "percent"),
    "Holdback.release": Word(_("Released")),
    "AfterPeriods.periods": Word(_("After so many pay periods")),
    "OnEvent.event": Word(_("Event")),
}

WORDS = {**DOCUMENT, **SHARED, **RULES, **WHOLE}
