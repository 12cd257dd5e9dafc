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
# What the demo company calls its units, seats, stages and skills; the catalogue has the same words.
_ITS_OWN_NAMES = {
    "East", "West", "Central", "Sales representative", "Sales operations", "System administrator",
    "Negotiation", "Lost", "Price",
}  # fmt: skip
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
    """Return what the open page says in English although the catalogue has Chinese for it."""
    said = set(visitor.page.evaluate(_WORDS)) - _ITS_OWN_NAMES
    with translation.override("zh-hans"):
        return [f"{visitor.page.url} says {text!r}" for text in sorted(said) if gettext(text) != text]


def dead_ends(visitor, known):
    """Return the first new links of the open page that lead nowhere."""
    new = [path for path in visitor.page.evaluate(_LINKS) if path not in known][:FOLLOWED]
    known.update(new)
    answers = {path: visitor.context.request.get(path).status for path in new}
    wrong = {path: status for path, status in answers.items() if status >= 400}
    return [f"{visitor.page.url} links to {path}: {status}" for path, status in wrong.items()]


@pytest.mark.parametrize("name", SIGN_INS)
def test_a_morning_at_the_desk(visit, name):
    visitor = visit(name)
    pages = pages_of(visitor)
    known, wrong = set(pages), []

    for path in pages:
        wrong += faults_of(visitor, path)
        wrong += dead_ends(visitor, known)

    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", SIGN_INS)
def test_a_morning_on_a_phone_in_chinese(visit, name):
    visitor = visit(name, "phone")
    visitor.speak("zh-hans")
    visitor.page.reload()
    wrong = []
    try:
        spoken = visitor.page.get_attribute("html", "lang")
        for path in pages_of(visitor):
            wrong += faults_of(visitor, path)
            wrong += left_in_english(visitor)
    finally:
        visitor.speak("en")

    assert not wrong, "\n".join(wrong)
    assert spoken == "zh-Hans"
