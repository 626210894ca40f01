// Whoever signs out leaves no counter behind on the device: its worker keeps one for lost signals.
// Sales that wait stay; they are sent once the same person is signed in again.
const COUNTERS = "meguri-till-1";
const PATIENCE_MS = 1500;

for (const form of document.querySelectorAll("form[action='/logout']")) {
  form.addEventListener("submit", async (event) => {
    if (!globalThis.caches) return;
    event.preventDefault();
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    await Promise.race([caches.delete(COUNTERS), late]).catch(() => {});
    form.submit();
  });
}
