// Sales that wait for a connection. Each is written down before it is sent, under the request id of
// its tap, and struck out only by an answer about it: sent twice, it is still one sale.
const NAME = "meguri-till";
const STORE = "waiting";
const LOCK = "meguri-till-waiting";
const AT_ONCE = 50;
const EVERY_MS = 10000;

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

// Keeps the bar about what waits up to date and sends whenever there is a chance.
export function watch(bar, shown) {
  if (!bar || !("indexedDB" in window)) return;
  let busy = false;
  const turn = async () => {
    if (busy) return;
    busy = true;
    try {
      shown(await all(), navigator.onLine);
      if (navigator.onLine) await drain().catch(() => false);
      shown(await all(), navigator.onLine);
    } finally {
      busy = false;
    }
  };
  addEventListener("online", turn);
  addEventListener("offline", turn);
  document.addEventListener("visibilitychange", () => document.hidden || turn());
  setInterval(turn, EVERY_MS);
  turn();
}
