"""The menu: every room adds its entries at start-up, a person sees what they may open."""

from dataclasses import dataclass, field

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.access.models import User
from apps.access.permissions import Permission
from apps.access.scope import may
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


@dataclass
class Entry:
    """A menu entry as one page shows it."""

    label: str
    url: str
    icon: str
    active: bool
    tab: int | None = None


@dataclass
class Group:
    """A group with at least one entry."""

    code: str
    label: str
    icon: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def active(self) -> bool:
        """Tell whether the open page is in this group."""
        return any(entry.active for entry in self.entries)


_items: Registry[MenuItem] = Registry("menu item")


def register(item: MenuItem) -> MenuItem:
    """Add an entry to the menu. Raises ValueError when its page is listed already."""
    return _items.register(item.url_name, item)


def visible_menu(user: User, path: str = "", query: str = "") -> list[Group]:
    """Return the groups this person sees; groups without an entry are left out.

    The active entry is the one with the longest address that starts ``path``.
    """
    groups = {code: Group(code, str(label), icon) for code, (label, icon) in GROUPS.items()}
    listed = [item for item in _items.values() if may(user, item.permission)]
    listed.sort(key=lambda item: (_GROUP_ORDER.index(item.group), item.order, item.url_name))
    urls = {item.url_name: page_url(item.url_name) for item in listed}
    active = _active(list(urls.values()), path)
    for item in listed:
        url = urls[item.url_name]
        entry = Entry(str(item.label), url + query, item.icon, url == active, item.tab)
        groups[item.group].entries.append(entry)
    return [group for group in groups.values() if group.entries]


def menu_for(request: HttpRequest) -> list[Group]:
    """Return the menu of the person behind a request, keeping the as-of date in its links."""
    as_of = request.GET.get("as_of", "")
    query = f"?as_of={as_of}" if as_of[:10].replace("-", "").isdigit() and len(as_of) == 10 else ""
    return visible_menu(request.user, request.path, query)  # type: ignore[arg-type]  # signed in


def _active(urls: list[str], path: str) -> str:
    fitting = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(fitting, key=len, default="")
