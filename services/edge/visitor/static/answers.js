// What a visitor answered: ratings and surveys. Each waits in this phone's own database until the guide
// itself has said that it has it; sent twice, it counts once. It has nothing to do with the database of
// the pack: nobody needs a pack to rate. Ids are random, one for each answer, and forgotten soon.
import { database, within as change } from "./database.js";

const NAME = "meguri-answers";
const SEND_WAIT_MS = 10_000;
const MOST = 100;
const VISIT_MS = 12 * 3_600_000; // as long as somebody may change an answer
const KINDS = { ratings: "rating_id", surveys: "survey_id" };

const opened = database(NAME, (made) => {
  for (const [kind, id] of Object.entries(KINDS)) made.createObjectStore(kind, { keyPath: id });
});
const within = (kind, work) => change(opened, kind, work);

const fresh = (time) => Date.now() - Date.parse(time) < VISIT_MS;
const isOf = (code, locale) => (each) => each.stop_code === code && each.locale === locale && fresh(each.first_time);

// Returns the rating this phone gave a narration on this visit, undefined for none.
export const ratingOf = (code, locale) => within("ratings", (all) => all.find(isOf(code, locale)));

// Gives, changes or takes back a rating; returns it as it stands now.
export const rate = (code, locale, face, reasons) =>
  within("ratings", (all, store) => {
    const now = new Date().toISOString();
    const known = all.find(isOf(code, locale)) ?? { rating_id: crypto.randomUUID(), stop_code: code, locale, change: 0, first_time: now };
    const rating = { ...known, face, reasons, change: known.change + 1, rating_time: now, waiting: true };
    store.put(rating);
    return rating;
  });

export const addSurvey = (survey) => within("surveys", (_, store) => store.put({ ...survey, waiting: true }) && survey);

// How many answers wait.
export async function waitingCount() {
  const kept = await Promise.all(Object.keys(KINDS).map((kind) => within(kind, (all) => all.filter((each) => each.waiting).length)));
  return kept.reduce((sum, each) => sum + each, 0);
}

// Sends what waits, in one tab or worker at a time. Returns whether nothing waits any longer.
export async function deliver() {
  const work = async () => {
    const done = [];
    for (const kind of Object.keys(KINDS)) done.push(await deliverKind(kind));
    return done.every(Boolean);
  };
  return navigator.locks ? navigator.locks.request("meguri-answers", work) : work();
}

async function deliverKind(kind) {
  await tidy(kind);
  for (;;) {
    const batch = await within(kind, (all) => all.filter((each) => each.waiting).slice(0, MOST));
    if (!batch.length) return true;
    if (!(await send(kind, batch))) return false;
  }
}

async function send(kind, batch) {
  const said = await handOver(kind, batch);
  if (said === "wrong" && batch.length > 1) {
    for (const each of batch) if (!(await send(kind, [each]))) return false;
    return true;
  }
  if (said === "not heard") return false;
  await settle(kind, batch); // taken, or it will never be
  return true;
}

export async function handOver(kind, batch) {
  return (await tell(kind, kind, batch.map(({ waiting, first_time, ...answer }) => answer))).said;
}

// Sends a batch. Says "taken" or "wrong" only where the guide itself said so: the page of a Wi-Fi's login
// answers everything with 200.
export async function tell(path, name, batch) {
  const control = new AbortController();
  const timer = setTimeout(() => control.abort(), SEND_WAIT_MS);
  try {
    const answer = await fetch(`/api/v1/${path}`, {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ [name]: batch }), signal: control.signal,
    });
    const said = await answer.json();
    if (said.recorded + said.repeated + said.rejected?.length === batch.length) return { said: "taken", rejected: said.rejected };
    if (said.type === "urn:meguri:problem:invalid_fields") return { said: "wrong" };
  } catch {
    // nobody, or somebody else
  } finally {
    clearTimeout(timer);
  }
  return { said: "not heard" };
}

// What was sent waits no longer, unless it was changed meanwhile. A rating stays for its visit, so that
// it can be changed; a survey is forgotten.
const settle = (kind, sent) =>
  within(kind, (all, store) => {
    const changes = new Map(sent.map((each) => [each[KINDS[kind]], each.change]));
    for (const each of all) {
      const id = each[KINDS[kind]];
      if (!changes.has(id) || changes.get(id) !== each.change) continue;
      if (kind === "ratings" && fresh(each.first_time)) store.put({ ...each, waiting: false });
      else store.delete(id);
    }
  });

const tidy = (kind) =>
  within(kind, (all, store) => {
    for (const each of all) if (!each.waiting && !fresh(each.first_time)) store.delete(each[KINDS[kind]]);
  });
