"""Resources for the API root."""

from apps.training.api.viewsets import CompletionViewSet, CourseSessionViewSet, CourseViewSet

routes = [
    ("courses", CourseViewSet, "course"),
    ("course-sessions", CourseSessionViewSet, "course-session"),
    ("completions", CompletionViewSet, "completion"),
]
