// What somebody has in hand: a part with a menu that is open, or with fields that say other than what was drawn. It isn't
// drawn anew under them; that it has changed is offered.

// Ticks that outlive the list which is drawn anew (`stations.js`, `incidents.js`).
const OUTLIVES = "[data-pick], [data-pick-page], #incident-acts [name=id]";

const button = document.getElementById("changed");
const waiting = new Map(); // part → what draws it anew

export function isInHand(part) {
  const focused = document.activeElement;
  if (part.querySelector(":popover-open")) return true;
  if (part.contains(focused) && isTyped(focused)) return true;
  return [...part.querySelectorAll(`:is(input, select, textarea):not(${OUTLIVES})`)].some(isOtherThanDrawn);
}

export const isTyped = (element) => element.matches("input:not([type=checkbox]), select, textarea");

function isOtherThanDrawn(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName !== "SELECT") return field.value !== field.defaultValue;
  const options = [...field.options];
  // Where none was drawn as chosen a browser takes the first.
  if (!field.multiple && !options.some((option) => option.defaultSelected)) return field.selectedIndex > 0;
  return options.some((option) => option.selected !== option.defaultSelected);
}

// It has changed, and whoever has it in hand decides when it is drawn anew, by `draw`.
export function offerAnew(part, draw) {
  waiting.set(part, draw);
  button.hidden = false;
}

button.addEventListener("click", () => {
  for (const draw of waiting.values()) draw();
});

// What was drawn anew, by whatever, is offered no more.
document.addEventListener("htmx:afterSettle", () => {
  for (const part of waiting.keys()) if (!part.isConnected) waiting.delete(part);
  button.hidden = !waiting.size;
});
