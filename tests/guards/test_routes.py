"""A route that names no permission does not exist."""

from django.urls import URLPattern, URLResolver, get_resolver

from apps.access.permissions import Permission

# Views we did not write, and who guards them.
GUARDED_BY_OTHERS = (
    "allauth.",  # sign-in and second factor: public by nature, or their own login check
    "django.contrib.admin.",  # staff only; every ModelAdmin is checked below
    "unfold.",
    "django_celery_beat.admin",
    "django.views.i18n",  # catalogue and language choice: no data
    "django.views.generic.base.RedirectView",
    "django.contrib.staticfiles.",
)


def routes(resolver=None, prefix=""):
    """Yield every routed (path, view)."""
    for entry in (resolver or get_resolver()).url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def _owner(view):
    target = getattr(view, "view_class", None) or getattr(view, "cls", None) or view
    return f"{target.__module__}.{getattr(target, '__qualname__', type(target).__name__)}"


def _names_a_permission(view):
    if hasattr(view, "permission"):
        # Rooms below ``access`` name their permission by its value.
        return view.permission is None or view.permission in Permission.values
    viewset = getattr(view, "cls", None)
    if viewset is None:
        return False
    named = getattr(viewset, "required_permissions", None)
    if named is None:
        return hasattr(viewset, "permission")
    served = {action for action in getattr(view, "actions", {}).values() if hasattr(viewset, action)}
    return served <= set(named)


def test_every_route_names_its_permission():
    silent = sorted(
        f"{path} ({_owner(view)})"
        for path, view in routes()
        if not _owner(view).startswith(GUARDED_BY_OTHERS) and not path.startswith("admin/")
        if not _names_a_permission(view)
    )

    assert silent == [], "\n".join(silent)


def test_public_routes_are_these():
    public = {path for path, view in routes() if getattr(view, "permission", "none") is None}

    assert public <= {
        "livez",
        "readyz",
        "manifest.webmanifest",
        "sw.js",
        "offline",
        "offline/",
        "ui/language/",
        "ui/theme/",
    }, public
