"""The description of the API: names, tags, ways to sign in and refusals, the same for every resource."""

from importlib import import_module
from typing import Any

from django.apps import apps
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from apps.ui.rest import Versioned

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


class Refusal(serializers.Serializer):
    """What every refused call answers."""

    code = serializers.CharField(help_text="a stable word for programs, such as stale_version")
    detail = serializers.CharField(help_text="a sentence for people, in the caller's language")
    fields = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), help_text="what is wrong, by field"
    )
    now = serializers.DictField(required=False, help_text="with a stale version: the row as it is now")


class BearerToken(OpenApiAuthenticationExtension):
    """``Authorization: Bearer so_…``, made on the page of one's tokens or by ``create_api_token``."""

    target_class = "apps.access.authentication.TokenAuthentication"
    name = "bearerToken"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token with scopes. It can do what its scopes and its owner both may.",
        }


class Session(OpenApiAuthenticationExtension):
    """The session of the browser; unsafe calls send the CSRF token of the page."""

    target_class = "rest_framework.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """Return the scheme."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "The browser's session; unsafe calls also send X-CSRFToken.",
        }


class Schema(AutoSchema):
    """Describes one operation: tagged by room, its components named by room, its refusals listed."""

    @property
    def room(self) -> str:
        """The app that the resource belongs to."""
        parts = type(self.view).__module__.split(".")
        return parts[1] if parts[0] == "apps" else "integrations"

    def get_tags(self) -> list[str]:
        """Return the room's name, or that of the lower room a resource was added for."""
        shown = getattr(self.view, "room", self.room)
        return [str(apps.get_app_config(shown).label)]

    def get_operation_id(self) -> str:
        """Return a name that stays the same while resources come and go."""
        path = self.path.replace("/api/v1/", "").strip("/")
        words = [part.replace("-", "_") for part in path.split("/") if not part.startswith("{")]
        return "_".join([*words, self.view.action or self.method.lower()])

    def get_response_serializers(self) -> Any:
        """Return what goes out: ``XOut`` beside the ``XIn`` that comes in."""
        found = super().get_response_serializers()
        kind = found if isinstance(found, type) else type(found)
        if not kind.__name__.endswith("In"):
            return found
        return getattr(import_module(kind.__module__), f"{kind.__name__.removesuffix('In')}Out", found)

    def get_override_parameters(self) -> list[OpenApiParameter]:
        """Return the list's filters and the headers that make calls safe to repeat and to change."""
        if self.method == "GET":
            names = sorted(getattr(self.view, "filters", None) or ()) if self.view.action == "list" else ()
            return [OpenApiParameter(name, str) for name in names]
        text = "A word of your own; the same call sent again is given the first answer."
        headers = [OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER, description=text)]
        if isinstance(self.view, Versioned) and self.view.action != "create":
            text = "The version you read; “version” in the body does as well."
            headers.append(OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description=text))
        return headers

    def _get_serializer_name(self, serializer: Any, direction: str, bypass_extensions: bool = False) -> str:
        name = super()._get_serializer_name(serializer, direction, bypass_extensions)
        module = (serializer if isinstance(serializer, type) else type(serializer)).__module__.split(".")
        owner = module[1] if module[0] == "apps" and module[1] != "integrations" else ""
        child = getattr(serializer, "child", None)
        if child is not None:
            return str(name)
        prefix = owner.title()
        return str(name) if not prefix or name.startswith(prefix) else f"{prefix}{name}"

    def _get_response_bodies(self, direction: str = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for status, text in self._refusals().items():
            if status not in bodies:
                bodies[status] = {
                    **self._get_response_for_code(Refusal, status),
                    "description": text,
                }
        return bodies

    def _refusals(self) -> dict[str, str]:
        found = {
            "400": "The parameters or the body are not valid; unknown parameters are refused.",
            "401": "Nobody is signed in, or the token is unknown, expired or revoked.",
            "403": "The token's scopes or the caller's roles do not allow this.",
        }
        if "{" in self.path:
            found["404"] = "There is no such thing, or it is out of the caller's reach."
        if self.method in UNSAFE:
            found["409"] = "A business rule refuses this, or it contradicts something recorded."
            found["412"] = "Somebody saved in between: read again and repeat the change."
            found["422"] = "The idempotency key was used for another call."
            found["428"] = "Send the version you read, as If-Match or in the body."
        return found
