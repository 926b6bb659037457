// The volume of the log narrows its time: drawn across, or a click at one bar. The fields From and To do the same.

const LEAST_PX = 6;
let drawn = null;

function at(body, event) {
  const box = body.getBoundingClientRect();
  return Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
}

function start(event) {
  const area = event.target.closest?.("[data-brush]");
  const body = event.target.closest?.(".plot-body")?.querySelector("svg");
  if (!area || !body || event.button !== 0) return;
  const band = document.createElement("span");
  band.className = "brush-band";
  body.parentElement.append(band);
  drawn = { area, body, band, from: at(body, event), x: event.clientX };
  event.preventDefault();
  move(event);
}

function move(event) {
  if (!drawn) return;
  const to = at(drawn.body, event);
  const inset = drawn.body.getBoundingClientRect().left - drawn.body.parentElement.getBoundingClientRect().left;
  const { width } = drawn.body.getBoundingClientRect();
  drawn.band.style.left = `${inset + Math.min(drawn.from, to) * width}px`;
  drawn.band.style.width = `${Math.abs(to - drawn.from) * width}px`;
}

function end(event) {
  if (!drawn) return;
  const { area, body, band, from, x } = drawn;
  drawn = null;
  band.remove();
  const since = Date.parse(area.dataset.since);
  const length = Date.parse(area.dataset.until) - since;
  let [low, high] = [from, at(body, event)].sort((one, other) => one - other);
  if (Math.abs(event.clientX - x) < LEAST_PX) {
    // A click: the sixtieth part below it, as one bar is.
    low = Math.floor(low * 60) / 60;
    high = low + 1 / 60;
  }
  // Whole seconds, and nothing of what was drawn over is left out.
  const time = (share, round) => new Date(round((since + share * length) / 1000) * 1000).toISOString().slice(0, 19) + "Z";
  const written = `${area.dataset.rest} from:${time(low, Math.floor)} to:${time(high, Math.ceil)}`.trim();
  location.assign(`${area.dataset.brush}?${new URLSearchParams({ q: written })}`);
}

function giveUp(event) {
  if (!drawn || (event.type === "keydown" && event.key !== "Escape")) return;
  drawn.band.remove();
  drawn = null;
}

document.addEventListener("pointerdown", start);
document.addEventListener("pointermove", move);
document.addEventListener("pointerup", end);
document.addEventListener("pointercancel", giveUp);
document.addEventListener("keydown", giveUp);
