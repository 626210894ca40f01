// Sales that wait for a connection. Each is written down before it is sent, under the request id of
// its tap, and struck out only by an answer about it: sent twice, it is still one sale.
import { keepAsking, within } from "../js/line.js";

const NAME = "meguri-till";
const STORE = "waiting";
const LOCK = "meguri-till-waiting";
const AT_ONCE = 50;
const EVERY_MS = 10000;
const LINE_WAIT_MS = 4000;

let up = navigator.onLine; // until the server was asked

let opened;
function store(mode, work) {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened.then((base) => new Promise((resolve, reject) => {
    const change = base.transaction(STORE, mode, { durability: "strict" });
    const asked = work(change.objectStore(STORE));
    change.oncomplete = () => resolve(asked.result);
    change.onerror = change.onabort = () => reject(change.error);
  }));
}

export const all = () => store("readonly", (sales) => sales.getAll());
export const put = (sale) => store("readwrite", (sales) => sales.put(sale));
export const remove = (id) => store("readwrite", (sales) => sales.delete(id));

export function user() {
  return document.querySelector("meta[name=till-user]")?.content ?? "";
}

// Returns why a sale may not wait: "" when it may.
export async function whyNot(yen, limits) {
  const waiting = (await all()).filter((sale) => sale.state === "waiting");
  const sum = waiting.reduce((total, sale) => total + sale.yen, yen);
  if (yen > Number(limits.mostYen)) return "one";
  return waiting.length >= Number(limits.mostSales) || sum > Number(limits.mostSumYen) ? "all" : "";
}

// Tells whether the server answered when it was asked last.
export const isUp = () => up;

// Sends what waits. One tab at a time where the browser can promise that; else the server does.
export async function drain() {
  const run = async (lock) => lock !== null && sendAll();
  return navigator.locks ? navigator.locks.request(LOCK, { ifAvailable: true }, run) : run();
}

async function sendAll() {
  let mine = (await all()).filter((sale) => sale.state === "waiting");
  if (!mine.length) return true;
  const known = await (await ask("/till/waiting")).json();
  mine = mine.filter((sale) => sale.user === known.user);
  while (mine.length) {
    const batch = mine.splice(0, AT_ONCE);
    const now = Date.now();
    const sales = batch.map((sale) => ({ form: sale.form, waited_s: Math.round((now - sale.tapped) / 1000) }));
    const answer = await ask("/till/waiting", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Form-Token": known.form_token },
      body: JSON.stringify({ user: known.user, sales }),
    });
    const { results } = await answer.json();
    if (results?.length !== batch.length) throw new Error("this was not the till's answer");
    for (const [place, result] of results.entries()) {
      if (result.payment_id) await remove(batch[place].id);
      else await put({ ...batch[place], state: "refused", text: result.text, reason: result.reason });
    }
  }
  return true;
}

async function ask(address, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  const answer = await fetch(address, { ...options, headers, redirect: "error", signal: AbortSignal.timeout(15000) });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer;
}

// Asks the server whether it is there, and what it knows of this counter. Returns null where nobody
// answered; what it returns has no user where somebody has to sign in again.
async function hear(bar) {
  try {
    const shop = bar.dataset.shop ? `?shop=${encodeURIComponent(bar.dataset.shop)}` : "";
    const answer = await fetch(`/till/waiting${shop}`, {
      headers: { Accept: "application/json" }, cache: "no-store", redirect: "error", signal: within(LINE_WAIT_MS),
    });
    if (answer.status >= 500) return null; // a proxy before a server that is away
    return answer.ok ? await answer.json() : {};
  } catch {
    return null;
  }
}

// Keeps the bar about what waits up to date and sends whenever the server answers. told: what it said,
// null for nothing, and what the page had shown before it was asked. sent: called after everything that
// waits was tried, with whether something that had waited since this page was opened waits no more.
export function watch(bar, shown, told, sent) {
  if (!bar || !("indexedDB" in window)) return;
  let busy = false;
  let waited = false; // another tab may be the one that sends it
  const waits = async () => (await all()).some((sale) => sale.state === "waiting");
  const turn = async () => {
    if (busy) return;
    busy = true;
    try {
      shown(await all(), up);
      const before = [...document.querySelectorAll(".till__offline")];
      const heard = await hear(bar);
      up = heard !== null;
      shown(await all(), up);
      told(heard, before);
      waited ||= await waits();
      if (heard?.user) {
        await drain().catch(() => false);
        shown(await all(), up);
      }
      if (!heard) return;
      const isOver = waited && !(await waits());
      if (isOver) waited = false;
      sent(isOver);
    } finally {
      busy = false;
    }
  };
  keepAsking(turn, async () => {
    up = false;
    shown(await all(), up);
  }, EVERY_MS);
  turn();
}
