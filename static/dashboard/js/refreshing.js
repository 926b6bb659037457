// Parts of a page that fetch themselves every few seconds: not while the page is paused, and nothing that somebody has in
// hand is taken from them.

import { isUnderWay } from "./fragments.js";
import { paused } from "./pausing.js";

const isTimed = (element) => element.getAttribute?.("hx-trigger")?.startsWith("every ") && !isUnderWay(element);

// htmx gives the focus back to what has the same id; a field that is being filled in, or what has none, would lose it.
function isInHand(part) {
  const focused = document.activeElement;
  if (part.contains(focused) && (!focused.id || focused.matches("input, select, textarea"))) return true;
  return part.querySelector(":active, [data-held]") !== null;
}

// What was asked for before somebody took it in hand isn't put there any more.
for (const moment of ["htmx:beforeRequest", "htmx:beforeSwap"]) {
  document.addEventListener(moment, (event) => {
    const { requestConfig, target } = event.detail;
    if (isTimed(requestConfig.elt) && (paused() || isInHand(target))) event.preventDefault();
  });
}

// What was opened by hand holds its part, or, where it has an id, is opened again.
document.addEventListener("click", ({ target }) => {
  const details = target.closest?.("summary")?.parentElement;
  if (details && !details.id) details.toggleAttribute("data-held", !details.open);
});

let open = [];
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  open = [...detail.target.querySelectorAll("details[id][open]")].map((each) => each.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
  open = [];
});
