// The list of stations: rows that are selected, a preview beside it, columns, density.

import { nextDensity } from "./preferences.js";
import { onKey } from "./keys.js";

const htmx = window.htmx;
const list = () => document.getElementById("stations");

// ── selection: it outlives a list that is drawn anew, and goes along to other pages of it in this tab ─────────

const KEPT = `selected:${document.documentElement.dataset.network}`;
const selected = new Set(JSON.parse(sessionStorage.getItem(KEPT) ?? "[]"));
let last = null;

const picks = () => [...document.querySelectorAll("[data-pick]")];

function pick(box, on) {
  box.checked = on;
  if (on) selected.add(box.value);
  else selected.delete(box.value);
  keep();
}

function keep() {
  if (selected.size) sessionStorage.setItem(KEPT, JSON.stringify([...selected]));
  else sessionStorage.removeItem(KEPT);
}

function selectNone() {
  selected.clear();
  keep();
}

function showSelection() {
  const boxes = picks();
  for (const box of boxes) box.checked = selected.has(box.value);
  const bar = document.getElementById("selection");
  if (!bar) return;
  const here = boxes.filter((box) => box.checked).length;
  const elsewhere = selected.size - here;
  bar.hidden = selected.size === 0;
  bar.querySelector("[data-selected]").textContent = String(selected.size);
  bar.querySelector("[data-off-page]").textContent = elsewhere ? `, ${elsewhere} not on this page` : "";
  for (const act of document.querySelectorAll("[data-bulk], [data-pick-none]")) act.hidden = selected.size === 0;
  const page = document.querySelector("[data-pick-page]");
  if (!page) return;
  page.checked = here > 0 && here === boxes.length;
  page.indeterminate = here > 0 && here < boxes.length;
}

function range(to) {
  const boxes = picks();
  const [from, until] = [boxes.findIndex((box) => box.value === last), boxes.indexOf(to)];
  const [first, end] = from < 0 ? [until, until] : [Math.min(from, until), Math.max(from, until)];
  boxes.slice(first, end + 1).forEach((box) => pick(box, true));
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-pick]");
  if (box) {
    if (event.shiftKey) range(box);
    pick(box, box.checked);
    last = box.value;
    showSelection();
  }
  if (event.target.matches("[data-pick-page]")) {
    picks().forEach((each) => pick(each, event.target.checked));
    showSelection();
  }
  if (event.target.closest("[data-pick-none]")) {
    selectNone();
    showSelection();
  }
});

const currentRow = () => document.activeElement?.closest("[data-row]");

onKey("x", () => {
  const box = currentRow()?.querySelector("[data-pick]");
  if (!box) return;
  pick(box, !box.checked);
  last = box.value;
  showSelection();
});
onKey("X", () => {
  const box = currentRow()?.querySelector("[data-pick]");
  if (!box) return;
  range(box);
  showSelection();
});

// What is selected on other pages goes along; what something is done with is selected no longer.
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-ends-selection]")) selectNone();
  if (event.target.id !== "selected") return;
  const here = new Set(picks().map((box) => box.value));
  event.target.querySelectorAll("[data-elsewhere]").forEach((input) => input.remove());
  for (const identity of selected) {
    if (here.has(identity)) continue;
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name: "station", value: identity });
    input.dataset.elsewhere = "";
    event.target.append(input);
  }
});

// ── the preview ──────────────────────────────────────────────────────────────────────────────────────────────

let opener = null;

async function preview(row) {
  const drawer = document.getElementById("preview");
  if (!row || !drawer) return;
  opener = row.querySelector("[data-open]");
  drawer.hidden = false;
  document.getElementById("beside").dataset.preview = "";
  for (const each of document.querySelectorAll("[data-row].current")) each.classList.remove("current");
  row.classList.add("current");
  await htmx.ajax("GET", row.dataset.preview, { source: drawer, target: drawer, swap: "innerHTML" });
}

function closePreview() {
  const drawer = document.getElementById("preview");
  if (!drawer || drawer.hidden) return;
  drawer.hidden = true;
  drawer.replaceChildren();
  delete document.getElementById("beside").dataset.preview;
  document.querySelector("[data-row].current")?.classList.remove("current");
  if (opener?.isConnected) opener.focus();
}

onKey("o", () => preview(currentRow() ?? document.querySelector("[data-row][data-preview]")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) closePreview();
});
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-preview-close]")) closePreview();
});

// ── narrowing, columns and density ───────────────────────────────────────────────────────────────────────────

// The list may have been narrowed since the page was drawn: what narrows it further goes by its address, as it is now.
document.addEventListener("htmx:configRequest", (event) => {
  const { elt, path } = event.detail;
  if (!elt.matches("#facets, [data-opens=columns]")) return;
  if (elt.closest("details")?.open === false) {
    event.preventDefault();
    return;
  }
  const asked = new URLSearchParams(location.search);
  asked.delete("after");
  event.detail.path = `${path.split("?")[0]}?${asked}`;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  const item = button.closest("li");
  if (button.dataset.move === "-1") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  button.focus();
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "columns-form") return;
  const boxes = [...event.target.querySelectorAll("[data-columns] input:checked")];
  event.target.querySelector("[data-columns-value]").value = boxes.map((box) => box.value).join(",");
});

function density(compact) {
  document.documentElement.toggleAttribute("data-compact", compact);
  for (const button of document.querySelectorAll("[data-density-toggle]")) button.setAttribute("aria-pressed", String(compact));
}

function toggleDensity() {
  nextDensity();
  density(document.documentElement.dataset.density === "compact");
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-density-toggle]")) toggleDensity();
});
onKey("d", toggleDensity);
density(document.documentElement.dataset.density === "compact");

document.addEventListener("htmx:afterSettle", () => {
  if (list()) showSelection();
});
showSelection();
