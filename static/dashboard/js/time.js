// Times on a page: "12 s" stays true, a session's clock runs, and the UTC clock in the bar too.

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

export const timeOfDay = (ms) => new Date(ms).toISOString().slice(11, 19);

export function writeTime(element, iso) {
  if (iso === null) {
    element.removeAttribute("datetime");
    element.removeAttribute("title");
  } else {
    element.setAttribute("datetime", iso);
    element.title = `${iso.slice(0, 19).replace("T", " ")} UTC`;
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
