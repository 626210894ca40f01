// Steps and a running total for the party; without this file the numbers are typed.
const form = document.querySelector("[data-party]");
if (form) {
  const fields = [...form.querySelectorAll("[data-yen]")];
  const sum = form.querySelector("[data-sum]");
  const size = form.querySelector("[data-party-size]");
  const words = size.textContent;
  const persons = (but) => fields.filter((field) => field !== but && "counts" in field.dataset).reduce((total, field) => total + (Number(field.value) || 0), 0);
  const show = () => {
    size.hidden = !persons();
    size.textContent = words.replace("0", persons());
    const yen = fields.reduce((total, field) => total + (Number(field.value) || 0) * Number(field.dataset.yen), 0);
    sum.textContent = fields.some((field) => Number(field.value) > 0) ? `¥${yen.toLocaleString("en")}` : "";
  };
  for (const button of form.querySelectorAll("[data-step]")) button.hidden = false;
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-step]");
    if (!button) return;
    const field = button.parentElement.querySelector("[data-yen]");
    // A group begins at its size, whoever else is of it: the first tap jumps there, one below it is nobody.
    const least = Math.max(1, Number(field.dataset.least) - persons(field));
    const next = (Number(field.value) || 0) + Number(button.dataset.step);
    field.value = next <= 0 || (next < least && button.dataset.step === "-1") ? "" : Math.min(999, Math.max(least, next));
    show();
  });
  form.addEventListener("input", show);
  show();
}
