"""The tables of training."""

from django.utils.translation import gettext_lazy as _

from apps.core.names import in_words
from apps.training.enums import Format
from apps.training.models import Course
from apps.ui.tables import Choice, Column, Empty, Table


def _skills(course: Course) -> str:
    return " · ".join(f"{in_words(link.skill.name)} {link.level}" for link in course.skills.all())


class CourseTable(Table):
    """The catalogue."""

    key = "training.courses"
    title = _("Courses")
    columns = (
        Column(
            "name",
            _("Course"),
            value=lambda row: in_words(row.name),
            sort="name",
            href="training:course",
            phone="title",
        ),
        Column("skills", _("Skills and levels"), value=_skills, phone="subtitle"),
        Column("format", _("Format"), value=lambda row: row.get_format_display(), sort=True),
        Column("provider", _("Provider"), sort=True),
        Column("hours", _("Hours"), kind="number", sort=True),
        Column("next_session", _("Next session"), kind="moment", sort=True, nullable=True),
        Column("passed", _("Passed by"), kind="number", sort=True),
    )
    filters = (Choice("format", _("Format"), options=Format.choices, quick=True),)
    search = ("name", "provider", "summary")
    search_hint = _("Course or provider")
    default_sort = "name"
    empty = Empty(
        _("No courses yet"), _("Courses say which skill they teach up to which level."), icon="school"
    )
