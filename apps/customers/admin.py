"""Customers in the administration: to look, not to go around the services."""

from django.contrib import admin

from apps.access.admin_base import RoomAdmin, RoomInline
from apps.access.permissions import Permission
from apps.customers.models import Account, AccountMember, Contact, SatisfactionResponse


class MemberInline(RoomInline):
    model = AccountMember
    view_permission = Permission.ACCOUNT_VIEW


@admin.register(Account)
class AccountAdmin(RoomAdmin):
    view_permission = Permission.ACCOUNT_VIEW
    list_display = ("name", "sector", "city", "owner", "external_id")
    list_filter = ("sector", "country")
    search_fields = ("name", "external_id")
    list_select_related = ("owner",)
    inlines = (MemberInline,)


@admin.register(AccountMember)
class MemberAdmin(RoomAdmin):
    view_permission = Permission.ACCOUNT_VIEW
    list_display = ("account", "person")
    search_fields = ("account__name", "person__name")
    list_select_related = ("account", "person")


@admin.register(Contact)
class ContactAdmin(RoomAdmin):
    view_permission = Permission.ACCOUNT_VIEW
    list_display = ("name", "account", "title", "email", "phone")
    search_fields = ("name", "account__name", "email")
    list_select_related = ("account",)


@admin.register(SatisfactionResponse)
class SatisfactionAdmin(RoomAdmin):
    view_permission = Permission.ACCOUNT_VIEW
    list_display = ("account", "score", "responded_on", "channel", "withdrawn_on")
    list_filter = ("score", "channel")
    search_fields = ("account__name",)
    list_select_related = ("account",)
