// What somebody chose about how the dashboard looks: kept with them on the server, so that any browser shows it.

import { cookie } from "./signing_in.js";

const root = document.documentElement;

// Keep one value. The page shows it already; if it can't be kept it holds for this page.
export function keep(name, value) {
  if (!root.dataset.keep) return;
  fetch(root.dataset.keep, {
    method: "POST",
    keepalive: true,
    headers: { "X-CSRFToken": cookie("csrftoken") ?? "" },
    body: new URLSearchParams({ [name]: value }),
  }).catch(() => {});
}

export function nextDensity() {
  const compact = root.dataset.density !== "compact";
  if (compact) root.dataset.density = "compact";
  else delete root.dataset.density;
  keep("density", compact ? "compact" : "");
}
