"""How one level of a plan splits its targets, in the form people set it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from apps.targets.enums import Basis, Method
from apps.targets.rules.allocation import Recipe, check_weights


@dataclass(frozen=True)
class Level:
    """The method of one depth and its settings; shares are given as parts of 1 (0.05 is 5 %)."""

    method: Method = Method.HISTORY
    over_assignment: Decimal = Decimal(0)
    growth: Decimal | None = None
    weights: Mapping[str, Decimal] = field(default_factory=dict)
    top_down: Decimal = Decimal("0.5")

    def recipe(self) -> Recipe:
        """Return the exact recipe. Raises WrongWeights."""
        weights = {Basis(basis): Fraction(weight) for basis, weight in self.weights.items()}
        if self.method == Method.WEIGHTED:
            check_weights(weights)
        return Recipe(
            method=Method(self.method),
            growth=None if self.growth is None else Fraction(self.growth),
            weights=weights,
            top_down=Fraction(self.top_down),
        )


def level_at(levels: Mapping[int, Level], depth: int) -> Level:
    """Return the setting of a depth; below the deepest setting the deepest holds."""
    if not levels:
        return Level()
    return levels[min(depth, max(levels))] if depth in levels or depth > max(levels) else Level()
