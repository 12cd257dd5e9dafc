"""The description of the API for programs and, on a page, for people."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

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
class SchemaView(SpectacularAPIView):
    """OpenAPI 3.1, as YAML or JSON."""

    required_permissions: ClassVar = {"get": Permission.HOME}
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    permission_classes = [NamedPermission]


@page(Permission.HOME)
def api_docs(request: HttpRequest) -> HttpResponse:
    """Show every resource with its parameters, and how to sign in."""
    return render(request, "integrations/api.html", {"rooms": rooms()})
