"""``/api/v1/courses/``, ``/course-sessions/`` and ``/completions/``, to read."""

from typing import ClassVar

from django.db.models import QuerySet

from apps.access.permissions import Permission
from apps.training.api.serializers import CompletionOut, CourseOut, CourseSessionOut
from apps.training.models import Completion, Course, CourseSession
from apps.ui.rest import ReadOnlyViewSet

_READ: dict[str, Permission] = {"list": Permission.TRAINING_VIEW, "retrieve": Permission.TRAINING_VIEW}


class CourseViewSet(ReadOnlyViewSet):
    """The catalogue."""

    serializer_class = CourseOut
    queryset = Course.objects.none()
    required_permissions: ClassVar = _READ

    def get_queryset(self) -> QuerySet[Course]:
        """Return the courses the caller sees."""
        return Course.objects.visible_to(self.viewer).prefetch_related("skills__skill")


class CourseSessionViewSet(ReadOnlyViewSet):
    """When courses take place."""

    serializer_class = CourseSessionOut
    queryset = CourseSession.objects.none()
    required_permissions: ClassVar = _READ

    def get_queryset(self) -> QuerySet[CourseSession]:
        """Return the sessions the caller sees."""
        return CourseSession.objects.visible_to(self.viewer)


class CompletionViewSet(ReadOnlyViewSet):
    """Who completed what: one's own and those of people one looks after."""

    serializer_class = CompletionOut
    queryset = Completion.objects.none()
    required_permissions: ClassVar = _READ

    def get_queryset(self) -> QuerySet[Completion]:
        """Return the completions the caller sees."""
        return Completion.objects.visible_to(self.viewer)
