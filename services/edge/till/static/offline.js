// What the counter does when nobody answers: refuse in plain words, or record the sale here.
import { showClosed } from "./shut.js";
import { all, drain, isUp, put, remove, user, watch, whyNot } from "./waiting.js";

const yen = (amount) => `¥${String(amount).replace(/\B(?=(\d{3})+$)/g, ",")}`;
const bar = () => document.querySelector("[data-wait]");
const digits = (text) => Number(text.normalize("NFKC").replace(/[^0-9]/g, "") || 0);
const DIRECT = "other_device";
const CODE = "5";
const KEEP_WAIT_MS = 20_000;

export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function saleOf(body, amount, how) {
  return {
    id: body.get("request_id"), form: body.toString(), shop: body.get("shop"), yen: amount, how,
    tapped: Date.now(), user: user(), state: "waiting",
  };
}

// Of a sale in parts only cash waits, and only where no other part is under way (data-online-only);
// a ticket never does.
function mayWait(form, body) {
  const gateway = (body.get("pay") ?? "").split(":")[1];
  if ("onlineOnly" in form.dataset || (body.has("split") && gateway !== "cash_record")) return false;
  return bar()?.dataset.mayWait.split(" ").includes(gateway);
}

// Writes a sale down before it is sent, where the answer to this very form would be the sale.
// Returns what strikes it out again.
export async function keepFirst(form, body, amount, how) {
  const cash = (body.get("pay") ?? "").endsWith(":cash_record");
  const last = cash ? body.has("tendered_yen") : body.get("pay")?.endsWith(`:${DIRECT}`);
  if (!last || !amount || !mayWait(form, body)) return null;
  try {
    if (await whyNot(amount, bar().dataset)) return null;
    const sale = saleOf(body, amount, how);
    await put(sale);
    return () => remove(sale.id);
  } catch {
    return null; // a browser that keeps nothing (private mode) sells as before, with a connection
  }
}

// Shows what is possible without an answer, where this page has the words for it (it returns whether).
// done is called with the page of a sale recorded here.
export async function ask(form, body, amount, how, done) {
  const template = document.querySelector("[data-offline-ask]");
  if (!template) return false;
  const panel = template.content.cloneNode(true).firstElementChild;
  const [tender, gateway] = (body.get("pay") ?? "").split(":");
  const other = gateway === DIRECT;
  const kind = gateway === "cash_record" ? gateway : other ? (tender === CODE ? "other_code" : DIRECT) : tender === CODE ? "provider" : "card";
  for (const text of panel.querySelectorAll("[data-for]")) text.hidden = text.dataset.for !== kind;
  const why = mayWait(form, body) ? await whyNot(amount, bar().dataset).catch(() => "one") : "provider";
  panel.querySelector("[data-keep]").hidden = why !== "";
  const words = panel.querySelector("[data-too-much]");
  words.hidden = !["one", "all"].includes(why);
  words.textContent = why === "one" ? bar().dataset.tooMuchOne : bar().dataset.tooMuchAll;
  const field = panel.querySelector("[data-tendered]");
  field.hidden = gateway !== "cash_record" || body.has("tendered_yen");
  const input = field.querySelector("input");
  const change = field.querySelector("[data-change-words]");
  const tendered = () => (body.has("tendered_yen") ? digits(body.get("tendered_yen")) : digits(input.value));
  input.addEventListener("input", () => {
    const back = tendered() - amount;
    change.textContent = !tendered() ? "" : back < 0 ? change.dataset.shortWords : `${change.dataset.changeWords} ${yen(back)}`;
  });
  panel.querySelector("[data-record]").addEventListener("click", async () => {
    if (tendered() && tendered() < amount) {
      input.focus();
      return;
    }
    await put(saleOf(body, amount, how));
    done(recorded(amount, how, tendered() ? tendered() - amount : 0));
    show(await all(), false);
  });
  form.querySelector(".till__offline")?.remove();
  form.append(panel);
  panel.scrollIntoView({ block: "nearest" });
  return true;
}

function recorded(amount, how, change) {
  const page = document.createElement("div");
  page.className = "wrap";
  page.append(document.querySelector("[data-offline-done]").content.cloneNode(true));
  page.querySelector("[data-yen]").textContent = yen(amount);
  page.querySelector("[data-how]").textContent = how;
  page.querySelector("[data-change]").hidden = !change;
  page.querySelector("[data-change] dd").textContent = yen(change);
  return page;
}

function show(sales, online) {
  const aside = bar();
  if (!aside) return;
  aside.hidden = online && !sales.length;
  aside.querySelector("[data-no-signal]").hidden = online;
  aside.querySelector("[data-wait-some]").hidden = !sales.length;
  aside.querySelector("[data-wait-count]").textContent = `${sales.length} (${yen(sales.reduce((sum, sale) => sum + sale.yen, 0))})`;
  aside.querySelector("[data-wait-list]").replaceChildren(...sales.map((sale) => {
    const row = document.querySelector("[data-wait-row]").content.cloneNode(true).firstElementChild;
    row.querySelector("[data-time]").textContent = new Date(sale.tapped).toLocaleString(document.documentElement.lang, { dateStyle: "short", timeStyle: "short", hourCycle: "h23" });
    row.querySelector("[data-how]").textContent = sale.how;
    row.querySelector("[data-yen]").textContent = yen(sale.yen);
    const refused = sale.state === "refused";
    row.querySelector("[data-why]").textContent = refused ? `${aside.dataset.refused}: ${sale.text}` : sale.user !== user() ? aside.dataset.otherLogin : "";
    const done = row.querySelector("[data-done]");
    done.hidden = !refused;
    done.addEventListener("click", async () => {
      await remove(sale.id);
      show(await all(), isUp());
    });
    return row;
  }));
}

// Asks the worker between to keep this counter. Tells whether it said that it did.
async function keptBy(worker) {
  const files = performance.getEntriesByType("resource").map((each) => new URL(each.name).pathname).filter((path) => path.startsWith("/static/"));
  const answer = new MessageChannel();
  const said = new Promise((resolve) => {
    answer.port1.onmessage = (event) => resolve(event.data);
    setTimeout(resolve, KEEP_WAIT_MS, false);
  });
  worker.postMessage({ keep: location.pathname + location.search, files: [...new Set(files)] }, [answer.port2]);
  return said;
}

async function keepCounter() {
  for (let pause = 1000; ; pause = Math.min(2 * pause, 60_000)) {
    try {
      await navigator.serviceWorker.register("/till/sw.js", { scope: "/till" });
      const ready = await navigator.serviceWorker.ready;
      if (!document.querySelector("[data-till]:not([data-kept])") || (await keptBy(ready.active))) return;
    } catch {
      // no signal just now
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

// What a tap without an answer left on the page is out of date once the server answers.
function backAgain(panels) {
  for (const panel of panels.filter((each) => each.isConnected && !("back" in each.dataset))) {
    const word = document.createElement("p");
    word.className = "till__offline notice notice--ok";
    word.setAttribute("role", "status");
    word.dataset.back = "";
    word.textContent = bar().dataset.back;
    panel.replaceWith(word);
  }
}

export function begin() {
  watch(bar(), show, (heard, before) => {
    showClosed(heard);
    if (heard) backAgain(before);
  }, (isOver) => {
    // Only now the page itself can be had: asked for before, its sums would lack what was on the way.
    if (document.querySelector(".till-instead") || (isOver && document.querySelector("[data-sums]"))) location.reload();
  });
  if ("serviceWorker" in navigator) keepCounter();
}

export { drain };
