// The recorder of the studio: count, read aloud, listen, send. What is said in which state stands in the page.
import { hindrance, open, reasonOf } from "./microphone.js";
import { all, forget, keep, send } from "./waiting.js";
import { joined, peak, RATE, resampled, seconds, wav } from "./wav.js";

const COUNT = 3;
const SHORTEST_S = 0.5;
const SOON_S = 10;
const AGAIN_MS = 15_000;
const SOON_MS = 3_000; // others are being made
const QUIET = 0.02; // -34 dBFS at its loudest: the room is about as loud
const FULL = 0.99;
const CREDIT = "meguri-recordings-credit";

const page = document.querySelector("[data-record]");
const part = (name) => page.querySelector(`[data-part=${name}]`);
const said = part("said").dataset;
const told = part("told");
const { credit, speaker_agreed: agreed, word_for_word: wordForWord } = part("send").elements;
const longest = Number(page.dataset.longest);
const clockOf = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

let state = "idle";
let microphone = null;
let lock = null; // keeps the screen on
let pieces = [];
let recording = null; // what was recorded last
let isKept = false;
let address = "";

function show(now, words, kind = "") {
  state = now;
  page.dataset.state = now;
  const focused = page.contains(document.activeElement) ? document.activeElement : null;
  for (const each of page.querySelectorAll("[data-when]")) each.hidden = !each.dataset.when.split(" ").includes(now);
  told.textContent = words;
  told.dataset.kind = kind;
  // The keyboard goes on where the button was that is gone.
  if (focused && !focused.checkVisibility()) [...part("bar").querySelectorAll("button, audio")].find((each) => each.checkVisibility())?.focus();
}

function tick() {
  const now = seconds(pieces, microphone?.rate ?? 1);
  part("clock").textContent = `${clockOf(now)} / ${clockOf(longest)}`;
  return now;
}

function hear(samples) {
  const level = peak(samples);
  part("level").style.setProperty("--level", Math.max(0, 1 + Math.log10(Math.max(level, 1e-6)) / 2.5).toFixed(3)); // 50 dB
  part("level").dataset.full = level > FULL ? "yes" : "";
  if (state !== "recording") return;
  const before = tick();
  pieces.push(samples);
  const now = tick();
  if (now >= longest) return void finish(said.full);
  if (now >= longest - SOON_S && before < longest - SOON_S) told.textContent = said.soon;
}

function silence() {
  microphone?.close();
  microphone = null;
  lock?.then((held) => held?.release()).catch(() => {});
  lock = null;
  removeEventListener("beforeunload", guard);
}
const guard = (event) => event.preventDefault();

async function start() {
  if (state === "opening") return;
  part("sound").pause();
  show("opening", said.opening);
  try {
    microphone = await open(hear, () => (["recording", "paused"].includes(state) ? finish(said.lost) : cancel()));
  } catch (error) {
    return show(recording ? "review" : "idle", said[reasonOf(error)], "bad");
  }
  pieces = [];
  tick();
  lock = navigator.wakeLock?.request("screen");
  lock?.catch(() => {});
  const own = microphone;
  for (let left = COUNT; left; left--) {
    show("counting", String(left));
    await pause(1000);
    if (microphone !== own || state !== "counting") return;
  }
  addEventListener("beforeunload", guard);
  show("recording", said.recording);
}

function cancel() {
  silence();
  if (recording) review();
  else show("idle", said.ready);
}

async function finish(why = "") {
  if (!microphone) return;
  const { rate } = microphone;
  silence();
  if (seconds(pieces, rate) < SHORTEST_S) return show(recording ? "review" : "idle", said.short, "bad");
  show("making", said.making);
  await pause(0); // the page is drawn before the work
  const samples = resampled(joined(pieces), rate).subarray(0, longest * RATE);
  pieces = [];
  const loudest = peak(samples);
  recording = {
    page: location.pathname, name: page.dataset.name, locale: page.dataset.locale, text_sha256: page.dataset.text,
    request_id: crypto.randomUUID(), credit: "", transcript: "", speaker_agreed: false, word_for_word: true, wav: wav(samples), seconds: samples.length / RATE, tried: false,
  };
  await store();
  const heard = loudest < QUIET ? said.quiet : loudest > FULL ? said.loud : "";
  review([why, heard].filter(Boolean).join(" "), heard ? "warn" : "");
}

// A private window may keep nothing: then it is sent from here, and the page says so.
async function store() {
  isKept = await keep(recording).then(() => true, () => false);
}

function review(why = "", kind = "") {
  URL.revokeObjectURL(address);
  address = URL.createObjectURL(new Blob([recording.wav], { type: "audio/wav" }));
  part("sound").src = address;
  const changed = recording.text_sha256 === page.dataset.text ? "" : said.changed;
  const unkept = isKept ? "" : said.unkept;
  const words = said.review.replace("{seconds}", Math.round(recording.seconds));
  show("review", [why, words, changed, unkept].filter(Boolean).join(" "), kind || (changed || unkept ? "warn" : ""));
}

async function deliver() {
  show("sending", said.sending);
  const answer = await send(recording, part("send").elements.form_token.value);
  if (answer.next) {
    await forget(recording).catch(() => {});
    return location.assign(answer.next);
  }
  if (answer.soon) setTimeout(retry, SOON_MS);
  if (!answer.refused) return show("waiting", [answer.title, isKept ? said.waits : said.unkept].filter(Boolean).join(" "), "warn");
  // Nothing was put in: what is sent next is another request.
  recording = { ...recording, request_id: crypto.randomUUID(), tried: false };
  await store();
  if (answer.refused === "text_changed" && isKept) return location.reload(); // to the text of now
  review(answer.title, "bad");
}

part("send").addEventListener("submit", async (event) => {
  event.preventDefault();
  const now = {
    credit: credit.value.trim(), text_sha256: page.dataset.text,
    speaker_agreed: agreed.checked, word_for_word: wordForWord.checked,
  };
  const other = Object.entries(now).some(([name, value]) => recording[name] !== value);
  const request_id = recording.tried && other ? crypto.randomUUID() : recording.request_id;
  recording = { ...recording, ...now, request_id, tried: true };
  try {
    localStorage.setItem(CREDIT, now.credit);
  } catch {
    // it is typed again then
  }
  await store();
  await deliver();
});

const retry = () => state === "waiting" && deliver();
part("start").addEventListener("click", start);
part("again").addEventListener("click", start);
part("cancel").addEventListener("click", cancel);
part("pause").addEventListener("click", () => show("paused", said.paused));
part("resume").addEventListener("click", () => show("recording", said.recording));
for (const name of ["finish", "finish-paused"]) part(name).addEventListener("click", () => finish());
part("retry").addEventListener("click", retry);
part("drop").addEventListener("click", async () => {
  await forget(recording).catch(() => {});
  recording = null;
  part("sound").removeAttribute("src");
  show("idle", said.dropped);
});
addEventListener("online", retry);
setInterval(retry, AGAIN_MS);

async function begin() {
  const found = await all().catch(() => []);
  for (const each of found.filter((one) => one.page !== location.pathname)) {
    const link = document.createElement("a");
    Object.assign(link, { href: each.page, textContent: each.name, lang: each.locale });
    part("others").append(link);
  }
  part("unsent").hidden = !part("others").children.length;
  const why = hindrance();
  for (const each of page.querySelectorAll("[data-hindered]")) each.hidden = each.dataset.hindered !== why;
  if (why) return;
  part("bar").hidden = false;
  try {
    credit.value ||= localStorage.getItem(CREDIT) ?? "";
  } catch {
    // nothing is known then
  }
  recording = found.find((each) => each.page === location.pathname) ?? null;
  tick();
  if (!recording) return show("idle", said.ready);
  isKept = true;
  credit.value = recording.credit || credit.value;
  agreed.checked = Boolean(recording.speaker_agreed);
  wordForWord.checked = recording.word_for_word ?? true;
  if (recording.tried && recording.text_sha256 === page.dataset.text) return deliver();
  review(said.kept);
}
await begin();
page.dataset.ready = "yes";
