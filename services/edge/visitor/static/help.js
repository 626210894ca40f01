// The form of Help: what was written waits on this phone until the guide has it. Without a script it is a form.
// The page of a pack is the same for everybody: the code it was opened with, id and secret come from here.
import { add, all, deliver, forget } from "./help_waiting.js";

const page = document.querySelector("[data-help]");
const part = (name, within = page) => within.querySelector(`[data-part=${name}]`);
const form = part("form");
const said = part("said").dataset;
const field = (name) => form.elements[name];

const coded = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
// Made once for a message: two taps on the button are one.
function name() {
  field("help_id").value ||= crypto.randomUUID();
  field("secret").value ||= coded(crypto.getRandomValues(new Uint8Array(32)));
}

const asked = new URLSearchParams(location.search);
for (const [key, target] of [["stop", "stop_code"], ["receipt", "receipt_number"]]) {
  if (asked.get(key) && !field(target).value) {
    field(target).value = asked.get(key).slice(0, 40);
    part("about").open = true;
  }
}

const topics = new Map([...form.querySelectorAll("[name=topic]")].map((each) => [each.value, each.parentElement.textContent.trim()]));

function state(message) {
  if (message.refused) return message.refused === "card_number_typed" ? said.card : said.refused;
  return message.waiting ? said.waits : said.there;
}

async function show() {
  const mine = await all().catch(() => []);
  part("mine").hidden = !mine.length;
  part("list").replaceChildren(...mine.map((message) => {
    const row = part("row").content.cloneNode(true);
    part("what", row).textContent = topics.get(message.topic) ?? message.topic;
    const when = new Date(message.write_time).toLocaleString(page.dataset.locale, { dateStyle: "short", timeStyle: "short", hourCycle: "h23" });
    part("how", row).textContent = `${state(message)} · ${when}`;
    if (message.waiting || message.refused) part("open", row).remove();
    else part("open", row).href = `/help/answers#${message.secret}`;
    part("forget", row).addEventListener("click", () => forget(message.help_id).then(show));
    return row;
  }));
  return mine;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  name();
  const given = Object.fromEntries(new FormData(form));
  const message = { ...given, text: given.text.trim(), contact: given.contact.trim(), locale: page.dataset.locale, write_time: new Date().toISOString() };
  try {
    await add(message);
  } catch {
    // A private window may refuse its database: sent by the form itself, which shows where the answer will be.
    return form.submit();
  }
  await deliver().catch(() => false);
  const now = (await show()).find((each) => each.help_id === message.help_id);
  if (now?.waiting) navigator.serviceWorker?.controller?.postMessage({ later: true });
  if (now?.refused) {
    await forget(message.help_id); // what was written stays in the form, to be sent again
    await show();
  }
  part("said").textContent = now?.refused ? state(now) : now?.waiting ? said.later : said.sent;
  part("end").classList.toggle("notice--bad", Boolean(now?.refused));
  part("end").hidden = false;
  part("end").focus();
  if (now?.refused) return;
  field("help_id").value = field("secret").value = "";
  form.hidden = true;
});
addEventListener("online", () => deliver().then(show).catch(() => {}));
await show();
await deliver().then(show).catch(() => {});
page.dataset.ready = "yes";
