// A field to sign in with a finger. Without it the name is typed, which is a signature too. What is drawn is
// kept as strokes of whole numbers, "M x y L x y …", in a hidden input.
for (const field of document.querySelectorAll("[data-sign]")) {
  const canvas = field.querySelector("canvas");
  const kept = field.querySelector("input");
  const pen = canvas.getContext("2d");
  field.hidden = false;
  pen.lineWidth = 3;
  pen.lineCap = "round";
  pen.strokeStyle = getComputedStyle(field).color;
  let last = null;

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = (value, from, size, width) => Math.max(0, Math.min(width, Math.round(((value - from) / size) * width)));
    return [scale(event.clientX, box.left, box.width, 600), scale(event.clientY, box.top, box.height, 200)];
  };

  canvas.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    kept.value += `${kept.value ? " " : ""}M ${last[0]} ${last[1]}`;
  });

  canvas.addEventListener("pointermove", (event) => {
    if (!last || kept.value.length > 19000) return;
    const next = at(event);
    if (next[0] === last[0] && next[1] === last[1]) return;
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    kept.value += ` L ${next[0]} ${next[1]}`;
    last = next;
  });

  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (last = null));

  field.querySelector("[data-sign-again]").addEventListener("click", () => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    kept.value = "";
  });
}
