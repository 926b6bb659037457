// Commands are found while one types; Enter opens the first that fits. Without this the server searches.

document.addEventListener("input", ({ target }) => {
  if (target.matches("[data-finds-commands]")) narrow(target);
});

function narrow(input) {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const form = input.closest("[data-commands]");
  for (const offer of form.querySelectorAll("[data-words]")) {
    offer.hidden = !words.every((word) => offer.dataset.words.toLowerCase().includes(word));
  }
  for (const group of form.querySelectorAll("[data-offers]")) {
    group.hidden = !group.querySelector("[data-words]:not([hidden])");
  }
  form.querySelector("[data-none]").hidden = Boolean(form.querySelector("[data-offers]:not([hidden])"));
}

document.addEventListener("submit", (event) => {
  const first = event.target.closest("[data-commands]")?.querySelector("[data-words]:not([hidden]) a");
  if (!first || !event.target.matches("[role=search]")) return;
  event.preventDefault();
  first.click();
});
