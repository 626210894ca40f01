// Takes day notes off a page that is left open past midnight: they say what holds today.
const EVERY_MS = 20_000;

function sweep() {
  const now = Date.now();
  for (const note of document.querySelectorAll("[data-note-until]")) {
    if (Date.parse(note.dataset.noteUntil) <= now) note.remove();
  }
}

setInterval(sweep, EVERY_MS);
addEventListener("pageshow", sweep); // also where the browser brings a page back as it was
document.addEventListener("visibilitychange", sweep);
