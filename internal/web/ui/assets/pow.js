// The proof of work of the visit report. A form with data-challenge and data-bits gets two hidden fields:
// challenge, and a nonce such that SHA-256(challenge + ":" + nonce) begins with that many zero bits. The
// work begins with the first touch of the form and is done in small pieces, so that a phone stays quick.
// Without it the report still goes; an editor looks at it first.
import { leadingZeros, sha256 } from "./js/sha256.js";

const patience = 20000; // milliseconds after which a report goes without proof

async function solve(challenge, bits) {
  const encoder = new TextEncoder();
  for (let nonce = 0; ; ) {
    const until = performance.now() + 12;
    while (performance.now() < until) {
      for (let i = 0; i < 64; i++, nonce++) {
        if (leadingZeros(sha256(encoder.encode(challenge + ":" + nonce))) >= bits) return String(nonce);
      }
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function hidden(form, name, value) {
  const field = form.elements[name] ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
  field.value = value;
}

for (const form of document.querySelectorAll("form[data-challenge]")) {
  for (const words of form.querySelectorAll("[data-plain]")) words.hidden = true; // only true without a script
  const { challenge, bits } = form.dataset;
  let work;
  let ready = false;
  const begin = () =>
    (work ??= solve(challenge, Number(bits)).then((nonce) => {
      hidden(form, "challenge", challenge);
      hidden(form, "nonce", nonce);
      ready = true;
    }));

  form.addEventListener("focusin", begin, { once: true });
  form.addEventListener("input", begin, { once: true });
  form.addEventListener("submit", async (event) => {
    if (ready) return;
    event.preventDefault();
    const button = event.submitter;
    button?.setAttribute("aria-busy", "true");
    await Promise.race([begin(), new Promise((resolve) => setTimeout(resolve, patience))]);
    ready = true;
    form.requestSubmit(button);
  });
}
