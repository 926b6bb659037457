// The list of incidents: what is done with its rows, and which of them are ticked.

const main = document.getElementById("main");

// ── acts: one after the other, and the answer has the rows of its act alone ─────────────────────────────────

const underWay = new Set();
let before = Promise.resolve();

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  // Its id is hidden by the field of that name.
  if (!form.matches("#incident-acts")) return;
  event.preventDefault();
  const said = new FormData(form, submitter);
  const row = submitter.closest("[data-row]");
  // What is ticked is none of the business of a row's own button.
  if (row) said.delete("id");
  const name = new URLSearchParams(said).toString();
  if (underWay.has(name)) return;
  underWay.add(name);
  before = before.then(() => act(form.getAttribute("action"), said)).then(() => {
    underWay.delete(name);
    stayAt(row);
  });
});

let sent = null;

async function act(path, values) {
  sent = values;
  const target = document.getElementById("incidents-told") ?? main;
  // The source stays in the page: what is asked for by an element that is gone htmx forgets.
  await window.htmx.ajax("POST", path, { source: main, target, swap: "none", values }).catch(() => {
    // htmx:sendError has told of it.
  });
}

// The button that had the focus is another one now: the next key is for the same row.
function stayAt(row) {
  const now = row && document.getElementById(row.id);
  if (now && document.activeElement === document.body) now.querySelector("[data-open]").focus({ preventScroll: true });
}

// ── ticks: they outlive a list that is drawn anew, until something was done with them ───────────────────────

const ticked = new Set();
const ticks = () => [...document.querySelectorAll("#incident-acts [name=id]")];

document.addEventListener("change", ({ target }) => {
  if (!target.matches("#incident-acts [name=id]")) return;
  if (target.checked) ticked.add(target.value);
  else ticked.delete(target.value);
});

main.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.requestConfig.elt !== main || !detail.successful) return;
  for (const id of sent.getAll("id")) ticked.delete(id);
});

document.addEventListener("htmx:afterSettle", () => {
  const kept = ticks().filter((box) => ticked.has(box.value) && !box.disabled);
  for (const box of ticks()) box.checked = kept.includes(box);
  ticked.clear();
  for (const box of kept) ticked.add(box.value);
});
