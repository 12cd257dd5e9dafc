"""How figures become scores, scores a rating, and an evaluation moves on. Pure and exact."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from apps.reviews.enums import Curve, Flag, Rating, Stage, TargetSource

# Half-open on the unrounded score: a band begins at its figure and ends before the next.
BANDS: tuple[tuple[Fraction, Rating], ...] = (
    (Fraction(11, 10), Rating.OUTSTANDING),
    (Fraction(1), Rating.STRONG),
    (Fraction(4, 5), Rating.SOLID),
    (Fraction(1, 2), Rating.DEVELOPING),
)
ORDER = list(Stage)
SHARED = (Stage.SHARED, Stage.ACKNOWLEDGED, Stage.CLOSED)
SCORED_ANEW = (Stage.DRAFT, Stage.SELF, Stage.MANAGER, Stage.CALIBRATION)
SMALLEST_PEER_GROUP = 4
PERCENT_FROM = 10
FEWEST_RATINGS = 3


@dataclass(frozen=True)
class Scale:
    """How one KPI is scored: floor and worst as shares of the target, the score's own bounds."""

    curve: str = Curve.LINEAR
    floor: Decimal = Decimal(0)
    worst: Decimal = Decimal(2)
    lowest: Decimal = Decimal(0)
    cap: Decimal = Decimal("1.2")


STANDARD = Scale()


@dataclass(frozen=True)
class Scored:
    """A KPI's score within its bounds and before they applied; None without a figure to compare."""

    score: Fraction | None
    uncapped: Fraction | None
    flag: Flag


def score(
    actual: Decimal | None, target: Decimal | None, *, direction: str, scale: Scale = STANDARD
) -> Scored:
    """Score an actual against a target.

    Higher is better: (A − F) ÷ (T − F) with floor F; lower is better:
    (W − A) ÷ (W − T) with worst acceptable W. Clamped to the KPI's own lowest
    and cap; the uncapped score is kept beside it.
    """
    if actual is None:
        return Scored(None, None, Flag.NO_DATA)
    if target is None or target <= 0:
        return Scored(None, None, Flag.NO_TARGET)
    exact, aim = Fraction(actual), Fraction(target)
    if scale.curve == Curve.BINARY:
        reached = exact <= aim if direction == "down" else exact >= aim
        raw = Fraction(int(reached))
    elif direction == "down":
        worst = aim * Fraction(scale.worst)
        raw = (worst - exact) / (worst - aim)
    else:
        floor = aim * Fraction(scale.floor)
        raw = (exact - floor) / (aim - floor)
    return Scored(min(max(raw, Fraction(scale.lowest)), Fraction(scale.cap)), raw, Flag.COUNTED)


def final(parts: Iterable[tuple[Decimal | Fraction, Fraction | None]]) -> Fraction | None:
    """Return Σ w·s ÷ Σ w over the (weight, score) pairs that have a score; None when none has."""
    counted = [(Fraction(weight), value) for weight, value in parts if value is not None]
    whole = sum((weight for weight, _value in counted), Fraction(0))
    if whole == 0:
        return None
    return sum((weight * value for weight, value in counted), Fraction(0)) / whole


def rating_of(value: Fraction | None) -> Rating | None:
    """Return the band an unrounded score falls into."""
    if value is None:
        return None
    return next((rating for begins, rating in BANDS if value >= begins), Rating.UNSATISFACTORY)


def rating_rank(rating: str) -> int:
    """Return 1 for the lowest rating up to 5 for the highest, 0 without one."""
    names = [one.value for one in Rating]
    return len(names) - names.index(rating) if rating in names else 0


def median(values: Sequence[Fraction]) -> Fraction | None:
    """Return the middle value, the mean of the two middle ones for an even number; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return (ordered[middle - 1] + ordered[middle]) / 2


def peer_target(rates: Sequence[Fraction], days: int) -> Fraction | None:
    """Return the median of the role, scaled to working days; None for groups smaller than four."""
    if len(rates) < SMALLEST_PEER_GROUP:
        return None
    middle = median(rates)
    return None if middle is None or middle <= 0 else middle * days


def choose_target(
    quota: Decimal | None, peers: Decimal | None, history: Decimal | None
) -> tuple[Decimal | None, TargetSource]:
    """Return the first figure to compare with: the quota, else the role's median, else own history."""
    for figure, source in (
        (quota, TargetSource.QUOTA),
        (peers, TargetSource.PEERS),
        (history, TargetSource.HISTORY),
    ):
        if figure is not None and figure > 0:
            return figure, source
    return None, TargetSource.NONE


def rounded(value: Fraction | None, places: int) -> Decimal | None:
    """Round half away from zero for storing and showing; decisions use the exact value."""
    if value is None:
        return None
    scaled = abs(value) * 10**places
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(-units if value < 0 else units).scaleb(-places)


def slowest(stages: Iterable[str]) -> Stage:
    """Return the least advanced stage: where a cycle stands. A cycle of nobody is a draft."""
    ranks = [ORDER.index(Stage(stage)) for stage in stages]
    return ORDER[min(ranks)] if ranks else Stage.DRAFT


def leniency(given: Sequence[int], everybody: Sequence[int]) -> Fraction | None:
    """Return by how many standard deviations a rater's mean lies above everybody's.

    None if all are alike, and for raters with too few ratings to say anything.
    """
    if len(given) < FEWEST_RATINGS:
        return None
    mean = Fraction(sum(everybody), len(everybody))
    variance = sum(((value - mean) ** 2 for value in everybody), Fraction(0)) / len(everybody)
    if variance == 0:
        return None
    deviation = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
    return (Fraction(sum(given), len(given)) - mean) / Fraction(deviation)
