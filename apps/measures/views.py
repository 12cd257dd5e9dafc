"""Pages about figures: the catalogue and "why?"."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.calendars import selectors as calendars
from apps.core import clock
from apps.measures import registry, selectors
from apps.measures.forms import FigureForm
from apps.measures.links import why_url
from apps.measures.tables import CreditTable
from apps.ui.tables import respond


@page(Permission.MEASURE_VIEW)
def catalogue(request: HttpRequest) -> HttpResponse:
    """List every measure with its definition and, in a fiscal year, the viewer's figure of this year."""
    try:
        year = calendars.period_of(clock.today(), "year")
    except calendars.MissingPeriod:
        bare = [{"measure": measure} for measure in registry.measures.values()]
        return render(request, "measures/catalogue.html", {"cards": bare, "year": None})
    cards = []
    for measure in registry.measures.values():
        row = selectors.value(measure.code, year.starts_on, year.ends_before, viewer=request.user)
        url = why_url(measure=measure.code, start=year.starts_on, end=year.ends_before)
        cards.append({"measure": measure, "row": row, "url": url})
    return render(request, "measures/catalogue.html", {"cards": cards, "year": year})


@page(Permission.MEASURE_VIEW)
def why(request: HttpRequest) -> HttpResponse:
    """Explain one figure: its formula, its inputs and the rows that add up to it."""
    form = FigureForm(request.GET)
    if not form.is_valid():
        return render(request, "measures/why_unclear.html", {"form": form}, status=422)
    arguments: dict[str, Any] = form.arguments()
    days = (form.cleaned_data["start"], form.cleaned_data["end"])
    try:
        found = selectors.explain(form.cleaned_data["measure"], *days, viewer=request.user, **arguments)
    except selectors.NotVisible as error:
        raise Http404 from error
    table = CreditTable(request, found.rows, found.measure, found.rows_total)
    context = {
        "found": found,
        "last_day": days[1] - dt.timedelta(days=1),
        "start": days[0],
        "about": _about(arguments),
        "inputs": [
            {"measure": measure, "amount": amount, "url": _input_url(measure.code, days, arguments)}
            for measure, amount in found.inputs
        ],
    }
    return respond(request, table, "measures/why.html", context)


def _about(arguments: dict[str, Any]) -> list[tuple[str, str]]:
    """Name what the figure is restricted to."""
    names = {
        "unit": _("Unit"),
        "person": _("Person"),
        "product": _("Product"),
        "account": _("Account"),
    }
    about = []
    for dimension, label in names.items():
        key = arguments[f"{dimension}_id"]
        if key is not None:
            about.append((label, selectors.labels(dimension, [key]).get(key, f"#{key}")))
    if arguments["structure"] == "as_is":
        about.append((_("Structure"), _("as it is")))
    return about


def _input_url(code: str, days: tuple[dt.date, dt.date], arguments: dict[str, Any]) -> str:
    return why_url(
        measure=code,
        start=days[0],
        end=days[1],
        unit=arguments["unit_id"],
        person=arguments["person_id"],
        product=arguments["product_id"],
        account=arguments["account_id"],
        structure=arguments["structure"],
        as_of=arguments["as_of"],
    )
