"""The admin site: one door, the same sign-in as everywhere, nobody above the rules."""

import functools
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from apps.access.permissions import Permission
from apps.access.scope import may

View = Callable[..., HttpResponse]

# Whoever keeps something in order for others may open the admin; representatives and managers may not.
DOORS = (
    Permission.USER_ADMIN,
    Permission.AUDIT_VIEW,
    Permission.JOB_VIEW,
    Permission.CALENDAR_EDIT,
    Permission.PROCESS_EDIT,
    Permission.ORG_EDIT,
)


def may_open_admin(user: Any) -> bool:
    """Tell whether a user may enter the admin: active staff with one of the permissions above."""
    return bool(user.is_active and user.is_staff) and any(may(user, permission) for permission in DOORS)


class SalesorgAdminSite(UnfoldAdminSite):
    """Django admin behind the product's own sign-in, so that lock-out and second factor apply there too."""

    site_header = _("Administration")
    site_title = _("Administration")
    index_title = _("Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in whoever may open the admin."""
        return may_open_admin(request.user)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Guard a view: strangers go to the sign-in page, people without a door are refused."""
        guarded = super().admin_view(view, cacheable)

        @functools.wraps(view)
        def at_the_door(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if self.has_permission(request) or request.path == reverse(f"{self.name}:logout"):
                return guarded(request, *args, **kwargs)
            if request.user.is_authenticated:
                raise PermissionDenied
            return redirect_to_login(request.get_full_path(), reverse("account_login"))

        return at_the_door

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send strangers to the one sign-in page; refuse people who are signed in but not allowed."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Use the one page for changing passwords."""
        return redirect("account_change_password")
