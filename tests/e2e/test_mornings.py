"""Everybody's morning: each page the menu offers, at the desk and on the phone, and where its links lead."""

import pytest
from django.utils import translation
from django.utils.translation import gettext

from apps.core.demo import SIGN_INS

pytestmark = pytest.mark.browser

_TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_OFFERED = "links => links.map(one => one.pathname)"
_LINKS = """() => [...document.querySelectorAll("main a[href^='/']")]
  .filter((link) => !link.hasAttribute("download")).map((link) => link.pathname + link.search)"""
_WORDS = """() => [...document.querySelectorAll("body *")]
  .filter((one) => !one.children.length && one.checkVisibility())
  .filter((one) => !one.closest("[lang=en], script, style, svg"))
  .map((one) => one.textContent.trim()).filter((text) => /^[A-Z][A-Za-z ,.'’-]{3,80}$/.test(text))"""
FOLLOWED = 3


def pages_of(visitor):
    """Return the addresses the menu offers this person, home first."""
    found = visitor.page.eval_on_selector_all(".more a.result", _OFFERED)
    assert found, "The menu is empty."
    return ["/", *dict.fromkeys(found)]


def faults_of(visitor, path):
    """Open a page and return what is wrong with it."""
    visitor.problems.clear()
    answer = visitor.page.goto(path)
    wrong = [] if answer.status == 200 else [f"{path}: {answer.status}"]
    visitor.page.wait_for_timeout(100)
    wrong += [f"{path}: {problem}" for problem in visitor.problems]
    if (wide := visitor.page.evaluate(_TOO_WIDE)) > 0:
        wrong.append(f"{path}: {wide} px too wide")
    if visitor.page.locator("main h1").count() != 1:
        wrong.append(f"{path}: no single heading in main")
    return wrong


def left_in_english(visitor):
    """Return what the open page says in English although the catalogue has Chinese for it.

    The names the product proposes count as well; edit forms show those as they are stored.
    """
    said = set(visitor.page.evaluate(_WORDS))
    with translation.override("zh-hans"):
        return [f"{visitor.page.url} says {text!r}" for text in sorted(said) if gettext(text) != text]


def dead_ends(visitor, known):
    """Return the first new links of the open page that lead nowhere."""
    new = [path for path in visitor.page.evaluate(_LINKS) if path not in known][:FOLLOWED]
    known.update(new)
    answers = {path: visitor.context.request.get(path).status for path in new}
    wrong = {path: status for path, status in answers.items() if status >= 400}
    return [f"{visitor.page.url} links to {path}: {status}" for path, status in wrong.items()]


def mornings(visit, size):
    """Sign everybody in and yield the pages of their menus that nobody walked before them, and every home."""
    walked = set()
    for name in SIGN_INS:
        visitor = visit(name, size)
        own = [path for path in pages_of(visitor) if path == "/" or path not in walked]
        walked.update(own)
        yield visitor, own
        visitor.context.close()


def test_mornings_at_the_desk(visit):
    known, wrong = set(), []

    for visitor, pages in mornings(visit, "desktop"):
        for path in pages:
            wrong += faults_of(visitor, path)
            wrong += dead_ends(visitor, known)

    assert not wrong, "\n".join(wrong)


def test_mornings_on_a_phone_in_chinese(visit):
    wrong = []

    for visitor, pages in mornings(visit, "phone"):
        visitor.speak("zh-hans")
        for path in pages:
            wrong += faults_of(visitor, path)
            wrong += left_in_english(visitor)
        if (spoken := visitor.page.get_attribute("html", "lang")) != "zh-Hans":
            wrong.append(f"The page speaks {spoken}")
        visitor.speak("en")

    assert not wrong, "\n".join(wrong)
