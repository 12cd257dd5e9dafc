"""One's own account: settings, address, sessions, tokens."""

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from apps.access import selectors
from apps.access.decorators import action, page
from apps.access.forms import EmailForm, SettingsForm, TokenForm
from apps.access.models import ApiToken
from apps.access.permissions import Permission
from apps.access.services import tokens, users
from apps.access.sessions import recent_sign_in
from apps.core import clock

_SETTINGS = ("display_name", "language", "theme", "time_zone")


@page(Permission.HOME)
def profile(request: HttpRequest) -> HttpResponse:
    """Show the account of the person who asks."""
    return _profile(request)


@action(Permission.HOME)
def save_settings(request: HttpRequest) -> HttpResponse:
    """Keep name, language, theme and zone."""
    form = SettingsForm(request.POST)
    if not form.is_valid():
        return _profile(request, settings_form=form, status=422)
    users.save_settings(user_id=request.user.pk, **form.cleaned_data)
    messages.success(request, _("Your settings are saved."))
    return redirect("access:profile")


@action(Permission.HOME)
@recent_sign_in
def change_email(request: HttpRequest) -> HttpResponse:
    """Change one's own address."""
    form = EmailForm(request.POST)
    if form.is_valid():
        try:
            users.change_email(user_id=request.user.pk, email=form.cleaned_data["email"])
        except users.InvalidUser as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, _("Your e-mail address is changed."))
            return redirect("access:profile")
    return _profile(request, email_form=form, status=422)


@action(Permission.HOME)
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign out everywhere but here."""
    user = users.end_sessions(user_id=request.user.pk)
    update_session_auth_hash(request, user)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("access:profile")


@page(Permission.TOKEN_OWN)
def token_list(request: HttpRequest) -> HttpResponse:
    """List one's own tokens."""
    return _token_page(request, TokenForm())


@action(Permission.TOKEN_OWN)
@recent_sign_in
def token_create(request: HttpRequest) -> HttpResponse:
    """Create a token and show its secret this once."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _token_page(request, form, status=422)
    _token, secret = tokens.create_token(owner=request.user, at=clock.now(), **form.cleaned_data)  # type: ignore[arg-type]  # signed in
    response = _token_page(request, TokenForm(), secret=secret)
    response["Cache-Control"] = "no-store"
    return response


@action(Permission.TOKEN_OWN)
def token_revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Close one of one's own tokens."""
    rows = ApiToken.objects.permitting(request.user, Permission.TOKEN_OWN)  # type: ignore[arg-type]  # signed in
    token = get_object_or_404(rows, pk=token_id)
    tokens.revoke_token(token_id=token.pk, at=clock.now())
    messages.success(request, _("The token is revoked."))
    return redirect("access:tokens")


def _profile(
    request: HttpRequest,
    settings_form: SettingsForm | None = None,
    email_form: EmailForm | None = None,
    status: int = 200,
) -> HttpResponse:
    user = request.user
    initial = {name: getattr(user, name) for name in _SETTINGS} | {"display_name": user.name}  # type: ignore[union-attr]  # signed in
    context = {
        "settings_form": settings_form or SettingsForm(initial=initial),
        "email_form": email_form or EmailForm(initial={"email": user.email}),  # type: ignore[union-attr]  # signed in
        "second_factor": Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists(),
        "sign_ins": selectors.recent_sign_ins(username=user.get_username()),
        "roles": selectors.roles_held(user, clock.today()),  # type: ignore[arg-type]  # signed in
    }
    return render(request, "access/profile.html", context, status=status)


def _token_page(request: HttpRequest, form: TokenForm, secret: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "tokens": selectors.tokens_of(request.user, clock.now()), "secret": secret}  # type: ignore[arg-type]  # signed in
    return render(request, "access/tokens.html", context, status=status)
