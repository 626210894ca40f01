// Keeps the running day fresh: asks for the figures every few seconds and swaps them in when they changed.
const PERIOD_MS = 5000;
const PERIOD_AWAY_MS = 15000;

const live = document.querySelector("[data-live]");
const status = document.querySelector("[data-live-status]");
let etag = live.dataset.etag;
let waiting = 0;

function openDetails() {
  return new Set([...live.querySelectorAll("details[open][id]")].map((details) => details.id));
}

function swap(html) {
  const open = openDetails();
  const focused = live.contains(document.activeElement) ? document.activeElement.closest("[id]")?.id : null;
  const parsed = new DOMParser().parseFromString(html, "text/html");
  for (const details of parsed.querySelectorAll("details[id]")) details.open = open.has(details.id);
  live.replaceChildren(...parsed.body.childNodes);
  if (focused) (document.getElementById(focused)?.querySelector("summary") ?? document.getElementById(focused))?.focus({ preventScroll: true });
}

function say(state) {
  if (status.dataset.state === state) return;
  status.dataset.state = state;
  status.textContent = status.dataset[state];
}

async function update() {
  let period = PERIOD_MS;
  try {
    const answer = await fetch(live.dataset.live, { headers: { "If-None-Match": etag, Accept: "text/html" }, cache: "no-store", redirect: "error" });
    if (answer.status === 200) {
      etag = answer.headers.get("ETag") ?? "";
      swap(await answer.text());
    } else if (answer.status !== 304) {
      throw new Error(String(answer.status));
    }
    say("fresh");
  } catch {
    say("away");
    period = PERIOD_AWAY_MS;
  }
  schedule(period);
}

function schedule(period) {
  clearTimeout(waiting);
  if (!document.hidden) waiting = setTimeout(update, period);
}

document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(waiting) : update()));
say("fresh");
schedule(PERIOD_MS);
