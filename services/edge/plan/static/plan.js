// Printing and sharing where the browser can; changes in place; and a day that hears what closes.
// The page says and does all without any of it, but the hearing.
import { listen } from "./live.js";

document.documentElement.classList.add("js");
let sending = false;

function say(text) {
  const said = document.querySelector("[data-said]");
  if (said) said.textContent = text;
}

function show(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const [old, next] = [document.querySelector("main"), fresh.querySelector("main")];
  if (!old || !next) return location.reload();
  const open = [...old.querySelectorAll("details[open][id]")].map(({ id }) => id);
  old.replaceWith(document.adoptNode(next));
  open.forEach((id) => { const fold = document.getElementById(id); if (fold) fold.open = true; });
  document.title = fresh.title;
  ready();
  return next;
}

async function send(form, submitter) {
  if (sending) return;
  sending = true;
  const body = new FormData(form, submitter);
  const focused = document.activeElement?.id;
  document.querySelector("main").toggleAttribute("data-busy", true);
  try {
    const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(body) });
    if (!answer.ok) throw new Error(answer.status);
    const main = show(await answer.text());
    const notice = main?.querySelector('.notice[role="status"], .notice[role="alert"]');
    if (focused && document.getElementById(focused)) document.getElementById(focused).focus();
    else if (notice) { notice.tabIndex = -1; notice.focus(); }
    if (notice) say(notice.innerText.replace(/\s+/g, " "));
  } catch {
    // No signal, or the server refused: the browser sends it itself and shows what came of it.
    form.removeAttribute("data-inplace");
    form.requestSubmit(submitter);
  } finally {
    sending = false;
    document.querySelector("main")?.toggleAttribute("data-busy", false);
  }
}

document.addEventListener("submit", (event) => {
  if (!event.target.matches("form[data-inplace]")) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

document.addEventListener("input", ({ target }) => {
  if (!target.matches("input[data-send]")) return;
  const output = target.form.querySelector("output");
  output.textContent = output.dataset.minutes.replace("#", target.value);
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches("input[data-send]")) return;
  target.form.requestSubmit(target.form.querySelector(`button[value="${target.dataset.send}"]`));
});

function ready() {
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      const folded = [...document.querySelectorAll("details.plan-more:not([open])")];
      folded.forEach((details) => { details.open = true; });
      addEventListener("afterprint", () => folded.forEach((details) => { details.open = false; }), { once: true });
      print();
    });
  }
  for (const button of document.querySelectorAll("[data-share]")) {
    if (!navigator.share && !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      const address = location.origin + location.pathname;
      try {
        if (navigator.share) {
          await navigator.share({ title: button.dataset.title, url: address });
        } else {
          await navigator.clipboard.writeText(address);
          document.querySelector("[data-said]").classList.remove("visually-hidden");
          say(button.dataset.done);
        }
      } catch { /* closed without sharing */ }
    });
  }
}

ready();
listen(async () => {
  // Something has closed, or another phone has changed the day.
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) return;
  show(await answer.text());
  const repair = document.querySelector("form[data-repair]");
  if (repair) await send(repair, null);
});
