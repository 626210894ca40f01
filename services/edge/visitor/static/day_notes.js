// Takes day notes off a page that is left open past midnight: they say what holds today.
const EVERY_MS = 20_000;

let timer;

function sweep() {
  const now = Date.now();
  let next = EVERY_MS; // a kept page may be given others meanwhile
  for (const note of document.querySelectorAll("[data-note-until]")) {
    const left = Date.parse(note.dataset.noteUntil) - now;
    if (left <= 0) note.remove();
    else next = Math.min(next, left);
  }
  clearTimeout(timer);
  timer = setTimeout(sweep, next);
}

sweep();
addEventListener("pageshow", sweep); // also where the browser brings a page back as it was
document.addEventListener("visibilitychange", sweep);
