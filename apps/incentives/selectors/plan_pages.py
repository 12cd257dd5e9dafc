"""What the pages of plans show: blocks in sentences with curves and examples, versions, who is under them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from apps.access.models import User
from apps.incentives.enums import VersionAct, VersionStatus
from apps.incentives.models import (
    IncentivePlan,
    PlanAssignment,
    PlanVersion,
    VersionStep,
)
from apps.incentives.names import in_words
from apps.incentives.rules.describe import component_sentences, plan_sentences
from apps.incentives.rules.describe.figures import MeasureNames
from apps.incentives.rules.examples import cliffs, curve_points, examples, in_shares_of_quota, reads
from apps.incentives.rules.kinds import Component
from apps.incentives.rules.plan.document import PlanDocument
from apps.incentives.rules.plan.parsing import parse_plan
from apps.incentives.rules.plan.problems import PlanInvalid
from apps.measures.registry import measures
from apps.ui import charts, formatting


def measure_names() -> MeasureNames:
    """Return the names of the measures in the reader's language, and their kinds."""
    known = list(measures.values())
    return MeasureNames(
        {measure.code: str(measure.name) for measure in known},
        {measure.code: measure.kind for measure in known},
    )


@dataclass(frozen=True)
class Block:
    """A building block as the plan page shows it."""

    component: Component
    name: str
    sentences: list[str]
    chart: charts.Chart | None
    examples: list[tuple[str, str]]
    cliffs: list[str]


def blocks_of(document: PlanDocument) -> list[Block]:
    """Return the blocks of a plan in words, with the engine's own examples and payout curve."""
    names = measure_names()
    return [_block(document, component, names) for component in document.components]


def blocks_so_far(document: Mapping[str, Any]) -> list[Block]:
    """Return the blocks of the parts that hold together by themselves, of a plan that does not yet."""
    head = {key: document[key] for key in ("schema", "currency", "period", "zero_quota") if key in document}
    found: list[Block] = []
    for component in document.get("components") or ():
        try:
            found += blocks_of(parse_plan({**head, "components": [component]}))
        except PlanInvalid:
            continue
    return found


def whole_of(document: PlanDocument) -> list[str]:
    """Return what a plan does with pay as a whole, in words."""
    return plan_sentences(document, measure_names())


def _block(document: PlanDocument, component: Component, names: Mapping[str, str]) -> Block:
    currency = document.currency
    edges = cliffs(document, component)
    return Block(
        component=component,
        name=in_words(component.name),
        sentences=component_sentences(component, currency, names),
        chart=_chart(document, component, edges),
        examples=[
            (_given(component, example.given, currency), formatting.money(example.line.rounded, currency))
            for example in examples(document, component)
        ],
        cliffs=[_edge(component, edge, currency) for edge in edges],
    )


def _edge(component: Component, edge: Decimal, currency: str) -> str:
    if reads(component) == "attainment":
        return formatting.percent(edge)
    if in_shares_of_quota(component):
        return _("%(share)s of the quota") % {"share": formatting.percent(edge / 100000)}
    return formatting.money(edge, currency)


def _given(component: Component, given: Decimal, currency: str) -> str:
    kind = reads(component)
    if kind == "period":
        return _("A full pay period")
    if kind == "grade":
        return _("Every grade at %(share)s") % {"share": formatting.percent(given)}
    if kind == "attainment":
        return _("%(share)s attainment") % {"share": formatting.percent(given)}
    if in_shares_of_quota(component):
        share = formatting.percent(given / 100000)
        return _("%(amount)s credited, %(share)s of a quota of 100,000") % {
            "amount": formatting.money(given, currency),
            "share": share,
        }
    return _("%(amount)s credited") % {"amount": formatting.money(given, currency)}


def _chart(document: PlanDocument, component: Component, edges: list[Decimal]) -> charts.Chart | None:
    points = curve_points(document, component)
    if not points:
        return None
    title = _("What “%(name)s” pays") % {"name": in_words(component.name)}
    if in_shares_of_quota(component):
        points, edges = [(x / 100000, y) for x, y in points], [edge / 100000 for edge in edges]
    marks = {"cliffs": edges, "cliff": _("Pay jumps here")}
    chart = charts.payout_curve(title, points, currency=document.currency, options=marks)
    if reads(component) == "attainment" or in_shares_of_quota(component):
        return chart
    chart.categories = [formatting.money(x, document.currency, short=True) for x, _y in points]
    chart.options["xFormat"] = "money"
    chart.header = [_("Credited"), _("Pay")]
    chart.body = [[formatting.money(x, document.currency), chart.read(y)] for x, y in points]
    return chart


def plan_list(viewer: User) -> QuerySet[IncentivePlan]:
    """Return the plans a person may see, with how many assignments they have."""
    return IncentivePlan.objects.visible_to(viewer).annotate(
        versions_count=Count("versions", distinct=True), assigned=Count("assignments", distinct=True)
    )


def versions_shown(plan: IncentivePlan, viewer: User) -> list[PlanVersion]:
    """Return the versions of a plan that a person may see, newest first."""
    rows = PlanVersion.objects.visible_to(viewer).filter(plan=plan)
    return list(rows.select_related("created_by", "submitted_by", "approved_by").order_by("-number"))


def steps_shown(version: PlanVersion, viewer: User) -> list[VersionStep]:
    """Return what people did with a version, newest first."""
    rows = VersionStep.objects.visible_to(viewer).filter(version=version)
    return list(rows.select_related("by").order_by("-at", "-pk"))


def sent_back(version: PlanVersion, viewer: User) -> VersionStep | None:
    """Return why a draft was sent back, as long as nobody has submitted it again."""
    if version.status != VersionStatus.DRAFT:
        return None
    last = next(iter(steps_shown(version, viewer)), None)
    return last if last is not None and last.act == VersionAct.SENT_BACK else None


def assignments_shown(plan: IncentivePlan, viewer: User) -> list[PlanAssignment]:
    """Return who is under a plan, as far as a person may know."""
    rows = PlanAssignment.objects.visible_to(viewer).filter(plan=plan)
    return list(rows.select_related("person", "position", "role").order_by("-valid", "pk")[:500])
