"""Writing the parts of an evaluation, calibrating, approving, confirming."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.errors import DomainError
from apps.reviews import forms, selectors, services
from apps.reviews.enums import Stage
from apps.reviews.models import Evaluation
from apps.reviews.views.evaluations import summary_of, with_people
from apps.ui import htmx
from apps.ui.forms import Form


def _own(request: HttpRequest, evaluation_id: int, stage: Stage) -> Evaluation:
    rows = Evaluation.objects.own(request.user).filter(stage=stage)  # type: ignore[arg-type]  # signed in
    return get_object_or_404(with_people(rows), pk=evaluation_id)


def _permitted(request: HttpRequest, evaluation_id: int, permission: Permission) -> Evaluation:
    rows = Evaluation.objects.permitting(request.user, permission)  # type: ignore[arg-type]  # signed in
    return get_object_or_404(with_people(rows), pk=evaluation_id)


def _kept(response: HttpResponse) -> HttpResponse:
    """No cache on the way may keep what is written about people."""
    response["Cache-Control"] = "no-store, private"
    return response


@page(Permission.REVIEW_VIEW)
def self_part(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """The person's figures and the form for their own words."""
    row = _own(request, evaluation_id, Stage.SELF)
    return _self_page(request, row, forms.SelfForm(initial=forms.self_initial(row)), 200)


@action(Permission.REVIEW_VIEW)
def self_save(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """Keep or sign the self part, as the button says."""
    row = _own(request, evaluation_id, Stage.SELF)
    form = forms.SelfForm(request.POST)
    if not form.is_valid():
        return _self_page(request, row, form, 422)
    signs = request.POST.get("act") != "keep"
    try:
        if signs:
            services.submit_self(evaluation_id=row.pk, at=clock.now(), **form.cleaned_data)
        else:
            services.save_self(evaluation_id=row.pk, **form.cleaned_data)
    except DomainError as error:
        form.apply_domain_error(error)
        return _self_page(request, row, form, 409)
    text = _("Signed. Your manager takes over.") if signs else _("Draft kept.")
    url = reverse("reviews:mine") if signs else reverse("reviews:self", args=[row.pk])
    return htmx.toast(htmx.go(request, url), text)


def _self_page(request: HttpRequest, row: Evaluation, form: Form, status: int) -> HttpResponse:
    context = {
        "evaluation": row,
        "form": form,
        "cards": selectors.scorecard(row),
        "action_url": reverse("reviews:self_save", args=[row.pk]),
    }
    return _kept(render(request, "reviews/self.html", context, status=status))


@page(Permission.REVIEW_EDIT)
def assess(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """The scorecard, the person's words and the manager's form."""
    row = _permitted(request, evaluation_id, Permission.REVIEW_EDIT)
    if row.stage != Stage.MANAGER:
        return _kept(htmx.go(request, reverse("reviews:evaluation", args=[row.pk])))
    return _assess_page(request, row, forms.AssessForm(initial=forms.assess_initial(row)), 200)


@action(Permission.REVIEW_EDIT)
def assess_save(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """Keep or sign the manager's part, as the button says."""
    row = _permitted(request, evaluation_id, Permission.REVIEW_EDIT)
    form = forms.AssessForm(request.POST)
    if not form.is_valid():
        return _assess_page(request, row, form, 422)
    signs = request.POST.get("act") != "keep"
    written = {key: form.cleaned_data[key] for key in ("version", "rating", "strengths", "growth", "summary")}
    written |= {"goals": form.goals, "by": request.user}
    try:
        if signs:
            services.submit_assessment(evaluation_id=row.pk, at=clock.now(), **written)
        else:
            services.save_assessment(evaluation_id=row.pk, **written)
    except DomainError as error:
        form.apply_domain_error(error)
        return _assess_page(request, row, form, 409)
    text = _("Assessment signed.") if signs else _("Draft kept.")
    name = "evaluation" if signs else "assess"
    return htmx.toast(htmx.go(request, reverse(f"reviews:{name}", args=[row.pk])), text)


def _assess_page(request: HttpRequest, row: Evaluation, form: Form, status: int) -> HttpResponse:
    context = {
        **summary_of(row),
        "form": form,
        "cards": selectors.scorecard(row),
        "returned": row.changes.filter(kind="returned").select_related("by").order_by("-at").first(),
        "action_url": reverse("reviews:assess_save", args=[row.pk]),
    }
    return _kept(render(request, "reviews/assess.html", context, status=status))


@dataclass(frozen=True)
class Sheet:
    """A short form about an evaluation in the side sheet: one permission, one service."""

    name: str
    title: Promise | str
    form: type[Form]
    permission: Permission
    find: Callable[[HttpRequest, int], Evaluation]
    perform: Callable[[Evaluation, dict[str, Any], Any], str]

    def urls(self) -> list[URLPattern]:
        """Return the page of the form and the action behind it."""
        route = f"<int:evaluation_id>/{self.name}/"
        return [
            path(route, page(self.permission)(self._show), name=self.name),
            path(f"{route}do/", action(self.permission)(self._save), name=f"{self.name}_do"),
        ]

    def _show(self, request: HttpRequest, evaluation_id: int) -> HttpResponse:
        row = self.find(request, evaluation_id)
        return self._answer(request, row, self.form(initial={"rating": row.rating}), 200)

    def _save(self, request: HttpRequest, evaluation_id: int) -> HttpResponse:
        row = self.find(request, evaluation_id)
        form = self.form(request.POST)
        if not form.is_valid():
            return self._answer(request, row, form, 422)
        try:
            text = self.perform(row, form.cleaned_data, request.user)
        except DomainError as error:
            form.apply_domain_error(error)
            return self._answer(request, row, form, 409)
        return htmx.toast(htmx.go(request, reverse("reviews:evaluation", args=[row.pk])), text)

    def _answer(self, request: HttpRequest, row: Evaluation, form: Form, status: int) -> HttpResponse:
        context = {
            "form": form,
            "title": str(self.title) % {"name": row.person.name},
            "action_url": reverse(f"reviews:{self.name}_do", args=[row.pk]),
        }
        return _kept(render(request, "ui/form_page.html", context, status=status))


def _in_calibration(request: HttpRequest, evaluation_id: int) -> Evaluation:
    return _permitted(request, evaluation_id, Permission.REVIEW_ADMIN)


def _shared_with_me(request: HttpRequest, evaluation_id: int) -> Evaluation:
    return _own(request, evaluation_id, Stage.SHARED)


def _calibrate(row: Evaluation, data: dict[str, Any], by: Any) -> str:
    services.calibrate(evaluation_id=row.pk, by=by, at=clock.now(), **data)
    return _("The rating is changed; the one before is kept with your reason.")


def _return(row: Evaluation, data: dict[str, Any], by: Any) -> str:
    services.return_to_manager(evaluation_id=row.pk, by=by, at=clock.now(), **data)
    return _("Returned to the manager.")


def _acknowledge(row: Evaluation, data: dict[str, Any], by: Any) -> str:
    services.acknowledge(evaluation_id=row.pk, at=clock.now(), **data)
    return _("Thank you. Your confirmation is recorded.")


SHEETS = (
    Sheet(
        "calibrate",
        gettext_lazy("Calibrate the rating of %(name)s"),
        forms.CalibrateForm,
        Permission.REVIEW_ADMIN,
        _in_calibration,
        _calibrate,
    ),
    Sheet(
        "return",
        gettext_lazy("Return the assessment of %(name)s"),
        forms.ReturnForm,
        Permission.REVIEW_ADMIN,
        _in_calibration,
        _return,
    ),
    Sheet(
        "acknowledge",
        gettext_lazy("Evaluation of %(name)s"),
        forms.AcknowledgeForm,
        Permission.REVIEW_VIEW,
        _shared_with_me,
        _acknowledge,
    ),
)


@action(Permission.REVIEW_ADMIN)
def approve(request: HttpRequest, evaluation_id: int) -> HttpResponse:
    """Approve one calibrated evaluation."""
    row = _in_calibration(request, evaluation_id)
    services.approve_evaluation(evaluation_id=row.pk, by=request.user, at=clock.now())  # type: ignore[arg-type]
    return htmx.toast(htmx.go(request, reverse("reviews:evaluation", args=[row.pk])), _("Approved."))
