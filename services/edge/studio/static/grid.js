// The grid of times by keys and from a spreadsheet. The page works without: it is one plain form.
const form = document.querySelector(".tt-form");

if (form) {
  const status = form.querySelector(".tt-status");
  const unkept = form.querySelector(".tt-unkept");
  for (const hint of form.querySelectorAll(".tt-scripted")) hint.hidden = false;

  let dirty = "unkept" in form.dataset;
  form.addEventListener("input", () => {
    dirty = true;
    if (unkept) unkept.hidden = false;
  });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });

  const runs = () => [...form.querySelectorAll(".tt-run")].map((run) => [...run.querySelectorAll(".tt-time")]);
  const where = (input) => {
    const all = runs();
    const column = all.findIndex((times) => times.includes(input));
    return { all, column, row: all[column].indexOf(input) };
  };
  const go = (input) => {
    if (!input) return false;
    input.focus();
    input.select();
    return true;
  };

  // 837 becomes 8:37; what is no time stays as it was typed, for the server to say so.
  const tidy = (input) => {
    const found = /^(\d{1,2})[:.：時]?(\d{2})分?$/u.exec(input.value.normalize("NFKC").trim());
    if (found && Number(found[2]) < 60 && Number(found[1]) < 48) input.value = `${Number(found[1])}:${found[2]}`;
  };

  const atEdge = (input, key) => {
    if (input.selectionStart !== input.selectionEnd) return true;  // all of it is selected
    return key === "ArrowLeft" ? input.selectionStart === 0 : input.selectionEnd === input.value.length;
  };

  form.addEventListener("keydown", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || event.isComposing) return;
    if (!input.classList.contains("tt-time")) {
      // Enter in any other field of one line keeps nothing and sends nothing.
      if (event.key === "Enter" && input.type !== "checkbox") event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { all, column, row } = where(input);
    const steps = {
      Enter: () => (event.shiftKey ? all[column][row - 1] : all[column][row + 1] ?? all[column + 1]?.[0]),
      ArrowDown: () => all[column][row + 1],
      ArrowUp: () => all[column][row - 1],
      ArrowRight: () => atEdge(input, event.key) && all[column + 1]?.[row],
      ArrowLeft: () => atEdge(input, event.key) && all[column - 1]?.[row],
    };
    const step = steps[event.key];
    if (!step) return;
    if (go(step()) || event.key === "Enter") event.preventDefault();
  });

  form.addEventListener("focusout", (event) => {
    if (event.target.classList?.contains("tt-time")) tidy(event.target);
  });

  form.addEventListener("paste", (event) => {
    const input = event.target;
    if (!input.classList?.contains("tt-time")) return;
    const text = event.clipboardData.getData("text/plain").replace(/\r\n?/gu, "\n").replace(/\n$/u, "");
    if (!/[\t\n]/u.test(text)) return;  // one time is pasted as ever
    event.preventDefault();
    const { all, column, row } = where(input);
    let filled = 0;
    let over = 0;
    text.split("\n").forEach((line, down) => line.split("\t").forEach((typed, right) => {
      const cell = all[column + right]?.[row + down];
      if (!all[column + right]) over = Math.max(over, right + 1 - (all.length - column));
      if (!cell) return;
      cell.value = typed.trim();
      tidy(cell);
      filled += 1;
    }));
    dirty = true;
    if (unkept) unkept.hidden = false;
    const said = [form.dataset.filled.replace("{n}", filled)];
    if (over) said.push(form.dataset.leftOver.replace("{n}", over));
    status.textContent = said.join(" ");
  });

  const wanted = form.dataset.focus && document.getElementById(form.dataset.focus);
  if (wanted) {
    const first = wanted.classList.contains("tt-run") ? wanted.querySelector(".tt-time") ?? wanted : wanted;
    first.scrollIntoView({ block: "center", inline: "center" });
    first.focus({ preventScroll: true });
  }
}

// Both coordinates pasted into the first field go where they belong.
for (const first of document.querySelectorAll("[data-both]")) {
  const second = document.getElementById(first.dataset.both);
  first.addEventListener("input", () => {
    const found = /^\s*[([]?\s*(-?\d+(?:\.\d+)?)\s*[,、;\s]\s*(-?\d+(?:\.\d+)?)\s*[)\]]?\s*$/u.exec(first.value.normalize("NFKC"));
    if (found && second) [first.value, second.value] = [found[1], found[2]];
  });
}

// The file that was looked at is sent again by the second button; browsers forget it between pages.
const feed = document.querySelector("[data-feed]");
if (feed) {
  feed.addEventListener("submit", async (event) => {
    const button = event.submitter;
    if (button?.value !== "look" || !feed.reportValidity()) return;
    event.preventDefault();
    const body = new FormData(feed);
    body.set("action", "look");
    button.disabled = true;
    try {
      // Not feed.action: the buttons are called so, too.
      const answer = await fetch(feed.getAttribute("action"), { method: "POST", body, credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const report = page.getElementById("report");
      const take = page.getElementById("take");
      if (!report || !take) throw new Error("another page");
      document.getElementById("report").replaceWith(report);
      document.getElementById("take").replaceWith(take);
      report.focus();
      report.scrollIntoView({ block: "start" });
    } catch {
      feed.submit();  // without the button's name it is a look, too
      return;
    }
    button.disabled = false;
  });
}
