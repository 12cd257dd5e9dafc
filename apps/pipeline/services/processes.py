"""Editing sales processes, their stages, exit criteria and outcome reasons."""

from collections.abc import Collection
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.core.names import in_words
from apps.pipeline.enums import DealState, GateField
from apps.pipeline.models import Opportunity, OutcomeReason, SalesProcess, Stage, StageGate
from apps.pipeline.proposal import LOST, REASONS, STAGES, WON


class InvalidProcess(DomainError):
    """A name, a probability or the order does not fit."""


class StageInUse(DomainError):
    """Deals are or were in the stage."""


@requires_transaction
def create_process(*, code: str, name: str, is_default: bool = False) -> SalesProcess:
    """Create a process with a won and a lost stage. A new default replaces the old one."""
    if not code.strip() or not name.strip():
        raise InvalidProcess(_("Enter a code and a name."), fields={"name": _("Enter a name.")})
    advisory_lock("pipeline.processes")
    if SalesProcess.objects.filter(code=code.strip()).exists():
        text = _("Another sales process has this code.")
        raise InvalidProcess(text, fields={"code": text})
    if is_default:
        SalesProcess.objects.filter(is_default=True).update(is_default=False)
    process = SalesProcess.objects.create(code=code.strip(), name=name.strip(), is_default=is_default)
    Stage.objects.create(
        process=process, code="won", name=WON, order=900, kind=DealState.WON, probability=100
    )
    Stage.objects.create(
        process=process, code="lost", name=LOST, order=910, kind=DealState.LOST, probability=0
    )
    return process


@requires_transaction
def propose_process(*, name: str, code: str = "") -> SalesProcess:
    """Create a process with the stages the product proposes, and its reasons where there are none.

    The first process is the default one. Raises InvalidProcess.
    """
    number = SalesProcess.objects.count() + 1
    is_first = not SalesProcess.objects.filter(is_default=True).exists()
    process = create_process(code=code or f"process-{number}", name=name, is_default=is_first)
    for stage_code, stage_name, probability, gates in STAGES:
        chance = Decimal(probability)
        stage = add_stage(process_id=process.pk, name=stage_name, probability=chance, code=stage_code)
        update_stage(stage_id=stage.pk, name=stage_name, probability=chance, gates=gates)
    if not OutcomeReason.objects.exists():
        for kind, reason_code, reason_name, counts in REASONS:
            add_reason(kind=kind, name=reason_name, code=reason_code, counts=counts)
    return process


@requires_transaction
def update_process(
    *, process_id: int, name: str, allows_skip: bool, allows_back: bool, description: str = ""
) -> SalesProcess:
    """Change a process's name and its rules for skipping and going back."""
    [process] = lock_rows(SalesProcess.objects.filter(pk=process_id))
    if not name.strip():
        raise InvalidProcess(_("Enter a name."), fields={"name": _("Enter a name.")})
    process.name, process.description = name.strip(), description.strip()
    process.allows_skip, process.allows_back = allows_skip, allows_back
    process.save(update_fields=["name", "description", "allows_skip", "allows_back"])
    return process


@requires_transaction
def add_stage(*, process_id: int, name: str, probability: Decimal, code: str = "") -> Stage:
    """Add an open stage after the last open one. Raises InvalidProcess."""
    lock_rows(SalesProcess.objects.filter(pk=process_id))
    _check_stage(name, probability)
    stages = Stage.objects.filter(process_id=process_id)
    orders = list(stages.filter(kind=DealState.OPEN).order_by("order").values_list("order", flat=True))
    order = (orders[-1] if orders else 0) + 10
    taken = set(stages.order_by("pk").values_list("code", flat=True))
    wanted = code.strip() or f"stage-{order}"
    while wanted in taken:
        wanted += "-2"
    return Stage.objects.create(
        process_id=process_id, code=wanted, name=name.strip(), order=order, probability=probability
    )


@requires_transaction
def update_stage(
    *, stage_id: int, name: str, probability: Decimal, gates: Collection[str], guidance: str = ""
) -> Stage:
    """Change a stage's name, probability, guidance and exit criteria. Raises InvalidProcess."""
    [stage] = lock_rows(Stage.objects.filter(pk=stage_id))
    _check_stage(name, probability)
    unknown = set(gates) - set(GateField.values)
    if unknown:
        raise InvalidProcess(_("Choose exit criteria from the list."))
    stage.name, stage.guidance = name.strip(), guidance.strip()
    if stage.is_open:
        stage.probability = probability
    stage.save(update_fields=["name", "guidance", "probability"])
    stage.gates.exclude(field__in=gates).delete()
    StageGate.objects.bulk_create(
        [StageGate(stage=stage, field=field) for field in gates], ignore_conflicts=True
    )
    return stage


@requires_transaction
def shift_stage(*, stage_id: int, up: bool) -> Stage:
    """Swap an open stage with its open neighbour; at the end nothing moves."""
    known = Stage.objects.get(pk=stage_id)
    lock_rows(SalesProcess.objects.filter(pk=known.process_id))
    stages = list(Stage.objects.filter(process_id=known.process_id, kind=DealState.OPEN).order_by("order"))
    index = next((i for i, stage in enumerate(stages) if stage.pk == stage_id), None)
    other = None if index is None else index + (-1 if up else 1)
    if index is None or other is None or not 0 <= other < len(stages):
        return known
    first, second = stages[index], stages[other]
    first.order, second.order = second.order, first.order
    first.save(update_fields=["order"])
    second.save(update_fields=["order"])
    return first


@requires_transaction
def remove_stage(*, stage_id: int) -> None:
    """Remove an open stage no deal was ever in. Raises StageInUse."""
    [stage] = lock_rows(Stage.objects.filter(pk=stage_id))
    if not stage.is_open or Opportunity.objects.filter(stage=stage).exists():
        raise StageInUse(_("Move the deals out of “%(name)s” first.") % {"name": in_words(stage.name)})
    try:
        with transaction.atomic():
            stage.delete()
    except IntegrityError as error:
        raise _in_use(stage) from error


@requires_transaction
def add_reason(*, kind: str, name: str, code: str = "", counts: bool = True) -> OutcomeReason:
    """Add a reason for winning or losing. Raises InvalidProcess."""
    if kind not in {DealState.WON, DealState.LOST} or not name.strip():
        raise InvalidProcess(_("Enter a name."), fields={"name": _("Enter a name.")})
    advisory_lock("pipeline.reasons")
    order = OutcomeReason.objects.filter(kind=kind).count() * 10
    wanted = code.strip() or f"{kind}-{order}"
    while OutcomeReason.objects.filter(code=wanted).exists():
        wanted += "-2"
    return OutcomeReason.objects.create(
        code=wanted, name=name.strip(), kind=kind, order=order, counts=counts or kind == DealState.WON
    )


def _check_stage(name: str, probability: Decimal) -> None:
    if not name.strip():
        raise InvalidProcess(_("Enter a name."), fields={"name": _("Enter a name.")})
    if not probability.is_finite() or not 0 <= probability <= 100:
        text = _("The probability must lie between 0 and 100 %.")
        raise InvalidProcess(text, fields={"probability": text})


def _in_use(stage: Stage) -> StageInUse:
    return StageInUse(_("“%(name)s” has a history and stays.") % {"name": in_words(stage.name)})
