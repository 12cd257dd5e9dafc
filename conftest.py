"""What every test needs: servers, message catalogues, strict templates, a browser, reference data."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import xdist.scheduler
from django.db import connections
from django.template import engines
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from apps.core import messages
from tests import servers, template_database
from tests.strict_templates import Strict

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parent

# A property holds or does not; how long a busy machine takes to try it is no part of it.
hypothesis_settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    """Start private servers unless the environment names some; compile the message catalogues."""
    if hasattr(config, "workerinput") or config.option.collectonly or config.option.help:
        return
    messages.compile_stale(ROOT)
    servers.use()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the private servers when no other test run uses them."""
    servers.release()


class _ByFile(xdist.scheduler.LoadFileScheduling):
    """A worker takes whole files, whose tests share what is dear to set up, but for the cases below."""

    def _split_scope(self, nodeid: str) -> str:
        for folder in _ONE_STAGE:
            if nodeid.startswith(folder):
                return folder
        file = super()._split_scope(nodeid)
        return nodeid if file in _LONG_FILES else file


# Their tests share servers that take half a minute to start, or the import of the reference organisation.
_ONE_STAGE = ("tests/e2e/", "tests/faults/", "tests/journeys/reference/")
# Their tests share nothing and take half of the time of all tests.
_LONG_FILES = {"tests/guards/test_access_matrix.py", "tests/guards/test_safe_requests.py"}


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give the tests to the workers by file."""
    return _ByFile(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def _language_of_the_company() -> None:
    """Begin in the language of the settings: a request of the test before has left its reader's."""
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """Copy every test database from one that is migrated already: migrating takes longer than most files."""
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = template_database.migrated(
        template_database.server_address()
    )


@pytest.fixture(scope="session", autouse=True)
def _strict_templates() -> None:
    engines["django"].engine.string_if_invalid = Strict()  # type: ignore[attr-defined]  # the Django backend has one


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Return the folder of the reference data set, or skip."""
    given = os.environ.get("REFERENCE_DATA")
    places = [Path(given)] if given else [parent / "shared" / "data" for parent in list(ROOT.parents)[:2]]
    for place in places:
        if (place / "expected").is_dir():
            return place
    pytest.skip("The reference data set is not here: set REFERENCE_DATA to its folder to run this test.")


@pytest.fixture(scope="session")
def chromium() -> Iterator["Browser"]:
    """Return a headless Chromium, or skip when this machine has none and cannot get one."""
    program = _chromium_program()
    if program is None:
        pytest.skip("Chromium is not installed: put `chromium` on the PATH to run browser tests.")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  # only browser tests pay for the import

    # Playwright's synchronous API runs a loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    options: dict[str, Any] = {"executable_path": program, "args": ["--no-sandbox", "--disable-gpu"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


@pytest.fixture
def browser_page(chromium: "Browser", live_server: Any) -> Iterator["Page"]:
    """Return a fresh page of a browser with nobody signed in; relative addresses reach the live server."""
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def _chromium_program() -> str | None:
    found = _installed_chromium()
    installer = shutil.which("apt-get")
    if found is None and installer and os.geteuid() == 0:
        command = [installer, "install", "-y", "-qq", "chromium"]
        subprocess.run(command, capture_output=True, timeout=300, check=False)  # noqa: S603  # fixed command
        found = _installed_chromium()
    return found


def _installed_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)
