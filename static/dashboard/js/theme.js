// Dark, light, or as the system has it. A cookie keeps it, so that the server draws the page right at once.

const root = document.documentElement;
const THEMES = ["dark", "light", ""];

function choose(theme) {
  if (theme) root.dataset.theme = theme;
  else delete root.dataset.theme;
  document.cookie = `theme=${theme}; path=/; max-age=${theme ? 31536000 : 0}; samesite=lax`;
  show();
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
