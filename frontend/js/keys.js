// Keyboard: / search, ? help, g h home, f list search, j/k rows, [ ] pages, l log.
import { openSheet } from "./sheet.js";

const typing = (field) => field?.matches?.("input, textarea, select, [contenteditable]");

function step(by) {
  const rows = [...document.querySelectorAll("table.data tbody tr")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.classList.contains("row-on"));
  const row = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
  rows[at]?.classList.remove("row-on");
  row.classList.add("row-on");
  row.querySelector("a")?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

const acts = {
  "/": () => document.getElementById("search")?.focus(),
  "?": () => openSheet("/ui/shortcuts/"),
  f: () => document.querySelector(".table-search input")?.focus(),
  j: () => step(1),
  k: () => step(-1),
  "[": () => document.querySelector(".pager [rel=prev]")?.click(),
  "]": () => document.querySelector(".pager [rel=next]")?.click(),
  l: () => document.querySelector(".tab-log")?.click(),
};

export function startKeys() {
  let before = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (before === "g" && event.key === "h") location.href = "/";
    else if (acts[event.key]) {
      event.preventDefault();
      acts[event.key]();
    }
    before = event.key;
  });
}
