"""Pay by hand: one person reviewed, another approves and locks, payroll gets its file, the next starts."""

import csv
import io

import pytest

pytestmark = pytest.mark.browser

RUNS = "/incentives/runs/"


def step(visitor, label):
    """Press a step of the open pay run and wait until it is taken."""
    button = visitor.page.get_by_role("button", name=label, exact=True)
    button.click()
    button.wait_for(state="detached")


def open_run(visitor, state):
    """Open the latest pay run in a state."""
    visitor.page.goto(RUNS)
    row = visitor.page.locator("table tbody tr", has_text=state).first
    visitor.page.goto(row.locator("a[href^='/incentives/runs/']").first.get_attribute("href"))
    return visitor.page.url


def quarter_after(heading):
    """Return the code of the quarter after the one a heading names: "Pay run 2026-Q4" → 2027-Q1."""
    year, quarter = heading.split()[-1].split("-Q")
    return f"{int(year) + 1}-Q1" if quarter == "4" else f"{year}-Q{int(quarter) + 1}"


def test_a_pay_run_from_review_to_payroll_and_the_next_one_calculated(visit):
    admin, boss = visit("compadmin"), visit("executive")
    url = open_run(admin, "Reviewed")
    following = quarter_after(admin.page.locator("h1").inner_text())
    assert admin.page.get_by_role("button", name="Approve pay run").count() == 0  # four eyes

    boss.page.goto(url)
    step(boss, "Approve pay run")
    boss.page.once("dialog", lambda question: question.accept())  # what cannot be undone is asked
    step(boss, "Lock pay run")

    admin.page.goto(url)
    admin.page.get_by_role("button", name="Export payroll").click()
    file = admin.page.locator("a[href*='/incentives/payroll/']").first
    file.wait_for()
    answer = admin.context.request.get(file.get_attribute("href"))
    *rows, control = list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"))))
    cents = sum(round(float(row["amount"]) * 100) for row in rows)
    assert rows
    assert (control["run"], cents) == ("control", round(float(control["amount"]) * 100))
    step(admin, "Mark as paid")

    admin.page.goto(RUNS)
    period = admin.page.locator("main select[name=period]")
    period.select_option(period.locator("option", has_text=following).get_attribute("value"))
    admin.page.locator("main form button[type=submit]").first.click()
    admin.page.wait_for_url("**/incentives/runs/*/")
    admin.page.get_by_role("button", name="Calculate", exact=True).click()
    admin.page.get_by_role("button", name="Mark as reviewed").wait_for(timeout=60_000)
    assert admin.page.locator("main table tbody tr").count() > 5
    assert not admin.problems
    assert not boss.problems
