"""A morning on a phone in Chinese: each page the menu offers."""

import pytest

pytestmark = pytest.mark.browser

_TOO_WIDE = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def pages_of(visitor):
    """Return the addresses the menu offers this person, home first."""
    found = visitor.page.eval_on_selector_all(".more a.result", "links => links.map(one => one.pathname)")
    assert found, "The menu is empty."
    return ["/", *dict.fromkeys(found)]


def walk(visitor):
    """Open every page of the menu and return what is wrong with them."""
    wrong = []
    for path in pages_of(visitor):
        visitor.problems.clear()
        answer = visitor.page.goto(path)
        visitor.page.wait_for_timeout(150)
        if answer.status != 200:
            wrong.append(f"{path}: {answer.status}")
        wrong += [f"{path}: {problem}" for problem in visitor.problems]
        if (wide := visitor.page.evaluate(_TOO_WIDE)) > 0:
            wrong.append(f"{path}: {wide} px too wide")
        if visitor.page.locator("main h1").count() != 1:
            wrong.append(f"{path}: no single heading in main")
    return wrong


@pytest.mark.parametrize("name", ["rep"])
def test_a_morning_on_a_phone_in_chinese(visit, name):
    visitor = visit(name, "phone")
    visitor.speak("zh-hans")
    visitor.page.reload()
    try:
        wrong = walk(visitor)
        spoken = visitor.page.get_attribute("html", "lang")
    finally:
        visitor.speak("en")

    assert not wrong, "\n".join(wrong)
    assert spoken == "zh-Hans"
