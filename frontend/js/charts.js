// Draws the charts of apps/ui/charts.py. One spec in, one ECharts option out; colours come from the page's theme.
import { BarChart, FunnelChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, MarkPointComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, FunnelChart, LineChart, ScatterChart, GridComponent, LegendComponent, MarkLineComponent, MarkPointComponent, TooltipComponent, CanvasRenderer]);

const drawn = new Map();

function theme() {
  const style = getComputedStyle(document.documentElement);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    ink: read("--ink"),
    soft: read("--ink-soft"),
    line: read("--line"),
    surface: read("--surface"),
    font: getComputedStyle(document.body).fontFamily,
    palette: [1, 2, 3, 4, 5, 6].map((n) => read(`--chart-${n}`)),
    tones: { accent: read("--accent"), muted: read("--chart-muted"), good: read("--good"), warn: read("--warn"), bad: read("--bad") },
  };
}

const shortUnits = (language) =>
  language.startsWith("zh") ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "B"], [1e6, "M"], [1e3, "K"]];

function short(value, language) {
  for (const [size, unit] of shortUnits(language)) {
    if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(3))}${unit}`;
  }
  return String(Number(value.toPrecision(4)));
}

function formats(spec) {
  const full = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
  const money = (text, value) => `${value < 0 ? "-" : ""}${spec.symbol}${text}`;
  const write = (kind, value, brief) => {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    if (kind === "percent") return `${Number((value * 100).toFixed(1))}%`;
    if (kind === "money") return money(brief ? short(Math.abs(value), spec.language) : full.format(Math.abs(value)), value);
    return brief ? short(value, spec.language) : full.format(value);
  };
  return {
    axis: (value) => write(spec.format, value, true),
    value: (value) => write(spec.format, value, false),
    xAxis: (value) => write(spec.xFormat ?? "number", value, true),
    xValue: (value) => write(spec.xFormat ?? "number", value, false),
  };
}

// Tooltips are built as elements: markup in strings would need inline styles, which the page's policy refuses.
function tip(title, rows) {
  const box = document.createElement("div");
  box.className = "chart-tip";
  box.append(Object.assign(document.createElement("b"), { textContent: title }));
  for (const [name, value, colour] of rows) {
    const line = document.createElement("div");
    const dot = document.createElement("i");
    dot.style.background = colour;
    line.append(dot, Object.assign(document.createElement("span"), { textContent: name }), Object.assign(document.createElement("span"), { textContent: value }));
    box.append(line);
  }
  return box;
}

const colourOf = (one, index, look) => look.tones[one.tone] ?? look.palette[Number(one.tone) - 1] ?? look.palette[index % look.palette.length];

function frame(spec, look, narrow) {
  const named = spec.series.filter((one) => one.name).length > 1 || spec.band?.name;
  return {
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 350,
    textStyle: { fontFamily: look.font, color: look.soft, fontSize: 12 },
    grid: { left: 4, right: 12, top: named ? 34 : 14, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel" },
    legend: named
      ? { top: 0, left: 0, icon: "roundRect", itemWidth: 10, itemHeight: 10, itemGap: narrow ? 10 : 16, textStyle: { color: look.soft, fontSize: 12 }, data: [...spec.series.map((one) => one.name), ...(spec.band?.name ? [spec.band.name] : [])] }
      : undefined,
    tooltip: { trigger: "axis", confine: true, className: "chart-tip-box", backgroundColor: look.surface, borderColor: look.line, borderWidth: 1, padding: 0, extraCssText: "box-shadow:none", axisPointer: { type: "shadow", shadowStyle: { color: look.ink, opacity: 0.05 } } },
  };
}

const category = (spec, look) => ({ type: "category", data: spec.categories, axisTick: { show: false }, axisLine: { lineStyle: { color: look.line } }, axisLabel: { color: look.soft, hideOverlap: true } });
const figures = (look, label, extra = {}) => ({ type: "value", splitNumber: 4, splitLine: { lineStyle: { color: look.line } }, axisLabel: { color: look.soft, formatter: label }, ...extra });

function lines(spec, look, say, narrow) {
  const option = frame(spec, look, narrow);
  option.tooltip.axisPointer = { type: "line", lineStyle: { color: look.soft, type: "dashed" } };
  option.xAxis = { ...category(spec, look), boundaryGap: spec.series.some((one) => one.kind === "bar") };
  option.yAxis = figures(look, say.axis);
  option.series = spec.series.map((one, index) => {
    const colour = colourOf(one, index, look);
    if (one.kind === "bar") return { type: "bar", name: one.name, data: one.values, itemStyle: { color: colour, borderRadius: [3, 3, 0, 0] }, barMaxWidth: 28 };
    return {
      type: "line",
      name: one.name,
      data: one.values,
      showSymbol: spec.categories.length < 2,
      symbolSize: 7,
      lineStyle: { color: colour, width: 2.25, type: one.dashed ? "dashed" : "solid" },
      itemStyle: { color: colour },
      areaStyle: one.area ? { color: colour, opacity: 0.1 } : undefined,
    };
  });
  if (spec.band) {
    const { low, high, name } = spec.band;
    const plain = { type: "line", stack: "band", symbol: "none", lineStyle: { opacity: 0 }, silent: true, tooltip: { show: false } };
    option.series.unshift(
      { ...plain, name: "", data: low },
      { ...plain, name, data: high.map((value, i) => (value === null || low[i] === null ? null : value - low[i])), areaStyle: { color: look.tones.muted, opacity: 0.22 }, itemStyle: { color: look.tones.muted } },
    );
  }
  option.tooltip.formatter = (points) => {
    const at = points[0].dataIndex;
    const rows = spec.series.map((one, i) => [one.name, say.value(one.values[at]), colourOf(one, i, look)]);
    if (spec.band) rows.push([spec.band.name, `${say.value(spec.band.low[at])} – ${say.value(spec.band.high[at])}`, look.tones.muted]);
    return tip(spec.categories[at], rows);
  };
  return option;
}

function bars(spec, look, say, narrow) {
  const option = frame(spec, look, narrow);
  const across = spec.horizontal;
  const names = { ...category(spec, look), ...(across ? { inverse: true, axisLine: { show: false }, axisLabel: { color: look.ink, width: narrow ? 90 : 150, overflow: "truncate" } } : {}) };
  const sizes = figures(look, say.axis);
  option.xAxis = across ? sizes : names;
  option.yAxis = across ? names : sizes;
  const end = across ? [0, 3, 3, 0] : [3, 3, 0, 0];
  option.series = spec.series.map((one, index) => ({
    type: one.kind === "line" ? "line" : "bar",
    name: one.name,
    data: one.values,
    stack: spec.stacked ? one.stack || "all" : undefined,
    barMaxWidth: across ? 18 : 34,
    barGap: "15%",
    itemStyle: { color: colourOf(one, index, look), borderRadius: spec.stacked && index < spec.series.length - 1 ? 0 : end },
  }));
  option.tooltip.formatter = (points) => tip(points[0].axisValue, points.map((one) => [one.seriesName, say.value(one.value), one.color]));
  return option;
}

function funnel(spec, look, say, narrow) {
  const option = frame({ series: [] }, look, narrow);
  const [one] = spec.series;
  const most = Math.max(...one.values, 1);
  const share = (value) => `${Math.round((value / (one.values[0] || 1)) * 100)}%`;
  option.grid = { left: 4, right: narrow ? 96 : 130, top: 6, bottom: 6, outerBoundsMode: "same", outerBoundsContain: "axisLabel" };
  option.xAxis = { type: "value", show: false, max: most };
  option.yAxis = { ...category(spec, look), inverse: true, axisLine: { show: false }, axisLabel: { color: look.ink, width: narrow ? 84 : 140, overflow: "truncate" } };
  option.series = [{
    type: "bar",
    barWidth: "68%",
    data: one.values.map((value, i) => ({ value, itemStyle: { color: look.tones.accent, opacity: 1 - (0.6 * i) / Math.max(one.values.length, 1), borderRadius: 4 } })),
    label: { show: true, position: "right", color: look.ink, formatter: ({ value }) => `${say.axis(value)}  ${share(value)}` },
    showBackground: true,
    backgroundStyle: { color: look.line, opacity: 0.35, borderRadius: 4 },
  }];
  option.tooltip.formatter = ([point]) => tip(point.axisValue, [[share(point.value), say.value(point.value), look.tones.accent]]);
  return option;
}

function bridge(spec, look, say, narrow) {
  const option = frame({ series: [] }, look, narrow);
  const values = spec.series[0].values;
  const last = values.length - 1;
  let level = 0;
  const base = [];
  const shown = values.map((value, i) => {
    const whole = i === 0 || i === last;
    const from = whole ? 0 : level;
    const to = whole ? value : level + value;
    level = to;
    base.push(Math.min(from, to));
    const colour = whole ? look.tones.accent : value >= 0 ? look.tones.good : look.tones.bad;
    return { value: Math.abs(to - from), itemStyle: { color: colour, borderRadius: 3 } };
  });
  option.xAxis = { ...category(spec, look), axisLabel: { color: look.soft, interval: 0, width: narrow ? 44 : 90, overflow: "break" } };
  option.yAxis = figures(look, say.axis);
  option.series = [
    { type: "bar", stack: "bridge", data: base, itemStyle: { color: "transparent" }, silent: true },
    { type: "bar", stack: "bridge", data: shown, barMaxWidth: 48, label: { show: !narrow, position: "top", color: look.ink, formatter: ({ dataIndex }) => (dataIndex > 0 && dataIndex < last && values[dataIndex] > 0 ? "+" : "") + say.axis(values[dataIndex]) } },
  ];
  option.tooltip.formatter = (points) => {
    const i = points[0].dataIndex;
    return tip(spec.categories[i], [["", (i > 0 && i < last && values[i] > 0 ? "+" : "") + say.value(values[i]), shown[i].itemStyle.color]]);
  };
  return option;
}

function scatter(spec, look, say, narrow) {
  const option = frame({ series: [] }, look, narrow);
  const [across, up] = spec.series;
  const title = { nameTextStyle: { color: look.soft }, nameLocation: "middle" };
  option.grid = { left: 28, right: 16, top: 14, bottom: 26, outerBoundsMode: "same", outerBoundsContain: "axisLabel" };
  option.xAxis = { ...figures(look, say.xAxis), ...title, name: spec.x, nameGap: 28, scale: true };
  option.yAxis = { ...figures(look, say.axis), ...title, name: spec.y, nameGap: narrow ? 40 : 52, scale: true };
  option.series = [{ type: "scatter", symbolSize: 13, itemStyle: { color: look.tones.accent, opacity: 0.75, borderColor: look.surface, borderWidth: 1 }, data: across.values.map((value, i) => [value, up.values[i]]) }];
  option.tooltip.trigger = "item";
  option.tooltip.formatter = ({ dataIndex }) =>
    tip(spec.categories[dataIndex], [[spec.x, say.xValue(across.values[dataIndex]), "transparent"], [spec.y, say.value(up.values[dataIndex]), "transparent"]]);
  return option;
}

function curve(spec, look, say, narrow) {
  const option = frame({ series: [] }, look, narrow);
  const [across, up] = spec.series;
  option.xAxis = { ...figures(look, say.xAxis), splitLine: { show: false }, axisLine: { show: true, lineStyle: { color: look.line } } };
  option.yAxis = figures(look, say.axis);
  option.series = [{
    type: "line",
    symbol: "none",
    data: across.values.map((value, i) => [value, up.values[i]]),
    lineStyle: { width: 2.5, color: look.tones.accent },
    areaStyle: { color: look.tones.accent, opacity: 0.08 },
    markLine: { silent: true, symbol: "none", label: { show: false }, lineStyle: { color: look.tones.muted, type: "dashed" }, data: [
      ...(spec.xFormat === "percent" ? [{ xAxis: 1 }] : []),
      ...(spec.cliffs ?? []).map((edge, i) => ({ xAxis: edge, label: { show: i === 0, formatter: spec.cliff, position: "insideEndTop", color: look.tones.warn, fontSize: 11 }, lineStyle: { color: look.tones.warn, type: "solid", width: 1.5 } })),
    ] },
    markPoint: spec.here ? { symbol: "circle", symbolSize: 12, itemStyle: { color: look.tones.warn, borderColor: look.surface, borderWidth: 2 }, label: { show: false }, data: [{ coord: spec.here }] } : undefined,
  }];
  option.tooltip.axisPointer = { type: "line" };
  option.tooltip.formatter = ([point]) => tip(say.xValue(point.value[0]), [[up.name, say.value(point.value[1]), look.tones.accent]]);
  return option;
}

const kinds = { line: lines, bar: bars, funnel, bridge, scatter, curve };

function option(figure, spec) {
  const look = theme();
  return kinds[spec.type](spec, look, formats(spec), figure.clientWidth < 480);
}

function draw(figure) {
  const area = figure.querySelector(".chart-area");
  const spec = JSON.parse(figure.querySelector("template").content.textContent);
  drawn.get(figure)?.dispose();
  const chart = init(area, null, { renderer: "canvas" });
  chart.setOption(option(figure, spec));
  chart.on("click", ({ dataIndex }) => {
    const url = spec.links[dataIndex];
    if (url) window.salesorg.openSheet(url);
  });
  drawn.set(figure, chart);
  resized.observe(area);
}

const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) drawn.get(target.closest("[data-chart]"))?.resize();
});

document.addEventListener("theme-changed", () => {
  for (const figure of [...drawn.keys()]) {
    if (figure.isConnected) draw(figure);
    else {
      drawn.get(figure).dispose();
      drawn.delete(figure);
    }
  }
});

window.salesorgCharts = { draw };
