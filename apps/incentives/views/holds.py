"""Pages of holds and of the company's rules around pay."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.core import clock
from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.forms import HoldForm, PolicyForm, ReleaseForm
from apps.incentives.models import Hold
from apps.incentives.selectors import holds as selectors
from apps.incentives.selectors.desk import policy
from apps.incentives.tables import HoldTable
from apps.incentives.views.plans import no_store
from apps.pipeline.services.credits import SOURCE
from apps.ui.submitting import Frame, show_form, submit_form
from apps.ui.tables import respond


@page(Permission.RUN_APPROVE)
@no_store
def holds(request: HttpRequest) -> HttpResponse:
    """List what is held and what was released."""
    table = HoldTable(request, selectors.hold_list(request.user))
    context = {
        "may_edit": may(request.user, Permission.PLAN_EDIT),
        "may_hold": may(request.user, Permission.RUN_CALCULATE),
    }
    return respond(request, table, "incentives/holds.html", context)


def _frame() -> Frame:
    note = _("Its credits stay visible on statements, unpaid. The next open pay run after the release pays.")
    back = reverse("incentives:holds")
    return Frame(_("Hold the pay of a deal"), reverse("incentives:hold_place"), cancel_url=back, note=note)


@page(Permission.RUN_CALCULATE)
@no_store
def new_hold(request: HttpRequest) -> HttpResponse:
    """Ask which deal is to be held."""
    given = request.GET.get("deal", "")
    initial = {"deal": given} if given.isascii() and given.isdigit() and len(given) < 19 else {}
    return show_form(request, HoldForm(initial=initial), _frame())


@action(Permission.RUN_CALCULATE)
def place(request: HttpRequest) -> HttpResponse:
    """Hold the pay of a deal."""
    if not scope_of(request.user, Permission.RUN_CALCULATE).everything:
        raise DomainError(_("A hold concerns the whole company."), code="part_only")

    def save(data: dict[str, Any]) -> Hold:
        return services.place_hold(
            source_type=SOURCE,
            source_id=data["deal"].pk,
            person_id=data["person"].pk if data["person"] else None,
            reason=data["reason"],
            by=request.user,
            at=clock.now(),
        )

    done = _("Held. Runs calculated from now on leave it unpaid.")
    go_to = reverse("incentives:holds")
    return submit_form(request, HoldForm(request.POST), _frame(), save, done=done, go_to=go_to)


def _release_frame(hold: Hold) -> Frame:
    url = reverse("incentives:hold_release", args=[hold.pk])
    title = _("Release “%(deal)s”") % {"deal": hold.label}
    return Frame(title, url, cancel_url=reverse("incentives:holds"))


@page(Permission.RUN_APPROVE)
@no_store
def review(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Ask what a review found before a deal is released."""
    found = get_object_or_404(Hold.objects.permitting(request.user, Permission.RUN_APPROVE), pk=hold_id)
    return show_form(request, ReleaseForm(), _release_frame(found))


@action(Permission.RUN_APPROVE)
def release(request: HttpRequest, hold_id: int) -> HttpResponse:
    """Release a held deal."""
    found = get_object_or_404(Hold.objects.permitting(request.user, Permission.RUN_APPROVE), pk=hold_id)

    def save(data: dict[str, Any]) -> Hold:
        return services.release_hold(hold_id=found.pk, note=data["note"], by=request.user, at=clock.now())

    done = _("Released. The next open pay run pays it.")
    go_to = reverse("incentives:holds")
    form = ReleaseForm(request.POST)
    return submit_form(request, form, _release_frame(found), save, done=done, go_to=go_to)


def _policy_frame() -> Frame:
    back = reverse("incentives:holds")
    return Frame(_("Rules around pay"), reverse("incentives:policy_set"), cancel_url=back)


@page(Permission.PLAN_EDIT)
@no_store
def rules(request: HttpRequest) -> HttpResponse:
    """Show the company's rules around pay."""
    row = policy()
    initial = {name: getattr(row, name) for name in PolicyForm.base_fields}
    return show_form(request, PolicyForm(initial=initial), _policy_frame())


@action(Permission.PLAN_EDIT)
def set_rules(request: HttpRequest) -> HttpResponse:
    """Set the company's rules around pay."""
    if not scope_of(request.user, Permission.PLAN_EDIT).everything:
        raise DomainError(_("These rules concern the whole company."), code="part_only")

    def save(data: dict[str, Any]) -> Any:
        return services.set_policy(**data, by=request.user, at=clock.now())

    done = _("The rules hold from now on.")
    go_to = reverse("incentives:holds")
    return submit_form(request, PolicyForm(request.POST), _policy_frame(), save, done=done, go_to=go_to)
