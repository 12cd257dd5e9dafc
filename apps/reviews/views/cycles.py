"""Cycles: the list, one cycle as a picture, and moving it on."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core import clock
from apps.core.errors import DomainError
from apps.reviews import selectors, services
from apps.reviews.enums import Rating, Stage
from apps.reviews.forms import StartForm
from apps.reviews.models import EvaluationCycle
from apps.ui import charts, htmx

STEPS = (
    Stage.DRAFT,
    Stage.SELF,
    Stage.MANAGER,
    Stage.CALIBRATION,
    Stage.APPROVED,
    Stage.SHARED,
    Stage.CLOSED,
)


@page(Permission.REVIEW_VIEW)
def cycles(request: HttpRequest) -> HttpResponse:
    """Every cycle with how far it has come."""
    cards = selectors.cycles(request.user)  # type: ignore[arg-type]  # signed in
    scored = [card for card in cards[::-1] if card.score is not None]
    trend = charts.line(
        _("Mean KPI score by period"),
        [card.cycle.period_code for card in scored],
        [charts.Series(_("Mean KPI score"), [card.score for card in scored], tone="accent", area=True)],
        format="percent",
        height="sm",
    )
    context = {"cards": cards, "trend": trend if len(scored) > 1 else None, "runs_cycles": _runs(request)}
    return render(request, "reviews/cycles.html", context)


@page(Permission.REVIEW_VIEW)
def cycle(request: HttpRequest, cycle_id: int) -> HttpResponse:
    """One cycle: progress by team, distribution of ratings, raters compared."""
    subject = _cycle(request, cycle_id)
    found = selectors.picture(subject, request.user)  # type: ignore[arg-type]  # signed in
    at = STEPS.index(Stage.SHARED if subject.stage == Stage.ACKNOWLEDGED else Stage(subject.stage))
    context = {
        "cycle": subject,
        "picture": found,
        "steps": [(step, place < at, place == at) for place, step in enumerate(STEPS)],
        "runs_cycles": _runs(request),
        "distribution": _distribution(found),
        "leniency": _leniency(found),
    }
    return render(request, "reviews/cycle.html", context)


@page(Permission.REVIEW_ADMIN)
def start(request: HttpRequest) -> HttpResponse:
    """Ask which period to evaluate."""
    return _start_form(request, StartForm(today=clock.today()), 200)


@action(Permission.REVIEW_ADMIN)
def start_do(request: HttpRequest) -> HttpResponse:
    """Evaluate everybody for a period."""
    form = StartForm(request.POST, today=clock.today())
    if not form.is_valid():
        return _start_form(request, form, 422)
    try:
        made = services.evaluate_period(form.cleaned_data["period"], clock.today())
    except DomainError as error:
        form.apply_domain_error(error)
        return _start_form(request, form, 409)
    return htmx.toast(
        htmx.go(request, reverse("reviews:cycle", args=[made.pk])),
        _("%(period)s is evaluated.") % {"period": made.period_code},
    )


def _start_form(request: HttpRequest, form: StartForm, status: int) -> HttpResponse:
    context = {
        "form": form,
        "title": _("Evaluate a period"),
        "note": _("Everybody with a role at the end of the period gets a scorecard from the ledger."),
        "action_url": reverse("reviews:start_do"),
    }
    return render(request, "ui/form_page.html", context, status=status)


def _step(perform: Callable[[EvaluationCycle, HttpRequest], str]) -> Callable[..., HttpResponse]:
    """Return the action of a button on the cycle page: one service, then the page again."""

    @action(Permission.REVIEW_ADMIN)
    def do(request: HttpRequest, cycle_id: int) -> HttpResponse:
        rows = EvaluationCycle.objects.permitting(request.user, Permission.REVIEW_ADMIN)  # type: ignore[arg-type]
        subject = get_object_or_404(rows, pk=cycle_id)
        text = perform(subject, request)
        return htmx.toast(htmx.go(request, reverse("reviews:cycle", args=[subject.pk])), text)

    return do


def _score_anew(subject: EvaluationCycle, request: HttpRequest) -> str:
    services.evaluate_period(subject.period_code, clock.today())
    return _("Scored anew from the ledger; approved evaluations stay as they are.")


def _open(subject: EvaluationCycle, request: HttpRequest) -> str:
    services.open_cycle(cycle_id=subject.pk)
    return _("Everybody is asked for a self-assessment.")


def _end_self(subject: EvaluationCycle, request: HttpRequest) -> str:
    services.end_self_stage(cycle_id=subject.pk)
    return _("The managers take over.")


def _approve(subject: EvaluationCycle, request: HttpRequest) -> str:
    count = services.approve_ready(cycle_id=subject.pk, by=request.user, at=clock.now())  # type: ignore[arg-type]
    return ngettext("%(n)s evaluation approved.", "%(n)s evaluations approved.", count) % {"n": count}


def _share(subject: EvaluationCycle, request: HttpRequest) -> str:
    services.share_cycle(cycle_id=subject.pk, at=clock.now())
    return _("People can read their evaluations now.")


def _close(subject: EvaluationCycle, request: HttpRequest) -> str:
    services.close_cycle(cycle_id=subject.pk, at=clock.now())
    return _("The cycle is closed.")


score_anew, open_cycle, end_self = _step(_score_anew), _step(_open), _step(_end_self)
approve_ready, share, close = _step(_approve), _step(_share), _step(_close)


def _cycle(request: HttpRequest, cycle_id: int) -> EvaluationCycle:
    rows = EvaluationCycle.objects.visible_to(request.user)  # type: ignore[arg-type]  # signed in
    return get_object_or_404(rows, pk=cycle_id)


def _runs(request: HttpRequest) -> bool:
    return may(request.user, Permission.REVIEW_ADMIN)  # type: ignore[arg-type]  # signed in


def _distribution(found: selectors.CyclePicture) -> charts.Chart:
    return charts.bar(
        _("Ratings"),
        [str(rating.label) for rating in Rating],
        [
            charts.Series(
                _("Proposed by KPIs"), [found.proposed.get(one, 0) for one in Rating], tone="muted"
            ),
            charts.Series(_("Given"), [count for _rating, count, _share in found.ratings], tone="accent"),
        ],
        height="sm",
    )


def _leniency(found: selectors.CyclePicture) -> charts.Chart | None:
    points: list[tuple[Any, Any, Any]] = [
        (rater.person.name, float(rater.mean_score), float(rater.mean_rating))
        for rater in found.raters
        if rater.mean_score is not None
    ]
    if not points:
        return None
    return charts.scatter(
        _("Ratings given against KPI scores, by manager"),
        points,
        gettext_lazy("Mean KPI score of the team"),
        gettext_lazy("Mean rating given (1 to 5)"),
        x_format="percent",
    )
