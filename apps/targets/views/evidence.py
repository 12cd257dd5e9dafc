"""The SMART check of one target pictured, and the waivers there are."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.names import in_words
from apps.measures import registry
from apps.targets.models import Target, TargetWaiver
from apps.targets.selectors.course import waivers_of
from apps.targets.selectors.grid import names_of
from apps.targets.selectors.picture import Picture, picture
from apps.targets.wording import in_words as letters_of
from apps.ui import charts, formatting


@page(Permission.TARGET_VIEW)
def evidence(request: HttpRequest, target_id: int) -> HttpResponse:
    """Show what speaks for and against a target: history, peers, capacity, pipeline, probability."""
    about = ("plan__period", "plan__baseline", "unit", "position", "owner", "waiver__waived_by")
    visible = Target.objects.visible_to(request.user).select_related(*about)
    target = get_object_or_404(visible, pk=target_id)
    plan = target.plan
    found = picture(request.user, plan, target, clock.today())
    measure = registry.measures.get(plan.measure)
    style = {"format": "money" if plan.currency else "number", "currency": plan.currency}
    context = {
        "target": target,
        "plan": plan,
        "found": found,
        "measure": measure,
        "name": names_of(plan, [target])[target.pk][0],
        "letters": letters_of(found.verdict.as_data()),
        "waiver": getattr(target, "waiver", None),
        "history": _history(found, style),
        "peers": _peers(found),
        "capacity": _capacity(found, target, style),
        "coverage": _coverage(found, style),
        "chances": _chances(found, plan.currency),
    }
    return render(request, "targets/evidence.html", context)


def _history(found: Picture, style: dict[str, str]) -> charts.Chart | None:
    """Draw the quarters on record and, behind them, those the target asks for."""
    if not found.quarters:
        return None
    past, ahead = len(found.quarters), len(found.planned)
    labels = [one.label for one in found.quarters]
    labels += [_("Target Q%(number)s") % {"number": number + 1} for number in range(ahead)]
    return charts.bar(
        _("Own quarters"),
        labels,
        [
            charts.Series(_("Actual"), [one.value for one in found.quarters] + [None] * ahead, tone="muted"),
            charts.Series(_("Target"), [None] * past + list(found.planned), tone="accent"),
        ],
        stacked=True,
        **style,
    )


def _peers(found: Picture) -> charts.Chart | None:
    """Draw the growth asked of each sibling."""
    if len(found.peers) < 2:
        return None
    ordered = sorted(found.peers, key=lambda one: one.growth)
    figures = [float(one.growth) for one in ordered]
    return charts.bar(
        _("Growth asked for"),
        [in_words(one.name) for one in ordered],
        [
            charts.Series(
                _("Others"),
                [None if one.is_own else value for one, value in zip(ordered, figures, strict=True)],
                tone="muted",
            ),
            charts.Series(
                _("This target"),
                [value if one.is_own else None for one, value in zip(ordered, figures, strict=True)],
                tone="accent",
            ),
        ],
        stacked=True,
        horizontal=True,
        format="percent",
    )


def _capacity(found: Picture, target: Target, style: dict[str, str]) -> charts.Chart | None:
    if found.full_capacity is None:
        return None
    return charts.bar(
        _("Capacity"),
        [_("Target"), _("Capacity")],
        [charts.Series(_("Amount"), [target.amount, found.full_capacity], tone="accent")],
        horizontal=True,
        height="sm",
        **style,
    )


def _coverage(found: Picture, style: dict[str, str]) -> charts.Chart | None:
    if found.pipeline is None:
        return None
    return charts.bar(
        _("Pipeline coverage"),
        [_("Open pipeline"), _("Pipeline needed"), _("Target of the next three months")],
        [charts.Series(_("Amount"), [found.pipeline, found.pipeline_needed, found.ahead], tone="accent")],
        horizontal=True,
        height="sm",
        **style,
    )


def _chances(found: Picture, currency: str) -> charts.Chart | None:
    """Draw the simulated years as a histogram, those that reach the target apart."""
    if not found.bins:
        return None
    write = (lambda value: formatting.money(value, currency, short=True)) if currency else formatting.compact
    return charts.bar(
        _("Simulated years"),
        [write(one.low) for one in found.bins],
        [
            charts.Series(_("Miss the target"), [one.missing for one in found.bins], tone="muted"),
            charts.Series(_("Reach the target"), [one.reaching for one in found.bins], tone="good"),
        ],
        stacked=True,
    )


@page(Permission.TARGET_VIEW)
def waivers(request: HttpRequest) -> HttpResponse:
    """List the targets that were accepted although their check failed, with the reasons."""
    rows = TargetWaiver.objects.visible_to(request.user)
    return render(request, "targets/waivers.html", {"rows": waivers_of(rows)})
