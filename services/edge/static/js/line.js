// Whether the server itself answers, for pages that go on without it. Browsers call a network without
// a way out "online", and some keep saying it after a page was opened without one: only an answer
// counts, and one that a worker kept is none. What browsers say is a hint to ask now.

// Ends a question; AbortSignal.timeout is too new for old phones.
export function within(milliseconds) {
  const control = new AbortController();
  setTimeout(() => control.abort(), milliseconds);
  return control.signal;
}

export const isOwnAnswer = (answer) => !answer.headers.has("Meguri-Kept");

// Asks at once when the browser believes in a network again, when the page is looked at again, and in
// between while it is looked at. `lost` is called when the browser knows of no network at all.
export function keepAsking(ask, lost, everyMs) {
  const isLookedAt = () => document.visibilityState === "visible";
  addEventListener("online", ask);
  addEventListener("offline", lost);
  document.addEventListener("visibilitychange", () => isLookedAt() && ask());
  setInterval(() => isLookedAt() && ask(), everyMs);
}
