"""The organisation in Django admin: to look at. Changes go through the pages, which keep the rules."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin
from apps.access.permissions import Permission
from apps.org import models


class DirectoryAdmin(RoomAdmin):
    view_permission = Permission.ORG_EDIT


@admin.register(models.OrgUnit)
class OrgUnitAdmin(DirectoryAdmin):
    list_display = ("code", "name", "kind")
    search_fields = ("code", "name")


@admin.register(models.Person)
class PersonAdmin(DirectoryAdmin):
    list_display = ("external_id", "name", "hired_on", "left_on")
    search_fields = ("external_id", "name", "name_key")


@admin.register(models.Position)
class PositionAdmin(DirectoryAdmin):
    list_display = ("code", "title")
    search_fields = ("code", "title")


@admin.register(models.Absence)
class AbsenceAdmin(RoomAdmin):
    view_permission = Permission.ABSENCE_DETAILS
    list_display = ("person", "valid", "kind", "is_paid", "time_percent", "relieves_quota", "cancelled_at")
    list_filter = ("kind", "is_paid")
    list_select_related = ("person",)
    search_fields = ("person__external_id", "person__name", "person__name_key")


@admin.register(models.RoleGrant)
class RoleGrantAdmin(RoomAdmin):
    view_permission = Permission.USER_ADMIN
    list_display = ("user", "role", "unit", "valid", "granted_by", "approved_by")
    list_select_related = ("user", "unit", "granted_by", "approved_by")


@admin.register(models.RoleRequest)
class RoleRequestAdmin(RoomAdmin):
    view_permission = (Permission.USER_ADMIN, Permission.AUDIT_VIEW)
    list_display = ("user", "role", "unit", "state", "requested_by", "decided_by", "decided_at")
    list_filter = ("state", "role")
    list_select_related = ("user", "unit", "requested_by", "decided_by")


admin.site.register(
    [models.UnitParent, models.PositionUnit, models.Assignment, models.ReportingLine], DirectoryAdmin
)
