// The command palette: Ctrl+K, some letters, Enter. What it finds are links: they can be copied, or opened in a new tab.

const dialog = document.getElementById("palette");
const input = document.getElementById("palette-q");
const form = document.getElementById("palette-form");
const finds = document.getElementById("palette-finds");

const links = () => [...finds.querySelectorAll("a")];

export function openPalette() {
  if (!dialog.open) dialog.showModal();
  input.select();
  input.focus();
  window.htmx.trigger(form, "palette:open");
}

function move(by) {
  const all = [input, ...links()];
  const at = all.indexOf(document.activeElement);
  all[(at + by + all.length) % all.length].focus();
}

if (dialog) document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    openPalette();
  }
});

dialog?.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by) {
    event.preventDefault();
    move(by);
  }
});

// What is found for the next letter takes the place of the link that one has moved to.
let onLink = false;
finds?.addEventListener("htmx:beforeSwap", () => { onLink = finds.contains(document.activeElement); });
finds?.addEventListener("htmx:afterSwap", () => {
  if (onLink && !finds.contains(document.activeElement)) (links()[0] ?? input).focus();
});

// Enter opens the first that fits what is typed: what is shown may still be of an earlier text.
let shown = null;
let opens = false;

function open() {
  opens = shown !== input.value;
  if (!opens) links()[0]?.click();
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  open();
});
for (const moment of ["input", "htmx:responseError", "htmx:sendError"]) {
  form?.addEventListener(moment, () => { opens = false; });
}
dialog?.addEventListener("close", () => { opens = false; });
finds?.addEventListener("htmx:afterSwap", ({ detail }) => {
  shown = detail.requestConfig.parameters.q ?? "";
  if (opens) open();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]")) openPalette();
});
