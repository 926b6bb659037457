// More open incidents than a moment ago: the tab's title counts them; a sound and a notice of the desktop, for who
// wants them in this browser. They never are the only sign: the count in the navigation is.

const place = document.querySelector('#places [data-f="incidents"]');
const network = new URLSearchParams(document.getElementById("live")?.dataset.socket?.split("?")[1]).get("network");
const title = document.title;
const QUIET_MS = 10000;

const kept = (name) => `noc:${name}:${network}`;
const wants = (what) => localStorage.getItem(kept(what)) === "on";

function count() {
  const open = Number(place.textContent.replace(/\D/g, ""));
  document.title = open ? `(${open}) ${title}` : title;
  // All tabs share what was seen: the first one speaks.
  const before = localStorage.getItem(kept("open"));
  localStorage.setItem(kept("open"), open);
  if (before !== null && open > Number(before)) alarm(open, open - Number(before));
}

function alarm(open, more) {
  const at = Number(localStorage.getItem(kept("at")));
  if (Date.now() - at < QUIET_MS) return;
  localStorage.setItem(kept("at"), Date.now());
  if (wants("sound")) beep();
  if (wants("notice") && globalThis.Notification?.permission === "granted") {
    const words = more === 1 ? "A new incident" : `${more} new incidents`;
    const note = new Notification(words, { body: `${open} open in ${network}`, tag: kept("incidents") });
    note.addEventListener("click", () => window.focus());
  }
}

function beep() {
  const context = new AudioContext();
  for (const [start, pitch] of [[0, 880], [0.18, 660]]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.12, context.currentTime + start);
    volume.gain.exponentialRampToValueAtTime(0.001, context.currentTime + start + 0.16);
    tone.connect(volume).connect(context.destination);
    tone.start(context.currentTime + start);
    tone.stop(context.currentTime + start + 0.17);
  }
  setTimeout(() => context.close(), 1000);
}

async function choose(box) {
  const what = box.dataset.alarm;
  if (box.checked && what === "notice" && (await Notification.requestPermission()) !== "granted") box.checked = false;
  localStorage.setItem(kept(what), box.checked ? "on" : "off");
  if (box.checked && what === "sound") beep();
}

function show() {
  const choices = document.getElementById("alarms");
  if (!choices) return;
  choices.hidden = false;
  for (const box of choices.querySelectorAll("[data-alarm]")) {
    box.checked = wants(box.dataset.alarm);
    if (box.dataset.alarm === "notice" && !globalThis.Notification) box.closest("label").hidden = true;
  }
}

if (place) {
  new MutationObserver(count).observe(place, { childList: true, characterData: true, subtree: true });
  // None open is no change of the page; but it is one of what was seen.
  document.addEventListener("noc:heard", () => setTimeout(count, 2000), { once: true });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-alarm]")) choose(event.target);
  });
  show();
}
