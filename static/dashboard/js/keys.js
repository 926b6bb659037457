// The keyboard. Single keys can be switched off (WCAG 2.1.4); ? shows them all.

import { refetchAll } from "./fragments.js";
import { togglePause } from "./pausing.js";
import { nextTheme } from "./theme.js";

const STORE = "single-keys";
const LEAD_MS = 1500;
let ledAt = 0;

// After g: the main navigation says which key leads where (`dashboard.places`).
const go = (key) => document.querySelector(`.places [data-go="${CSS.escape(key)}"]`);

const KEYS = {
  "/": () => document.getElementById("search").focus(),
  "?": () => document.getElementById("shortcuts").showModal(),
  j: () => move(1),
  k: () => move(-1),
  c: () => toCommands(),
  g: () => (ledAt = Date.now()),
  p: togglePause,
  r: refetchAll,
  t: nextTheme,
};

function move(by) {
  const links = [...document.querySelectorAll("[data-row] [data-open]")];
  const at = links.findIndex((link) => link.closest("[data-row]").contains(document.activeElement));
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(links.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.closest("[data-row]").scrollIntoView({ block: "nearest" });
}

function toCommands() {
  const panel = document.getElementById("commands");
  panel?.scrollIntoView({ block: "center" });
  panel?.querySelector("a")?.focus();
}

function isTyping(element) {
  return element.isContentEditable || element.matches("input:not([type=checkbox]), select, textarea");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.matches("input[type=search]")) event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]") || localStorage.getItem(STORE) === "off") return;
  const led = Date.now() - ledAt < LEAD_MS;
  ledAt = 0;
  const place = led && go(event.key);
  const act = place ? () => place.click() : KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

const choice = document.getElementById("keys-on");
choice.checked = localStorage.getItem(STORE) !== "off";
choice.addEventListener("change", () => localStorage.setItem(STORE, choice.checked ? "on" : "off"));
