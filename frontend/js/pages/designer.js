// The plan designer: mistakes at the fields they are in, the way there, nothing typed is ever lost.
import "../../css/design.css";

const SIDE = "preview";
const form = () => document.querySelector("form[data-designer]");
let dirty = false;
let sent = null;
const look = () => window.htmx.trigger(form().closest(".pd"), "look");

// On a phone every part is folded to a line that says what it pays; what one opens stays open -----------------
const narrow = window.matchMedia("(max-width: 599.98px)");
const opened = new Set();

function fold() {
  for (const part of form().querySelectorAll(".pd-component")) {
    const isOpen = !narrow.matches || opened.has(part.dataset.place);
    part.classList.toggle("is-folded", !isOpen);
    part.querySelector("[data-fold]").setAttribute("aria-expanded", String(isOpen));
  }
}

function unfold(spot) {
  const part = spot.closest(".pd-component");
  if (!part) return;
  opened.add(part.dataset.place);
  fold();
}

function sumUp() {
  for (const part of form().querySelectorAll(".pd-component")) {
    const line = part.querySelector(".pd-sum");
    const [code, name] = ["code", "name"].map((key) => form().elements.namedItem(`${part.dataset.place}.${key}`)?.value);
    const told = code && document.querySelector(`#${SIDE} [data-block="${CSS.escape(code)}"] li`)?.textContent;
    if (line) line.textContent = [name, told].filter(Boolean).join(" · ");
  }
}

document.addEventListener("click", (event) => {
  const bar = narrow.matches && form() && event.target.closest(".pd-component > .pd-bar");
  if (!bar || (event.target.closest("button") && !event.target.closest("[data-fold]"))) return;
  const { place } = bar.parentElement.dataset;
  if (!opened.delete(place)) opened.add(place);
  fold();
});
narrow.addEventListener("change", fold);
fold();

// Mistakes at their fields --------------------------------------------------------------------------------
function nearest(place) {
  for (let here = place; here; here = here.replace(/(\.|\[)[^.[]*$/, "")) {
    const found = form().querySelector(`[data-place="${CSS.escape(here)}"]`);
    if (found) return found;
    if (!/[.[]/.test(here)) break;
  }
  return null;
}

function inputOf(spot) {
  return spot.querySelector("input:not([type=hidden]):not([type=checkbox]), textarea, .pd-select select, select, input[type=checkbox]");
}

function mark() {
  const side = document.getElementById(SIDE);
  for (const one of form().querySelectorAll(".is-wrong")) one.classList.remove("is-wrong");
  for (const one of form().querySelectorAll("[data-place] .pd-problem, [data-place] > .pd-problem")) one.remove();
  for (const one of form().querySelectorAll("[data-place] [aria-invalid]")) {
    one.removeAttribute("aria-invalid");
    one.removeAttribute("aria-describedby");
  }
  for (const link of side.querySelectorAll("[data-go]")) {
    const spot = nearest(link.dataset.go);
    if (!spot) continue;
    spot.classList.add("is-wrong");
    const line = Object.assign(document.createElement("p"), { className: "pd-problem", textContent: link.dataset.fix });
    line.id = `${link.dataset.go}-problem`;
    const isField = spot.classList.contains("pd-field") || spot.matches("td, th");
    if (isField) spot.append(line);
    else (spot.querySelector(":scope > legend, :scope > .pd-bar, :scope > .pd-head") ?? spot.firstElementChild).after(line);
    const input = isField && inputOf(spot);
    if (input) {
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", line.id);
    }
  }
  sumUp();
  const count = Number(side.querySelector("[data-problems]")?.dataset.problems ?? 0);
  const state = form().querySelector("[data-state]");
  const name = form().elements.namedItem("name");
  const isUnnamed = name?.type === "text" && !name.value.trim();
  const fine = isUnnamed ? state.dataset.unnamed : state.dataset.fine;
  state.textContent = count ? `${state.dataset.wrong} ${count}` : fine;
  state.classList.toggle("is-bad", count > 0 || isUnnamed);
}

function go(place) {
  const spot = nearest(place);
  if (!spot) return;
  unfold(spot);
  for (let here = spot; here; here = here.parentElement) if (here.tagName === "DETAILS") here.open = true;
  spot.scrollIntoView({ block: "center" });
  inputOf(spot)?.focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-go]");
  if (!link || !form()) return;
  event.preventDefault();
  go(link.dataset.go);
});

// Acts: what is typed while the server answers is carried over --------------------------------------------
const typed = () => new Map([...form().elements].filter((one) => one.name && one.type !== "hidden" && one.name !== "do").map((one) => [one.name, one.type === "checkbox" ? null : one.value]));

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target?.id === "design") sent = typed();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "design" || !sent) return;
  const late = [...typed()].filter(([name, value]) => value !== null && sent.has(name) && sent.get(name) !== value);
  event.detail.target.lateWords = late;
  sent = null;
  if (!late.length) return;
  document.addEventListener("htmx:afterSwap", () => {
    for (const [name, value] of late) {
      const field = form()?.elements.namedItem(name);
      if (field instanceof HTMLElement) field.value = value;
    }
  }, { once: true });
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === SIDE || event.detail.elt?.id === SIDE) return mark();
  if (event.detail.target?.id !== "design") return;
  look();
  fold();
  const place = form()?.dataset.focusPlace;
  const spot = place && nearest(place);
  if (!spot) return;
  unfold(spot);
  spot.scrollIntoView({ block: "nearest" });
  inputOf(spot)?.focus({ preventScroll: true });
});

// Enter looks at what it pays; only the button saves ------------------------------------------------------
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("form[data-designer] input")) return;
  event.preventDefault();
  look();
});

document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-designer]")) dirty = true;
});
document.addEventListener("click", (event) => {
  if (event.target.closest("form[data-designer] [name=do]")) dirty = true;
});
document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-designer]")) dirty = false;
});
window.addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});
