"""The phone between visits: installed, without a network, with a queue that is sent exactly once."""

import json
import uuid

import pytest

from tests.e2e.conftest import comes_true

pytestmark = pytest.mark.browser

VISIT, WAITING = "/pipeline/visit/", "/pipeline/waiting/"
ACTIVITIES = "/api/v1/activities/"
_KEPT = """async () => {
  const names = (await caches.keys()).filter((name) => name.startsWith("pages-"));
  const found = [];
  for (const name of names) {
    const kept = await (await caches.open(name)).keys();
    found.push(...kept.map((one) => new URL(one.url).pathname));
  }
  return found;
}"""
_DATABASES = "async () => (await indexedDB.databases()).map((one) => one.name)"
_PUT_AGAIN = """([reader, rows]) => new Promise((done, fail) => {
  const asked = indexedDB.open(`salesorg-${reader}`);
  asked.onerror = fail;
  asked.onsuccess = () => {
    const transaction = asked.result.transaction("queue", "readwrite");
    rows.forEach(({ seq, ...row }) => transaction.objectStore("queue").add(row));
    transaction.oncomplete = () => { asked.result.close(); done(); };
  };
})"""
_QUEUE = """(reader) => new Promise((done, fail) => {
  const asked = indexedDB.open(`salesorg-${reader}`);
  asked.onerror = fail;
  asked.onsuccess = () => {
    const all = asked.result.transaction("queue").objectStore("queue").getAll();
    all.onsuccess = () => { asked.result.close(); done(all.result); };
  };
})"""


def ready(visitor):
    """Wait until the worker runs and has fetched ahead what is read offline."""
    page = visitor.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    comes_true(page, "navigator.serviceWorker.controller !== null")
    page.reload()
    for _try in range(60):
        kept = page.evaluate(_KEPT)
        if {VISIT, WAITING, "/pipeline/deals/", "/customers/accounts/", "/pipeline/tasks/"} <= set(kept):
            return kept
        page.wait_for_timeout(500)
    raise AssertionError(f"Kept only {kept}")


def reader_of(visitor):
    return visitor.page.get_attribute("#phone", "data-reader")


def log(visitor, sentence, step=""):
    page = visitor.page
    page.locator("#visit-near .chip").first.click()
    page.fill("#visit-said", sentence)
    if step:
        page.locator("#visit-next summary").click()
        page.fill("#visit-step", step)
        page.click("[data-days='7']")
    page.click(".visit-save button")
    comes_true(page, "document.querySelector('#visit-said').value === ''")


def recorded(visitor, sentence):
    status, answer = visitor.call("GET", f"{ACTIVITIES}?page_size=100")
    assert status == 200
    return [row for row in answer["results"] if row["subject"] == sentence]


def all_sent(visitor):
    comes_true(visitor.page, "document.querySelector('#waiting-chip').hidden")


def test_the_app_can_be_installed(visit):
    rep = visit("rep", "phone")
    address = rep.page.get_attribute("link[rel=manifest]", "href")

    manifest = rep.page.evaluate("async (url) => (await fetch(url)).json()", address)

    assert (manifest["display"], manifest["start_url"], manifest["scope"]) == ("standalone", "/", "/")
    assert {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]} == {
        ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable"),
    }  # fmt: skip
    for icon in manifest["icons"]:
        assert rep.page.evaluate("async (url) => (await fetch(url)).status", icon["src"]) == 200
    chinese = rep.page.evaluate("async () => (await fetch('/manifest.webmanifest?lang=zh-hans')).json()")
    assert "销售" in chinese["name"]


def test_visits_logged_without_a_network_arrive_exactly_once_in_order(visit):
    rep = visit("rep", "phone")
    page = rep.page
    ready(rep)
    rep.context.set_offline(True)
    page.goto(VISIT)
    page.wait_for_selector("#visit-near .chip")
    sentences = [f"Offline visit {uuid.uuid4()}" for _number in range(2)]
    for sentence in sentences:
        log(rep, sentence)

    page.goto(WAITING)  # from the device
    page.wait_for_selector(".waiting-row")
    assert page.locator(".waiting-row").count() == 2
    assert page.inner_text("#waiting-chip .waiting-count") == "2"
    assert page.is_visible("#offline-note")
    page.goto("/pipeline/deals/")
    assert page.locator("h1").inner_text() == "Deals"
    page.goto(WAITING)
    page.wait_for_selector(".waiting-row")
    waiting = page.evaluate(_QUEUE, reader_of(rep))
    rep.context.set_offline(False)
    all_sent(rep)

    for sentence in sentences:
        assert len(recorded(rep, sentence)) == 1, sentence
    first, second = (recorded(rep, sentence)[0] for sentence in sentences)
    assert first["id"] < second["id"]

    # The whole queue again, shuffled and doubled: the first answers come back, nothing is added.
    page.evaluate(_PUT_AGAIN, [reader_of(rep), [*reversed(waiting), *waiting]])
    page.reload()
    all_sent(rep)
    for sentence in sentences:
        assert len(recorded(rep, sentence)) == 1, sentence
    for entry in waiting:  # and with keys long forgotten by the server: the client id alone holds
        status, answer = rep.call("POST", ACTIVITIES, entry["body"])
        assert (status, answer["subject"]) == (201, entry["body"]["subject"])
    assert len(recorded(rep, sentences[0])) == 1


def test_the_log_button_of_an_account_logs_about_it_and_says_so(visit):
    rep = visit("rep", "phone", "/customers/accounts/")
    page = rep.page
    page.locator("tbody .cell-link").first.click()
    page.wait_for_selector(".tab-log[href*='account=']")
    name = page.inner_text("h1")
    page.click(".tab-log")
    comes_true(page, "document.querySelector('#visit-who')?.value !== ''")

    assert page.input_value("#visit-who") == name
    page.fill("#visit-said", f"Agreed on a date {uuid.uuid4()}")
    page.click(".visit-save button")
    page.wait_for_selector(".note:has-text('Sent: 1')")


def test_a_refused_entry_waits_for_its_person_and_the_rest_goes_on(visit):
    rep = visit("rep", "phone", VISIT)
    page = rep.page
    page.wait_for_selector("#visit-near .chip")
    refused, failed, edited = (f"Fault {number} {uuid.uuid4()}" for number in range(3))
    answers = iter([409, 500])

    def interfere(route):
        status = next(answers, 0) if "Fault" in (route.request.post_data or "") else 0
        if not status:
            return route.continue_()
        body = {"code": "closed_period", "detail": "The period is closed.", "fields": {}}
        return route.fulfill(status=status, content_type="application/json", body=json.dumps(body))

    rep.context.route(f"**{ACTIVITIES}", interfere)
    log(rep, refused)
    log(rep, failed)
    all_but_one = "document.querySelector('.waiting-count').textContent === '1'"
    page.goto(WAITING)
    comes_true(page, all_but_one)

    assert len(recorded(rep, failed)) == 1
    assert recorded(rep, refused) == []
    row = page.locator(".waiting-row")
    assert row.get_attribute("data-state") == "conflict"
    assert "The period is closed." in row.inner_text()
    row.locator("textarea").fill(edited)
    row.locator("[type=submit]").click()
    all_sent(rep)
    assert len(recorded(rep, edited)) == 1


def test_a_next_step_changed_by_somebody_else_shows_both(visit):
    rep = visit("rep", "phone", VISIT)
    page = rep.page
    page.wait_for_selector("#visit-near .chip")
    deal = page.evaluate(
        """async () => (await (await fetch("/pipeline/phone-book/")).json()).deals.find((one) => one.own)"""
    )
    url = f"/api/v1/opportunities/{deal['id']}/"
    page.goto(f"{VISIT}?opportunity={deal['id']}")
    comes_true(page, "document.querySelector('#visit-who').value !== ''")
    rep.context.set_offline(True)
    page.fill("#visit-said", "They asked for a second quote.")
    page.locator("#visit-next summary").click()
    page.fill("#visit-step", "My next step")
    page.click(".visit-save button")
    comes_true(page, "document.querySelector('.waiting-count').textContent === '2'")
    manager = visit("manager")
    _status, now = manager.call("GET", url)
    theirs = {"next_step": "The manager's step"}
    assert manager.call("PATCH", url, theirs, **{"If-Match": str(now["version"])})[0] == 200

    rep.context.set_offline(False)
    comes_true(page, "document.querySelector('.waiting-count').textContent === '1'")
    page.goto(WAITING)
    row = page.locator(".waiting-row")
    row.wait_for()

    assert "My next step" in row.locator("[data-at=mine]").inner_text()
    assert "The manager's step" in row.locator("[data-at=theirs]").inner_text()
    assert rep.call("GET", url)[1]["next_step"] == "The manager's step"
    row.locator(".waiting-edit [type=submit]").click()
    all_sent(rep)
    assert rep.call("GET", url)[1]["next_step"] == "My next step"


def test_an_expired_sign_in_keeps_the_queue_for_the_same_person_only(visit, sign_in_again):
    rep = visit("rep", "phone")
    page = rep.page
    ready(rep)
    own = reader_of(rep)
    kept = f"Kept over the expired sign-in {uuid.uuid4()}"
    rep.context.set_offline(True)
    page.goto(VISIT)
    page.wait_for_selector("#visit-near .chip")
    log(rep, kept)
    rep.context.clear_cookies()
    rep.context.set_offline(False)
    page.goto(WAITING)
    page.wait_for_url("**/accounts/login/**")

    sign_in_again(rep, "manager")
    page.goto(WAITING)
    page.wait_for_timeout(1500)
    assert page.locator(".waiting-row").count() == 0
    assert recorded(rep, kept) == []
    assert not [path for path in page.evaluate("async () => caches.keys()") if path == f"pages-{own}"]
    # An answer to what the worker fetches ahead would bring the manager's cookies back.
    rep.context.set_offline(True)
    page.wait_for_timeout(1500)
    rep.context.clear_cookies()
    rep.context.set_offline(False)

    sign_in_again(rep, "rep")
    for _try in range(60):
        if recorded(rep, kept):
            break
        page.wait_for_timeout(500)
    all_sent(rep)
    assert len(recorded(rep, kept)) == 1


def test_pay_is_never_kept_and_signing_out_leaves_nothing(visit):
    rep = visit("rep", "phone")
    page = rep.page
    ready(rep)
    page.goto("/incentives/my-pay/")
    page.goto("/ui/more/")
    page.wait_for_timeout(500)

    assert not [path for path in page.evaluate(_KEPT) if "incentives" in path or "reviews" in path]
    page.locator(".more form[action$='/logout/'] button").click()
    page.wait_for_url("**/accounts/**")
    assert page.evaluate(_KEPT) == []
    assert page.evaluate(_DATABASES) == []
    rep.context.set_offline(True)
    page.goto("/pipeline/deals/")
    assert page.locator("h1").inner_text() == "You are offline"
