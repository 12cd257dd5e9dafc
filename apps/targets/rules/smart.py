"""The SMART check: a grade and its reasons for each letter, and the evidence behind "achievable"."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from operator import mul
from statistics import median

from apps.targets.enums import Grade, Letter

RESAMPLES = 1000
_LEAST_MONTHS = 6
LIKELY, UNLIKELY = 0.5, 0.2
_GROWTH_MARGIN, _GROWTH_LIMIT = Fraction(10, 100), Fraction(40, 100)
_LOAD_LIMIT = Fraction(120, 100)


@dataclass(frozen=True)
class Evidence:
    """What is known about one target. None stands for "not known".

    Growths are shares (0.2 is +20 %): ``growth`` is what the target asks for
    over the last four quarters, ``own_trend`` what those achieved over the four
    before, ``peer_growth`` the median asked of the siblings. ``load`` is target
    ÷ capacity; ``coverage`` open pipeline ÷ target, ``coverage_needed`` what the
    win rate requires.
    """

    has_owner: bool
    has_scope: bool
    has_measure: bool
    has_unit: bool
    has_baseline: bool
    is_linked: bool
    is_in_period: bool
    measure_is_compound: bool = False
    growth: Fraction | None = None
    own_trend: Fraction | None = None
    peer_growth: Fraction | None = None
    load: Fraction | None = None
    coverage: Fraction | None = None
    coverage_needed: Fraction | None = None
    chance: float | None = None


@dataclass(frozen=True)
class Reason:
    """One finding: a stored code, its grade and the figures its sentence needs."""

    code: str
    grade: Grade
    figures: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class LetterVerdict:
    """The grade of one letter and why."""

    letter: Letter
    grade: Grade
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Verdict:
    """The grades of all five letters."""

    letters: tuple[LetterVerdict, ...]

    @property
    def failed(self) -> tuple[Letter, ...]:
        """The letters that need a waiver."""
        return tuple(one.letter for one in self.letters if one.grade == Grade.FAILED)

    @property
    def grade(self) -> Grade:
        """The worst grade of all letters."""
        return worst([one.grade for one in self.letters])

    def as_data(self) -> list[dict[str, object]]:
        """Return the verdict as plain data for storage."""
        return [
            {
                "letter": one.letter.value,
                "grade": one.grade.value,
                "reasons": [
                    {"code": reason.code, "grade": reason.grade.value, "figures": reason.figures}
                    for reason in one.reasons
                ],
            }
            for one in self.letters
        ]


def worst(grades: Sequence[Grade]) -> Grade:
    """Return the worst of some grades; what is not known does not count against a target."""
    for grade in (Grade.FAILED, Grade.CAUTION):
        if grade in grades:
            return grade
    return Grade.GOOD


def judge(evidence: Evidence) -> Verdict:
    """Judge one target by its evidence."""
    return Verdict(
        (
            _letter(
                Letter.SPECIFIC,
                [
                    _must("one_measure", evidence.has_measure),
                    _must("one_scope", evidence.has_scope),
                    _must("one_owner", evidence.has_owner),
                ],
            ),
            _letter(
                Letter.MEASURABLE,
                [
                    _must("source_and_unit", evidence.has_unit and evidence.has_measure),
                    _should("baseline", evidence.has_baseline),
                ],
            ),
            _letter(Letter.ACHIEVABLE, _achievable(evidence), verdict=_grade_of_evidence(evidence)),
            _letter(Letter.RELEVANT, [_must("linked", evidence.is_linked)]),
            _letter(Letter.TIMELY, [_must("fiscal_period", evidence.is_in_period)]),
        )
    )


def _letter(letter: Letter, reasons: list[Reason], verdict: Grade | None = None) -> LetterVerdict:
    grade = worst([reason.grade for reason in reasons]) if verdict is None else verdict
    return LetterVerdict(letter, grade, tuple(reasons))


def _must(code: str, holds: bool) -> Reason:
    return Reason(code if holds else f"no_{code}", Grade.GOOD if holds else Grade.FAILED)


def _should(code: str, holds: bool) -> Reason:
    return Reason(code if holds else f"no_{code}", Grade.GOOD if holds else Grade.CAUTION)


def _grade_of_evidence(evidence: Evidence) -> Grade:
    """One witness against it is not enough to fail, a second has to agree; without any, look twice."""
    grades = [reason.grade for reason in _achievable(evidence)]
    if grades.count(Grade.FAILED) >= 2:
        return Grade.FAILED
    doubtful = Grade.FAILED in grades or Grade.CAUTION in grades or Grade.GOOD not in grades
    return Grade.CAUTION if doubtful else Grade.GOOD


def _achievable(evidence: Evidence) -> list[Reason]:
    return [
        _against_own(evidence),
        _against_peers(evidence),
        _against_capacity(evidence),
        _against_coverage(evidence),
        _by_chance(evidence),
    ]


def _against_own(evidence: Evidence) -> Reason:
    if evidence.growth is None:
        return Reason("own_unknown", Grade.UNKNOWN)
    figures = {"growth": float(evidence.growth)}
    if evidence.own_trend is None:
        return Reason("own_growth_only", _growth_grade(evidence.growth, Fraction(0)), figures)
    figures["trend"] = float(evidence.own_trend)
    return Reason("own_growth", _growth_grade(evidence.growth, evidence.own_trend), figures)


def _growth_grade(growth: Fraction, usual: Fraction) -> Grade:
    """Up to ten points above what is usual is good, beyond forty it is not met."""
    above = growth - max(usual, Fraction(0))
    if above <= _GROWTH_MARGIN:
        return Grade.GOOD
    return Grade.CAUTION if above <= _GROWTH_LIMIT else Grade.FAILED


def _against_peers(evidence: Evidence) -> Reason:
    if evidence.growth is None or evidence.peer_growth is None:
        return Reason("peers_unknown", Grade.UNKNOWN)
    figures = {"growth": float(evidence.growth), "peers": float(evidence.peer_growth)}
    return Reason("peer_growth", _growth_grade(evidence.growth, evidence.peer_growth), figures)


def _against_capacity(evidence: Evidence) -> Reason:
    if evidence.load is None:
        return Reason("capacity_unknown", Grade.UNKNOWN)
    grade = Grade.GOOD if evidence.load <= 1 else Grade.CAUTION
    grade = Grade.FAILED if evidence.load > _LOAD_LIMIT else grade
    return Reason("capacity", grade, {"load": float(evidence.load)})


def _against_coverage(evidence: Evidence) -> Reason:
    if evidence.coverage is None or evidence.coverage_needed is None:
        return Reason("coverage_unknown", Grade.UNKNOWN)
    figures = {"coverage": float(evidence.coverage), "needed": float(evidence.coverage_needed)}
    grade = Grade.GOOD if evidence.coverage >= evidence.coverage_needed else Grade.CAUTION
    return Reason("coverage", grade, figures)


def _by_chance(evidence: Evidence) -> Reason:
    if evidence.chance is None:
        return Reason("chance_unknown", Grade.UNKNOWN)
    grade = Grade.GOOD if evidence.chance >= LIKELY else Grade.CAUTION
    grade = Grade.FAILED if evidence.chance < UNLIKELY else grade
    return Reason("chance", grade, {"chance": evidence.chance})


def chance_to_reach(
    target: float,
    history: Sequence[float],
    past_season: Sequence[float],
    season: Sequence[float],
    *,
    seed: int,
) -> float | None:
    """Return the share of seeded resamples of the seasonally adjusted months that reach the target.

    ``past_season`` is the index of each past month, ``season`` of each month to
    come. None with fewer than six months of history. The same seed gives the
    same answer.
    """
    years = resampled_years(history, past_season, season, seed=seed)
    return None if years is None else sum(1 for year in years if year >= target) / len(years)


def resampled_years(
    history: Sequence[float], past_season: Sequence[float], season: Sequence[float], *, seed: int
) -> list[float] | None:
    """Return the years that seeded resamples of the seasonally adjusted months make, as drawn.

    None with fewer than six months of history.
    """
    if len(history) < _LEAST_MONTHS:
        return None
    adjusted = [value / index for value, index in zip(history, past_season, strict=True) if index > 0]
    if not adjusted:
        return None
    draw = random.Random(seed)  # noqa: S311  # a reproducible simulation, not a secret
    return [sum(map(mul, draw.choices(adjusted, k=len(season)), season)) for _resample in range(RESAMPLES)]


@dataclass(frozen=True)
class Bin:
    """One bar of a histogram: years from ``low`` up to ``high``, and how many of them reach the target."""

    low: float
    high: float
    reaching: int
    missing: int


def histogram(years: Sequence[float], target: float, *, bins: int = 16) -> list[Bin]:
    """Return simulated years in equal bins over their range; every year is in exactly one."""
    low, high = min(years), max(years)
    width = (high - low) / bins or 1.0
    found = [[0, 0] for _bin in range(bins)]
    for year in years:
        place = min(int((year - low) / width), bins - 1)
        found[place][0 if year >= target else 1] += 1
    return [
        Bin(low + place * width, low + (place + 1) * width, reaching, missing)
        for place, (reaching, missing) in enumerate(found)
    ]


def middle(values: Sequence[Fraction | None]) -> Fraction | None:
    """Return the median of what is known."""
    known = [value for value in values if value is not None]
    return Fraction(median(known)) if known else None
