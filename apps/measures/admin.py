"""The ledger in the administration: to look at. It only grows, and only the services add to it."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin
from apps.access.permissions import Permission
from apps.measures.models import Credit


@admin.register(Credit)
class CreditAdmin(RoomAdmin):
    view_permission = Permission.MEASURE_VIEW
    list_display = (
        "measure",
        "credited_on",
        "person",
        "unit",
        "value",
        "currency",
        "source_type",
        "source_id",
    )
    list_filter = ("measure",)
    search_fields = ("key",)
    list_select_related = ("person", "unit")
    ordering = ("-id",)
