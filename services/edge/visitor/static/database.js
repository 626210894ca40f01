// A database of this phone's own, opened when it is first needed and again after the browser closed it.
// `make` puts its stores into a new one.
export function database(name, make) {
  let opened = null;
  return () => {
    opened ??= new Promise((resolve, reject) => {
      const opening = indexedDB.open(name, 1);
      opening.onupgradeneeded = () => make(opening.result);
      opening.onsuccess = () => {
        opening.result.onclose = () => (opened = null);
        resolve(opening.result);
      };
      opening.onerror = () => reject(opening.error);
    }).catch((error) => {
      opened = null;
      throw error;
    });
    return opened;
  };
}

// Reads all of a store and lets `change` write in the same transaction: two tabs take turns.
export async function within(open, name, change) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const transaction = db.transaction(name, "readwrite", { durability: "strict" });
    const store = transaction.objectStore(name);
    let outcome;
    store.getAll().onsuccess = (event) => (outcome = change(event.target.result, store));
    transaction.oncomplete = () => resolve(outcome);
    transaction.onabort = () => reject(transaction.error);
  });
}
