"""Pages of an import: files, columns, check, run, take back."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.errors import DomainError
from apps.integrations import selectors, services
from apps.integrations.columns import ColumnsForm
from apps.integrations.forms import LeaveOutForm, UndoForm, UploadForm, ValuesForm
from apps.integrations.models import ImportRun, ImportState
from apps.integrations.services.starting import InvalidUpload
from apps.integrations.services.working import is_long
from apps.integrations.tables import ImportTable
from apps.ui import tables
from apps.ui.tables import csv_response


@page(Permission.IMPORT_RUN)
def imports(request: HttpRequest) -> HttpResponse:
    """Show the reader's imports."""
    table = ImportTable(request, selectors.imports_of(request.user))
    return tables.respond(request, table, "integrations/imports.html")


@page(Permission.IMPORT_RUN)
def new(request: HttpRequest) -> HttpResponse:
    """Ask for the files."""
    form = UploadForm(initial={"since": selectors.first_day(clock.today()), "name": selectors.company_name()})
    return _upload_page(request, form)


@action(Permission.IMPORT_RUN)
def create(request: HttpRequest) -> HttpResponse:
    """Keep the files and go on to their columns."""
    form = UploadForm(request.POST, request.FILES)
    if form.is_valid():
        data = form.cleaned_data
        try:
            run = services.start_import(
                name=data["name"],
                uploads=data["files"],
                currency=data["currency"],
                since=data["since"],
                mapping_text=data["mapping"],
                by=request.user,
            )
        except DomainError as error:
            # A mapping file's problems name places inside it, which are no fields of this form.
            form.apply_domain_error(error if isinstance(error, InvalidUpload) else DomainError(str(error)))
        else:
            return redirect("integrations:import" if data["mapping"] else "integrations:columns", pk=run.pk)
    return _upload_page(request, form, status=422)


def _upload_page(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    context = {"form": form, "breadcrumb": _crumbs((_("New import"), ""))}
    return render(request, "integrations/new.html", context, status=status)


@page(Permission.IMPORT_RUN)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show where an import stands and what is next."""
    run = _run(request, pk)
    context = {
        "run": run,
        "breadcrumb": _crumbs((run.name, "")),
        "steps": _steps(run, "import"),
        "counts": selectors.counts(run),
        "notes": selectors.notes(run),
        "problems": selectors.other_problems(run),
        "values": ValuesForm(run) if run.state == ImportState.CHECKED else None,
        "undone": selectors.undone(run),
        "task_url": reverse("events:task", args=[run.task_id]) if run.task_id and run.is_busy else "",
    }
    return render(request, "integrations/import.html", context)


@page(Permission.IMPORT_RUN)
def state(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell a waiting page whether the worker has finished."""
    response = HttpResponse(status=204)
    if not _run(request, pk).is_busy:
        response["HX-Refresh"] = "true"
    return response


@page(Permission.IMPORT_RUN)
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask which column means what; the address may carry choices made so far."""
    run = _run(request, pk)
    if not run.can_edit:
        return redirect("integrations:import", pk=run.pk)
    form = ColumnsForm(run, selectors.samples(run), given=request.GET.dict())
    return _columns_page(request, run, form)


@action(Permission.IMPORT_RUN)
def columns_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the mapping and check the import."""
    run = _run(request, pk)
    form = ColumnsForm(run, selectors.samples(run), data=request.POST)
    if form.is_valid():
        try:
            services.set_mapping(run_id=run.pk, version=form.cleaned_data["version"], mapping=form.mapping())
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            return _check(request, run)
    return _columns_page(request, run, form, status=422)


def _columns_page(request: HttpRequest, run: ImportRun, form: ColumnsForm, status: int = 200) -> HttpResponse:
    context = {
        "run": run,
        "form": form,
        "steps": _steps(run, "columns"),
        "breadcrumb": _crumbs((run.name, reverse("integrations:import", args=[run.pk])), (_("Columns"), "")),
    }
    return render(request, "integrations/columns.html", context, status=status)


@action(Permission.IMPORT_RUN)
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the import as it is mapped now."""
    return _check(request, _run(request, pk))


@action(Permission.IMPORT_RUN)
def values(request: HttpRequest, pk: int) -> HttpResponse:
    """Read unknown values as known ones and check again."""
    run = _run(request, pk)
    form = ValuesForm(run, request.POST)
    if not form.is_valid():
        raise DomainError(_("Choose one of the values offered."))
    services.fix_values(run_id=run.pk, version=form.cleaned_data["version"], values=form.values())
    return _check(request, run)


@action(Permission.IMPORT_RUN)
def leave_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide what becomes of rows with problems."""
    run = _run(request, pk)
    form = LeaveOutForm(request.POST)
    if not form.is_valid():
        raise DomainError(_("Load the page again."))
    services.leave_out_bad_rows(
        run_id=run.pk, version=form.cleaned_data["version"], leave_out=form.cleaned_data["leave_out"]
    )
    return _to(run)


@action(Permission.IMPORT_RUN)
def execute(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the import written."""
    run = _run(request, pk)
    services.request_run(run_id=run.pk, by=request.user, url=_url(run))
    return _to(run)


@action(Permission.IMPORT_RUN)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the import taken back."""
    run = _run(request, pk)
    form = UndoForm(request.POST)
    if not form.is_valid():
        raise DomainError(_("Write in a few words why the import is taken back."))
    services.request_undo(run_id=run.pk, by=request.user, reason=form.cleaned_data["reason"], url=_url(run))
    return _to(run)


@page(Permission.IMPORT_RUN)
def problems(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the problems as a file."""
    run = _run(request, pk)
    header = [_("File"), _("Row"), _("Column"), _("Value"), _("Problem"), _("Suggestion")]
    return csv_response(f"import-{run.pk}-problems.csv", header, selectors.problem_rows(run))


@page(Permission.IMPORT_RUN)
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand out the mapping as a file for the next time."""
    run = _run(request, pk)
    response = HttpResponse(selectors.mapping_text(run), content_type="application/yaml; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, "mapping.yml")
    return response


def _check(request: HttpRequest, run: ImportRun) -> HttpResponse:
    if is_long(run):
        services.request_check(run_id=run.pk, by=request.user, url=_url(run))
        return _to(run)
    checked = services.check_import(run_id=run.pk, today=clock.today())
    if checked.report.get("errors"):
        messages.warning(request, _("Checked. Some rows need you."))
    return _to(run)


def _run(request: HttpRequest, pk: int) -> ImportRun:
    return get_object_or_404(ImportRun.objects.visible_to(request.user).select_related("task"), pk=pk)


def _url(run: ImportRun) -> str:
    return reverse("integrations:import", args=[run.pk])


def _to(run: ImportRun) -> HttpResponse:
    return redirect("integrations:import", pk=run.pk)


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("Imports"), reverse("integrations:imports")), *more]


def _steps(run: ImportRun, here: str) -> list[dict[str, Any]]:
    """Return the path of an import: what is done, where it stands."""
    done = {ImportState.DONE, ImportState.UNDOING, ImportState.UNDONE}
    ready = done | {ImportState.RUNNING}
    checked = ready | {ImportState.CHECKED}
    now = "columns" if here == "columns" else _standing(run, checked, ready, done)
    names: Iterable[tuple[str, str, bool]] = (
        ("files", _("Files"), True),
        ("columns", _("Columns"), here != "columns"),
        ("check", _("Check"), run.state in checked and here != "columns"),
        ("import", _("Import"), run.state in done),
    )
    return [
        {"label": label, "state": "now" if code == now else "done" if is_done else "later"}
        for code, label, is_done in names
    ]


def _standing(
    run: ImportRun, checked: set[ImportState], ready: set[ImportState], done: set[ImportState]
) -> str:
    if run.state in done:
        return ""
    return "import" if run.state in checked | ready else "check"
