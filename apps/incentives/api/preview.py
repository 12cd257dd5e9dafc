"""``/api/v1/incentives/``: the schema of plans, and a complete calculation that writes nothing."""

from typing import ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.incentives.api.viewsets import NoStore
from apps.incentives.rules.plan.parsing import plan_schema
from apps.incentives.rules.preview.answer import preview
from apps.incentives.rules.preview.reading import RequestInvalid, read_request
from apps.incentives.rules.preview.request import PreviewRequest
from apps.incentives.rules.preview.response import PreviewResponse
from apps.ui.rest import ApiViewSet


class PlanSchemaViewSet(ApiViewSet):
    """The JSON Schema of plan documents."""

    required_permissions: ClassVar = {"list": Permission.PLAN_VIEW}
    pagination_class = None

    @extend_schema(responses=OpenApiTypes.OBJECT, filters=False)
    def list(self, request: Request) -> Response:
        """Return the JSON Schema of plan documents."""
        return Response(plan_schema())


class PreviewViewSet(NoStore, ApiViewSet):
    """Calculations on figures of one's own."""

    required_permissions: ClassVar = {"create": Permission.PLAN_EDIT}

    @extend_schema(request=PreviewRequest, responses={200: PreviewResponse})
    def create(self, request: Request) -> Response:
        """Calculate a complete request by the engine of pay runs; nothing is read or written.

        Every payee's lines, balances and trace, what pools and SPIFFs gave, which crediting rules were
        tried, and what to hand to the next period. docs/how-to/express-a-plan.md shows worked examples.
        """
        try:
            asked = read_request(request.data)
        except RequestInvalid as error:
            raise ValidationError({place: [str(fix)] for place, fix in error.fields.items()}) from error
        return Response(preview(asked).model_dump(mode="json", by_alias=True))
