// A button that prints the page; what isn't for paper is left out by the style sheets.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
