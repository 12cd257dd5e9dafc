"""Roles in Django admin: to look at. Changes go through services, which keep the rules."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin
from apps.access.permissions import Permission
from apps.roles import models


class CatalogueAdmin(RoomAdmin):
    view_permission = Permission.ROLE_EDIT


admin.site.register(
    [
        models.Skill,
        models.SalesRole,
        models.RoleVersion,
        models.RoleDuty,
        models.RoleSkill,
        models.RoleKpi,
        models.PositionRole,
        models.ProcessStep,
        models.Responsibility,
    ],
    CatalogueAdmin,
)
