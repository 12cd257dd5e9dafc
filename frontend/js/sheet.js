import htmx from "htmx.org";
import { Dropdown, Offcanvas } from "@tabler/core/dist/js/tabler.esm.js";

let opener = null;

const element = () => document.getElementById("sheet");
const panel = () => Offcanvas.getOrCreateInstance(element());

export function openSheet(url) {
  element().innerHTML = '<div class="skeleton sheet-wait"><span class="skeleton-line"></span><span class="skeleton-line"></span><span class="skeleton-line"></span></div>';
  panel().show();
  return htmx.ajax("GET", url, { target: "#sheet", swap: "innerHTML" });
}

export function startSheet() {
  const sheet = element();
  if (!sheet) return;
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-sheet]");
    // Without a network the page itself is opened: it may be kept on the device.
    if (!link || !navigator.onLine || event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    opener = link;
    document.querySelectorAll(".dropdown-menu.show").forEach((menu) => Dropdown.getInstance(menu.previousElementSibling)?.hide());
    openSheet(link.href);
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== sheet) return;
    if (!sheet.classList.contains("show") && !sheet.classList.contains("showing")) panel().show();
    const first = sheet.querySelector("[autofocus], [data-focus], .is-invalid, form .form-control, form .form-select");
    window.setTimeout(() => first?.focus(), 60);
  });
  document.addEventListener("htmx:responseError", (event) => event.detail.target === sheet && panel().hide());
  document.body.addEventListener("sheet-close", () => panel().hide());
  sheet.addEventListener("hidden.bs.offcanvas", () => {
    sheet.innerHTML = "";
    opener?.focus();
  });
}
