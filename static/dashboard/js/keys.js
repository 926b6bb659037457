// The keyboard. Single keys can be switched off (WCAG 2.1.4); ? shows them all.

import { refetchAll } from "./fragments.js";
import { togglePause } from "./pausing.js";
import { keep, nextDensity } from "./preferences.js";
import { nextTheme } from "./theme.js";

const LEAD_MS = 1500;
const root = document.documentElement;
// When a key was pressed, not when a busy page came to look at it.
let pressedAt = 0;
let ledAt = -Infinity;

// After g: the main navigation says which key leads where (`dashboard.places`).
const go = (key) => document.querySelector(`.places [data-go="${CSS.escape(key)}"]`);

const KEYS = {
  "/": () => (document.getElementById("filter-q") ?? document.getElementById("search")).focus(),
  "?": () => document.getElementById("shortcuts").showModal(),
  j: () => move(1),
  k: () => move(-1),
  g: () => (ledAt = pressedAt),
  d: nextDensity,
  p: togglePause,
  r: refetchAll,
  t: nextTheme,
};

// A page's own keys.
export function onKey(key, act) {
  KEYS[key] = act;
}

function move(by) {
  const links = [...document.querySelectorAll("[data-row] [data-open]")];
  const at = links.findIndex((link) => link.closest("[data-row]").contains(document.activeElement));
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.closest("[data-row]").scrollIntoView({ block: "nearest" });
}

// What a page has on a key of its own: data-key-press names it. Of those in rows, the one in the row with the focus.
function press(key) {
  const named = `[data-key-press="${CSS.escape(key)}"]`;
  const row = document.activeElement.closest("[data-row]");
  const element = row?.querySelector(named) ?? document.querySelector(`${named}:not([data-row] *)`);
  return element && (() => element.click());
}

function isTyping(element) {
  return element.isContentEditable || element.matches("input:not([type=checkbox]), select, textarea");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("input[type=search]")) event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]") || root.dataset.singleKeys === "off") return;
  pressedAt = event.timeStamp;
  const led = pressedAt - ledAt < LEAD_MS;
  ledAt = -Infinity;
  const place = led && go(event.key);
  const act = place ? () => place.click() : (press(event.key) ?? KEYS[event.key]);
  if (!act) return;
  event.preventDefault();
  act();
});

const choice = document.getElementById("keys-on");
choice.checked = root.dataset.singleKeys !== "off";
choice.addEventListener("change", () => {
  root.dataset.singleKeys = choice.checked ? "on" : "off";
  keep("single_keys", choice.checked ? "on" : "");
});
