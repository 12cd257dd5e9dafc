"""Pages and acts of the shell itself: preferences, saved views, search, choices, the kit page."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from apps.access.decorators import action, page, public
from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
from apps.ui import autocomplete as choices
from apps.ui import htmx, kit, offline, services
from apps.ui import search as everything
from apps.ui.models import SavedView

COOKIE_AGE = 365 * 24 * 3600


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language: kept with the account, or in a cookie for someone not signed in."""
    language = request.POST.get("language", "")
    response = _back(request)
    if language not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated:
        services.choose_language(user=request.user, language=language)
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=COOKIE_AGE,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


set_language.login_required = False  # type: ignore[attr-defined]  # read by LoginRequiredMiddleware


@public
@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Switch between light, dark and the device's theme."""
    theme = request.POST.get("theme", "")
    response = _back(request)
    if theme not in User.Theme.values:
        return response
    if request.user.is_authenticated:
        services.choose_theme(user=request.user, theme=theme)
    response.set_cookie("theme", theme, max_age=COOKIE_AGE, samesite="Lax", secure=request.is_secure())
    return response


set_theme.login_required = False  # type: ignore[attr-defined]  # read by LoginRequiredMiddleware


@page(Permission.HOME)
def search(request: HttpRequest) -> HttpResponse:
    """Show what was found: in the drop-down while one types, on a page after Enter."""
    text = request.GET.get("q", "")
    small = htmx.target(request) == "search-results"
    found = everything.search(request.user, text, 5 if small else 30)
    template = "ui/search_results.html" if small else "ui/search.html"
    return render(request, template, {"found": found, "text": text.strip()})


@page(Permission.HOME)
def shortcuts(request: HttpRequest) -> HttpResponse:
    """List the keyboard shortcuts."""
    return render(request, "ui/shortcuts.html")


@page(Permission.HOME)
def more(request: HttpRequest) -> HttpResponse:
    """Show the whole menu as a page: the phone's last tab, and where no script runs."""
    return render(request, "ui/more.html")


@page(Permission.HOME)
def session(request: HttpRequest) -> HttpResponse:
    """Tell the phone who is signed in and hand it a token, before it sends what it kept."""
    response = JsonResponse({"reader": request.user.pk, "token": get_token(request)})
    response["Cache-Control"] = "no-store, private"
    return response


@public
@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """Serve the program that keeps pages and files on the device; from the root, so that it may."""
    response = HttpResponse(offline.worker_script(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@public
@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """Describe the app that can be installed, in the language of the page that links here."""
    language = request.GET.get("lang", "")
    with translation.override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        told = offline.manifest(
            name=_("Salesorg"),
            description=_("Your customers, deals, targets and pay in one place, also without a network."),
            log=_("Log a visit"),
            plan=_("My tasks"),
        )
    response = JsonResponse(told, content_type="application/manifest+json")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@public
@require_safe
def offline_page(request: HttpRequest) -> HttpResponse:
    """Show what a page that was not kept looks like without a network."""
    return render(request, "offline.html")


for _view in (service_worker, manifest, offline_page):
    _view.login_required = False  # type: ignore[attr-defined]  # read by LoginRequiredMiddleware


@page(Permission.HOME)
def autocomplete(request: HttpRequest, source: str) -> HttpResponse:
    """Return choices of a registered source in what the reader may see."""
    if source not in choices.sources:
        raise Http404
    entry = choices.sources.get(source)
    if not may(request.user, entry.permission):
        raise Http404
    text = request.GET.get("q", "").replace("\x00", "").strip()[:80]
    found = list(entry.find(request.user, text))[: choices.LIMIT]
    items = [{"value": str(one.value), "text": one.text, "note": one.note} for one in found]
    return JsonResponse({"items": items})


@action(Permission.HOME)
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep a table's state under a name."""
    view = services.save_view(
        user=request.user,
        table=request.POST.get("table", ""),
        name=request.POST.get("name", ""),
        query=request.POST.get("query", ""),
        is_default=request.POST.get("is_default") == "on",
    )
    return _to_table(request, view, _("View “%(name)s” saved.") % {"name": view.name})


@action(Permission.HOME)
def delete_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Forget a saved view."""
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=view_id)
    services.delete_view(view=view)
    return _to_table(request, view, _("View “%(name)s” removed.") % {"name": view.name})


@page(Permission.HOME)
def kit_page(request: HttpRequest) -> HttpResponse:
    """Show every part of the page kit with example data, for those who build pages."""
    if not (settings.DEBUG or request.user.is_staff):
        raise Http404
    return kit.respond(request)


def _to_table(request: HttpRequest, view: SavedView, text: str) -> HttpResponse:
    back = request.POST.get("next", "")
    path = back.partition("?")[0] if _safe(request, back) else "/"
    response = htmx.go(request, f"{path}?{view.query}" if view.query else path)
    messages.success(request, text)
    return response


def _back(request: HttpRequest) -> HttpResponse:
    target = request.POST.get("next") or request.headers.get("Referer", "")
    return redirect(target if _safe(request, target) else "/")


def _safe(request: HttpRequest, url: Any) -> bool:
    return bool(url) and url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())
