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

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  links()[0]?.click();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-palette]")) openPalette();
});
