// One switch for all motion (WCAG 2.2.2): what comes meanwhile waits.

let stopped = false;
const waiting = new Set();

export const paused = () => stopped;

// Call `then` when the page moves again.
export const onResume = (then) => waiting.add(then);

export function togglePause() {
  stopped = !stopped;
  for (const button of document.querySelectorAll("[data-pause]")) show(button);
  if (!stopped) for (const then of waiting) then();
  document.dispatchEvent(new CustomEvent("noc:pause"));
}

function show(button) {
  button.setAttribute("aria-pressed", String(stopped));
  const word = button.querySelector("span");
  word.dataset.word ??= word.textContent;
  word.textContent = stopped ? word.dataset.word.replace("Pause", "Resume") : word.dataset.word;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-pause]")) togglePause();
});
