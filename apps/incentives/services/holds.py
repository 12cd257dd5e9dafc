"""Holding a deal's pay back and releasing it; holding windfalls for a review by a second person."""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.access.models import User
from apps.core.db import advisory_lock, lock_rows, requires_transaction
from apps.core.errors import DomainError
from apps.core.money import round_money
from apps.incentives.enums import HoldKind
from apps.incentives.models import Hold, PayRun, RunHold, Statement
from apps.incentives.selectors import holds as selectors
from apps.incentives.selectors.desk import policy
from apps.incentives.selectors.exchange import SPOT, CompanyRates
from apps.incentives.selectors.posted import standings_in
from apps.incentives.selectors.statements import Paid
from apps.incentives.services import telling
from apps.incentives.services.separation import are_one, people_behind
from apps.measures.models import Credit

logger = logging.getLogger(__name__)
_DAY = dt.timedelta(days=1)

# Written into the row once and read in every language: see names.propose.
LARGE_DEAL = gettext_noop("Larger than the deals of the year before by far")
LARGE_SHARE = gettext_noop("One deal makes most of a target")
LARGE_LINE = gettext_noop("A line far above what such lines usually pay")


class HoldRefused(DomainError):
    """The deal cannot be held or released."""


class HoldReleased(HoldRefused):
    """Somebody else released it."""


class OwnHold(HoldRefused):
    """Nobody releases what pays them, or what they held or calculated themselves."""


@requires_transaction
def place_hold(
    *,
    source_type: str,
    source_id: int,
    reason: str,
    by: User,
    at: dt.datetime,
    person_id: int | None = None,
) -> Hold:
    """Hold the pay of a deal back, for everybody or for one payee. Raises HoldRefused."""
    said = reason.replace("\x00", "").strip()
    if not said:
        raise HoldRefused(_("A hold needs a reason."), fields={"reason": _("Give a reason.")})
    if not Credit.objects.filter(source_type=source_type, source_id=source_id).exists():
        raise HoldRefused(_("Nothing is credited for this deal, so there is nothing to hold."))
    advisory_lock(f"incentives.hold.{source_type}.{source_id}")
    held = Hold.objects.in_force().filter(source_type=source_type, source_id=source_id)
    if held.filter(Q(person__isnull=True) | Q(person=person_id)).exists():
        raise HoldRefused(_("This deal is held already."))
    hold = Hold.objects.create(
        source_type=source_type,
        source_id=source_id,
        label=selectors.label_of(source_type, source_id, by),
        person_id=person_id,
        reason=said[:500],
        placed_by=by,
        placed_at=at,
    )
    logger.info("deal held", extra={"hold_id": hold.pk, "by": by.pk})
    return hold


@requires_transaction
def release_hold(*, hold_id: int, note: str, by: User, at: dt.datetime) -> Hold:
    """Release a held deal: the next open run pays it. Raises HoldReleased, OwnHold."""
    [hold] = lock_rows(Hold.objects.filter(pk=hold_id).select_related("placed_by"))
    if hold.released_at is not None:
        raise HoldReleased(_("This deal was released already."))
    if are_one(by, hold.placed_by):
        raise OwnHold(_("You held this deal. Somebody else must release it."))
    runs = PayRun.objects.filter(run_holds__hold=hold).select_related("calculated_by", "created_by")
    if hold.kind == HoldKind.WINDFALL and any(
        are_one(by, user) for run in runs for user in (run.calculated_by, run.created_by)
    ):
        raise OwnHold(_("You calculated this pay run. Somebody else must review its windfalls."))
    paid = Credit.objects.filter(source_type=hold.source_type, source_id=hold.source_id)
    if paid.filter(person__in=people_behind(by)).exists():
        raise OwnHold(_("This deal pays you. Somebody else must release it."))
    hold.released_by, hold.released_at = by, at
    hold.note = note.replace("\x00", "").strip()[:500]
    hold.save(update_fields=["released_by", "released_at", "note"])
    logger.info("deal released", extra={"hold_id": hold.pk, "by": by.pk})
    return hold


@requires_transaction
def pin_holds(run: PayRun, at: dt.datetime) -> None:
    """Hold the windfalls of a run by the company's rules, then pin every hold in force into its inputs."""
    RunHold.objects.filter(run=run).delete()
    rules, upto = policy(), run.ledger_upto or 0
    if rules.windfall_deal_factor is not None:
        found = selectors.large_deals(run.period, upto, rules.windfall_deal_factor)
        _hold_windfalls(run, found, LARGE_DEAL, at)
    if rules.windfall_quota_share is not None:
        quotas = _quotas(run)
        shares = selectors.large_shares(run.period, upto, quotas, rules.windfall_quota_share)
        _hold_windfalls(run, shares, LARGE_SHARE, at)
    RunHold.objects.bulk_create(
        [RunHold(run=run, hold=hold) for hold in Hold.objects.in_force().order_by("pk")]
    )


def _quotas(run: PayRun) -> dict[int, Decimal]:
    """Return the targets of the period that the statements of a run pin."""
    found = {}
    rows = Statement.objects.filter(run=run).order_by("person_id").values_list("person_id", "inputs")
    for person_id, inputs in rows.iterator():
        standing = standings_in(inputs, run.period).get((selectors.MEASURE, "period"))
        if standing and standing.quota is not None and standing.quota > 0:
            found[person_id] = Decimal(str(standing.quota))
    return found


def _hold_windfalls(
    run: PayRun, found: Sequence[selectors.Large], reason: str, at: dt.datetime
) -> list[Hold]:
    """Hold deals nobody has reviewed yet; one released before, for all or for this payee, stays released."""
    if not found:
        return []
    advisory_lock("incentives.windfalls")
    known: Mapping[tuple[str, int], list[Hold]] = defaultdict(list)
    for hold in Hold.objects.filter(source_id__in=[one.source_id for one in found]):
        known[hold.source_type, hold.source_id].append(hold)
    made = []
    for one in found:
        earlier = known[one.source_type, one.source_id]
        if any(hold.person_id in {None, one.person_id} for hold in earlier if _settles(hold)):
            continue
        made.append(
            Hold(
                kind=HoldKind.WINDFALL,
                source_type=one.source_type,
                source_id=one.source_id,
                label=selectors.label_of(one.source_type, one.source_id, run.created_by),
                person_id=one.person_id,
                reason=reason,
                value=one.value,
                threshold=one.threshold,
                placed_at=at,
            )
        )
    Hold.objects.bulk_create(made)
    if made:
        telling.windfalls_held(run, made)
    return made


def _settles(hold: Hold) -> bool:
    """Whether a hold makes another one needless: it holds still, or a review has looked at the deal."""
    return hold.released_at is None or hold.kind == HoldKind.WINDFALL


class LineReview:
    """Holds what makes a line of a payee tower above its like, largest deals first."""

    def __init__(self, run: PayRun, at: dt.datetime) -> None:
        factor = policy().windfall_line_factor
        usual = selectors.usual_lines(run.period) if factor is not None else {}
        self._limits = {key: median * factor for key, median in usual.items()} if factor is not None else {}
        self._run, self._at = run, at

    def hold(self, statement: Statement, lines: Sequence[Paid]) -> frozenset[str]:
        """Hold the deals of lines above their limit; return the keys of new holds, none when all is usual."""
        keys: set[str] = set()
        for paid in lines:
            limit = self._limits.get((paid.version.plan_id, paid.line.component))
            if limit is None or paid.line.rounded <= limit or not paid.line.traces:
                continue
            large = self._largest(statement.person_id, paid.line, limit)
            if paid.currency != self._run.currency:
                large = [self._at_home(one, paid.currency) for one in large]
            made = _hold_windfalls(self._run, large, LARGE_LINE, self._at)
            RunHold.objects.bulk_create([RunHold(run=self._run, hold=hold) for hold in made])
            keys |= {hold.key for hold in made}
        return frozenset(keys)

    def _at_home(self, large: selectors.Large, currency: str) -> selectors.Large:
        """Return a deal to hold in company currency, in which every hold is told."""
        rate = CompanyRates().worth(currency, SPOT, self._run.period.ends_before - _DAY)
        told = [round_money(one * rate, self._run.currency) for one in (large.value, large.threshold)]
        return replace(large, value=told[0], threshold=told[1])

    def _largest(self, person_id: int, line: Any, limit: Decimal) -> list[selectors.Large]:
        facts = selectors.sources_of([trace.credit_id for trace in line.traces if trace.credit_id])
        values: dict[tuple[str, int], Decimal] = defaultdict(Decimal)
        for trace in line.traces:
            if trace.credit_id in facts:
                values[facts[trace.credit_id]] += trace.value
        rest, chosen = line.rounded, []
        for (kind, number), value in sorted(values.items(), key=lambda pair: (-pair[1], pair[0])):
            if rest <= limit or value <= 0:
                break
            chosen.append(selectors.Large(kind, number, value, limit, person_id))
            rest -= value
        return chosen
