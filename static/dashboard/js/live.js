// One WebSocket a tab. It says which topics the page shows, and writes the values that come into [data-key] [data-f].
// Values are text: whatever a station is called, nothing of it becomes markup.

import { refetch, refetchAll, refetchUnlessInHand } from "./fragments.js";
import { isTyped } from "./in_hand.js";
import { tellTroubles } from "./own_trouble.js";
import { onResume, paused } from "./pausing.js";
import { signedOut } from "./signing_in.js";
import { addLines } from "./tail.js";
import { age, now, setClock, timeOfDay, writeTime, zoneName } from "./time.js";
import { announce, summarise } from "./toasts.js";

const DELAYED_MS = 5000;
const POLL_MS = 15000;
// The server says something every few seconds: a socket that brings nothing for so long has lost its other end.
const SILENT_MS = 15000;
const HIDDEN_MS = 30000;
const SLOWEST_MS = 30000;
// Close codes of `dashboard.live.consumer`: trying again changes nothing.
const SIGNED_OUT = 4401;
const NOT_A_MEMBER = 4403;

const badge = document.getElementById("live");
const word = document.getElementById("live-word");
const asOf = document.getElementById("as-of");
const held = new Map(); // key → fields that wait
let socket = null;
let cameAt = 0; // when this socket brought something last, or was begun, by performance.now()
let seq = 0;
let failures = 0;
let heard = false; // by a socket: only then the server's clock is known
let heardAt = Date.parse(badge.dataset.drawn); // when the server said something last, by its clock, in ms
let shownAt = heardAt; // from when what is shown is, by the same clock: a page that is paused shows what it showed
let behind = false;
let hiddenAt = null;
let given = false;
let told = "";

// ── the socket ──────────────────────────────────────────────────────────────────────────────────────────

function connect() {
  const url = new URL(badge.dataset.socket, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const opened = new WebSocket(url);
  const isCurrent = () => socket === opened;
  socket = opened;
  cameAt = performance.now();
  opened.addEventListener("open", () => {
    if (!isCurrent()) return;
    seq = 0;
    subscribe();
    if (heard || failures) catchUp();
  });
  opened.addEventListener("message", ({ data }) => isCurrent() && receive(JSON.parse(data)));
  opened.addEventListener("close", ({ code }) => isCurrent() && lost(code));
}

function lost(code) {
  socket = null;
  given = code === SIGNED_OUT || code === NOT_A_MEMBER;
  if (code === SIGNED_OUT) signedOut();
  if (!given) setTimeout(connect, pause());
  show();
}

// To close a socket whose other end is gone takes minutes: nobody waits for that.
function dropIfSilent() {
  if (!socket || performance.now() - cameAt < SILENT_MS) return;
  socket.close();
  lost();
}

// Full jitter: two hundred consoles must not all come back at once after a deploy.
function pause() {
  failures += 1;
  return Math.random() * Math.min(SLOWEST_MS, 1000 * 2 ** failures);
}

// What was missed is fetched; while the page is paused, as soon as it goes on.
function catchUp() {
  behind = paused();
  if (!behind) refetchAll();
}

function subscribe() {
  if (socket?.readyState !== WebSocket.OPEN) return;
  const topics = [...document.querySelectorAll("[data-topic]")].map((element) => element.dataset.topic);
  socket.send(JSON.stringify({ sub: [...new Set(topics)] }));
}

// A message was missed: all that is shown is told anew, and what can't be told is fetched.
function recover() {
  subscribe();
  catchUp();
}

function receive(message) {
  cameAt = performance.now();
  const missed = seq && message.seq !== seq + 1;
  seq = message.seq;
  failures = 0;
  if (message.own) {
    // It says that something is old, and must not make it look new.
    tellTroubles(message.own);
    if (missed) recover();
    return;
  }
  heard = true;
  heardAt = Date.parse(message.t);
  if (!paused()) shownAt = heardAt;
  setClock(message.t);
  document.dispatchEvent(new CustomEvent("noc:heard", { detail: heardAt }));
  if (message.kpi) hold("kpi", message.kpi);
  for (const [key, fields] of Object.entries(message.rows ?? {})) {
    hold(key, fields);
    if (key === "alarm") document.dispatchEvent(new CustomEvent("noc:alarm", { detail: fields }));
    if (fields.plot) document.dispatchEvent(new CustomEvent("noc:plot", { detail: { key, values: fields.plot } }));
  }
  if (message.log) addLines(message.log);
  if (message.wall) document.dispatchEvent(new CustomEvent("noc:wall", { detail: message.wall }));
  if (missed) recover();
  apply();
  show();
}

// ── values ──────────────────────────────────────────────────────────────────────────────────────────────

function hold(key, fields) {
  held.set(key, { ...held.get(key), ...fields });
}

function apply() {
  if (paused() || !held.size) return;
  const start = performance.now();
  const shown = elementsByKey();
  const used = placesInUse();
  for (const [key, fields] of held) {
    const elements = shown.get(key) ?? [];
    if (elements.some((element) => isInUse(element, used))) continue;
    held.delete(key);
    elements.forEach((element) => patch(element, fields));
    if (key.startsWith("command:") && fields.state) announceEnd(elements[0], fields.state);
    if (key === "list") stand(fields);
    if (key === "storm" && fields.on !== undefined) storm(fields.on);
  }
  // One entry, for the bench and for whoever looks at a slow page.
  performance.clearMeasures("noc:patch");
  performance.measure("noc:patch", { start });
}

// One walk over the page for all keys: with a hundred rows a walk a row takes longer than a frame.
function elementsByKey() {
  const shown = new Map();
  for (const element of document.querySelectorAll("[data-key]")) {
    const { key } = element.dataset;
    if (shown.has(key)) shown.get(key).push(element);
    else shown.set(key, [element]);
  }
  return shown;
}

// Nothing changes under a selection, an open menu or a field that is being filled in. Asked once, before anything
// is written: a browser that is asked for its selection lays out first what was changed, the whole page for each row.
function placesInUse() {
  const others = [...document.querySelectorAll(":popover-open")];
  const selection = getSelection();
  if (!selection.isCollapsed) others.push(selection.anchorNode);
  const focused = document.activeElement;
  if (focused && isTyped(focused)) others.push(focused);
  return { menus: [...document.querySelectorAll("[data-row] details[open]")], others };
}

function isInUse(element, { menus, others }) {
  const holds = (place) => element.contains(place);
  return others.some(holds) || (element.matches("[data-row]") && menus.some(holds));
}

function patch(element, fields) {
  if (fields.state && fields.state.w === undefined) setState(element, fields.state.s);
  if (fields.shape !== undefined) redraw(element, fields.shape);
  for (const cell of element.querySelectorAll("[data-f]")) {
    const value = fields[cell.dataset.f];
    const whole = cell.dataset.f === "state" && value?.w === undefined;
    if (value !== undefined && !whole && cell.parentElement.closest("[data-key]") === element) write(cell, value);
  }
}

function setState(element, state) {
  if ("status" in element.dataset) element.dataset.status = state;
  else element.dataset.state = state;
}

// Values are patched, shapes are fetched.
function redraw(element, shape) {
  if (element.dataset.shape !== shape) refetchUnlessInHand(element);
}

function write(cell, value) {
  if (cell.tagName === "TIME") writeTime(cell, value);
  else if (cell.tagName === "METER") cell.value = Number(value);
  else if (Array.isArray(value)) writeStrip(cell, value);
  else if (typeof value === "object") writeStatus(cell, value);
  else if (cell.textContent !== value) writeText(cell, value);
}

function writeText(cell, text) {
  cell.textContent = text;
  if (cell.parentElement.matches(".count")) cell.parentElement.hidden = text === "0";
}

function writeStatus(cell, { s, w }) {
  if (cell.dataset.status === s && cell.querySelector(".word").textContent === w) return;
  cell.dataset.status = s;
  cell.querySelector(".word").textContent = w;
  for (const use of cell.querySelectorAll("use")) use.setAttribute("href", `#g-${s}`);
  if (document.documentElement.hasAttribute("data-storm")) return;
  cell.classList.remove("changed");
  requestAnimationFrame(() => cell.classList.add("changed"));
}

// Lines of text, as those of a storm; or a strip of connectors.
function writeStrip(cell, groups) {
  if (cell.tagName === "UL") {
    cell.replaceChildren(...groups.map(line));
    return;
  }
  const before = JSON.stringify(groups);
  if (cell.dataset.told === before) return;
  cell.dataset.told = before;
  cell.replaceChildren(...groups.map(group));
}

function group({ s, w, n, g }) {
  const status = document.getElementById("strip-group").content.firstElementChild.cloneNode(true);
  const glyph = status.querySelector("svg");
  for (let more = 1; more < g; more += 1) glyph.after(glyph.cloneNode(true));
  writeStatus(status, { s, w });
  const count = status.querySelector(".count-word");
  count.textContent = n > 1 ? `${n} ` : "";
  count.classList.toggle("sr", n === g);
  return status;
}

function line(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}

function announceEnd(element, { w }) {
  const title = element?.querySelector("strong")?.textContent;
  if (title && !["Queued", "Sent"].includes(w)) announce(`${title}: ${w}`);
}

// ── lists: what would be otherwise, if it were drawn now ────────────────────────────────────────────────────

const standing = { moved: 0, fresh: 0 };

function stand({ gone, ...counts }) {
  Object.assign(standing, counts);
  if (gone) {
    const away = new Set(gone);
    for (const row of document.querySelectorAll("[data-row]")) row.toggleAttribute("data-gone", away.has(row.dataset.key));
  }
  offer("news", standing.fresh, `${standing.fresh} new · Show`);
  offer("resort", standing.moved, `${standing.moved} row${standing.moved === 1 ? "" : "s"} would move · Re-sort (R)`);
}

function offer(id, number, text) {
  const button = document.getElementById(id);
  if (!button) return;
  if (number > 0 && button.hidden) summarise(text);
  button.hidden = !(number > 0);
  button.querySelector("span").textContent = text;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("#news, #resort");
  if (button) refetch(button.closest("[data-fragment]"));
});

// ── storms: groups instead of rows, and said once ───────────────────────────────────────────────────────────

function storm(since) {
  const banner = document.getElementById("storm");
  if (!banner) return;
  document.documentElement.toggleAttribute("data-storm", Boolean(since));
  if (since && banner.hidden) announce(banner.querySelector("strong").textContent);
  if (!since && !banner.hidden) summarise("The storm is over.");
  banner.hidden = !since;
}

// ── the badge ───────────────────────────────────────────────────────────────────────────────────────────

function state() {
  if (given) return "offline";
  if (!socket || socket.readyState !== WebSocket.OPEN) {
    if (!heard && failures === 0) return "connecting";
    return failures >= 3 ? "offline" : "reconnecting";
  }
  if (!heard) return performance.now() > DELAYED_MS ? "delayed" : "connecting";
  if (now() - heardAt > DELAYED_MS) return "delayed";
  return paused() ? "paused" : "live";
}

const WORDS = {
  connecting: "Connecting",
  live: "Live",
  delayed: "Delayed",
  reconnecting: "Reconnecting",
  offline: "Offline",
  paused: "Paused",
};

function show() {
  const current = state();
  const isOld = ["reconnecting", "paused"].includes(current) && old() > DELAYED_MS;
  const stale = isOld || ["delayed", "offline"].includes(current);
  badge.dataset.live = current;
  word.textContent = WORDS[current] + (stale ? ` ${age(old() / 1000)}` : "");
  document.documentElement.toggleAttribute("data-stale", stale);
  if (stale) asOf.textContent = `${timeOfDay(shownAt)} ${zoneName()}`;
  if (current !== told && (current === "offline" || told === "offline")) announce(`Live updates: ${WORDS[current]}`);
  told = current;
}

const old = () => now() - shownAt;

setInterval(() => {
  dropIfSilent();
  show();
}, 1000);
document.addEventListener("noc:signed-in", () => {
  if (given && !socket) {
    given = false;
    connect();
  }
});
document.addEventListener("noc:pause", show);
onResume(() => {
  shownAt = heardAt;
  apply();
  if (behind) catchUp();
});

// ── when there is no socket, and when the page was away ─────────────────────────────────────────────────

setInterval(() => {
  if (state() === "offline" && !given && !paused() && !document.hidden) refetchAll();
}, POLL_MS);

// What was fetched just now is not old, even if no socket brought it: by the clock of whoever gave it.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  const date = detail.xhr.getResponseHeader("Date");
  if (!heard && date) setClock(date);
});
document.addEventListener("noc:fetched", ({ detail }) => {
  const from = now() - (Date.now() - detail);
  heardAt = Math.max(heardAt, from);
  shownAt = Math.max(shownAt, from);
  show();
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden) hiddenAt = Date.now();
  else if (hiddenAt !== null && Date.now() - hiddenAt > HIDDEN_MS) catchUp();
});

// What htmx brought may show other things, and so may a wall that was drawn anew.
document.addEventListener("noc:drawn", subscribe);
document.addEventListener("htmx:afterSettle", subscribe);

connect();
