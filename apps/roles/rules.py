"""Pure rules of roles and responsibilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

FULL_WEIGHT = Decimal(100)


def weights_complete(weights: Sequence[Decimal]) -> bool:
    """Tell whether KPI weights add up to 100; a role without KPIs is complete too."""
    return not weights or sum(weights, Decimal(0)) == FULL_WEIGHT


@dataclass(frozen=True)
class Finding:
    """Something wrong with a step: a gap, an overlap, or nobody to do it. ``roles`` names who is involved."""

    step: str
    kind: str
    roles: tuple[str, ...] = ()


def check_step(step: str, parts: Sequence[tuple[str, str]], filled: Mapping[str, int]) -> list[Finding]:
    """Check one step: exactly one A, at least one R, no two R, and filled seats behind A and R.

    ``parts`` are (role, letter); ``filled`` counts the seats held today by role.
    """
    accountable = tuple(role for role, letter in parts if letter == "A")
    responsible = tuple(role for role, letter in parts if letter == "R")
    findings = []
    if not accountable:
        findings.append(Finding(step, "no_accountable"))
    if len(accountable) > 1:
        findings.append(Finding(step, "several_accountable", accountable))
    if not responsible:
        findings.append(Finding(step, "no_responsible"))
    if len(responsible) > 1:
        findings.append(Finding(step, "overlap", responsible))
    if responsible and not any(filled.get(role) for role in responsible):
        findings.append(Finding(step, "nobody_responsible", responsible))
    empty = tuple(role for role in accountable if not filled.get(role))
    if empty:
        findings.append(Finding(step, "nobody_accountable", empty))
    return findings
