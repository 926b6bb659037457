// Where Back leads: to the list as it was narrowed before, not through every text that stood there for a moment while
// one typed, nor to the same page again. (Enter in a field is a change and a submission.)

let typed = false; // and nothing else since

document.addEventListener("htmx:beforeHistoryUpdate", ({ detail: { history: update, requestConfig } }) => {
  const typing = requestConfig.triggeringEvent?.type === "input";
  const same = new URL(update.path, location).href === location.href;
  if (same || (typing && typed)) update.type = "replace";
  typed = typing && (typed || !same);
});
