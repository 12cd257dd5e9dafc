"""The demo company's roles, who plays them, and its standard selling process."""

import datetime as dt
from decimal import Decimal

from django.db import transaction

from apps.core.demo import DemoContext
from apps.org.models import Position, PositionUnit
from apps.roles import services
from apps.roles.models import SalesRole
from apps.roles.services import RoleContent

_SKILLS = (
    ("prospecting", "Prospecting", "Finds companies with a need and opens the first conversation."),
    ("discovery", "Needs analysis", "Asks until the customer's problem and its cost are clear."),
    ("product", "Product knowledge", "Explains instruments, applications and limits of the range."),
    ("negotiation", "Negotiation", "Trades value for price and closes on good terms."),
    ("forecasting", "Forecasting", "Judges deals soberly and commits to a number."),
    ("coaching", "Coaching", "Makes others better through observation and feedback."),
    ("analysis", "Sales analysis", "Turns figures into decisions."),
)
_ROLES = {
    "rep": (
        "Sales representative",
        RoleContent(
            purpose="Wins and keeps customers in the territory and meets the personal target.",
            authority="Discounts up to 5 %. Visits and samples within the team's budget.",
            duties=(
                "Find and qualify new customers every week",
                "Lead opportunities from first meeting to signature",
                "Look after existing customers and renew in time",
                "Keep deals, next steps and visits up to date",
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
        "Sales team manager",
        RoleContent(
            purpose="Leads a team to its target and develops every member.",
            authority="Discounts up to 12 %. Approves travel and decides who covers which account.",
            duties=(
                "Agree targets and review deals every week",
                "Coach in the field at least two days a month",
                "Submit a forecast one can rely on",
                "Hire, onboard and evaluate the team",
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
        "Regional director",
        RoleContent(
            purpose="Grows the region profitably and places people and money where they work best.",
            authority="Discounts up to 20 %. Owns the region's budget and headcount plan.",
            duties=(
                "Turn the company's strategy into the region's plan",
                "Allocate targets, territories and resources",
                "Develop team managers and successors",
            ),
            skills=(("forecasting", 4), ("coaching", 4), ("analysis", 4)),
            kpis=(("revenue", Decimal(60)), ("new_customers", Decimal(20)), ("satisfaction", Decimal(20))),
        ),
    ),
    "sales_ops": (
        "Sales operations",
        RoleContent(
            purpose="Gives the sales force clean data, fair targets and processes that save time.",
            authority="Changes process, products and territories after consulting the regions.",
            duties=(
                "Run planning, target setting and reporting",
                "Guard data quality and the sales process",
                "Remove work that does not help to sell",
            ),
            skills=(("analysis", 5), ("forecasting", 3)),
            kpis=(("revenue", Decimal(50)), ("win_rate", Decimal(50))),
        ),
    ),
    "executive": (
        "Commercial executive",
        RoleContent(
            purpose="Sets the direction, owns the company's revenue and builds the organisation for it.",
            authority="Approves targets, plans, pay runs and every exception above the regions.",
            duties=(
                "Set strategy and review it every quarter",
                "Approve targets and incentive plans",
                "Build the leadership of sales",
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
