"""Planning by hand: figures typed, pasted and taken back in the grid of a draft, with the keyboard."""

import re

import pytest

pytestmark = pytest.mark.browser


def figure(cell):
    """Return what a cell holds."""
    return cell.get_attribute("data-v")


def largest(page):
    """Return the February of the seat that carries most in it."""
    row = page.evaluate(
        """() => [...document.querySelectorAll("tr[data-edit]:not([aria-expanded]) td[data-c=m1]")]
          .sort((one, two) => two.dataset.v - one.dataset.v)[0].parentElement.id"""
    )
    return page.locator(f"#{row} td[data-c=m1]")


def draft(page):
    """Make a draft of the next version of a target in force, and open it."""
    page.goto("/targets/plans/")
    page.locator("tr:has(.status-good):has-text('$') a.cell-link").first.click()
    page.locator("details:has(#follow-reason) summary").click()
    page.fill("#follow-reason", "The browser plans")
    page.locator("form:has(#follow-reason) button[type=submit]").click()
    page.locator("[data-grid][data-open='1']").wait_for()


def test_figures_are_typed_pasted_and_taken_back_with_the_keyboard(visit):
    visitor = visit("salesops")
    page = visitor.page
    draft(page)
    cell = largest(page)
    before = figure(cell)

    cell.click()
    page.keyboard.press("F2")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("-50%")
    with page.expect_response(re.compile("/cell/$")) as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 200
    page.locator("td.cell-fixed[data-c=m1]").first.wait_for()
    assert float(figure(cell)) < float(before)

    cell.click()
    with page.expect_response(re.compile("/undo/$")):
        page.keyboard.press("ControlOrMeta+z")
    page.wait_for_function("([one, value]) => one.dataset.v === value", arg=[cell.element_handle(), before])
    page.reload()
    cell = largest(page)
    assert figure(cell) == before

    cell.click()
    with page.expect_response(re.compile("/paste/preview/$")):
        page.evaluate(
            """() => {
              const data = new DataTransfer();
              data.setData("text/plain", "1\\tabc");
              document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true }));
            }"""
        )
    page.locator("#sheet .notice-bad").first.wait_for()
    assert page.locator("#sheet [data-paste-apply]").count() == 0
    page.goto(page.url)
    page.locator("form[action$='/discard/'] button").click()
    page.wait_for_url("**/targets/plans/")
    assert visitor.problems == []
