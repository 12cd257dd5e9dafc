"""What this room contributes to lower rooms at start-up."""

from apps.events import audit
from apps.training.services import telling


def install() -> None:
    """Register audit and kinds of notices."""
    audit.track(
        "training.Course",
        "training.CourseSkill",
        "training.CourseSession",
        "training.Enrolment",
        "training.Completion",
        "training.SkillAssessment",
    )
    telling.register_kinds()
