// Every page: installs the worker, shows what waits, sends it when the network is back.
import { announce, flush } from "./queue.js";
import { entries, forgetAll, forgetOthers, phone, reader, readBook, say, writeBook } from "./store.js";
import { startVisit } from "./visit.js";
import { startWaiting } from "./waiting.js";

const BOOK_AGE = 15 * 60 * 1000;

async function showCount() {
  const chip = document.getElementById("waiting-chip");
  if (!chip) return;
  const all = await entries();
  const needs = all.filter((entry) => ["conflict", "refused"].includes(entry.state)).length;
  chip.hidden = !all.length;
  chip.classList.toggle("is-needed", needs > 0);
  chip.querySelector(".waiting-count").textContent = String(all.length);
}

function showNetwork() {
  const note = document.getElementById("offline-note");
  if (!note) return;
  note.hidden = navigator.onLine;
  const made = new Date(phone().made);
  const old = Date.now() - made > 60 * 1000;
  const time = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }).format(made);
  note.querySelector("span").textContent = old ? say("kept", { time }) : say("off");
}

// The log button of an account's or a deal's page opens the log about it.
function carryAbout() {
  const about = document.querySelector("[data-log-about]")?.dataset.logAbout;
  if (about) for (const link of document.querySelectorAll(".tab-log")) link.search = about;
}

async function renewBook() {
  const { book, log } = phone();
  if (!book || !log || !navigator.onLine) return;
  const had = await readBook("book");
  if (had && Date.now() - had.at < BOOK_AGE) return;
  const answer = await fetch(book, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" }).catch(() => null);
  if (!answer?.ok) return;
  const told = await answer.json();
  if (String(told.reader) !== reader()) return;
  await writeBook("book", { at: Date.now(), ...told });
  document.dispatchEvent(new CustomEvent("book-changed"));
}

// The next deals of the day are fetched ahead, on phones and installed apps only.
async function keepAhead() {
  const worker = (await navigator.serviceWorker.ready).active;
  const small = window.matchMedia("(max-width: 820px), (display-mode: standalone)").matches;
  if (!worker || !small || !navigator.onLine) return;
  const book = await readBook("book");
  const next = (book?.deals ?? []).filter((deal) => deal.own).slice(0, 12);
  const more = next.flatMap((deal) => [`/pipeline/deals/${deal.id}/`, ...(deal.account_id ? [`/customers/accounts/${deal.account_id}/`] : [])]);
  worker.postMessage({ type: "ahead", reader: reader(), more: [...new Set(more)] });
}

// Signing out sends what waits, asks before anything would be lost, then leaves nothing behind.
async function leave(form) {
  if (navigator.onLine) await Promise.race([flush(), new Promise((done) => window.setTimeout(done, 4000))]);
  const left = await entries();
  if (left.length && !window.confirm(say("leave", { n: left.length }))) return;
  await forgetAll();
  form.submit();
}

export async function startPhone() {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" }).catch(() => {});
  if (!reader() || !("indexedDB" in window)) return;
  document.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action") !== phone().signOut) return;
    event.preventDefault();
    leave(event.target);
  });
  document.addEventListener("queue-changed", showCount);
  window.addEventListener("offline", showNetwork);
  window.addEventListener("online", () => {
    showNetwork();
    flush();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && navigator.onLine && flush());
  showNetwork();
  await forgetOthers();
  carryAbout();
  startVisit();
  startWaiting();
  announce();
  await renewBook();
  if (navigator.onLine) flush();
  if ("serviceWorker" in navigator) window.setTimeout(keepAhead, 1500);
}
