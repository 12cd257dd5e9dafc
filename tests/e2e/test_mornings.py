"""Everybody's morning: each page the menu offers, on a desk and on a phone, and where its first links lead."""

import pytest

from apps.core.demo import SIGN_INS

pytestmark = pytest.mark.browser

_TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_OFFERED = "links => links.map(one => one.pathname)"
_LINKS = """() => [...document.querySelectorAll("main a[href^='/']")]
  .filter((link) => !link.hasAttribute("download")).map((link) => link.pathname + link.search)"""
_LATIN_WORDS = """() => {
  const own = document.querySelectorAll("main h1, main .btn, main th, main label, .nav-link-title, .empty-title");
  const said = [...own].filter((one) => !one.closest("[lang=en], [translate=no], .tag, td"));
  const words = said.map((one) => one.innerText.trim());
  return words.filter((text) => text && /[A-Za-z]{4,}/.test(text) && !/[\\u4e00-\\u9fff]/.test(text));
}"""
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


def dead_ends(visitor, known):
    """Return the first new links of the open page that lead nowhere."""
    new = [path for path in visitor.page.evaluate(_LINKS) if path not in known][:FOLLOWED]
    known.update(new)
    answers = {path: visitor.context.request.get(path).status for path in new}
    return [f"{visitor.page.url} links to {path}: {status}" for path, status in answers.items() if status >= 400]


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
            wrong += [f"{path} says {text!r}" for text in visitor.page.evaluate(_LATIN_WORDS)]
    finally:
        visitor.speak("en")

    assert not wrong, "\n".join(wrong)
    assert spoken == "zh-Hans"
