// A session that has ended: one signs in again in a dialog over the page, and nothing on it is lost.

import { toast } from "./toasts.js";

const dialog = document.getElementById("signed-out");
const form = document.getElementById("again");
const refusal = document.getElementById("again-refusal");
const channel = new BroadcastChannel("signed-in");

export const cookie = (name) =>
  document.cookie.split("; ").find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);

export function signedOut() {
  if (!dialog.open) dialog.showModal();
}

const codeStep = () => !form.querySelector("[data-step=code]").hidden;

function step(name) {
  for (const part of form.querySelectorAll("[data-step]")) {
    part.hidden = part.dataset.step !== name;
    for (const input of part.querySelectorAll("input")) input.disabled = part.hidden;
  }
  form.querySelector("[data-step]:not([hidden]) input:placeholder-shown, [data-step]:not([hidden]) input").focus();
}

function refuse(text) {
  refusal.textContent = text;
  refusal.hidden = !text;
}

async function send() {
  // The sign-in page gives a browser that has lost it a token for forms.
  if (!cookie("csrftoken")) await fetch(form.action);
  const answer = await fetch(codeStep() ? form.dataset.code : form.action, {
    method: "POST",
    headers: { Accept: "application/json", "X-CSRFToken": cookie("csrftoken") ?? "" },
    body: new URLSearchParams(new FormData(form)),
  });
  const { pathname } = new URL(answer.url);
  if (answer.ok && pathname === form.dataset.done) return over((await answer.json()).user);
  if (pathname === form.dataset.code) {
    refuse(codeStep() ? "That code isn't right, or is over." : "");
    return step("code");
  }
  const said = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
  return refuse(said.refusal ?? "It didn't work. Try again, or sign in in a window of its own.");
}

// Somebody else sees other things: the page is made anew.
function over(user) {
  if (user !== undefined && user !== form.dataset.user) {
    location.reload();
    return;
  }
  if (user !== undefined) channel.postMessage("again");
  if (!dialog.open) return;
  form.reset();
  step("password");
  dialog.close();
  toast("You are signed in again. What you did last wasn't done: press once more.");
  document.dispatchEvent(new CustomEvent("noc:signed-in"));
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  refuse("");
  const button = form.querySelector("button.main");
  button.disabled = true;
  try {
    await send();
  } catch {
    refuse("Emobi can't be reached.");
  } finally {
    button.disabled = false;
  }
});

// Another window has signed in; who it was the next request finds out.
channel.addEventListener("message", async () => {
  if (!form || !dialog.open) return;
  const answer = await fetch(form.querySelector("[name=next]").value, { headers: { Accept: "application/json" } });
  if (answer.ok) over((await answer.json()).user);
});

// Whoever signed in again since this page was made has another token: the cookie's is the one that counts.
document.addEventListener("submit", ({ target }) => {
  const token = cookie("csrftoken");
  const field = target.querySelector("input[name=csrfmiddlewaretoken]");
  if (token && field) field.value = token;
}, true);
