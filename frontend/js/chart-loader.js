// Charts need a big library: it is fetched when the first chart comes near the screen, or when the page has
// nothing else to do; so what is printed or saved whole shows every chart.
let loading = null;
const waiting = new Set();

function library() {
  loading ??= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = document.querySelector('meta[name="charts-src"]').content;
    script.onload = () => done(window.salesorgCharts);
    script.onerror = failed;
    document.head.append(script);
  });
  return loading;
}

function draw(figure) {
  if (!waiting.delete(figure)) return;
  near.unobserve(figure);
  library().then((charts) => charts.draw(figure));
}

// A chart inside something folded has no size yet: it waits until it is seen.
function drawRest() {
  for (const figure of [...waiting]) {
    if (!figure.isConnected) waiting.delete(figure);
    else if (figure.offsetWidth) draw(figure);
  }
}

const whenIdle = window.requestIdleCallback ?? ((act) => setTimeout(act, 500));
const near = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (entry.isIntersecting) draw(entry.target);
    }
  },
  { rootMargin: "200px" },
);

export function startCharts(root) {
  const found = [...root.querySelectorAll("[data-chart]")];
  if (root.matches?.("[data-chart]")) found.push(root);
  for (const figure of found) {
    if (!figure.querySelector(".chart-area")) continue;
    waiting.add(figure);
    near.observe(figure);
  }
  if (waiting.size && !navigator.connection?.saveData) whenIdle(drawRest, { timeout: 3000 });
}

window.addEventListener("beforeprint", drawRest);
