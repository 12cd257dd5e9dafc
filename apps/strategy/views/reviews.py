"""Reviews: holding one, what it decides, what waits for a person, the calendar."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.errors import DomainError
from apps.core.names import in_words
from apps.strategy import services
from apps.strategy.enums import ReviewState
from apps.strategy.forms import DecisionForm, MinutesForm
from apps.strategy.models import Decision, Objective, Strategy, StrategyReview
from apps.strategy.selectors.agenda import agenda, month_of_reviews
from apps.strategy.selectors.packs import decisions_before, pack_of
from apps.strategy.selectors.page import strategy_page
from apps.strategy.views.access import steered, steered_review
from apps.ui.submitting import Frame, sent_once, show_form, submit_form


@page(Permission.STRATEGY_VIEW)
def review(request: HttpRequest, review_id: int) -> HttpResponse:
    """Show a review: agenda, figures, decisions, minutes; those who may hold it write here."""
    rows = StrategyReview.objects.visible_to(request.user)
    found = get_object_or_404(
        rows.select_related("strategy__unit", "strategy__owner", "held_by"), pk=review_id
    )
    return _review_page(request, found)


def _review_page(
    request: HttpRequest, found: StrategyReview, form: MinutesForm | None = None, status: int = 200
) -> HttpResponse:
    today = clock.today()
    is_open = found.state not in {ReviewState.HELD, ReviewState.DROPPED}
    permitted = Strategy.objects.permitting(request.user, Permission.STRATEGY_EDIT)
    may_hold = is_open and permitted.filter(pk=found.strategy_id).exists()
    earlier = decisions_before(found)
    context = {
        "review": found,
        "strategy": found.strategy,
        "pack": pack_of(request.user, found) if found.frozen_at else None,
        "live": None if found.frozen_at else strategy_page(request.user, found.strategy, today).lines,
        "decisions": found.decisions.select_related("owner", "objective").order_by("pk"),
        "earlier": earlier,
        "completable": set(
            Decision.objects.completable_by(request.user)
            .filter(pk__in=[one.pk for one in earlier])
            .values_list("pk", flat=True)
        ),
        "may_hold": may_hold,
        "form": form or MinutesForm(initial={"minutes": found.minutes, "version": found.version}),
        "today": today,
    }
    return render(request, "strategy/review.html", context, status=status)


@action(Permission.STRATEGY_VIEW)
def save_minutes(request: HttpRequest, review_id: int) -> HttpResponse:
    """Keep the minutes so far."""

    def save(found: StrategyReview, data: dict[str, Any]) -> None:
        services.save_minutes(review_id=found.pk, minutes=data["minutes"], version=data["version"])

    return _send_minutes(request, review_id, save, _("The minutes are kept."))


@action(Permission.STRATEGY_VIEW)
def finish(request: HttpRequest, review_id: int) -> HttpResponse:
    """Finish a review."""

    def save(found: StrategyReview, data: dict[str, Any]) -> None:
        services.hold_review(
            review_id=found.pk,
            minutes=data["minutes"],
            version=data["version"],
            by=request.user,
            at=clock.now(),
            on=clock.today(),
        )

    said = _("The review is held. Its figures, minutes and decisions stay as they are.")
    return _send_minutes(request, review_id, save, said)


def _send_minutes(
    request: HttpRequest, review_id: int, save: Callable[[StrategyReview, dict[str, Any]], None], said: str
) -> HttpResponse:
    """Save minutes once, however often the form is sent; show them in their page again when refused."""
    found = steered_review(request, review_id)
    form = MinutesForm(request.POST)
    if not form.is_valid():
        return _review_page(request, found, form, status=422)

    def saved() -> str:
        save(found, form.cleaned_data)
        return reverse("strategy:review", args=[found.pk])

    try:
        with transaction.atomic():
            address = sent_once(request, saved)
    except DomainError as error:
        form.apply_domain_error(error)
        found.refresh_from_db()
        return _review_page(request, found, form, status=409)
    messages.success(request, said)
    return redirect(address)


# -- decisions -----------------------------------------------------------------------------------


def _save_decision(request: HttpRequest, strategy: Strategy, review_id: int | None):  # type: ignore[no-untyped-def]  # a callback
    def save(data: dict) -> Decision:
        objective: Objective | None = data["objective"]
        return services.record_decision(
            strategy_id=strategy.pk,
            review_id=review_id,
            text=data["text"],
            owner_id=data["owner"].pk,
            due_on=data["due_on"],
            adjusts=data["adjusts"],
            objective_id=objective.pk if objective else None,
            by=request.user,
            on=clock.today(),
        )

    return save


def _decision_form(strategy: Strategy, data: object = None) -> DecisionForm:
    today = clock.today()
    initial = {"due_on": today + dt.timedelta(days=14)}
    return DecisionForm(data, strategy=strategy, today=today, initial=initial)


def _review_frame(found: StrategyReview) -> Frame:
    return Frame(
        _("Record a decision"),
        reverse("strategy:decide", args=[found.pk]),
        reverse("strategy:review", args=[found.pk]),
    )


@page(Permission.STRATEGY_VIEW)
def deciding(request: HttpRequest, review_id: int) -> HttpResponse:
    """Ask what a review decides."""
    found = steered_review(request, review_id)
    return show_form(request, _decision_form(found.strategy), _review_frame(found))


@action(Permission.STRATEGY_VIEW)
def decide(request: HttpRequest, review_id: int) -> HttpResponse:
    """Record what a review decides."""
    found = steered_review(request, review_id)
    return submit_form(
        request,
        _decision_form(found.strategy, request.POST),
        _review_frame(found),
        _save_decision(request, found.strategy, found.pk),
        done=_("The decision is recorded."),
        go_to=reverse("strategy:review", args=[found.pk]),
    )


def _strategy_frame(found: Strategy) -> Frame:
    return Frame(
        _("Record a decision"),
        reverse("strategy:add_decision", args=[found.pk]),
        reverse("strategy:strategy", args=[found.pk]),
    )


@page(Permission.STRATEGY_VIEW)
def new_decision(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Ask what is decided between two reviews."""
    found = steered(request, strategy_id)
    return show_form(request, _decision_form(found), _strategy_frame(found))


@action(Permission.STRATEGY_VIEW)
def add_decision(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Record what is decided between two reviews."""
    found = steered(request, strategy_id)
    return submit_form(
        request,
        _decision_form(found, request.POST),
        _strategy_frame(found),
        _save_decision(request, found, None),
        done=_("The decision is recorded."),
        go_to=reverse("strategy:strategy", args=[found.pk]),
    )


@action(Permission.STRATEGY_VIEW)
def complete(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Report a decision as carried out and go back."""
    one = get_object_or_404(Decision.objects.completable_by(request.user), pk=decision_id)
    services.complete_decision(decision_id=one.pk, by=request.user, on=clock.today())
    messages.success(request, _("Done: %(text)s") % {"text": in_words(one.text)})
    back = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        return redirect(back)
    return redirect("strategy:strategy", one.strategy_id)


# -- what waits, and when ------------------------------------------------------------------------


@page(Permission.STRATEGY_VIEW)
def mine(request: HttpRequest) -> HttpResponse:
    """Show the reviews, decisions and initiatives that wait for the reader."""
    return render(request, "strategy/mine.html", {"agenda": agenda(request.user, clock.today())})


@page(Permission.STRATEGY_VIEW)
def calendar(request: HttpRequest) -> HttpResponse:
    """Show a month of reviews."""
    today = clock.today()
    first = _month(request.GET.get("month", ""), today)
    weeks = month_of_reviews(request.user, first, today)
    context = {
        "first": first,
        "weeks": weeks,
        "reviews": [one for week in weeks for day in week if day.in_month for one in day.reviews],
        "before": (first - dt.timedelta(days=1)).replace(day=1),
        "after": (first + dt.timedelta(days=32)).replace(day=1),
        "today": today,
    }
    return render(request, "strategy/calendar.html", context)


def _month(text: str, today: dt.date) -> dt.date:
    try:
        first = dt.datetime.strptime(text, "%Y-%m").date()  # noqa: DTZ007  # a month has no zone
    except ValueError:
        return today.replace(day=1)
    return first if 1990 <= first.year <= 2100 else today.replace(day=1)
