// The notice of a closed place above the till: kept up to date while the page stays open, by the same
// closures and with the same rule as the gate's.
import { closedBy } from "../js/closed.js";

export function showClosed(heard) {
  const notice = document.querySelector("[data-shut]");
  if (!notice || !heard?.closures) return;
  const shut = closedBy(heard);
  const say = (name, text) => {
    const part = notice.querySelector(`[data-shut-part=${name}]`);
    if (part.textContent !== text) part.textContent = text; // the same again would be read out again
  };
  // A page of tickets was sent with a notice of its own.
  const sent = document.querySelectorAll("main [data-shut-sent]");
  for (const each of sent) each.hidden = !shut;
  notice.hidden = !shut || sent.length > 0;
  say("title", shut?.title ?? "");
  say("text", shut?.text ?? "");
  say("note", shut?.note ?? "");
  say("as-of", shut ? heard.closures_as_of : "");
}
