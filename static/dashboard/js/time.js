// Times on a page: "12 s" stays true, a session's clock runs, and the clock in the bar too, in one's own zone.

import { paused } from "./pausing.js";

// The server's clock minus the browser's, in ms.
let offset = 0;

export const now = () => Date.now() + offset;

export function setClock(serverTime) {
  offset = Date.parse(serverTime) - Date.now();
}

// How long ago, in one unit: as `dashboard.figures.age`.
export function age(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  for (const [unit, length] of [["d", 86400], ["h", 3600], ["min", 60]]) {
    if (whole >= length) return `${Math.floor(whole / length)} ${unit}`;
  }
  return `${whole} s`;
}

// How long something lasts: as `dashboard.figures.duration`.
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [minutes, hours, days] = [60, 3600, 86400].map((length) => Math.floor(whole / length));
  if (!minutes) return `${whole} s`;
  if (!hours) return `${minutes} min ${two(whole % 60)} s`;
  if (!days) return `${hours} h ${two(minutes % 60)} min`;
  return `${days} d ${hours % 24} h`;
}

// The zone that was chosen (`dashboard.zones`); the server is told the browser's own by a cookie.
const chosen = document.documentElement.dataset.zone || "UTC";
const ownZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const timeZone = chosen === "browser" ? ownZone : chosen;
if (chosen === "browser") document.cookie = `zone=${ownZone}; path=/; max-age=31536000; samesite=lax`;

const written = new Intl.DateTimeFormat("en-CA", {
  timeZone, year: "numeric", month: "2-digit", day: "2-digit",
  hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short",
});

function parts(ms) {
  return Object.fromEntries(written.formatToParts(ms).map(({ type, value }) => [type, value]));
}

export function timeOfDay(ms) {
  const { hour, minute, second } = parts(ms);
  return `${hour}:${minute}:${second}`;
}

// The server knows the browser's zone from the second page on.
const label = document.getElementById("live-zone");
if (label && chosen === "browser") label.textContent = parts(Date.now()).timeZoneName;

export const zoneName = () => label?.textContent ?? "UTC";

// In full, as `dashboard.figures.local`.
export function inFull(ms) {
  const { year, month, day } = parts(ms);
  return `${year}-${month}-${day} ${timeOfDay(ms)} ${zoneName()}`;
}

export function writeTime(element, iso) {
  if (iso === null) {
    element.removeAttribute("datetime");
    element.removeAttribute("title");
  } else {
    element.setAttribute("datetime", iso);
    element.title = inFull(Date.parse(iso));
  }
  tell(element);
}

function tell(element) {
  const iso = element.getAttribute("datetime");
  const seconds = iso ? (now() - Date.parse(iso)) / 1000 : 0;
  const text = !iso ? (element.dataset.never ?? "–") : "since" in element.dataset ? duration(seconds) : "until" in element.dataset ? duration(-seconds) : age(seconds);
  if (element.textContent !== text) element.textContent = text;
}

function tick() {
  const clock = document.getElementById("live-clock");
  if (clock) clock.textContent = timeOfDay(now());
  if (!paused()) document.querySelectorAll("time[data-ago], time[data-since], time[data-until]").forEach(tell);
  setTimeout(tick, 1000 - (now() % 1000));
}

tick();
