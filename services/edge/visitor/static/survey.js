// The survey: what was chosen waits on this phone until the guide has it. Without a script it is a form.
import { addSurvey, deliver, handOver } from "./answers.js";
import { neverAgain } from "./offer.js";

const page = document.querySelector("[data-survey]");
const part = (name) => page.querySelector(`[data-part=${name}]`);
// Made once for this page: two taps on the button are one answer.
const survey_id = part("form").elements.survey_id.value || crypto.randomUUID();

function end() {
  neverAgain();
  part("intro").hidden = part("form").hidden = part("no").hidden = true;
  part("end").hidden = false;
  part("thanks").focus();
}

part("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const given = [...new FormData(event.target)].filter(([name, value]) => name.startsWith("q-") && value);
  const answers = Object.fromEntries(given.map(([name, value]) => [name.slice(2), value]));
  if (!given.length) return end();
  const survey = { survey_id, locale: page.dataset.locale, answers, survey_time: new Date().toISOString() };
  try {
    await addSurvey(survey);
  } catch {
    // A private window may refuse its database: sent now or, where nobody answers, by the form itself.
    if ((await handOver("surveys", [survey])) !== "taken") return event.target.submit();
    return end();
  }
  end();
  if (!(await deliver().catch(() => false))) navigator.serviceWorker?.controller?.postMessage({ later: true });
});
part("no").addEventListener("submit", (event) => {
  event.preventDefault();
  end();
});
addEventListener("online", () => deliver().catch(() => {}));
page.dataset.ready = "yes";
