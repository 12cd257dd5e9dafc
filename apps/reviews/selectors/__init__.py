"""Reads of evaluations."""

from apps.reviews.selectors.pages import (
    RATED,
    CardRow,
    CycleCard,
    CyclePicture,
    Rater,
    TeamProgress,
    cycles,
    own_evaluations,
    picture,
    scorecard,
    shared_history,
    team_evaluations,
    waiting_for,
)
from apps.reviews.selectors.places import Place, Segment, Stretch, places_on, segments, stretches
from apps.reviews.selectors.scorecards import Line, Question, Scorecard, scorecards

__all__ = [
    "RATED",
    "CardRow",
    "CycleCard",
    "CyclePicture",
    "Line",
    "Place",
    "Question",
    "Rater",
    "Scorecard",
    "Segment",
    "Stretch",
    "TeamProgress",
    "cycles",
    "own_evaluations",
    "picture",
    "places_on",
    "scorecard",
    "scorecards",
    "segments",
    "shared_history",
    "stretches",
    "team_evaluations",
    "waiting_for",
]
