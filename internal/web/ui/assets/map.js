// The door of the map: puts the button "Show the map" where <div data-map> stands, and opens the map when
// it is pressed. Until then nothing is fetched. README-map.md says what the element holds.
import { openMap } from "./js/map/open.js";

for (const el of document.querySelectorAll("[data-map]")) {
  let words = {};
  try {
    words = JSON.parse(el.dataset.words || "{}");
  } catch {
    // The keys of the words are shown instead.
  }
  const say = (key, n) => (words[key] ?? key).replace("{n}", n ?? "");

  const button = document.createElement("button");
  button.type = "button";
  button.className = "button";
  button.textContent = say("show");
  el.append(button);
  el.classList.add("map-shut");
  el.hidden = false;

  button.addEventListener("click", async () => {
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    button.textContent = say("opening");
    try {
      const map = await openMap(el, say);
      // Who pressed the button goes on in the map, not at the top of the page.
      if (document.activeElement === button) map.getCanvas().focus({ preventScroll: true });
      button.remove();
      // The drawing that the page has in place of a map has done its part.
      for (const drawing of el.parentElement.querySelectorAll(".around")) drawing.hidden = true;
    } catch (error) {
      // WebGL is switched off, the line broke, the browser is too old: the list is beside it.
      console.warn("map:", error);
      const p = document.createElement("p");
      p.setAttribute("role", "status");
      p.textContent = say("failed");
      el.replaceChildren(p);
      el.classList.remove("map-open");
      el.classList.add("map-shut");
    }
  });
}
