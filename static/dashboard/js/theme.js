// Dark, light, or as the system has it. A cookie keeps it for this browser, so that the server draws the page right at
// once; it is kept with the person too, for the browser they use next.

import { keep } from "./preferences.js";

const root = document.documentElement;
const THEMES = ["dark", "light", ""];

function choose(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  document.cookie = `theme=${theme || "system"}; path=/; max-age=31536000; samesite=lax`;
  show();
  keep("theme", theme);
}

export function nextTheme() {
  choose(THEMES[(THEMES.indexOf(root.dataset.theme ?? "") + 1) % THEMES.length]);
}

function show() {
  for (const button of document.querySelectorAll("[data-theme-choice]")) {
    button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (root.dataset.theme ?? "")));
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-theme-choice]");
  if (button) choose(button.dataset.themeChoice);
});

show();
