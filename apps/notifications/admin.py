"""Look-only admin of notices and of the rooms below, which may not import ``access`` themselves."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin
from apps.access.permissions import Permission
from apps.calendars.models import (
    CalendarDay,
    ExchangeRate,
    FiscalCalendar,
    FiscalPeriod,
    ReopenRequest,
    WorkingCalendar,
)
from apps.events.models import JobRun
from apps.notifications.models import Notification, Preference, QuietHours


class CalendarAdmin(RoomAdmin):
    """Calendars, for whoever may change them on their pages."""

    view_permission = Permission.CALENDAR_EDIT


@admin.register(JobRun)
class JobRunAdmin(RoomAdmin):
    """Job runs."""

    view_permission = Permission.JOB_VIEW
    list_display = ("job", "key", "state", "attempts", "finished_at")
    list_filter = ("state",)
    search_fields = ("job", "key")


class OwnAdmin(RoomAdmin):
    """What a person was told and chose."""

    view_permission = Permission.USER_ADMIN


for model in (FiscalCalendar, FiscalPeriod, ReopenRequest, WorkingCalendar, CalendarDay, ExchangeRate):
    admin.site.register(model, CalendarAdmin)
for model in (Notification, Preference, QuietHours):
    admin.site.register(model, OwnAdmin)
