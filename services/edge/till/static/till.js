// The counter works without this file. With it: a keypad, grouped digits, one tap only, a sound for
// the outcome, and a lost connection leaves the sale on the screen with its request id.
import { makeBasket } from "./basket.js";
import { tell } from "./display.js";
import { ask, begin, keepFirst, newId } from "./offline.js";
import { hush, report } from "./report.js";
import { isUp } from "./waiting.js";

const MOST_DIGITS = 7;
const LOOK_AGAIN_MS = 2000;
const PATIENCE_MS = 15000; // beyond the deadline of the server: no answer by then is no signal
const TONES = { ok: [[880, 0.12], [1320, 0.18]], warn: [[440, 0.25], [440, 0.25]], bad: [[220, 0.45]], kept: [[660, 0.12], [660, 0.12]] };

const digitsOf = (text) => text.normalize("NFKC").replace(/[^0-9]/g, "").replace(/^0+/, "").slice(0, MOST_DIGITS);
const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, ",");

function makeTill(form) {
  const amount = form.elements.namedItem("amount_yen");
  const tenders = form.querySelectorAll("[name=pay]");
  const keys = form.querySelector("[data-keys]");
  let sent = false;

  const basket = makeBasket(form, () => show(digitsOf(amount.value)));
  const show = (digits) => {
    amount.value = grouped(digits);
    basket.count(Number(digits));
    const empty = !digits && !basket.lines();
    const sum = basket.sum() + Number(digits);
    tell(sum ? { on: "sum", yen: `¥${grouped(String(sum))}`, lines: basket.words() } : { on: "welcome" });
    report(form);
    amount.required = empty;
    for (const button of tenders) button.setAttribute("aria-disabled", String(empty));
  };
  const press = (key) => show(key === "clear" ? "" : digitsOf(digitsOf(amount.value) + key));

  keys.hidden = false;
  keys.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]");
    if (key) press(key.dataset.key);
  });
  amount.addEventListener("input", () => {
    // A minus or a point is left to be refused: silently dropped, -5 would become a sale of 5.
    if (/^[0-9０-９,，]*$/.test(amount.value)) show(digitsOf(amount.value));
  });
  amount.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault(); // Enter must not choose a way to pay
  });
  // A tablet's own keyboard would cover half of the screen; ours is enough.
  if (matchMedia("(pointer: coarse)").matches) amount.inputMode = "none";
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (basket.change(event.submitter)) return;
    if (sent || (!digitsOf(amount.value) && !basket.lines())) {
      amount.focus();
      return;
    }
    sent = true;
    hush();
    const message = say(form, "till__working", form.dataset.working);
    form.classList.add("till--working");
    const body = new URLSearchParams(new FormData(form, event.submitter));
    const yen = basket.sum() + Number(digitsOf(amount.value));
    const how = event.submitter?.querySelector("span")?.firstChild?.textContent ?? "";
    const strike = await keepFirst(form, body, yen, how);
    try {
      await send(event.submitter?.getAttribute("formaction") ?? form.action, body, strike);
    } catch {
      // The request id stays on the page: the next tap asks about the same sale.
      message.remove();
      form.classList.remove("till--working");
      if (!body.has("pay")) say(form, "till__offline notice notice--warn", form.dataset.offline);
      else await ask(form, body, yen, how, (page) => showRecorded(page, again));
      sent = false;
    }
  });
  // After a sale that was recorded here the same form serves the next one, under a new id.
  const again = () => {
    form.querySelector(".till__offline")?.remove();
    form.elements.namedItem("request_id").value = newId();
    basket.clear();
    show("");
  };
  if ("kept" in form.dataset) form.elements.namedItem("request_id").value = newId();
  show(digitsOf(amount.value));
}

// A page between counter and sale: the answer takes its place, so that the outcome can be heard.
function makeStep(form) {
  let sent = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sent) return;
    sent = true;
    const body = new URLSearchParams(new FormData(form, event.submitter));
    // A part of a sale tells its amount by what is typed, and its tender by the button.
    const typed = "typed" in form.dataset;
    const yen = Number(typed ? digitsOf(body.get("amount_yen") ?? "") : (form.dataset.yen ?? 0));
    const how = typed ? event.submitter?.querySelector("span")?.firstChild?.textContent : form.dataset.how;
    const strike = await keepFirst(form, body, yen, how);
    try {
      await send(form.action, body, strike);
    } catch {
      const shown = yen && (await ask(form, body, yen, how, (page) => showRecorded(page, () => location.assign("/till"))));
      if (!shown) say(form, "till__offline notice notice--warn", form.dataset.offline);
      sent = false;
    }
  });
}

// Posts a form. Only an answer that says what became of the sale strikes it out of what waits on
// this device: one that asks to sign in, for the PIN or for patience is not about it.
async function send(address, body, strike) {
  const outcome = await open(address, { method: "POST", body, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (outcome) await strike?.();
}

// Puts the page of a sale recorded here over the counter, and the counter back for the next one.
function showRecorded(page, again) {
  const main = document.querySelector("main");
  const before = [...main.childNodes];
  main.replaceChildren(page);
  page.querySelector("[data-again]").addEventListener("click", () => {
    main.replaceChildren(...before);
    again();
  });
  tell(newsOf(page.querySelector("[data-result]")));
  sound("kept");
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

function makePin(keys) {
  const pin = keys.closest("form").querySelector("[data-pin]");
  keys.hidden = false;
  if (matchMedia("(pointer: coarse)").matches) pin.inputMode = "none";
  keys.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key) pin.value = key === "clear" ? "" : (pin.value + key).slice(0, 8);
  });
}

// The server locks by itself; this only takes the open counter off the screen, where it can.
function lockWhenIdle(form) {
  const idleS = Number(form.dataset.idleS);
  let timer;
  const touched = () => {
    clearTimeout(timer);
    timer = setTimeout(() => form.isConnected && isUp() && form.submit(), idleS * 1000);
  };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, touched);
  touched();
}

function say(form, kind, text) {
  form.querySelector(".till__offline")?.remove();
  const word = document.createElement("p");
  word.className = kind;
  word.setAttribute("role", "status");
  word.textContent = text;
  form.append(word);
  return word;
}

// Puts the answered page in place of this one; the document stays, so that it may make a sound.
// Returns what it says became of a sale, null where it is not about one.
async function open(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.querySelector("main");
  document.querySelector("main").replaceWith(main);
  document.title = page.title;
  if (answer.url !== location.href) history.pushState(null, "", answer.url);
  start(main);
  scrollTo(0, 0);
  main.focus({ preventScroll: true });
  return answer.headers.get("Meguri-Sale");
}

function sound(kind) {
  if (!TONES[kind] || !navigator.userActivation?.hasBeenActive) return;
  const context = new AudioContext();
  let at = context.currentTime + 0.02;
  for (const [hertz, seconds] of TONES[kind]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.2, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.05;
  }
}

// The outcome as the customer reads it; a sale recorded on the device is taken for them.
function newsOf(result) {
  const kind = result.dataset.result;
  const yen = result.querySelector(".huge")?.textContent ?? "";
  const code = result.querySelector(".till-scan")?.outerHTML;
  const change = result.querySelector(".till-change__back dd")?.textContent;
  if (code) return { on: "open", yen, code };
  if (result.dataset.left) return { on: "sum", yen: result.dataset.left, lines: [] }; // of a sale in parts
  const link = document.querySelector("[data-receipt-link] svg")?.outerHTML;
  return { on: { kept: "ok", plain: "welcome" }[kind] ?? kind, yen, link, change: change === "¥0" ? "" : change };
}

function start(root) {
  for (const form of root.querySelectorAll("[data-till]")) makeTill(form);
  for (const form of root.querySelectorAll("[data-next-step]")) makeStep(form);
  for (const keys of root.querySelectorAll("[data-pin-keys]")) makePin(keys);
  for (const form of root.querySelectorAll("[data-go-on]")) form.requestSubmit();
  for (const form of root.querySelectorAll("[data-lock]")) lockWhenIdle(form);
  for (const button of root.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  const result = root.querySelector("[data-result]");
  if (!result) return;
  tell(newsOf(result));
  if (!("open" in result.dataset)) sound(result.dataset.result);
  else {
    const here = location.href;
    setTimeout(() => {
      if (location.href === here && root.isConnected) open(here).catch(() => start(root));
    }, LOOK_AGAIN_MS);
  }
}

addEventListener("popstate", () => location.reload());
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload(); // an old page carries an old request id
});
start(document);
begin();
