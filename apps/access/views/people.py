"""Accounts as administrators see them, and the matrix of roles as auditors read it."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from apps.access import records, selectors
from apps.access.decorators import action, page
from apps.access.forms import InviteForm
from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.services import users
from apps.core import clock


@page(Permission.USER_ADMIN)
def user_list(request: HttpRequest) -> HttpResponse:
    """List accounts."""
    found = selectors.user_page(
        text=request.GET.get("q", ""), state=request.GET.get("state", ""), number=request.GET.get("page", "1")
    )
    locked = selectors.locked_names([user.username for user in found], clock.now())
    context = {
        "users": found,
        "locked": locked,
        "q": request.GET.get("q", ""),
        "state": request.GET.get("state", ""),
    }
    return render(request, "access/users.html", context)


@page(Permission.USER_ADMIN)
def user_new(request: HttpRequest) -> HttpResponse:
    """Show the form of a new account."""
    return render(request, "access/user_new.html", {"form": InviteForm()})


@action(Permission.USER_ADMIN)
def user_invite(request: HttpRequest) -> HttpResponse:
    """Create an account and mail the invitation."""
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            user = users.invite_user(**form.cleaned_data)
        except users.InvalidUser as error:
            for name, text in error.fields.items():
                form.add_error(name, str(text))
        else:
            messages.success(request, _("%(name)s is invited by mail.") % {"name": user.name})
            return redirect("access:user", user.pk)
    return render(request, "access/user_new.html", {"form": form}, status=422)


@page(Permission.USER_ADMIN)
def user_detail(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show one account."""
    user = get_object_or_404(User, pk=user_id)
    context = {
        "account": user,
        "is_self": user.pk == request.user.pk,
        "locked": user.username in selectors.locked_names([user.username], clock.now()),
        "sign_ins": selectors.recent_sign_ins(username=user.username),
        "roles": selectors.roles_held(user, clock.today()),
        "has_second_factor": selectors.has_second_factor(user.pk),
    }
    return render(request, "access/user.html", context)


@action(Permission.USER_ADMIN)
def user_invite_again(request: HttpRequest, user_id: int) -> HttpResponse:
    """Send the invitation once more."""
    user = users.invite_again(user_id=get_object_or_404(User, pk=user_id).pk)
    messages.success(request, _("%(name)s is invited by mail.") % {"name": user.name})
    return redirect("access:user", user.pk)


@action(Permission.USER_ADMIN)
def user_close(request: HttpRequest, user_id: int) -> HttpResponse:
    """Close an account."""
    user = get_object_or_404(User, pk=user_id)
    users.close_user(user_id=user.pk, by=request.user, at=clock.now())  # type: ignore[arg-type]  # signed in
    messages.success(request, _("The account of %(name)s is closed.") % {"name": user.name})
    return redirect("access:user", user.pk)


@action(Permission.USER_ADMIN)
def user_reopen(request: HttpRequest, user_id: int) -> HttpResponse:
    """Open a closed account."""
    user = get_object_or_404(User, pk=user_id)
    users.reopen_user(user_id=user.pk, by=request.user)  # type: ignore[arg-type]  # signed in
    messages.success(request, _("The account of %(name)s is open again.") % {"name": user.name})
    return redirect("access:user", user.pk)


@action(Permission.USER_ADMIN)
def user_unlock(request: HttpRequest, user_id: int) -> HttpResponse:
    """Lift a lock-out."""
    user = users.unlock_user(user_id=get_object_or_404(User, pk=user_id).pk)
    messages.success(request, _("%(name)s can sign in again.") % {"name": user.name})
    return redirect("access:user", user.pk)


@action(Permission.USER_ADMIN)
def user_sign_out(request: HttpRequest, user_id: int) -> HttpResponse:
    """End every session of an account."""
    user = users.end_sessions(user_id=get_object_or_404(User, pk=user_id).pk)
    messages.success(request, _("%(name)s is signed out everywhere.") % {"name": user.name})
    return redirect("access:user", user.pk)


@action(Permission.USER_ADMIN)
def user_staff(request: HttpRequest, user_id: int) -> HttpResponse:
    """Open or shut the door of the administration."""
    user = get_object_or_404(User, pk=user_id)
    users.set_staff(user_id=user.pk, is_staff=not user.is_staff, by=request.user)  # type: ignore[arg-type]  # signed in
    messages.success(
        request, _("Access to the administration is changed for %(name)s.") % {"name": user.name}
    )
    return redirect("access:user", user.pk)


@page(Permission.AUDIT_VIEW)
def matrix(request: HttpRequest) -> HttpResponse:
    """Show who may do what."""
    return render(request, "access/matrix.html", {"roles": selectors.ROLES, "rows": selectors.matrix_rows()})


@page(Permission.HOME)
def explain(request: HttpRequest, code: str, record_id: int) -> HttpResponse:
    """Say why the person sees a record; one they do not see is not there."""
    if code not in records.kinds:
        raise Http404
    today = clock.today()
    rows = records.kinds.get(code).model._default_manager.visible_to(request.user, today)  # type: ignore[attr-defined]  # every business model has it
    record = get_object_or_404(rows, pk=record_id)
    found = records.explain_access(request.user, code, record, today)  # type: ignore[arg-type]  # signed in
    return render(request, "access/explain.html", {"found": found, "record": record})
