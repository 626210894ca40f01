// What the till tells the customer's display, and the display itself. Both are windows of one device.
const channel = "BroadcastChannel" in window ? new BroadcastChannel("meguri-till-display") : null;
const THANKS_MS = 20000;
let last = { on: "welcome" };

export function tell(news) {
  last = news;
  channel?.postMessage(news);
}

const root = document.querySelector("[data-display]");
let back;

function show(news) {
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
  if (code && news.code) code.replaceChildren(document.importNode(new DOMParser().parseFromString(news.code, "text/html").body.firstElementChild, true));
  if (news.on === "ok") back = setTimeout(show, THANKS_MS, { on: "welcome" });
}

if (root && channel) {
  channel.addEventListener("message", ({ data }) => data.on && show(data));
  channel.postMessage({ ask: true }); // a display opened later shows what stands now
} else channel?.addEventListener("message", ({ data }) => data.ask && channel.postMessage(last));
