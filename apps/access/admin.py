"""The administration of accounts and of the packages below them: to look things up, not to decide."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessLog
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import models
from django.http import HttpRequest
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)

from apps.access.admin_base import RoomAdmin
from apps.access.models import ApiToken, User
from apps.access.permissions import Permission

# Second factors and mail addresses are secrets of their owner; groups decide nothing here.
for _model in (Group, EmailAddress, Authenticator, ClockedSchedule, SolarSchedule):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


@admin.register(User)
class UserAdmin(RoomAdmin):
    """Accounts; they are changed on the pages of users, where the rules are."""

    view_permission = (Permission.USER_ADMIN, Permission.AUDIT_VIEW)
    list_display = ("username", "display_name", "email", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "language")
    search_fields = ("username", "display_name", "email")
    ordering = ("username",)
    fields = (
        "username",
        "display_name",
        "email",
        "is_active",
        "is_staff",
        "language",
        "time_zone",
        "date_joined",
        "last_login",
    )


@admin.register(ApiToken)
class ApiTokenAdmin(RoomAdmin):
    """Tokens of everybody, without anything that could be used in their place."""

    view_permission = (Permission.USER_ADMIN, Permission.AUDIT_VIEW)
    list_display = ("prefix", "owner", "label", "created_at", "expires_at", "last_used_at", "revoked_at")
    list_filter = ("revoked_at", "expires_at")
    search_fields = ("label", "owner__username", "prefix")
    ordering = ("-created_at",)
    list_select_related = ("owner",)
    fields = ("owner", "label", "prefix", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        """Return the tokens of every owner: who may open this page looks after all of them."""
        return ApiToken.objects.all()


@admin.register(AccessAttempt)
class AccessAttemptAdmin(RoomAdmin):
    """Wrong passwords that count towards a lock-out."""

    view_permission = (Permission.USER_ADMIN, Permission.AUDIT_VIEW)
    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    search_fields = ("username", "ip_address")
    ordering = ("-attempt_time",)
    fields = ("attempt_time", "username", "ip_address", "user_agent", "failures_since_start")


@admin.register(AccessLog)
class AccessLogAdmin(RoomAdmin):
    """Sign-ins."""

    view_permission = (Permission.USER_ADMIN, Permission.AUDIT_VIEW)
    list_display = ("attempt_time", "username", "ip_address", "logout_time")
    search_fields = ("username", "ip_address")
    ordering = ("-attempt_time",)
    fields = ("attempt_time", "logout_time", "username", "ip_address", "user_agent")


class _ScheduleAdmin(RoomAdmin):
    """What beat ticks; the business schedule is in the jobs."""

    view_permission = Permission.JOB_VIEW


def _replace(model: Any, options: type[RoomAdmin]) -> None:
    if admin.site.is_registered(model):
        admin.site.unregister(model)
    admin.site.register(model, options)


class PeriodicTaskAdmin(_ScheduleAdmin):
    """Ticks of the scheduler."""

    list_display = ("name", "task", "enabled", "interval", "crontab", "last_run_at", "total_run_count")
    list_filter = ("enabled",)
    search_fields = ("name", "task")
    ordering = ("name",)
    list_select_related = ("interval", "crontab")


_replace(PeriodicTask, PeriodicTaskAdmin)
_replace(IntervalSchedule, _ScheduleAdmin)
_replace(CrontabSchedule, _ScheduleAdmin)
