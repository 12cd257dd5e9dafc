"""Changing a total of a draft, and answering what becomes of the figures below."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.targets import services
from apps.targets.approval_forms import TotalForm
from apps.targets.enums import Balance, Below
from apps.targets.models import ShareRequest, Target
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors.course import answerable, requests_of
from apps.targets.selectors.reach import may_move_totals
from apps.ui.forms import ungrouped
from apps.ui.htmx import go


def _editable(request: HttpRequest, target_id: int) -> Target:
    permitted = Target.objects.permitting(request.user, Permission.TARGET_EDIT)
    return get_object_or_404(permitted.select_related("plan", "parent"), pk=target_id)


@page(Permission.TARGET_EDIT)
def ask(request: HttpRequest, target_id: int) -> HttpResponse:
    """Ask for a new total and what becomes of the figures below."""
    target = _editable(request, target_id)
    amount = target.amount.quantize(Decimal(1).scaleb(-target.plan.decimals))
    form = TotalForm(today=clock.today(), initial={"amount": amount, "revision": target.plan.revision})
    context = {
        "title": _("Change the total"),
        "form": form,
        "action_url": reverse("targets:change_total", args=[target.pk]),
        "cancel_url": reverse("targets:node", args=[target.pk]),
        "note": _("Choose what becomes of the figures below; the reason stays with the version."),
    }
    return render(request, "ui/form_page.html", context)


@action(Permission.TARGET_EDIT)
def change(request: HttpRequest, target_id: int) -> HttpResponse:
    """Change a total; the figures below are kept, prorated or asked about."""
    target = _editable(request, target_id)
    data = request.POST.copy()
    data["amount"] = str(ungrouped(data.get("amount", "")))
    form = TotalForm(data, today=clock.today())
    if not form.is_valid():
        raise WrongTarget("; ".join(f"{label}: {text}" for _id, label, text in form.problems))
    balance = Balance(form.cleaned_data["balance"])
    if target.parent_id is None:
        balance = Balance.UP
    elif balance == Balance.UP and not may_move_totals(request.user, target):
        raise WrongTarget(_("You may not change the totals above. Let the others make room instead."))
    changed = services.change_total(
        target_id=target.pk,
        amount=form.cleaned_data["amount"],
        below=Below(form.cleaned_data["below"]),
        balance=balance,
        reason=form.cleaned_data["reason"],
        due_on=form.cleaned_data["due_on"],
        revision=form.cleaned_data["revision"],
        by_id=request.user.pk,
        at=clock.now(),
        on=clock.today(),
    )
    messages.success(request, _("%(count)s targets changed.") % {"count": len(changed)})
    return go(request, reverse("targets:plan", args=[target.plan_id]))


@page(Permission.TARGET_VIEW)
def question(request: HttpRequest, request_id: int) -> HttpResponse:
    """Show a question about the figures below a changed total."""
    rows = ShareRequest.objects.filter(pk=request_id)
    get_object_or_404(rows.visible_to(request.user), pk=request_id)
    [line] = requests_of(request.user, rows, clock.today())
    return render(request, "targets/request.html", {"line": line, "plan": line.request.target.plan})


@action(Permission.TARGET_VIEW)
def answer(request: HttpRequest, request_id: int) -> HttpResponse:
    """Answer it: keep the figures or prorate them."""
    asked = get_object_or_404(answerable(request.user, clock.today()), pk=request_id)
    choice = request.POST.get("choice", "")
    if choice not in {Below.KEEP, Below.PRORATE}:
        raise WrongTarget(_("Choose what becomes of the figures below."))
    services.answer_request(request_id=asked.pk, choice=Below(choice), by_id=request.user.pk, at=clock.now())
    messages.success(request, _("Answered."))
    return redirect("targets:request", asked.pk)
