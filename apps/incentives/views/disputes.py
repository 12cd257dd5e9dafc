"""Pages of disputes: asked on a line, answered by compensation, counted by root cause."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, scope_of
from apps.core import clock
from apps.core.errors import DomainError
from apps.events import audit
from apps.incentives import services
from apps.incentives.forms import AcceptForm, QuestionForm, RefuseForm, SpanForm, WriteForm
from apps.incentives.models import Dispute, PayLine
from apps.incentives.selectors import disputes as selectors
from apps.incentives.selectors.pages import line_label
from apps.incentives.services.separation import is_about
from apps.incentives.tables import DisputeTable
from apps.incentives.views.plans import no_store
from apps.ui import charts, formatting, htmx
from apps.ui.submitting import Frame, sent_once, show_form, submit_form
from apps.ui.tables import respond

_YEAR = dt.timedelta(days=365)


@page(Permission.STATEMENT_VIEW)
@no_store
def disputes(request: HttpRequest) -> HttpResponse:
    """List the disputes in reach."""
    table = DisputeTable(request, selectors.dispute_list(request.user))
    context = {"may_report": may(request.user, Permission.RUN_VIEW)}
    return respond(request, table, "incentives/disputes.html", context)


@page(Permission.STATEMENT_VIEW)
@no_store
def dispute(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Show a dispute: the line it is about, what was said, and what comes next."""
    found = get_object_or_404(selectors.dispute_list(request.user), pk=dispute_id)
    own = is_about(request.user, found.person_id)
    audit.record_access(user_id=request.user.pk, what="dispute", table="incentives_dispute", row_id=found.pk)
    context = {
        "found": selectors.dispute_page(found, request.user, own),
        "write_form": WriteForm(auto_id="write_%s"),
        "answer_form": WriteForm(auto_id="answer_%s"),
        "accept_form": AcceptForm(
            auto_id="accept_%s", initial={"cause": found.cause}, currency=found.line.statement.currency
        ),
        "refuse_form": RefuseForm(auto_id="refuse_%s", initial={"cause": found.cause}),
    }
    return render(request, "incentives/dispute.html", context)


def _own_line(request: HttpRequest, line_id: int) -> PayLine:
    mine = scope_of(request.user, Permission.DISPUTE_RAISE).people("person")
    rows = PayLine.objects.visible_to(request.user).filter(mine).select_related("run__period", "statement")
    return get_object_or_404(rows, pk=line_id)


def _frame(line: PayLine) -> Frame:
    title = _("Question “%(line)s”, %(period)s") % {
        "line": line_label(line, line.label),
        "period": line.run.period.code,
    }
    back = reverse("incentives:statement", args=[line.statement_id])
    return Frame(title, reverse("incentives:dispute_ask", args=[line.pk]), cancel_url=back)


@page(Permission.DISPUTE_RAISE)
@no_store
def question(request: HttpRequest, line_id: int) -> HttpResponse:
    """Ask what is wrong with a line of one's own statement."""
    return show_form(request, QuestionForm(), _frame(_own_line(request, line_id)))


@action(Permission.DISPUTE_RAISE)
def ask(request: HttpRequest, line_id: int) -> HttpResponse:
    """Question a line."""
    line = _own_line(request, line_id)

    def save(data: dict[str, Any]) -> Dispute:
        return services.raise_dispute(line_id=line.pk, text=data["text"], by=request.user, at=clock.now())

    return submit_form(
        request,
        QuestionForm(request.POST),
        _frame(line),
        save,
        done=lambda made: _("Sent. You have an answer by %(day)s.") % {"day": formatting.day(made.due_on)},
        go_to=lambda made: reverse("incentives:dispute", args=[made.pk]),
    )


def _act(
    request: HttpRequest,
    dispute_id: int,
    permission: Permission,
    service: Callable[..., Any],
    done: str,
    form: Any = None,
) -> HttpResponse:
    found = get_object_or_404(Dispute.objects.permitting(request.user, permission), pk=dispute_id)
    if form is not None and not form.is_valid():
        raise DomainError(" ".join(sentence for _id, _label, sentence in form.problems), code="invalid")
    data = form.cleaned_data if form is not None else {}

    def act() -> str:
        service(dispute_id=found.pk, by=request.user, at=clock.now(), **data)
        messages.success(request, done)
        return reverse("incentives:dispute", args=[found.pk])

    return htmx.go(request, sent_once(request, act))


@action(Permission.DISPUTE_RAISE)
def write(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Write into a dispute as the payee or their manager."""
    form = WriteForm(request.POST)
    return _act(request, dispute_id, Permission.DISPUTE_RAISE, services.comment_dispute, _("Sent."), form)


@action(Permission.DISPUTE_RAISE)
def withdraw(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Take one's own question back."""
    done = _("You took your question back.")
    return _act(request, dispute_id, Permission.DISPUTE_RAISE, services.withdraw_dispute, done)


@action(Permission.DISPUTE_DECIDE)
def take(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Take a dispute over."""
    done = _("It is yours now.")
    return _act(request, dispute_id, Permission.DISPUTE_DECIDE, services.take_dispute, done)


@action(Permission.DISPUTE_DECIDE)
def answer(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Answer the payee."""
    form = WriteForm(request.POST)
    done = _("Answered. The payee is told.")
    return _act(request, dispute_id, Permission.DISPUTE_DECIDE, services.answer_dispute, done, form)


@action(Permission.DISPUTE_DECIDE)
def accept(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Agree with the payee and ask for the correction."""
    form = AcceptForm(request.POST)
    done = _("Accepted. A second person must now approve the adjustment.")
    return _act(request, dispute_id, Permission.DISPUTE_DECIDE, services.accept_dispute, done, form)


@action(Permission.DISPUTE_DECIDE)
def refuse(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Stand by the line."""
    form = RefuseForm(request.POST)
    done = _("Refused. The payee reads why.")
    return _act(request, dispute_id, Permission.DISPUTE_DECIDE, services.refuse_dispute, done, form)


@page(Permission.RUN_VIEW)
@no_store
def report(request: HttpRequest) -> HttpResponse:
    """Show what disputes were about: count, share and days to close by cause, plan and component."""
    today = clock.today()
    form = SpanForm(request.GET or None)
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    until = given.get("until") or today
    since = given.get("since") or until - _YEAR
    found = selectors.dispute_report(request.user, since, until + dt.timedelta(days=1))
    causes = found.groups[0][1]
    chart = charts.bar(
        _("Disputes by root cause"),
        [one.label for one in causes],
        [charts.Series(_("Disputes"), [one.count for one in causes], tone="accent")],
        format="number",
        height="sm",
    )
    context = {
        "found": found,
        "chart": chart if causes else None,
        "since": since,
        "until": until,
        "form": SpanForm(initial={"since": since, "until": until}),
    }
    return render(request, "incentives/dispute_report.html", context)
