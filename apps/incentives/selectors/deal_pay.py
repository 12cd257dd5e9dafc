"""What a deal would pay whom: readable answers of the estimator."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import person_id_of, scope_of
from apps.calendars.models import FiscalPeriod
from apps.incentives.enums import LineKind
from apps.incentives.rules import what_if as rules
from apps.incentives.rules.engine.shapes import LineOut
from apps.incentives.selectors.pages import exception_sentence, line_label, sentences_of
from apps.incentives.selectors.statements import Result
from apps.org import selectors as org
from apps.pipeline.models import Opportunity
from apps.pipeline.services.deals import shares_of
from apps.ui import formatting


@dataclass(frozen=True)
class ComponentChange:
    """What a deal adds to one line, with the engine's own sentences and what it sets off."""

    label: str
    window: str
    before: Decimal
    after: Decimal
    difference: Decimal
    notes: Sequence[str] = ()
    steps: Sequence[str] = ()


@dataclass(frozen=True)
class PayeeAnswer:
    """What a deal would pay one person in the pay period it closes in."""

    person_id: int
    name: str
    is_own: bool
    period: FiscalPeriod
    currency: str
    credited: Decimal
    without: Decimal
    with_deal: Decimal
    difference: Decimal
    rate: Decimal | None
    components: Sequence[ComponentChange] = ()
    problem: str = ""


@dataclass(frozen=True)
class DealAnswer:
    """A deal as it was asked about, and whom it would pay what."""

    deal: Opportunity
    amount: Decimal
    closes_on: dt.date
    payees: Sequence[PayeeAnswer] = field(default_factory=list)


def payees_in_reach(deal: Opportunity, viewer: User, today: dt.date, closes_on: dt.date) -> dict[int, int]:
    """Return whose pay a deal may change and the viewer may see, with their order: own, sharers, leads."""
    sharers = [share.person_id for share in shares_of(deal)]
    leads = [lead for one in sharers for lead, _unit, _depth in org.leads_above(one, closes_on)]
    named = list(dict.fromkeys([*sharers, *leads]))
    own, scope = person_id_of(viewer), scope_of(viewer, Permission.STATEMENT_VIEW, today)
    named.sort(key=lambda one: one != own)
    return {one: place for place, one in enumerate(named) if scope.covers_person(one)}


def component_changes(before: Result, after: Result, currency: str) -> list[ComponentChange]:
    """Return what changed line by line, in words."""
    labels = {
        paid.line.component: line_label(paid.line, paid.label) for paid in [*before.lines, *after.lines]
    }
    found = rules.changes(_earned(before, currency), _earned(after, currency))
    return [
        ComponentChange(
            label=labels[change.line.component],
            window=change.line.window,
            before=change.before,
            after=change.after,
            difference=change.difference,
            notes=_notes(change.notes, currency),
            steps=sentences_of(change.line.steps, currency),
        )
        for change in found
    ]


def problem_of(results: Iterable[Result]) -> str:
    """Return why somebody cannot be calculated, or nothing."""
    return next(
        (exception_sentence(one.problem.reason, one.problem.details) for one in results if one.problem), ""
    )


def total_of(result: Result, currency: str) -> Decimal:
    """Return what plans in a currency pay, before it is brought into that of the payout."""
    return sum((line.rounded for line in _earned(result, currency)), Decimal(0))


def _earned(result: Result, currency: str) -> list[LineOut]:
    found = [paid.line for paid in result.lines if paid.currency == currency]
    return [line for line in found if line.kind != LineKind.EXCHANGE]


def _notes(notes: Iterable[rules.Note], currency: str) -> list[str]:
    said = []
    for note in notes:
        if note.code == rules.TIER:
            rates = {name: formatting.percent(Decimal(note.details[name]), places=2) for name in note.details}
            said.append(_("Reaches another tier: the rate goes from %(before)s to %(after)s.") % rates)
        elif note.code == rules.GATE_OPENS:
            said.append(_("Opens the gate: without this deal nothing is paid here."))
        elif note.code == rules.GATE_CLOSES:
            said.append(_("Closes the gate: with this deal nothing is paid here."))
        elif note.code == rules.STAYS_CLOSED:
            said.append(_("The gate stays closed, so this pays nothing yet."))
        else:
            over = formatting.money(Decimal(note.details["over"]), currency)
            said.append(_("Runs into the cap: %(over)s of it is above.") % {"over": over})
    return said
