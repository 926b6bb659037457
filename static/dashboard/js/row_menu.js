// The menu of the row with the focus: where one can go from its station. A row of nothing but buttons gives them the focus.

import { onKey } from "./keys.js";

const menu = document.getElementById("row-menu");

onKey(".", () => {
  const row = document.activeElement?.closest("[data-row]");
  const identity = row?.dataset.station;
  if (!identity || !menu) {
    row?.querySelector("button")?.focus();
    return;
  }
  document.getElementById("row-menu-title").textContent = identity;
  for (const link of menu.querySelectorAll("[data-to]")) link.href = link.dataset.to.replace("IDENTITY", encodeURIComponent(identity));
  menu.showModal();
});
