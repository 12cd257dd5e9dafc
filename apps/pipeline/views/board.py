"""The board: stages as columns, deals as cards that are dragged."""

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.core import clock
from apps.core.errors import DomainError
from apps.core.names import in_words
from apps.org.models import OrgUnit, Person
from apps.pipeline import selectors, services
from apps.pipeline.enums import DealState
from apps.pipeline.forms import CloseForm
from apps.pipeline.models import Opportunity, SalesProcess, Stage
from apps.pipeline.tables import owners_asked_for
from apps.ui import htmx
from apps.ui.submitting import Frame, show_form


@page(Permission.DEAL_VIEW)
def board(request: HttpRequest) -> HttpResponse:
    """Show the board of a process."""
    processes = list(SalesProcess.objects.filter(retired_on__isnull=True).order_by("-is_default", "name"))
    process = next((one for one in processes if one.code == request.GET.get("process")), None)
    process = process or (processes[0] if processes else None)
    may_create = may(request.user, Permission.DEAL_EDIT)  # type: ignore[arg-type]  # signed in
    context: dict[str, object] = {"processes": processes, "process": process, "may_create": may_create}
    if process is not None:
        context["board"] = selectors.board(
            request.user, process=process, today=clock.today(), owner_ids=_owners(request)
        )
    context |= _choices(request)
    only_board = htmx.is_htmx(request) and htmx.target(request) == "board"
    template = "pipeline/board.html#columns" if only_board else "pipeline/board.html"
    return render(request, template, context)


@page(Permission.DEAL_VIEW)
def board_more(request: HttpRequest, stage_id: int) -> HttpResponse:
    """Show the next cards of a column."""
    stage = get_object_or_404(Stage.objects.visible_to(request.user), pk=stage_id)
    offset = request.GET.get("offset", "0")
    column = selectors.column_cards(
        request.user,
        stage=stage,
        today=clock.today(),
        offset=int(offset) if offset.isdigit() else 0,
        owner_ids=_owners(request),
    )
    return render(request, "pipeline/board.html#cards", {"column": column})


@action(Permission.DEAL_EDIT)
def board_drop(request: HttpRequest, stage_id: int) -> HttpResponse:
    """Move the dropped card; a won or lost column asks for the reason first."""
    stage = get_object_or_404(Stage.objects.visible_to(request.user), pk=stage_id)
    pk = request.POST.get("id", "")
    rows = Opportunity.objects.permitting(request.user, Permission.DEAL_EDIT)
    deal = get_object_or_404(rows, pk=int(pk) if pk.isdigit() else 0)
    if stage.kind != DealState.OPEN and deal.is_open:
        return _ask(request, deal, stage.kind)
    version = request.POST.get("version", "")
    try:
        with transaction.atomic():
            services.move_stage(
                opportunity_id=deal.pk,
                to_stage_id=stage.pk,
                version=int(version) if version.isdigit() else None,
                on=clock.today(),
                by=request.user,
            )
    except DomainError as error:
        response = htmx.toast(HttpResponse(status=409), str(error), "error")
        response["HX-Reswap"] = "none"
        return htmx.trigger(response, "board-changed")
    text = _("“%(deal)s” moved to %(stage)s.") % {"deal": deal.name, "stage": in_words(stage.name)}
    return htmx.done(text, refresh="board-changed", close_sheet=False)


def _ask(request: HttpRequest, deal: Opportunity, kind: str) -> HttpResponse:
    won = kind == DealState.WON
    title = (_("Win “%(deal)s”") if won else _("Lose “%(deal)s”")) % {"deal": deal.name}
    url = reverse("pipeline:win" if won else "pipeline:lose", args=[deal.pk])
    response = show_form(request, CloseForm(kind, deal, clock.today()), Frame(title, url), in_sheet=True)
    response["HX-Retarget"] = "#sheet"
    response["HX-Reswap"] = "innerHTML"
    return htmx.trigger(response, "board-changed")


def _owners(request: HttpRequest) -> frozenset[int] | None:
    """Return the people the address narrows the board to, or None for all."""
    owner, unit = request.GET.get("owner", ""), request.GET.get("unit", "")
    return owners_asked_for(int(owner) if owner.isdigit() else None, int(unit) if unit.isdigit() else None)


def _choices(request: HttpRequest) -> dict[str, object]:
    scope = scope_of(request.user, Permission.DEAL_VIEW)  # type: ignore[arg-type]  # signed in
    people = Person.objects.filter(scope.people("")).order_by("name", "pk")
    units = OrgUnit.objects.filter(scope.units("")).order_by("name", "pk")
    return {
        "owners": list(people.values_list("pk", "name")[:300]),
        "units": list(units.values_list("pk", "name")[:300]),
        "owner": request.GET.get("owner", ""),
        "unit": request.GET.get("unit", ""),
        "may_set_up": may(request.user, Permission.PROCESS_EDIT),  # type: ignore[arg-type]  # signed in
    }
