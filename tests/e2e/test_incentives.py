"""A quarter of pay by hand: a plan with a draw and a clawback, a transfer, two runs, a question put right.

The administrator works in English at the desk, the second person in Chinese at the desk, the
representative in Chinese on the phone. Every figure is worked out here, apart from the product.
"""

import csv
import datetime as dt
import io
import json
import re
import uuid
from decimal import ROUND_HALF_UP, Decimal

import pytest

pytestmark = pytest.mark.browser

RUNS = "/incentives/runs/"
SALARY, OLD_SALARY = Decimal(60_000), Decimal(54_000)
LOW, HIGH, EDGE = Decimal("0.02"), Decimal("0.03"), Decimal(40_000)
RECOVERY, MONTHS = Decimal("0.5"), 12
CORRECTION = Decimal("123.45")
WORDS = "上周与安康医疗签的续约没有算进来。"


def cents(amount):
    """Round half a cent away from zero."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def commission(total):
    """Return what the plan's two tiers pay on the total of one quarter."""
    return LOW * min(total, EDGE) + HIGH * max(total - EDGE, Decimal(0))


def months_between(first, last):
    """Return how many whole months have passed."""
    return (last.year - first.year) * 12 + last.month - first.month - (last.day < first.day)


class Quarter:
    """The last quarter that is over; somebody changes plan on its 32nd day and sells in its last month."""

    def __init__(self, today):
        self.end = today.replace(month=3 * ((today.month - 1) // 3) + 1, day=1)
        self.start = (self.end - dt.timedelta(days=80)).replace(day=1)
        self.code, self.next_code = (f"{day.year}-Q{(day.month + 2) // 3}" for day in (self.start, self.end))
        self.moved_on = self.start + dt.timedelta(days=31)
        self.sold_on = (self.end - dt.timedelta(days=1)).replace(day=15)
        self.before = Decimal(31) / (self.end - self.start).days
        self.after = 1 - self.before


class Seller:
    """The representative: sells, and reads what the ledger holds."""

    def __init__(self, visitor):
        self.visitor, self.person, self.name = visitor, 0, ""
        book = visitor.page.evaluate("async () => (await fetch('/pipeline/phone-book/')).json()")
        self.account = book["accounts"][0]["id"]

    def sell(self, amount, on=None):
        """Win a deal on a day, by default today, and return it."""
        body = {
            "name": f"Story {uuid.uuid4()}", "account_id": self.account, "amount": str(amount), "stage_id": 6,
            "next_step": "Sign", "next_step_on": "2099-01-15", "expected_close_on": "2099-01-31",
        }  # fmt: skip
        day = on and on.isoformat()
        made = self._call("opportunities/", {**body, "created_on": day} if day else body)
        self.person = made["owner_id"]
        return self._call(
            f"opportunities/{made['id']}/win/", {"closed_on": day} if day else {}, made["version"]
        )

    def lose_again(self, deal):
        """Open a won deal again: the customer sent it back."""
        self._call(f"opportunities/{deal['id']}/reopen/", {"reason": "Sent back"}, deal["version"])

    def _call(self, path, body, version=None):
        headers = {"If-Match": str(version)} if version else {}
        status, answer = self.visitor.call("POST", f"/api/v1/{path}", body, **headers)
        assert status in {200, 201}, answer
        return answer

    def credited(self, start, end):
        """Return the revenue credited on some days, in the order it is paid."""
        asked = f"?measure=revenue&person={self.person}&start={start}&end={end}&page_size=200"
        status, found = self.visitor.call("GET", f"/api/v1/credits/{asked}")
        assert status == 200, found
        rows = sorted(found["results"], key=lambda row: (row["credited_on"], row["booked_on"], row["id"]))
        return [(row["source_id"], Decimal(row["value"])) for row in rows]


def press(visitor, label):
    """Press a step of the open pay run and wait until it is taken."""
    button = visitor.page.get_by_role("button", name=label, exact=True)
    button.click()
    button.wait_for(state="detached")


def calculate(admin):
    """Calculate the open pay run in the worker and confirm that the figures were looked at."""
    with admin.page.expect_navigation():
        admin.page.get_by_role("button", name="Calculate", exact=True).click()
    admin.page.get_by_role("button", name="Mark as reviewed").wait_for(timeout=60_000)


def new_run(admin, period):
    """Create a run for a period, calculate it and return its address."""
    admin.page.goto(RUNS)
    select = admin.page.locator("main select[name=period]")
    select.select_option(select.locator("option", has_text=period).get_attribute("value"))
    admin.page.get_by_role("button", name="Create pay run").click()
    admin.page.wait_for_url("**/incentives/runs/*/")
    calculate(admin)
    return admin.page.url


def approve_and_pay(admin, boss, run):
    """Review, approve by somebody else, lock, export and mark as paid; return the payroll file's rows."""
    admin.page.goto(run)
    press(admin, "Mark as reviewed")
    assert admin.page.get_by_role("button", name="Approve pay run").count() == 0  # four eyes
    boss.page.goto(run)
    press(boss, "批准核算批次")
    boss.page.once("dialog", lambda question: question.accept())  # what cannot be undone is asked
    press(boss, "锁定核算批次")
    admin.page.goto(run)
    admin.page.get_by_role("button", name="Export payroll").click()
    file = admin.page.locator("a[href*='/incentives/payroll/']").first
    file.wait_for()
    answer = admin.context.request.get(file.get_attribute("href"))
    read = list(csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig"))))
    rows = [row for row in read if row["run"] != "control"]
    controls = {row["currency"]: Decimal(row["amount"]) for row in read[len(rows) :]}
    assert controls == {
        code: sum(Decimal(row["amount"]) for row in rows if row["currency"] == code) for code in controls
    }
    assert controls.keys() == {row["currency"] for row in rows}
    press(admin, "Mark as paid")
    return rows


def open_statement(visitor, run, name):
    """Open somebody's statement of a run and return its lines: name → amounts."""
    visitor.page.goto(run)
    visitor.page.get_by_role("link", name=name).first.click()
    visitor.page.wait_for_url("**/incentives/statements/**")
    return lines_of(visitor)


def lines_of(visitor):
    """Return the lines of the open statement in order, each with its amount, and the total."""
    return table_of(visitor.page.locator("main table").first)


def table_of(table):
    """Return the lines of a table with a total, each with its amount."""
    table.locator("tfoot").wait_for()
    rows = table.locator("tr:has(td)").evaluate_all(
        """(rows) => rows.map((row) => ["th span, th:not(:has(span))", "td"]
          .map((part) => row.querySelector(part)).map((cell) => cell.textContent.trim()))"""
    )
    return [(label, Decimal(re.sub(r"[^\d.-]", "", amount.replace("−", "-")))) for label, amount in rows]


def design(admin, quarter, draw):
    """Write the plan and look at what it pays; return the page of the draft."""
    plan = {
        "schema": "salesorg.plan/2", "currency": "USD", "period": "quarter",
        "components": [
            {"kind": "base_salary", "code": "base", "name": "Base salary", "annual": str(SALARY)},
            {
                "kind": "commission", "code": "commission", "name": "Commission", "measure": "revenue",
                "basis": "period",
                "table": {
                    "kind": "marginal",
                    "tiers": [
                        {"from": "0", "to": str(EDGE), "rate": str(LOW)},
                        {"from": str(EDGE), "rate": str(HIGH)},
                    ],
                },
            },
        ],
        "returns": {"schedule": {"kind": "linear", "months": MONTHS, "failing_month": "not_earned"}},
        "draw": {
            "kind": "recoverable", "amount": "1", "periods": 4, "at_end": "carry",
            "recovery_share": str(RECOVERY),
        },
    }  # fmt: skip
    page = admin.page
    page.goto("/incentives/plans/new/?start=blank")
    page.fill("[name=name]", "Field sales with a draw")
    page.fill("[name=code]", f"draw-{uuid.uuid4().hex[:8]}")
    page.fill("[name=starts_on]", quarter.start.isoformat())
    page.get_by_role("button", name="Show as text (JSON)").click()
    page.fill("#as_text", json.dumps(plan))
    page.get_by_role("button", name="Back to blocks").click()
    page.fill("[name='draw.amount']", str(draw))  # the blocks hold what the text said
    told = page.locator("#preview")
    told.get_by_text("From $40,000: 3%.").wait_for()
    told.get_by_text(f"pay is filled up to ${draw:,} as a draw").wait_for()
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_url(re.compile(r"/incentives/plans/\d+/"))
    return page.url


def simulate(admin, plan, quarter, person):
    """Play the draft on the quarter for somebody's team in the worker; return what it pays them."""
    page = admin.page
    page.goto(plan)
    page.get_by_role("link", name="Simulate this version").click()
    form = page.locator("#sheet form")
    for place in ("first", "last"):
        form.locator(f"[name={place}]").select_option(label=quarter.code)
    page.eval_on_selector(
        "#sheet [name=unit]", "(box, unit) => box.tomselect.setValue(unit)", str(person["unit"])
    )
    form.get_by_role("button", name="Simulate", exact=True).click()
    page.locator("main table").get_by_role("link", name=person["name"]).click(timeout=60_000)
    page.wait_for_url("**/incentives/simulations/payees/*/")
    return dict(table_of(page.locator("main section", has_text="Simulated plan").locator("table")))


def publish(admin, boss, plan, quarter, name):
    """Approve the plan as the second person, and move the representative to it mid-quarter."""
    boss.page.goto(plan)
    press(boss, "批准方案")
    page = admin.page
    page.goto(plan)
    page.locator("summary", has_text="Assign plan").click()
    person = page.locator("main form .ts-wrapper", has=page.locator("input[id^=id_person]"))
    person.locator("input").fill(name)
    person.locator("[data-selectable]", has_text=name).first.click()
    page.locator("main form [name=starts_on]").fill(quarter.moved_on.isoformat())
    page.locator("main form").get_by_role("button", name="Assign plan").click()
    page.locator("#assignments", has_text=name).wait_for()


def confirm(rep):
    """Read the plan on the phone and confirm it."""
    rep.page.goto("/incentives/my-pay/")
    rep.page.locator(".notice", has_text="Field sales with a draw").get_by_role("link").click()
    rep.page.get_by_role("button", name="我已阅读本方案").click()
    rep.page.get_by_text("您已于").wait_for()


def question(rep):
    """Ask about the commission on the phone: two clicks and a sentence."""
    page = rep.page
    page.goto("/incentives/my-pay/")
    page.locator("main tr", has_text="Field sales with a draw").locator("a").first.click()
    page.wait_for_url("**/incentives/statements/**")
    page.locator("main tr", has_text="提成").get_by_role("link", name="对此明细提出异议").click()
    page.locator("textarea[name=text]").fill(WORDS)
    page.get_by_role("button", name="提交异议").click()
    page.wait_for_url("**/incentives/disputes/*/")
    assert WORDS in page.locator("main").inner_text()
    return page.url.rstrip("/").rpartition("/")[2]


def accept(admin, number):
    """Answer, agree with root cause and amount, and see that a second person is asked."""
    page = admin.page
    page.goto(f"/incentives/disputes/{number}/")
    assert WORDS in page.locator("main").inner_text()
    page.locator("summary", has_text="Accept").click()
    page.locator("#accept_amount").fill(str(CORRECTION))
    page.locator("#accept_cause").select_option("missing_deal")
    page.get_by_role("button", name="Accept and ask for the correction").click()
    page.locator("main", has_text="A correction of $123.45 is on its way").wait_for()


def approve_correction(boss, name):
    """Approve the adjustment as the second person."""
    boss.page.goto("/incentives/adjustments/")
    row = boss.page.locator("table tbody tr", has_text="US$123.45").filter(has_text=name)
    row.get_by_role("button", name="批准").click()
    row.get_by_role("button", name="批准").wait_for(state="detached")


def put_right(rep, number, correction):
    """Find the correction on the phone: in the newest statement, on the question, and as a paper."""
    page = rep.page
    page.goto("/incentives/my-pay/")
    page.locator("main a[href*='/incentives/statements/']").first.click()
    page.wait_for_url("**/incentives/statements/**")
    assert f"异议 {number}" in page.locator("main").inner_text()
    paper = rep.context.request.get(page.locator("a[href$='statement.pdf']").get_attribute("href"))
    assert paper.body().startswith(b"%PDF")
    page.goto(f"/incentives/disputes/{number}/")
    assert correction in page.locator("main").inner_text()


def test_a_quarter_is_planned_paid_questioned_and_put_right(visit):
    admin, boss, rep = visit("compadmin"), visit("executive"), visit("rep", "phone")
    boss.speak("zh-hans")
    rep.speak("zh-hans")
    today = dt.datetime.now(dt.UTC).date()
    quarter, seller = Quarter(today), Seller(rep)
    sold = seller.sell(30_000, quarter.sold_on)
    credits = seller.credited(quarter.moved_on, quarter.end)
    place = [deal for deal, _value in credits].index(sold["id"])
    before = sum((value for _deal, value in credits[:place]), Decimal(0))
    paid_on_it = commission(before + 30_000) - commission(before)
    total = sum(value for _deal, value in credits)
    first = cents(commission(total))
    draw = (first / quarter.after + 3000).quantize(Decimal(1))
    person = rep.call("GET", f"/api/v1/people/{seller.person}/")[1]
    name = person["name"]

    plan = design(admin, quarter, draw)
    then = simulate(admin, plan, quarter, person)
    whole = cents(commission(sum(value for _deal, value in seller.credited(quarter.start, quarter.end))))
    lines = {"Base salary": SALARY / 4, "Commission": whole, "Draw": max(Decimal(0), draw - whole)}
    assert then == {
        **{line: amount for line, amount in lines.items() if amount},
        "Total": sum(lines.values()),
    }
    admin.page.goto(plan)
    press(admin, "Submit for approval")
    publish(admin, boss, plan, quarter, name)
    confirm(rep)

    release_windfall(boss)
    old_run = reviewed_run(boss)
    admin.page.goto(old_run)
    calculate(admin)
    left = open_statement(admin, old_run, name)
    assert left[0] == ("Base salary", cents(OLD_SALARY / 4 * quarter.before))
    approve_and_pay(admin, boss, old_run)

    run = new_run(admin, quarter.code)
    short = cents(draw * quarter.after) - first
    assert short > 0
    lines = [cents(SALARY / 4 * quarter.after), first, short]
    found = open_statement(admin, run, name)
    assert found == [*zip(("Base salary", "Commission", "Draw"), lines, strict=True), ("Total", sum(lines))]
    file = approve_and_pay(admin, boss, run)
    assert sum(Decimal(row["amount"]) for row in file) == sum(lines)

    number = question(rep)
    accept(admin, number)
    approve_correction(boss, name)
    seller.lose_again(sold)
    for _deal in range(4):
        seller.sell(((draw + 5000) / HIGH / 4).quantize(Decimal(1)))

    run = new_run(admin, quarter.next_code)
    second = cents(
        commission(sum(value for _deal, value in seller.credited(quarter.end, today + dt.timedelta(1))))
    )
    kept = Decimal(months_between(quarter.sold_on, today)) / MONTHS
    clawback = cents(commission(total) - paid_on_it * (1 - kept)) - first
    repaid = min(short, cents(RECOVERY * (second + clawback - draw)))
    assert repaid > 0 > clawback
    lines = {"Base salary": SALARY / 4, "Draw": -repaid, "Adjustment": CORRECTION}
    found = open_statement(admin, run, name)
    assert {key: value for key, value in found if key in lines} == lines
    assert sorted(value for key, value in found if key == "Commission") == [clawback, second]
    assert found[-1] == ("Total", sum(lines.values()) + second + clawback)
    assert f"Dispute {number}" in admin.page.locator("main").inner_text()
    file = approve_and_pay(admin, boss, run)
    assert sum(Decimal(row["amount"]) for row in file if row["name"] == name) == found[-1][1]

    put_right(rep, number, f"已在核算批次 {quarter.next_code}")
    rep.speak("en")
    boss.speak("en")
    for visitor in (admin, boss, rep):
        assert not visitor.problems


def release_windfall(boss):
    """Look at the deal that the rules held, on behalf of the company, and let it be paid."""
    page = boss.page
    page.goto("/incentives/holds/")
    row = page.locator("table tbody tr", has_text="意外大单复核").first
    row.get_by_role("link", name="放行").click()
    page.locator("#sheet textarea[name=note]").fill("合同已核对")
    page.locator("#sheet").get_by_role("button", name="放行").click()
    page.locator("table tbody tr", has_text="意外大单复核").filter(has_text="已放行").first.wait_for()


def reviewed_run(boss):
    """Send the waiting run back as the second person, since somebody moved, and return its address."""
    page = boss.page
    page.goto(RUNS)
    row = page.locator("table tbody tr", has_text="已复核").first
    page.goto(row.locator("a[href^='/incentives/runs/']").first.get_attribute("href"))
    page.locator("input[name=reason]").fill("有人在季度中换了方案")
    page.get_by_role("button", name="退回").click()
    page.locator("input[name=reason]").wait_for(state="detached")
    return page.url
