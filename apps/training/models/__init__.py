from apps.training.models.courses import Course, CourseSession, CourseSkill
from apps.training.models.people import Completion, Enrolment, SkillAssessment

__all__ = ["Completion", "Course", "CourseSession", "CourseSkill", "Enrolment", "SkillAssessment"]
