// Loads a language pack: the signed manifest, then the files this phone lacks. What broke off goes on
// where it was, because a file that is here is never asked for again.
import { isSigned } from "../../gate/ticket.js";
import { waitingCount } from "../answers.js";
import * as store from "./store.js";

const FORMAT = 1;
const MOST_BYTES = 8_000_000;
const AT_ONCE = 4;
const MANIFEST_WAIT_MS = 15_000;
const FILE_WAIT_MS = 30_000;
const LOCK = "meguri-pack";
const news = "BroadcastChannel" in self ? new BroadcastChannel("meguri-pack") : null;

export class Trouble extends Error {
  constructor(kind, more = {}) {
    super(kind);
    Object.assign(this, { kind, ...more });
  }
}

const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const toHex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromBase64 = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

// JSON as RFC 8785 wants it: what was signed, byte by byte.
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
}

async function ask(address, milliseconds, options = {}) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), milliseconds);
  try {
    const answer = await fetch(address, { ...options, signal: control.signal });
    return { answer, body: await answer.arrayBuffer() };
  } catch {
    throw new Trouble("broken");
  } finally {
    clearTimeout(timer);
  }
}

// Returns the newest manifest, checked. key: {id, hex} as the page or an earlier load knows it.
export async function newest(area, locale, key) {
  const { answer, body } = await ask(`/packs/${area}/${locale}/manifest.json`, MANIFEST_WAIT_MS, { cache: "no-cache" });
  if (!answer.ok) throw new Trouble("away");
  let manifest;
  try {
    manifest = JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new Trouble("away"); // the sign-in page of a Wi-Fi, say
  }
  const { signature, ...signed } = manifest;
  const message = new TextEncoder().encode(`meguri-pack\0${area}\0${canonical(signed)}`);
  const ours = signature?.key_id === key.id && (await isSigned(fromHex(key.hex), message, fromBase64(signature.value)));
  if (!ours || signed.format !== FORMAT || signed.area !== area || signed.locale !== locale) throw new Trouble("wrong");
  if (signed.bytes > MOST_BYTES) throw new Trouble("wrong");
  return manifest;
}

// Returns the files of a manifest that are not here, each content once, and their bytes.
export async function missing(manifest) {
  const here = await store.filesHere();
  const files = [...new Map(manifest.files.map((each) => [each.sha256, each])).values()].filter((each) => !here.has(each.sha256));
  return { files, bytes: files.reduce((sum, each) => sum + each.bytes, 0) };
}

// Runs work in one tab only; returns false where another tab is at it.
export async function alone(work) {
  if (!navigator.locks) {
    await work(); // two tabs then load the same files twice, which breaks nothing
    return true;
  }
  return navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (!lock) return false;
    await work();
    return true;
  });
}

// Tells other tabs how far it is, and hears them.
export const tell = (what) => news?.postMessage(what);
export const hear = (heard) => news?.addEventListener("message", (event) => heard(event.data));

async function checkRoom(bytes) {
  const room = await navigator.storage?.estimate?.();
  if (!room?.quota) return;
  if (room.quota - room.usage < bytes * 1.1) throw new Trouble("full", { needed: bytes }); // a guess: a write may fail all the same
}

async function fetchFile(area, locale, entry) {
  const { answer, body } = await ask(`/packs/${area}/${locale}/files/${entry.sha256}`, FILE_WAIT_MS, { cache: "no-store" }); // once is enough room
  if (answer.status === 404) throw new Trouble("gone");
  if (!answer.ok) throw new Trouble("away");
  if (toHex(await crypto.subtle.digest("SHA-256", body)) !== entry.sha256) throw new Trouble("wrong");
  await store.putFile(entry.sha256, body, entry.type);
}

// Loads what is missing of a manifest and then switches to it; progress is told bytes here and in all.
export async function load(manifest, key, progress) {
  const { area, locale } = manifest;
  const before = (await store.packOf(locale)) ?? { locale };
  const { files, bytes } = await missing(manifest);
  const loading = { ...before, area, next: manifest, key };
  let left = bytes;
  let trouble = null;
  try {
    await checkRoom(bytes);
    await store.keepPack(loading);
    progress(manifest.bytes - left, manifest.bytes);
    const waiting = [...files];
    const worker = async () => {
      for (let entry = waiting.shift(); entry && !trouble; entry = waiting.shift()) {
        try {
          await fetchFile(area, locale, entry);
        } catch (error) {
          trouble ??= error;
          return;
        }
        left -= entry.bytes;
        progress(manifest.bytes - left, manifest.bytes);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (trouble) throw trouble;
    await store.switchTo({
      locale, area, key, current: manifest, previous: before.current ?? null, next: null, loaded_time: new Date().toISOString(),
    });
    tell({ locale, done: true });
  } catch (error) {
    if (error.name !== "QuotaExceededError" && error.kind !== "full") throw error;
    // What was loaded in vain gives its room back; the version of before stays whole.
    await (before.current ? store.keepPack({ ...before, next: null }) : store.dropPack(locale)).catch(() => {});
    await store.tidy().catch(() => {});
    throw error.kind ? error : new Trouble("full", { needed: bytes });
  }
  await store.tidy();
}

// Loads the newest version, once more where a newer one came meanwhile.
export async function loadNewest(area, locale, key, progress) {
  for (let again = 2; ; again -= 1) {
    const manifest = await newest(area, locale, key);
    try {
      await load(manifest, key, progress);
      return manifest;
    } catch (error) {
      if (error.kind !== "gone" || !again) throw error;
    }
  }
}

export async function remove(locale) {
  await store.dropPack(locale);
  tell({ locale, done: true });
  await store.tidy();
  if (!(await store.allPacks()).length && !(await store.countScans()) && !(await waitingCount().catch(() => 0))) {
    const registration = await navigator.serviceWorker?.getRegistration("/");
    if (registration && new URL(registration.scope).pathname === "/") await registration.unregister();
  }
}
