"""What a deal would pay: asked on the deal's page, answered in its side sheet."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.errors import DomainError
from apps.incentives import services
from apps.incentives.forms import WhatIfForm
from apps.incentives.views.plans import no_store
from apps.pipeline.models import Opportunity


@page(Permission.STATEMENT_VIEW)
@no_store
def what_if(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Ask for how much and when a deal might close."""
    deal = _deal(request, deal_id)
    form = WhatIfForm(deal, initial={"amount": deal.amount, "closes_on": likely_day(deal, clock.today())})
    return _shown(request, deal, form, is_asked=False)


@action(Permission.STATEMENT_VIEW)
@no_store
def ask_what_if(request: HttpRequest, deal_id: int) -> HttpResponse:
    """Work out what a deal would pay; nothing is kept."""
    deal = _deal(request, deal_id)
    form = WhatIfForm(deal, request.POST)
    answer = None
    if form.is_valid():
        try:
            answer = _answer(request, deal, form.cleaned_data["amount"], form.cleaned_data["closes_on"])
        except DomainError as error:
            form.apply_domain_error(error)
    return _shown(request, deal, form, answer=answer, status=200 if answer else 422)


def likely_day(deal: Opportunity, today: dt.date) -> dt.date:
    """Return the day a deal is expected to close, today when that has passed."""
    return max(deal.expected_close_on or today, today)


def _answer(request: HttpRequest, deal: Opportunity, amount: Decimal, closes_on: dt.date) -> Any:
    return services.estimate_deal(
        deal=deal, viewer=request.user, today=clock.today(), closes_on=closes_on, amount=amount
    )


def _deal(request: HttpRequest, deal_id: int) -> Opportunity:
    return get_object_or_404(Opportunity.objects.visible_to(request.user).open(), pk=deal_id)


def _shown(
    request: HttpRequest,
    deal: Opportunity,
    form: WhatIfForm,
    *,
    answer: Any = None,
    is_asked: bool = True,
    status: int = 200,
) -> HttpResponse:
    context = {
        "deal": deal,
        "form": form,
        "answer": answer,
        "is_asked": is_asked,
        "action_url": reverse("incentives:what_if_ask", args=[deal.pk]),
        "cancel_url": reverse("pipeline:deal", args=[deal.pk]),
        "breadcrumb": [],
    }
    return render(request, "incentives/what_if.html", context, status=status)
