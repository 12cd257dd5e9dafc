"""Sentences for what the SMART check stores as codes and figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.targets.enums import Grade, Letter
from apps.targets.rules.causes import Cause

TONES = {Grade.GOOD: "good", Grade.CAUTION: "warn", Grade.FAILED: "bad", Grade.UNKNOWN: "muted"}


@dataclass(frozen=True)
class Finding:
    """One reason in words."""

    text: str
    tone: str


@dataclass(frozen=True)
class LetterText:
    """One letter in words."""

    letter: str
    label: str
    grade: str
    tone: str
    findings: list[Finding]


def _percent(value: float) -> str:
    return f"{value * 100:+.0f}%"


def _share(value: float) -> str:
    return f"{value * 100:.0f}%"


def _times(value: float) -> str:
    return f"{value:.1f}×"


def _sentences() -> dict[str, str]:
    return {
        "one_measure": _("One measure from the catalogue."),
        "no_one_measure": _("The measure is not in the catalogue."),
        "one_scope": _("One unit or one seat."),
        "no_one_scope": _("It is not clear which unit or seat is meant."),
        "one_owner": _("One person answers for it."),
        "no_one_owner": _("Nobody answers for it. Name a lead for the unit."),
        "source_and_unit": _("Measured from the credit ledger, in one unit."),
        "no_source_and_unit": _("It has no source or unit."),
        "baseline": _("Last year is known as the base."),
        "no_baseline": _("There is no figure for last year to compare with."),
        "linked": _("It is part of the target above."),
        "no_linked": _("It hangs on no target above."),
        "fiscal_period": _("It lies within fiscal months."),
        "no_fiscal_period": _("It lies outside the fiscal calendar."),
        "own_unknown": _("No own history to compare with."),
        "own_growth_only": _("%(growth)s on the last four quarters."),
        "own_growth": _("%(growth)s on the last four quarters, which grew by %(trend)s."),
        "peers_unknown": _("No peers to compare with."),
        "peer_growth": _("%(growth)s against %(peers)s for the median peer."),
        "capacity_unknown": _("Capacity is not known."),
        "capacity": _("Uses %(load)s of the capacity."),
        "coverage_unknown": _("Pipeline coverage is not known."),
        "coverage": _(
            "Open pipeline covers the next three months %(coverage)s; the win rate asks for %(needed)s."
        ),
        "chance_unknown": _("Too little history for a probability."),
        "chance": _("Reached in %(chance)s of simulated years."),
    }


_WRITERS = {
    "growth": _percent,
    "trend": _percent,
    "peers": _percent,
    "load": _share,
    "chance": _share,
    "coverage": _times,
    "needed": _times,
}


def in_words(verdict: Sequence[Mapping[str, Any]]) -> list[LetterText]:
    """Return a stored verdict in the reader's language."""
    sentences = _sentences()
    return [
        LetterText(
            letter=one["letter"],
            label=str(Letter(one["letter"]).label),
            grade=str(Grade(one["grade"]).label),
            tone=TONES[Grade(one["grade"])],
            findings=[
                Finding(
                    sentences[reason["code"]]
                    % {name: _WRITERS[name](value) for name, value in reason["figures"].items()},
                    TONES[Grade(reason["grade"])],
                )
                for reason in one["reasons"]
            ],
        )
        for one in verdict
    ]


def cause_names() -> dict[str, str]:
    """Return what the causes of a gap are called."""
    return {
        Cause.VOLUME: _("Volume: deals in play"),
        Cause.SPEED: _("Speed: share decided"),
        Cause.WIN_RATE: _("Win rate"),
        Cause.VALUE: _("Value per deal"),
    }
