// A paired display: hears its till through the server. Where the stream is cut it asks again and
// again, and says so where nothing is heard at all.
import { show } from "./display.js";

const LOST_MS = 12000;
const POLL_MS = 1500;
const AGAIN_MS = 20000; // until a stream is tried once more
const root = document.querySelector("[data-feed]");
const lost = document.querySelector("[data-lost]");
let heardAt = Date.now();
let polling;
let etag = "";
let tillIsLost = !lost.hidden;

function heard(view) {
  heardAt = Date.now();
  if (view) {
    tillIsLost = view.lost;
    show(view);
  }
  lost.hidden = !tillIsLost;
}

async function poll() {
  try {
    const answer = await fetch(root.dataset.now, { headers: etag ? { "If-None-Match": etag } : {}, cache: "no-store" });
    if (answer.status === 410) return location.reload(); // ended on the till: the page says what to do
    if (answer.status === 200) {
      etag = answer.headers.get("ETag") ?? "";
      heard(await answer.json());
    } else if (answer.status === 304) heard();
  } catch {
    // no signal; the clock below says so
  }
  return undefined;
}

function listen() {
  const stream = new EventSource(root.dataset.feed);
  stream.addEventListener("open", () => {
    clearInterval(polling);
    polling = undefined;
  });
  stream.addEventListener("news", ({ data }) => heard(JSON.parse(data)));
  stream.addEventListener("beat", () => heard());
  stream.addEventListener("ended", () => location.reload());
  stream.addEventListener("error", () => {
    if (polling) return;
    etag = "";
    poll();
    polling = setInterval(poll, POLL_MS);
    // A browser gives up for good on an answer that is no stream (503): try anew after a while.
    if (stream.readyState === EventSource.CLOSED) setTimeout(again, AGAIN_MS);
  });
  const again = () => {
    clearInterval(polling);
    polling = undefined;
    stream.close();
    listen();
  };
}

setInterval(() => {
  if (Date.now() - heardAt > LOST_MS) lost.hidden = false;
}, 1000);
listen();
