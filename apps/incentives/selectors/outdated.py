"""What of a calculated run's inputs has changed since: deals, holds, targets, plans and more, and for whom.

Pay stays right either way: what a run does not know, a later run pays as a difference. Whoever approves
should know it all the same.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.access.models import User
from apps.incentives.models import Hold, PayRun, PlanVersion, Statement
from apps.incentives.rules.states import UNLOCKED
from apps.incentives.selectors import dirty
from apps.incentives.selectors import payees as people_of
from apps.incentives.selectors.holds import holds_of
from apps.incentives.selectors.pinning import LEDGER_END, Pinning, pinned_for
from apps.measures.models import Credit
from apps.measures.registry import sources
from apps.org.models import Person

SHOWN = 8
Inputs = Mapping[str, Any]
Key = tuple[int, str]  # a payee and a currency

# What differs in the inputs of a statement, by where it stands there.
_BY_PART = {
    "facts": "facts", "adjustments": "adjustments", "rates": "rates",
    "actuals": "rates", "late": "absences", "days": "absences", "opening": "runs", "shared": "contests",
}  # fmt: skip
# What no statement pins, by its mark; "rules" is the product's own code.
_BY_MARK = {
    "rules": "release", "versions": "versions", "calendar": "calendar", "posted": "runs", "policy": "policy",
    "fields": "fields",
}  # fmt: skip
# Edited often and seldom of weight for pay: told, but nobody has to confirm having seen it.
_MAYBE = {"calendar", "fields"}
LABELS = {
    "deals": gettext_lazy("Deals"),
    "holds": gettext_lazy("Held deals"),
    "targets": gettext_lazy("Targets"),
    "measures": gettext_lazy("Measures that people are held against"),
    "plans": gettext_lazy("Who is under which plan, and on what terms"),
    "versions": gettext_lazy("Versions of plans"),
    "facts": gettext_lazy("Inputs of pay"),
    "adjustments": gettext_lazy("Adjustments"),
    "rates": gettext_lazy("Exchange rates"),
    "absences": gettext_lazy("Absences"),
    "contests": gettext_lazy("Contests and pools"),
    "runs": gettext_lazy("Other pay runs"),
    "policy": gettext_lazy("Rules around pay"),
    "calendar": gettext_lazy("Calendars"),
    "fields": gettext_lazy("Customers and products that plans look at"),
    "release": gettext_lazy("The product itself: a new release calculates pay"),
}
_PAGES = {
    "holds": "incentives:holds", "targets": "targets:plans", "plans": "incentives:plans",
    "versions": "incentives:plans", "facts": "incentives:facts", "adjustments": "incentives:adjustments",
    "rates": "calendars:rates", "absences": "org:absences", "contests": "incentives:contests",
    "runs": "incentives:runs",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One kind of input that changed: which things by number, and for whom."""

    kind: str
    things: frozenset[tuple[str, int]]
    person_ids: frozenset[int]

    @property
    def label(self) -> str:
        """What changed, in words."""
        return str(LABELS[self.kind])

    @property
    def count(self) -> int:
        """How many things changed, or for how many payees; 0 where neither is known."""
        return len(self.things) or len(self.person_ids)

    @property
    def told(self) -> str:
        """What changed, with how many."""
        return f"{self.label} ({self.count})" if self.count else self.label

    @property
    def url(self) -> str:
        """The page on which such things are looked at, or nothing."""
        return reverse(_PAGES[self.kind]) if self.kind in _PAGES else ""


def changes_since(run: PayRun) -> list[Change]:
    """Return what has changed since a run was calculated; nothing for drafts, locked runs and reversals."""
    if run.state not in UNLOCKED or run.reverses_id is not None or not run.rests_on:
        return []
    versions = people_of.versions_in_force(run.run_plans.values_list("plan_id", flat=True), run.period)
    waiting = dirty.waiting_adjustments(run)
    now = dirty.marks_of(run, versions, waiting)
    found = {one.kind: one for one in (_deals(run, versions), _holds(run, versions)) if one.count}
    for mark, kind in _BY_MARK.items():
        if run.rests_on.get(mark) != now.get(mark):
            found[kind] = Change(kind, frozenset(), frozenset())
    documents = [version.plan_document for version in versions.values()]
    if found.keys() & set(_BY_MARK.values()) or dirty.must_compare(run.rests_on, now, documents):
        for kind, people in _compared(run, waiting, found).items():
            found[kind] = Change(kind, frozenset(), frozenset(people))
    return [found[kind] for kind in LABELS if kind in found]


def fingerprint(changes: Iterable[Change]) -> str:
    """Return what tells one state of affairs from another, so that nobody approves what they did not see."""
    told = [
        [one.kind, sorted(one.things), sorted(one.person_ids)] for one in changes if one.kind not in _MAYBE
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest() if told else ""


def in_words(changes: Iterable[Change]) -> str:
    """Return the kinds of changes with their counts, in one line."""
    return " · ".join(one.told for one in changes)


def _deals(run: PayRun, versions: Mapping[int, PlanVersion]) -> Change:
    """Return the facts credited since whose days the run pays."""
    end, since, kinds = run.period.ends_before, run.rests_on["upto"], dirty.ledger_rows_of(versions)
    rows = Credit.objects.filter(pk__gt=since, credited_on__lt=end, measure__in=kinds)
    credited = set(rows.filter(person__isnull=False).values_list("person_id", flat=True))
    if not credited:
        return Change("deals", frozenset(), frozenset())
    touched = dirty.touched(since, LEDGER_END, versions, (), end)
    paid = set(Statement.objects.filter(run=run, person__in=touched).values_list("person_id", flat=True))
    paid |= set(people_of.segments_of(run.period.starts_on, end, versions, sorted(credited - paid)))
    if paid <= credited:  # nobody above is paid for them
        rows = rows.filter(person__in=paid)
    facts = rows.order_by("source_type", "source_id").values_list("source_type", "source_id") if paid else ()
    return Change("deals", frozenset(facts), frozenset(paid))


def _holds(run: PayRun, versions: Mapping[int, PlanVersion]) -> Change:
    """Return the deals held or released since."""
    before, now = dirty.held_sources(run), _in_force()
    things = frozenset({**before, **now}[key] for key in before.keys() ^ now.keys())
    upto = run.rests_on["upto"]
    people = dirty.touched(upto, upto, versions, things) if things else set()
    paid = Statement.objects.filter(run=run, person__in=people).values_list("person_id", flat=True)
    return Change("holds", things, frozenset(paid))


def _in_force() -> dict[str, tuple[str, int]]:
    return {hold.key: (hold.source_type, hold.source_id) for hold in Hold.objects.in_force().order_by("pk")}


def _compared(
    run: PayRun, waiting: Mapping[int, Mapping[str, list[int]]], found: Mapping[str, Change]
) -> dict[str, set[int]]:
    """Return by kind for whom the inputs would be others now; what new deals do to measures is told there."""
    plans = list(run.run_plans.values_list("plan_id", flat=True))
    pinning = pinned_for(plans, run.period, LEDGER_END, also=waiting)
    fresh, known = _fresh(pinning, waiting), _known(run)
    by_deals = found["deals"].person_ids if "deals" in found else frozenset()
    people: dict[str, set[int]] = defaultdict(set)
    for key in fresh.keys() & known.keys():
        for kind in _differences(known[key], fresh[key]):
            people[kind].add(key[0])
    people["plans"] |= {key[0] for key in known.keys() - fresh.keys()}
    newcomers = {key[0] for key in fresh} - {key[0] for key in known} - by_deals
    people["plans"] |= _joined(pinning, newcomers, run)
    people["measures"] -= by_deals
    return {kind: ids for kind, ids in people.items() if ids}


def _fresh(pinning: Pinning, waiting: Mapping[int, Mapping[str, list[int]]]) -> dict[Key, Inputs]:
    found = {}
    for person_id in pinning.people:
        own = waiting.get(person_id, {})
        for currency in {*pinning.currencies(person_id), *own}:
            inputs = {**pinning.inputs(person_id, currency), "adjustments": list(own.get(currency, ()))}
            found[person_id, currency] = json.loads(json.dumps(inputs))
    return found


def _known(run: PayRun) -> dict[Key, Inputs]:
    rows = Statement.objects.filter(run=run).values_list("person_id", "currency", "inputs")
    return {(person_id, currency): inputs for person_id, currency, inputs in rows.iterator()}


def _differences(before: Inputs, now: Inputs) -> Iterator[str]:
    for part, kind in _BY_PART.items():
        if before.get(part) != now.get(part):
            yield kind
    segments = before.get("segments", []), now.get("segments", [])
    if segments[0] != segments[1]:
        yield "versions" if _terms(segments[0]) == _terms(segments[1]) else "plans"
    then, since = _standings(before), _standings(now)
    for place in then.keys() | since.keys():
        old, new = then.get(place, (None, None)), since.get(place, (None, None))
        if old[1] != new[1]:
            yield "targets"
        if old[0] != new[0]:
            yield "measures"


def _terms(segments: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name != "version"} for one in segments]


def _standings(inputs: Inputs) -> dict[tuple[str, str], tuple[Any, Any]]:
    return {
        (span, measure): (told[0], told[1])
        for span, measures in inputs.get("standings", {}).items()
        for measure, told in measures.items()
    }


def _joined(pinning: Pinning, people: Collection[int], run: PayRun) -> set[int]:
    """Return who of those without a statement would get a line now; most have nothing to be paid."""
    if not people:
        return set()
    some = replace(pinning, people=tuple(sorted(people)))
    return {one.person_id for one in some.results(holds_of(run.pk)) if one.lines or one.problem is not None}


@dataclass(frozen=True)
class Shown:
    """A change as the page tells it: with some of the deals and some of the people."""

    change: Change
    links: list[tuple[str, str]]
    people: list[tuple[str, str]]
    more: int


def shown_changes(run: PayRun, changes: Iterable[Change], reader: User) -> list[Shown]:
    """Return changes with the names and pages of what changed and of whom it concerns."""
    changes = list(changes)
    ids = {person_id for one in changes for person_id in one.person_ids}
    names = dict(Person.objects.filter(pk__in=ids).values_list("pk", "name"))
    rows = Statement.objects.visible_to(reader).filter(run=run, person__in=ids).order_by("pk")
    pages = {
        person_id: reverse("incentives:statement", args=[pk])
        for pk, person_id in rows.values_list("pk", "person_id")
    }
    found = []
    for one in changes:
        people = sorted((names[pk], pages.get(pk, "")) for pk in one.person_ids if pk in names)
        found.append(Shown(one, _links(one, reader), people[:SHOWN], max(0, len(people) - SHOWN)))
    return found


def _links(change: Change, reader: User) -> list[tuple[str, str]]:
    """Return some of the things with their pages, and how many more there are."""
    wanted: dict[str, list[int]] = defaultdict(list)
    for kind, number in sorted(change.things, reverse=True)[:SHOWN]:
        wanted[kind].append(number)
    found = []
    for kind, numbers in wanted.items():
        links = sources.get(kind)(numbers, reader) if kind in sources else {}
        found += [
            (links[number].label, links[number].url) if number in links else (f"#{number}", "")
            for number in numbers
        ]
    if more := len(change.things) - len(found):
        found.append((_("%(count)s more") % {"count": more}, ""))
    return found
