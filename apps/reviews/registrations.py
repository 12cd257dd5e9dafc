"""What this room contributes to lower rooms at start-up."""

from apps.events import audit, jobs
from apps.reviews import tasks
from apps.reviews.services import telling


def install() -> None:
    """Register audit, the periodic job and kinds of notices."""
    audit.track("reviews.EvaluationCycle", "reviews.KpiScale")
    audit.track(
        "reviews.Evaluation",
        "reviews.EvaluationSegment",
        "reviews.KpiScore",
        "reviews.Goal",
        "reviews.EvaluationChange",
        protected=True,
    )
    jobs.register(tasks.QUARTERLY)
    telling.register_kinds()
