from apps.strategy.models.plans import Initiative, Objective, Participant, ProgressNote, Strategy
from apps.strategy.models.reviews import Decision, Deviation, Reminder, ReviewCadence, StrategyReview

__all__ = [
    "Decision",
    "Deviation",
    "Initiative",
    "Objective",
    "Participant",
    "ProgressNote",
    "Reminder",
    "ReviewCadence",
    "Strategy",
    "StrategyReview",
]
