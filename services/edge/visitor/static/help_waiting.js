// Messages to the association. Each waits in this phone's own database until the guide itself has said that
// it has it; sent twice, it arrives once. What was written is forgotten as soon as it has arrived; what opens the
// answer stays as long as the answer can be read.
import { tell } from "./answers.js";
import { database, within as change } from "./database.js";

const NAME = "meguri-help";
const STORE = "messages";
const MOST = 5;
const KEPT_MS = 60 * 86_400_000;

const opened = database(NAME, (made) => made.createObjectStore(STORE, { keyPath: "help_id" }));
const within = (work) => change(opened, STORE, work);

export const add = (message) => within((_, store) => store.put({ ...message, waiting: true }) && message);
export const forget = (id) => within((_, store) => store.delete(id));

// What is on this phone, the newest first; what is too old goes.
export const all = () =>
  within((found, store) => {
    const old = (each) => !each.waiting && Date.now() - Date.parse(each.write_time) > KEPT_MS;
    for (const each of found.filter(old)) store.delete(each.help_id);
    return found.filter((each) => !old(each)).sort((one, other) => other.write_time.localeCompare(one.write_time));
  });

// Sends what waits, in one tab or worker at a time. Returns whether nothing waits any longer.
export async function deliver() {
  const work = async () => {
    for (;;) {
      const batch = (await all()).filter((each) => each.waiting).slice(0, MOST);
      if (!batch.length) return true;
      if (!(await send(batch))) return false;
    }
  };
  return navigator.locks ? navigator.locks.request("meguri-help", work) : work();
}

const plain = ({ waiting, ...message }) => message;

async function send(batch) {
  const told = await tell("help-requests", "help_requests", batch.map(plain));
  if (told.said === "wrong" && batch.length > 1) {
    for (const each of batch) if (!(await send([each]))) return false;
    return true;
  }
  if (told.said === "not heard") return false;
  const refused = new Map((told.rejected ?? []).map((each) => [each.help_id, each.reason]));
  await within((_, store) => {
    for (const each of batch) {
      const reason = told.said === "wrong" ? "invalid_fields" : refused.get(each.help_id);
      const { help_id, secret, topic, write_time } = each;
      store.put(reason ? { ...each, waiting: false, refused: reason } : { help_id, secret, topic, write_time, waiting: false });
    }
  });
  return true;
}
