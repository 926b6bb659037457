// New critical incidents: a toast, and what somebody chose in their profile: a sound, a notice of the desktop, the count in
// the tab's title. Once for all tabs, and once for many at a time: the sound says "look", and words say what at.

import { toast } from "./toasts.js";

const QUIET_MS = 30000;
const TONES = [[880, 0], [660, 0.22]]; // Hz, s
const TONE_S = 0.18;

const chosen = new Set((document.documentElement.dataset.alarms ?? "").split(" "));
const place = `alarms:${document.documentElement.dataset.network}`;
const title = document.title;
const now = { count: "0", ids: "", title: "" };

document.addEventListener("noc:alarm", ({ detail }) => {
  Object.assign(now, detail);
  if (chosen.has("title")) document.title = now.count === "0" ? title : `(${now.count}) ${title}`;
  if (navigator.locks) navigator.locks.request(place, look);
  else look();
});

// One tab after the other: the first that sees a new one tells of it.
function look() {
  const before = JSON.parse(localStorage.getItem(place) ?? "null");
  const ids = now.ids ? now.ids.split(" ") : [];
  const fresh = before ? ids.filter((id) => !before.ids.includes(id)) : [];
  const newAt = fresh.length ? Date.now() : (before?.newAt ?? 0);
  localStorage.setItem(place, JSON.stringify({ ids, newAt }));
  if (fresh.length && Date.now() - before.newAt > QUIET_MS) tell(fresh.length);
}

function tell(number) {
  const text = number === 1 ? `New critical incident: ${now.title}` : `${number} new critical incidents`;
  toast(text);
  if (chosen.has("sound")) play();
  if (chosen.has("desktop") && !document.hasFocus()) notify(text);
}

function notify(text) {
  if (window.Notification?.permission !== "granted") return;
  const notice = new Notification("Emobi", { body: text, tag: place });
  notice.addEventListener("click", () => {
    focus();
    notice.close();
  });
}

// Well under a second. A browser that lets a page make no sound yet mustn't make it later, out of the blue.
async function play() {
  const context = new AudioContext();
  await Promise.race([context.resume(), new Promise((wait) => setTimeout(wait, 300))]);
  if (context.state !== "running") {
    context.close();
    toast("The browser lets this page make no sound until you have clicked in it.");
    return;
  }
  const volume = new GainNode(context, { gain: 0.2 });
  volume.connect(context.destination);
  const tones = TONES.map(([frequency, after]) => {
    const tone = new OscillatorNode(context, { frequency });
    tone.connect(volume);
    tone.start(context.currentTime + after);
    tone.stop(context.currentTime + after + TONE_S);
    return tone;
  });
  tones.at(-1).addEventListener("ended", () => context.close());
  document.dispatchEvent(new CustomEvent("noc:sound"));
}

// ── in the profile ──────────────────────────────────────────────────────────────────────────────────────────

document.querySelector("[data-try-sound]")?.addEventListener("click", play);

const ask = document.querySelector("[data-ask-notices]");

function showPermission() {
  const permission = window.Notification?.permission ?? "missing";
  const words = { granted: "This browser shows them.", denied: "This browser was told not to show them.", missing: "This browser can't show them here." };
  ask.hidden = permission !== "default";
  document.getElementById("notices-state").textContent = words[permission] ?? "";
}

if (ask) {
  ask.addEventListener("click", async () => {
    await Notification.requestPermission();
    showPermission();
  });
  showPermission();
}
