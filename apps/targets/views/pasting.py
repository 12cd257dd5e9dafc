"""Whole blocks of figures: pasted from a spreadsheet, or the grid as a file and back."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.errors import DomainError
from apps.targets import services
from apps.targets.enums import Balance, ChangeKind
from apps.targets.models import Target, TargetPlan
from apps.targets.rules.editing import CellsClash, Clash
from apps.targets.rules.tree import WrongTarget
from apps.targets.selectors import sheets
from apps.targets.selectors.history import column_names
from apps.targets.selectors.pasting import Pasting, Pending, laid, pasted
from apps.targets.selectors.reach import may_move_totals
from apps.targets.views.grid import answered, reads_answers, revision
from apps.ui.tables.export import csv_response
from apps.ui.tables.workbook import workbook_response

_SHOWN = 200


class _Tried(Exception):
    """Ends a trial run: everything it wrote is taken back."""


@reads_answers
@page(Permission.TARGET_EDIT)
def form(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Ask for a block or a file."""
    return render(request, "targets/paste.html", {"plan": _draft(request, plan_id)})


@reads_answers
@action(Permission.TARGET_EDIT)
def preview(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Show what a block, or an uploaded file, would change; nothing is stored."""
    plan = _draft(request, plan_id)
    found = _read(request, plan)
    balance = Balance(request.POST.get("balance") or Balance.UP)
    refusal, clashes, moved = _tried(request, plan, found.pending, balance)
    context = {
        "plan": plan,
        "found": found,
        "shown": found.pending[:_SHOWN],
        "more": max(len(found.pending) - _SHOWN, 0),
        "refusal": refusal,
        "clashes": clashes,
        "moved": moved,
        "balance": balance,
        "revision": revision(request) or plan.revision,
        "cells": json.dumps([[one.target_id, one.column, str(one.after)] for one in found.pending]),
    }
    return render(request, "targets/paste_preview.html", context)


@reads_answers
@action(Permission.TARGET_EDIT)
def apply(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Take the cells of a preview, all or none."""
    plan = _draft(request, plan_id)
    cells = _cells(request)
    balance = Balance(request.POST.get("balance") or Balance.UP)
    _demand(request, plan, [cell.target_id for cell in cells], balance)
    return answered(
        request,
        plan,
        lambda: services.answer_cells(
            plan_id=plan.pk,
            cells=cells,
            balance=balance,
            by_id=request.user.pk,
            at=clock.now(),
            reason=request.POST.get("reason", "")[:300],
            revision=revision(request),
            kind=ChangeKind.PASTE,
        ),
    )


@page(Permission.TARGET_VIEW)
def download(request: HttpRequest, plan_id: int, kind: str) -> HttpResponse:
    """Send the whole grid as a file that can be changed and uploaded again."""
    plan = get_object_or_404(TargetPlan.objects.visible_to(request.user).select_related("period"), pk=plan_id)
    heads, lines = sheets.header(plan), sheets.lines(request.user, plan)
    name = f"{sheets.file_name(plan)}.{kind}"
    if kind == "xlsx":
        return workbook_response(name, _("Targets"), heads, lines)
    return csv_response(name, [head.label for head in heads], lines)


def _draft(request: HttpRequest, plan_id: int) -> TargetPlan:
    """Return a draft in which the user may change something."""
    plan = get_object_or_404(TargetPlan.objects.visible_to(request.user).select_related("period"), pk=plan_id)
    mine = Target.objects.filter(plan=plan).permitting(request.user, Permission.TARGET_EDIT)
    if not plan.is_open or not mine.exists():
        raise Http404
    return plan


def _read(request: HttpRequest, plan: TargetPlan) -> Pasting:
    upload = request.FILES.get("file")
    if upload is not None:
        if (upload.size or 0) > sheets.MAX_BYTES:
            raise sheets.UnreadableSheet(_("The file is too large to be a grid of targets."))
        rows = sheets.read(upload.name or "", upload.read())
        return laid(request.user, plan, sheets.landed(plan, rows))
    ids = [int(one) for one in request.POST.get("rows", "").split(",") if one.isdecimal()]
    columns = [one for one in request.POST.get("columns", "").split(",") if one]
    return pasted(request.user, plan, request.POST.get("text", ""), ids, columns)


def _tried(
    request: HttpRequest, plan: TargetPlan, pending: Sequence[Pending], balance: Balance
) -> tuple[str, list[str], int]:
    """Make the change for trial: why it would be refused, at which cells, or how many targets it moves."""
    if not pending:
        return "", [], 0
    moved = 0
    cells = [services.CellEdit(one.target_id, one.column, one.after) for one in pending]
    try:
        _demand(request, plan, [cell.target_id for cell in cells], balance)
        with transaction.atomic():
            moved = services.answer_cells(
                plan_id=plan.pk,
                cells=cells,
                balance=balance,
                by_id=request.user.pk,
                at=clock.now(),
                kind=ChangeKind.PASTE,
            ).count
            raise _Tried
    except _Tried:
        return "", [], moved
    except CellsClash as error:
        names = {one.target_id: one.row_name for one in pending}
        columns = column_names(plan)
        return str(error), [_clash(one, names, columns) for one in error.clashes[:20]], 0
    except DomainError as error:
        return str(error), [], 0


def _clash(clash: Clash, names: Mapping[int, str], columns: Mapping[str, str]) -> str:
    positions = clash.cell.positions
    column = (
        "year" if not positions else f"m{positions[0]}" if len(positions) == 1 else f"q{positions[0] // 3}"
    )
    return _("%(name)s, %(column)s: typed %(typed)s, but the rest makes it %(found)s.") % {
        "name": names.get(clash.cell.key, ""),
        "column": columns.get(column, ""),
        "typed": f"{clash.cell.value:,}",
        "found": f"{clash.found:,}",
    }


def _cells(request: HttpRequest) -> list[services.CellEdit]:
    try:
        rows = json.loads(request.POST.get("cells", "[]"))
        return [services.CellEdit(int(key), str(column), _exact(value)) for key, column, value in rows]
    except (ValueError, TypeError, ArithmeticError):
        raise WrongTarget(_("The block was damaged on its way. Paste it again.")) from None


def _exact(value: object) -> Decimal:
    return Decimal(str(value))


def _demand(request: HttpRequest, plan: TargetPlan, ids: Sequence[int], balance: Balance) -> None:
    """Refuse rows, and totals above them, that the user may not change."""
    wanted = set(ids)
    rows = Target.objects.filter(plan=plan, pk__in=wanted).permitting(request.user, Permission.TARGET_EDIT)
    found = list(rows.select_related("parent"))
    if len(found) != len(wanted):
        raise WrongTarget(_("You may not change every row of the block."))
    if balance == Balance.UP and not all(may_move_totals(request.user, row) for row in _lowest(found)):
        raise WrongTarget(_("You may not change the totals above. Let the others make room instead."))


def _lowest(rows: Sequence[Target]) -> list[Target]:
    """Return one row per parent: their totals above are the same."""
    return list({row.parent_id: row for row in rows}.values())
