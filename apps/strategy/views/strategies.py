"""The list of strategies, one strategy, and its way from draft to closed."""

from django.contrib import messages
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core import clock
from apps.strategy import services
from apps.strategy.forms import CloseForm, StrategyForm
from apps.strategy.models import Strategy
from apps.strategy.selectors.page import strategy_page
from apps.strategy.tables import StrategyTable
from apps.strategy.views.access import seen, steered
from apps.ui import htmx, tables
from apps.ui.submitting import Frame, show_form, submit_form

_WAITING = Q(reviews__state__in=["scheduled", "due", "overdue"])


@page(Permission.STRATEGY_VIEW)
def strategies(request: HttpRequest) -> HttpResponse:
    """List the strategies the person may see."""
    rows = (
        Strategy.objects.visible_to(request.user)
        .select_related("owner", "unit")
        .annotate(
            objective_count=Count("objectives", distinct=True),
            next_review=Min("reviews__due_on", filter=_WAITING),
            open_count=Count("decisions", distinct=True, filter=Q(decisions__done_on=None)),
        )
    )
    table = StrategyTable(request, rows)
    may_create = may(request.user, Permission.STRATEGY_EDIT)
    actions = [_link(_("Review calendar"), "strategy:calendar", "calendar")]
    if may_create:
        actions.append(_link(_("New strategy"), "strategy:new", "plus", primary=True))
    return tables.respond(
        request, table, "strategy/list.html", {"actions": actions, "title": _("Strategies")}
    )


def _link(label: str, name: str, icon: str, *args: int, primary: bool = False, sheet: bool = False) -> dict:
    return {
        "label": label,
        "url": reverse(name, args=args),
        "icon": icon,
        "primary": primary,
        "sheet": sheet,
    }


@page(Permission.STRATEGY_VIEW)
def strategy(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Show one strategy with live figures."""
    found = seen(request, strategy_id)
    context = {"found": strategy_page(request.user, found, clock.today()), "strategy": found}
    return render(request, "strategy/strategy.html", {**context, "today": clock.today()})


def _new_frame() -> Frame:
    return Frame(_("New strategy"), reverse("strategy:create"), reverse("strategy:strategies"))


@page(Permission.STRATEGY_EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """Ask what a new strategy is about."""
    today = clock.today()
    year_end = today.replace(month=12, day=31)
    form = StrategyForm(
        user=request.user,
        today=today,
        initial={"starts_on": today, "last_day": year_end.replace(year=today.year + (today.month > 9))},
    )
    return show_form(request, form, _new_frame())


@action(Permission.STRATEGY_EDIT)
def create(request: HttpRequest) -> HttpResponse:
    """Create the draft and open it."""
    form = StrategyForm(request.POST, user=request.user, today=clock.today())

    def save(data: dict) -> Strategy:
        return services.create_strategy(
            title=data["title"],
            purpose=data["purpose"],
            situation=data["situation"],
            owner_id=data["owner"].pk,
            unit_id=data["unit"].pk,
            starts_on=data["starts_on"],
            last_day=data["last_day"],
            participant_ids=[person.pk for person in data["participants"]],
            by=request.user,
            at=clock.now(),
        )

    return submit_form(
        request, form, _new_frame(), save, done=_("The draft is ready. Add objectives next."), go_to=_url
    )


def _url(found: Strategy) -> str:
    return reverse("strategy:strategy", args=[found.pk])


def _edit_frame(found: Strategy) -> Frame:
    return Frame(_("Change strategy"), reverse("strategy:change", args=[found.pk]), _url(found))


@page(Permission.STRATEGY_VIEW)
def edit(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Ask what changes in a strategy."""
    found = steered(request, strategy_id)
    initial = {
        "title": found.title,
        "purpose": found.purpose,
        "situation": found.situation,
        "owner": found.owner_id,
        "starts_on": found.valid.lower,
        "last_day": found.last_day,
        "watch_below": found.watch_below,
        "version": found.version,
    }
    form = StrategyForm(user=request.user, today=clock.today(), strategy=found, initial=initial)
    return show_form(request, form, _edit_frame(found))


@action(Permission.STRATEGY_VIEW)
def change(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Change a strategy."""
    found = steered(request, strategy_id)
    form = StrategyForm(request.POST, user=request.user, today=clock.today(), strategy=found)

    def save(data: dict) -> Strategy:
        return services.change_strategy(
            strategy_id=found.pk,
            version=data["version"],
            title=data["title"],
            purpose=data["purpose"],
            situation=data["situation"],
            owner_id=data["owner"].pk,
            starts_on=data["starts_on"],
            last_day=data["last_day"],
            watch_below=data["watch_below"],
            by=request.user,
            on=clock.today(),
        )

    return submit_form(request, form, _edit_frame(found), save, done=_("Saved."), go_to=_url(found))


@action(Permission.STRATEGY_VIEW)
def activate(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Put a draft into force."""
    found = steered(request, strategy_id)
    services.activate_strategy(strategy_id=found.pk, by=request.user, at=clock.now(), on=clock.today())
    messages.success(request, _("The strategy is active and its reviews are scheduled."))
    return htmx.go(request, _url(found)) if htmx.is_htmx(request) else redirect(_url(found))


def _close_frame(found: Strategy) -> Frame:
    return Frame(
        _("Close strategy"),
        reverse("strategy:close", args=[found.pk]),
        _url(found),
        _("Reviews that were not held are dropped; everything else stays for the record."),
    )


@page(Permission.STRATEGY_VIEW)
def closing(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Ask what came of a strategy."""
    found = steered(request, strategy_id)
    return show_form(request, CloseForm(), _close_frame(found))


@action(Permission.STRATEGY_VIEW)
def close(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """End a strategy."""
    found = steered(request, strategy_id)

    def save(data: dict) -> Strategy:
        return services.close_strategy(
            strategy_id=found.pk, outcome=data["outcome"], by=request.user, at=clock.now()
        )

    return submit_form(
        request,
        CloseForm(request.POST),
        _close_frame(found),
        save,
        done=_("The strategy is closed."),
        go_to=_url(found),
    )
