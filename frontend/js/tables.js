// Column choice: the ticked boxes become one short parameter.
export function startTables() {
  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.detail.elt.closest("form[data-columns]");
    if (!form) return;
    const keys = [...form.querySelectorAll("[data-column]:checked")].map((box) => box.value);
    event.detail.parameters[form.dataset.columns] = keys.join(",");
  });
  // A swapped table keeps the focus in its search box.
  let held = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const field = document.activeElement;
    held = event.detail.target.contains?.(field) && field.id && field.matches("input, select") ? [field.id, field.selectionStart] : null;
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!held) return;
    const field = document.getElementById(held[0]);
    held[1] !== null && field?.setSelectionRange?.(held[1] ?? 0, held[1] ?? 0);
    field?.focus();
    held = null;
  });
}
