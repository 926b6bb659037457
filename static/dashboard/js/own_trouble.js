// What of Emobi itself is away, in a banner above the page: told by the live socket, and gone by itself.

import { announce, summarise } from "./toasts.js";
import { timeOfDay, zoneName } from "./time.js";

const banner = document.getElementById("own-trouble");

function line({ part, what, stale, since }) {
  const item = document.getElementById("own-trouble-line").content.firstElementChild.cloneNode(true);
  item.dataset.part = part;
  item.querySelector("strong").textContent = what;
  item.querySelector(".own-stale").textContent = stale;
  if (since) {
    const time = item.querySelector("time");
    time.setAttribute("datetime", since);
    time.textContent = `${timeOfDay(Date.parse(since))} ${zoneName()}`;
  } else item.querySelector(".own-since").remove();
  return item;
}

// What is away now; each is said once, when it is new.
export function tellTroubles(troubles) {
  const known = new Set([...banner.querySelectorAll("[data-part]")].map((item) => item.dataset.part));
  banner.querySelector("ul").replaceChildren(...troubles.map(line));
  banner.hidden = !troubles.length;
  const fresh = troubles.filter(({ part }) => !known.has(part));
  if (fresh.length) announce(fresh.map(({ what, stale }) => `${what}. ${stale}`).join(" "));
  else if (known.size && !troubles.length) summarise("All parts of Emobi are there again.");
}
