import htmx from "htmx.org";
import Alpine from "@alpinejs/csp";
import { Collapse, Dropdown, Offcanvas, Tooltip } from "@tabler/core/dist/js/tabler.esm.js";
import { startTables } from "./tables.js";
import { startSearch } from "./search.js";
import { startFields } from "./fields.js";
import { startKeys } from "./keys.js";
import { startToasts, toast } from "./toasts.js";
import { startSheet, openSheet } from "./sheet.js";
import { startCharts } from "./chart-loader.js";
import { startSortables } from "./sortables.js";
import { startOrgChart } from "./orgchart.js";
import { startPhone } from "./phone/start.js";

window.htmx = htmx;
window.Alpine = Alpine;
window.salesorg = { toast, openSheet, words: document.getElementById("words")?.dataset ?? {} };

// Bootstrap's own data attributes work by delegation once the classes are loaded.
export const widgets = { Collapse, Dropdown, Offcanvas, Tooltip };

const line = document.getElementById("progress-line");
let waiting = 0;
const busy = (step) => {
  waiting = Math.max(0, waiting + step);
  line?.classList.toggle("on", waiting > 0);
};
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.requestConfig.triggeringEvent && event.detail.elt.matches("[hx-trigger*='every']")) return;
  event.detail.xhr.counted = true;
  busy(1);
});
document.addEventListener("htmx:afterRequest", (event) => event.detail.xhr.counted && busy(-1));

document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.elt.matches("[hx-trigger*='every'], [hx-trigger*='load']")) return;
  toast(window.salesorg.words.offline, "error");
});
document.addEventListener("htmx:responseError", (event) => {
  const { xhr, elt } = event.detail;
  if (elt.matches("[hx-trigger*='every']")) return;
  if (xhr.getResponseHeader("HX-Trigger")?.includes("toast")) return;
  toast(xhr.status === 403 || xhr.status === 404 ? window.salesorg.words.denied : window.salesorg.words.error, "error");
});

// A form is sent once: its button rests until the answer is there.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || form.matches("[hx-post]")) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  window.setTimeout(() => delete form.dataset.sent, 8000);
});
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

// Fields left empty stay out of the address.
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, parameters, verb } = event.detail;
  if (verb !== "get" || !elt.matches("[data-clean]")) return;
  for (const name of [...new Set(Object.keys(parameters))]) if (parameters[name] === "") delete parameters[name];
});

// The as-of picker keeps the page's other parameters.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-keep-params]")) return;
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (form.elements[name] || name === "page") continue;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    form.append(field);
  }
});

// The theme switches at once; the answer of the server keeps it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-theme-form]")) return;
  event.preventDefault();
  const theme = event.submitter.value;
  const root = document.documentElement;
  const dark = theme === "dark" || (theme === "system" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = theme;
  root.setAttribute("data-bs-theme", dark ? "dark" : "light");
  document.querySelectorAll("[data-theme-form] button").forEach((button) => {
    if (button.value === theme) button.setAttribute("aria-pressed", "true");
    else button.removeAttribute("aria-pressed");
  });
  const body = new FormData(form);
  body.set("theme", theme);
  fetch(form.action, { method: "POST", body, redirect: "manual" });
  document.dispatchEvent(new CustomEvent("theme-changed"));
});
new MutationObserver(() => document.dispatchEvent(new CustomEvent("theme-changed"))).observe(document.documentElement, {
  attributeFilter: ["data-bs-theme"],
});

// The groups of the side menu stay folded as left.
for (const group of document.querySelectorAll(".side-group")) {
  const key = `fold:${group.dataset.group}`;
  if (localStorage.getItem(key) === "1" && !group.querySelector(".active")) group.open = false;
  group.addEventListener("toggle", () => localStorage.setItem(key, group.open ? "0" : "1"));
}
document.querySelector(".sidebar .active")?.scrollIntoView({ block: "nearest" });

function fresh(root) {
  startFields(root);
  startCharts(root);
  startSortables(root);
  startOrgChart(root);
  root.querySelector?.("[data-focus]")?.focus();
}

startToasts();
startSheet();
startTables();
startSearch();
startKeys();
fresh(document);
document.addEventListener("htmx:load", (event) => event.detail.elt !== document.body && fresh(event.detail.elt));
Alpine.start();
startPhone();
document.addEventListener("click", (event) => event.target.closest("[data-print]") && window.print());
