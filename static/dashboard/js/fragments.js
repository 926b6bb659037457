// Parts of a page that are fetched anew, and what is shown when one can't be.

import { isInHand, offerAnew } from "./in_hand.js";
import { cookie, signedOut } from "./signing_in.js";

const FAILURES = {
  403: "You may not do this.",
  404: "It isn't there any more.",
  409: "You chose another network in another tab since. Reload the page.",
  429: "Too many requests.",
  503: "The database can't be reached. Try again in a moment.",
};

const htmx = window.htmx;
const underWay = new WeakSet();
const fetched = new WeakSet();

export const isUnderWay = (element) => underWay.has(element);

// Fetch a part of the page anew, and whether it came. It has the URL of its own in data-fragment.
export async function refetch(element) {
  if (!element || underWay.has(element)) return false;
  underWay.add(element);
  try {
    await htmx.ajax("GET", element.dataset.fragment, { source: element, target: element, swap: "outerHTML" });
    return fetched.has(element);
  } catch {
    // htmx:sendError has told of it.
    return false;
  } finally {
    underWay.delete(element);
  }
}

// The same, but for what somebody has in hand: that is offered, and didn't come.
export async function refetchUnlessInHand(element) {
  if (!isInHand(element)) return refetch(element);
  offerAnew(element, () => refetch(element));
  return false;
}

// All parts. If every one of them came, what the page shows is from now, whatever brought it.
export async function refetchAll() {
  const begun = Date.now();
  const came = await Promise.all([...document.querySelectorAll("[data-fragment]")].map(refetchUnlessInHand));
  if (came.length && came.every(Boolean)) document.dispatchEvent(new CustomEvent("noc:fetched", { detail: begun }));
}

// What somebody asked for is shown, even if the part was fetched anew meanwhile and is another element now; unless
// somebody asked for something else in its place since. What a part asks for by itself goes with it.
const isAsked = ({ elt, target, verb }) => verb === "get" && elt !== target && target.id;
const newest = new Map(); // by the id of its place

document.addEventListener("htmx:beforeRequest", ({ detail: { requestConfig } }) => {
  if (isAsked(requestConfig)) newest.set(requestConfig.target.id, requestConfig);
});

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { requestConfig, target } = event.detail;
  if (isAsked(requestConfig) && newest.get(requestConfig.target.id) !== requestConfig) event.preventDefault();
  else event.detail.target = inPage(target);
});

const inPage = (element) => (element.isConnected ? element : (document.getElementById(element.id) ?? element));

// Of an element that is gone by now its parent tells.
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.successful) fetched.add(detail.requestConfig.elt);
});

// Another tab may have signed in again since this page was made: its token is the one that counts.
document.addEventListener("htmx:configRequest", (event) => {
  delete event.detail.parameters.csrfmiddlewaretoken;
  event.detail.headers["X-CSRFToken"] = cookie("csrftoken") ?? "";
  // And another network: a part of that one has no place on this page (409).
  event.detail.headers["X-Network"] = document.documentElement.dataset.network;
  if (event.detail.verb === "get") dropEmpty(event.detail.parameters);
});

function dropEmpty(parameters) {
  for (const name of Object.keys(parameters)) if (parameters[name] === "") delete parameters[name];
}

document.addEventListener("htmx:responseError", ({ detail }) => {
  if (detail.xhr.status === 401) signedOut();
  else fail(detail, FAILURES[detail.xhr.status] ?? "This part couldn't be loaded.");
});

document.addEventListener("htmx:sendError", ({ detail }) => {
  // What the page fetches by itself it tries again; the badge says that the connection is away.
  if (!("fragment" in (detail.elt.dataset ?? {}))) fail(detail, "Emobi can't be reached.");
});

function fail(detail, what) {
  const { xhr, requestConfig } = detail;
  const target = inPage(detail.target);
  const id = xhr.getResponseHeader?.("X-Request-ID");
  const box = document.getElementById("fetch-error").content.firstElementChild.cloneNode(true);
  box.querySelector("[data-what]").textContent = what;
  box.querySelector("[data-reference]").textContent = id ? `Request ${id}` : "";
  const retry = box.querySelector("[data-retry]");
  if (requestConfig.verb === "get") {
    retry.addEventListener("click", () => {
      box.remove();
      again(detail);
    });
  } else retry.remove();
  target.querySelector(":scope > .fetch-error")?.remove();
  target.prepend(box);
  target.closest("dialog:not([open])")?.showModal();
}

// As it was asked for: by the same element, which adds its own values to the path, and swapped alike.
function again({ target, requestConfig: { elt }, pathInfo, etc }) {
  const swap = etc.swapOverride ?? elt.closest("[hx-swap]")?.getAttribute("hx-swap");
  const [source, path] = elt.isConnected ? [elt, pathInfo.requestPath] : [inPage(target), pathInfo.finalRequestPath];
  htmx.ajax("GET", path, { source, target: inPage(target), swap });
}
