// The days this browser has opened, so that they are found again when a link is lost. Addresses and
// dates alone, in this browser alone: nobody is told.
const NAME = "meguri-days";
const MOST = 10;
const KEPT_MS = 30 * 86_400_000; // after the day, the last of several

const ID = /^(days\/)?[\w-]{1,80}$/; // nothing else is led to, whoever wrote it there

const isOne = (each) => typeof each?.id === "string" && ID.test(each.id)
  && Date.parse(each.date) > 0 && Date.parse(each.until ?? each.date) + KEPT_MS > Date.now();

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(NAME) ?? "[]");
    return found.filter(isOne).slice(0, MOST).map((each) => ({ ...each, until: each.until ?? each.date }));
  } catch {
    return []; // a browser that keeps nothing, or something else that was written there
  }
}

function write(days) {
  try {
    localStorage.setItem(NAME, JSON.stringify(days.slice(0, MOST)));
  } catch { /* full, or not allowed: then none is found again */ }
}

// The day opened last comes first. id: what its address has behind /plan/, of several days "days/…".
export const remember = (id, date, until = date) =>
  write([{ id, date, until }, ...read().filter((each) => each.id !== id)]);

// What is to come first, by date; then what is over, the latest first.
export function kept() {
  const today = Date.now() - 86_400_000;
  const over = ({ until }) => Date.parse(until) < today;
  return read().sort((one, other) => over(one) - over(other)
    || (over(one) ? -1 : 1) * (Date.parse(one.date) - Date.parse(other.date)));
}

export const without = (id) => write(read().filter((each) => each.id !== id));
