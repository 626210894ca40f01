// Counts letters beside each text and warns before unsaved words are lost. The page works without.
const form = document.querySelector(".studio-form");

if (form) {
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });

  for (const pair of form.querySelectorAll(".studio-pair")) {
    const area = pair.querySelector("textarea");
    if (!area) continue;
    const source = pair.querySelector("[data-count]");
    const count = document.createElement("p");
    count.className = "studio-count";
    area.after(count);
    const show = () => {
      const letters = [...area.value.trim()].length;
      const wanted = source ? [...source.textContent.trim()].length : 0;
      count.textContent = wanted ? `${letters} / ${wanted}` : `${letters}`;
      // A text four times as long as its source reads differently from it.
      count.toggleAttribute("data-long", wanted > 0 && letters > wanted * 4);
    };
    area.addEventListener("input", show);
    show();
  }
}
