// The search box of the top bar: arrows walk the hits, Enter opens, Escape closes.
export function startSearch() {
  const form = document.querySelector("[data-search]");
  if (!form) return;
  const field = form.querySelector("input");
  const list = form.querySelector(".search-results");
  const hits = () => [...list.querySelectorAll(".result")];
  const show = (open) => {
    list.classList.toggle("open", open && list.textContent.trim() !== "");
    field.setAttribute("aria-expanded", String(list.classList.contains("open")));
  };
  const mark = (hit) => {
    for (const one of hits()) one.classList.toggle("marked", one === hit);
    if (hit) field.setAttribute("aria-activedescendant", hit.id);
    else field.removeAttribute("aria-activedescendant");
    hit?.scrollIntoView({ block: "nearest" });
  };
  list.addEventListener("htmx:afterSwap", () => show(true));
  field.addEventListener("focus", () => show(true));
  document.addEventListener("click", (event) => !form.contains(event.target) && show(false));
  form.addEventListener("keydown", (event) => {
    const all = hits();
    const at = all.findIndex((one) => one.classList.contains("marked"));
    if (event.key === "Escape") {
      show(false);
      field.blur();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      mark(all[(at + step + all.length) % all.length]);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      location.href = all[at].href;
    }
  });
}
