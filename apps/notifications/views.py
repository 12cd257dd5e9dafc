"""The inbox, its badge and its settings."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from apps.access.decorators import action, page
from apps.access.permissions import Permission
from apps.core import clock
from apps.core.errors import DomainError
from apps.notifications import selectors, services
from apps.notifications.forms import OlderForm, QuietHoursForm
from apps.notifications.models import Notification
from apps.notifications.registry import kinds


class InvalidTime(DomainError):
    """The time cannot be read."""


@page(Permission.HOME)
def inbox(request: HttpRequest) -> HttpResponse:
    """Show the reader's notices, newest first."""
    form = OlderForm(request.GET)
    form.is_valid()
    only_unread = bool(form.cleaned_data.get("unread"))
    found = selectors.inbox(request.user, before_id=form.cleaned_data.get("before"), only_unread=only_unread)
    return render(request, "notifications/inbox.html", {"inbox": found, "only_unread": only_unread})


@page(Permission.HOME)
def badge(request: HttpRequest) -> HttpResponse:
    """Answer the number of unread notices, or that it has not changed."""
    count, newest = selectors.unread_mark(request.user)
    etag = f'"{request.user.pk}-{count}-{newest}"'
    if request.headers.get("If-None-Match") == etag:
        response: HttpResponse = HttpResponseNotModified()
    elif count:
        label = _("%(count)d unread") % {"count": count}
        text = "99+" if count > 99 else str(count)
        response = HttpResponse(format_html('<span class="count" aria-label="{}">{}</span>', label, text))
    else:
        response = HttpResponse("")
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response


@action(Permission.HOME)
def open_notice(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Mark a notice as read and go where it points."""
    notice = get_object_or_404(Notification.objects.visible_to(request.user), pk=notification_id)
    services.mark_read(user_id=request.user.pk, notification_id=notice.pk, at=clock.now())
    inside = url_has_allowed_host_and_scheme(notice.url, {request.get_host()}, request.is_secure())
    return redirect(notice.url if notice.url and inside else "notifications:inbox")


@action(Permission.HOME)
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark every notice as read."""
    services.mark_all_read(user_id=request.user.pk, at=clock.now())
    return redirect("notifications:inbox")


@page(Permission.HOME)
def preferences(request: HttpRequest) -> HttpResponse:
    """Show what the reader wants to hear."""
    context = {"wishes": selectors.wishes(request.user), "quiet": selectors.quiet_hours(request.user)}
    return render(request, "notifications/preferences.html", context)


@action(Permission.HOME)
def save_preferences(request: HttpRequest) -> HttpResponse:
    """Keep what the reader wants to hear, and when not."""
    hours = QuietHoursForm(request.POST)
    if not hours.is_valid():
        raise InvalidTime(_("Write times as hours and minutes, for example 20:00."))
    for kind in kinds:
        services.set_preference(
            user_id=request.user.pk,
            kind=kind,
            in_app=f"app:{kind}" in request.POST,
            by_email=f"email:{kind}" in request.POST,
        )
    data = hours.cleaned_data
    services.set_quiet_hours(user_id=request.user.pk, starts_at=data["starts_at"], ends_at=data["ends_at"])
    messages.success(request, _("Your choices are saved."))
    return redirect("notifications:preferences")
