"""Products and prices, sales processes and reasons."""

from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.core import clock
from apps.core.names import in_words
from apps.pipeline import services
from apps.pipeline.enums import DealState
from apps.pipeline.forms import NewProcessForm, PriceForm, ProcessForm, ProductForm, ReasonForm, StageForm
from apps.pipeline.models import OutcomeReason, Price, Product, SalesProcess, Stage
from apps.pipeline.tables import ProductTable
from apps.ui import htmx
from apps.ui.submitting import Frame, show_form, submit_form
from apps.ui.tables import respond


@page(Permission.DEAL_VIEW)
def products(request: HttpRequest) -> HttpResponse:
    """Show products with their list prices of today."""
    current = Price.objects.on(clock.today()).filter(product=OuterRef("pk")).order_by("currency", "pk")
    rows = Product.objects.visible_to(request.user).annotate(
        price=Subquery(current.values("amount")[:1]), price_currency=Subquery(current.values("currency")[:1])
    )
    context = {"may_edit": may(request.user, Permission.PROCESS_EDIT)}  # type: ignore[arg-type]  # signed in
    return respond(request, ProductTable(request, rows), "pipeline/products.html", context)


@page(Permission.DEAL_VIEW)
def product(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one product and its prices over time."""
    found = get_object_or_404(Product.objects.visible_to(request.user), pk=pk)
    context = {
        "product": found,
        "prices": list(found.prices.order_by("currency", "-valid")),
        "today": clock.today(),
        "may_edit": may(request.user, Permission.PROCESS_EDIT),  # type: ignore[arg-type]  # signed in
    }
    return render(request, "pipeline/product.html", context)


@page(Permission.PROCESS_EDIT)
def product_new(request: HttpRequest) -> HttpResponse:
    """Show the form for a product."""
    return show_form(request, ProductForm(), _new_product())


@action(Permission.PROCESS_EDIT)
def product_create(request: HttpRequest) -> HttpResponse:
    """Create a product."""

    def save(data: dict[str, Any]) -> Product:
        kept = {name: data[name] for name in ("code", "name", "series", "description")}
        return services.create_product(**kept)

    form = ProductForm(request.POST)
    done = _("Product created.")
    return submit_form(request, form, _new_product(), save, done=done, go_to=_product_url)


@page(Permission.PROCESS_EDIT)
def product_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of a product."""
    found = get_object_or_404(Product, pk=pk)
    fields = ("code", "name", "series", "description", "retired_on", "version")
    form = ProductForm(initial={name: getattr(found, name) for name in fields})
    return show_form(request, form, _frame(_("Edit “%(name)s”"), found, "pipeline:product_save"))


@action(Permission.PROCESS_EDIT)
def product_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save a product."""
    found = get_object_or_404(Product, pk=pk)

    def save(data: dict[str, Any]) -> Product:
        version = data.pop("version")
        return services.update_product(product_id=pk, version=version or 0, changes=data)

    frame = _frame(_("Edit “%(name)s”"), found, "pipeline:product_save")
    form = ProductForm(request.POST)
    return submit_form(request, form, frame, save, done=_("Product saved."), go_to=_product_url)


@page(Permission.PROCESS_EDIT)
def price_form(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form for a price."""
    found = get_object_or_404(Product, pk=pk)
    form = PriceForm(initial={"from_day": clock.today()})
    return show_form(request, form, _frame(_("Price of “%(name)s”"), found, "pipeline:price_set"))


@action(Permission.PROCESS_EDIT)
def price_set(request: HttpRequest, pk: int) -> HttpResponse:
    """Set a list price."""
    found = get_object_or_404(Product, pk=pk)

    def save(data: dict[str, Any]) -> Price:
        return services.set_price(product_id=pk, **data)

    frame = _frame(_("Price of “%(name)s”"), found, "pipeline:price_set")
    url = _product_url(found)
    return submit_form(request, PriceForm(request.POST), frame, save, done=_("Price set."), go_to=url)


@page(Permission.PROCESS_EDIT)
def processes(request: HttpRequest) -> HttpResponse:
    """Show the sales processes with their stages, exit criteria and reasons."""
    rows = SalesProcess.objects.visible_to(request.user).order_by("-is_default", "name", "pk")
    reasons = list(OutcomeReason.objects.filter(retired_on__isnull=True).order_by("kind", "order", "pk"))
    context = {
        "processes": [_with_stages(row) for row in rows.prefetch_related("stages__gates")],
        "won_reasons": [row for row in reasons if row.kind == DealState.WON],
        "lost_reasons": [row for row in reasons if row.kind == DealState.LOST],
    }
    return render(request, "pipeline/processes.html", context)


@page(Permission.PROCESS_EDIT)
def process_new(request: HttpRequest) -> HttpResponse:
    """Show the form for a process."""
    return show_form(request, NewProcessForm(initial={"name": _("Sales")}), _new_process())


@action(Permission.PROCESS_EDIT)
def process_create(request: HttpRequest) -> HttpResponse:
    """Create a process with the proposed stages."""

    def save(data: dict[str, Any]) -> SalesProcess:
        return services.propose_process(**data)

    form = NewProcessForm(request.POST)
    return submit_form(request, form, _new_process(), save, done=_("Process created."), go_to=_processes())


@page(Permission.PROCESS_EDIT)
def process_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of a process."""
    found = get_object_or_404(SalesProcess, pk=pk)
    fields = ("name", "description", "allows_skip", "allows_back")
    form = ProcessForm(initial={name: getattr(found, name) for name in fields})
    return show_form(request, form, _frame(_("Edit “%(name)s”"), found, "pipeline:process_save"))


@action(Permission.PROCESS_EDIT)
def process_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save a process."""
    found = get_object_or_404(SalesProcess, pk=pk)
    frame = _frame(_("Edit “%(name)s”"), found, "pipeline:process_save")
    form = ProcessForm(request.POST)

    def save(data: dict[str, Any]) -> SalesProcess:
        return services.update_process(process_id=pk, **data)

    return submit_form(request, form, frame, save, done=_("Process saved."), go_to=_processes())


@page(Permission.PROCESS_EDIT)
def stage_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form for a stage."""
    found = get_object_or_404(SalesProcess, pk=pk)
    return show_form(request, StageForm(), _frame(_("New stage in “%(name)s”"), found, "pipeline:stage_add"))


@action(Permission.PROCESS_EDIT)
def stage_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a stage."""
    found = get_object_or_404(SalesProcess, pk=pk)

    def save(data: dict[str, Any]) -> Stage:
        made = services.add_stage(process_id=pk, name=data["name"], probability=data["probability"])
        return services.update_stage(stage_id=made.pk, **data)

    frame = _frame(_("New stage in “%(name)s”"), found, "pipeline:stage_add")
    form = StageForm(request.POST)
    return submit_form(request, form, frame, save, done=_("Stage added."), go_to=_processes())


@page(Permission.PROCESS_EDIT)
def stage_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form of a stage."""
    found = get_object_or_404(Stage, pk=pk)
    gates = list(found.gates.order_by("pk").values_list("field", flat=True))
    values = {name: getattr(found, name) for name in ("name", "probability", "guidance")}
    form = StageForm(initial={**values, "gates": gates})
    return show_form(request, form, _frame(_("Edit “%(name)s”"), found, "pipeline:stage_save"))


@action(Permission.PROCESS_EDIT)
def stage_save(request: HttpRequest, pk: int) -> HttpResponse:
    """Save a stage."""
    found = get_object_or_404(Stage, pk=pk)

    def save(data: dict[str, Any]) -> Stage:
        return services.update_stage(stage_id=pk, **data)

    frame = _frame(_("Edit “%(name)s”"), found, "pipeline:stage_save")
    form = StageForm(request.POST)
    return submit_form(request, form, frame, save, done=_("Stage saved."), go_to=_processes())


@action(Permission.PROCESS_EDIT)
def stage_shift(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a stage up or down."""
    found = get_object_or_404(Stage, pk=pk)
    services.shift_stage(stage_id=found.pk, up=request.POST.get("up") == "1")
    return htmx.go(request, _processes())


@action(Permission.PROCESS_EDIT)
def stage_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a stage that was never used."""
    found = get_object_or_404(Stage, pk=pk)
    services.remove_stage(stage_id=found.pk)
    return htmx.go(request, _processes())


@page(Permission.PROCESS_EDIT)
def reason_new(request: HttpRequest) -> HttpResponse:
    """Show the form for a reason."""
    return show_form(request, ReasonForm(), _reason_frame())


@action(Permission.PROCESS_EDIT)
def reason_add(request: HttpRequest) -> HttpResponse:
    """Add a reason for winning or losing."""

    def save(data: dict[str, Any]) -> OutcomeReason:
        return services.add_reason(**data)

    form = ReasonForm(request.POST)
    return submit_form(request, form, _reason_frame(), save, done=_("Reason added."), go_to=_processes())


def _with_stages(process: SalesProcess) -> dict[str, object]:
    return {"process": process, "stages": sorted(process.stages.all(), key=lambda stage: stage.order)}


def _processes() -> str:
    return reverse("pipeline:processes")


def _product_url(found: Product) -> str:
    return reverse("pipeline:product", args=[found.pk])


def _new_product() -> Frame:
    return Frame(_("New product"), reverse("pipeline:product_create"), reverse("pipeline:products"))


def _new_process() -> Frame:
    return Frame(_("New sales process"), reverse("pipeline:process_create"), _processes())


def _reason_frame() -> Frame:
    return Frame(_("New reason"), reverse("pipeline:reason_add"), _processes())


def _frame(title: str, found: Product | SalesProcess | Stage, url_name: str) -> Frame:
    back = _product_url(found) if isinstance(found, Product) else _processes()
    return Frame(title % {"name": in_words(found.name)}, reverse(url_name, args=[found.pk]), back)
