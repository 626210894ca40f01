// What of the guide is on this phone. Files lie in the browser's cache under their content's name;
// which of them make a pack, and what waits to be sent, lies in its database. A pack changes in one
// transaction, so no page of it ever mixes two versions.
import { database } from "../database.js";

const NAME = "meguri-pack";
const FILES = "meguri-pack-files";

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const opened = database(NAME, (made) => {
  made.createObjectStore("packs", { keyPath: "locale" });
  made.createObjectStore("scans", { keyPath: "scan_id" });
  made.createObjectStore("notes");
});

async function read(store, ask) {
  return asked(ask((await opened()).transaction(store).objectStore(store)));
}

async function write(stores, change) {
  const db = await opened();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(stores, "readwrite", { durability: "strict" });
    change(...stores.map((name) => transaction.objectStore(name)));
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

// --- packs: {locale, current, previous, next, loaded_time, key, key_id}
export const packOf = (locale) => read("packs", (packs) => packs.get(locale));
export const allPacks = () => read("packs", (packs) => packs.getAll());
export const keepPack = (pack) => write(["packs"], (packs) => packs.put(pack));
export const dropPack = (locale) =>
  write(["packs", "notes"], (packs, notes) => {
    packs.delete(locale);
    notes.delete(`notices ${locale}`);
  });

// Makes the version that is complete the one that is read, and its language the active one.
export const switchTo = (pack) =>
  write(["packs", "notes"], (packs, notes) => {
    packs.put(pack);
    notes.put(pack.locale, "active");
  });

export const note = (name) => read("notes", (notes) => notes.get(name));
export const putNote = (name, value) => write(["notes"], (notes) => notes.put(value, name));

// --- scans that wait
export const addScan = (scan) => write(["scans"], (scans) => scans.put(scan));
export const waitingScans = (most) => read("scans", (scans) => scans.getAll(null, most));
export const countScans = () => read("scans", (scans) => scans.count());
export const forgetScans = (ids) => write(["scans"], (scans) => ids.forEach((id) => scans.delete(id)));
export const markLate = (waiting) =>
  write(["scans"], (scans) => waiting.forEach((scan) => scans.put({ ...scan, offline: true })));

// --- files by content
const address = (sha256) => `/packs/files/${sha256}`;
export async function file(sha256) {
  return (await caches.open(FILES)).match(address(sha256));
}
export async function putFile(sha256, body, type) {
  await (await caches.open(FILES)).put(address(sha256), new Response(body, { headers: { "Content-Type": type } }));
}
export async function filesHere() {
  const found = await (await caches.open(FILES)).keys();
  return new Set(found.map((each) => each.url.split("/").pop()));
}

// Removes what no version of any pack needs.
export async function tidy() {
  const packs = await allPacks();
  const needed = new Set(
    packs.flatMap((pack) => [pack.current, pack.previous, pack.next].flatMap((each) => each?.files ?? [])).map((each) => each.sha256),
  );
  const cache = await caches.open(FILES);
  for (const each of await cache.keys()) if (!needed.has(each.url.split("/").pop())) await cache.delete(each);
}
