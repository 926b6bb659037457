// A list may have been narrowed since its page was drawn: what is kept is what its address says now.

document.addEventListener("submit", (event) => {
  const query = event.target.querySelector("[data-here]");
  if (!query) return;
  const asked = new URLSearchParams(location.search);
  asked.delete("after");
  query.value = asked.toString();
}, true);
