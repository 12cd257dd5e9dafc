"""Pages about one person's pay: my pay, a statement, a line down to its deals, adjustments."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, person_id_of
from apps.core import clock
from apps.core.errors import DomainError
from apps.events import audit
from apps.incentives import services
from apps.incentives.forms import AdjustmentForm, ReasonForm, RefusalForm
from apps.incentives.models import Adjustment, PayLine, Statement
from apps.incentives.models.lines import PUBLISHED
from apps.incentives.selectors import pages
from apps.incentives.selectors.documents import waiting_for
from apps.incentives.selectors.holds import held_now
from apps.incentives.selectors.origin import origin
from apps.incentives.selectors.statement_page import statement_page, with_questions
from apps.incentives.selectors.statement_paper import statement_paper
from apps.incentives.tables import AdjustmentTable
from apps.incentives.views.plans import no_store
from apps.org.models import Person
from apps.ui import htmx, pdf
from apps.ui.submitting import Frame, sent_once, show_form, submit_form
from apps.ui.tables import respond


@page(Permission.STATEMENT_VIEW)
@no_store
def my_pay(request: HttpRequest) -> HttpResponse:
    """Show what I have earned so far and my statements."""
    person_id = person_id_of(request.user)
    mine = Statement.objects.visible_to(request.user).filter(person=person_id)
    context = {
        "estimates": pages.estimates(person_id, clock.today(), request.user) if person_id else [],
        "held": held_now(person_id, request.user) if person_id else [],
        "to_confirm": waiting_for(person_id, clock.today()) if person_id else [],
        "currency": settings.COMPANY_CURRENCY,
        "statements": mine.select_related("run__period").order_by("-run__period__starts_on", "-pk")[:24],
        "today": clock.today(),
    }
    return render(request, "incentives/my_pay.html", context)


@page(Permission.STATEMENT_VIEW)
@no_store
def statement(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Show a statement line by line."""
    rows = Statement.objects.visible_to(request.user).select_related("person", "unit", "run__period")
    found = get_object_or_404(rows, pk=statement_id)
    audit.record_access(
        user_id=request.user.pk, what="statement", table="incentives_statement", row_id=found.pk
    )
    context = {"found": statement_page(found, request.user)}
    return render(request, "incentives/statement.html", context)


@page(Permission.STATEMENT_VIEW)
@no_store
def statement_pdf(request: HttpRequest, statement_id: int) -> HttpResponse:
    """Hand out a statement as a PDF, as it was issued."""
    rows = Statement.objects.visible_to(request.user).select_related(
        "person", "unit", "run__period", "run__created_by"
    )
    found = get_object_or_404(rows, pk=statement_id)
    audit.record_access(
        user_id=request.user.pk, what="statement", table="incentives_statement", row_id=found.pk
    )
    response = HttpResponse(pdf.render(statement_paper(found)), content_type="application/pdf")
    name = f"statement-{found.run.period.code}-{found.pk}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@page(Permission.STATEMENT_VIEW)
@no_store
def line(request: HttpRequest, line_id: int) -> HttpResponse:
    """Show how a line came about, down to the deals."""
    rows = PayLine.objects.visible_to(request.user).select_related(
        "run__period", "version__plan", "person", "adjustment__dispute", "statement__run__period"
    )
    found = get_object_or_404(rows, pk=line_id)
    audit.record_access(user_id=request.user.pk, what="pay line", table="incentives_payline", row_id=found.pk)
    [asked] = with_questions(
        pages.shown_lines([found]),
        is_own=found.person_id == person_id_of(request.user) and found.run.state in PUBLISHED,
    )
    context = {
        "found": pages.line_page(found, request.user),
        "asked": asked,
        "origin": origin(found, request.user),
        "may_reverse": found.run.is_posted and may(request.user, Permission.RUN_CALCULATE),
        "form": ReasonForm(),
    }
    return render(request, "incentives/line.html", context)


@action(Permission.RUN_CALCULATE)
def reverse_line(request: HttpRequest, line_id: int) -> HttpResponse:
    """Ask to reverse a line in the next open run."""
    found = get_object_or_404(PayLine.objects.visible_to(request.user), pk=line_id)
    get_object_or_404(Person.objects.permitting(request.user, Permission.RUN_CALCULATE), pk=found.person_id)
    reason = request.POST.get("reason", "").replace("\x00", "")
    services.reverse_line(line_id=found.pk, reason=reason, by=request.user, at=clock.now())
    return htmx.go(request, reverse("incentives:adjustments"))


@page(Permission.RUN_APPROVE)
@no_store
def adjustments(request: HttpRequest) -> HttpResponse:
    """List adjustments, decide on them, and ask for new ones where that is permitted."""
    rows = Adjustment.objects.permitting(request.user, Permission.RUN_APPROVE)
    found = rows.select_related("person", "requested_by", "decided_by", "reverses", "dispute")
    table = AdjustmentTable(request, found)
    form = AdjustmentForm() if may(request.user, Permission.RUN_CALCULATE) else None
    return respond(request, table, "incentives/adjustments.html", {"form": form})


@action(Permission.RUN_CALCULATE)
def request_adjustment(request: HttpRequest) -> HttpResponse:
    """Ask for a correction of somebody's pay."""
    form = AdjustmentForm(request.POST)
    if not form.is_valid():
        raise DomainError(" ".join(sentence for _id, _label, sentence in form.problems), code="invalid")
    data = form.cleaned_data
    people = Person.objects.permitting(request.user, Permission.RUN_CALCULATE)
    person = get_object_or_404(people, pk=data["person"].pk)

    def ask() -> str:
        services.request_adjustment(
            person_id=person.pk,
            amount=data["amount"],
            currency=data.get("currency", ""),
            reason=data["reason"],
            by=request.user,
            at=clock.now(),
        )
        return reverse("incentives:adjustments")

    response = htmx.go(request, sent_once(request, ask))
    return htmx.toast(response, _("A second person must now decide."))


def _waiting(request: HttpRequest, adjustment_id: int) -> Adjustment:
    rows = Adjustment.objects.permitting(request.user, Permission.RUN_APPROVE).select_related("person")
    return get_object_or_404(rows, pk=adjustment_id)


@action(Permission.RUN_APPROVE)
def approve_adjustment(request: HttpRequest, adjustment_id: int) -> HttpResponse:
    """Approve an adjustment."""
    found = _waiting(request, adjustment_id)
    services.decide_adjustment(adjustment_id=found.pk, approve=True, by=request.user, at=clock.now())
    return htmx.go(request, reverse("incentives:adjustments"))


def _refusal_frame(row: Adjustment) -> Frame:
    title = _("Refuse the adjustment for %(name)s") % {"name": row.person.name}
    url, back = reverse("incentives:adjustment_refuse", args=[row.pk]), reverse("incentives:adjustments")
    return Frame(title, url, cancel_url=back, note=_("Whoever asked for it is told, with your reason."))


@page(Permission.RUN_APPROVE)
@no_store
def refusing_adjustment(request: HttpRequest, adjustment_id: int) -> HttpResponse:
    """Ask why an adjustment is refused."""
    return show_form(request, RefusalForm(), _refusal_frame(_waiting(request, adjustment_id)))


@action(Permission.RUN_APPROVE)
def refuse_adjustment(request: HttpRequest, adjustment_id: int) -> HttpResponse:
    """Refuse an adjustment with a reason."""
    found = _waiting(request, adjustment_id)

    def save(data: dict[str, Any]) -> Adjustment:
        return services.decide_adjustment(
            adjustment_id=found.pk, approve=False, reason=data["reason"], by=request.user, at=clock.now()
        )

    done, go_to = _("Refused with your reason."), reverse("incentives:adjustments")
    form = RefusalForm(request.POST)
    return submit_form(request, form, _refusal_frame(found), save, done=done, go_to=go_to)
