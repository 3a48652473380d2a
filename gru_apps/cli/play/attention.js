// The characters that the word under the pointer, or in focus, looked at turn dark.
function mark(target) {
  const box = element.querySelector(".attention");
  if (!box) return;
  const weights = JSON.parse(box.dataset.weights);
  const place = [...box.querySelectorAll(".target")].indexOf(target);
  box.querySelectorAll(".source").forEach((source, i) => {
    const weight = place < 0 ? 0 : weights[place][i];
    // black letters on light greys, white ones on dark greys, and none between
    const level = Math.round(weight < 0.3 ? 255 - 300 * weight : 90 - 90 * weight);
    source.style.background = weight ? `rgb(${level},${level},${level})` : "";
    source.classList.toggle("dark", weight >= 0.3);
  });
}
for (const kind of ["pointerover", "focusin", "pointerout", "focusout"]) {
  element.addEventListener(kind, (event) => {
    const target = event.target.closest(".target");
    mark(kind === "pointerover" || kind === "focusin" ? target : null);
  });
}
