// Dragging: <ul data-sortable="group"> with items that carry data-id; a drop fires "dropped" on the list
// with {id, from, to, index}, and posts to data-drop-url when the list names one.
import Sortable from "sortablejs";
import htmx from "htmx.org";

export function startSortables(root) {
  const lists = [...root.querySelectorAll("[data-sortable]")];
  if (root.matches?.("[data-sortable]")) lists.push(root);
  for (const list of lists) {
    if (Sortable.get(list)) continue;
    Sortable.create(list, {
      group: list.dataset.sortable || undefined,
      animation: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 140,
      draggable: "[data-id]",
      filter: ".fixed",
      delay: 160,
      delayOnTouchOnly: true,
      ghostClass: "drag-ghost",
      onEnd({ item, from, to, newDraggableIndex, oldDraggableIndex }) {
        if (from === to && newDraggableIndex === oldDraggableIndex) return;
        const detail = { id: item.dataset.id, from: from.dataset.list ?? "", to: to.dataset.list ?? "", index: newDraggableIndex };
        to.dispatchEvent(new CustomEvent("dropped", { bubbles: true, detail }));
        if (to.dataset.dropUrl) {
          const values = { ...detail, version: item.dataset.version ?? "" };
          htmx.ajax("POST", to.dataset.dropUrl, { values, swap: "none", source: item });
        }
      },
    });
  }
}
