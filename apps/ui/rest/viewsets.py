"""The base of every API resource: deny by default, one transaction, strict parameters, replays, versions."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import IntegrityError, connection, transaction
from django.http import HttpResponseBase
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _
from rest_framework import mixins
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils import json as rest_json
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.viewsets import GenericViewSet

from apps.access.authentication import TokenAuthentication, token_allows
from apps.access.models import User
from apps.access.permissions import KEPT_NOWHERE, SHOWS_PAY, Permission
from apps.access.scope import may
from apps.core.errors import StaleVersion
from apps.events import audit, idempotency
from apps.events.audit import become
from apps.ui.rest.errors import handle
from apps.ui.rest.pagination import CursorPages
from apps.ui.rest.parsers import StrictJSONParser
from apps.ui.rest.problems import UnknownParameter, VersionMissing

UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}
_PAGE_PARAMETERS = frozenset({"cursor", "page_size", "format"})
MAX_KEY = 200


class RequiredPermission(BasePermission):
    """Hold an action to the permission its viewset names; an unnamed action is refused."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the user, and the token if one is used, hold the permission."""
        if not request.user or not request.user.is_authenticated:
            return False
        if view.action in {None, "metadata"}:  # a method the resource lacks is answered 405 afterwards
            return True
        needed = view.required_permissions.get(view.action)
        carried = view.token_permissions.get(view.action, needed)
        return needed is not None and token_allows(request, carried) and may(request.user, needed)


class ApiViewSet(GenericViewSet):
    """Compose with DRF's mixins or write actions.

    ``required_permissions`` maps every action to a Permission; where the record
    decides who may act on it, ``token_permissions`` names the one a token must
    carry instead, so that a token to read never writes. ``filters`` names
    the query parameters of the list (``None`` asks the filter set). Unsafe calls
    run in one transaction; with an ``Idempotency-Key`` header a repeated call is
    given the first answer and has no second effect.
    """

    required_permissions: ClassVar[Mapping[str, Permission]] = {}
    token_permissions: ClassVar[Mapping[str, Permission]] = {}
    filters: ClassVar[frozenset[str] | None] = None
    shows_pay: ClassVar[bool] = False  # whatever the permission says
    only_reads: ClassVar[bool] = False  # its POST asks a question and changes nothing
    ordering: str | tuple[str, ...] = "-pk"
    ordering_fields: ClassVar[tuple[str, ...]] = ()
    authentication_classes = [TokenAuthentication, SessionAuthentication]
    parser_classes = [StrictJSONParser]
    permission_classes = [RequiredPermission]
    pagination_class = CursorPages
    lookup_value_regex = r"[0-9]{1,18}"

    @property
    def viewer(self) -> User:
        """The user behind the call."""
        return self.request.user  # type: ignore[return-value]  # RequiredPermission went first

    def get_exception_handler(self) -> Any:
        """Return the handler that shapes every refusal alike."""
        return handle

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method in UNSAFE:
            become(request.user.pk)  # a token's owner is known only now; the audit trail names them
        self._refuse_unknown_parameters(request)
        if request.method in UNSAFE and request.headers.get("Idempotency-Key"):
            self._answer_once(request)

    def _answer_once(self, request: Request) -> None:
        """Put a replay of the first answer before the action that is about to be called."""
        name, key = request.method.lower(), request.headers["Idempotency-Key"].strip()
        action = getattr(self, name, None)
        if action is None:  # answered 405
            return
        if not 0 < len(key) <= MAX_KEY or not key.isprintable():
            raise ValidationError({"Idempotency-Key": [_("Use at most 200 printable characters.")]})
        told = idempotency.hash_of(request.method, request.get_full_path(), _body_of(request))

        def replayed(request: Request, *args: Any, **kwargs: Any) -> Response:
            answer = idempotency.replay_or_run(
                request.user, key, told, lambda: _kept(action(request, *args, **kwargs))
            )
            response = Response(answer.response, status=answer.status)
            if answer.replayed:
                response["Idempotency-Replayed"] = "true"
            return response

        setattr(self, name, replayed)

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Run an unsafe call in one transaction, rolled back by an answer from 400 up; note looks at pay."""
        with audit.reading() as noted:
            response = self._dispatched(request, *args, **kwargs)
            if response.status_code == 200 and self._reads_pay() and not noted():
                audit.record_access(
                    user_id=self.request.user.pk,  # type: ignore[arg-type]  # signed in
                    what=f"api {getattr(self, 'basename', '')} {self.action}"[:60],
                    table="", row_id=kwargs.get("pk", ""),
                )  # fmt: skip
        return response

    def _reads_pay(self) -> bool:
        shows = self.shows_pay or self.required_permissions.get(self.action) in SHOWS_PAY
        return shows and (self.request.method == "GET" or self.only_reads)

    def _dispatched(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method not in UNSAFE:
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code < 400:
                response = self._settled(response)
            if response.status_code >= 400:
                transaction.set_rollback(True)
        return response

    def _settled(self, response: HttpResponseBase) -> HttpResponseBase:
        """Ask for what the database otherwise refuses only at the commit, when it is too late to say so."""
        try:
            connection.check_constraints()
        except IntegrityError as error:
            refusal = self.handle_exception(error)
            return self.finalize_response(self.request, refusal, *self.args, **self.kwargs)
        return response

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Keep pay and evaluations out of every cache."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if self.required_permissions.get(self.action) in KEPT_NOWHERE:
            answer["Cache-Control"] = "no-store, private"
        return answer

    def known_parameters(self) -> frozenset[str]:
        """Return the query parameters the called action understands."""
        if self.action != "list":
            return frozenset(self.filters or ()) | {"format"}
        names: set[str] = set(_PAGE_PARAMETERS) | set(self.filters or ())
        names |= {"ordering"} if self.ordering_fields else set()
        filterset = getattr(self, "filterset_class", None)
        if filterset is not None:
            names |= set(filterset.base_filters)
        return frozenset(names)

    def _refuse_unknown_parameters(self, request: Request) -> None:
        unknown = sorted(set(request.query_params) - self.known_parameters())
        if unknown:
            names = ", ".join(unknown)[:200]
            raise UnknownParameter(_("Unknown parameter: %(names)s.") % {"names": names})


class CreateOnce:
    """A create action for viewsets: ``perform(data) -> object``, answered with ``shown(object)``."""

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Create; a call repeated with its Idempotency-Key is given the first answer."""
        serializer = self.get_serializer(data=request.data)  # type: ignore[attr-defined]  # a viewset's mixin
        serializer.is_valid(raise_exception=True)
        made = self.perform(serializer.validated_data)
        return Response(self.shown(made), status=201)

    def perform(self, data: dict[str, Any]) -> Any:
        """Call the service."""
        raise NotImplementedError

    def shown(self, made: Any) -> Any:
        """Return what the answer shows of the new object."""
        raise NotImplementedError


class Versioned:
    """For updates: the version a change is based on, from ``If-Match`` or the body's ``version``."""

    def now(self) -> dict[str, Any] | None:
        """Return the row as it is, for a caller who changed an older version of it; None when it is gone."""
        row = self.get_queryset().filter(pk=self.kwargs["pk"]).first()  # type: ignore[attr-defined]  # mixin
        if row is None:
            return None
        shown = getattr(self, "shown", None)
        return dict(shown(row) if shown else self.serializer_class(row).data)  # type: ignore[attr-defined]

    def expected_version(self, request: Request) -> int:
        """Return the version the caller saw. Raises VersionMissing (428) or ValidationError (400)."""
        given = request.headers.get("If-Match", "").strip().removeprefix("W/").strip('"')
        if not given and isinstance(request.data, Mapping):
            given = str(request.data.get("version", "") or "")
        if not given:
            raise VersionMissing(_("Send the version you read, as If-Match or as “version”."))
        if not (given.isascii() and given.isdigit() and len(given) < 10):
            raise ValidationError({"version": [_("A whole number is expected.")]})
        return int(given)

    def check_version(self, request: Request, row: Any) -> None:
        """Compare with a locked row. Raises StaleVersion (412) when somebody saved in between."""
        if self.expected_version(request) != row.version:
            raise StaleVersion(
                _("Somebody else changed this meanwhile. Read it again and repeat your change."),
                fields={"version": str(row.version)},
            )


class ReadOnlyViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """A resource to read: set ``queryset`` through ``get_queryset`` from ``visible_to(self.viewer)``."""


def _body_of(request: Request) -> bytes:
    """Return the raw body; a body already read as form data is told by its parsed parts."""
    try:
        return request.body
    except RawPostDataException:
        return repr(sorted((str(k), str(v)) for k, v in dict(request.data).items())).encode()


def _kept(response: Response) -> tuple[int, Any]:
    return response.status_code, _jsonable(response.data)


def _jsonable(data: Any) -> Any:
    return rest_json.loads(rest_json.dumps(data, cls=JSONEncoder))
