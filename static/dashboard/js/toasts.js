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
