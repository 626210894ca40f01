// Steps and a running total for the party; without this file the numbers are typed.
const form = document.querySelector("[data-party]");
if (form) {
  const fields = [...form.querySelectorAll("[data-yen]")];
  const sum = form.querySelector("[data-sum]");
  const show = () => {
    const yen = fields.reduce((total, field) => total + (Number(field.value) || 0) * Number(field.dataset.yen), 0);
    sum.textContent = fields.some((field) => Number(field.value) > 0) ? `¥${yen.toLocaleString("en")}` : "";
  };
  for (const button of form.querySelectorAll("[data-step]")) button.hidden = false;
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const field = button.parentElement.querySelector("[data-yen]");
    const least = Number(field.dataset.least);
    const next = (Number(field.value) || 0) + Number(button.dataset.step);
    // A group begins at its size: the first tap jumps there, one below it is nobody.
    field.value = next <= 0 || (next < least && button.dataset.step === "-1") ? "" : Math.min(999, Math.max(least, next));
    show();
  });
  form.addEventListener("input", show);
  show();
}
