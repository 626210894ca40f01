// On a page that was opened from the phone: shows closures heard meanwhile, sends what waits when the
// signal is back, and loads new texts in the background; they are read from the next page on.
import { note, packOf, putNote } from "./store.js";

const CHECK_EVERY_MS = 120_000;
const { area, locale } = document.querySelector("script[data-area]").dataset;
const shown = document.querySelector("[data-kept-notices]");
const worker = navigator.serviceWorker;

worker?.addEventListener("message", (event) => {
  if (typeof event.data?.notices === "string" && shown.innerHTML !== event.data.notices) shown.innerHTML = event.data.notices;
  if (Array.isArray(event.data?.closed)) mark(event.data.closed);
});

// Marks the rows of stops that are shut, and says on the page of the ways out what that means.
function mark(closed) {
  const rows = [...document.querySelectorAll("[data-closed]")];
  for (const row of rows) row.hidden = !closed.includes(row.dataset.closed);
  for (const note of document.querySelectorAll("[data-closed-any]")) note.hidden = rows.every((row) => row.hidden);
}

async function renew() {
  const pack = await packOf(locale);
  const checked = (await note(`checked ${locale}`)) ?? 0;
  // A browser may say "online" without a network, and the other way round: only an answer tells.
  if (!pack?.current || Date.now() - checked < CHECK_EVERY_MS) return;
  try {
    const { alone, loadNewest, newest } = await import("./loader.js"); // rarely needed: not before the page is read
    const manifest = await newest(area, locale, pack.key);
    if (manifest.version !== pack.current.version) await alone(() => loadNewest(area, locale, pack.key, () => {}));
    await putNote(`checked ${locale}`, Date.now());
  } catch {
    // no signal, or no room: the version that is here stays whole, the page of the pack says more
  }
}

const meet = () => {
  worker?.controller?.postMessage({ deliver: true });
  return renew();
};
addEventListener("online", meet);
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && meet());
await meet();
