"""The description of the API for programs and, on a page, for people."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from apps.access.authentication import TokenAuthentication, token_allows
from apps.access.decorators import page
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.integrations.api.description import rooms


class NamedPermission(BasePermission):
    """Hold a method to the permission its view names."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the user, and the token if one is used, hold the permission."""
        needed = view.required_permissions.get((request.method or "").lower())
        if not request.user.is_authenticated or needed is None:
            return False
        return token_allows(request, needed) and may(request.user, needed)


@extend_schema(exclude=True)
class IndexView(APIView):
    """Where everything is: the address of each resource, of its description and of the page about it."""

    required_permissions: ClassVar = {"get": Permission.HOME}
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [NamedPermission]
    resources: ClassVar[tuple[str, ...]] = ()

    def get(self, request: Request) -> Response:
        """List the resources; each has its own permission."""
        here = request.build_absolute_uri(request.path)
        return Response(
            {
                "openapi": reverse("integrations:schema", request=request),
                "documentation": reverse("integrations:api_docs", request=request),
                "resources": {name: f"{here}{name}/" for name in self.resources},
            }
        )


@extend_schema(exclude=True)
class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, as YAML or JSON."""

    required_permissions: ClassVar = {"get": Permission.HOME}
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [NamedPermission]


@page(Permission.HOME)
def api_docs(request: HttpRequest) -> HttpResponse:
    """Show every resource with its parameters, and how to sign in."""
    return render(request, "integrations/api.html", {"rooms": rooms()})
