"""Reading targets: quotas, attainment, plans and where each figure comes from."""

from apps.targets.selectors.quotas import Piece, Quotas, quota, quotas
from apps.targets.selectors.standing import Standings, adds_up, attainment, standings

__all__ = [
    "Piece",
    "Quotas",
    "Standings",
    "adds_up",
    "attainment",
    "quota",
    "quotas",
    "standings",
]
