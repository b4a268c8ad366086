// Passkeys. A form says what it wants:
//   <form data-passkey="get|create" data-begin="/…/begin" method="post" action="…">
//     <input type="hidden" name="answer"> <button>…</button> <p data-said role="alert"></p>
// Its fields go to data-begin, which answers with options; the device's answer goes into the hidden field, and
// the form is sent as any other. Elements with data-needs-passkey show themselves where passkeys can be used,
// those with data-without-passkey hide.
const can = "PublicKeyCredential" in window && "credentials" in navigator;

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const named = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

// What PublicKeyCredential.parse…OptionsFromJSON and toJSON do, for phones that are some years old.
function read(kind, options) {
  const parse = kind === "create" ? PublicKeyCredential.parseCreationOptionsFromJSON : PublicKeyCredential.parseRequestOptionsFromJSON;
  if (parse) return parse.call(PublicKeyCredential, options);
  const out = { ...options, challenge: bytes(options.challenge) };
  if (options.user) out.user = { ...options.user, id: bytes(options.user.id) };
  if (options.excludeCredentials) out.excludeCredentials = named(options.excludeCredentials);
  if (options.allowCredentials) out.allowCredentials = named(options.allowCredentials);
  return out;
}

function write(credential) {
  if (credential.toJSON) return credential.toJSON();
  const response = {};
  for (const part of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[part]) response[part] = text(credential.response[part]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  const { id, type } = credential;
  return { id, rawId: text(credential.rawId), type, response, clientExtensionResults: credential.getClientExtensionResults() };
}

async function ask(form) {
  const answer = await fetch(form.dataset.begin, { method: "POST", body: new URLSearchParams(new FormData(form)), credentials: "same-origin" });
  const said = await answer.json();
  if (said.goto) return void location.assign(said.goto);
  if (!answer.ok) throw new Error(said.error);
  const kind = form.dataset.passkey;
  const credential = await navigator.credentials[kind]({ publicKey: read(kind, said.options) });
  form.elements.answer.value = JSON.stringify(write(credential));
  form.submit();
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const words = form.querySelector("[data-said]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.submitter ?? form.querySelector("button");
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    words.textContent = "";
    try {
      await ask(form);
    } catch (error) {
      const { cancelled, have, network } = words.dataset;
      if (error instanceof DOMException) words.textContent = error.name === "InvalidStateError" ? have : cancelled;
      else words.textContent = error instanceof TypeError || !error.message ? network : error.message;
      words.focus();
    }
    button.removeAttribute("aria-busy");
  });
}

if (can) {
  for (const one of document.querySelectorAll("[data-needs-passkey]")) one.hidden = false;
  for (const one of document.querySelectorAll("[data-without-passkey]")) one.hidden = true;
}
