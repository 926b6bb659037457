// Plots that the server has drawn: a cursor (pointer, arrow keys), zoom (buttons, + and -), and new values as they come.
// Plots of one group on a page move in step. Without this module they are whole, but still.

import { onResume, paused } from "./pausing.js";
import { now } from "./time.js";

const SVG = "http://www.w3.org/2000/svg";
const SPAN = 1000;
const SHORTEST_MS = 10_000;
const MOST_POINTS = 2000;
const REDRAW_MS = 1000;
const STEPS_S = [1, 5, 10, 30, 60, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000];

const plots = new WeakMap();

class Plot {
  constructor(figure) {
    this.figure = figure;
    this.data = JSON.parse(figure.dataset.plot);
    this.svg = figure.querySelector(".plot-svg");
    this.body = figure.querySelector(".plot-body");
    this.cursor = figure.querySelector(".plot-cursor");
    this.readout = figure.querySelector(".plot-readout");
    this.paths = [...figure.querySelectorAll(".plot-lines path")];
    this.since = this.data.since;
    this.until = this.data.until;
    this.at = null;
    this.dirty = false;
    this.body.tabIndex = 0;
    this.body.setAttribute("role", "group");
    this.body.setAttribute("aria-label", `${this.body.dataset.caption}: arrow keys move a cursor, plus and minus zoom`);
    figure.querySelector(".plot-zoom").hidden = false;
  }

  get group() {
    const { group } = this.data;
    return group ? all().filter((each) => each.data.group === group) : [this];
  }

  // ── cursor ──────────────────────────────────────────────────────────────────────────────────────────

  point(at) {
    this.at = at;
    this.hold();
    if (at === null) {
      this.cursor.setAttribute("visibility", "hidden");
      this.readout.textContent = "";
      return;
    }
    const x = `${((at - this.since) / (this.until - this.since)) * 100}%`;
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    this.cursor.setAttribute("visibility", "visible");
    this.readout.textContent = [this.time(at), ...this.data.series.map((each) => said(each, at))].join(" · ");
  }

  time(ms) {
    const long = this.data.until - this.data.since > 86_400_000;
    return new Intl.DateTimeFormat("sv-SE", {
      timeZone: this.data.zone, dateStyle: long ? "short" : undefined, timeStyle: "medium",
    }).format(ms);
  }

  // The next sample to the left or right of the cursor.
  neighbour(direction) {
    const times = this.data.series.flatMap((each) => each.points.map(([at]) => at));
    const inside = times.filter((at) => at >= this.since && at <= this.until).sort((a, b) => a - b);
    if (!inside.length) return null;
    if (this.at === null) return direction > 0 ? inside[0] : inside.at(-1);
    const further = direction > 0 ? inside.find((at) => at > this.at) : inside.findLast((at) => at < this.at);
    return further ?? this.at;
  }

  // ── zoom ────────────────────────────────────────────────────────────────────────────────────────────

  show(since, until) {
    this.since = since;
    this.until = until;
    this.redraw();
  }

  // What somebody looks at closely isn't drawn anew by the server meanwhile (`refreshing.js`).
  hold() {
    const whole = this.since === this.data.since && this.until === this.data.until;
    this.figure.toggleAttribute("data-held", this.at !== null || !whole);
  }

  redraw() {
    this.dirty = false;
    this.hold();
    this.data.series.forEach((each, position) => this.paths[position]?.setAttribute("d", this.path(each)));
    this.axis();
    this.nowLine();
    if (this.at !== null) this.point(this.at);
  }

  x(at) {
    return ((at - this.since) / (this.until - this.since)) * SPAN;
  }

  path({ points, step, low, high }) {
    let d = "";
    let open = false;
    for (const [at, value] of points) {
      const x = this.x(at).toFixed(1);
      if (step && open) d += `H${x}`;
      if (value === null) {
        open = false;
        continue;
      }
      const y = ((1 - Math.min(1, Math.max(0, (value - low) / (high - low)))) * SPAN).toFixed(1);
      d += open ? (step ? `V${y}` : `L${x} ${y}`) : `M${x} ${y}h0`;
      open = true;
    }
    return step && open ? `${d}H${SPAN}` : d;
  }

  axis() {
    for (const old of this.svg.querySelectorAll(".plot-time, .plot-rule.up")) old.remove();
    const title = this.svg.querySelector("title");
    const seconds = (this.until - this.since) / 1000;
    const step = STEPS_S.find((each) => seconds / each <= 8) ?? STEPS_S.at(-1);
    const format = new Intl.DateTimeFormat("sv-SE", {
      timeZone: this.data.zone,
      ...(step >= 86400 ? { month: "short", day: "2-digit" } : { hour: "2-digit", minute: "2-digit", ...(step < 60 && { second: "2-digit" }) }),
    });
    const marks = [];
    for (let at = Math.ceil(this.since / 1000 / step) * step * 1000; at <= this.until; at += step * 1000) marks.push(at);
    marks.forEach((at, position) => {
      const x = `${this.x(at) / (SPAN / 100)}%`;
      title.after(
        draw("line", { class: "plot-rule up", x1: x, x2: x, y1: 0, y2: "100%" }),
        draw("text", { class: `plot-time${position % 2 ? " odd" : ""}`, x, y: "100%", dy: 17, "text-anchor": "middle" }, format.format(at)),
      );
    });
  }

  nowLine() {
    const line = this.svg.querySelector(".plot-now");
    const word = this.svg.querySelector(".plot-now-word");
    if (!line) return;
    const inside = now() >= this.since && now() <= this.until;
    for (const each of [line, word]) each.setAttribute("visibility", inside ? "visible" : "hidden");
    const x = `${this.x(now()) / (SPAN / 100)}%`;
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    word.setAttribute("x", x);
  }

  // ── new values ──────────────────────────────────────────────────────────────────────────────────────

  append(values) {
    const at = values.at ? Date.parse(values.at) : now();
    for (const series of this.data.series) {
      const value = values[series.field];
      if (!series.field || value === undefined) continue;
      const last = series.points.at(-1);
      if (last && last[0] >= at) continue;
      series.points.push([at, value]);
      if (value !== null && value > series.high) this.figure.dataset.beyond = "";
      if (series.points.length > MOST_POINTS) series.points = halved(series.points);
      this.dirty = true;
    }
    if (!this.dirty || at <= this.data.until) return;
    // Who looks at all of it goes on doing so; who has zoomed in stays where they are.
    if (this.until === this.data.until) this.until = at;
    this.data.until = at;
  }
}

// Of each pair the one that stands out from what came before it, so that a peak isn't lost.
function halved(points) {
  const kept = [points[0]];
  for (let position = 1; position + 1 < points.length; position += 2) {
    const before = kept.at(-1)[1] ?? 0;
    const [one, other] = [points[position], points[position + 1]];
    kept.push(Math.abs((one[1] ?? 0) - before) >= Math.abs((other[1] ?? 0) - before) ? one : other);
  }
  return [...kept, points.at(-1)];
}

function draw(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  if (text) element.textContent = text;
  return element;
}

function said({ name, unit, digits, step, points }, at) {
  const before = points.findLast(([time]) => time <= at);
  const after = step ? null : points.find(([time]) => time >= at);
  const nearest = [before, after].filter(Boolean).sort((a, b) => Math.abs(a[0] - at) - Math.abs(b[0] - at))[0];
  const value = nearest?.[1];
  return `${name} ${value === null || value === undefined ? "–" : `${value.toFixed(digits)} ${unit}`}`;
}

const all = () => [...document.querySelectorAll("[data-plot]")].map(of).filter(Boolean);

function of(figure) {
  if (!figure) return null;
  if (!plots.has(figure)) plots.set(figure, new Plot(figure));
  return plots.get(figure);
}

function zoom(plot, way) {
  const { since, until } = plot.data;
  if (way === "all") return plot.group.forEach((each) => each.show(each.data.since, each.data.until));
  const middle = plot.at ?? (plot.since + plot.until) / 2;
  const length = Math.max(SHORTEST_MS, (plot.until - plot.since) * (way === "in" ? 0.5 : 2));
  if (length >= until - since) return zoom(plot, "all");
  const from = Math.min(Math.max(since, middle - length / 2), until - length);
  plot.group.forEach((each) => each.show(from, from + length));
}

function pointed(event) {
  const plot = of(event.target.closest?.(".plot-body")?.closest("[data-plot]"));
  if (!plot) return;
  const box = plot.svg.getBoundingClientRect();
  const share = (event.clientX - box.left) / box.width;
  const at = share < 0 || share > 1 ? null : plot.since + share * (plot.until - plot.since);
  plot.group.forEach((each) => each.point(at));
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const plot = event.target.matches?.(".plot-body") ? of(event.target.closest("[data-plot]")) : null;
  if (!plot) return;
  const at = { ArrowLeft: () => plot.neighbour(-1), ArrowRight: () => plot.neighbour(1), Home: () => plot.since, End: () => plot.until };
  const ways = { "+": "in", "=": "in", "-": "out", 0: "all" };
  if (at[event.key]) {
    const to = at[event.key]();
    plot.group.forEach((each) => each.point(to));
  } else if (ways[event.key]) zoom(plot, ways[event.key]);
  else if (event.key === "Escape") plot.group.forEach((each) => each.point(null));
  else return;
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("pointermove", pointed);
document.addEventListener("pointerdown", pointed);
document.addEventListener("pointerout", (event) => {
  const plot = of(event.target.closest?.(".plot-body")?.closest("[data-plot]"));
  if (plot && !plot.body.contains(event.relatedTarget)) plot.group.forEach((each) => each.point(null));
});
document.addEventListener("keydown", pressed, true);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zoom]");
  if (button) zoom(of(button.closest("[data-plot]")), button.dataset.zoom);
});
document.addEventListener("noc:plot", ({ detail }) => {
  all().filter((each) => each.data.key === detail.key).forEach((each) => each.append(detail.values));
});
document.addEventListener("htmx:afterSettle", all);

function redrawDirty() {
  if (!paused()) all().filter((each) => each.dirty).forEach((each) => each.redraw());
}

setInterval(redrawDirty, REDRAW_MS);
onResume(redrawDirty);
all();
