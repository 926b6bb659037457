// On a phone what needs somebody stands before the figures, for eyes by the style sheet, for keyboard and
// screen reader by where it is in the page.

const overview = document.getElementById("overview");
const narrow = matchMedia("(width <= 640px)");

function arrange() {
  const attention = document.getElementById("attention");
  const rest = overview.querySelector(".overview-grid");
  if (!attention || !rest || attention.contains(document.activeElement)) return;
  if (narrow.matches) overview.prepend(attention);
  else rest.prepend(attention);
}

if (overview) {
  arrange();
  narrow.addEventListener("change", arrange);
}
