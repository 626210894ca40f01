// The till without a connection: the last counter page and the files it needs. Sales are not kept
// here but in the page's own store (waiting.js); nothing that was posted is ever answered from here.
const CACHE = "meguri-till-1";
const COUNTER = "/till";
const LOCKED = "/till/clerk";
const PATIENCE_MS = 5000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// A page that was loaded before this worker stood between asks it to keep what it has.
self.addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(keep(event.data.keep, event.data.files));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (address.origin !== location.origin) return;
  if (request.method === "POST" && address.pathname === "/till/lock") {
    event.respondWith(lock(request));
    return;
  }
  if (request.method !== "GET") return;
  if (address.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && address.pathname.startsWith("/till")) {
    event.respondWith(page(request, address));
  }
});

async function keep(counter, files) {
  const cache = await caches.open(CACHE);
  const wanted = new Set(files);
  for (const old of await cache.keys()) {
    const path = new URL(old.url).pathname;
    if (path.startsWith("/static/") && !wanted.has(path)) await cache.delete(old);
  }
  for (const path of wanted) if (!(await cache.match(path))) await cache.add(path);
  const answer = await fetch(counter, { headers: { Accept: "text/html" } });
  if (answer.ok && !answer.redirected) await putWhole(cache, answer);
}

// A page that breaks off half way would take the kept one with it: it is heard to its end first.
async function putWhole(cache, answer) {
  const text = await answer.text();
  const isLocked = text.includes("data-till-locked");
  if (isLocked) await cache.delete(COUNTER);
  await cache.put(isLocked ? LOCKED : COUNTER, new Response(text, { headers: answer.headers }));
}

async function file(request) {
  const found = await caches.match(request);
  return found ?? fetch(request);
}

// A locked till is locked without a connection too: the counter is not kept on, the page of the PIN is.
async function lock(request) {
  await (await caches.open(CACHE)).delete(COUNTER);
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(LOCKED)) ?? Response.error();
  }
}

async function page(request, address) {
  try {
    const late = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));
    const answer = await (navigator.onLine && (await caches.match(COUNTER)) ? Promise.race([fetch(request), late]) : fetch(request));
    if (answer.ok && !answer.redirected && (address.pathname === LOCKED || (address.pathname === COUNTER && !address.search.includes("choose")))) {
      await putWhole(await caches.open(CACHE), answer.clone());
    }
    return answer;
  } catch {
    const kept = (await caches.match(COUNTER)) ?? (await caches.match(LOCKED));
    if (!kept) return Response.error();
    // The page is told that it is an old one: its request id may be used already.
    const text = (await kept.text()).replace("<form data-rate", "<form data-kept data-rate");
    return new Response(text, { headers: kept.headers });
  }
}
