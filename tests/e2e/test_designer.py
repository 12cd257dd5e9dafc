"""A compensation administrator builds a plan by clicking: draw, clawback, accelerator; a gap is refused."""

import pytest

pytestmark = pytest.mark.browser

TIERS = "components[0].table.tiers"


def field(page, place):
    """Return the input of a place of the plan document."""
    return page.locator(f'[name="{place}"]')


def add(page, name, place):
    """Press what adds a part and wait until it is there."""
    page.get_by_role("button", name=name, exact=True).first.click()
    field(page, place).wait_for()


def test_a_quarterly_plan_is_built_by_clicking_and_a_gap_is_refused(visit):
    page = (admin := visit("compadmin")).page
    page.goto("/incentives/plans/new/")
    page.get_by_role("link", name="An empty plan").click()
    page.get_by_label("Name of the plan").fill("Built by clicking")
    page.get_by_role("button", name="Commission A share").click()
    field(page, f"{TIERS}[1].from").wait_for()
    add(page, "Accelerators and factors", "components[0].modifiers[0].factor")
    add(page, "Draw", "draw.amount")
    add(page, "Returns and clawback", "returns.schedule.steps[1].share")
    assert page.get_by_label("Name of the plan").input_value() == "Built by clicking"
    story = page.locator("#preview .pd-story")
    story.get_by_text("Draw still owed").wait_for()  # the engine has filled the weak period up

    field(page, f"{TIERS}[1].from").fill("150,000")
    page.get_by_role("button", name="Save draft").click()
    refused = page.locator("form .problems a").first
    refused.wait_for()
    assert "Commission › Rates › Tiers, no. 2 › From" in refused.inner_text()
    assert "Nothing is paid between 100000 and 150000" in refused.inner_text()
    assert page.get_by_label("Name of the plan").input_value() == "Built by clicking"
    refused.click()
    assert page.evaluate("document.activeElement.name") == f"{TIERS}[1].from"

    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("100,000")
    page.get_by_text("Ready to save").wait_for()
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("button", name="Submit for approval").wait_for()
    assert page.get_by_text("as a draw").count() == 1
    assert not [said for said in admin.problems if "422" not in said]
