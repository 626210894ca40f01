// The gate. Online the server decides; cut off, this device does, and tells the server afterwards.
// Every scan is on disk under an id of its own before it is sent, so a lost answer is never a second
// admission.
import { watch } from "./camera.js";
import { closedAnswer, closedBy } from "../js/closed.js";
import { isOwnAnswer, keepAsking, within } from "../js/line.js";
import { keepFirstVisit } from "./keep.js";
import { open } from "./queue.js";
import { decide } from "./ticket.js";

const SCAN_WAIT_MS = 2500;
const DELIVER_EVERY_MS = 10_000;
const REFRESH_EVERY_MS = 10_000; // a closed cave must not wait for the next scan to be seen
const SAME_AGAIN_MS = 4000; // a code that stays before the camera is one scan
const MOST_AT_ONCE = 100;
const TONES = {
  ok: [[880, 0.12], [1320, 0.2]],
  practice: [[660, 0.12], [440, 0.12], [660, 0.12]], // neither the rise of "go in" nor a refusal
  used: [[520, 0.16], [390, 0.16], [520, 0.16], [390, 0.22]],
  bad: [[220, 0.5]],
  closed: [[220, 0.3], [165, 0.3], [220, 0.3], [165, 0.5]],
  odd: [[330, 0.18], [330, 0.18]],
};
const BUZZ = { ok: [80], practice: [80, 60, 240], used: [120, 80, 120, 80, 120], bad: [500], closed: [500, 100, 500], odd: [150, 100, 150] };

// Outcomes that use a ticket up. Only "admitted" opens the gate and asks where guests come from.
const USES_UP = ["admitted", "practice"];

const page = document.querySelector("[data-gate]");
const gate = page.dataset.gate;
const words = page.dataset;
const part = (name) => page.querySelector(`[data-part=${name}]`);
const kept = await open();
let setup = null;
let token = words.token;
let last = { text: "", at: 0 };
let busy = false;
let sounds = null;
let shown = null; // the scan whose result is on the screen, for the tap on where guests come from

const newId = () => {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const text = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
};

let reached = false; // the server itself answered when it was last asked
async function call(path, body, waitMs, again = true) {
  const answer = await fetch(path, {
    method: body ? "POST" : "GET",
    headers: { Accept: "application/json", "Content-Type": "application/json", "X-Form-Token": token },
    body: body && JSON.stringify(body),
    signal: within(waitMs),
  });
  if (answer.status === 403 && body && again) {
    await refresh(); // signed in anew in another tab: the form token is another one
    return call(path, body, waitMs, false);
  }
  if (answer.status === 401 || answer.status === 403) throw new SignedOut();
  if (!answer.ok) throw new Error(String(answer.status));
  reached = isOwnAnswer(answer);
  return answer.json();
}
class SignedOut extends Error {}

async function refresh() {
  try {
    setup = await call(`/gate/setup?gate=${encodeURIComponent(gate)}`, null, 4000);
    token = setup.form_token || token;
    online(reached);
  } catch (error) {
    reached = false; // the worker answers with what it kept; without it the page needs the network
    online(false, error instanceof SignedOut);
  }
  showClosed();
}

function showClosed() {
  if (!setup) return; // the page came with the notice
  const shut = closedBy(setup);
  const say = (name, text) => {
    // The same text again would be read out again.
    if (part(name).textContent !== text) part(name).textContent = text;
  };
  part("shut").hidden = !shut;
  say("shut-title", shut?.title ?? "");
  say("shut-text", shut?.text ?? "");
  say("shut-note", shut?.note ?? "");
  say("shut-as-of", shut ? setup.closures_as_of : "");
}

async function scan(text, typed) {
  const now = Date.now();
  if (busy || (text === last.text && now - last.at < SAME_AGAIN_MS)) {
    if (text === last.text) last.at = now;
    return;
  }
  busy = true;
  last = { text, at: now };
  const made = { scan_id: newId(), gate, payload: typed ? "" : text, scan_time: new Date(now).toISOString(), origin: "" };
  part("working").hidden = false;
  try {
    if (!setup) await refresh();
    await kept.keep({ ...made, decided: false });
    show(await decided(made, typed ? text : ""), made);
  } finally {
    part("working").hidden = true;
    busy = false;
    last.at = Date.now();
  }
}

async function decided(made, code) {
  try {
    const answer = await call("/gate/scans", { gate, scan_id: made.scan_id, payload: made.payload, code }, SCAN_WAIT_MS);
    const known = answer.ticket_id.replaceAll("-", ""); // throws where it was not the gate's answer
    await kept.forget([made.scan_id]);
    if (USES_UP.includes(answer.outcome)) await kept.noteInside(known, made.scan_time, gate);
    online(true);
    if (setup && answer.closures) {
      setup = { ...setup, closures: answer.closures, closures_as_of: answer.closures_as_of };
      showClosed();
    }
    return answer;
  } catch (error) {
    online(false, error instanceof SignedOut);
    return decidedHere(made, code);
  }
}

async function decidedHere(made, code) {
  const nothing = { lines: [], persons: 0 };
  const shut = closedBy(setup, Date.parse(made.scan_time));
  const answer = shut
    ? closedAnswer(shut)
    : code
      ? { outcome: "unchecked", reason: "typed_offline", ...nothing }
      : setup
        ? await decide(made.payload, setup)
        : { outcome: "unchecked", reason: "no_setup", ...nothing };
  if (USES_UP.includes(answer.outcome) && !(await kept.admit(made, answer.ticket_id, gate))) {
    const before = await kept.inside(answer.ticket_id);
    Object.assign(answer, { outcome: "already_used", reason: "already_used", used_gate: before.gate, used_time: before.at });
  }
  if (USES_UP.includes(answer.outcome)) made.offline = true;
  else await kept.forget([made.scan_id]);
  count();
  return answer;
}

function show(answer, made) {
  const look = setup?.outcomes[answer.outcome] ?? { kind: "odd", icon: "help", word: answer.outcome };
  const result = part("result");
  result.dataset.result = look.kind;
  result.className = `gate-result gate-result--${look.kind}`;
  part("mark").querySelector("use").setAttribute("href", `${words.icons}#${look.icon}`);
  part("word").textContent = look.word;
  const inside = answer.outcome === "admitted";
  part("persons").textContent = answer.persons && (USES_UP.includes(answer.outcome) || answer.outcome === "already_used") ? words.persons.replace("0", answer.persons) : "";
  part("lines").textContent = answer.lines.map((line) => `${setup?.classes[line.number] ?? line.number} × ${line.persons}`).join("\n");
  part("why").textContent = whyOf(answer, made.offline);
  part("practice").hidden = !answer.practice;
  result.hidden = false;
  part("ready").hidden = true;
  part("origins").hidden = !inside;
  for (const button of part("origins").querySelectorAll("[aria-pressed]")) button.setAttribute("aria-pressed", "false");
  shown = inside ? made : null;
  sound(look.kind);
  navigator.vibrate?.(BUZZ[look.kind]);
}

function whyOf(answer, alone) {
  if (answer.used_time && setup) {
    const time = new Date(answer.used_time).toLocaleString(document.documentElement.lang, { timeZone: setup.time_zone, dateStyle: "short", timeStyle: "short", hourCycle: "h23" });
    return setup.used_at.replace("%(time)s", time).replace("%(gate)s", setup.gates[answer.used_gate] ?? answer.used_gate);
  }
  if (answer.closure) return `${answer.closure.text}\n${setup?.reasons[answer.reason] ?? answer.reason}`;
  if (answer.reason) {
    if (alone) return `${setup?.reasons[answer.reason] ?? answer.reason}\n${words.alone}`;
    const dates = ["not_yet", "expired"].includes(answer.reason) ? ` ${answer.first_date}` : "";
    return `${setup?.reasons[answer.reason] ?? answer.reason}${dates}`;
  }
  return alone ? words.alone : "";
}

async function tapOrigin(button) {
  const made = shown;
  if (!made) return;
  for (const each of part("origins").querySelectorAll("[aria-pressed]")) each.setAttribute("aria-pressed", String(each === button));
  made.origin = button.value;
  if (made.offline) {
    await kept.keep({ ...made, decided: true });
    return;
  }
  const body = { request_id: newId(), scan_id: made.scan_id, origin: button.value };
  await call("/gate/origins", body, 4000).catch(() => {}); // a figure, not an admission
}

let delivering = false;
async function deliver() {
  if (delivering) return;
  delivering = true;
  try {
    const waiting = (await kept.decided()).slice(0, MOST_AT_ONCE);
    if (waiting.length) {
      await refresh();
      for (const place of new Set(waiting.map((each) => each.gate))) {
        const scans = waiting.filter((each) => each.gate === place);
        // Each scan has its own id: delivered twice, it is one admission.
        const sent = scans.map(({ scan_id, payload, scan_time, origin }) => ({ scan_id, payload, scan_time, origin }));
        const done = await call("/gate/queue", { request_id: newId(), gate: place, scans: sent }, 9000);
        if (done.scans?.length !== scans.length) throw new Error("this was not the gate's answer");
        await kept.forget(scans.map((each) => each.scan_id));
        if (done.scans.some((each) => each.problem)) part("problems").hidden = false;
      }
      online(true);
    }
  } catch (error) {
    online(false, error instanceof SignedOut);
  } finally {
    delivering = false;
    await count();
  }
}

async function count() {
  const waiting = (await kept.decided()).length;
  part("waiting").hidden = !waiting;
  part("waiting").textContent = words.waiting.replace("0", waiting);
}

function online(is, signedOut = false) {
  part("line").dataset.line = is ? "on" : "off";
  part("line").textContent = is ? words.online : signedOut ? words.signedOut : words.offline;
}

function sound(kind) {
  if (!sounds || !TONES[kind]) return;
  let at = sounds.currentTime + 0.02;
  for (const [hertz, seconds] of TONES[kind]) {
    const tone = sounds.createOscillator();
    const volume = sounds.createGain();
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.3, at);
    volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
    tone.connect(volume).connect(sounds.destination);
    tone.start(at);
    tone.stop(at + seconds);
    at += seconds + 0.04;
  }
}

async function startCamera() {
  sounds ??= new AudioContext(); // browsers allow sound after a tap
  const video = part("video");
  try {
    video.hidden = false;
    await watch(video, (text) => scan(text, false));
    part("start").hidden = true;
  } catch {
    video.hidden = true;
    part("camera-off").hidden = false;
  }
}

page.querySelector("form[data-typed]").addEventListener("submit", async (event) => {
  event.preventDefault();
  sounds ??= new AudioContext();
  const field = event.target.elements.namedItem("code");
  const text = field.value.trim();
  if (!text) return field.focus();
  last = { text: "", at: 0 };
  await scan(text, !text.toUpperCase().startsWith("MT1:"));
  field.value = "";
});
part("start").hidden = !navigator.mediaDevices?.getUserMedia;
part("start").addEventListener("click", startCamera);
part("origins").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) {
    event.preventDefault();
    tapOrigin(button);
  }
});
addEventListener("online", () => deliver());
document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && deliver());
keepFirstVisit(refresh, () => (page.dataset.kept = "yes"));
await kept.tidy();
await refresh();
await deliver();
setInterval(deliver, DELIVER_EVERY_MS);
keepAsking(refresh, () => online(false), REFRESH_EVERY_MS); // with nothing to deliver nobody else asks
page.dataset.ready = "yes";
