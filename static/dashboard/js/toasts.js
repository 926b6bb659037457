// Short notes at the edge of the page, and words for those who don't see them.

const SHOWN_MS = 5000;

export function toast(text) {
  const note = document.getElementById("toast").content.firstElementChild.cloneNode(true);
  note.textContent = text;
  document.getElementById("toasts").append(note);
  setTimeout(() => note.remove(), SHOWN_MS);
}

export function announce(text) {
  document.getElementById("announce").textContent = text;
}

// What happens to others is told now and then only, all of it together.
const EVERY_MS = 10000;
let waiting = [];
let saidAt = -Infinity;
let due = null;

export function summarise(text) {
  waiting.push(text);
  due ??= setTimeout(say, Math.max(0, saidAt + EVERY_MS - performance.now()));
}

function say() {
  announce([...new Set(waiting)].join(". "));
  waiting = [];
  due = null;
  saidAt = performance.now();
}
