"""Imports in the administration: one's own, to look at."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin
from apps.access.permissions import Permission
from apps.integrations.models import ImportedRecord, ImportRun


@admin.register(ImportRun)
class ImportRunAdmin(RoomAdmin):
    view_permission = Permission.IMPORT_RUN
    list_display = ("name", "by")
    list_select_related = ("by",)
    search_fields = ("name",)
    ordering = ("-id",)


@admin.register(ImportedRecord)
class ImportedRecordAdmin(RoomAdmin):
    view_permission = Permission.IMPORT_RUN
    list_display = ("run", "kind", "record_id")
    list_select_related = ("run",)
    ordering = ("-id",)
