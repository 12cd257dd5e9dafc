"""The list of deals, a deal's page, and everything done on it."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, person_id_of
from apps.core import clock
from apps.core.errors import StaleVersion
from apps.core.names import in_words
from apps.customers.models import Account
from apps.pipeline import selectors, services
from apps.pipeline.enums import DealState
from apps.pipeline.forms import (
    CloseForm,
    DealForm,
    LineChangeForm,
    LineForm,
    MoveForm,
    ReopenForm,
    SplitsForm,
)
from apps.pipeline.models import Opportunity, OpportunityLine
from apps.pipeline.rules import Share
from apps.pipeline.tables import DealTable, next_step_cell
from apps.ui import htmx, panels
from apps.ui.submitting import Frame, show_form, submit_form
from apps.ui.tables import respond


@page(Permission.DEAL_VIEW)
def deals(request: HttpRequest) -> HttpResponse:
    """Show the list of deals."""
    rows = Opportunity.objects.visible_to(request.user).for_table()
    return respond(
        request, DealTable(request, rows), "pipeline/deals.html", {"may_create": _may_create(request)}
    )


@page(Permission.DEAL_VIEW)
def deal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one deal."""
    found = get_object_or_404(
        Opportunity.objects.visible_to(request.user).select_related(
            "account", "contact", "owner", "stage__process", "reason"
        ),
        pk=pk,
    )
    context = {
        "page": selectors.deal_page(found),
        "deal": found,
        "may_edit": _editable(request).filter(pk=pk).exists(),
        "panels": panels.panels_for(request, "deal", found),
    }
    return render(request, "pipeline/deal.html", context)


@page(Permission.DEAL_EDIT)
def deal_new(request: HttpRequest) -> HttpResponse:
    """Show the form for a new deal, for an account when the address names one."""
    initial: dict[str, Any] = {"owner": person_id_of(request.user)}  # type: ignore[arg-type]  # signed in
    account = request.GET.get("account", "")
    if account.isdigit():
        known = Account.objects.visible_to(request.user).filter(pk=int(account)).first()
        initial["account"] = known.pk if known else None
    return show_form(request, DealForm(request.user, initial=initial), _new_frame())


@action(Permission.DEAL_EDIT)
def deal_create(request: HttpRequest) -> HttpResponse:
    """Create a deal."""
    form = DealForm(request.user, request.POST)

    def save(_data: dict[str, Any]) -> Opportunity:
        values: Any = form.changes()
        return services.create_opportunity(today=clock.today(), by=request.user, **values)

    return submit_form(
        request, form, _new_frame(), save, done=_("Deal created."), go_to=lambda made: _url(made.pk)
    )


@page(Permission.DEAL_EDIT)
def deal_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of a deal."""
    found = get_object_or_404(_editable(request), pk=pk)
    return show_form(request, DealForm(request.user, deal=found), _edit_frame(found))


@action(Permission.DEAL_EDIT)
def deal_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save a deal; when somebody else saved it first, show mine beside theirs."""
    found = get_object_or_404(_editable(request), pk=pk)
    form = DealForm(request.user, request.POST, deal=found)

    def save(data: dict[str, Any]) -> Opportunity:
        return services.update_opportunity(
            opportunity_id=pk, version=data["version"], changes=form.changes(), today=clock.today()
        )

    if form.is_valid() and form.cleaned_data["version"] != found.version:
        return _conflict(request, found, form)
    try:
        return submit_form(request, form, _edit_frame(found), save, done=_("Deal saved."), go_to=_url(pk))
    except StaleVersion:
        found.refresh_from_db()
        return _conflict(request, found, form)


@action(Permission.DEAL_EDIT)
def next_step(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the next step typed in the list."""
    found = get_object_or_404(_editable(request), pk=pk)
    version = request.POST.get("version", "")
    saved = services.update_opportunity(
        opportunity_id=found.pk,
        version=int(version) if version.isdecimal() and len(version) < 10 else found.version,
        changes={"next_step": request.POST.get("next_step", "")[:200]},
        today=clock.today(),
    )
    cell = next_step_cell(saved.pk, saved.name, saved.state, saved.next_step, saved.version)
    text = _("Next step of “%(deal)s” saved.") % {"deal": saved.name}
    return htmx.toast(HttpResponse(cell), text)


@page(Permission.DEAL_EDIT)
def move_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the stages a deal may move to."""
    found = get_object_or_404(_editable(request), pk=pk)
    form = MoveForm(found, may_override=may(request.user, Permission.PROCESS_EDIT))  # type: ignore[arg-type]
    return show_form(request, form, _frame(_("Move “%(deal)s”"), found, "pipeline:move"))


@action(Permission.DEAL_EDIT)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a deal to another stage."""
    found = get_object_or_404(_editable(request), pk=pk)
    may_override = may(request.user, Permission.PROCESS_EDIT)  # type: ignore[arg-type]  # signed in
    form = MoveForm(found, request.POST, may_override=may_override)

    def save(data: dict[str, Any]) -> Opportunity:
        return services.move_stage(
            opportunity_id=pk,
            to_stage_id=data["stage"].pk,
            version=data["version"],
            on=clock.today(),
            by=request.user,
            override_reason=data.get("override_reason", ""),
        )

    frame = _frame(_("Move “%(deal)s”"), found, "pipeline:move")
    return submit_form(request, form, frame, save, done=_("Deal moved."), go_to=_url(pk))


@page(Permission.DEAL_EDIT)
def win_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask when and why a deal was won."""
    found = get_object_or_404(_editable(request).open(), pk=pk)
    form = CloseForm(DealState.WON, found, clock.today())
    return show_form(request, form, _frame(_("Win “%(deal)s”"), found, "pipeline:win"))


@action(Permission.DEAL_EDIT)
def win(request: HttpRequest, pk: int) -> HttpResponse:
    """Win a deal."""
    return _close(request, pk, DealState.WON)


@page(Permission.DEAL_EDIT)
def lose_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask when and why a deal was lost."""
    found = get_object_or_404(_editable(request).open(), pk=pk)
    form = CloseForm(DealState.LOST, found, clock.today())
    return show_form(request, form, _frame(_("Lose “%(deal)s”"), found, "pipeline:lose"))


@action(Permission.DEAL_EDIT)
def lose(request: HttpRequest, pk: int) -> HttpResponse:
    """Lose a deal."""
    return _close(request, pk, DealState.LOST)


@page(Permission.DEAL_EDIT)
def reopen_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask why a deal is opened again."""
    found = get_object_or_404(_editable(request), pk=pk)
    form = ReopenForm(initial={"version": found.version})
    return show_form(request, form, _frame(_("Reopen “%(deal)s”"), found, "pipeline:reopen"))


@action(Permission.DEAL_EDIT)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a decided deal again."""
    found = get_object_or_404(_editable(request), pk=pk)
    form = ReopenForm(request.POST)

    def save(data: dict[str, Any]) -> Opportunity:
        return services.reopen(
            opportunity_id=pk,
            version=data["version"],
            on=clock.today(),
            reason=data["reason"],
            by=request.user,
        )

    frame = _frame(_("Reopen “%(deal)s”"), found, "pipeline:reopen")
    return submit_form(request, form, frame, save, done=_("Deal reopened."), go_to=_url(pk))


@page(Permission.DEAL_EDIT)
def line_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form for a product line."""
    found = get_object_or_404(_editable(request).open(), pk=pk)
    form = LineForm(initial={"version": found.version})
    return show_form(request, form, _frame(_("Add a product to “%(deal)s”"), found, "pipeline:line_add"))


@action(Permission.DEAL_EDIT)
def line_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a product line."""
    found = get_object_or_404(_editable(request), pk=pk)
    form = LineForm(request.POST)

    def save(data: dict[str, Any]) -> OpportunityLine:
        line = services.NewLine(
            data["product"].pk, data["quantity"], data["unit_price"], data["discount"] or 0
        )
        return services.add_line(opportunity_id=pk, version=data["version"], line=line, today=clock.today())

    frame = _frame(_("Add a product to “%(deal)s”"), found, "pipeline:line_add")
    return submit_form(request, form, frame, save, done=_("Product added."), go_to=_url(pk))


@page(Permission.DEAL_EDIT)
def line_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of a product line."""
    line = _line(request, pk)
    return show_form(request, LineChangeForm(line), _line_frame(line))


@action(Permission.DEAL_EDIT)
def line_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save quantity, price and discount of a product line."""
    line = _line(request, pk)
    form = LineChangeForm(line, request.POST)

    def save(data: dict[str, Any]) -> OpportunityLine:
        changes = {name: data[name] for name in ("quantity", "unit_price", "discount")}
        return services.change_line(line_id=pk, version=data["version"], changes=changes, today=clock.today())

    go_to = _url(line.opportunity_id)
    return submit_form(request, form, _line_frame(line), save, done=_("Product saved."), go_to=go_to)


@action(Permission.DEAL_EDIT)
def line_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a product out of a deal."""
    line = get_object_or_404(OpportunityLine.objects.permitting(request.user, Permission.DEAL_EDIT), pk=pk)
    services.remove_line(line_id=line.pk, version=None, today=clock.today())
    return htmx.go(request, _url(line.opportunity_id))


@page(Permission.DEAL_EDIT)
def splits_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Show who shares a deal."""
    found = get_object_or_404(_editable(request).open(), pk=pk)
    note = _("Shares must sum to exactly 100.00 %. Credit follows them when the deal is won.")
    frame = _frame(_("Shares of “%(deal)s”"), found, "pipeline:splits", note)
    return show_form(request, SplitsForm(found), frame)


@action(Permission.DEAL_EDIT)
def splits(request: HttpRequest, pk: int) -> HttpResponse:
    """Save who shares a deal."""
    found = get_object_or_404(_editable(request), pk=pk)
    form = SplitsForm(found, request.POST)

    def save(data: dict[str, Any]) -> Opportunity:
        shares = [Share(person_id, percent) for person_id, percent in form.shares()]
        return services.set_splits(opportunity_id=pk, version=data["version"], shares=shares)

    frame = _frame(_("Shares of “%(deal)s”"), found, "pipeline:splits")
    return submit_form(request, form, frame, save, done=_("Shares saved."), go_to=_url(pk))


def _close(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    found = get_object_or_404(_editable(request), pk=pk)
    today = clock.today()
    form = CloseForm(kind, found, today, request.POST)
    act: Any = services.win if kind == DealState.WON else services.lose

    def save(data: dict[str, Any]) -> Opportunity:
        return act(
            opportunity_id=pk,
            version=data["version"],
            closed_on=data["closed_on"],
            today=today,
            by=request.user,
            reason_id=data["reason"].pk if data["reason"] else None,
            note=data["note"],
        )

    won = kind == DealState.WON
    title = _("Win “%(deal)s”") if won else _("Lose “%(deal)s”")
    frame = _frame(title, found, "pipeline:win" if won else "pipeline:lose")
    done = _("Deal won. Credit is posted.") if won else _("Deal lost.")
    return submit_form(request, form, frame, save, done=done, go_to=_url(pk))


def _conflict(request: HttpRequest, theirs: Opportunity, form: DealForm) -> HttpResponse:
    """Show what I typed beside what is saved, field by field."""
    rows = []
    for name in form.fields:
        if name == "version":
            continue
        mine, saved = form.cleaned_data.get(name), getattr(theirs, name)
        if (mine or "") != (saved or ""):
            rows.append({"name": name, "label": form[name].label, "mine": mine, "theirs": saved})
    post = request.POST.copy()
    post["version"] = str(theirs.version)
    hidden = [(name, value) for name in post for value in post.getlist(name) if name != "csrfmiddlewaretoken"]
    context = {"deal": theirs, "rows": rows, "hidden": hidden}
    transaction.set_rollback(True)
    return render(request, "pipeline/conflict.html", context, status=409)


def _editable(request: HttpRequest) -> Any:
    return Opportunity.objects.permitting(request.user, Permission.DEAL_EDIT)  # type: ignore[arg-type]  # signed in


def _may_create(request: HttpRequest) -> bool:
    return may(request.user, Permission.DEAL_EDIT)  # type: ignore[arg-type]  # signed in


def _line(request: HttpRequest, pk: int) -> OpportunityLine:
    reach = OpportunityLine.objects.permitting(request.user, Permission.DEAL_EDIT)  # type: ignore[arg-type]  # signed in
    return get_object_or_404(reach.select_related("opportunity", "product"), pk=pk)


def _line_frame(line: OpportunityLine) -> Frame:
    title = _("%(product)s in “%(deal)s”") % {
        "product": in_words(line.product.name),
        "deal": line.opportunity.name,
    }
    return Frame(title, reverse("pipeline:line_save", args=[line.pk]), _url(line.opportunity_id))


def _url(pk: int) -> str:
    return reverse("pipeline:deal", args=[pk])


def _new_frame() -> Frame:
    return Frame(_("New deal"), reverse("pipeline:deal_create"), reverse("pipeline:deals"))


def _edit_frame(found: Opportunity) -> Frame:
    return _frame(_("Edit “%(deal)s”"), found, "pipeline:deal_save")


def _frame(title: str, found: Opportunity, url_name: str, note: str = "") -> Frame:
    return Frame(title % {"deal": found.name}, reverse(url_name, args=[found.pk]), _url(found.pk), note)
