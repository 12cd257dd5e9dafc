// The org chart: branches open and fold, arrow keys walk the tree, the slider chooses a day.
const DAY = 86400000;

const items = (tree) => [...tree.querySelectorAll(".org-node")].filter((node) => !node.parentElement.closest("[hidden]"));

function setOpen(node, open) {
  const group = node.querySelector(":scope > .org-group");
  if (!group) return;
  node.setAttribute("aria-expanded", String(open));
  group.hidden = !open;
  if (open && group.hasAttribute("hx-get") && !group.children.length) window.htmx.trigger(group, "org-open");
}

function focus(tree, node) {
  if (!node) return;
  tree.querySelectorAll(".org-node[tabindex='0']").forEach((one) => one.setAttribute("tabindex", "-1"));
  node.setAttribute("tabindex", "0");
  node.focus();
}

function onKey(event) {
  const tree = event.currentTarget;
  const node = event.target.closest(".org-node");
  if (!node || event.target.matches("input")) return;
  const all = items(tree);
  const at = all.indexOf(node);
  const open = node.getAttribute("aria-expanded");
  const moves = {
    ArrowDown: () => focus(tree, all[at + 1]),
    ArrowUp: () => focus(tree, all[at - 1]),
    Home: () => focus(tree, all[0]),
    End: () => focus(tree, all.at(-1)),
    ArrowRight: () => (open === "false" ? setOpen(node, true) : focus(tree, node.querySelector(":scope > .org-group > .org-node"))),
    ArrowLeft: () => (open === "true" ? setOpen(node, false) : focus(tree, node.parentElement.closest(".org-node"))),
    Enter: () => node.querySelector("a")?.click(),
    " ": () => setOpen(node, open === "false"),
  };
  if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  moves[event.key]();
}

function startTree(tree) {
  tree.querySelector(".org-node")?.setAttribute("tabindex", "0");
  tree.addEventListener("keydown", onKey);
  tree.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-org-toggle]");
    if (!toggle) return;
    const node = toggle.closest(".org-node");
    setOpen(node, node.getAttribute("aria-expanded") === "false");
  });
}

function startTime(form) {
  const { first, last } = form.dataset;
  const slider = form.querySelector("input[type=range]");
  const field = form.querySelector("input[name=as_of]");
  const shown = form.querySelector("[data-org-day]");
  const start = Date.parse(first);
  const iso = (offset) => new Date(start + offset * DAY).toISOString().slice(0, 10);
  slider.max = String(Math.round((Date.parse(last) - start) / DAY));
  slider.value = String(Math.round((Date.parse(field.value) - start) / DAY));
  const marks = form.querySelector("datalist");
  form.parentElement.querySelectorAll("[data-org-change]").forEach((link) => {
    const option = document.createElement("option");
    option.value = String(Math.round((Date.parse(link.dataset.orgChange) - start) / DAY));
    marks.append(option);
  });
  form.classList.add("is-live");
  slider.addEventListener("input", () => {
    field.value = iso(Number(slider.value));
    shown.textContent = field.value;
    slider.setAttribute("aria-valuetext", field.value);
  });
  slider.addEventListener("change", () => form.requestSubmit());
}

export function startOrgChart(root) {
  const find = (selector) => [...(root.matches?.(selector) ? [root] : []), ...root.querySelectorAll(selector)];
  for (const tree of find("[data-org-tree]")) if (!tree.dataset.live) (tree.dataset.live = "1"), startTree(tree);
  for (const form of find("[data-org-time]")) if (!form.dataset.live) (form.dataset.live = "1"), startTime(form);
}
