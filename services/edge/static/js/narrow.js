// A long list is narrowed by typing: <select data-narrow="Words of the label" data-narrow-none="…">.
// Without a script the list stays as it is. Options are taken out, not hidden: not every phone hides them.
const plain = (text) => text.normalize("NFKC").toLocaleLowerCase().replace(/\s+/gu, "");

const narrow = (select) => {
  const groups = [...select.querySelectorAll("optgroup")].map((group) => ({ group, options: [...group.children] }));
  const label = document.createElement("label");
  const input = document.createElement("input");
  const told = document.createElement("p");
  Object.assign(input, { type: "search", className: "input narrow__input", id: `${select.id}-narrow`, autocomplete: "off" });
  Object.assign(label, { htmlFor: input.id, textContent: select.dataset.narrow, className: "narrow__label" });
  told.className = "field__hint narrow__told";
  told.setAttribute("role", "status");

  const show = () => {
    const wanted = plain(input.value);
    const found = [];
    for (const { group, options } of groups) {
      const fitting = options.filter((option) => plain(`${option.text} ${option.dataset.kana ?? ""}`).includes(wanted));
      found.push(...fitting);
      // What is chosen stays in the list: narrowing takes nothing back.
      const kept = options.filter((option) => option.selected || fitting.includes(option));
      group.replaceChildren(...kept);
      if (kept.length) select.append(group);
      else group.remove();
    }
    if (wanted && found.length === 1) found[0].selected = true;
    if (!wanted) told.textContent = "";
    else if (found.length === 1) told.textContent = found[0].text;
    else told.textContent = found.length ? select.dataset.narrowFound.replace("{n}", found.length) : select.dataset.narrowNone;
  };

  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();  // the form is not sent from here
    select.focus();
  });
  select.before(label, input, told);
};

for (const select of document.querySelectorAll("select[data-narrow]")) narrow(select);
