// Selects one can type in, figures grouped while reading.
import TomSelect from "tom-select/dist/esm/tom-select.js";

const words = () => document.getElementById("words")?.dataset ?? {};

function render() {
  const empty = (text) => () => {
    const line = document.createElement("div");
    line.className = "no-results";
    line.textContent = text;
    return line;
  };
  return {
    no_results: empty(words().none),
    loading: empty(words().loading),
    option: (item) => {
      const line = document.createElement("div");
      line.append(Object.assign(document.createElement("span"), { textContent: item.text }));
      if (item.note) line.append(Object.assign(document.createElement("small"), { textContent: item.note }));
      return line;
    },
  };
}

function enhance(select) {
  if (select.tomselect) return;
  const label = select.labels?.[0]?.textContent.trim();
  const remote = select.dataset.autocomplete;
  const shared = { maxOptions: 200, hidePlaceholder: true, placeholder: words().choose, allowEmptyOption: false, render: render(), controlInput: undefined };
  const options = remote
    ? {
        ...shared,
        valueField: "value",
        labelField: "text",
        searchField: [],
        preload: "focus",
        shouldLoad: () => true,
        load(text, done) {
          this.clearOptions();
          const url = new URL(remote, location.href);
          url.searchParams.set("q", text);
          fetch(url, { headers: { Accept: "application/json" } })
            .then((answer) => (answer.ok ? answer.json() : { items: [] }))
            .then((data) => done(data.items))
            .catch(() => done());
        },
      }
    : shared;
  delete options.controlInput;
  const box = new TomSelect(select, options);
  if (label) box.control_input.setAttribute("aria-label", label);
}

export function startFields(root) {
  for (const option of root.querySelectorAll('option[value=""]')) if (/^-+$/.test(option.textContent.trim())) option.textContent = words().choose;
  for (const select of root.querySelectorAll("select[data-autocomplete], select[data-searchable]")) enhance(select);
}
