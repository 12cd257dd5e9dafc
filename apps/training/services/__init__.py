"""The only writers of training."""

from apps.training.services.courses import (
    CodeTaken,
    InvalidCourse,
    InvalidSession,
    SkillOfCourse,
    cancel_session,
    create_course,
    plan_session,
    update_course,
)
from apps.training.services.learning import (
    AlreadyCompleted,
    InvalidCompletion,
    assess_skill,
    record_completion,
)
from apps.training.services.seats import (
    AlreadyEnrolled,
    CannotWithdraw,
    NotHeldYet,
    SessionNotOpen,
    enrol,
    record_attendance,
    withdraw,
)

__all__ = [
    "AlreadyCompleted",
    "AlreadyEnrolled",
    "CannotWithdraw",
    "CodeTaken",
    "InvalidCompletion",
    "InvalidCourse",
    "InvalidSession",
    "NotHeldYet",
    "SessionNotOpen",
    "SkillOfCourse",
    "assess_skill",
    "cancel_session",
    "create_course",
    "enrol",
    "plan_session",
    "record_attendance",
    "record_completion",
    "update_course",
    "withdraw",
]
