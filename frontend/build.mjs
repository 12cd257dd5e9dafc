// Builds static/dist: app.js, theme.js, charts.js, app.css (trimmed to what templates use) and icons.svg.
import { build, context } from "esbuild";
import { PurgeCSS } from "purgecss";
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const root = new URL("..", import.meta.url).pathname;
const out = join(root, "static/dist");
const watch = process.argv.includes("--watch");
mkdirSync(out, { recursive: true });

function files(folder, endings, found = []) {
  if (!existsSync(folder)) return found;
  for (const name of readdirSync(folder)) {
    if (["node_modules", "dist", "migrations", "locale", "__pycache__"].includes(name)) continue;
    const path = join(folder, name);
    if (statSync(path).isDirectory()) files(path, endings, found);
    else if (endings.some((ending) => name.endsWith(ending))) found.push(path);
  }
  return found;
}

function sources() {
  return [
    ...files(join(root, "templates"), [".html"]),
    ...files(join(root, "apps"), [".html", ".py"]),
    ...files(join(root, "frontend"), [".js"]),
  ];
}

// Every quoted word in templates and code that is the name of an icon gets into the sprite.
function sprite() {
  const folder = join(root, "node_modules/@tabler/icons/icons/outline");
  const known = new Set(readdirSync(folder).map((name) => name.replace(/\.svg$/, "")));
  const wanted = new Set();
  for (const path of sources()) {
    for (const [, word] of readFileSync(path, "utf8").matchAll(/["'|]([a-z0-9]+(?:-[a-z0-9]+)*)["'|]/g)) {
      if (known.has(word)) wanted.add(word);
    }
  }
  const symbols = [...wanted].sort().map((name) => {
    const svg = readFileSync(join(folder, `${name}.svg`), "utf8");
    const inner = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner.replace(/\s+/g, " ").trim()}</symbol>`;
  });
  writeFileSync(join(out, "icons.svg"), `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join("")}</svg>`);
  return wanted.size;
}

async function styles() {
  const css = join(out, "app.css");
  const [result] = await new PurgeCSS().purge({
    content: [
      ...sources().map((path) => ({ raw: readFileSync(path, "utf8"), extension: "html" })),
      { raw: readFileSync(join(root, "frontend/keep.txt"), "utf8"), extension: "html" },
    ],
    css: [{ raw: readFileSync(css, "utf8") }],
    defaultExtractor: (text) => text.match(/[A-Za-z0-9_:/.-]+/g) ?? [],
    safelist: {
      standard: [/^(show|showing|hiding|fade|collapse|collapsing|collapsed|active|disabled|open)$/, /^is-/, /^was-/, /^htmx-/],
      variables: [/^--chart-/],
      deep: [/^ts-/, /^sortable-/, /^tomselect/, /data-bs-theme/],
      greedy: [/^(avatar|status|delta|spark|stat|gauge|meter|tl|notice|note|chart|kind|ph|sort|task|count|problems)/, /^(form|input|invalid|valid|btn|alert|offcanvas|modal|dropdown|tooltip)/],
    },
    variables: true,
  });
  writeFileSync(css, result.css);
  return result.css.length;
}

const shared = { bundle: true, minify: true, target: ["es2021"], logLevel: "warning", legalComments: "none" };
const scripts = {
  ...shared,
  entryPoints: ["app", "theme", "charts"].map((name) => join(root, `frontend/js/${name}.js`)),
  outdir: out,
  format: "iife",
};
const sheets = {
  ...shared,
  entryPoints: { app: join(root, "frontend/css/app.css") },
  outdir: out,
  loader: { ".svg": "dataurl" },
};

// Rooms add bundles of their own (a board, an org chart, the phone) as frontend/js/pages/<name>.js.
const pages = files(join(root, "frontend/js/pages"), [".js"]);
if (pages.length) scripts.entryPoints.push(...pages);
scripts.entryNames = "[name]";

if (watch) {
  const js = await context(scripts);
  await js.watch();
}
await build(scripts);
await build(sheets);
const size = await styles();
console.log(`static/dist: ${sprite()} icons, ${(size / 1024).toFixed(0)} kB of styles`);

// What a phone fetches before it sees its first page: 200 kB, of which the page itself needs about 15.
const BUDGET = 185;
const first = ["app.js", "app.css", "icons.svg", "theme.js"].map((name) => gzipSync(readFileSync(join(out, name)), { level: 9 }).length);
const sum = first.reduce((whole, part) => whole + part, 0) / 1000;
console.log(`first load: ${sum.toFixed(0)} kB compressed, at most ${BUDGET}`);
if (sum > BUDGET) process.exitCode = 1;
