"""``/api/v1/accounts/``, ``/contacts/`` and ``/satisfaction/``."""

from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.permissions import Permission
from apps.access.scope import scope_of
from apps.core import clock
from apps.customers import services
from apps.customers.api.serializers import (
    AccountIn,
    AccountOut,
    ContactIn,
    ContactOut,
    SatisfactionIn,
    SatisfactionOut,
)
from apps.customers.models import Account, Contact, SatisfactionResponse
from apps.ui.rest import ApiViewSet, CreateOnce, ReadOnlyViewSet, Versioned

_READ = {"list": Permission.ACCOUNT_VIEW, "retrieve": Permission.ACCOUNT_VIEW}
_WRITE = {"create": Permission.ACCOUNT_EDIT, "partial_update": Permission.ACCOUNT_EDIT}


def number(value: str) -> int:
    """Return a query parameter as an id. Raises ValidationError."""
    if not (value.isascii() and value.isdigit() and len(value) < 19):
        raise ValidationError({"detail": f"{value[:40]!r} is not an id."})
    return int(value)


class AccountViewSet(CreateOnce, Versioned, ReadOnlyViewSet):
    """Companies we sell to."""

    queryset = Account.objects.none()
    serializer_class = AccountOut
    required_permissions: ClassVar = _READ | _WRITE
    filters = frozenset({"search", "external_id", "owner", "parent", "sector"})

    def get_queryset(self) -> QuerySet[Account]:
        """Return the accounts in reach, narrowed by the query."""
        rows = Account.objects.visible_to(self.viewer)
        query = self.request.query_params
        if text := query.get("search", ""):
            rows = rows.matching(text[:100])
        for name in ("external_id", "sector"):
            if name in query:
                rows = rows.filter(**{name: query[name]})
        for name in ("owner", "parent"):
            if name in query:
                rows = rows.filter(**{f"{name}_id": number(query[name])})
        return rows

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return AccountIn if self.action in {"create", "partial_update"} else AccountOut

    def perform(self, data: dict[str, Any]) -> Account:
        """Create an account."""
        self._check_reach(data)
        return services.create_account(**data)

    def shown(self, made: Account) -> Any:
        """Return the new account."""
        made.refresh_from_db()
        return AccountOut(made).data

    @extend_schema(request=AccountIn(partial=True), responses=AccountOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields given; send the version read."""
        rows = Account.objects.permitting(self.viewer, Permission.ACCOUNT_EDIT)
        found = get_object_or_404(rows, pk=pk)
        serializer = AccountIn(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        data = dict(serializer.validated_data)
        accept = data.pop("accept_duplicate", False)
        self._check_reach(data)
        saved = services.update_account(
            account_id=found.pk,
            version=self.expected_version(request),
            changes=data,
            accept_duplicate=accept,
        )
        return Response(self.shown(saved))

    def _check_reach(self, data: dict[str, Any]) -> None:
        owner, parent = data.get("owner_id"), data.get("parent_id")
        scope = scope_of(self.viewer, Permission.ACCOUNT_EDIT)
        if owner is not None and not scope.covers_person(owner):
            raise ValidationError({"owner_id": ["Choose a person in your reach."]})
        if parent is not None:
            get_object_or_404(Account.objects.visible_to(self.viewer), pk=parent)


class ContactViewSet(CreateOnce, Versioned, ReadOnlyViewSet):
    """People at accounts."""

    queryset = Contact.objects.none()
    serializer_class = ContactOut
    required_permissions: ClassVar = _READ | _WRITE
    filters = frozenset({"search", "account"})

    def get_queryset(self) -> QuerySet[Contact]:
        """Return the contacts in reach, narrowed by the query."""
        rows = Contact.objects.visible_to(self.viewer)
        query = self.request.query_params
        if text := query.get("search", ""):
            rows = rows.matching(text[:100])
        if "account" in query:
            rows = rows.filter(account_id=number(query["account"]))
        return rows

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return ContactIn if self.action in {"create", "partial_update"} else ContactOut

    def perform(self, data: dict[str, Any]) -> Contact:
        """Create a contact at an account the caller may change."""
        accounts = Account.objects.permitting(self.viewer, Permission.ACCOUNT_EDIT)
        get_object_or_404(accounts, pk=data["account_id"])
        return services.create_contact(**data)

    def shown(self, made: Contact) -> Any:
        """Return the new contact."""
        made.refresh_from_db()
        return ContactOut(made).data

    @extend_schema(request=ContactIn(partial=True), responses=ContactOut)
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change the fields given; send the version read."""
        rows = Contact.objects.permitting(self.viewer, Permission.ACCOUNT_EDIT)
        found = get_object_or_404(rows, pk=pk)
        serializer = ContactIn(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        data = {name: value for name, value in serializer.validated_data.items() if name != "account_id"}
        version = self.expected_version(request)
        return Response(
            self.shown(services.update_contact(contact_id=found.pk, version=version, changes=data))
        )


class SatisfactionViewSet(CreateOnce, mixins.ListModelMixin, mixins.RetrieveModelMixin, ApiViewSet):
    """Answers to "how satisfied are you?"."""

    queryset = SatisfactionResponse.objects.none()
    serializer_class = SatisfactionOut
    required_permissions: ClassVar = _READ | {"create": Permission.ACCOUNT_EDIT}
    filters = frozenset({"account"})

    def get_queryset(self) -> QuerySet[SatisfactionResponse]:
        """Return the answers in reach, narrowed by the query."""
        rows = SatisfactionResponse.objects.visible_to(self.viewer)
        if "account" in self.request.query_params:
            rows = rows.filter(account_id=number(self.request.query_params["account"]))
        return rows

    def get_serializer_class(self) -> Any:
        """Return the serializer of the action."""
        return SatisfactionIn if self.action == "create" else SatisfactionOut

    def perform(self, data: dict[str, Any]) -> SatisfactionResponse:
        """Record an answer of an account the caller may change."""
        accounts = Account.objects.permitting(self.viewer, Permission.ACCOUNT_EDIT)
        get_object_or_404(accounts, pk=data["account_id"])
        return services.record_satisfaction(today=clock.today(), **data)

    def shown(self, made: SatisfactionResponse) -> Any:
        """Return the new answer."""
        return SatisfactionOut(made).data
