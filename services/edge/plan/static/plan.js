// Printing and sharing where the browser can; changes in place; and a day that hears what closes.
// The page says and does all without any of it, but the hearing.
import { remember } from "./kept_days.js";
import { listen } from "./live.js";

document.documentElement.classList.add("js");
const REST_MS = 500;
const AGAIN_MS = 100;
let sending = false;
let resting = 0;

function say(text) {
  const said = document.querySelector("[data-said]");
  if (said) said.textContent = text;
}

// Where something stands in any version of the page: the numbers of the visits change, not their folds.
function whereOf(element) {
  const fold = element?.closest("details[id]");
  if (!fold) return element?.id ? `#${CSS.escape(element.id)}` : "";
  const { name, type, value } = element;
  const what = name ? `[name="${name}"]${type === "submit" ? `[value="${value}"]` : ""}` : element.localName;
  return `#${CSS.escape(fold.id)} ${what}`;
}

function focusOn(where) {
  const found = where ? document.querySelector(where) : null;
  found?.focus({ preventScroll: true });
  return Boolean(found);
}

// What is said of the day itself: neither what is closed elsewhere nor that there is no signal.
function newsOf(main) {
  return main?.querySelector('.notice:is([role="status"], [role="alert"]):not([data-no-signal] *, .shut-now *)');
}

function goTo(notice, options) {
  if (!notice) return;
  notice.tabIndex = -1;
  notice.focus(options);
}

function show(html, keep = false) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const [old, next] = [document.querySelector("main"), fresh.querySelector("main")];
  if (!old || !next) return location.reload();
  const open = [...old.querySelectorAll("details[open][id]")].map(({ id }) => id);
  // What somebody is typing while another phone changes the day is theirs.
  const typed = keep ? [...old.querySelectorAll("details[open] input:not([type=hidden])")] : [];
  const entries = typed.filter((each) => each.value !== each.defaultValue).map((each) => [whereOf(each), each.value]);
  const focused = whereOf(document.activeElement);
  const atNews = document.activeElement === newsOf(old);
  old.replaceWith(document.adoptNode(next));
  open.forEach((id) => { const fold = document.getElementById(id); if (fold) fold.open = true; });
  for (const [where, value] of entries) {
    const input = document.querySelector(where);
    if (input) input.value = value;
  }
  // A change of one's own comes back as news of the day: it takes nobody from what they read.
  if (keep && !focusOn(focused) && atNews) goTo(newsOf(next), { preventScroll: true });
  document.title = fresh.title;
  ready();
  return next;
}

// The day must stay readable where there is no signal: the browser's own page would take its place.
function noSignal(form) {
  form.reset();
  form.querySelector("input[data-send]")?.dispatchEvent(new Event("input", { bubbles: true }));
  const told = document.querySelector("[data-no-signal]");
  told.hidden = false;
  told.focus();
}

async function send(form, submitter) {
  if (sending) return;
  sending = true;
  const body = new FormData(form, submitter);
  const focused = whereOf(document.activeElement);
  const asked = form.matches("[data-repair]");
  const part = form.closest("[data-part]")?.id;
  document.querySelector("main").toggleAttribute("data-busy", true);
  try {
    let answer;
    try {
      answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(body) });
    } catch {
      if (!asked) noSignal(form);
      return;
    }
    if (!answer.ok) throw new Error(answer.status);
    const main = show(await answer.text(), asked);
    const notice = newsOf(part ? document.getElementById(part) : main);
    if (!focusOn(focused)) goTo(notice);
    if (notice) say(notice.innerText.replace(/\s+/g, " "));
  } catch {
    // The server refused: the browser sends it itself and shows what came of it.
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
  // Each press of an arrow key is a change: what counts is where it comes to rest.
  clearTimeout(resting);
  resting = setTimeout(rested, REST_MS, target);
});

// News of another change may have renewed the page meanwhile: what was typed stands in it again, and
// is sent from there; while something is on its way it waits.
function rested(target) {
  if (sending) {
    resting = setTimeout(rested, AGAIN_MS, target);
    return;
  }
  const input = target.isConnected ? target : document.getElementById(target.id);
  if (!input || input.value !== target.value) return;
  input.form.requestSubmit(input.form.querySelector(`button[value="${input.dataset.send}"]`));
}

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
const { kept, date, until } = document.querySelector("[data-kept]").dataset;
remember(kept, date, until);
listen(async () => {
  // Something has closed, or another phone has changed the day. What is on its way comes first.
  while (sending) await new Promise((done) => { setTimeout(done, 100); });
  const answer = await fetch(location.pathname, { headers: { Accept: "text/html" }, cache: "no-store" });
  if (!answer.ok) return;
  show(await answer.text(), true);
  const repair = document.querySelector("form[data-repair]");
  if (repair) await send(repair, null);
});
