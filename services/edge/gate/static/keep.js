// The gate's page on its first visit. It was loaded before its worker stood between, which therefore
// keeps nothing of it: a phone that lost the network right after could not open the gate again.

const LONGEST_PAUSE_MS = 60_000;

// Calls `kept` once the worker holds this page and its setup; a second visit passes through the
// worker by itself. `refresh` asks for the setup.
export async function keepFirstVisit(refresh, kept) {
  if (!("serviceWorker" in navigator)) return;
  const workers = navigator.serviceWorker;
  const between = workers.controller
    ? null
    : new Promise((resolve) => workers.addEventListener("controllerchange", resolve, { once: true }));
  workers.register("/gate/worker.js", { scope: "/gate" }).catch(() => {});
  if (between) {
    await between;
    await untilHeard(() => fetch(location.href, { headers: { Accept: "text/html" } }));
    await refresh();
  }
  kept();
}

async function untilHeard(ask) {
  for (let pause = 1000; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      if ((await ask()).ok) return;
    } catch {
      // no network just now
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
