"""The document of a plan: as a page, as a PDF, confirmed by those it pays."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may, person_id_of
from apps.core import clock
from apps.incentives import services
from apps.incentives.models import PlanVersion
from apps.incentives.selectors import documents as selectors
from apps.incentives.selectors import plan_pages
from apps.incentives.tables import WaitingTable
from apps.incentives.views.plans import no_store
from apps.ui import htmx, pdf
from apps.ui.submitting import sent_once
from apps.ui.tables import respond


def _version(request: HttpRequest, version_id: int) -> PlanVersion:
    rows = PlanVersion.objects.visible_to(request.user).select_related("plan", "approved_by")
    return get_object_or_404(rows, pk=version_id)


@page(Permission.PLAN_VIEW)
@no_store
def document(request: HttpRequest, version_id: int) -> HttpResponse:
    """Show what a plan pays for, and let a payee confirm it."""
    version = _version(request, version_id)
    person_id = person_id_of(request.user)
    today = clock.today()
    paid = person_id is not None and person_id in selectors.payees_of(version, today)
    own = version.acknowledgements.filter(person=person_id).first() if person_id else None
    context = {
        "version": version,
        "paper": selectors.document_paper(version),
        "blocks": plan_pages.blocks_of(version.plan_document),
        "whole": plan_pages.whole_of(version.plan_document),
        "confirmed": own,
        "may_confirm": paid and own is None and may(request.user, Permission.PLAN_CONFIRM),
        "sees_others": may(request.user, Permission.RUN_VIEW),
    }
    return render(request, "incentives/document.html", context)


@page(Permission.PLAN_VIEW)
@no_store
def document_pdf(request: HttpRequest, version_id: int) -> HttpResponse:
    """Hand out the document of a plan as a PDF."""
    version = _version(request, version_id)
    content = pdf.render(selectors.document_paper(version))
    response = HttpResponse(content, content_type="application/pdf")
    name = f"plan-{version.plan.code}-{version.number}.pdf"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@action(Permission.PLAN_CONFIRM)
def confirm(request: HttpRequest, version_id: int) -> HttpResponse:
    """Confirm one's own plan."""
    found = get_object_or_404(
        PlanVersion.objects.permitting(request.user, Permission.PLAN_CONFIRM), pk=version_id
    )

    def save() -> str:
        services.confirm_plan(
            version_id=found.pk,
            document_hash=request.POST.get("document_hash", ""),
            by=request.user,
            at=clock.now(),
        )
        messages.success(request, _("Confirmed. The date and the fingerprint are kept."))
        return reverse("incentives:document", args=[found.pk])

    return htmx.go(request, sent_once(request, save))


@page(Permission.RUN_VIEW)
@no_store
def confirmations(request: HttpRequest, version_id: int) -> HttpResponse:
    """List who has not confirmed a version, and how many have."""
    version = _version(request, version_id)
    rows = selectors.people_waiting(version, clock.today(), request.user)
    context = {
        "version": version,
        "waiting": rows.count(),
        "confirmed": selectors.confirmations_of(version, request.user).count(),
        "recent": selectors.confirmations_of(version, request.user).order_by("-confirmed_at", "-pk")[:20],
    }
    return respond(request, WaitingTable(request, rows), "incentives/confirmations.html", context)
