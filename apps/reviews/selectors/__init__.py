"""Reads of evaluations."""

from apps.reviews.selectors.places import Place, Segment, Stretch, places_on, segments, stretches
from apps.reviews.selectors.scorecards import Line, Question, Scorecard, scorecards

__all__ = [
    "Line",
    "Place",
    "Question",
    "Scorecard",
    "Segment",
    "Stretch",
    "places_on",
    "scorecards",
    "segments",
    "stretches",
]
