// "Near me": asks the browser where we are only when the button is pressed, and rounds the answer to two
// decimals (about a kilometre) before it goes anywhere.
// <button type="button" data-near hidden>, inside the finder's form, with a <span data-near-said> beside it.
for (const button of document.querySelectorAll("[data-near]")) {
  const form = button.form ?? button.closest("form");
  if (!form || !navigator.geolocation) continue;
  button.hidden = false;
  const said = form.querySelector("[data-near-said]");
  const say = (words) => {
    if (said) said.textContent = words ?? "";
  };

  button.addEventListener("click", () => {
    button.setAttribute("aria-busy", "true");
    say(button.dataset.looking);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        for (const name of ["q", "place"]) {
          const field = form.elements[name];
          if (field) field.value = "";
        }
        const near = form.elements.near ?? form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name: "near" }));
        near.value = `${coords.latitude.toFixed(2)},${coords.longitude.toFixed(2)}`;
        form.requestSubmit();
      },
      (error) => {
        button.removeAttribute("aria-busy");
        say(error.code === error.PERMISSION_DENIED ? button.dataset.denied : button.dataset.failed);
      },
      { enableHighAccuracy: false, timeout: 10000, maximumAge: 600000 },
    );
  });
}
