"""Take screenshots of a running demo: ``python bin/screenshots.py OUT [--password …] [--only TEXT]``.

Writes one PNG per role, page, window size, theme and language; those in the
README are made with ``--readme``.
"""

import argparse
import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

SIZES = {"desk": (1440, 900), "phone": (390, 844)}
PAGES = {
    "executive": ["/", "/insights/team/", "/org/", "/strategy/", "/targets/", "/measures/"],
    "regional": ["/", "/pipeline/board/"],
    "manager": ["/", "/pipeline/", "/customers/", "/reviews/", "/targets/", "/training/"],
    "rep": ["/", "/pipeline/", "/pipeline/board/", "/incentives/", "/training/", "/reviews/"],
    "salesops": ["/", "/imports/", "/calendars/"],
    "compadmin": ["/", "/incentives/", "/incentives/runs/"],
    "hr": ["/", "/reviews/", "/org/people/"],
    "sysadmin": ["/", "/access/users/", "/events/jobs/"],
}


def sign_in(page: Page, base: str, user: str, password: str) -> None:
    page.goto(f"{base}/accounts/login/")
    page.fill("input[name=login]", user)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/accounts/login" not in url)


def shots(args: argparse.Namespace) -> Iterator[tuple[str, str, str, str, str]]:
    for user, paths in PAGES.items():
        for path, size, theme, language in itertools.product(
            args.path or paths, SIZES, args.theme.split(","), args.language.split(",")
        ):
            if args.user and user not in args.user.split(","):
                continue
            if args.size and size not in args.size.split(","):
                continue
            yield user, path, size, theme, language


def note_error(problems: list[str], message: ConsoleMessage) -> None:
    if message.type == "error":
        problems.append(message.text)


def take(browser: Browser, args: argparse.Namespace) -> None:
    states: dict[str, object] = {}
    for user, path, size, theme, language in shots(args):
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if theme == "dark" else "light",
            storage_state=states.get(user),
        )
        page = context.new_page()
        if user not in states:
            sign_in(page, args.base, user, args.password)
            states[user] = context.storage_state()
        host = args.base.split("://")[1].split(":")[0]
        context.add_cookies([{"name": "django_language", "value": language, "domain": host, "path": "/"}])
        problems: list[str] = []
        page.on("console", partial(note_error, problems))
        answer = page.goto(args.base + path)
        page.wait_for_timeout(args.wait)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        name = f"{user}{path.rstrip('/').replace('/', '-') or '-home'}-{size}-{theme}-{language}.png"
        page.screenshot(path=str(args.out / name), full_page=args.full)
        status = answer.status if answer else 0
        print(f"{status} {name}" + (f"  {wide}px too wide" if wide > 0 else ""), *problems[:2])
        context.close()


README = {
    "home": ("regional", "/"),
    "board": ("manager", "/pipeline/board/"),
    "targets": ("executive", "/targets/plans/2/"),
    "designer": ("compadmin", "/incentives/plans/3/edit/"),
    "statement": ("compadmin", "/incentives/statements/96/"),
}
SPEAK = """async (language) => {
  const { token } = await (await fetch("/ui/session/")).json();
  const body = new URLSearchParams({ language, csrfmiddlewaretoken: token });
  await fetch("/ui/language/", { method: "POST", body, redirect: "manual" });
}"""


def take_for_readme(browser: Browser, args: argparse.Namespace) -> None:
    """Take the pictures of both READMEs."""
    for name, (user, path) in README.items():
        width, height = SIZES["desk"]
        context = browser.new_context(viewport={"width": width, "height": height})
        page = context.new_page()
        sign_in(page, args.base, user, args.password)
        for language, suffix in (("zh-hans", ".zh-hans"), ("en", "")):
            page.evaluate(SPEAK, language)
            page.goto(args.base + path)
            page.wait_for_timeout(3000)
            page.screenshot(path=str(args.out / f"{name}{suffix}.png"))
        context.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--base", default="http://localhost:8000")
    parser.add_argument("--password", required=True)
    parser.add_argument("--user", default="")
    parser.add_argument("--size", default="")
    parser.add_argument("--theme", default="light")
    parser.add_argument("--language", default="en")
    parser.add_argument("--path", action="append")
    parser.add_argument("--wait", type=int, default=900)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--readme", action="store_true")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        (take_for_readme if args.readme else take)(browser, args)
        browser.close()


if __name__ == "__main__":
    main()
