"""What the installed app keeps on a device: its own files, and pages that rooms offer for reading offline."""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.templatetags.static import static
from django.urls import reverse

READER_HEADER = "Salesorg-Reader"
FILES = (
    "dist/app.css",
    "dist/app.js",
    "dist/theme.js",
    "dist/icons.svg",
    "dist/worker.js",
    "error.css",
    "img/mark.svg",
    "img/icon-192.png",
)


@dataclass(frozen=True)
class OfflinePage:
    """A page kept for reading offline. ``ahead`` fetches it before anybody opens it."""

    url_name: str
    one_id: bool = False
    ahead: bool = False

    @property
    def address(self) -> str:
        """The address, with 0 where an id belongs."""
        return reverse(self.url_name, args=[0] if self.one_id else [])

    @property
    def pattern(self) -> str:
        """The regular expression of its address."""
        return "^" + re.escape(self.address).replace("/0/", "/[0-9]+/") + "$"


_pages: dict[str, OfflinePage] = {}


def keep(*pages: OfflinePage) -> None:
    """Keep pages for reading offline; never offer one that shows pay or reviews."""
    for page in pages:
        if page.url_name in _pages:
            raise ValueError(f"{page.url_name} is kept already.")
        _pages[page.url_name] = page


def worker_script() -> str:
    """Return the service worker: what this version keeps, then the program that keeps it."""
    pages = _pages.values()
    files = [static(name) for name in FILES]
    told: dict[str, Any] = {
        "assets": files,
        "static": static("dist/app.js").partition("dist/")[0],
        "pages": ["^/$", *(page.pattern for page in pages)],
        "ahead": ["/", *(page.address for page in pages if page.ahead)],
        "offline": reverse("offline"),
        "session": reverse("ui:session"),
        "signOut": reverse("account_logout"),
        "repaint": [reverse("ui:language"), reverse("ui:theme")],
        "reader": READER_HEADER,
    }
    told["version"] = _version(told, files)
    return f"self.SHELL = {json.dumps(told)};\nimportScripts({json.dumps(static('dist/worker.js'))});\n"


def manifest(name: str, description: str, log: str, plan: str) -> dict[str, Any]:
    """Return the web app manifest in the words given."""
    icons = [("img/icon-192.png", "192x192", "any"), ("img/icon-512.png", "512x512", "any")]
    icons.append(("img/icon-maskable-512.png", "512x512", "maskable"))
    shortcuts = [(log, "pipeline:visit"), (plan, "pipeline:tasks")]
    return {
        "name": name,
        "short_name": "Salesorg",
        "description": description,
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#f6f5f2",
        "theme_color": "#0d6573",
        "icons": [
            {"src": static(path), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for path, sizes, purpose in icons
        ],
        "shortcuts": [
            {"name": label, "url": _pages[url_name].address}
            for label, url_name in shortcuts
            if url_name in _pages
        ],
    }


def _version(told: dict[str, Any], files: list[str]) -> str:
    """Return a mark that changes with every file kept; names with a digest already say it."""
    parts = [json.dumps(told, sort_keys=True)]
    if not hasattr(staticfiles_storage, "manifest_name"):
        for name in FILES:
            found = finders.find(name)
            if isinstance(found, str):
                parts.append(str(Path(found).stat().st_mtime_ns))
    return hashlib.sha256("\n".join([*parts, *files]).encode()).hexdigest()[:12]
