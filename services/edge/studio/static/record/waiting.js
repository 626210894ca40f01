// Recordings that are not sent yet. Each waits in this device's own database, with the id it is sent under,
// until the guide itself has said that it has it: sent twice, it is put in once.
import { database, within as change } from "../../visitor/database.js";

const STORE = "recordings";
const SEND_WAIT_MS = 180_000; // three million bytes over a slow line

const opened = database("meguri-recordings", (made) => made.createObjectStore(STORE, { keyPath: "page" }));
const within = (work) => change(opened, STORE, work);

export const all = () => within((found) => found);
export const keep = (recording) => within((_, store) => store.put(recording) && recording);
// Only what was sent goes: what was recorded anew meanwhile, in another tab, stays.
export const forget = (recording) =>
  within((found, store) => {
    if (found.some((each) => each.page === recording.page && each.request_id === recording.request_id)) store.delete(recording.page);
  });

// Sends a recording. Returns { next } where the guide took it; { refused, title } where it never will as it is;
// { title } where it may later, { soon } in a moment. The title is the guide's own sentence, empty where nobody answered.
export async function send(recording, token) {
  const body = new FormData();
  const { request_id, credit, transcript, text_sha256 } = recording;
  for (const [name, value] of Object.entries({ form_token: token, request_id, credit, transcript, text_sha256 })) body.set(name, value);
  for (const name of ["speaker_agreed", "word_for_word"]) if (recording[name]) body.set(name, "1");
  body.set("sound", new Blob([recording.wav], { type: "audio/wav" }), "recording.wav");
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), SEND_WAIT_MS);
  try {
    const answer = await fetch(recording.page.replace(/record$/, "recording"), {
      method: "POST", headers: { Accept: "application/json" }, body, signal: control.signal,
    });
    const said = await answer.json();
    if (said.taken === request_id) return { next: said.next };
    // The page of a Wi-Fi's login answers too: only what has this form is the guide.
    if (!said.type?.startsWith("urn:meguri:problem:")) return { title: "" };
    const later = [401, 403, 408, 429].includes(answer.status) || answer.status >= 500;
    return { refused: later ? "" : said.reason, title: said.title, soon: [429, 503].includes(answer.status) };
  } catch {
    return { title: "" };
  } finally {
    clearTimeout(timer);
  }
}
