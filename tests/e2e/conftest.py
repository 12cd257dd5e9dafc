"""One running demo company for every browser test: PostgreSQL, Redis, worker and web server, all real."""

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.stage import Company, running_company
from tests.template_database import server_address

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 360, "height": 780}}


@pytest.fixture(scope="package")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """Return the demo company; with E2E_URL and DEMO_PASSWORD set, one that runs already."""
    given = os.environ.get("E2E_URL")
    if given:
        yield Company(given.rstrip("/"), os.environ["DEMO_PASSWORD"])
        return
    with running_company(tmp_path_factory.mktemp("company"), server_address()) as made:
        yield made


@dataclass
class Visitor:
    """A signed-in person at a screen, and everything that went wrong on it."""

    context: "BrowserContext"
    page: "Page"
    company: Company
    problems: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Note errors of the console, of scripts and of the server."""
        self.page.on("console", lambda said: said.type == "error" and self.problems.append(said.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on(
            "response",
            lambda answer: answer.status >= 500 and self.problems.append(f"{answer.status} {answer.url}"),
        )

    def seen(self) -> str:
        """Return where the person is, what the page says and what went wrong."""
        text = self.page.locator("body").inner_text(timeout=2000)
        return "\n".join([self.page.url, *self.problems, text])

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
        """Call the API as this person and return status and answer."""
        return tuple(self.page.evaluate(_CALL, [method, path, body, headers]))  # type: ignore[return-value]

    def speak(self, language: str) -> None:
        """Choose a language as the buttons of the page do."""
        self.page.evaluate(_SPEAK, language)


_CALL = """async ([method, path, body, headers]) => {
  const { token } = await (await fetch("/ui/session/")).json();
  const all = { "Content-Type": "application/json", "X-CSRFToken": token, ...headers };
  const text = body === null ? undefined : JSON.stringify(body);
  const answer = await fetch(path, { method, headers: all, body: text });
  return [answer.status, await answer.json().catch(() => null)];
}"""
_SPEAK = """async (language) => {
  const { token } = await (await fetch("/ui/session/")).json();
  const body = new URLSearchParams({ language, csrfmiddlewaretoken: token });
  await fetch("/ui/language/", { method: "POST", body, redirect: "manual" });
}"""


_VISITORS = pytest.StashKey[list[Visitor]]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what every visitor saw and what the servers said."""
    report = yield
    visitors = item.stash.get(_VISITORS, []) if report.when == "call" and report.failed else []
    for number, visitor in enumerate(visitors, 1):
        try:
            report.sections.append((f"Seen by visitor {number}", visitor.seen()))
        except Exception as error:  # the failure itself matters more than its circumstances
            report.sections.append((f"Visitor {number} sees nothing any more", str(error)))
    if visitors:
        report.sections.extend(visitors[0].company.said())
    return report


@pytest.fixture
def visit(request: pytest.FixtureRequest, chromium: "Browser", company: Company) -> Iterator[Any]:
    """Return ``visit(name, size)``: a fresh device with this person signed in."""
    opened: list[BrowserContext] = []
    visitors = request.node.stash.setdefault(_VISITORS, [])

    def start(name: str, size: str = "desktop", start_at: str = "/ui/more/") -> Visitor:
        context = chromium.new_context(
            base_url=company.url, viewport=SIZES[size], has_touch=size == "phone", reduced_motion="reduce"
        )
        context.set_default_timeout(20_000)
        opened.append(context)
        visitor = Visitor(context, context.new_page(), company)
        visitors.append(visitor)
        sign_in(visitor, name, start_at)
        visitor.listen()
        return visitor

    yield start
    for context in opened:
        context.close()


def sign_in(visitor: Visitor, name: str, start_at: str = "/ui/more/") -> None:
    """Sign in through the form."""
    page = visitor.page
    page.goto(f"/accounts/login/?next={start_at}")
    page.fill("[name=login]", name)
    page.fill("[name=password]", visitor.company.password)
    page.press("[name=password]", "Enter")
    page.wait_for_url(f"**{start_at}")


@pytest.fixture
def sign_in_again() -> Any:
    """Return the function that signs in through the form."""
    return sign_in


def comes_true(page: "Page", expression: str, seconds: int = 30) -> None:
    """Wait until an expression holds; the content policy forbids Playwright's own way."""
    for _try in range(seconds * 5):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(200)
    raise AssertionError(f"Never came true: {expression}")
