// What this device must not forget: scans not delivered yet, and tickets it let in by itself.
const NAME = "meguri-gate";
const KEEP_MS = 3 * 86_400_000; // a ticket this device let in is of no use to it after its day

const asked = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

export async function open() {
  const opening = indexedDB.open(NAME, 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("scans", { keyPath: "scan_id" });
    opening.result.createObjectStore("inside", { keyPath: "ticket_id" });
  };
  const db = await asked(opening);
  const store = (name, mode) => db.transaction(name, mode, { durability: "strict" }).objectStore(name);

  // Resolves once the transaction is on disk: only then may the gate open.
  const write = (name, change) =>
    new Promise((resolve, reject) => {
      const target = store(name, "readwrite");
      change(target);
      target.transaction.oncomplete = resolve;
      target.transaction.onabort = () => reject(target.transaction.error);
    });

  return {
    keep: (scan) => write("scans", (scans) => scans.put(scan)),
    forget: (ids) => write("scans", (scans) => ids.forEach((id) => scans.delete(id))),
    async decided() {
      const all = await asked(store("scans", "readonly").getAll());
      return all.filter((scan) => scan.decided);
    },
    // A scan without a decision showed nobody anything: the page was closed while it asked.
    async tidy() {
      const all = await asked(store("scans", "readonly").getAll());
      await write("scans", (scans) => all.filter((s) => !s.decided).forEach((s) => scans.delete(s.scan_id)));
      const old = await asked(store("inside", "readonly").getAll());
      const gone = old.filter((each) => Date.parse(each.at) < Date.now() - KEEP_MS);
      await write("inside", (inside) => gone.forEach((each) => inside.delete(each.ticket_id)));
    },
    inside: (ticketId) => asked(store("inside", "readonly").get(ticketId)),
    // In one transaction with the scan: no crash lets a ticket in twice here, or loses that it was.
    admit: (scan, ticketId, gate) =>
      new Promise((resolve, reject) => {
        const both = db.transaction(["scans", "inside"], "readwrite", { durability: "strict" });
        both.objectStore("scans").put({ ...scan, decided: true });
        both.objectStore("inside").add({ ticket_id: ticketId, at: scan.scan_time, gate });
        both.oncomplete = () => resolve(true);
        both.onabort = () => (both.error?.name === "ConstraintError" ? resolve(false) : reject(both.error));
      }),
    noteInside: (ticketId, at, gate) => write("inside", (inside) => inside.put({ ticket_id: ticketId, at, gate })),
  };
}
