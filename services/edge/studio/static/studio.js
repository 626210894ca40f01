// Counts letters beside each text, takes over what was translated before, and warns before unsaved
// words are lost. The page works without.
import { guard } from "../js/unsaved.js";

const form = document.querySelector(".studio-form");

if (form) {
  guard(form);

  // A Japanese, Chinese or Korean letter says about as much as two and a half Latin ones.
  const weigh = (text) => [...text.trim()].reduce((sum, letter) => sum + (letter > "\u2e80" ? 2.5 : 1), 0);

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
      const said = wanted ? form.dataset.lettersBeside : form.dataset.letters;
      count.textContent = said.replace("{letters}", letters).replace("{source}", wanted);
      // A text twice as long as its source reads differently from it.
      const long = source && weigh(area.value) > 2 * weigh(source.textContent) + 40;
      count.toggleAttribute("data-long", Boolean(long));
    };
    area.addEventListener("input", show);
    show();
  }

  for (const button of form.querySelectorAll("[data-take]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const area = document.getElementById(button.dataset.into);
      area.focus();
      area.select();
      const words = document.getElementById(button.dataset.take).textContent;
      // Typed rather than set: the browser's own undo brings back what stood there.
      if (!document.execCommand("insertText", false, words)) {
        area.value = words;
        area.dispatchEvent(new Event("input", { bubbles: true }));
      }
    });
  }
}
