"""The side sheets of a strategy: objectives, initiatives, participants, cadence, progress."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.strategy import services
from apps.strategy.forms import CadenceForm, InitiativeForm, NoteForm, ObjectiveForm, ParticipantsForm
from apps.strategy.models import Initiative, Objective, ReviewCadence, Strategy
from apps.strategy.views.access import joined, steered, steered_initiative, steered_objective
from apps.ui import htmx
from apps.ui.submitting import Frame, show_form, submit_form


def _page_url(strategy_id: int) -> str:
    return reverse("strategy:strategy", args=[strategy_id])


def _frame(title: str, name: str, pk: int, strategy_id: int) -> Frame:
    return Frame(title, reverse(f"strategy:{name}", args=[pk]), _page_url(strategy_id))


# -- objectives ----------------------------------------------------------------------------------


def _objective_form(
    request: HttpRequest,
    strategy: Strategy,
    objective: Objective | None = None,
    data: Any = None,
) -> ObjectiveForm:
    initial = {}
    if objective is not None:
        names = ("title", "weight", "measure", "goal_value")
        initial = {name: getattr(objective, name) for name in names}
        initial |= {name: getattr(objective, f"{name}_id") for name in ("owner", "target", "period", "unit")}
    return ObjectiveForm(
        data,
        user=request.user,
        today=clock.today(),
        strategy=strategy,
        objective=objective,
        initial=initial,
    )


def _objective_data(data: dict) -> dict[str, Any]:
    def id_of(name: str) -> int | None:
        return data[name].pk if data[name] else None

    return {
        "title": data["title"],
        "owner_id": id_of("owner"),
        "weight": data["weight"],
        "target_id": id_of("target"),
        "measure": data["measure"],
        "goal_value": data["goal_value"],
        "period_id": id_of("period"),
        "unit_id": id_of("unit"),
    }


@page(Permission.STRATEGY_VIEW)
def new_objective(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Ask for an objective."""
    found = steered(request, strategy_id)
    return show_form(
        request,
        _objective_form(request, found),
        _frame(_("New objective"), "add_objective", found.pk, found.pk),
    )


@action(Permission.STRATEGY_VIEW)
def add_objective(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Add an objective."""
    found = steered(request, strategy_id)
    return submit_form(
        request,
        _objective_form(request, found, data=request.POST),
        _frame(_("New objective"), "add_objective", found.pk, found.pk),
        lambda data: services.add_objective(strategy_id=found.pk, **_objective_data(data)),
        done=_("The objective is added."),
        go_to=_page_url(found.pk),
    )


@page(Permission.STRATEGY_VIEW)
def edit_objective(request: HttpRequest, objective_id: int) -> HttpResponse:
    """Ask what changes in an objective."""
    one = steered_objective(request, objective_id)
    return show_form(
        request,
        _objective_form(request, one.strategy, one),
        _frame(_("Change objective"), "change_objective", one.pk, one.strategy_id),
    )


@action(Permission.STRATEGY_VIEW)
def change_objective(request: HttpRequest, objective_id: int) -> HttpResponse:
    """Change an objective."""
    one = steered_objective(request, objective_id)
    return submit_form(
        request,
        _objective_form(request, one.strategy, one, request.POST),
        _frame(_("Change objective"), "change_objective", one.pk, one.strategy_id),
        lambda data: services.change_objective(objective_id=one.pk, **_objective_data(data)),
        done=_("Saved."),
        go_to=_page_url(one.strategy_id),
    )


@action(Permission.STRATEGY_VIEW)
def remove_objective(request: HttpRequest, objective_id: int) -> HttpResponse:
    """Take an objective out of a draft."""
    one = steered_objective(request, objective_id)
    services.remove_objective(objective_id=one.pk)
    messages.success(request, _("The objective is gone."))
    return htmx.go(request, _page_url(one.strategy_id))


# -- initiatives ---------------------------------------------------------------------------------


@page(Permission.STRATEGY_VIEW)
def new_initiative(request: HttpRequest, objective_id: int) -> HttpResponse:
    """Ask for a piece of work."""
    one = steered_objective(request, objective_id)
    form = InitiativeForm(today=clock.today(), initial={"owner": one.owner_id})
    return show_form(request, form, _frame(_("New initiative"), "add_initiative", one.pk, one.strategy_id))


@action(Permission.STRATEGY_VIEW)
def add_initiative(request: HttpRequest, objective_id: int) -> HttpResponse:
    """Add a piece of work."""
    one = steered_objective(request, objective_id)
    return submit_form(
        request,
        InitiativeForm(request.POST, today=clock.today()),
        _frame(_("New initiative"), "add_initiative", one.pk, one.strategy_id),
        lambda data: services.add_initiative(
            objective_id=one.pk, title=data["title"], owner_id=data["owner"].pk, due_on=data["due_on"]
        ),
        done=_("The initiative is added."),
        go_to=_page_url(one.strategy_id),
    )


def _initiative_frame(one: Initiative) -> Frame:
    return _frame(_("Change initiative"), "change_initiative", one.pk, one.strategy_id)


@page(Permission.STRATEGY_VIEW)
def edit_initiative(request: HttpRequest, initiative_id: int) -> HttpResponse:
    """Ask what changes in a piece of work."""
    one = steered_initiative(request, initiative_id)
    initial = {"title": one.title, "owner": one.owner_id, "due_on": one.due_on, "status": one.status}
    form = InitiativeForm(today=clock.today(), with_status=True, initial=initial)
    return show_form(request, form, _initiative_frame(one))


@action(Permission.STRATEGY_VIEW)
def change_initiative(request: HttpRequest, initiative_id: int) -> HttpResponse:
    """Change a piece of work."""
    one = steered_initiative(request, initiative_id)
    return submit_form(
        request,
        InitiativeForm(request.POST, today=clock.today(), with_status=True),
        _initiative_frame(one),
        lambda data: services.change_initiative(
            initiative_id=one.pk,
            title=data["title"],
            owner_id=data["owner"].pk,
            due_on=data["due_on"],
            status=data["status"],
            on=clock.today(),
        ),
        done=_("Saved."),
        go_to=_page_url(one.strategy_id),
    )


# -- participants, cadence, progress -------------------------------------------------------------


@page(Permission.STRATEGY_VIEW)
def participants(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Ask who takes part."""
    found = steered(request, strategy_id)
    people = list(found.participants.order_by("pk").values_list("person_id", flat=True))
    form = ParticipantsForm(today=clock.today(), initial={"people": people})
    return show_form(request, form, _frame(_("Participants"), "set_participants", found.pk, found.pk))


@action(Permission.STRATEGY_VIEW)
def set_participants(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Say who takes part."""
    found = steered(request, strategy_id)
    return submit_form(
        request,
        ParticipantsForm(request.POST, today=clock.today()),
        _frame(_("Participants"), "set_participants", found.pk, found.pk),
        lambda data: services.set_participants(
            strategy_id=found.pk, person_ids=[person.pk for person in data["people"]]
        ),
        done=_("Saved."),
        go_to=_page_url(found.pk),
    )


@page(Permission.STRATEGY_VIEW)
def cadence(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Ask how often a strategy is reviewed."""
    found = steered(request, strategy_id)
    kept = ReviewCadence.objects.filter(strategy=found).first()
    initial = {"first_on": max(found.valid.lower, clock.today())}
    if kept is not None:
        initial = {"rhythm": kept.rhythm, "every": kept.every, "first_on": kept.first_on}
    return show_form(
        request,
        CadenceForm(initial=initial),
        _frame(_("Review cadence"), "set_cadence", found.pk, found.pk),
    )


@action(Permission.STRATEGY_VIEW)
def set_cadence(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Say how often a strategy is reviewed."""
    found = steered(request, strategy_id)
    return submit_form(
        request,
        CadenceForm(request.POST),
        _frame(_("Review cadence"), "set_cadence", found.pk, found.pk),
        lambda data: services.set_cadence(
            strategy_id=found.pk,
            rhythm=data["rhythm"],
            every=data["every"],
            first_on=data["first_on"],
            on=clock.today(),
        ),
        done=_("The reviews are dated."),
        go_to=_page_url(found.pk),
    )


@page(Permission.STRATEGY_VIEW)
def new_note(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Ask how it goes."""
    found = joined(request, strategy_id)
    return show_form(
        request,
        NoteForm(strategy=found),
        _frame(_("Report progress"), "add_note", found.pk, found.pk),
    )


@action(Permission.STRATEGY_VIEW)
def add_note(request: HttpRequest, strategy_id: int) -> HttpResponse:
    """Write into the progress log."""
    found = joined(request, strategy_id)
    return submit_form(
        request,
        NoteForm(request.POST, strategy=found),
        _frame(_("Report progress"), "add_note", found.pk, found.pk),
        lambda data: services.note_progress(
            strategy_id=found.pk,
            text=data["text"],
            outlook=data["outlook"],
            objective_id=data["objective"].pk if data["objective"] else None,
            by=request.user,
            at=clock.now(),
        ),
        done=_("Noted."),
        go_to=_page_url(found.pk),
    )
