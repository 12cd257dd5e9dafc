"""The demo company's roles, who plays them, and its standard selling process."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from apps.core.demo import DemoContext
from apps.core.names import told as _
from apps.org.models import Position, PositionUnit
from apps.roles import services
from apps.roles.models import SalesRole
from apps.roles.services import RoleContent

_SKILLS = (
    ("prospecting", _("Prospecting"), _("Finds companies with a need and opens the first conversation.")),
    ("discovery", _("Needs analysis"), _("Asks until the customer's problem and its cost are clear.")),
    ("product", _("Product knowledge"), _("Explains instruments, applications and limits of the range.")),
    ("negotiation", _("Negotiation"), _("Trades value for price and closes on good terms.")),
    ("forecasting", _("Forecasting"), _("Judges deals soberly and commits to a number.")),
    ("coaching", _("Coaching"), _("Makes others better through observation and feedback.")),
    ("analysis", _("Sales analysis"), _("Turns figures into decisions.")),
)
_ROLES = {
    "rep": (
        "Sales representative",
        RoleContent(
            purpose=_("Wins and keeps customers in the territory and meets the personal target."),
            authority=_("Discounts up to 5 %. Visits and samples within the team's budget."),
            duties=(
                _("Find and qualify new customers every week"),
                _("Lead opportunities from first meeting to signature"),
                _("Look after existing customers and renew in time"),
                _("Keep deals, next steps and visits up to date"),
            ),
            skills=(("prospecting", 3), ("discovery", 3), ("product", 3), ("negotiation", 3)),
            kpis=(
                ("revenue", Decimal(60)),
                ("new_customers", Decimal(10)),
                ("win_rate", Decimal(20)),
                ("activities", Decimal(10)),
            ),
        ),
    ),
    "team_manager": (
        _("Sales team manager"),
        RoleContent(
            purpose=_("Leads a team to its target and develops every member."),
            authority=_("Discounts up to 12 %. Approves travel and decides who covers which account."),
            duties=(
                _("Agree targets and review deals every week"),
                _("Coach in the field at least two days a month"),
                _("Submit a forecast one can rely on"),
                _("Hire, onboard and evaluate the team"),
            ),
            skills=(("coaching", 4), ("forecasting", 4), ("negotiation", 4), ("product", 3)),
            kpis=(
                ("revenue", Decimal(60)),
                ("win_rate", Decimal(20)),
                ("satisfaction", Decimal(20)),
            ),
        ),
    ),
    "regional_director": (
        _("Regional director"),
        RoleContent(
            purpose=_("Grows the region profitably and places people and money where they work best."),
            authority=_("Discounts up to 20 %. Owns the region's budget and headcount plan."),
            duties=(
                _("Turn the company's strategy into the region's plan"),
                _("Allocate targets, territories and resources"),
                _("Develop team managers and successors"),
            ),
            skills=(("forecasting", 4), ("coaching", 4), ("analysis", 4)),
            kpis=(("revenue", Decimal(60)), ("new_customers", Decimal(20)), ("satisfaction", Decimal(20))),
        ),
    ),
    "sales_ops": (
        _("Sales operations"),
        RoleContent(
            purpose=_("Gives the sales force clean data, fair targets and processes that save time."),
            authority=_("Changes process, products and territories after consulting the regions."),
            duties=(
                _("Run planning, target setting and reporting"),
                _("Guard data quality and the sales process"),
                _("Review prices and terms of difficult deals with their sellers"),
                _("Remove work that does not help to sell"),
            ),
            skills=(("analysis", 5), ("forecasting", 3)),
            kpis=(("activities", Decimal(100)),),
        ),
    ),
    "executive": (
        _("Commercial executive"),
        RoleContent(
            purpose=_("Sets the direction, owns the company's revenue and builds the organisation for it."),
            authority=_("Approves targets, plans, pay runs and every exception above the regions."),
            duties=(
                _("Set strategy and review it every quarter"),
                _("Approve targets and incentive plans"),
                _("Build the leadership of sales"),
            ),
            skills=(("analysis", 4), ("coaching", 4), ("forecasting", 4)),
            kpis=(("revenue", Decimal(70)), ("satisfaction", Decimal(30))),
        ),
    ),
}
_CARRIED = {
    "Sales representative": "rep",
    "Sales team manager": "team_manager",
    "Regional director": "regional_director",
    "Head of sales operations": "sales_ops",
    "Chief commercial officer": "executive",
}
_STEPS = (
    (
        "find",
        "research",
        "Research the market and name target accounts",
        "sales_ops:R regional_director:A rep:I",
    ),
    ("find", "contact", "Make the first contact", "rep:R team_manager:A"),
    ("find", "qualify", "Qualify need, budget and decision makers", "rep:R team_manager:A sales_ops:I"),
    ("follow", "propose", "Work out and present the proposal", "rep:R team_manager:A regional_director:C"),
    ("follow", "negotiate", "Negotiate terms", "rep:R team_manager:A regional_director:C executive:I"),
    ("follow", "close", "Close, and hand over to delivery", "rep:R team_manager:A sales_ops:I"),
    ("keep", "onboard", "Accompany delivery and first use", "rep:R team_manager:A"),
    ("keep", "satisfaction", "Ask for satisfaction and act on it", "rep:R team_manager:A sales_ops:C"),
    ("keep", "renew", "Renew and widen the business", "rep:R team_manager:A regional_director:I"),
    (
        "manage",
        "targets",
        "Set and share out targets",
        "regional_director:R executive:A sales_ops:C team_manager:C",
    ),
    (
        "manage",
        "forecast",
        "Review deals and submit the forecast",
        "team_manager:R regional_director:A rep:C",
    ),
)


def load(context: DemoContext) -> None:
    """Create roles, skills and the process once, and let every seat carry its role."""
    if not SalesRole.objects.filter(code="rep").exists():
        with transaction.atomic():
            _create(dt.date(context.today.year - 2, 1, 1))
    context.extra["roles"] = {role.code: role for role in SalesRole.objects.all()}


def _create(start: dt.date) -> None:
    for code, name, description in _SKILLS:
        services.define_skill(code=code, name=name, description=description)
    roles = {
        code: services.create_role(code=code, name=name, content=content, on=start)
        for code, (name, content) in _ROLES.items()
    }
    placed = PositionUnit.objects.on(start).values("position_id")
    for position in Position.objects.filter(pk__in=placed, title__in=_CARRIED).order_by("pk"):
        services.set_position_role(
            position_id=position.pk, role_id=roles[_CARRIED[position.title]].pk, on=start
        )
    for place, (phase, code, name, parts) in enumerate(_STEPS, 1):
        step = services.create_step(code=code, name=name, phase=phase, position=place)
        pairs = [part.split(":") for part in parts.split()]
        services.set_responsibilities(
            step_id=step.pk, parts=[(roles[role].pk, letter) for role, letter in pairs]
        )
