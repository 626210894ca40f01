// Hears when a day is no longer what the page shows: by a stream, else by asking again and again.
const POLL_MS = 20000;
const AGAIN_MS = 60000; // until a stream is tried once more

function shown() {
  return document.querySelector("[data-day]");
}

export function listen(changed) {
  if (!shown() || !("EventSource" in window)) return;
  let working = false;
  let latest;
  let polling;

  async function heard(mark) {
    latest = mark;
    if (working) return;
    working = true;
    try {
      // What is heard while the page works would be heard by nobody: looked at when it is done.
      let asked;
      while (latest !== asked && latest !== shown().dataset.day) {
        asked = latest;
        await changed();
      }
    } finally {
      working = false;
    }
  }

  async function poll() {
    try {
      const answer = await fetch(shown().dataset.now, { cache: "no-store" });
      if (answer.ok) heard(await answer.text());
    } catch { /* no signal: the page stays as it is */ }
  }

  function open() {
    const stream = new EventSource(shown().dataset.live);
    stream.addEventListener("mark", ({ data }) => {
      clearInterval(polling);
      polling = undefined;
      heard(data);
    });
    stream.addEventListener("ended", () => stream.close());
    stream.addEventListener("error", () => {
      // A browser asks a cut stream again by itself, and gives up on an answer that is none (503).
      if (stream.readyState !== EventSource.CLOSED || polling) return;
      polling = setInterval(poll, POLL_MS);
      setTimeout(open, AGAIN_MS);
    });
  }

  open();
}
