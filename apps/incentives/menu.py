"""Menu entries, picked up by the page kit: group, label, page, permission, order, icon."""

from django.utils.translation import gettext_lazy as _

MENU = [
    ("reward", _("My pay"), "incentives:my_pay", "statement.view", 10, "wallet"),
    ("reward", _("Statements"), "incentives:statements", "run.view", 20, "receipt"),
    ("reward", _("Pay runs"), "incentives:runs", "run.view", 30, "cash-banknote"),
    ("reward", _("Incentive plans"), "incentives:plans", "plan.view", 40, "file-dollar"),
    ("reward", _("Adjustments"), "incentives:adjustments", "run.calculate", 50, "adjustments-dollar"),
]
