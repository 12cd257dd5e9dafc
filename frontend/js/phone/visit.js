// The quick log: kind, who, one sentence. Everything it needs is on the device.
import { enqueue, flush } from "./queue.js";
import { entries, newId, readBook, say, writeBook } from "./store.js";

const SHOWN = 8;
const NEAR = 6;
const pad = (number) => String(number).padStart(2, "0");
const localDay = (date) => `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
const localMinute = (date) => `${localDay(date)}T${pad(date.getHours())}:${pad(date.getMinutes())}`;

function choices(book) {
  const deals = (book?.deals ?? []).map((deal) => ({ type: "deal", id: deal.id, name: deal.name, note: deal.stage, key: `${deal.name} ${deal.account} ${deal.key}`.toLowerCase(), deal }));
  const accounts = (book?.accounts ?? []).map((account) => ({ type: "account", id: account.id, name: account.name, note: account.city, own: account.own, key: `${account.name} ${account.key} ${account.city}`.toLowerCase() }));
  return { deals, accounts, all: [...accounts, ...deals] };
}

function matching(all, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter((one) => words.every((word) => one.key.includes(word)));
  const starts = (one) => (one.name.toLowerCase().startsWith(words[0] ?? "") ? 0 : 1);
  return found.sort((one, other) => starts(one) - starts(other)).slice(0, SHOWN);
}

class Visit {
  constructor(form) {
    this.form = form;
    this.chosen = null;
    this.place = null;
    this.known = choices(null);
    this.who = form.querySelector("#visit-who");
    this.list = form.querySelector("#visit-found");
    this.clear = form.querySelector("[data-clear]");
    this.problem = form.querySelector("#visit-problem");
    form.elements.happened_at.value = localMinute(new Date());
    form.elements.happened_at.dataset.untouched = "1";
  }

  async load() {
    this.book = await readBook("book");
    this.known = choices(this.book);
    await this.near();
    const asked = new URLSearchParams(location.search);
    const deal = asked.get("opportunity");
    const account = asked.get("account");
    const found = this.known.all.find((one) => (deal ? one.type === "deal" && String(one.id) === deal : account && one.type === "account" && String(one.id) === account));
    if (found && !this.chosen) this.choose(found);
  }

  // Chips: deals whose next step is due, then what was logged lately, then own accounts.
  async near() {
    const today = this.form.dataset.today;
    const due = this.known.deals.filter((one) => one.deal.own && one.deal.next_step_on && one.deal.next_step_on <= today);
    const late = (await readBook("recent")) ?? [];
    const recent = late.map((mark) => this.known.all.find((one) => `${one.type}:${one.id}` === mark)).filter(Boolean);
    const own = this.known.accounts.filter((one) => one.own);
    const chips = [...new Set([...recent.slice(0, 2), ...due, ...recent, ...own])].slice(0, NEAR);
    document.getElementById("visit-near").replaceChildren(...chips.map((one) => {
      const chip = Object.assign(document.createElement("button"), { type: "button", className: "chip", textContent: one.name });
      chip.addEventListener("click", () => {
        this.choose(one);
        this.form.elements.subject.focus();
      });
      return chip;
    }));
  }

  choose(one) {
    this.chosen = one;
    this.who.value = one ? one.name : "";
    this.clear.hidden = !one;
    this.show([]);
    for (const chip of document.querySelectorAll("#visit-near .chip")) chip.classList.toggle("chip-on", Boolean(one) && chip.textContent === one.name);
    const step = this.form.elements.next_step;
    if (one?.deal?.next_step && !step.value) step.placeholder = one.deal.next_step;
  }

  show(found, empty = false) {
    this.list.hidden = !found.length && !empty;
    this.who.setAttribute("aria-expanded", String(Boolean(found.length)));
    this.who.removeAttribute("aria-activedescendant");
    if (empty && !found.length) return this.list.replaceChildren(Object.assign(document.createElement("li"), { className: "visit-none", textContent: say("nothing") }));
    return this.list.replaceChildren(...found.map((one, place) => {
      const row = Object.assign(document.createElement("li"), { id: `visit-found-${place}`, className: "visit-option" });
      row.setAttribute("role", "option");
      row.append(
        Object.assign(document.createElement("b"), { textContent: one.name }),
        Object.assign(document.createElement("small"), { textContent: [say(one.type), one.note].filter(Boolean).join(" · ") }),
      );
      row.addEventListener("pointerdown", (event) => event.preventDefault());
      row.addEventListener("click", () => {
        this.choose(one);
        this.form.elements.subject.focus();
      });
      row.choice = one;
      return row;
    }));
  }

  typed() {
    this.chosen = null;
    this.clear.hidden = !this.who.value;
    const text = this.who.value.trim();
    this.show(text ? matching(this.known.all, text) : [], Boolean(text));
  }

  key(event) {
    const rows = [...this.list.querySelectorAll(".visit-option")];
    const at = rows.findIndex((row) => row.classList.contains("active"));
    if (event.key === "Escape") return this.show([]);
    if (event.key === "Enter" && (at >= 0 || rows.length === 1)) {
      event.preventDefault();
      return this.choose(rows[Math.max(at, 0)].choice);
    }
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return undefined;
    event.preventDefault();
    const next = rows[(at + (event.key === "ArrowDown" ? 1 : rows.length - 1) + (at < 0 && event.key === "ArrowUp" ? 1 : 0)) % rows.length];
    rows.forEach((row) => row.classList.toggle("active", row === next));
    next?.scrollIntoView({ block: "nearest" });
    if (next) this.who.setAttribute("aria-activedescendant", next.id);
    return undefined;
  }

  locate(button) {
    const here = document.getElementById("visit-here");
    if (!navigator.geolocation) return void (here.textContent = say("nowhere"));
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        button.disabled = false;
        this.place = { latitude: coords.latitude.toFixed(5), longitude: coords.longitude.toFixed(5), accuracy_m: Math.min(100000, Math.round(coords.accuracy)) };
        here.textContent = say("here", { n: this.place.accuracy_m });
      },
      () => {
        button.disabled = false;
        here.textContent = say("nowhere");
      },
      { timeout: 15000, maximumAge: 60000, enableHighAccuracy: false },
    );
  }

  complain(text, field) {
    this.problem.textContent = text;
    this.problem.hidden = !text;
    this.form.querySelectorAll(".is-invalid").forEach((one) => one.classList.remove("is-invalid"));
    if (field) {
      field.classList.add("is-invalid");
      field.focus();
    }
  }

  happenedAt() {
    const field = this.form.elements.happened_at;
    return (field.dataset.untouched || !field.value ? new Date() : new Date(field.value)).toISOString();
  }

  drafts() {
    const { kind, subject, next_step: step, next_step_on: on } = this.form.elements;
    const one = this.chosen;
    const about = one ? one.name : "";
    const links = one?.type === "deal" ? { opportunity_id: one.id } : one ? { account_id: one.id } : {};
    const id = newId();
    const made = [{
      what: kind.value, about, method: "POST", url: this.form.dataset.activities, compare: ["subject"],
      body: { client_uuid: id, kind: kind.value, subject: subject.value.trim(), happened_at: this.happenedAt(), ...links, ...this.place },
    }];
    const next = step.value.trim();
    if (next && one?.type === "deal") {
      made.push({
        what: "step", about, method: "PATCH", url: `${this.form.dataset.deals}${one.id}/`, version: one.deal.version, compare: ["next_step", "next_step_on"],
        base: { next_step: one.deal.next_step, next_step_on: one.deal.next_step_on }, body: { next_step: next, next_step_on: on.value || null },
      });
    } else if (next) {
      made.push({
        what: "task", about, method: "POST", url: this.form.dataset.tasks, compare: ["title"],
        body: { client_uuid: newId(), title: next, due_on: on.value || null, ...links },
      });
    }
    return made;
  }

  async save() {
    const { subject } = this.form.elements;
    if (this.who.value.trim() && !this.chosen) return this.complain(say("choose"), this.who);
    if (!subject.value.trim()) return this.complain(say("sentence"), subject);
    this.complain("");
    const button = this.form.querySelector("[type=submit]");
    button.disabled = true;
    const made = [];
    for (const draft of this.drafts()) made.push(await enqueue(draft));
    if (this.chosen) {
      const mark = `${this.chosen.type}:${this.chosen.id}`;
      await writeBook("recent", [mark, ...((await readBook("recent")) ?? []).filter((old) => old !== mark)].slice(0, 8));
    }
    await this.forgetStep();
    this.form.reset();
    this.choose(null);
    this.place = null;
    document.getElementById("visit-here").textContent = "";
    this.form.elements.next_step.placeholder = "";
    this.form.querySelectorAll("details").forEach((part) => (part.open = false));
    window.scrollTo({ top: 0 });
    this.form.elements.happened_at.value = localMinute(new Date());
    this.form.elements.happened_at.dataset.untouched = "1";
    await this.load();
    button.disabled = false;
    if (navigator.onLine) await flush();
    const left = (await entries()).filter((entry) => made.includes(entry.seq));
    if (left.some((entry) => !["conflict", "refused"].includes(entry.state))) window.salesorg.toast(say("queued"), "info");
    return undefined;
  }

  // A second entry for the same deal builds on the next step just set.
  async forgetStep() {
    const { next_step: step, next_step_on: on } = this.form.elements;
    if (this.chosen?.type !== "deal" || !step.value.trim()) return;
    const deal = this.book?.deals.find((row) => row.id === this.chosen.id);
    if (!deal) return;
    Object.assign(deal, { next_step: step.value.trim(), next_step_on: on.value || null });
    await writeBook("book", this.book);
  }
}

export function startVisit() {
  const form = document.querySelector("[data-visit]");
  if (!form) return;
  const visit = new Visit(form);
  visit.who.addEventListener("input", () => visit.typed());
  visit.who.addEventListener("keydown", (event) => visit.key(event));
  visit.who.addEventListener("blur", () => window.setTimeout(() => visit.show([]), 150));
  visit.clear.addEventListener("click", () => {
    visit.choose(null);
    visit.who.focus();
  });
  form.elements.happened_at.addEventListener("change", (event) => delete event.target.dataset.untouched);
  form.querySelector("[data-locate]").addEventListener("click", (event) => visit.locate(event.currentTarget));
  for (const button of form.querySelectorAll("[data-days]")) {
    button.addEventListener("click", () => {
      const day = new Date();
      day.setDate(day.getDate() + Number(button.dataset.days));
      form.elements.next_step_on.value = localDay(day);
    });
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    visit.save();
  });
  document.addEventListener("book-changed", () => visit.load());
  visit.load();
}
