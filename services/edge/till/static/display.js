// What the till tells a display in a second window of its device, and what a display shows. A paired
// display (feed.js) is told by the server instead.
const channel = "BroadcastChannel" in window ? new BroadcastChannel("meguri-till-display") : null;
const THANKS_MS = 20000;
let last = { on: "welcome" };

export function tell(news) {
  last = news;
  channel?.postMessage(news);
}

const root = document.querySelector("[data-display]");
let back;

export function show(news) {
  clearTimeout(back);
  for (const part of root.children) part.hidden = part.dataset.on !== news.on;
  const part = [...root.children].find((each) => !each.hidden);
  const yen = part?.querySelector("[data-yen]");
  if (yen) yen.textContent = news.yen ?? "";
  part?.querySelector("[data-lines]")?.replaceChildren(...(news.lines ?? []).map((line) => {
    const row = document.createElement("li");
    row.textContent = line;
    return row;
  }));
  const change = part?.querySelector("[data-change]");
  if (change) {
    change.textContent = news.change ?? "";
    change.parentElement.hidden = !news.change;
  }
  const code = part?.querySelector("[data-code]");
  if (code) code.replaceChildren(...drawn(news.code));
  const link = part?.querySelector("[data-link]");
  if (link) {
    link.replaceChildren(...drawn(news.link));
    link.parentElement.hidden = !news.link;
  }
  if (news.on === "ok") back = setTimeout(show, THANKS_MS, { on: "welcome" });
}

function drawn(text) {
  if (!text) return [];
  return [document.importNode(new DOMParser().parseFromString(text, "text/html").body.firstElementChild, true)];
}

if (root?.dataset.feed) {
  if (root.dataset.onNow === "ok") back = setTimeout(show, THANKS_MS, { on: "welcome" });
} else if (root && channel) {
  channel.addEventListener("message", ({ data }) => data.on && show(data));
  channel.postMessage({ ask: true }); // a display opened later shows what stands now
} else channel?.addEventListener("message", ({ data }) => data.ask && channel.postMessage(last));
