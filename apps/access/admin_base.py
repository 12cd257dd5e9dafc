"""The base of every room's Django admin: it looks, it rarely touches, it never goes around a rule.

What a person may open there follows from ``access.Permission``, never from
Django's own permissions or flags. Rows come from ``visible_to``; nothing can be
deleted; only named fields of named models can be edited; pay stays hidden from
whoever lacks the permission for it.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg2.extras import DateRange
from unfold import forms as unfold_forms
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.fields import UnfoldAdminReadonlyField

from apps.access.permissions import SHOWS_PAY, Permission
from apps.access.scope import may
from apps.events import audit


def _holds(request: HttpRequest, wanted: Permission | tuple[Permission, ...] | None) -> bool:
    """Tell whether the person holds the permission, or any one of several."""
    if wanted is None:
        return False
    several = wanted if isinstance(wanted, tuple) else (wanted,)
    return any(may(request.user, permission) for permission in several)  # type: ignore[arg-type]  # signed in


class ReadonlyField(UnfoldAdminReadonlyField):
    """A related row is a link only where the permission that opens this page opens that one, too."""

    def get_admin_url(self, remote_field: Any, remote_obj: models.Model) -> str:
        there = self.model_admin.admin_site._registry.get(remote_field.model)
        if _opens(self.model_admin) <= _opens(there):
            return super().get_admin_url(remote_field, remote_obj)
        return str(remote_obj)

    def _get_contents(self) -> Any:
        stretch = getattr(self.form.instance, str(self.field["field"]), None)
        return days_of(stretch) if isinstance(stretch, DateRange) else super()._get_contents()


def days_of(stretch: DateRange) -> str:
    """Write a stretch of days as people do: from its first day to its last."""
    first, after = stretch.lower, stretch.upper
    words = {
        "first": date_format(first) if first else "",
        "last": date_format(after - dt.timedelta(days=1)) if after else "",
    }
    if first and after:
        return _("%(first)s to %(last)s") % words
    if first:
        return _("from %(first)s") % words
    return _("until %(last)s") % words if after else _("always")


def _opens(admin: Any) -> set[Permission]:
    wanted = getattr(admin, "view_permission", None)
    if wanted is None:
        return set()
    return set(wanted) if isinstance(wanted, tuple) else {wanted}


# The theme draws every read-only field with the class of this name; it leaves no other way in.
unfold_forms.UnfoldAdminReadonlyField = ReadonlyField


def _root(lookup: str) -> str:
    return lookup.lstrip("-").split("__", 1)[0]


class _RoomAdminMixin:
    """Permissions, visibility and hidden pay, shared by admins and inlines."""

    view_permission: Permission | tuple[Permission, ...] | None = None
    edit_permission: Permission | None = None
    editable_fields: Sequence[str] = ()
    can_add = False
    pay_fields: Sequence[str] = ()
    pay_permission: Permission = Permission.STATEMENT_VIEW

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the model in the index to whoever may view it."""
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Follow the room's permission; a model whose admin names none is closed to everybody."""
        return _holds(request, self.view_permission)

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Allow a change where fields are named and this very row is in reach of the permission to change."""
        if not self.editable_fields or not _holds(request, self.edit_permission):
            return False
        if obj is None:
            return True
        rows = type(obj)._default_manager.all()  # the public name differs from model to model
        if hasattr(rows, "permitting"):
            return rows.permitting(request.user, self.edit_permission).filter(pk=obj.pk).exists()
        return True

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Allow a new row only where the room says so."""
        return self.can_add and _holds(request, self.edit_permission)

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never: rows end, they do not vanish."""
        return False

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Return the rows the person may see."""
        rows = super().get_queryset(request)  # type: ignore[misc]  # mixed into ModelAdmin
        return rows.visible_to(request.user) if hasattr(rows, "visible_to") else rows

    def hidden_fields(self, request: HttpRequest) -> frozenset[str]:
        """Return the pay fields when the person lacks the permission for pay."""
        if self.pay_fields and not _holds(request, self.pay_permission):
            return frozenset(self.pay_fields)
        return frozenset()

    def get_exclude(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        """Leave hidden fields out of forms."""
        excluded = super().get_exclude(request, obj) or ()  # type: ignore[misc]  # mixed into ModelAdmin
        return [*excluded, *self.hidden_fields(request)]

    def get_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[Any]:
        """Leave hidden fields out of the page."""
        hidden = self.hidden_fields(request)
        fields = super().get_fields(request, obj)  # type: ignore[misc]  # mixed into ModelAdmin
        return [field for field in fields if field not in hidden]

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> list[str]:
        """Make everything read-only that is not named as editable; a new row takes every editable field."""
        hidden = self.hidden_fields(request)
        declared = super().get_readonly_fields(request, obj)  # type: ignore[misc]  # mixed into ModelAdmin
        own = [
            field.name
            for field in self.opts.fields  # type: ignore[attr-defined]  # mixed into ModelAdmin
            if field.name not in self.editable_fields and field.editable and not field.primary_key
        ]
        return [name for name in dict.fromkeys([*declared, *own]) if name not in hidden]


class RoomInline(_RoomAdminMixin, TabularInline):
    """Rows of a child model below their parent, under the same rules."""

    extra = 0
    show_change_link = True


class RoomStackedInline(_RoomAdminMixin, StackedInline):
    """Like RoomInline, one block per row."""

    extra = 0
    show_change_link = True


class RoomAdmin(_RoomAdminMixin, ModelAdmin):
    """The admin of one business model.

    Set ``view_permission`` (one, or a tuple of which any will do). To let people
    edit reference data, set ``edit_permission`` and ``editable_fields``; to let
    them add rows, ``can_add``. Name amounts of pay in ``pay_fields``.
    """

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the list; a look at pay is noted."""
        return self._noted(request, super().changelist_view(request, *args, **kwargs), "")

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a row; a look at pay is noted."""
        return self._noted(request, super().change_view(request, object_id, *args, **kwargs), object_id)

    def _noted(self, request: HttpRequest, response: HttpResponse, row_id: str) -> HttpResponse:
        shows_pay = bool(_opens(self) & SHOWS_PAY) or (self.pay_fields and not self.hidden_fields(request))
        if shows_pay and request.method == "GET" and response.status_code == 200:
            table = self.model._meta.db_table
            what = f"admin {self.model._meta.model_name}"
            audit.record_access(user_id=request.user.pk, what=what[:60], table=table, row_id=row_id)  # type: ignore[arg-type]  # signed in
        return response

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Leave hidden columns out of the list."""
        hidden = self.hidden_fields(request)
        columns = [column for column in super().get_list_display(request) if column not in hidden]
        return ["valid_days" if column == "valid" else column for column in columns]

    @admin.display(description=gettext_lazy("valid"), ordering="valid")
    def valid_days(self, obj: Any) -> str:
        """Show when a dated row holds."""
        return days_of(obj.valid)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Leave filters on hidden columns out."""
        hidden = self.hidden_fields(request)
        return [
            item
            for item in super().get_list_filter(request)
            if _root(str(item[0] if isinstance(item, tuple) else item)) not in hidden
        ]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Leave hidden columns out of the search."""
        hidden = self.hidden_fields(request)
        return [
            name for name in super().get_search_fields(request) if _root(name.lstrip("^=@")) not in hidden
        ]

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        """Refuse to sort by hidden columns, which would tell their order."""
        hidden = self.hidden_fields(request)
        return [column for column in super().get_sortable_by(request) if column not in hidden]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse filters on hidden columns typed into the address."""
        if _root(lookup) in self.hidden_fields(request):
            return False
        return super().lookup_allowed(lookup, value, request)

    def save_model(self, request: HttpRequest, obj: models.Model, form: Any, change: bool) -> None:
        """Write the fields that were changed, no others."""
        if change:
            names = {field.name for field in obj._meta.concrete_fields}
            changed = [name for name in form.changed_data if name in names]
            if changed:
                obj.save(update_fields=changed)
            return
        super().save_model(request, obj, form, change)
