"""Admin of the catalogue; seats, completions and levels are looked at here and written on their pages."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin, RoomInline
from apps.access.permissions import Permission
from apps.training.models import (
    Completion,
    Course,
    CourseSession,
    CourseSkill,
    Enrolment,
    SkillAssessment,
)


class SkillInline(RoomInline):
    """The skills a course teaches."""

    model = CourseSkill
    view_permission = Permission.TRAINING_VIEW


@admin.register(Course)
class CourseAdmin(RoomAdmin):
    """Courses: wording can be corrected here."""

    view_permission = Permission.TRAINING_VIEW
    edit_permission = Permission.TRAINING_EDIT
    editable_fields = ("summary", "provider", "materials_url")
    inlines = (SkillInline,)
    list_display = ("name", "code", "format", "hours", "retired_on")
    list_filter = ("format",)
    search_fields = ("name", "code", "provider")


@admin.register(CourseSession)
class CourseSessionAdmin(RoomAdmin):
    """Sessions."""

    view_permission = Permission.TRAINING_VIEW
    list_display = ("course", "starts_at", "place", "capacity", "state")
    list_select_related = ("course",)
    list_filter = ("state",)


class PlainAdmin(RoomAdmin):
    """Rows that are looked at."""

    view_permission = Permission.TRAINING_VIEW


for model in (CourseSkill, Enrolment, Completion, SkillAssessment):
    admin.site.register(model, PlainAdmin)
