// Lists the days this browser has opened, and forgets one by a tap. A page says the rest without it.
import { kept, without } from "./kept_days.js";

const section = document.querySelector("[data-kept-days]");
const SHOWN = 3; // the rest is folded away
const list = section.querySelector("ul");
const more = section.querySelector("details");
const ranged = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long", timeZone: "UTC" });
const named = new Intl.DateTimeFormat(document.documentElement.lang, {
  weekday: "long", year: "numeric", month: "long", day: "numeric", timeZone: "UTC",
});

// Whoever is led nowhere need not be led there again.
if ("gone" in section.dataset) without(location.pathname.slice("/plan/".length));

function told({ date, until }) {
  const [first, last] = [new Date(date), new Date(until)];
  return first < last ? `${ranged.format(first)} – ${ranged.format(last)}` : named.format(first);
}

function show() {
  const days = kept();
  list.replaceChildren(...days.slice(0, SHOWN).map(row));
  more.querySelector("ul").replaceChildren(...days.slice(SHOWN).map(row));
  more.hidden = days.length <= SHOWN;
  section.hidden = !days.length;
}

function row(day) {
  const made = section.querySelector("template").content.firstElementChild.cloneNode(true);
  const link = made.querySelector("a");
  link.href = `/plan/${day.id.split("/").map(encodeURIComponent).join("/")}`;
  link.querySelector("[data-name]").textContent = told(day);
  made.querySelector("[data-over]").hidden = Date.parse(day.until) + 86_400_000 > Date.now();
  const button = made.querySelector("button");
  button.setAttribute("aria-label", `${button.getAttribute("aria-label")}: ${told(day)}`);
  button.addEventListener("click", () => {
    const at = [...section.querySelectorAll("li")].indexOf(made);
    without(day.id);
    show();
    const left = section.querySelectorAll("li > a");
    (left[Math.min(at, left.length - 1)] ?? document.querySelector("h1")).focus();
  });
  return made;
}

document.querySelector("h1").tabIndex = -1;
show();
