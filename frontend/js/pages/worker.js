// The service worker: files of this version first from the device, pages first from the network.
// Pages are kept per reader, only those the server lists, and never one it marks no-store (pay, reviews).
const shell = self.SHELL;
const ASSETS = `assets-${shell.version}`;
const STATE = "state";
const MAX_PAGES = 80;
const MAX_AGE = 7 * 24 * 3600 * 1000;
const AHEAD_EVERY = 30 * 60 * 1000;
const PATIENCE = 8000;
const keepable = shell.pages.map((pattern) => new RegExp(pattern));
const pagesOf = (reader) => `pages-${reader}`;

self.addEventListener("install", (event) => {
  const asked = [...shell.assets, shell.offline].map((url) => new Request(url, { cache: "reload" }));
  event.waitUntil(caches.open(ASSETS).then((cache) => cache.addAll(asked)).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("assets-") && name !== ASSETS;
  const clean = async () => Promise.all((await caches.keys()).filter(old).map((name) => caches.delete(name)));
  event.waitUntil(clean().then(() => self.clients.claim()));
});

async function remembered(key) {
  const found = await (await caches.open(STATE)).match(`/state/${key}`);
  return found ? found.text() : "";
}

async function remember(key, text) {
  await (await caches.open(STATE)).put(`/state/${key}`, new Response(text));
}

// Counts how often everything was forgotten: what was asked before that is not kept after it.
let epoch = 0;

async function forgetPages() {
  epoch += 1;
  const names = (await caches.keys()).filter((name) => name.startsWith("pages-"));
  await Promise.all(names.map((name) => caches.delete(name)));
  await remember("ahead", "0");
}

// Counts the partings: a page that was being put away meanwhile is thrown out again.
let partings = 0;

async function forgetReader() {
  partings += 1;
  await forgetPages();
  await caches.delete(STATE);
}

// Another person on this device: nothing of the one before stays.
async function noticeReader(reader) {
  if (!reader || reader === (await remembered("reader"))) return;
  await forgetPages();
  await remember("reader", reader);
}

const isKept = (url) => keepable.some((pattern) => pattern.test(url.pathname)) && !url.searchParams.has("as_of");

async function keep(url, response, began) {
  if (began !== epoch) return;
  const met = partings;
  const reader = response.headers.get(shell.reader);
  await noticeReader(reader);
  const now = epoch;
  const html = response.headers.get("Content-Type")?.startsWith("text/html");
  const secret = /no-store/.test(response.headers.get("Cache-Control") ?? "");
  if (!reader || !html || secret || response.status !== 200 || response.redirected || !isKept(url)) return;
  const key = url.pathname + url.search;
  const body = await response.blob();
  if (now !== epoch) return;
  const cache = await caches.open(pagesOf(reader));
  await cache.delete(key, { ignoreVary: true });
  await cache.put(key, new Response(body, { headers: { "Content-Type": "text/html; charset=utf-8", "X-Kept": String(Date.now()), ...policy(response) } }));
  if (met !== partings) return forgetReader();
  if (now !== epoch) return caches.delete(pagesOf(reader));
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, Math.max(0, keys.length - MAX_PAGES)).map((old) => cache.delete(old)));
}

// A page from the device obeys the same content policy as one from the network.
function policy(response) {
  const told = response.headers.get("Content-Security-Policy");
  return told ? { "Content-Security-Policy": told } : {};
}

async function kept(url) {
  const reader = await remembered("reader");
  if (!reader) return undefined;
  const cache = await caches.open(pagesOf(reader));
  const exact = await cache.match(url.pathname + url.search, { ignoreVary: true });
  const found = exact ?? (isKept(url) ? await cache.match(url.pathname, { ignoreVary: true, ignoreSearch: true }) : undefined);
  return found && Date.now() - Number(found.headers.get("X-Kept")) < MAX_AGE ? found : undefined;
}

async function offline() {
  return (await (await caches.open(ASSETS)).match(shell.offline, { ignoreVary: true })) ?? Response.error();
}

function inTime(promise) {
  return Promise.race([promise, new Promise((_, fail) => setTimeout(() => fail(new Error("slow")), PATIENCE))]);
}

async function page(event, url) {
  const began = epoch;
  const asking = fetch(event.request);
  const copy = asking.then((response) => response.clone());
  event.waitUntil(copy.then((response) => keep(url, response, began)).catch(() => {}));
  try {
    const response = await ((await kept(url)) ? inTime(asking) : asking);
    if (response.status >= 502 && response.status <= 504) return (await kept(url)) ?? response;
    return response;
  } catch {
    return (await kept(url)) ?? offline();
  }
}

async function file(request) {
  const cache = await caches.open(ASSETS);
  const own = shell.assets.includes(new URL(request.url).pathname);
  const found = await cache.match(request, { ignoreVary: true });
  if (own && found) return found;
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (problem) {
    if (found) return found;
    throw problem;
  }
}

async function sent(request, after) {
  const response = await fetch(request);
  await after();
  return response;
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && url.pathname === shell.signOut) event.respondWith(sent(request, forgetReader));
  else if (request.method === "POST" && shell.repaint.includes(url.pathname)) event.respondWith(sent(request, forgetPages));
  else if (request.method !== "GET") return;
  else if (url.pathname.startsWith(shell.static)) event.respondWith(file(request));
  else if (request.mode === "navigate" && !url.pathname.startsWith("/admin/")) event.respondWith(page(event, url));
});

// Before anybody goes offline, the plan of the day and the lists are fetched, at most every half hour.
async function fetchAhead(reader, more) {
  await noticeReader(reader);
  if (Date.now() - Number(await remembered("ahead")) < AHEAD_EVERY) return;
  await remember("ahead", String(Date.now()));
  const started = epoch;
  for (const path of [...shell.ahead, ...more]) {
    if (started !== epoch) return;
    const url = new URL(path, self.location.origin);
    const began = epoch;
    const response = await fetch(url, { headers: { Accept: "text/html" }, redirect: "manual" }).catch(() => null);
    if (!response || began !== epoch) return;
    await keep(url, response, began);
  }
  const page = await fetch(shell.offline, { cache: "reload" }).catch(() => null);
  if (page?.ok) await (await caches.open(ASSETS)).put(shell.offline, page);
}

self.addEventListener("message", (event) => {
  if (event.data?.type === "ahead") event.waitUntil(fetchAhead(event.data.reader, event.data.more ?? []));
  if (event.data?.type === "forget") event.waitUntil(forgetReader());
});
