// The live end of a message log. It stands still under the pointer, while it has the focus, and while the page is paused.

import { onResume, paused } from "./pausing.js";
import { inFull, timeOfDay } from "./time.js";

const MOST = 500;

const tail = document.getElementById("tail");
const state = document.getElementById("tail-state");
let waiting = [];
let skipped = 0;
const holders = new Set(); // the pointer, the focus: each holds it for as long as it is there

export function addLines({ lines, skipped: unseen }) {
  if (!tail) return;
  const known = new Set([...tail.querySelectorAll("[data-line]")].slice(-MOST).map((line) => line.dataset.line));
  const told = new Set(waiting.map((line) => line.i));
  const fresh = lines.filter((line) => !known.has(line.i) && !told.has(line.i));
  // Lines come as they follow each other: whoever has one of them has what was before it.
  const more = fresh.length < lines.length ? 0 : unseen;
  waiting.push(...fresh);
  skipped += more;
  showRate(fresh.length + more, more);
  if (waiting.length > MOST) {
    skipped += waiting.length - MOST;
    waiting = waiting.slice(-MOST);
  }
  write();
}

// The hub flushes once a second: what it brings is the rate.
function showRate(each, unseen) {
  const rate = document.getElementById("tail-rate");
  if (rate) rate.textContent = `${each}/s${unseen ? `, ${unseen} skipped` : ""}`;
}

function write() {
  if (paused() || holders.size) {
    state.textContent = waiting.length ? `held: ${waiting.length} new` : "held";
    return;
  }
  state.textContent = "newest last";
  if (!waiting.length) return;
  const atEnd = tail.scrollHeight - tail.scrollTop - tail.clientHeight < 40;
  document.getElementById("tail-empty")?.remove();
  if (skipped) tail.append(note(`… ${skipped} skipped`));
  tail.append(...waiting.map(draw));
  waiting = [];
  skipped = 0;
  while (tail.children.length > MOST) tail.firstElementChild.remove();
  if (atEnd) tail.scrollTop = tail.scrollHeight;
}

function draw({ i, t, d, k, a, s, r, n }) {
  const line = document.getElementById("tail-line").content.firstElementChild.cloneNode(true);
  const received = d === "received";
  line.href = `${tail.dataset.href}${i}/`;
  line.dataset.line = i;
  line.dataset.kind = k;
  const time = line.querySelector("time");
  time.dateTime = t;
  time.title = inFull(Date.parse(t));
  time.textContent = `${timeOfDay(Date.parse(t))}${t.slice(19, 23)}`;
  const arrow = line.querySelector(".arrow");
  arrow.dataset.direction = d;
  arrow.firstElementChild.textContent = received ? "→" : "←";
  arrow.lastElementChild.textContent = received ? "from the station" : "to the station";
  const who = line.querySelector(".who");
  if (who) who.textContent = n;
  line.querySelector(".action").textContent = a;
  line.querySelector(".said").textContent = s;
  line.querySelector(".took").textContent = r;
  return line;
}

function note(text) {
  const element = document.createElement("p");
  element.className = "log-note";
  element.textContent = text;
  return element;
}

function hold(by) {
  holders.add(by);
  write();
}

function release(by) {
  holders.delete(by);
  write();
}

if (tail) {
  tail.scrollTop = tail.scrollHeight;
  tail.addEventListener("pointerenter", () => hold("pointer"));
  tail.addEventListener("pointerleave", () => release("pointer"));
  tail.addEventListener("focusin", () => hold("focus"));
  tail.addEventListener("focusout", () => release("focus"));
  onResume(write);
  document.getElementById("tail-newest")?.addEventListener("click", () => {
    holders.clear();
    write();
    tail.scrollTop = tail.scrollHeight;
  });
}
