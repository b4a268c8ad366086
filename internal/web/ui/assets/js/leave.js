// Leave quickly: replaces this page by a neutral one, on a press of the button or three quick Esc.
import { release } from "./dirty.js";

const link = document.querySelector("[data-leave]");

function leave() {
  release(); // no question stands in the way
  document.title = "\u200b";
  document.documentElement.hidden = true; // at once, whatever the network does
  location.replace(link.href);
}

let presses = [];

if (link) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    leave();
  });
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.repeat) return;
    presses = presses.filter((at) => event.timeStamp - at < 1500).concat(event.timeStamp);
    if (presses.length >= 3) leave();
  });
  // A page that the browser kept while it was left must not stay blank when somebody comes back to it.
  addEventListener("pageshow", (event) => {
    if (event.persisted) document.documentElement.hidden = false;
  });
}
