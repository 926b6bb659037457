// The wall: every station as a cell of a canvas. Painted from a letter a station in a fixed order, then from changes.
// Shape, word and colour say the same; where cells are too small for shapes, three looks are left.

import { onResume, paused } from "./pausing.js";
import { now, timeOfDay, zoneName } from "./time.js";

const SHAPES_FROM = 12;
const [LARGEST, SMALLEST] = [72, 4];
const LATE_MS = 5000;
const TURN_MS = 20000;
// How long after one answer the next is asked for: many stations may come one after the other.
const AGAIN_MS = 3000;
const SHIFT_MS = 60000;

const wall = document.getElementById("wall");
if (wall) start(JSON.parse(document.getElementById("wall-data").textContent));

function start(snapshot) {
  const box = document.getElementById("wall-canvas");
  const canvas = box.querySelector("canvas");
  const card = document.getElementById("wall-card");
  const by = document.getElementById("wall-by");
  const buttons = [...document.querySelectorAll("[data-letter]")];
  const states = new Map(buttons.map((button) => [button.dataset.letter, button]));
  const context = canvas.getContext("2d");
  let letters = [...snapshot.all];
  let { layout } = snapshot;
  const shown = new Set((new URLSearchParams(location.search).get("show") ?? "").split("").filter((each) => states.has(each)));
  const asked = new URLSearchParams(location.search).get("by");
  by.value = [...by.options].some(({ value }) => value === asked) ? asked : by.options[0].value;
  let kinds = { site: { names: snapshot.names, of: snapshot.of } };
  let identities = [];
  let cells = []; // index → { x, y }
  let labels = [];
  let size = LARGEST;
  let looks = new Map();
  let current = -1;
  let heardAt = Date.parse(document.getElementById("live").dataset.drawn);
  let isUnknown = true; // who stands where
  let isAsked = false;
  const held = new Map();

  // ── where cells stand ─────────────────────────────────────────────────────────────────────────────────────

  function groups() {
    const kind = kinds[by.value];
    if (!kind) return [{ name: "", members: letters.map((_, index) => index) }];
    const found = kind.names.map((name) => ({ name: name || "None", members: [] }));
    letters.forEach((_, index) => found[kind.of[index] ?? 0]?.members.push(index));
    return found.filter(({ members }) => members.length);
  }

  function place(all, cell, width) {
    const pitch = cell + (cell >= SHAPES_FROM ? 2 : 1);
    const head = all.length > 1 || all[0].name ? 16 : 0;
    const [spots, heads] = [[], []];
    let [x, y, high] = [0, 0, 0];
    for (const { name, members } of all) {
      const most = Math.max(1, Math.floor(width / pitch));
      const columns = Math.min(most, Math.max(Math.ceil(Math.sqrt(members.length * 1.8)), Math.ceil(72 / pitch)));
      const across = columns * pitch + 10;
      if (x > 0 && x + across - 10 > width) [x, y, high] = [0, y + high + 8, 0];
      if (head) heads.push({ name, x, y, width: across - 12 });
      members.forEach((index, at) => {
        spots[index] = { x: x + (at % columns) * pitch, y: y + head + Math.floor(at / columns) * pitch };
      });
      high = Math.max(high, head + Math.ceil(members.length / columns) * pitch);
      x += across;
    }
    return { spots, heads, height: y + high };
  }

  const zoom = () => box.getBoundingClientRect().width / box.clientWidth || 1;

  function arrange() {
    // In px of its own: the page of a large screen is zoomed, and what is painted isn't to be blurred by it.
    const { clientWidth: width, clientHeight: height } = box;
    const scale = (devicePixelRatio || 1) * zoom();
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const all = groups();
    let best = null;
    if (letters.length) {
      for (size = LARGEST; size >= SMALLEST; size -= 1) {
        best = place(all, size, width);
        if (best.height <= height) break;
      }
      size = Math.max(size, SMALLEST);
    }
    cells = best?.spots ?? [];
    labels = best?.heads ?? [];
    document.getElementById("wall-small").hidden = size >= SHAPES_FROM;
    paint();
  }

  // ── how they look ─────────────────────────────────────────────────────────────────────────────────────────

  function read() {
    looks = new Map(
      buttons.map((button) => {
        const colour = getComputedStyle(button.querySelector("svg")).color;
        return [button.dataset.letter, { colour, look: button.dataset.look, shape: shape(button.dataset.status) }];
      }),
    );
  }

  function shape(status) {
    return [...(document.getElementById(`g-${status}`)?.children ?? [])].map((part) => {
      const path = new Path2D(part.getAttribute("d") ?? undefined);
      const number = (name) => Number(part.getAttribute(name));
      if (part.tagName === "circle") path.arc(number("cx"), number("cy"), number("r"), 0, 2 * Math.PI);
      return {
        path,
        fill: part.getAttribute("fill") === "currentColor",
        rule: part.getAttribute("fill-rule") ?? "nonzero",
        line: part.getAttribute("stroke") ? number("stroke-width") || 1 : 0,
        dash: (part.getAttribute("stroke-dasharray") ?? "").split(" ").filter(Boolean).map(Number),
      };
    });
  }

  function paint() {
    const style = getComputedStyle(wall);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = style.color;
    context.font = `600 11px ${style.fontFamily}`;
    for (const { name, x, y, width } of labels) context.fillText(fitting(name, width), x, y + 11);
    letters.forEach((_, index) => cell(index));
    mark();
  }

  function fitting(text, width) {
    let short = text;
    while (short.length > 1 && context.measureText(short).width > width) short = short.slice(0, -1);
    return short === text ? text : `${short.slice(0, -1)}…`;
  }

  function cell(index) {
    const spot = cells[index];
    const state = looks.get(letters[index]);
    if (!spot || !state) return;
    const { x, y } = spot;
    const faint = shown.size > 0 && !shown.has(letters[index]);
    context.clearRect(x - 1, y - 1, size + 2, size + 2);
    context.globalAlpha = faint ? 0.12 : 1;
    context.fillStyle = context.strokeStyle = state.colour;
    if (size >= SHAPES_FROM) draw(state, x, y, faint);
    else small(state, x, y, faint);
    context.globalAlpha = 1;
  }

  function draw(state, x, y, faint) {
    context.globalAlpha = faint ? 0.06 : state.look === "fine" ? 0.14 : 0.26;
    context.fillRect(x, y, size, size);
    context.globalAlpha = faint ? 0.15 : 1;
    context.save();
    context.translate(x + size * 0.14, y + size * 0.14);
    context.scale((size * 0.72) / 16, (size * 0.72) / 16);
    for (const { path, fill, rule, line, dash } of state.shape) {
      if (fill) context.fill(path, rule);
      if (line) {
        context.lineWidth = line;
        context.setLineDash(dash);
        context.stroke(path);
      }
    }
    context.restore();
    if (state.look !== "attention") return;
    context.lineWidth = 1.5;
    context.strokeRect(x + 0.75, y + 0.75, size - 1.5, size - 1.5);
  }

  function small({ look }, x, y, faint) {
    if (look === "attention") {
      context.fillRect(x, y, size, size);
      context.globalAlpha = faint ? 0.12 : 1;
      context.strokeStyle = getComputedStyle(wall).color;
      context.lineWidth = 1;
      context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1);
      return;
    }
    context.globalAlpha = faint ? 0.08 : look === "working" ? 1 : 0.32;
    context.fillRect(x, y, size, size);
  }

  function mark() {
    const spot = cells[current];
    if (!spot) return;
    context.strokeStyle = getComputedStyle(wall).color;
    context.lineWidth = 2;
    context.strokeRect(spot.x, spot.y, size, size);
  }

  // ── what changes ──────────────────────────────────────────────────────────────────────────────────────────

  const figure = (number) => number.toLocaleString("en").replaceAll(",", "\u202f");

  function count() {
    const counted = new Map();
    for (const letter of letters) counted.set(letter, (counted.get(letter) ?? 0) + 1);
    for (const button of buttons) {
      const number = counted.get(button.dataset.letter) ?? 0;
      button.hidden = !number && button.getAttribute("aria-pressed") !== "true";
      button.querySelector("[data-count]").textContent = figure(number);
    }
  }

  function change({ layout: other, all, new: told }) {
    if (other !== layout) {
      // Stations have come or gone: all places are others.
      isUnknown = true;
      askAnew();
      return;
    }
    if (all) [...all].forEach((letter, index) => held.set(index, letter));
    for (let at = 0; at < (told ?? []).length; at += 2) held.set(told[at], told[at + 1]);
    apply();
  }

  function apply() {
    if (paused() || !held.size) return;
    for (const [index, letter] of held) {
      if (letters[index] === letter) continue;
      letters[index] = letter;
      cell(index);
    }
    held.clear();
    mark();
    count();
    if (current >= 0 && !card.hidden) tell(current);
  }

  // ── one station ───────────────────────────────────────────────────────────────────────────────────────────

  function at({ clientX, clientY }) {
    const { left, top } = canvas.getBoundingClientRect();
    const [x, y] = [(clientX - left) / zoom(), (clientY - top) / zoom()];
    return cells.findIndex((spot) => spot && x >= spot.x && x < spot.x + size + 1 && y >= spot.y && y < spot.y + size + 1);
  }

  function tell(index) {
    const spot = cells[index];
    if (!spot) {
      card.hidden = true;
      return;
    }
    const name = identities[index] ?? "…";
    const link = document.createElement("a");
    link.href = address(name);
    link.textContent = name;
    const words = [states.get(letters[index])?.querySelector(".wall-word").textContent ?? ""];
    for (const { names, of } of Object.values(kinds)) if (names[of[index]]) words.push(names[of[index]]);
    card.replaceChildren(link, document.createElement("br"), words.join(" · "));
    card.hidden = false;
    const right = spot.x + size + 12 + card.offsetWidth < box.clientWidth;
    card.style.left = `${right ? spot.x + size + 8 : Math.max(0, spot.x - card.offsetWidth - 8)}px`;
    card.style.top = `${Math.min(spot.y, Math.max(0, box.clientHeight - card.offsetHeight))}px`;
  }

  const address = (name) => wall.dataset.station.replace("IDENTITY", encodeURIComponent(name));

  function choose(index) {
    const before = current;
    current = index;
    if (before >= 0) cell(before);
    mark();
    tell(index);
  }

  function nearest(dx, dy) {
    const from = cells[current] ?? { x: -1, y: -1 };
    let [found, least] = [-1, Infinity];
    cells.forEach((spot, index) => {
      const [along, aside] = dx ? [(spot.x - from.x) * dx, Math.abs(spot.y - from.y)] : [(spot.y - from.y) * dy, Math.abs(spot.x - from.x)];
      if (along <= 0 || (shown.size && !shown.has(letters[index]))) return;
      const distance = along + aside * 4;
      if (distance < least) [found, least] = [index, distance];
    });
    return found < 0 ? Math.max(current, 0) : found;
  }

  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener("keydown", (event) => {
    if (ARROWS[event.key]) choose(nearest(...ARROWS[event.key]));
    else if (event.key === "Enter" && identities[current]) location.assign(address(identities[current]));
    else if (event.key === "Escape") choose(-1);
    else return;
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    const index = at(event);
    if (!card.classList.contains("kept") && index !== current) choose(index);
  });
  canvas.addEventListener("click", (event) => {
    const index = at(event);
    card.classList.toggle("kept", index >= 0);
    choose(index);
  });
  canvas.addEventListener("pointerleave", () => {
    if (!card.classList.contains("kept")) choose(-1);
  });

  // ── legend, groups, clock, panels ─────────────────────────────────────────────────────────────────────────

  function press() {
    for (const button of buttons) button.setAttribute("aria-pressed", String(shown.has(button.dataset.letter)));
    keep("show", [...shown].join(""));
  }

  // What is looked at is in the address: for a link, and for when all is drawn anew.
  function keep(name, value) {
    const url = new URL(location.href);
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
    history.replaceState(history.state, "", url);
  }

  for (const button of buttons) {
    button.addEventListener("click", () => {
      const { letter } = button.dataset;
      if (!shown.delete(letter)) shown.add(letter);
      press();
      count();
      paint();
    });
  }
  by.addEventListener("change", () => {
    keep("by", by.selectedIndex ? by.value : "");
    arrange();
  });
  document.getElementById("wall-full").addEventListener("click", () => document.documentElement.requestFullscreen?.());

  function tick() {
    document.getElementById("wall-clock").textContent = timeOfDay(now());
    document.getElementById("wall-zone").textContent = zoneName();
    const age = document.getElementById("wall-age");
    const old = now() - heardAt;
    age.textContent = `data ${Math.max(0, Math.round(old / 1000))} s old`;
    age.dataset.tone = old < LATE_MS ? "ok" : "late";
  }

  const panel = document.getElementById("wall-panel");
  const panels = panel.dataset.panels.split(" ").filter(Boolean);
  const stop = document.getElementById("wall-pause");
  let turn = 0;
  const turns = () => stop.getAttribute("aria-pressed") !== "true";

  function show(by_) {
    turn = (turn + by_ + panels.length) % panels.length;
    window.htmx.ajax("GET", panels[turn], { source: panel, target: panel, swap: "innerHTML" });
  }

  for (const button of document.querySelectorAll("[data-turn]")) button.addEventListener("click", () => show(Number(button.dataset.turn)));
  stop.addEventListener("click", () => {
    stop.setAttribute("aria-pressed", String(turns()));
    stop.querySelector("span").textContent = turns() ? "Stop turning" : "Go on turning";
  });
  setInterval(() => {
    if (turns() && !paused() && !document.hidden && !panel.matches(":hover, :focus-within")) show(1);
  }, TURN_MS);
  // Against burn-in: everything moves by a few pixels now and then.
  setInterval(() => {
    wall.style.translate = `${Math.floor(Math.random() * 4)}px ${Math.floor(Math.random() * 4)}px`;
  }, SHIFT_MS);
  setInterval(tick, 1000);

  // ── who stands where ──────────────────────────────────────────────────────────────────────────────────────

  async function askAnew() {
    if (isAsked || paused()) return;
    isAsked = true;
    const headers = { "X-Network": document.documentElement.dataset.network };
    const answer = await fetch(wall.dataset.places, { headers }).catch(() => null);
    const found = answer?.ok ? await answer.json().catch(() => null) : null;
    if (found) drawAnew(found);
    setTimeout(() => {
      isAsked = false;
      if (isUnknown) askAnew();
    }, AGAIN_MS);
  }

  // All of it is of one moment; the socket tells what it is now.
  function drawAnew(found) {
    if (identities.length) current = found.identities.indexOf(identities[current]);
    ({ layout, identities, kinds } = found);
    letters = [...found.all];
    isUnknown = false;
    if (current < 0) card.classList.remove("kept");
    held.clear();
    const many = letters.length;
    document.getElementById("wall-total").textContent = `${figure(many)} station${many === 1 ? "" : "s"}`;
    document.getElementById("wall-empty")?.toggleAttribute("hidden", many > 0);
    count();
    arrange();
    tell(current);
    document.dispatchEvent(new CustomEvent("noc:drawn"));
  }

  document.addEventListener("noc:wall", ({ detail }) => change(detail));
  document.addEventListener("noc:heard", ({ detail }) => {
    if (!paused()) heardAt = detail;
    tick();
  });
  onResume(() => {
    apply();
    if (isUnknown) askAnew();
  });
  new ResizeObserver(arrange).observe(box);
  new MutationObserver(() => {
    read();
    paint();
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
    read();
    paint();
  });

  read();
  press();
  arrange();
  tick();
  askAnew();
  show(0);
}
