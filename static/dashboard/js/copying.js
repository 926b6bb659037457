// Copy buttons: data-copy has the text (data-copy-path another one, with Shift), data-copies names the element that has it, data-copy-link is the page's address.

import { toast } from "./toasts.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copies], [data-copy-link]");
  if (!button) return;
  const { copy, copies, copyPath } = button.dataset;
  const text = event.shiftKey && copyPath ? copyPath : copy ?? (copies ? document.getElementById(copies).textContent : location.href);
  toast((await copied(text)) ? "Copied" : "The browser doesn't let us copy. Select the text instead.");
});

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without https there is no clipboard but this one.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
