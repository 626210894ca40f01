// Answers from the phone. Pages of the pack come from here whether there is a signal or not: in a cave
// a signal that comes and goes is worse than none. Whoever serves a stop counts it, so this does.
import { deliver as deliverAnswers } from "../answers.js";
import { deliver as deliverHelp } from "../help_waiting.js";
import { isLikeCode, isNear, isRight, plain } from "./codes.js";
import * as store from "./store.js";

const STAFF = /^\/(till|gate|studio|insights|admin|login|logout|api|packs|hooks|metrics|healthz|readyz|opendata)(\/|$)/;
const FROM_HERE = /^\/(g(\/.*)?|safety|scan)$/i; // the rest is asked of the network first
const PATIENCE_MS = 3000;
const SEND_WAIT_MS = 10_000;
const NOTICES_EVERY_MS = 3_000;
const MOST_SCANS = 500;
const NEAR_AT_MOST = 3;
const REMEMBERED_MS = 2000; // the database is asked again after this, and whenever a tab says so
// As the edge sends it (services/edge/guards.py): a kept page is held to the same rules.
const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; media-src 'self' blob:; manifest-src 'self'; worker-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "same-origin",
  "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self), payment=()",
  "Cache-Control": "no-store",
};

addEventListener("install", (event) => event.waitUntil(skipWaiting()));
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("sync", (event) => event.waitUntil(Promise.all([deliver(), deliverAnswers(), deliverHelp()])));
addEventListener("message", (event) => {
  if (event.data?.later) event.waitUntil(wake());
  if (event.data?.deliver) event.waitUntil(contact().then(() => tellNotices(event.source)));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.method === "POST" && url.pathname === "/language") event.respondWith(language(request));
  if (request.method !== "GET") return;
  if (url.pathname.startsWith("/media/")) event.respondWith(media(request, url.pathname));
  else if (url.pathname.startsWith("/static/")) event.respondWith(asset(request, url.pathname));
  else if (request.mode === "navigate" && !STAFF.test(url.pathname)) event.respondWith(navigate(event, url));
});

function fetchWithin(request, milliseconds, options = {}) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), milliseconds);
  return fetch(request, { ...options, signal: control.signal }).finally(() => clearTimeout(timer));
}

// What is on this phone, as last read: a page and its five files ask for it within a moment.
let remembered = null;
async function here() {
  if (!remembered || Date.now() - remembered.at > REMEMBERED_MS) {
    const [active, packs] = await Promise.all([store.note("active"), store.allPacks()]);
    const complete = packs.filter((pack) => pack.current);
    remembered = { at: Date.now(), active, packs: complete, pack: complete.find((pack) => pack.locale === active) ?? complete[0] };
  }
  return remembered;
}
const forget = () => (remembered = null);
if ("BroadcastChannel" in self) new BroadcastChannel("meguri-pack").addEventListener("message", forget);

const entryOf = (manifest, path) => manifest?.files.find((each) => each.path === path);

// A page that was opened before a new version came still asks for files of its own version.
async function asset(request, path) {
  for (const pack of (await here().catch(() => ({ packs: [] }))).packs) {
    const entry = entryOf(pack.current, path) ?? entryOf(pack.previous, path);
    const found = entry && (await store.file(entry.sha256));
    if (found) return found;
  }
  return fetch(request);
}

// Sound and captions. A browser's cache keeps no pieces, so they are cut here out of the whole file.
async function media(request, path) {
  for (const pack of (await here().catch(() => ({ packs: [] }))).packs) {
    const entry = entryOf(pack.current, path) ?? entryOf(pack.previous, path);
    const found = entry && (await store.file(entry.sha256));
    if (found) return pieceOf(await found.blob(), entry.type, request.headers.get("Range"));
  }
  return fetch(request);
}

// As the edge answers (services/edge/visitor/media.py): 206 for one range, 416 for what is not there,
// the whole for what it does not understand.
function pieceOf(whole, type, wanted) {
  const headers = { ...HEADERS, "Content-Type": type, "Accept-Ranges": "bytes" };
  const range = /^bytes=(\d*)-(\d*)$/.exec(wanted?.trim() ?? "");
  if (!range || (!range[1] && !range[2])) return new Response(whole, { headers: { ...headers, "Content-Length": whole.size } });
  const [first, last] = range.slice(1).map((digits) => (digits ? Number(digits) : null));
  const start = first ?? Math.max(0, whole.size - last);
  const end = first === null ? whole.size : Math.min(whole.size, (last ?? whole.size - 1) + 1);
  if (start >= whole.size || start >= end) return new Response(null, { status: 416, headers: { ...headers, "Content-Range": `bytes */${whole.size}` } });
  return new Response(whole.slice(start, end, type), {
    status: 206, headers: { ...headers, "Content-Range": `bytes ${start}-${end - 1}/${whole.size}`, "Content-Length": end - start },
  });
}

async function navigate(event, url) {
  const { active, pack } = await here().catch(() => ({}));
  if (!pack) return fetch(event.request);
  const path = url.pathname === "/g" ? "/g/" : url.pathname;
  // A language that is not on the phone was chosen where there is signal: the network is asked first.
  const typed = url.searchParams.get("q");
  if (pack.locale === active && FROM_HERE.test(path)) {
    const answer = await fromHere(event, pack, path, typed).catch(() => null);
    if (answer) return answer;
  }
  try {
    return await fetchWithin(event.request, PATIENCE_MS);
  } catch {
    const answer = await fromHere(event, pack, path, typed, true).catch(() => null);
    return answer ?? (await page(pack, "/packs/elsewhere")) ?? Response.error();
  }
}

// Returns the page of the pack at an address, null where there is none. last: nobody else answers.
async function fromHere(event, pack, path, typed, last = false) {
  const way = /^\/g\/(.*?)\/?$/i.exec(path);
  if (!way) return entryOf(pack.current, path.toLowerCase()) ? answered(event, pack, path.toLowerCase()) : null;
  if (way[1].includes("/")) return null; // a picture of a code, not a page
  if (!way[1]) return typed?.trim() ? search(pack, typed.trim().slice(0, 60)) : answered(event, pack, "/g/");
  const code = plain(decodeURIComponent(way[1]));
  const entry = entryOf(pack.current, `/g/${code}`);
  if (entry) {
    const answer = await answered(event, pack, `/g/${code}`);
    if (answer) event.waitUntil(count(pack, code, entry.served)); // else the network serves and counts it
    return answer;
  }
  if (!isRight(code)) return near(pack, "mistyped", code);
  return last ? near(pack, "unknown", code) : null; // a stop that is newer than the pack
}

async function answered(event, pack, path) {
  const answer = await page(pack, path);
  event.waitUntil(contact());
  return answer;
}

// Returns a page of the pack, filled with what is known here; null where its file was taken away.
async function page(pack, path, fill = {}) {
  const entry = entryOf(pack.current, path);
  const found = entry && (await store.file(entry.sha256));
  if (!found) return null;
  let text = await found.text();
  const known = await store.note(`notices ${pack.locale}`);
  const filled = { "<!--notices-->": notices(known, path), ...fill };
  for (const [mark, value] of Object.entries(filled)) text = text.replaceAll(mark, () => value);
  const shut = closed(known);
  for (const code of shut) text = text.replaceAll(`data-closed="${code}" hidden`, `data-closed="${code}"`);
  if (shut.some((code) => text.includes(`data-closed="${code}"`))) text = text.replaceAll("data-closed-any hidden", "data-closed-any");
  return new Response(text, { headers: { ...HEADERS, "Content-Type": entry.type, "Content-Language": pack.locale } });
}

const escaped = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);

async function stopsOf(pack) {
  const entry = entryOf(pack.current, "/packs/stops.json");
  const found = entry && (await store.file(entry.sha256));
  return found ? found.json() : [];
}

async function search(pack, typed) {
  const stops = await stopsOf(pack);
  const code = plain(typed);
  // Also the code of an old sign, which has a page of its own (visitor/moved.html).
  if (stops.some((stop) => stop.code === code) || (isRight(code) && entryOf(pack.current, `/g/${code}`))) return Response.redirect(`/g/${code}`, 303);
  const wanted = typed.normalize("NFKC").toLowerCase();
  const fitting = stops.filter((stop) => stop.words.some((word) => word.normalize("NFKC").toLowerCase().includes(wanted)));
  if (fitting.length === 1) return Response.redirect(`/g/${fitting[0].code}`, 303);
  if (fitting.length) return said(pack, "found", typed, fitting);
  if (isLikeCode(code)) return near(pack, isRight(code) ? "unknown" : "mistyped", code);
  return near(pack, "nothing", typed);
}

async function near(pack, kind, typed) {
  const stops = (await stopsOf(pack)).filter((stop) => isNear(plain(typed), stop.code));
  return said(pack, kind, typed, stops.slice(0, NEAR_AT_MOST));
}

const said = (pack, kind, typed, stops) =>
  page(pack, `/packs/${kind}`, { "@TYPED@": escaped(typed.slice(0, 60)), "<!--rows-->": stops.map((stop) => stop.row).join("") });

// A closure begins and ends by itself, a day note ends: only what holds now is shown.
function holding(known) {
  const now = new Date().toISOString();
  const at = (time) => time && new Date(time).toISOString();
  return (known?.notices ?? []).filter((each) => at(each.from_time) <= now && (!each.until_time || now < at(each.until_time)));
}

// What is said of one place stands on the pages of its stops and on the list of all.
function notices(known, path) {
  const code = /^\/g\/([^/]+)\/?$/i.exec(path)?.[1];
  const belongs = (each) => !each.codes || path === "/g/" || (code && each.codes.includes(plain(code)));
  return holding(known).filter(belongs).map((each) => each.html).join("");
}

// The stops that are shut, as far as this phone has heard.
const closed = (known) => holding(known).flatMap((each) => each.closes ?? []);

// As the edge does (services/edge/language.py, own_path): a form of another site may say anything.
function ownAddress(text) {
  try {
    const found = new URL(text, location.origin);
    return found.origin === location.origin ? found.href : "/g/";
  } catch {
    return "/g/";
  }
}

async function language(request) {
  const form = await request.clone().formData();
  const locale = String(form.get("locale"));
  if ((await here().catch(() => ({ packs: [] }))).packs.some((pack) => pack.locale === locale)) {
    await store.putNote("active", locale);
    forget();
    fetch(request, { redirect: "manual" }).catch(() => {}); // the cookie, for pages of the network
    return Response.redirect(ownAddress(String(form.get("back") ?? "/g/")), 303);
  }
  try {
    const answer = await fetch(request);
    await store.putNote("active", "");
    forget();
    return answer;
  } catch {
    const kept = (await here()).pack;
    return (kept && (await page(kept, "/packs/language"))) || Response.error();
  }
}

// Writes down that a stop was opened, before anything else is done with it.
async function count(pack, code, served) {
  await store.addScan({
    scan_id: crypto.randomUUID(), stop_code: code, requested_locale: pack.locale, served_locale: served,
    scan_time: new Date().toISOString(), offline: false,
  });
  await wake();
  await deliver();
}

// Has the browser wake this worker when there is a signal again, where it can.
async function wake() {
  await self.registration.sync?.register("scans").catch(() => {});
}

// Sends what waits. Each scan has an id of its own: sent twice, it is counted once.
async function deliver() {
  const work = async () => {
    for (let batch = await store.waitingScans(MOST_SCANS); batch.length; batch = await store.waitingScans(MOST_SCANS)) {
      if (!(await send(batch))) return;
    }
  };
  await (navigator.locks ? navigator.locks.request("meguri-scans", work) : work());
}

async function send(batch) {
  const said = await handOver(batch);
  if (said === "taken") {
    await store.forgetScans(batch.map((scan) => scan.scan_id));
    return true;
  }
  if (said === "wrong" && batch.length > 1) {
    for (const scan of batch) if (!(await send([scan]))) return false;
    return true;
  }
  if (said === "wrong") {
    await store.forgetScans([batch[0].scan_id]); // it will never be taken
    return true;
  }
  await store.markLate(batch.filter((scan) => !scan.offline));
  return false;
}

// Says "taken" or "wrong" only where the guide itself said so: the page of a Wi-Fi's login answers
// everything with 200.
async function handOver(scans) {
  try {
    const answer = await fetchWithin("/api/v1/scans", SEND_WAIT_MS, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ scans }),
    });
    const said = await answer.json();
    if (said.recorded + said.repeated + said.rejected?.length === scans.length) return "taken";
    if (said.type === "urn:meguri:problem:invalid_fields") return "wrong";
  } catch {
    // nobody, or somebody else
  }
  return "not heard";
}

const pathOf = (client) => new URL(client.url).pathname;

const tell = (client, known) => client?.postMessage({ notices: notices(known, pathOf(client)), closed: closed(known) });

// A page that asks may have come too late to hear what was told while it was being opened.
async function tellNotices(client) {
  const { pack } = await here();
  if (pack) tell(client, await store.note(`notices ${pack.locale}`));
}

// Somebody may answer: sends what waits, and asks what is closed.
async function contact() {
  await Promise.all([deliver, deliverAnswers, deliverHelp].map((each) => each().catch(() => {})));
  const { pack } = await here();
  if (!pack) return;
  const name = `notices ${pack.locale}`;
  const known = await store.note(name);
  if (known && Date.now() - known.heard < NOTICES_EVERY_MS) return;
  try {
    const answer = await fetchWithin(`/packs/${pack.area}/${pack.locale}/notices.json`, SEND_WAIT_MS);
    if (!answer.ok) return;
    const heard = await answer.json();
    if (!heard.known) return; // what was heard before is better than nothing
    await store.putNote(name, { ...heard, heard: Date.now() });
    for (const client of await clients.matchAll()) tell(client, heard);
  } catch {
    // no signal
  }
}
