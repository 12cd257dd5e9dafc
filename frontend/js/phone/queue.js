// Sends what waits, oldest first, each entry exactly once: the server knows every client id and key.
import { addEntry, changeEntry, dropEntry, entries, newId, phone, reader, say } from "./store.js";
import { verdict } from "./verdict.js";

const LOCK = () => `salesorg-queue-${reader()}`;
const MAX_WAIT = 5 * 60 * 1000;
const news = "BroadcastChannel" in window ? new BroadcastChannel("salesorg-queue") : null;
let timer = 0;

export function announce() {
  document.dispatchEvent(new CustomEvent("queue-changed"));
  news?.postMessage("changed");
}
news?.addEventListener("message", () => document.dispatchEvent(new CustomEvent("queue-changed")));

export async function enqueue(entry) {
  const seq = await addEntry({ key: newId(), ...entry });
  announce();
  return seq;
}

// Who the server thinks we are. A queue is sent only for the reader who made it.
async function session() {
  const answer = await fetch(phone().session, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
  if (answer.type === "opaqueredirect" || answer.status === 401) return { reader: "" };
  if (!answer.ok) throw new Error("no session");
  const told = await answer.json();
  return { reader: String(told.reader), token: told.token };
}

async function send(entry, token) {
  const headers = { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token };
  if (entry.method === "PATCH") headers["If-Match"] = String(entry.version);
  else headers["Idempotency-Key"] = entry.key;
  const answer = await fetch(entry.url, { method: entry.method, headers, body: JSON.stringify(entry.body), redirect: "manual" });
  const body = await answer.json().catch(() => null);
  return { status: answer.status, body };
}

const shows = (entry, told) => Object.keys(entry.body).every((name) => !entry.compare?.includes(name) || same(entry.body[name], told?.[name]));
const same = (one, other) => String(one ?? "") === String(other ?? "");
const part = (entry, told) => Object.fromEntries((entry.compare ?? []).map((name) => [name, told?.[name] ?? ""]));

// Somebody saved the deal meanwhile. If they left our fields alone, ours go on top; if not, a person decides.
async function rebase(entry, token) {
  const answer = await fetch(entry.url, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!answer.ok) return settle(entry, answer.status, await answer.json().catch(() => null));
  const theirs = await answer.json();
  if (shows(entry, theirs)) return dropEntry(entry.seq).then(() => "done");
  const untouched = entry.compare.every((name) => same(entry.base?.[name], theirs[name]));
  if (untouched && !entry.rebased) {
    const newer = { ...entry, version: theirs.version, rebased: true };
    await changeEntry(entry.seq, { version: theirs.version, rebased: true });
    return deliver(newer, token);
  }
  const shown = part(entry, theirs);
  await changeEntry(entry.seq, { state: "conflict", why: say("changed"), theirs: shown, base: shown, version: theirs.version, rebased: false });
  return "conflict";
}

async function settle(entry, status, body) {
  const outcome = verdict(status, body);
  if (outcome === "done") {
    // The server had this entry already, in other words: show both instead of losing the newer ones.
    if (entry.compare && !shows(entry, body)) {
      await changeEntry(entry.seq, { state: "conflict", why: say("other"), theirs: part(entry, body), recorded: true });
      return "conflict";
    }
    await dropEntry(entry.seq);
  } else if (outcome === "wait" || outcome === "sign-in") {
    await changeEntry(entry.seq, { state: outcome === "wait" ? "retry" : "sign-in", tries: entry.tries + 1 });
  } else {
    const why = status === 404 || status === 403 ? say("gone") : body?.detail ?? String(status);
    await changeEntry(entry.seq, { state: outcome, why, status, theirs: null });
  }
  return outcome;
}

async function deliver(entry, token) {
  let answer;
  try {
    answer = await send(entry, token);
  } catch {
    await changeEntry(entry.seq, { state: "waiting", tries: entry.tries + 1 });
    return "offline";
  }
  if (entry.method === "PATCH" && answer.status === 412) return rebase(entry, token);
  return settle(entry, answer.status, answer.body);
}

function again(tries) {
  window.clearTimeout(timer);
  timer = window.setTimeout(flush, Math.min(MAX_WAIT, 2000 * 2 ** Math.min(tries, 8)));
}

async function flushNow() {
  const waiting = (await entries()).filter((entry) => !["conflict", "refused"].includes(entry.state));
  const result = { sent: 0, needs: 0, stopped: "" };
  if (!waiting.length) return result;
  let who;
  try {
    who = await session();
  } catch {
    again(waiting[0].tries + 1);
    return { ...result, stopped: "offline" };
  }
  if (who.reader !== reader()) {
    for (const entry of waiting) await changeEntry(entry.seq, { state: "sign-in" });
    return { ...result, stopped: "sign-in" };
  }
  for (const entry of waiting) {
    const outcome = await deliver(entry, who.token);
    if (outcome === "done") result.sent += 1;
    else if (outcome === "conflict" || outcome === "refused") result.needs += 1;
    else {
      if (outcome !== "sign-in") again(entry.tries + 1);
      return { ...result, stopped: outcome };
    }
  }
  return result;
}

// One tab at a time; a second call while one runs waits for it, so that nothing is left behind.
export async function flush() {
  if (!reader()) return { sent: 0, needs: 0, stopped: "" };
  const run = async () => {
    const result = await flushNow();
    announce();
    if (result.sent) window.salesorg.toast(say("sent", { n: result.sent }), "success");
    if (result.needs) window.salesorg.toast(say("needs"), "error");
    return result;
  };
  return navigator.locks ? navigator.locks.request(LOCK(), run) : run();
}

export async function retry(entry, fields = {}) {
  const fresh = fields.body ? { key: newId() } : {};
  await changeEntry(entry.seq, { state: "waiting", tries: 0, why: "", ...fresh, ...fields });
  announce();
  return flush();
}
