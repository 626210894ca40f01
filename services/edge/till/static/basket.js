// The basket without waiting for the server: the same fields that the buttons would be answered with.
const MOST_QUANTITY = 999;
const LINE = /^(\d+)\*(\d+)@(\d+) (.*)$/;
const yen = (amount) => `¥${String(amount).replace(/\B(?=(\d{3})+$)/g, ",")}`;

export function makeBasket(form, changed) {
  const list = form.querySelector("[data-basket]");
  const sum = form.querySelector("[data-sum]");
  const empty = form.querySelector("[data-empty]");
  if (!list) return { count() {}, clear() {}, lines: () => 0, sum: () => 0, words: () => [], change: () => false };
  const rows = () => [...list.querySelectorAll("li")];
  const parsed = (row) => row.querySelector("[name=item]").value.match(LINE);

  const write = (row, quantity, unit, rate, name) => {
    if (quantity < 1) {
      row.remove();
      return;
    }
    const field = row.querySelector("[name=item]");
    field.disabled = false;
    field.value = `${Math.min(quantity, MOST_QUANTITY)}*${unit}@${rate} ${name}`;
    row.querySelector("[data-name]").textContent = name;
    row.querySelector("[data-rate]").textContent = rate === "8" ? "8 %" : "";
    row.querySelector("[data-quantity]").textContent = Math.min(quantity, MOST_QUANTITY);
    row.querySelector("[data-price]").textContent = yen(Math.min(quantity, MOST_QUANTITY) * unit);
  };

  const put = (text) => {
    const [, unit, rate, name] = text.match(/^(\d+)@(\d+) (.*)$/);
    const same = rows().find((row) => parsed(row).slice(2).join("|") === [unit, rate, name].join("|"));
    if (same) return write(same, Number(parsed(same)[1]) + 1, unit, rate, name);
    list.append(form.querySelector("[data-line]").content.cloneNode(true));
    return write(rows().at(-1), 1, unit, rate, name);
  };

  const total = () => rows().map(parsed).reduce((all, [, quantity, unit]) => all + quantity * unit, 0);

  return {
    lines: () => rows().length,
    sum: total,
    words: () => rows().map((row) => `${row.querySelector("[data-name]").textContent} × ${row.querySelector("[data-quantity]").textContent}  ${row.querySelector("[data-price]").textContent}`),
    clear: () => list.replaceChildren(),
    count: (typed) => {
      sum.value = yen(total() + typed);
      empty.hidden = rows().length > 0;
    },
    // Returns whether the button was one of the basket's.
    change: (button) => {
      if (!button || !["add", "less", "more", "add_amount"].includes(button.name)) return false;
      if (button.name === "add") put(button.dataset.item);
      else if (button.name === "add_amount") {
        const amount = form.elements.namedItem("amount_yen");
        const digits = amount.value.normalize("NFKC").replace(/,/g, "");
        if (!/^[1-9]\d{0,6}$/.test(digits)) {
          amount.focus();
          return true;
        }
        const rate = form.querySelector("[name=tax_rate_percent]:checked")?.value ?? form.dataset.rate;
        put(`${digits}@${rate} ${form.dataset.free}`);
        amount.value = "";
      } else {
        const row = button.closest("li");
        const [, quantity, unit, rate, name] = parsed(row);
        const next = row.nextElementSibling ?? row.previousElementSibling;
        write(row, Number(quantity) + (button.name === "more" ? 1 : -1), unit, rate, name);
        if (!row.isConnected) (next?.querySelector("button") ?? form.querySelector("[name=add]"))?.focus();
      }
      changed();
      return true;
    },
  };
}
