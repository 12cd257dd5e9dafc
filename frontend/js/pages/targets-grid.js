// The planning grid of targets: a tree of rows with cells that are moved through, typed, copied and pasted.
// The server computes; this shows what it answers. Figures stay text, so no cent is lost on the way.

const root = document.querySelector("[data-grid]");
if (root) start(root);

function start(grid) {
  const words = grid.dataset;
  const body = grid.querySelector("tbody");
  const controls = grid.querySelector("[data-controls]");
  const places = Number(grid.dataset.places);
  const editable = grid.dataset.open === "1";
  let anchor = null;
  let head = null;
  let editor = null;
  let dragging = false;
  let queue = Promise.resolve();

  const toast = (text, level) => window.salesorg?.toast(text, level);
  const rows = () => [...body.rows].filter((row) => !row.hidden);
  const cells = (row) => [...row.querySelectorAll("td[data-c]")];
  const columns = () => [...grid.querySelectorAll("thead th[data-col]")].map((one) => one.dataset.col);
  const place = (cell) => ({ row: rows().indexOf(cell.parentElement), column: cells(cell.parentElement).indexOf(cell) });
  const at = (row, column) => {
    const list = rows();
    const found = list[Math.max(0, Math.min(row, list.length - 1))];
    const line = found ? cells(found) : [];
    return line[Math.max(0, Math.min(column, line.length - 1))] ?? null;
  };
  const url = (name, id) => grid.dataset[name].replace("/0/", `/${id}/`);

  // Figures --------------------------------------------------------------------------------------------
  function shown(exact) {
    const [whole, part = ""] = Number(exact).toFixed(places).split(".");
    return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (part ? `.${part}` : "");
  }
  const trimmed = (exact) => (exact.includes(".") ? exact.replace(/0+$/, "").replace(/\.$/, "") : exact);

  // Selection ------------------------------------------------------------------------------------------
  function block() {
    if (!head) return null;
    const one = place(anchor ?? head);
    const two = place(head);
    return {
      top: Math.min(one.row, two.row),
      bottom: Math.max(one.row, two.row),
      left: Math.min(one.column, two.column),
      right: Math.max(one.column, two.column),
    };
  }
  function chosen() {
    const found = block();
    if (!found) return [];
    const list = rows().slice(found.top, found.bottom + 1);
    return list.map((row) => cells(row).slice(found.left, found.right + 1));
  }
  function choose(cell, keepAnchor = false) {
    if (!cell) return;
    body.querySelectorAll(".is-picked, .is-head").forEach((one) => {
      one.classList.remove("is-picked", "is-head");
      one.removeAttribute("aria-selected");
      one.tabIndex = -1;
    });
    head = cell;
    if (!keepAnchor || !anchor?.isConnected) anchor = cell;
    for (const line of chosen()) for (const one of line) {
      one.classList.add("is-picked");
      one.setAttribute("aria-selected", "true");
    }
    cell.classList.add("is-head");
    cell.tabIndex = 0;
    cell.focus({ preventScroll: true });
    bring(cell);
    tell();
  }
  function bring(cell) {
    const scroll = grid.querySelector(".grid-scroll");
    const box = scroll.getBoundingClientRect();
    const own = cell.getBoundingClientRect();
    const left = box.left + (body.rows[0]?.cells[0].offsetWidth ?? 0);
    if (own.left < left) scroll.scrollLeft -= left - own.left + 8;
    else if (own.right > box.right) scroll.scrollLeft += own.right - box.right + 8;
    const top = box.top + (grid.querySelector("thead")?.offsetHeight ?? 0) + (body.querySelector(".row-top")?.offsetHeight ?? 0);
    if (!cell.closest(".row-top")) {
      if (own.top < top) scroll.scrollTop -= top - own.top + 4;
      else if (own.bottom > box.bottom) scroll.scrollTop += own.bottom - box.bottom + 4;
    }
    if (own.bottom > window.innerHeight - 60 || own.top < 60) cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
  function tell() {
    const all = chosen().flat();
    const note = grid.querySelector("[data-picked]");
    const mine = head?.parentElement.hasAttribute("data-edit");
    for (const name of ["lock", "release"]) {
      const button = controls?.querySelector(`[data-${name}]`);
      if (button) button.disabled = !mine;
    }
    if (all.length < 2) {
      note.textContent = "";
      return;
    }
    const sum = all.reduce((total, cell) => total + Number(cell.dataset.v), 0);
    note.textContent = `${words.wordSelected} ${all.length} · ${words.wordSum} ${shown(String(sum))}`;
  }

  // Tree -----------------------------------------------------------------------------------------------
  const below = (id) => [...body.querySelectorAll(`tr[data-parent="${id}"]`)];
  async function twist(row, open) {
    const now = row.getAttribute("aria-expanded") === "true";
    const wanted = open ?? !now;
    if (wanted === now || !row.hasAttribute("aria-expanded")) return;
    row.setAttribute("aria-expanded", String(wanted));
    if (wanted && !below(row.dataset.id).length) {
      row.classList.add("is-loading");
      const answer = await fetch(grid.dataset.rowsUrl.replace("/0/", `/${row.dataset.id}/`), { headers: { "X-Requested-With": "fetch" } });
      row.classList.remove("is-loading");
      if (!answer.ok) {
        row.setAttribute("aria-expanded", "false");
        toast(words.wordFailed, "error");
        return;
      }
      const holder = document.createElement("template");
      holder.innerHTML = `<table><tbody>${await answer.text()}</tbody></table>`;
      row.after(...holder.content.querySelectorAll("tr"));
    }
    reveal(row);
  }
  function reveal(row) {
    const open = row.getAttribute("aria-expanded") === "true" && !row.hidden;
    for (const child of below(row.dataset.id)) {
      child.hidden = !open;
      reveal(child);
    }
  }
  const opened = () => [...body.querySelectorAll('tr[aria-expanded="true"]')].map((row) => row.dataset.id).join(",");

  // Talking to the server ------------------------------------------------------------------------------
  function data(extra) {
    const form = new FormData(controls ?? undefined);
    form.set("revision", grid.dataset.revision);
    form.set("opened", opened());
    for (const [name, value] of Object.entries(extra)) form.set(name, value);
    return form;
  }
  function post(address, extra = {}) {
    const sent = async () => {
      let answer;
      try {
        answer = await fetch(address, { method: "POST", body: data(extra), headers: { Accept: "application/json", "X-CSRFToken": token() } });
      } catch {
        toast(words.wordFailed, "error");
        return false;
      }
      if (answer.redirected || !answer.headers.get("Content-Type")?.includes("json")) {
        toast(words.wordFailed, "error");
        return false;
      }
      const told = await answer.json();
      if (!answer.ok) {
        toast(told.detail, "error");
        return false;
      }
      take(told);
      return true;
    };
    queue = queue.then(sent, sent);
    return queue;
  }
  const token = () => controls?.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  function take(told) {
    grid.dataset.revision = told.revision;
    for (const row of told.rows) paint(row);
    const undo = controls?.querySelector("[data-undo]");
    const redo = controls?.querySelector("[data-redo]");
    if (undo) undo.disabled = !told.undo;
    if (redo) redo.disabled = !told.redo;
    forget(told.rows);
    tell();
  }
  // Closed branches that were loaded earlier are read again when they are opened.
  function forget(known) {
    const fresh = new Set(known.map((row) => String(row.id)));
    for (const row of body.querySelectorAll('tr[aria-expanded="false"]')) {
      if (below(row.dataset.id).some((child) => !fresh.has(child.dataset.id))) drop(row.dataset.id);
    }
  }
  function drop(id) {
    for (const child of below(id)) {
      drop(child.dataset.id);
      child.remove();
    }
  }
  function paint(told) {
    const row = document.getElementById(`target-${told.id}`);
    if (!row) return;
    for (const cell of cells(row)) {
      const [exact, fixed] = told.cells[cell.dataset.c] ?? [];
      if (exact === undefined) continue;
      const moved = Number(cell.dataset.v) !== Number(exact);
      cell.dataset.v = exact;
      cell.classList.toggle("cell-fixed", Boolean(fixed));
      if (cell.querySelector("input")) continue;
      cell.textContent = shown(exact);
      if (moved) {
        cell.classList.remove("was-moved");
        void cell.offsetWidth;
        cell.classList.add("was-moved");
      }
    }
    const growth = row.querySelector("[data-growth]");
    if (growth && told.growth !== null) {
      const share = Number(told.growth) * 100;
      growth.textContent = `${share >= 0 ? "+" : "−"}${Math.abs(share).toFixed(1)}%`;
    }
  }

  // Editing --------------------------------------------------------------------------------------------
  function edit(cell, typed) {
    if (!cell || editor) return;
    if (!editable || !cell.parentElement.hasAttribute("data-edit")) {
      toast(words.wordReadonly, "info");
      return;
    }
    const input = document.createElement("input");
    input.className = "cell-input";
    input.inputMode = "text";
    input.autocomplete = "off";
    const column = grid.querySelector(`thead th[data-col="${cell.dataset.c}"]`)?.textContent ?? "";
    input.setAttribute("aria-label", `${cell.parentElement.querySelector(".cell-link")?.textContent ?? ""}, ${column}`);
    input.value = typed ?? trimmed(cell.dataset.v);
    editor = { cell, input, before: cell.textContent };
    cell.textContent = "";
    cell.append(input);
    cell.classList.add("is-editing");
    input.focus();
    if (typed === undefined) input.select();
    input.addEventListener("keydown", keyInEditor);
    input.addEventListener("blur", () => editor?.input === input && commit(null));
  }
  function close() {
    const { cell, before } = editor;
    editor = null;
    cell.textContent = before;
    cell.classList.remove("is-editing");
    return cell;
  }
  function commit(step) {
    if (!editor) return;
    const { cell, input } = editor;
    const typed = input.value.trim();
    const before = trimmed(cell.dataset.v);
    close();
    if (typed && typed !== before) {
      cell.textContent = typed;
      cell.classList.add("is-saving");
      post(url("cellUrl", cell.parentElement.dataset.id), { column: cell.dataset.c, amount: typed }).then((saved) => {
        cell.classList.remove("is-saving");
        if (!editor || editor.cell !== cell) cell.textContent = shown(cell.dataset.v);
        if (!saved && document.activeElement === document.body) cell.focus();
      });
    }
    if (step) move(step[0], step[1]);
  }
  function keyInEditor(event) {
    const steps = { Enter: event.shiftKey ? [-1, 0] : [1, 0], Tab: event.shiftKey ? [0, -1] : [0, 1] };
    if (event.key === "Escape") {
      event.preventDefault();
      choose(close());
    } else if (steps[event.key]) {
      event.preventDefault();
      const { cell } = editor;
      commit(null);
      choose(cell);
      move(...steps[event.key]);
    } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      const { cell } = editor;
      commit(null);
      choose(cell);
      move(event.key === "ArrowUp" ? -1 : 1, 0);
    }
    event.stopPropagation();
  }
  function move(down, right, keep = false) {
    if (!head) return;
    const now = place(head);
    choose(at(now.row + down, now.column + right), keep);
  }

  // Clipboard ------------------------------------------------------------------------------------------
  const asText = () => chosen().map((line) => line.map((cell) => trimmed(cell.dataset.v)).join("\t")).join("\n");
  function landing(text) {
    const found = block();
    const wide = Math.max(...text.split(/\r?\n/).map((line) => line.split("\t").length));
    const single = wide === 1 && !text.trim().includes("\n");
    const list = rows().slice(found.top, single ? found.bottom + 1 : undefined);
    const names = columns().slice(found.left, single ? found.right + 1 : undefined);
    return { rows: list.map((row) => row.dataset.id).join(","), columns: names.join(",") };
  }
  async function paste(text) {
    if (!head || !editable) return;
    const { rows: ids, columns: names } = landing(text);
    await queue;
    window.htmx.ajax("POST", grid.dataset.previewUrl, {
      target: "#sheet",
      swap: "innerHTML",
      values: { text, rows: ids, columns: names, revision: grid.dataset.revision, balance: controls.elements.balance.value },
    });
  }
  // Events ---------------------------------------------------------------------------------------------
  body.addEventListener("pointerdown", (event) => {
    const cell = event.target.closest("td[data-c]");
    if (!cell || event.button || event.target.closest("input")) return;
    if (editor) commit(null);
    const again = event.pointerType === "touch" && head === cell;
    choose(cell, event.shiftKey);
    if (again) edit(cell);
    dragging = event.pointerType === "mouse";
    if (dragging) event.preventDefault();
  });
  body.addEventListener("pointerover", (event) => {
    const cell = dragging && event.target.closest("td[data-c]");
    if (cell) choose(cell, true);
  });
  document.addEventListener("pointerup", () => (dragging = false));
  body.addEventListener("dblclick", (event) => edit(event.target.closest("td[data-c]")));
  body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-twist]");
    if (button) twist(button.closest("tr"));
  });
  body.addEventListener("keydown", (event) => {
    const cell = event.target.closest("td[data-c]");
    if (!cell || editor) return;
    const ctrl = event.ctrlKey || event.metaKey;
    if (ctrl && event.key.toLowerCase() === "z") return stop(event, () => turn(event.shiftKey ? "redo" : "undo"));
    if (ctrl && event.key.toLowerCase() === "y") return stop(event, () => turn("redo"));
    if (ctrl && event.key.toLowerCase() === "a") return stop(event, all);
    if (ctrl && event.key === "Home") return stop(event, () => choose(at(0, 0)));
    if (ctrl && event.key === "End") return stop(event, () => choose(at(1e6, 1e6)));
    if (ctrl || event.metaKey) return undefined;
    const row = cell.parentElement;
    if (event.altKey && event.key === "ArrowRight") return stop(event, () => twist(row, true));
    if (event.altKey && event.key === "ArrowLeft") return stop(event, () => twist(row, false));
    if (event.altKey) return undefined;
    const now = place(cell);
    const acts = {
      ArrowUp: () => move(-1, 0, event.shiftKey),
      ArrowDown: () => move(1, 0, event.shiftKey),
      ArrowLeft: () => move(0, -1, event.shiftKey),
      ArrowRight: () => move(0, 1, event.shiftKey),
      PageUp: () => move(-12, 0, event.shiftKey),
      PageDown: () => move(12, 0, event.shiftKey),
      Home: () => choose(at(now.row, 0), event.shiftKey),
      End: () => choose(at(now.row, 1e6), event.shiftKey),
      Enter: () => edit(cell),
      F2: () => edit(cell),
      " ": () => row.hasAttribute("aria-expanded") && twist(row),
      Delete: () => act("releaseUrl"),
      Escape: () => choose(cell),
    };
    if (event.key === "Tab") {
      const next = now.column + (event.shiftKey ? -1 : 1);
      if (next < 0 || next >= cells(row).length) return undefined;
      return stop(event, () => move(0, event.shiftKey ? -1 : 1));
    }
    if (acts[event.key]) return stop(event, acts[event.key]);
    if (event.key.length === 1 && /[\d.+\-=¥$]/.test(event.key)) return stop(event, () => edit(cell, event.key === "=" ? "" : event.key));
    return undefined;
  });
  function stop(event, act) {
    event.preventDefault();
    event.stopPropagation();
    act();
  }
  function all() {
    const last = at(1e6, 1e6);
    choose(at(0, 0));
    choose(last, true);
  }
  function turn(way) {
    if (!editable) return;
    const button = controls.querySelector(`[data-${way}]`);
    if (!button.disabled) post(button.formAction);
  }
  function act(name) {
    if (!head?.parentElement.hasAttribute("data-edit")) return;
    const cell = head;
    post(url(name, cell.parentElement.dataset.id), { column: cell.dataset.c }).then(() => choose(cell));
  }
  controls?.addEventListener("submit", (event) => {
    event.preventDefault();
    const way = event.submitter?.hasAttribute("data-redo") ? "redo" : event.submitter ? "undo" : "";
    if (way) turn(way);
  });
  controls?.querySelector("[data-lock]")?.addEventListener("click", () => act("lockUrl"));
  controls?.querySelector("[data-release]")?.addEventListener("click", () => act("releaseUrl"));
  document.addEventListener("copy", (event) => {
    if (editor || !head || !grid.contains(document.activeElement)) return;
    event.clipboardData.setData("text/plain", asText());
    event.preventDefault();
    toast(words.wordCopied, "success");
  });
  document.addEventListener("paste", (event) => {
    if (editor || !head || !body.contains(document.activeElement)) return;
    const text = event.clipboardData.getData("text/plain");
    if (!text.trim()) return;
    event.preventDefault();
    paste(text);
  });
  // The sheet: where a typed block lands, and the answer once it is taken.
  document.addEventListener("htmx:configRequest", (event) => {
    const form = event.detail.elt;
    if (!form.matches?.("[data-paste-form]")) return;
    if (!form.elements.rows.value) {
      const text = form.elements.text.value;
      if (!head) choose(at(0, 0));
      const found = landing(text);
      event.detail.parameters.rows = found.rows;
      event.detail.parameters.columns = found.columns;
    }
    event.detail.parameters.revision = grid.dataset.revision;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.matches("[data-paste-apply]")) return;
    event.preventDefault();
    const { cells: block, balance, reason } = form.elements;
    post(form.action, { cells: block.value, balance: balance.value, reason: reason.value }).then((saved) => {
      if (saved) document.body.dispatchEvent(new CustomEvent("sheet-close"));
      else delete form.dataset.sent;
    });
  });

  const first = body.querySelector("td[data-c]");
  if (first) first.tabIndex = 0;
  first?.addEventListener("focus", () => !head && choose(first), { once: true });
}
