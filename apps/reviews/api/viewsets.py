"""``/api/v1/evaluation-cycles/`` and ``/api/v1/evaluations/``, to read."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from apps.access.permissions import Permission
from apps.reviews.api.serializers import CycleOut, EvaluationOut
from apps.reviews.models import Evaluation, EvaluationCycle
from apps.ui.rest import ReadOnlyViewSet

_READ: dict[str, Permission] = {"list": Permission.REVIEW_VIEW, "retrieve": Permission.REVIEW_VIEW}


class _KeptNowhere:
    """No cache on the way keeps evaluations."""

    def finalize_response(self, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(*args, **kwargs)  # type: ignore[misc]  # mixed into a viewset
        response["Cache-Control"] = "no-store, private"
        return response


class EvaluationCycleViewSet(_KeptNowhere, ReadOnlyViewSet):
    """The cycles of evaluations."""

    serializer_class = CycleOut
    queryset = EvaluationCycle.objects.none()
    required_permissions: ClassVar = _READ

    def get_queryset(self) -> QuerySet[EvaluationCycle]:
        """Return the cycles the caller sees."""
        return EvaluationCycle.objects.visible_to(self.viewer)


class EvaluationViewSet(_KeptNowhere, ReadOnlyViewSet):
    """Evaluations with their KPI scores."""

    serializer_class = EvaluationOut
    queryset = Evaluation.objects.none()
    filters = frozenset({"period", "person"})
    required_permissions: ClassVar = _READ

    def get_queryset(self) -> QuerySet[Evaluation]:
        """Return the evaluations the caller may read, narrowed by ``period`` and ``person``."""
        rows = Evaluation.objects.visible_to(self.viewer).select_related("cycle", "person")
        period = self.request.query_params.get("period", "")
        person = self.request.query_params.get("person", "")
        if "\x00" in period:
            raise ValidationError({"period": [_("There is no such period.")]})
        if period:
            rows = rows.filter(cycle__period_code=period)
        if person:
            if not (person.isascii() and person.isdigit() and len(person) < 18):
                raise ValidationError({"person": [_("A whole number is expected.")]})
            rows = rows.filter(person=int(person))
        return rows.prefetch_related("scores")
