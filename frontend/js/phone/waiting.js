// The screen of what was not sent yet: state, reason, both values of a conflict, retry, edit, delete.
import { announce, flush, retry } from "./queue.js";
import { dropEntry, entries, newId, say } from "./store.js";

const TONES = { waiting: "info", retry: "warn", "sign-in": "warn", conflict: "bad", refused: "bad" };
const camel = (state) => `state${state.split("-").map((word) => word[0].toUpperCase() + word.slice(1)).join("")}`;
const words = (entry) => ({ step: "next_step", task: "title" })[entry.what] ?? "subject";
const day = (entry) => ({ step: "next_step_on", task: "due_on" })[entry.what];
const told = (values) => Object.values(values ?? {}).filter(Boolean).join(" · ") || say("empty");

function row(entry) {
  const item = document.getElementById("waiting-row").content.firstElementChild.cloneNode(true);
  const at = (name) => item.querySelector(`[data-at="${name}"]`);
  const act = (name) => item.querySelector(`[data-do="${name}"]`);
  const needs = entry.state === "conflict" || entry.state === "refused";
  item.dataset.state = entry.state;
  at("state").textContent = say(camel(entry.state));
  at("state").classList.add(`status-${TONES[entry.state]}`);
  const made = new Date(entry.made);
  at("made").dateTime = made.toISOString();
  at("made").textContent = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "short", timeStyle: "short" }).format(made);
  const date = day(entry) && entry.body[day(entry)];
  at("text").textContent = [entry.body[words(entry)], date].filter(Boolean).join(" · ");
  at("about").textContent = [["step", "task"].includes(entry.what) ? say(entry.what) : "", entry.about].filter(Boolean).join(" · ");
  at("why").textContent = needs ? entry.why ?? "" : "";
  at("why").hidden = !at("why").textContent;
  if (entry.theirs) {
    at("two").hidden = false;
    at("mine").textContent = told(Object.fromEntries(entry.compare.map((name) => [name, entry.body[name]])));
    at("theirs").textContent = told(entry.theirs);
  }
  act("theirs").hidden = !entry.theirs;
  act("retry").hidden = entry.recorded || entry.state === "conflict";
  at("words").value = entry.body[words(entry)];
  if (day(entry)) {
    at("day").hidden = false;
    at("date").value = entry.body[day(entry)] ?? "";
  }
  act("retry").addEventListener("click", () => retry(entry));
  act("edit").addEventListener("click", () => {
    at("edit").hidden = false;
    at("words").focus();
  });
  at("edit").hidden = entry.state !== "conflict";
  act("edit").hidden = entry.state === "conflict";
  at("edit").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = at("words").value.trim();
    if (!text) return;
    const body = { ...entry.body, [words(entry)]: text };
    if (day(entry)) body[day(entry)] = at("date").value || null;
    // What the server already has under this id stays; other words become an entry of their own.
    if (entry.recorded) body.client_uuid = newId();
    retry(entry, { body, theirs: null, recorded: false });
  });
  const drop = async () => {
    await dropEntry(entry.seq);
    announce();
  };
  act("theirs").addEventListener("click", drop);
  act("delete").addEventListener("click", drop);
  return item;
}

async function draw() {
  const list = document.getElementById("waiting-list");
  if (list.contains(document.activeElement) && document.activeElement.matches("textarea, input")) return;
  const all = await entries();
  list.replaceChildren(...all.map(row));
  document.getElementById("waiting-none").hidden = all.length > 0;
  document.getElementById("waiting-send").hidden = !all.some((entry) => !["conflict", "refused"].includes(entry.state));
}

export function startWaiting() {
  if (!document.getElementById("waiting-list")) return;
  document.addEventListener("queue-changed", draw);
  document.getElementById("waiting-send").addEventListener("click", flush);
}
