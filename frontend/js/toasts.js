import htmx from "htmx.org";

const LIFE = 5000;

export function toast(text, level = "info", undo = "") {
  if (!text) return;
  const note = document.createElement("div");
  note.className = `note note-${level}`;
  note.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (undo) {
    const button = Object.assign(document.createElement("button"), {
      type: "button",
      className: "note-undo",
      textContent: window.salesorg.words.undo,
    });
    button.addEventListener("click", () => {
      htmx.ajax("POST", undo, { swap: "none" });
      note.remove();
    });
    note.append(button);
  }
  document.getElementById("toasts")?.append(note);
  live(note, level, Boolean(undo));
}

function live(note, level, long) {
  const close = Object.assign(document.createElement("button"), {
    type: "button",
    className: "note-close",
    textContent: "×",
    ariaLabel: document.getElementById("words")?.dataset.close ?? "",
  });
  close.addEventListener("click", () => note.remove());
  note.append(close);
  const life = level === "error" ? LIFE * 3 : long ? LIFE * 2 : LIFE;
  let timer = window.setTimeout(() => note.remove(), life);
  note.addEventListener("pointerenter", () => window.clearTimeout(timer));
  note.addEventListener("pointerleave", () => (timer = window.setTimeout(() => note.remove(), LIFE)));
}

export function startToasts() {
  for (const note of document.querySelectorAll("[data-note]")) live(note, note.className.includes("error") ? "error" : "info", false);
  const show = (event) => toast(event.detail.text, event.detail.level, event.detail.undo);
  document.body.addEventListener("toast", show);
  document.body.addEventListener("toast2", show);
}
