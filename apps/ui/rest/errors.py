"""What a refused call is answered: ``{"code", "detail", "fields"}``, and ``now`` for a stale version."""

from typing import Any

from django.db import DataError, IntegrityError
from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from apps.core.errors import DomainError, StaleVersion
from apps.events.idempotency import KeyInFlight, KeyReused
from apps.ui.rest.problems import UnknownParameter, VersionMissing


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer an exception of a viewset; None lets it become a 500."""
    refusal = _refusal(error)
    if refusal is not None:
        if isinstance(error, StaleVersion) and hasattr(context["view"], "now"):
            refusal.data["now"] = context["view"].now()
        set_rollback()
        return refusal
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _shape(error, response.data)
    return response


def _refusal(error: Exception) -> Response | None:
    if isinstance(error, DomainError):
        return _answer(_status_of(error), error.code, str(error), error.fields)
    if isinstance(error, IntegrityError):
        return _answer(409, "conflict", _("This contradicts something that is already recorded."))
    if isinstance(error, DataError):
        return _answer(400, "invalid", _("A value is too long, too large or of the wrong kind."))
    if isinstance(error, ValueError) and "NUL" in str(error):
        return _answer(400, "invalid", _("Text must not contain the NUL character."))
    return None


def _status_of(error: DomainError) -> int:
    if isinstance(error, UnknownParameter):
        return status.HTTP_400_BAD_REQUEST
    if isinstance(error, VersionMissing):
        return status.HTTP_428_PRECONDITION_REQUIRED
    if isinstance(error, StaleVersion):
        return status.HTTP_412_PRECONDITION_FAILED
    if isinstance(error, KeyReused):
        return status.HTTP_422_UNPROCESSABLE_ENTITY
    return status.HTTP_409_CONFLICT


def _answer(code: int, name: str, detail: str, fields: dict[str, Any] | None = None) -> Response:
    body = {
        "code": name,
        "detail": detail,
        "fields": {key: [str(text)] for key, text in (fields or {}).items()},
    }
    response = Response(body, status=code)
    if name == KeyInFlight("").code:
        response["Retry-After"] = "1"
    return response


def _shape(error: Exception, data: Any) -> dict[str, Any]:
    if isinstance(error, exceptions.ValidationError):
        fields = data if isinstance(data, dict) else {"non_field_errors": data}
        return {"code": "invalid", "detail": _first(fields), "fields": fields}
    detail = data.get("detail", "") if isinstance(data, dict) else str(data)
    code = getattr(detail, "code", None) or getattr(error, "default_code", "error")
    return {"code": code, "detail": str(detail), "fields": {}}


def _first(data: Any) -> str:
    while isinstance(data, dict | list) and data:
        data = next(iter(data.values())) if isinstance(data, dict) else data[0]
    return str(data) if data else _("The data is not valid.")
