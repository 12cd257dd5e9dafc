"""The loop by hand: a won deal shows in the figure and behind it; a statement opens to its deals."""

import uuid

import pytest

pytestmark = pytest.mark.browser


_CHOOSE_ACCOUNT = """async () => {
  const box = document.querySelector("[name=account]").tomselect;
  const { accounts } = await (await fetch("/pipeline/phone-book/")).json();
  box.addOption({ value: String(accounts[0].id), text: accounts[0].name });
  box.setValue(String(accounts[0].id));
}"""


def revenue(visitor):
    """Return this person's revenue of the year as the page "why?" of the target shows it."""
    page = visitor.page
    page.goto("/targets/")
    page.locator(".gauge, .stat").first.wait_for()
    page.goto(page.locator("main a[href*='/measures/why']").first.get_attribute("href"))
    return page


def test_a_deal_won_shows_in_the_figure_and_behind_it(visit):
    rep = visit("rep")
    page = rep.page
    name = f"Loop deal {uuid.uuid4()}"
    page.goto("/pipeline/deals/new/")
    page.fill("[name=name]", name)
    owner = page.eval_on_selector(
        "[name=owner]", "box => [...box.options].map(one => one.value).find(Boolean)"
    )
    page.eval_on_selector("[name=owner]", "(box, value) => box.tomselect.setValue(value)", owner)
    page.fill("[name=amount]", "4321.00")
    page.fill("[name=expected_close_on]", "2099-01-31")
    page.fill("[name=next_step]", "Send the contract")
    page.fill("[name=next_step_on]", "2099-01-15")
    page.evaluate(_CHOOSE_ACCOUNT)
    page.click("main form .btn-primary")
    page.get_by_role("heading", name=name).wait_for()
    stages = page.locator(".stage-path li")
    before = stages.locator("xpath=self::*[@aria-current]").inner_text()
    stages.locator("button").first.click()
    page.wait_for_load_state()

    page.goto(page.locator("a[href*='/winning/']").get_attribute("href"))
    if page.locator("[name=reason]").count():
        page.select_option("[name=reason]", index=1)
    page.click("main form .btn-primary")
    page.locator("a[href*='/reopening/']").wait_for()
    assert stages.locator("xpath=self::*[@aria-current]").inner_text() != before

    revenue(rep)
    assert name in page.locator("main").inner_text()


def test_a_chart_is_drawn_again_when_its_part_of_the_page_is_swapped(visit):
    manager = visit("manager")
    page = manager.page
    page.goto("/targets/")
    page.locator(".chart-area canvas").first.wait_for()
    first = page.locator(".chart-area").first.element_handle()

    page.locator("main select[name=period]").select_option(index=1)
    page.wait_for_url("**period=*")
    page.locator(".chart-area canvas").first.wait_for()

    assert not first.evaluate("(node) => node.isConnected")
    assert not manager.problems
    manager.context.close()


def test_a_statement_opens_to_its_deals_in_two_clicks(visit):
    rep = visit("rep")
    page = rep.page
    page.goto("/incentives/my-pay/")

    page.locator("main a[href*='/incentives/statements/']").first.click()
    page.wait_for_url("**/incentives/statements/**")
    page.locator("main a[href*='/incentives/lines/']").nth(1).click()

    page.locator("a[href*='/pipeline/deals/']").first.wait_for()
