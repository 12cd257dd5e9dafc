// Charts need a big library: it is fetched only when the first chart comes near the screen.
let loading = null;

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

const near = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      near.unobserve(entry.target);
      library().then((charts) => charts.draw(entry.target));
    }
  },
  { rootMargin: "200px" },
);

export function startCharts(root) {
  const found = [...root.querySelectorAll("[data-chart]")];
  if (root.matches?.("[data-chart]")) found.push(root);
  for (const figure of found) if (figure.querySelector(".chart-area")) near.observe(figure);
}
