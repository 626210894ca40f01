// Tells the paired displays of this till what changes between two pages, and that the till is still
// there. Nothing here ever holds up a sale: what does not arrive is said again with the next tap.
const AFTER_MS = 150;
const BEAT_MS = 15000;
const told = document.querySelector("meta[name=till-news]");
let timer;
let under;

async function send(fields) {
  const body = new URLSearchParams([["form_token", told.dataset.token], ["shop", told.content], ...fields]);
  under?.abort();
  under = new AbortController();
  try {
    await fetch("/till/display/news", { method: "POST", body, signal: under.signal });
  } catch {
    // no signal, or overtaken
  }
}

export function report(form) {
  if (!told) return;
  clearTimeout(timer);
  timer = setTimeout(() => {
    const data = new FormData(form);
    send(["item", "amount_yen", "request_id"].flatMap((name) => data.getAll(name).map((value) => [name, value])));
  }, AFTER_MS);
}

// A sale is on its way: its outcome comes from the server, and no sum may come after it.
export function hush() {
  clearTimeout(timer);
  under?.abort();
}

if (told) setInterval(() => send([["beat", "1"]]), BEAT_MS);
