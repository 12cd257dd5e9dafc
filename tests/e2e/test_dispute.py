"""A representative questions one line on the phone, in Chinese, and finds it put right in the next run."""

import pytest

pytestmark = pytest.mark.browser

RUNS = "/incentives/runs/"
WORDS = "上周与安康医疗签的续约没有算进来。"


def latest_run(visitor, state):
    """Open the latest pay run in a state and return its address."""
    visitor.page.goto(RUNS)
    row = visitor.page.locator("table tbody tr", has_text=state).first
    visitor.page.goto(row.locator("a[href^='/incentives/runs/']").first.get_attribute("href"))
    return visitor.page.url


def test_a_line_is_questioned_on_the_phone_and_corrected_in_the_next_run(visit):
    rep, admin, boss = visit("rep", "phone"), visit("compadmin"), visit("executive")
    name = question(rep)
    number = accept(admin, name)
    approve(boss)

    run = latest_run(boss, "Reviewed")
    boss.page.locator("input[name=reason]").fill("A correction is to come in")
    boss.page.get_by_role("button", name="Send back").click()
    admin.page.goto(run)
    admin.page.get_by_role("button", name="Calculate", exact=True).click()
    admin.page.get_by_role("button", name="Mark as reviewed").wait_for(timeout=60_000)
    admin.page.get_by_role("link", name=name).first.click()
    admin.page.wait_for_url("**/incentives/statements/**")
    page = admin.page.locator("main").inner_text()
    admin.page.goto(run)
    admin.page.get_by_role("button", name="Mark as reviewed").click()
    admin.page.get_by_role("button", name="Mark as reviewed").wait_for(state="detached")

    assert f"Dispute {number}" in page
    assert "$123.45" in page
    for visitor in (rep, admin, boss):
        assert not visitor.problems


def question(rep):
    """Ask on the newest paid statement: two clicks and a sentence."""
    rep.speak("zh-hans")
    rep.page.goto("/incentives/my-pay/")
    rep.page.locator("main a[href*='/incentives/statements/']").first.click()
    rep.page.wait_for_url("**/incentives/statements/**")
    name = rep.page.locator("h1").inner_text()
    rep.page.locator("main a[href*='/disputes/of/']").nth(1).click()
    rep.page.locator("textarea[name=text]").fill(WORDS)
    rep.page.get_by_role("button", name="提交异议").click()
    rep.page.wait_for_url("**/incentives/disputes/*/")
    assert WORDS in rep.page.locator("main").inner_text()
    rep.speak("en")
    return name


def accept(admin, name):
    """Agree, with the root cause and an amount; return the number of the dispute."""
    admin.page.goto("/incentives/disputes/")
    admin.page.locator("table tbody tr", has_text=name).locator("a[href*='/disputes/']").first.click()
    admin.page.wait_for_url("**/incentives/disputes/*/")
    number = admin.page.url.rstrip("/").rpartition("/")[2]
    admin.page.locator("summary", has_text="Accept").click()
    admin.page.locator("#accept_amount").fill("123.45")
    admin.page.locator("#accept_cause").select_option("missing_deal")
    admin.page.get_by_role("button", name="Accept and ask for the correction").click()
    admin.page.locator("main", has_text="A correction of $123.45 is on its way").wait_for()
    return number


def approve(boss):
    """Approve the adjustment as the second person."""
    boss.page.goto("/incentives/adjustments/")
    row = boss.page.locator("table tbody tr", has_text="$123.45")
    row.get_by_role("button", name="Approve").click()
    row.get_by_role("button", name="Approve").wait_for(state="detached")
