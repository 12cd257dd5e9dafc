"""The menu: every room adds its entries at start-up, a person sees what they may open."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, get_urlconf
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import permissions_held
from apps.core.registry import Registry
from apps.ui.addresses import page_url

GROUPS: dict[str, tuple[Promise, str]] = {
    "organise": (_("Organise"), "sitemap"),
    "aim": (_("Aim"), "target-arrow"),
    "sell": (_("Sell"), "briefcase"),
    "reward": (_("Reward"), "coins"),
    "grow": (_("Grow"), "seedling"),
    "learn": (_("Learn"), "chart-dots"),
    "settings": (_("Settings"), "settings"),
}
_GROUP_ORDER = list(GROUPS)


@dataclass(frozen=True)
class MenuItem:
    """One entry. ``tab`` puts it into the bottom bar of the phone at that place (1 to 4)."""

    group: str
    label: Promise | str
    url_name: str
    permission: Permission
    order: int = 100
    icon: str = "point"
    tab: int | None = None

    def __post_init__(self) -> None:
        if self.group not in GROUPS:
            raise ValueError(f"Unknown menu group {self.group!r}; known: {', '.join(GROUPS)}")


@dataclass(frozen=True)
class Entry:
    """A menu entry as one page shows it."""

    label: str
    url: str
    icon: str
    active: bool
    tab: int | None = None


@dataclass(frozen=True)
class Group:
    """A group with at least one entry."""

    code: str
    label: str
    icon: str
    entries: tuple[Entry, ...]

    @property
    def active(self) -> bool:
        """Tell whether the open page is in this group."""
        return any(entry.active for entry in self.entries)


_items: Registry[MenuItem] = Registry("menu item")


def register(item: MenuItem) -> MenuItem:
    """Add an entry to the menu. Raises ValueError when its page is listed already."""
    _listed.cache_clear()
    _groups.cache_clear()
    return _items.register(item.url_name, item)


def visible_menu(user: User, path: str = "", query: str = "") -> tuple[Group, ...]:
    """Return the groups this person sees; groups without an entry are left out.

    The active entry is the one with the longest address that starts ``path``.
    """
    held, site = permissions_held(user), (get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
    active = _active(_listed(held, site), path)
    return _groups(held, site, active, query, get_language() or "")


def menu_for(request: HttpRequest) -> tuple[Group, ...]:
    """Return the menu of the person behind a request, keeping the as-of date in its links."""
    as_of = request.GET.get("as_of", "")
    query = f"?as_of={as_of}" if as_of[:10].replace("-", "").isdigit() and len(as_of) == 10 else ""
    return visible_menu(request.user, request.path, query)  # type: ignore[arg-type]  # signed in


# A menu follows from the permissions held, the open entry, the date in its links and the language: everything
# that decides it is an argument, so what is kept here is the same for everybody who asks the same.


@lru_cache(maxsize=512)
def _listed(held: frozenset[Permission], site: tuple[str, str]) -> tuple[tuple[MenuItem, str], ...]:
    listed = [item for item in _items.values() if item.permission in held]
    listed.sort(key=lambda item: (_GROUP_ORDER.index(item.group), item.order, item.url_name))
    return tuple((item, page_url(item.url_name)) for item in listed)


@lru_cache(maxsize=2048)
def _groups(
    held: frozenset[Permission], site: tuple[str, str], active: str, query: str, language: str
) -> tuple[Group, ...]:
    entries: dict[str, list[Entry]] = {code: [] for code in GROUPS}
    for item, url in _listed(held, site):
        entries[item.group].append(Entry(str(item.label), url + query, item.icon, url == active, item.tab))
    return tuple(
        Group(code, str(label), icon, tuple(entries[code]))
        for code, (label, icon) in GROUPS.items()
        if entries[code]
    )


def _active(listed: Iterable[tuple[MenuItem, str]], path: str) -> str:
    fitting = [url for _item, url in listed if path == url or (url != "/" and path.startswith(url))]
    return max(fitting, key=len, default="")
