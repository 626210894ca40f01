// Lists the days this phone has opened. The page says the rest without it.
import { without } from "./kept_days.js";

const section = document.querySelector("[data-kept-days]");
const days = without(location.pathname.split("/")[2]);
const named = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeZone: "UTC" });

for (const { id, date } of days) {
  const link = document.createElement("a");
  link.className = "list-row";
  link.href = `/plan/${encodeURIComponent(id)}`;
  link.textContent = named.format(new Date(date));
  const item = document.createElement("li");
  item.append(link);
  section.querySelector("ul").append(item);
}
section.hidden = !days.length;
