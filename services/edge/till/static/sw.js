// The till without a connection: the last counter page and the files it needs. Sales are not kept
// here but in the page's own store (waiting.js); nothing that was posted is ever answered from here.
const CACHE = "meguri-till-1";
const COUNTER = "/till";
const LOCKED = "/till/clerk";
// Addresses that lead to the counter anyway; of every other page a stand-in says what it is (instead.html).
const AT_COUNTER = new Set(["/till", "/till/", "/till/basket", "/till/payments", "/till/splits", LOCKED]);
const STAND_INS = { "/till/today": "today", "/till/tickets": "tickets" };
const PATIENCE_MS = 5000;
let locks = 0; // a counter that was asked for before the till was locked is not kept after it

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// A page that was loaded before this worker stood between asks it to keep what it has, until it hears
// that this was done: once the signal is gone it is too late to try.
self.addEventListener("message", (event) => {
  if (!event.data?.keep) return;
  const told = (done) => event.ports[0]?.postMessage(done);
  const work = async () => {
    await self.clients.claim(); // a page that still loads is missed by the claim at the start
    return keep(event.data.keep, event.data.files);
  };
  event.waitUntil(work().then(told, () => told(false)));
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
    event.respondWith(page(request, address, (work) => event.waitUntil(work)));
  }
});

async function keep(counter, files) {
  const before = locks;
  const cache = await caches.open(CACHE);
  const wanted = new Set(files);
  for (const old of await cache.keys()) {
    const path = new URL(old.url).pathname;
    if (path.startsWith("/static/") && !wanted.has(path)) await cache.delete(old);
  }
  for (const path of wanted) if (!(await cache.match(path))) await cache.add(path);
  const answer = await fetch(counter, { headers: { Accept: "text/html" } });
  if (answer.ok && !answer.redirected) await putWhole(cache, answer, before);
  if (new URL(answer.url).pathname === "/login") await forgetPages();
  return answer.ok; // led elsewhere: signed out, and nothing may be kept
}

// Where a page that was asked for leads to stays hidden from a worker. Led to the login, nobody is signed
// in any more, and no counter may open here without a connection; so the server is asked.
async function forgetSignedOut() {
  try {
    const answer = await fetch("/till/waiting", { headers: { Accept: "application/json" }, cache: "no-store", redirect: "error" });
    if (answer.status === 401) await forgetPages();
  } catch {
    // nobody answers: what was known of the session still counts
  }
}

async function forgetPages() {
  await forgetCounter();
  await (await caches.open(CACHE)).delete(LOCKED);
}

// A page that breaks off half way would take the kept one with it: it is heard to its end first.
async function putWhole(cache, answer, before) {
  const text = await answer.text();
  const isLocked = text.includes("data-till-locked");
  if (!isLocked && before !== locks) return;
  if (isLocked) await cache.delete(COUNTER);
  await cache.put(isLocked ? LOCKED : COUNTER, new Response(text, { headers: answer.headers }));
}

async function file(request) {
  const found = await caches.match(request);
  return found ?? fetch(request);
}

// A locked till is locked without a connection too: the counter is not kept on, the page of the PIN is.
async function lock(request) {
  await forgetCounter();
  try {
    const answer = await fetch(request);
    await forgetCounter(); // one that was asked for meanwhile came from a till still open
    return answer;
  } catch {
    return (await caches.match(LOCKED)) ?? Response.error();
  }
}

async function forgetCounter() {
  locks += 1;
  await (await caches.open(CACHE)).delete(COUNTER);
}

async function page(request, address, whileDone) {
  const before = locks;
  try {
    const late = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));
    // Whatever the browser says of a network: with a counter kept here nobody waits longer than this.
    const answer = await ((await caches.match(COUNTER)) ? Promise.race([fetch(request), late]) : fetch(request));
    if (answer.ok && !answer.redirected && (address.pathname === LOCKED || (address.pathname === COUNTER && !address.search.includes("choose")))) {
      await putWhole(await caches.open(CACHE), answer.clone(), before);
    }
    if (answer.type === "opaqueredirect") whileDone(forgetSignedOut());
    return answer;
  } catch {
    const kept = (await caches.match(COUNTER)) ?? (await caches.match(LOCKED));
    if (!kept) return Response.error();
    // The page is told that it is an old one: its request id may be used already.
    const text = (await kept.text()).replace("<form data-rate", "<form data-kept data-rate");
    const shown = AT_COUNTER.has(address.pathname) ? text : standIn(text, STAND_INS[address.pathname] ?? "other");
    return new Response(shown, { headers: kept.headers });
  }
}

// The kept counter must not pass for another page: shows what stands in for that one, under its name.
function standIn(text, kind) {
  let name = "";
  const template = new RegExp(`<template data-instead="${kind}" data-title="([^"]*)">([^]*?)</template>`);
  const shown = text.replace(template, (_, found, section) => {
    name = found;
    return section;
  });
  if (!name) return text; // a page of the PIN, or one that an older release kept
  return shown.replace(/<title>[^<]*/, () => `<title>${name}`).replace(' aria-current="page"', "");
}
