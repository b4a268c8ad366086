// Asks before a form with data-keep is left with something typed in it, so that nothing that took effort
// is lost by a slip of the thumb.
let armed = false;

/** release lets the page go without a question. */
export function release() {
  armed = false;
}

for (const form of document.querySelectorAll("form[data-keep]")) {
  form.addEventListener("input", () => (armed = true));
  form.addEventListener("submit", () => (armed = false));
}

addEventListener("beforeunload", (event) => {
  if (armed) event.preventDefault();
});
