// Buttons that only make sense with a script: sharing an address, copying it, printing.
// <button data-share="https://…" data-said="Copied" hidden>, <button data-print hidden>
const said = document.querySelector(".flash-region");

function say(words) {
  if (!said || !words) return;
  const p = document.createElement("p");
  p.className = "flash";
  p.textContent = words;
  said.replaceChildren(p);
}

// The answer stands on the button too: on a telephone the region above is out of sight.
function answer(button) {
  say(button.dataset.said);
  if (button.dataset.said) button.lastChild.textContent = ` ${button.dataset.said}`;
}

for (const button of document.querySelectorAll("[data-share]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const url = new URL(button.dataset.share || location.pathname, location.href).href;
    if (navigator.share) {
      try {
        await navigator.share({ url });
        return;
      } catch (error) {
        if (error.name === "AbortError") return;
      }
    }
    try {
      await navigator.clipboard.writeText(url);
      answer(button);
    } catch {
      prompt("", url);
    }
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
