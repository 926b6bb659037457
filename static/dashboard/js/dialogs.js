// Dialogs: forms that htmx fetches, and those that stand in the page. The browser keeps focus inside, and gives it back.

import { toast } from "./toasts.js";
import { refetch } from "./fragments.js";

const dialog = document.getElementById("dialog");

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens).showModal();
  const closer = event.target.closest("dialog [data-closes]");
  if (closer) {
    event.preventDefault();
    closer.closest("dialog").close();
  }
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target) || event.target.closest("button[type=button]")) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (!dialog.contains(event.target)) return;
  const form = dialog.querySelector("form");
  document.getElementById("dialog-title").textContent = form.dataset.title;
  if (!dialog.open) dialog.showModal();
  const first =
    form.querySelector("[aria-invalid=true], [data-focus] :is(input:not([type=hidden]), select, textarea)") ?? form.querySelector("input:not([type=hidden]), select, textarea");
  first?.focus();
});

// The server has queued a command that was sent from the dialog.
document.addEventListener("commandqueued", () => {
  dialog.close();
  toast("Queued. Its life is under Newest commands.");
  refetch(document.getElementById("lives"));
});
