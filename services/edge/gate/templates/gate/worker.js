// Keeps the gate's page and what it needs to decide alone. Everything else goes to the network.
const VERSION = "gate-{{ version }}";
const DATA = "gate-data"; // outlives versions: keys and words last heard
const FILES = {{ files | safe }};
const WAIT_MS = 3000;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(VERSION).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => {
  const old = (name) => name.startsWith("gate-") && name !== VERSION && name !== DATA;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name)))).then(() => clients.claim()),
  );
});

// A page that breaks off half way would take the kept one with it: it is heard to its end first.
async function putWhole(cache, key, answer) {
  const text = await answer.text();
  await cache.put(key, new Response(text, { headers: answer.headers }));
}

// The page itself and its setup: from the network, else as they were last.
async function newest(request, key) {
  const cache = await caches.open(DATA);
  try {
    const control = new AbortController();
    setTimeout(() => control.abort(), WAIT_MS);
    const answer = await fetch(request, { signal: control.signal });
    if (answer.ok && !answer.redirected) await putWhole(cache, key, answer.clone());
    if (answer.status < 500) return answer;
  } catch {
    // no network
  }
  const kept = await cache.match(key);
  if (!kept) return Response.error();
  const headers = new Headers(kept.headers);
  headers.set("Meguri-Kept", "yes"); // whoever asked knows that nobody answered
  return new Response(kept.body, { headers });
}

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname === "/gate" && !url.searchParams.has("choose")) event.respondWith(newest(request, "/gate"));
  else if (url.pathname === "/gate/setup") event.respondWith(newest(request, url.pathname + url.search));
  else if (url.pathname.startsWith("/static/")) {
    event.respondWith(caches.match(request).then((found) => found ?? fetch(request)));
  }
});
