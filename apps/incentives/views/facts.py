"""Pages of what pay depends on and no measure knows: grades, weights, days of deals, events."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.core import clock
from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.enums import FactKind
from apps.incentives.fact_table import FactTable
from apps.incentives.forms.facts import DealDayForm, EventForm, FactForm, GradeForm, WeightForm
from apps.incentives.forms.pay import RefusalForm
from apps.incentives.models import PayFact
from apps.incentives.names import in_words
from apps.incentives.selectors.facts import due_grades, fact_list, words
from apps.incentives.views.plans import no_store
from apps.pipeline.services.credits import SOURCE
from apps.ui import htmx
from apps.ui.submitting import Frame, show_form, submit_form
from apps.ui.tables import respond

DUE_SHOWN = 50


class Told(NamedTuple):
    """How one kind of fact is told."""

    title: Any
    form: type[FactForm]
    service: Callable[..., PayFact]


KINDS = {
    "grade": Told(gettext_lazy("Grade an objective"), GradeForm, services.tell_grade),
    "weight": Told(gettext_lazy("State a weight in a pool"), WeightForm, services.tell_weight),
    "deal": Told(gettext_lazy("Record a day of a deal"), DealDayForm, services.tell_deal_day),
    "event": Told(gettext_lazy("Record an event"), EventForm, services.tell_event),
}


@page(Permission.PAY_FACT)
@no_store
def facts(request: HttpRequest) -> HttpResponse:
    """List what was told, and the objectives that wait for a grade."""
    table = FactTable(request, fact_list(request.user))
    due = due_grades(request.user, clock.today())
    context = {
        "due": due[:DUE_SHOWN],
        "due_more": max(0, len(due) - DUE_SHOWN),
        "asked": [kind for kind in (FactKind.WEIGHT, FactKind.EVENT) if words(kind)],
        "pays_all": scope_of(request.user, Permission.RUN_CALCULATE).everything,
        "may_confirm": may(request.user, Permission.RUN_APPROVE),
    }
    return respond(request, table, "incentives/facts.html", context)


def _chosen(request: HttpRequest) -> tuple[str, Told]:
    kind = request.GET.get("kind", "")
    if kind not in KINDS:
        raise Http404
    if kind != "grade" and not scope_of(request.user, Permission.RUN_CALCULATE).everything:
        raise DomainError(_("This concerns the pay of the whole company."), code="part_only")
    return kind, KINDS[kind]


def _frame(kind: str, told: Told) -> Frame:
    note = _("It counts once a second person has confirmed it.")
    url = f"{reverse('incentives:fact_tell')}?kind={kind}"
    return Frame(str(told.title), url, cancel_url=reverse("incentives:facts"), note=note)


@page(Permission.PAY_FACT)
@no_store
def new_fact(request: HttpRequest) -> HttpResponse:
    """Ask for a fact."""
    kind, told = _chosen(request)
    initial = {name: request.GET[name] for name in ("word", "person", "period") if name in request.GET}
    return show_form(request, told.form(request.user, clock.today(), initial=initial), _frame(kind, told))


@action(Permission.PAY_FACT)
def tell(request: HttpRequest) -> HttpResponse:
    """Record a fact that somebody else has to confirm."""
    kind, told = _chosen(request)
    form = told.form(request.user, clock.today(), request.POST)

    def save(_data: dict[str, Any]) -> PayFact:
        given = form.told() | ({"source_type": SOURCE} if kind == "deal" else {})
        return told.service(**given, by=request.user, at=clock.now())

    done = _("Recorded. A second person confirms it.")
    go_to = reverse("incentives:facts")
    return submit_form(request, form, _frame(kind, told), save, done=done, go_to=go_to)


@action(Permission.RUN_APPROVE)
def confirm(request: HttpRequest, fact_id: int) -> HttpResponse:
    """Confirm what somebody else told."""
    found = get_object_or_404(PayFact.objects.permitting(request.user, Permission.RUN_APPROVE), pk=fact_id)
    services.confirm_fact(fact_id=found.pk, by=request.user, at=clock.now())
    return htmx.go(request, reverse("incentives:facts"))


def _refusable(request: HttpRequest, fact_id: int) -> PayFact:
    rows = PayFact.objects.permitting(request.user, Permission.PAY_FACT).select_related("person")
    found = get_object_or_404(rows, pk=fact_id)
    if found.told_by_id != request.user.pk and not may(request.user, Permission.RUN_APPROVE):
        raise DomainError(_("Somebody who approves pay decides this."), code="not_yours")
    return found


def _refusal_frame(row: PayFact) -> Frame:
    title = _("Refuse “%(what)s”") % {"what": in_words(row.name) or row.get_kind_display()}
    url, back = reverse("incentives:fact_refuse", args=[row.pk]), reverse("incentives:facts")
    return Frame(title, url, cancel_url=back, note=_("Whoever recorded it is told, with your reason."))


@page(Permission.PAY_FACT)
@no_store
def refusing(request: HttpRequest, fact_id: int) -> HttpResponse:
    """Ask why something recorded is refused."""
    return show_form(request, RefusalForm(), _refusal_frame(_refusable(request, fact_id)))


@action(Permission.PAY_FACT)
def refuse(request: HttpRequest, fact_id: int) -> HttpResponse:
    """Refuse with a reason what somebody told, or take back what one told oneself."""
    found = _refusable(request, fact_id)
    done, go_to = _("Refused with your reason."), reverse("incentives:facts")
    if found.told_by_id == request.user.pk:
        services.refuse_fact(fact_id=found.pk, by=request.user, at=clock.now())
        return htmx.go(request, go_to)

    def save(data: dict[str, Any]) -> PayFact:
        return services.refuse_fact(fact_id=found.pk, reason=data["reason"], by=request.user, at=clock.now())

    form = RefusalForm(request.POST)
    return submit_form(request, form, _refusal_frame(found), save, done=done, go_to=go_to)
