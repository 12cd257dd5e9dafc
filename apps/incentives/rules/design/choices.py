"""What every option and every kind of a plan document is called, with a line about what it does."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from apps.incentives.rules.design.words import Text
from apps.incentives.rules.plan.values import Part

Labels = Mapping[str, Text]

_AGAINST: Labels = {
    "period": _("the quota of the pay period"),
    "cumulative": _("the quota to date"),
    "annual": _("the quota of the year"),
}
_SPAN: Labels = {
    "period": _("the pay period"),
    "quarter_to_date": _("the quarter to date"),
    "half_to_date": _("the half-year to date"),
    "year_to_date": _("the year to date"),
    "year": _("the whole year"),
}
_BASIS: Labels = {
    "transaction": _("each deal by itself"),
    "period": _("the pay period"),
    "quarter_to_date": _("the quarter to date"),
    "half_to_date": _("the half-year to date"),
    "year_to_date": _("the year to date"),
    "rolling": _("the last pay periods"),
}
_CREDITS: Labels = {
    "direct": _("own deals"),
    "overlay": _("overlay credit"),
    "all": _("own deals and overlay credit"),
}
_PAYS: Labels = {
    "rate": _("a rate on the credits"),
    "amount": _("an amount of money"),
    "share": _("a share or factor"),
}
_EDGE: Labels = {"upper": _("belongs to the tier above"), "lower": _("belongs to the tier below")}
_ZERO: Labels = {
    "error": _("is an exception to be cleared"),
    "full": _("counts as reached in full"),
    "skip": _("leaves the measure out"),
}
_END: Labels = {
    "zero": _("nothing is paid"),
    "hold": _("the last value holds"),
    "extend": _("the line goes on"),
}

# ``Model.field`` → code → label
CHOICES: dict[str, Labels] = {
    "PlanDocument.schema": {"salesorg.plan/2": "salesorg.plan/2"},
    "PlanDocument.period": {
        "month": _("every month"), "quarter": _("every quarter"), "half": _("every half-year"),
        "year": _("every year"),
    },
    "PlanDocument.rounding": {"half_up": _("rounds up"), "half_even": _("rounds to the even cent")},
    "PlanDocument.zero_quota": _ZERO,
    "Variable.zero_quota": _ZERO,
    "Commission.basis": _BASIS,
    "Override.basis": _BASIS,
    "KpiBonus.basis": _BASIS,
    "TrueUp.shortfall": {"forgiven": _("it is theirs"), "taken_back": _("it is taken back")},
    "Commission.credits": _CREDITS,
    "Trail.credits": _CREDITS,
    "Tiered.edge": _EDGE,
    "Step.edge": _EDGE,
    "PerTransaction.inner": {
        "marginal": _("each slice at its own rate"), "retroactive": _("the reached rate on the whole deal"),
    },
    "Curve.pays": _PAYS,
    "Step.pays": _PAYS,
    "Matrix.pays": _PAYS,
    "Curve.below": _END,
    "Curve.above": _END,
    "Matrix.read": {
        "exact": _("only exact values are known"), "step": _("the last edge reached holds"),
        "bilinear": _("values are joined by straight lines"),
    },
    "QuotaUnit.of": _AGAINST,
    "AttainmentAxis.of": _AGAINST,
    "Attainment.of": _AGAINST,
    "KpiPart.of": _AGAINST,
    "ValueAxis.of": _SPAN,
    "Value.of": _SPAN,
    "Mbo.ungraded": {
        "error": _("is an exception to be cleared"), "zero": _("counts as not reached"),
        "skip": _("is left out"),
    },
    "Pool.share_by": {
        "equal": _("equally"), "weights": _("by agreed weights"),
        "contribution": _("by what each member brought"), "target_incentive": _("by target incentive"),
        "days": _("by days in the team"),
    },
    "Crediting.match": {"first": _("the first one decides"), "all": _("they add up")},
    "Exchange.transactions": {
        "plan_year": _("the plan's rate of the year"), "transaction_date": _("the rate of the deal's day"),
        "month_average": _("the average of the month"),
    },
    "Proration.days": {
        "days": _("calendar days"), "working_days": _("working days"), "months": _("months"),
        "30/360": _("30 days a month, 360 a year"),
    },
    "Proration.transfers": {
        "apart": _("paid apart, each plan for its days"),
        "blended": _("blended by days over the whole period"),
    },
    "Proration.unpaid_leave": {
        "counts": _("counts as active days"),
        "taken_off": _("is taken off the active days"),
    },
    "Returns.order": {"before_draw": _("before the draw"), "after_draw": _("after the draw")},
    "LinearClawback.failing_month": {"earned": _("counts as earned"), "not_earned": _("is taken back, too")},
    "Guarantee.basis": {
        "period": _("each pay period by itself"), "to_date": _("all pay periods so far together"),
    },
    "Draw.kind": {
        "recoverable": _("recoverable: paid back from surplus"),
        "non_recoverable": _("not recoverable: never paid back"),
    },
    "Draw.at_end": {
        "forgive": _("is forgiven"), "bill": _("is deducted"),
        "carry": _("is recovered from later pay"),
    },
    "Payment.excess": {"carry": _("is carried forward"), "forfeit": _("is lost")},
    "Payment.negative": {"deduct": _("it is deducted"), "carry": _("it is carried forward")},
}  # fmt: skip

# Model → what it is called as a kind, and what it does
KINDS: dict[str, tuple[Text, Text]] = {
    "BaseSalary": (_("Base salary"), _("A yearly amount in equal parts, by days in the plan.")),
    "Commission": (_("Commission"), _("A share of what somebody sells, by tiers, curves or a matrix.")),
    "Override": (_("Override"), _("A lead's share of what the people below sell, each deal once.")),
    "Trail": (_("Trail"), _("A rate on renewals and invoices, as long as the contract runs.")),
    "KpiBonus": (_("KPI bonus"), _("A target bonus paid along a curve over weighted attainment.")),
    "MatrixBonus": (_("Matrix bonus"), _("Two measures decide together which share of a target is paid.")),
    "Mbo": (_("Objectives (MBO)"), _("A target paid by the approved grades of personal objectives.")),
    "Spiff": (_("SPIFF"), _("A short contest: awards between two days while the budget lasts.")),
    "Pool": (_("Team pool"), _("A fund of the team, shared among its members to the cent.")),
    "Kicker": (_("Kicker"), _("An amount or a share on top, once a condition holds.")),
    "Marginal": (_("Each slice at its own rate"), _("Like income tax: no cliffs.")),
    "Retroactive": (_("The reached rate on everything"), _("Pay jumps when a tier is reached.")),
    "PerTransaction": (_("Each deal by itself"), _("The size of a single deal decides its rate.")),
    "Interpolated": (_("A fixed amount for each tier"), _("A part of a tier pays its part of the amount.")),
    "Curve": (_("Along a curve"), _("Points joined by straight lines.")),
    "Step": (_("In steps"), _("The last step that was reached holds.")),
    "Matrix": (_("A table of two measures"), _("Rows and columns decide together.")),
    "AmountUnit": (_("amounts, or numbers of units"), ""),
    "QuotaUnit": (_("shares of a quota"), ""),
    "AttainmentAxis": (_("attainment of a quota"), ""),
    "ValueAxis": (_("the value of a measure"), ""),
    "Attainment": (_("Attainment of a quota"), ""),
    "Value": (_("The value of a measure"), ""),
    "Pay": (_("What another part pays"), ""),
    "Tenure": (_("Pay periods under the plan"), ""),
    "FieldIn": (_("A field of the deal"), ""),
    "CreditedOn": (_("The day of the deal"), ""),
    "DealAmount": (_("The size of the deal"), ""),
    "AllOf": (_("All of several conditions"), ""),
    "AnyOf": (_("One of several conditions"), ""),
    "NoneOf": (_("None of several conditions"), ""),
    "Multiply": (_("Multiply while a condition holds"), ""),
    "MultiplyBy": (_("Multiply by what a table reads"), ""),
    "AddAmount": (_("Add an amount while a condition holds"), ""),
    "AddRate": (_("Add a rate while a condition holds"), ""),
    "AmountLimit": (_("an amount"), ""),
    "TargetLimit": (_("a multiple of the target"), ""),
    "ShareLimit": (_("a share of what was credited"), ""),
    "Forfeit": (_("is lost"), ""),
    "Carry": (_("is carried into the next period"), ""),
    "Decelerate": (_("goes on at a lower share"), ""),
    "OnMilestone": (_("At a milestone"), ""),
    "AfterMonths": (_("Some months later"), ""),
    "Graded": (_("Counts by its grade"), ""),
    "Milestone": (_("Reached or not"), ""),
    "PerUnit": (_("for every unit"), ""),
    "PerDeal": (_("for every deal"), ""),
    "PerCent": (_("a share of the amount"), ""),
    "FundShare": (_("a share of what the team brought"), ""),
    "FundFixed": (_("a fixed amount"), ""),
    "FixedKick": (_("an amount"), ""),
    "ShareKick": (_("a share of other parts"), ""),
    "FullClawback": (_("everything that was paid"), ""),
    "SteppedClawback": (_("a share that falls in steps"), ""),
    "LinearClawback": (_("the months not yet earned"), ""),
    "AfterPeriods": (_("after some pay periods"), ""),
    "OnEvent": (_("on the day of an event"), ""),
}


def kind_label(model: type[Part]) -> Text:
    """Return what a kind is called. Raises KeyError."""
    return KINDS[model.__name__][0]


def kind_help(model: type[Part]) -> Text:
    """Return what a kind does. Raises KeyError."""
    return KINDS[model.__name__][1]


def choice_label(model: type[Part], key: str, value: str) -> Text:
    """Return what an option is called; currencies are called by their code. Raises KeyError."""
    if key in {"currency", "payout"}:
        return value
    return CHOICES[f"{model.__name__}.{key}"][value]
