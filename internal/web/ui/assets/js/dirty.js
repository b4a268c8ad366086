// Asks before a form with data-dirty is left with something typed in it.
let armed = false;

/** release lets the page go without a question. */
export function release() {
  armed = false;
}

for (const form of document.querySelectorAll("form[data-dirty]")) {
  form.addEventListener("input", () => (armed = true));
  form.addEventListener("submit", () => (armed = false));
}

addEventListener("beforeunload", (event) => {
  if (armed) event.preventDefault();
});
