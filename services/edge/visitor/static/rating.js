// The faces below a narration: one tap rates, another changes it, and it can be taken back. Without a
// script each face leads to a page that does the same.
import { deliver, handOver, rate, ratingOf } from "./answers.js";

const box = document.querySelector("[data-rating]");
const { code, locale } = box.dataset;
const part = (name) => box.querySelector(`[data-part=${name}]`);
const faces = [...box.querySelectorAll("[name=face]")];
const reasons = [...box.querySelectorAll("[data-reason]")];
const press = (button, on) => button.setAttribute("aria-pressed", String(on));
let unkept = null; // a private window may refuse its database: then it is kept as long as this page

function show(rating) {
  const face = rating && rating.face !== "withdrawn" ? rating.face : "";
  faces.forEach((each) => press(each, each.value === face));
  reasons.forEach((each) => press(each, Boolean(face) && rating.reasons.includes(each.dataset.reason)));
  const asks = face === "fair" || face === "poor";
  part("why").hidden = !asks;
  part("back").hidden = !face;
}

async function keep(face, chosen) {
  try {
    return await rate(code, locale, face, chosen);
  } catch {
    const known = unkept ?? { rating_id: crypto.randomUUID(), stop_code: code, locale, change: 0 };
    unkept = { ...known, face, reasons: chosen, change: known.change + 1, rating_time: new Date().toISOString() };
    return unkept;
  }
}

async function give(face, chosen) {
  const rating = await keep(face, chosen);
  show(rating);
  const sent = unkept ? (await handOver("ratings", [rating])) === "taken" : await deliver().catch(() => false);
  const words = face === "withdrawn" ? box.dataset.gone : box.dataset.noted;
  part("said").textContent = sent ? words : box.dataset.later;
  if (!sent) navigator.serviceWorker?.controller?.postMessage({ later: true });
}

for (const each of faces) {
  each.addEventListener("click", (event) => {
    event.preventDefault();
    const again = each.getAttribute("aria-pressed") === "true";
    if (!again) give(each.value, []);
  });
}
for (const each of reasons) {
  each.addEventListener("click", () => {
    press(each, each.getAttribute("aria-pressed") !== "true");
    const face = faces.find((one) => one.getAttribute("aria-pressed") === "true");
    give(face.value, reasons.filter((one) => one.getAttribute("aria-pressed") === "true").map((one) => one.dataset.reason));
  });
}
part("back").addEventListener("click", () => {
  give("withdrawn", []);
  faces[0].focus(); // the button goes away
});
faces.forEach((each) => press(each, false));
addEventListener("online", () => deliver().catch(() => {}));
const known = await ratingOf(code, locale).catch(() => null);
if (known) show(known);
await deliver().catch(() => {});
box.dataset.ready = "yes";
