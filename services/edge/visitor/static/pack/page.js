// The page of the language pack: says what is on this phone, loads it, removes it.
import { alone, hear, loadNewest, missing, newest, remove, tell, Trouble } from "./loader.js";
import { countScans, packOf } from "./store.js";

const page = document.querySelector("[data-pack]");
const words = page.dataset;
const { area, locale } = words;
const key = { id: words.keyId, hex: words.key };
const part = (name) => page.querySelector(`[data-part=${name}]`);
const megabytes = (bytes) => (Math.ceil(bytes / 10_000) / 100).toLocaleString(document.documentElement.lang, { maximumFractionDigits: bytes < 995_000 ? 2 : 1 });
const when = (time) => new Date(time).toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short", hourCycle: "h23" });
const fill = (text, given) => Object.entries(given).reduce((filled, [name, value]) => filled.replace(`{${name}}`, value), text);
let sure = false;

function look(state, said = "") {
  part("card").dataset.state = state;
  part("said").textContent = said;
  part("bar").hidden = state !== "loading";
  if (state === "loading") part("load").hidden = true;
}

function offer(text) {
  part("load").textContent = text;
  part("load").hidden = false;
}

function counts(manifest) {
  part("counts").textContent = fill(words.counts, { texts: manifest.texts, recordings: manifest.recordings, size: megabytes(manifest.bytes) });
  // A pack from before photos were counted says nothing of them.
  part("photos").textContent = manifest.photos ? fill(words.photos, { photos: manifest.photos, size: megabytes(manifest.photo_bytes) }) : "";
}

// What is on the phone is told at once; whether there is something newer, when the network says so.
async function show() {
  const waiting = await countScans();
  part("waiting").textContent = waiting ? fill(words.waiting, { count: waiting }) : "";
  const pack = await packOf(locale);
  const kept = pack?.current;
  part("remove").hidden = !pack;
  part("load").hidden = true;
  part("times").textContent = part("signed").textContent = "";
  const lacks = kept && (await missing(kept)).bytes; // a browser may throw files away
  if (kept && !lacks) {
    counts(kept);
    const texts = kept.texts_time ? fill(words.texts, { time: when(kept.texts_time) }) : "";
    part("times").textContent = [texts, fill(words.loaded, { time: when(pack.loaded_time) })].filter(Boolean).join(" · ");
    part("signed").textContent = words.signed;
    look("ready");
  }
  let manifest;
  try {
    manifest = await newest(area, locale, key);
  } catch (error) {
    if (kept && !lacks) return;
    return problem(error);
  }
  const left = (await missing(manifest)).bytes;
  if (kept && !lacks) {
    if (manifest.version === kept.version) return;
    look("ready", fill(words.delta, { size: megabytes(left) }));
    return offer(words.renew);
  }
  counts(manifest);
  const share = Math.floor((100 * (manifest.bytes - left)) / manifest.bytes);
  if (pack && share) look("partly", fill(words.partThere, { percent: share }));
  else look("offer");
  offer(pack && share ? words.goOn : words.load);
}

function problem(error) {
  const kind = error instanceof Trouble ? error.kind : "broken";
  look("problem", fill(words[kind === "gone" ? "away" : kind], { needed: megabytes(error.needed ?? 0) }));
  if (kind !== "wrong") offer(words.load);
}

function progress(bytes, total) {
  part("bar").value = Math.floor((100 * bytes) / total);
  look("loading", fill(words.loading, { size: megabytes(bytes), total: megabytes(total) }));
}

async function load() {
  part("load").hidden = true;
  look("loading");
  try {
    await navigator.serviceWorker.register("/sw.js", { type: "module", scope: "/" });
    await navigator.storage?.persist?.();
    const done = await alone(async () => {
      await loadNewest(area, locale, key, (bytes, total) => {
        progress(bytes, total);
        tell({ locale, bytes, total });
      });
    });
    if (!done) return look("loading", words.other);
    await navigator.serviceWorker.ready;
    await show();
    navigator.serviceWorker.controller?.postMessage({ deliver: true });
  } catch (error) {
    tell({ locale, done: true });
    part("remove").hidden = !(await packOf(locale).catch(() => null));
    problem(error);
    if (error.kind === "broken") offer(words.goOn);
  }
}

// Two taps: in a cave nobody can load it again.
async function takeAway() {
  if (!sure) {
    sure = true;
    part("remove").textContent = words.removeSure;
    return;
  }
  sure = false;
  part("remove").textContent = part("remove").dataset.words;
  await remove(locale);
  await show();
}

async function start() {
  if (!("serviceWorker" in navigator && "caches" in self && crypto.subtle)) return look("problem", words.unable);
  try {
    await packOf(locale);
  } catch {
    return look("problem", words.unable); // a private window may refuse its database
  }
  part("load").addEventListener("click", load);
  part("remove").addEventListener("click", takeAway);
  addEventListener("online", () => part("card").dataset.state !== "loading" && show());
  hear((said) => {
    if (said.locale !== locale) return;
    if (said.done) show();
    else {
      progress(said.bytes, said.total);
      part("said").textContent = words.other;
    }
  });
  await show();
}

await start();
page.dataset.ready = "yes";
