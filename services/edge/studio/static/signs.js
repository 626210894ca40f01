// Ticking a stop means "those ticked below"; a sheet takes a moment, and a second tap prints nothing more.
const form = document.querySelector(".studio-signs");

if (form) {
  form.addEventListener("change", (event) => {
    if (event.target.name === "stop") form.querySelector("[name=which][value=chosen]").checked = true;
  });
  form.addEventListener("submit", () => { form.setAttribute("aria-busy", "true"); });
  window.addEventListener("pageshow", () => { form.removeAttribute("aria-busy"); });
}
