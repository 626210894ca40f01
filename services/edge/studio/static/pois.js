// The page of a POI works without: it is one plain form. Here: where to look, and what is not kept.
import { guard } from "../js/unsaved.js";

const form = document.querySelector(".poi-form");

if (form) {
  guard(form);
  // Enter in a field of one line keeps nothing and sends nothing.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=checkbox], [type=radio])")) event.preventDefault();
  });
  const wanted = form.dataset.focus && document.getElementById(form.dataset.focus);
  if (wanted) {
    wanted.scrollIntoView({ block: "start" });
    wanted.focus({ preventScroll: true });
  }
}
